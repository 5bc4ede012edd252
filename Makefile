# jair: `make run` serves it, `make test` proves it, `make help` lists the rest.

VARIANT ?= release
B := build/$(VARIANT)
VERSION := 0.1.0

CC ?= gcc
PKGS_CORE := sqlite3 json-c libsodium libcrypto
WARN := -std=c11 -Wall -Wextra -Wpedantic -Wshadow -Wconversion \
	-Wsign-conversion -Wformat=2 -Wvla -Wcast-qual -Wwrite-strings \
	-Wstrict-prototypes -Wmissing-prototypes -Wundef -Wnull-dereference \
	-Werror
ifneq ($(findstring clang,$(CC)),clang)
WARN += -Wlogical-op -Wduplicated-branches
endif
HARDEN := -D_FORTIFY_SOURCE=3 -fstack-protector-strong \
	-fstack-clash-protection -fcf-protection -fPIE
OPT_release := -O2 $(HARDEN)
OPT_debug := -O0 -fPIE
OPT_asan := -O1 -fno-omit-frame-pointer -fPIE \
	-fsanitize=address,undefined -fno-sanitize-recover=all
CPPFLAGS := -I. -I$(B)/gen -D_GNU_SOURCE -DJAIR_VERSION='"$(VERSION)"'
CFLAGS = $(WARN) $(OPT_$(VARIANT)) -g $(shell pkg-config --cflags $(PKGS_CORE))
LDFLAGS := -pie -Wl,-z,relro,-z,now
ifeq ($(VARIANT),asan)
LDFLAGS += -fsanitize=address,undefined
endif
LIBS_CORE = $(shell pkg-config --libs $(PKGS_CORE)) -lm

CORE_C := $(wildcard core/*.c)
INIT_C := $(wildcard init/*.c)
API_C := $(wildcard cgi-src/*.c cgi-src/*/*.c)
UNIT_C := $(wildcard tests/unit/*_test.c)
obj = $(patsubst %.c,$(B)/%.o,$(1))

.PHONY: all clean
all: $(B)/jair-init $(B)/jair-api

$(B)/gen/schema_sql.h: core/schema.sql
	@mkdir -p $(@D)
	{ echo 'static const char schema_sql[] = {'; od -An -v -tx1 $< | \
	sed 's/ \(..\)/0x\1,/g'; echo '0x00};'; } > $@

$(B)/%.o: %.c | $(B)/gen/schema_sql.h
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/libcore.a: $(call obj,$(CORE_C))
	rm -f $@; ar rcs $@ $^

$(B)/jair-init: $(call obj,$(INIT_C)) $(B)/libcore.a
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_CORE)

$(B)/jair-api: $(call obj,$(API_C)) $(B)/libcore.a
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_CORE) -lfcgi

$(B)/unit/%: $(B)/tests/unit/%.o $(B)/libcore.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_CORE) -lcmocka

clean:
	rm -rf build

-include $(shell find $(B) -name '*.d' 2>/dev/null)
