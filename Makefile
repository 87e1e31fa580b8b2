# Descent: build, test, install. `make help` lists the targets.
B        ?= build
CC       ?= cc
PREFIX   ?= /usr/local
DESTDIR  ?=
RE2C     ?= re2c
LEMON    ?= lemon
OPT      ?= -O2
SAN      ?=
DEBUG    ?=
VERSION  := 0.1.0
comma    := ,

ifneq ($(SAN),)
  override B := $(B)/san-$(subst $(comma),-,$(SAN))
  OPT    := -O1 -fno-omit-frame-pointer
  SANFLAGS := -fsanitize=$(SAN) -fno-sanitize-recover=all
endif
ifneq ($(DEBUG),)
  override B := $(B)/debug
  OPT    := -Og -g3 -DDSC_DEBUG
endif

PACKAGES := build-essential re2c lemon pkg-config libffi-dev libopenblas-openmp-dev \
            libedit-dev libutf8proc-dev libjansson-dev zlib1g-dev

CFLAGS   ?= -g
WARN     := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wswitch -Wno-missing-field-initializers
ALLFLAGS := -std=gnu11 $(OPT) $(CFLAGS) $(WARN) $(SANFLAGS) -fvisibility=hidden -fno-math-errno -ffp-contract=off -fPIC \
            -I. -I$(B) -D_GNU_SOURCE -DDSC_VERSION='"$(VERSION)"' -MMD -MP
LDLIBS   := -lffi -lutf8proc -ljansson -lz -ldl -lm
LDFLAGS  += $(SANFLAGS)

OPS      := $(sort $(wildcard runtime/ops/*.c))
RUNTIME  := $(sort $(wildcard runtime/*.c runtime/kernels/*.c)) $(OPS)
STDLIB   := $(sort $(wildcard stdlib/*.c))
STDGD    := $(sort $(wildcard stdlib/*.gd))
LANG     := $(filter-out lang/main.c lang/repl.c,$(sort $(wildcard lang/*.c)))
GEN      := $(B)/lexer.c $(B)/grammar.c
LIBOBJ   := $(patsubst %.c,$(B)/%.o,$(RUNTIME) $(STDLIB) $(LANG)) $(patsubst %.c,%.o,$(GEN)) $(B)/stdlib_gd.o
CMDOBJ   := $(B)/lang/main.o $(B)/lang/repl.o

TESTC    := $(sort $(wildcard tests/runtime/*.c))
TESTBIN  := $(patsubst tests/runtime/%.c,$(B)/tests/%,$(TESTC))

.PHONY: all demo test bench check format clean help deps
.DELETE_ON_ERROR:
all: $(B)/descent $(B)/libdescent.a

help:
	@echo 'make             build $(B)/descent and $(B)/libdescent.a'
	@echo 'make demo        build, then train examples/digits.gd on handwritten digits'
	@echo 'make test        build and run every test; SAN=address,undefined make test under sanitizers'
	@echo 'make bench       measure against the peers that are installed'
	@echo 'make check       format, layers, symbols and the other house rules'
	@echo 'make deps        install what is missing (Debian, as root)'
	@echo 'make format      lay out the C sources with clang-format'
	@echo 'make clean       remove build/'
	@echo 'Variables: B CC OPT SAN DEBUG'

demo: all
	$(B)/descent examples/digits.gd

test: all $(TESTBIN)
	sh tests/run.sh $(B)

bench: all
	sh tests/bench/run.sh $(B)

check: all
	@for t in tests/tools/*.sh; do sh $$t $(B) || exit 1; done

format:
	clang-format -i $(RUNTIME) $(STDLIB) $(wildcard lang/*.c lang/*.h runtime/*.h stdlib/*.h)

# What the build needs. Installed with apt when that is possible, named exactly when it is not.
deps: $(B)/.deps
$(B)/.deps: | $(B)/.dirs
	@sh tests/tools/deps/install.sh "$(PACKAGES)" && touch $@

$(B)/descent: $(CMDOBJ) $(LIBOBJ)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS) -ledit

$(B)/libdescent.a: $(LIBOBJ)
	ld -r -o $(B)/descent_all.o $^
	objcopy --localize-hidden $(B)/descent_all.o
	rm -f $@ && ar rcs $@ $(B)/descent_all.o

# generated sources: the only grammar is lexer.re and grammar.y; the tables come from the marked lines
$(B)/.dirs:
	@mkdir -p $(B) $(addprefix $(B)/,lang runtime runtime/kernels runtime/ops stdlib tests) && touch $@
$(B)/grammar.c: lang/grammar.y | $(B)/.deps
	$(LEMON) -d$(B) $<
$(B)/grammar.h: $(B)/grammar.c ;
$(B)/lexer.c: lang/lexer.re $(B)/grammar.h
	$(RE2C) -W -Werror --no-generation-date -o $@ $<
$(B)/op_list.h: $(OPS) | $(B)/.dirs $(B)/.deps
	@sed -n 's/^OP(\([a-z0-9_]*\),.*/OP_ENTRY(\1)/p' $^ | LC_ALL=C sort > $@.tmp
	@cmp -s $@.tmp $@ && rm $@.tmp || mv $@.tmp $@
$(B)/builtin_list.h: $(STDLIB) | $(B)/.dirs
	@sed -n 's/^BUILTIN(\([A-Za-z0-9_]*\),.*/BUILTIN_ENTRY(\1)/p' $^ | LC_ALL=C sort > $@.tmp
	@cmp -s $@.tmp $@ && rm $@.tmp || mv $@.tmp $@
$(B)/stdlib_gd.c: $(STDGD) | $(B)/.dirs
	@{ echo '/* modules in Descent, baked in */'; echo '#include "lang/modules.h"'; \
	   for f in $(STDGD); do n=$$(basename $$f .gd); printf 'static const unsigned char gd_%s[] = {' $$n; \
	   od -An -v -tu1 $$f | sed 's/ *\([0-9][0-9]*\)/\1,/g'; echo '0};'; done; \
	   echo 'const BakedModule baked_modules[] = {'; \
	   for f in $(STDGD); do n=$$(basename $$f .gd); echo "    {\"$$n\", (const char *)gd_$$n, sizeof gd_$$n - 1},"; done; \
	   echo '    {0, 0, 0}};'; } > $@

$(B)/%.o: %.c | $(B)/.dirs $(B)/op_list.h $(B)/builtin_list.h $(B)/grammar.h
	$(CC) $(ALLFLAGS) $(KFLAGS) -c -o $@ $<
$(B)/lexer.o $(B)/grammar.o $(B)/stdlib_gd.o: WARN := -w
$(B)/%.o: $(B)/%.c | $(B)/op_list.h $(B)/grammar.h
	$(CC) $(ALLFLAGS) -c -o $@ $<
$(B)/runtime/kernels/%.o $(B)/runtime/ops/%.o: KFLAGS := $(if $(SAN)$(DEBUG),,-O3)
$(B)/runtime/vm.o: KFLAGS := $(if $(SAN)$(DEBUG),,-O2 -fno-gcse -fno-crossjumping -fno-tree-slp-vectorize)

$(B)/tests/%: tests/runtime/%.c $(LIBOBJ)
	$(CC) $(ALLFLAGS) $(LDFLAGS) -o $@ $< $(LIBOBJ) $(LDLIBS)

-include $(LIBOBJ:.o=.d) $(CMDOBJ:.o=.d)

clean:
	rm -rf build
