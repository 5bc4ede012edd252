# jair: `make run` serves it, `make test` proves it, `make help` lists the rest.

VERSION := 0.1.0

# What may be given: VARIANT=release|debug|asan CC=gcc|clang V=1 PREFIX= SYSCONFDIR= DESTDIR=
VARIANT ?= release
ifeq ($(origin CC),default)
CC := gcc
endif
PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
DESTDIR ?=
FUZZ_SECONDS ?= 60

is_clang := $(findstring clang,$(CC))
B := build/$(VARIANT)$(if $(is_clang),-clang)
Q := $(if $(V),,@)
say = @printf '  %-5s %s\n' '$(1)' '$@'
JOBS = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))

# ---- flags ------------------------------------------------------------------

WARN := -std=c11 -Wall -Wextra -Wpedantic -Wshadow -Wconversion \
	-Wsign-conversion -Wformat=2 -Wvla -Wcast-qual -Wwrite-strings \
	-Wstrict-prototypes -Wmissing-prototypes -Wundef -Wnull-dereference
ifeq ($(is_clang),)
WARN += -Wlogical-op -Wduplicated-branches
endif
WARN += -Werror

machine := $(shell uname -m)
HARDEN := -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection
ifeq ($(machine),x86_64)
HARDEN += -fcf-protection
else ifeq ($(machine),aarch64)
HARDEN += -mbranch-protection=standard
endif

SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all
OPT_release := -O2 $(HARDEN)
OPT_debug := -O0
OPT_asan := -O1 -fno-omit-frame-pointer $(SANITIZE)
OPT_fuzz := $(OPT_asan) -fsanitize=fuzzer-no-link
OPT_analyze := -O2 -fanalyzer
# One guard can be left out of it (core/guard.h).
OPT_bite := $(OPT_release) -DJAIR_BITE
ifeq ($(OPT_$(VARIANT)),)
$(error VARIANT=$(VARIANT) is none of release, debug, asan)
endif

# pkg-config is asked once, and only when a recipe needs the answer: on a new
# machine the packages come with `make run`.
PKGS := sqlite3 json-c libsodium libcrypto
PKGS_API := libcurl
pkg = $(shell pkg-config $(1))
PKG_CFLAGS = $(eval PKG_CFLAGS := $$(patsubst -I%,-isystem %, \
	$$(call pkg,--cflags $(PKGS) $(PKGS_API))))$(PKG_CFLAGS)
LIBS_CORE = $(eval LIBS_CORE := $$(call pkg,--libs $(PKGS)) -lm)$(LIBS_CORE)
LIBS_API = $(eval LIBS_API := -lfcgi $$(call pkg,--libs $(PKGS_API)))$(LIBS_API)

# EXTRA_CFLAGS and EXTRA_LDFLAGS come last, for those who build packages.
ALL_CPPFLAGS := -I. -I$(B)/gen -D_GNU_SOURCE -DJAIR_VERSION='"$(VERSION)"'
ALL_CFLAGS = $(WARN) $(OPT_$(VARIANT)) -fPIE -g $(PKG_CFLAGS) $(EXTRA_CFLAGS)
ALL_LDFLAGS := -pie -Wl,-z,relro,-z,now -Wl,--as-needed \
	$(if $(filter asan fuzz,$(VARIANT)),$(SANITIZE)) $(EXTRA_LDFLAGS)
COMPILE = $(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS)
LINK = $(CC) $(ALL_LDFLAGS)

# ---- what is built ----------------------------------------------------------

not_main = $(filter-out %/main.c,$(1))
obj = $(patsubst %.c,$(B)/%.o,$(1))

CORE_C := $(wildcard core/*.c)
INIT_C := $(wildcard init/*.c)
API_C := $(wildcard cgi-src/*.c cgi-src/*/*.c)
UNIT_C := $(wildcard tests/unit/*_test.c)
UNIT_HELP_C := $(filter-out $(UNIT_C),$(wildcard tests/unit/*.c))
BENCH_C := $(wildcard tests/bench/*.c)
FAULT_C := $(filter-out tests/fault/shim%,$(wildcard tests/fault/*.c))
FAULT_MAIN_C := $(patsubst %,tests/fault/%.c,act corrupt cut sweep)
FAULT_HELP_C := $(filter-out $(FAULT_MAIN_C),$(FAULT_C))
FUZZ_C := $(wildcard tests/fuzz/*_fuzz.c)
FUZZ_HELP_C := $(filter-out $(FUZZ_C),$(wildcard tests/fuzz/*.c))

CORE_A := $(B)/libcore.a
INIT_A := $(B)/libinit.a
API_A := $(B)/libapi.a
UNIT_A := $(B)/libunit.a
# In this order: each may use those behind it.
TEST_A := $(UNIT_A) $(API_A) $(INIT_A) $(CORE_A)

PROGRAMS := $(if $(INIT_C),$(B)/jair-init) $(if $(API_C),$(B)/jair-api)
UNIT := $(UNIT_C:tests/unit/%.c=$(B)/unit/%)
BENCH := $(BENCH_C:tests/bench/%.c=$(B)/bench/%)
# The unit tests that tests/fault/bite.txt names.
BITE_UNIT = $(addprefix $(B)/unit/,$(sort $(shell \
	sed -n 's/^[^\#].*| unit //p' tests/fault/bite.txt)))
FAULT := $(FAULT_MAIN_C:tests/fault/%.c=$(B)/fault/%) $(B)/fault/shim.so
FUZZ := $(FUZZ_C:tests/fuzz/%.c=$(B)/fuzz/%)

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all unit bench-programs fuzz-replay fault-programs bite-programs run test check lint format analyze asan \
	fuzz fault bite bench install deb clean help setup FORCE

all: $(PROGRAMS)
unit: $(UNIT)
bench-programs: $(BENCH)
fuzz-replay: $(FUZZ)
fault-programs: $(PROGRAMS) $(FAULT)
bite-programs: fault-programs $(BITE_UNIT)

# Everything is built again when a flag, the compiler or the version changes.
$(B)/flags: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(COMPILE) $(ALL_LDFLAGS))' > $@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

$(B)/gen/schema_sql.h: core/schema.sql
	@mkdir -p $(@D)
	$(call say,GEN)
	$(Q){ echo 'static const char schema_sql[] = {'; od -An -v -tx1 $< | \
	sed 's/ \(..\)/0x\1,/g'; echo '0x00};'; } > $@

$(B)/%.o: %.c $(B)/flags | $(B)/gen/schema_sql.h
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(COMPILE) -MMD -MP -c -o $@ $<

# The archives are made anew, so that no object of a removed file stays, and
# also when the list of objects changes, which no time stamp shows.  ld -r
# comes first because an archive hides a name that two objects define.
$(CORE_A): $(call obj,$(CORE_C))
$(INIT_A): $(call obj,$(call not_main,$(INIT_C)))
$(API_A): $(call obj,$(call not_main,$(API_C)))
$(UNIT_A): $(call obj,$(UNIT_HELP_C))
$(B)/libfuzz.a: $(call obj,$(FUZZ_HELP_C))
$(B)/libfault.a: $(call obj,$(FAULT_HELP_C))
$(B)/%.a: $(B)/%.list
	$(call say,AR)
	$(Q)$(if $(filter %.o,$^),ld -r -o $@.once $(filter %.o,$^) && rm $@.once)
	$(Q)rm -f $@; ar rcs $@ $(filter %.o,$^)

$(B)/%.list: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(sort $(CORE_C) $(INIT_C) $(API_C) $(UNIT_HELP_C) \
	$(FUZZ_HELP_C) $(FAULT_HELP_C))' > $@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

$(B)/jair-init: $(call obj,$(filter %/main.c,$(INIT_C))) $(INIT_A) $(CORE_A)
	$(call say,LINK)
	$(Q)$(LINK) -o $@ $^ $(LIBS_CORE)

$(B)/jair-api: $(call obj,$(filter %/main.c,$(API_C))) $(API_A) $(CORE_A)
	$(call say,LINK)
	$(Q)$(LINK) -o $@ $^ $(LIBS_API) $(LIBS_CORE)

$(B)/unit/%: $(B)/tests/unit/%.o $(TEST_A)
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(LINK) -o $@ $^ -lcmocka $(LIBS_API) $(LIBS_CORE)

# It looks at what is freed.
$(B)/unit/secret_test: private ALL_LDFLAGS += -Wl,--wrap=free

$(B)/bench/%: $(B)/tests/bench/%.o $(API_A) $(INIT_A) $(CORE_A)
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(LINK) -o $@ $^ $(LIBS_API) $(LIBS_CORE)

$(B)/fault/%: $(B)/tests/fault/%.o $(B)/libfault.a $(INIT_A) $(CORE_A)
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(LINK) -o $@ $^ $(LIBS_CORE)

# It stands between the programs and libc, so nothing is taken for granted.
$(B)/fault/shim.so: $(wildcard tests/fault/shim*) $(B)/flags
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(CC) $(WARN) -I. -D_GNU_SOURCE -O2 -g -fPIC -fno-builtin -shared \
	-o $@ $(filter %.c,$^)

# With the replaying main of tests/fuzz; for VARIANT=fuzz with libFuzzer's.
$(B)/fuzz/%: $(B)/tests/fuzz/%.o $(B)/libfuzz.a $(TEST_A)
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(LINK) $(if $(filter fuzz,$(VARIANT)),-fsanitize=fuzzer) -o $@ \
	$(if $(filter fuzz,$(VARIANT)),$(filter-out %/libfuzz.a,$^),$^) \
	$(LIBS_API) $(LIBS_CORE)

# ---- what is done -----------------------------------------------------------

# Settings given to make (PORT=5174 DATA_DIR=...) reach the programs, since
# make puts what stands on its command line into the environment.
# Two that start at once build one after the other.
run:
	@conf/setup.sh run
	@mkdir -p build
	@flock build/.lock $(MAKE) --no-print-directory $(JOBS) all
	@JAIR_BUILD=$(B) exec conf/run.sh

test:
	@conf/setup.sh run test bench
	@$(MAKE) --no-print-directory $(JOBS) all unit fuzz-replay fault-programs \
	bench-programs
	@$(MAKE) --no-print-directory $(JOBS) VARIANT=asan all unit fuzz-replay
	@$(MAKE) --no-print-directory $(JOBS) VARIANT=bite fault-programs
	@JAIR_BUILD=$(B) JAIR_BUILD_ASAN=$(B:build/$(VARIANT)%=build/asan%) \
	tests/run.sh

check: all unit
	@JAIR_BUILD=$(B) tests/run.sh unit

asan:
	@$(MAKE) --no-print-directory $(JOBS) VARIANT=asan all unit
	@JAIR_BUILD=build/asan$(if $(is_clang),-clang) tests/run.sh unit

LINT_CPPFLAGS = -I. -I$(B)/gen -D_GNU_SOURCE -DJAIR_VERSION="$(VERSION)" \
	$(PKG_CFLAGS)
lint:
	@conf/setup.sh run lint
	@$(MAKE) --no-print-directory $(JOBS) all
	@JAIR_BUILD=$(B) LINT_CPPFLAGS='$(LINT_CPPFLAGS)' tests/lint/run.sh

format:
	clang-format -i $(shell find core init cgi-src tests -name '*.[ch]' \
	-not -path '*/node_modules/*' 2>/dev/null)

# Objects only: a static analyser of each compiler over the same sources.
analyze:
	@$(MAKE) --no-print-directory $(JOBS) VARIANT=analyze CC=gcc analyze-objects
	@command -v scan-build >/dev/null || { echo 'clang scan: scan-build' \
	'is not installed (package clang-tools); left out'; exit 0; }; \
	scan-build --status-bugs -o build/scan \
	$(MAKE) --no-print-directory VARIANT=debug -B analyze-objects
.PHONY: analyze-objects
analyze-objects: $(call obj,$(CORE_C) $(INIT_C) $(API_C))

fuzz:
	@$(MAKE) --no-print-directory $(JOBS) VARIANT=fuzz CC=clang fuzz-replay
	@set -e; for f in $(FUZZ_C:tests/fuzz/%_fuzz.c=%); do \
	echo "== $$f, $(FUZZ_SECONDS) s"; \
	mkdir -p build/fuzz-new/$$f tests/fuzz/corpus/$$f; \
	dict=tests/fuzz/$$f.dict; \
	build/fuzz-clang/fuzz/$${f}_fuzz $$([ ! -e $$dict ] || \
	echo -dict=$$dict) -max_total_time=$(FUZZ_SECONDS) \
	-artifact_prefix=build/fuzz-new/$$f- build/fuzz-new/$$f \
	tests/fuzz/corpus/$$f; done

# Hours: every point of every scene.
fault:
	@conf/setup.sh run test
	@$(MAKE) --no-print-directory $(JOBS) fault-programs
	@$(MAKE) --no-print-directory $(JOBS) VARIANT=bite bite-programs
	@JAIR_BUILD=$(B) JAIR_FAULT=full tests/run.sh fault

bite:
	@conf/setup.sh run test
	@$(MAKE) --no-print-directory $(JOBS) VARIANT=bite bite-programs
	@tests/fault/bite.sh all

bench:
	@conf/setup.sh run test bench
	@$(MAKE) --no-print-directory $(JOBS) all bench-programs
	@JAIR_BUILD=$(B) tests/bench/run.sh

SHARE := $(DESTDIR)$(PREFIX)/share
LIB := $(DESTDIR)$(PREFIX)/lib
# Where the service manager looks for units; Debian's packages have their own.
UNITDIR ?= $(PREFIX)/lib/systemd/system
FILL := sed -e 's|@PREFIX@|$(PREFIX)|g' -e 's|@SYSCONF@|$(SYSCONFDIR)|g'
install: all
	install -d $(DESTDIR)$(PREFIX)/sbin $(SHARE)/jair/conf $(SHARE)/jair/html \
	$(SHARE)/man/man5 $(SHARE)/man/man8 $(DESTDIR)$(UNITDIR) \
	$(LIB)/sysusers.d $(LIB)/tmpfiles.d $(DESTDIR)$(SYSCONFDIR)/jair
	install -m 755 $(PROGRAMS) $(DESTDIR)$(PREFIX)/sbin
	install -m 644 conf/jair.env.example conf/nginx.conf $(SHARE)/jair/conf
	cp -R html/. $(SHARE)/jair/html
	chmod -R u=rwX,go=rX $(SHARE)/jair/html
	install -m 644 $(wildcard docs/man/*.5) $(SHARE)/man/man5
	install -m 644 $(wildcard docs/man/*.8) $(SHARE)/man/man8
	for unit in jair-init jair-api; do \
	$(FILL) conf/systemd/$$unit.service > $(B)/$$unit.service && \
	install -m 644 $(B)/$$unit.service $(DESTDIR)$(UNITDIR) || exit; done
	install -m 644 conf/systemd/jair.sysusers $(LIB)/sysusers.d/jair.conf
	install -m 644 conf/systemd/jair.tmpfiles $(LIB)/tmpfiles.d/jair.conf
	awk -f conf/site.awk conf/nginx.conf > $(B)/nginx-site.conf
	sed -i -e 's|@HTML@|$(PREFIX)/share/jair/html|' \
	-e 's|@SOCKET@|/run/jair/api.sock|' -e 's|@LISTEN@|127.0.0.1|' \
	-e 's|@PORT@|5173|' -e 's|@RESTORE_MAX@|1073741824|' $(B)/nginx-site.conf
	install -m 644 $(B)/nginx-site.conf $(SHARE)/jair/nginx-site.conf
	sed -e 's|^[A-Z_]*=|#&|' -e 's|^#DATA_DIR=.*|#DATA_DIR=/var/lib/jair|' \
	conf/jair.env.example > $(B)/jair.env
	test -e $(DESTDIR)$(SYSCONFDIR)/jair/jair.env || \
	install -m 640 $(B)/jair.env $(DESTDIR)$(SYSCONFDIR)/jair/jair.env

deb:
	@conf/setup.sh run
	@$(MAKE) --no-print-directory $(JOBS) all
	@conf/deb.sh $(VERSION)

setup:
	@conf/setup.sh run test lint bench

clean:
	rm -rf build

help:
	@echo 'make            build both programs into $(B)'
	@echo 'make run        install what is missing, build, boot and serve'
	@echo '                (PORT=5173 DATA_DIR=./data and every other setting)'
	@echo 'make test       install what is missing, build, run every test'
	@echo 'make check      unit tests only'
	@echo 'make asan       unit tests with the address and UB sanitizers'
	@echo 'make lint       format, tidy, includes, scripts, manual pages'
	@echo 'make format     lay the code out as lint wants it'
	@echo 'make analyze    static analysers of gcc and clang'
	@echo 'make fuzz       each fuzzer for FUZZ_SECONDS=$(FUZZ_SECONDS)'
	@echo 'make fault      stop and disturb every command at every point'
	@echo 'make bite       leave out one fsync, rename or check at a time'
	@echo 'make bench      measure against the yardsticks (BENCH_SIZES="S M L XL";'
	@echo '                more in tests/bench/run.sh)'
	@echo 'make install    PREFIX=$(PREFIX) SYSCONFDIR=$(SYSCONFDIR) DESTDIR=$(DESTDIR)'
	@echo 'make deb        a Debian package of it, in build/'
	@echo 'make setup      only install packages for run, test, lint and bench'
	@echo 'make clean      remove build/'
	@echo 'With any: VARIANT=release|debug|asan CC=gcc|clang V=1'

-include $(shell find $(B) -name '*.d' 2>/dev/null)
