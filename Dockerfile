# jair in containers; docker-compose.prod.yml says how they run together.
# Targets: api (jair-init and jair-api), nginx (web server and pages), and
# develop, which docker-compose.dev.yml uses.

FROM debian:bookworm-slim AS tools
WORKDIR /src
COPY conf/setup.sh conf/
RUN conf/setup.sh build

# Installed with modes of its own, whatever those of the checkout are.
FROM tools AS build
COPY . .
RUN make -s -j"$(nproc)" && make -s install DESTDIR=/out PREFIX=/usr \
    && strip /out/usr/sbin/* \
    && install -m 644 LICENSE /out/usr/share/jair \
    && install -D -m 755 conf/container/jair-nginx /out/nginx/jair-nginx

# Each image tells what is in it: /usr/share/jair/packages.
FROM debian:bookworm-slim AS api
RUN export DEBIAN_FRONTEND=noninteractive && apt-get update -q \
    && apt-get install -y -q --no-install-recommends ca-certificates \
       libcurl4 libfcgi-bin libfcgi0ldbl libjson-c5 libsodium23 libsqlite3-0 \
    && mkdir -p /app/data /usr/share/jair && dpkg-query -W >/usr/share/jair/packages \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old \
       /var/log/apt /var/log/*.log
COPY --from=build /out/usr/share/jair/LICENSE /usr/share/jair/
COPY --from=build /out/usr/sbin/ /usr/sbin/
ENV DATA_DIR=/app/data
WORKDIR /app
USER 1000:1000
# Alone, without a web server; compose runs one after the other.
CMD ["jair-init", "--", "jair-api"]

FROM debian:bookworm-slim AS nginx
RUN export DEBIAN_FRONTEND=noninteractive && apt-get update -q \
    && apt-get install -y -q --no-install-recommends nginx \
    && mkdir -p /usr/share/jair && dpkg-query -W >/usr/share/jair/packages \
    && rm -rf /etc/nginx /var/www /var/log/nginx /var/lib/apt/lists/* \
       /var/cache/apt/* /var/cache/debconf/*-old /var/log/apt /var/log/*.log
COPY --from=build /out/usr/share/jair/LICENSE \
     /out/usr/share/jair/conf/nginx.conf /usr/share/jair/
COPY --from=build /out/usr/share/jair/html/ /usr/share/jair/html/
COPY --from=build /out/nginx/ /usr/sbin/
# www-data, whose group owns the socket: see docker-compose.prod.yml.
USER 33:33
STOPSIGNAL SIGQUIT
EXPOSE 5173
CMD ["jair-nginx"]

FROM tools AS develop
RUN conf/setup.sh run check
CMD ["make", "run", "JAIR_LISTEN=0.0.0.0"]
