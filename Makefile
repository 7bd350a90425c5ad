# DevLoop. A new program (bin/dl-X.c), module, provider or unit test needs no edit here.
#
#   make                      the programs, in build/release/bin, and their completion scripts
#   make SAN=address,undefined   the same with sanitizers, in build/address,undefined/bin
#   make test                 every test (what `./install.sh --test` runs after setting the machine up)
#   make headers              every header compiles on its own
#   make lint                 clang-tidy, cppcheck, shellcheck, mandoc -T lint
#   make bench                tests/bench: side by side with the peers
#   make fuzz FUZZ_S=3600     every target in tests/fuzz for so many seconds; FUZZ=json: that one

VERSION = 0.1.0
SAN     =
VARIANT = $(or $(SAN),release)
B       = build/$(VARIANT)

CC       = cc
CFLAGS   = -O2 -g
WARNINGS = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
           -Wvla -Wformat=2 -Wundef -Wpointer-arith -Wcast-qual -Wwrite-strings -Wswitch-enum $(WERROR)
HARDEN   = $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer, \
           -D_FORTIFY_SOURCE=2) -fstack-protector-strong -fPIE
PACKAGES = libcurl libgit2 yaml-0.1 libarchive libcrypto libb2 libxml-2.0 zlib
ALL_CFLAGS  = -std=c17 -D_GNU_SOURCE -iquote . -DDL_VERSION='"$(VERSION)"' -pthread -MMD -MP \
              $(WARNINGS) $(HARDEN) $(PKG_CFLAGS) $(CFLAGS)
ALL_LDFLAGS = -pthread -pie -Wl,-z,relro,-z,now -Wl,--as-needed $(if $(SAN),-fsanitize=$(SAN)) $(LDFLAGS)
PKG_CFLAGS := $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
PKG_LIBS   := $(shell pkg-config --libs $(PACKAGES) 2>/dev/null)

PROGRAMS = $(patsubst bin/%.c,$(B)/bin/%,$(wildcard bin/dl-*.c))
UNITS    = $(patsubst %.c,$(B)/%,$(wildcard tests/unit/*.c))
FUZZERS  = $(patsubst %.c,$(B)/%,$(wildcard tests/fuzz/*.c))
FUZZ_BASE = $(B)/tests/fuzz/lib/arena.o $(if $(findstring fuzzer,$(SAN)),,$(B)/tests/fuzz/lib/main.o)
LIBRARY  = $(B)/libdevloop.a
OBJECTS  = $(patsubst %.c,$(B)/%.o,$(wildcard lib/*/*.c providers/*.c providers/*/*.c))
HEADERS  = $(wildcard lib/*/*.h providers/*.h tests/unit/*.h)
SHARE    = $(B)/share
HOOKS    = $(patsubst %,$(B)/libexec/devloop/%,$(wildcard hooks/*))
SCRIPTS  = $(foreach name,$(notdir $(PROGRAMS)),$(SHARE)/bash-completion/completions/$(name) \
             $(SHARE)/zsh/site-functions/_$(name) $(SHARE)/fish/vendor_completions.d/$(name).fish)

all: $(PROGRAMS) $(HOOKS) completions

# Three pattern rules: a source is compiled, an object becomes a program, of whatever kind.
$(B)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(B)/%: $(B)/%.o $(LIBRARY)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)

# A fuzzing target: libFuzzer feeds it when that is among the sanitizers, else tests/fuzz/lib/main.c.
$(B)/tests/fuzz/%: $(B)/tests/fuzz/%.o $(FUZZ_BASE) $(LIBRARY)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)

# What a test puts before the C library of a program. It is loaded into git as well, so it has no sanitizers.
$(B)/tests/%.so: tests/preload/%.c Makefile
	@mkdir -p $(@D)
	$(CC) -std=c17 -D_GNU_SOURCE $(WARNINGS) -fPIC -shared -o $@ $<

$(LIBRARY): $(OBJECTS)
	@rm -f $@
	$(AR) rcs $@ $^

# The hooks stand where an installation has them: beside the programs, which look for them there.
$(B)/libexec/devloop/hooks/%: hooks/%
	@mkdir -p $(@D)
	@cp $< $@

# What bash, zsh and fish read to complete the command lines of the programs, which print it themselves.
completions: $(SCRIPTS)

$(SHARE)/bash-completion/completions/%: $(B)/bin/%
	@mkdir -p $(@D)
	$< --completion bash >$@

$(SHARE)/zsh/site-functions/_%: $(B)/bin/%
	@mkdir -p $(@D)
	$< --completion zsh >$@

$(SHARE)/fish/vendor_completions.d/%.fish: $(B)/bin/%
	@mkdir -p $(@D)
	$< --completion fish >$@

# Everything that tests run: the programs and their scripts, the unit programs, and the tools in tests.
tests: all $(UNITS) $(FUZZERS) $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/*.c)) \
       $(patsubst tests/preload/%.c,$(B)/tests/%.so,$(wildcard tests/preload/*.c))

test:
	@tests/run

lint:
	@tests/run lint

fuzzers: $(FUZZERS)

fuzz:
	@FUZZ_S=$(or $(FUZZ_S),60) tests/run fuzz $(FUZZ)

bench: all $(B)/tests/serve
	@tests/bench/run

unit: $(UNITS)
	@for test in $(UNITS); do $$test || exit 1; done

headers:
	@for header in $(HEADERS); do \
		echo "#include \"$$header\"" | \
			$(CC) $(ALL_CFLAGS) -Wno-unused -MF /dev/null -fsyntax-only -xc - || exit 1; \
	done

clean:
	rm -rf build

.PHONY: all completions tests unit fuzzers headers clean test lint bench fuzz
.SECONDARY:
.DELETE_ON_ERROR:

-include $(shell find $(B) -type f -name '*.d' 2>/dev/null)
