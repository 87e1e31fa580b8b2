# Descent: build, test, install. `make help` lists the targets.
comma    := ,
B        ?= build
CC       ?= cc
LD       ?= ld
OBJCOPY  ?= objcopy
RE2C     ?= re2c
LEMON    ?= lemon
FORMAT   ?= clang-format
PREFIX   ?= /usr/local
DESTDIR  ?=
OPT      ?= -O2
CFLAGS   ?= -g
SAN      ?=
DEBUG    ?=
MINIMAL  ?=
VERSION  := 0.1.0

# each way of building has a folder of its own, whatever B is
KIND     := $(if $(MINIMAL),minimal)$(if $(DEBUG),debug)$(if $(SAN),san-$(subst $(comma),-,$(SAN)))
ifneq ($(KIND),)
  override B := $(B)/$(KIND)
endif
ifneq ($(DEBUG),)
  override OPT := -Og -g3 -DDSC_DEBUG
endif
ifneq ($(SAN),)
  override OPT := -O1 -fno-omit-frame-pointer $(if $(DEBUG),-DDSC_DEBUG)
  SANFLAGS := -fsanitize=$(SAN) -fno-sanitize-recover=all
endif

# MINIMAL=1 leaves out line editing, oneDNN and images: what one ships inside a small host
PACKAGES := build-essential re2c lemon pkg-config libffi-dev libopenblas-openmp-dev \
            $(if $(MINIMAL),,libedit-dev libdnnl-dev libpng-dev libjpeg62-turbo-dev) libutf8proc-dev libjansson-dev zlib1g-dev
EDIT     := $(if $(MINIMAL),,-ledit)

WARN     := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wswitch -Wno-missing-field-initializers
ALLFLAGS  = -std=gnu11 $(OPT) $(CFLAGS) $(WARN) $(SANFLAGS) -fvisibility=hidden -fno-math-errno -ffp-contract=off -fPIC \
            $(CPPFLAGS) -I. -I$(B) -D_GNU_SOURCE -DDSC_VERSION='"$(VERSION)"' $(if $(MINIMAL),-DNO_EDIT -DNO_DNNL -DNO_IMAGE) -MMD -MP
GCC      := $(shell $(CC) -dM -E -x c /dev/null 2>/dev/null | grep -q __clang__ || echo yes)
LIBS     := $(if $(MINIMAL),,-lpng -ljpeg) -lutf8proc -ljansson -lz -ldl -lpthread -lm
LINK      = $(CC) $(SANFLAGS) $(LDFLAGS) -Wl,--as-needed

OPS      := $(sort $(wildcard runtime/ops/*.c))
RUNTIME  := $(sort $(wildcard runtime/*.c runtime/kernels/*.c)) $(OPS)
STDLIB   := $(sort $(wildcard stdlib/*.c))
STDGD    := $(sort $(wildcard stdlib/*.gd))
LANGUAGE := $(filter-out lang/main.c lang/repl.c,$(sort $(wildcard lang/*.c)))
GEN      := $(B)/lexer.c $(B)/grammar.c
LIBOBJ   := $(patsubst %.c,$(B)/%.o,$(RUNTIME) $(STDLIB) $(LANGUAGE)) $(patsubst %.c,%.o,$(GEN)) $(B)/stdlib_gd.o
CMDOBJ   := $(B)/lang/main.o $(B)/lang/repl.o

TESTC    := $(sort $(wildcard tests/runtime/*.c))
TESTBIN  := $(patsubst tests/runtime/%.c,$(B)/tests/%,$(TESTC))

# fuzz targets: tests/fuzz/NAME.c, with main.c for `make test`, and with libFuzzer for `make fuzz`
FUZZC    := $(filter-out tests/fuzz/main.c tests/fuzz/fuzz.c $(if $(MINIMAL),%/png.c %/jpeg.c),$(sort $(wildcard tests/fuzz/*.c)))
FUZZTEST := $(patsubst tests/fuzz/%.c,$(B)/tests/fuzz-%,$(FUZZC))
FUZZBIN  := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(FUZZC))
CLANG    ?= clang
# numbers become integers unchecked where (double)(int64_t)x == x is asked next: that is no fault on the machines we know
FUZZFLAGS := -O1 -g -DDSC_DEBUG -fsanitize=address,undefined -fno-sanitize=float-cast-overflow -fno-sanitize-recover=all -fno-omit-frame-pointer

HEADERS  := $(sort $(wildcard lang/*.h runtime/*.h runtime/kernels/*.h runtime/ops/*.h stdlib/*.h tests/runtime/*.h tests/fuzz/*.h))
SOURCES  := $(RUNTIME) $(STDLIB) $(LANGUAGE) lang/main.c lang/repl.c $(TESTC) $(wildcard tests/fuzz/*.c) $(HEADERS)
CHECKS   := layers symbols malloc noexit conflicts ops diag error_table manual_names

.PHONY: all demo programs test fuzz bench check format install install-files uninstall clean help deps FORCE
.DELETE_ON_ERROR:
all: $(B)/descent $(B)/libdescent.a

help:
	@echo 'make             build $(B)/descent and $(B)/libdescent.a'
	@echo 'make demo        build, then train examples/digits.gd on handwritten digits'
	@echo 'make test        build and run every test'
	@echo 'make fuzz        build the fuzz targets with libFuzzer (clang): $(B)/fuzz/NAME [FOLDER]'
	@echo 'make bench       measure against the peers that are installed'
	@echo 'make check       the house rules: format, layers, symbols, operations, errors'
	@echo 'make format      lay out the C sources with clang-format'
	@echo 'make install     command, library, header and descent.pc to $$DESTDIR$$PREFIX ($(PREFIX))'
	@echo 'make uninstall   take them away again'
	@echo 'make deps        install what the build needs (Debian, as root)'
	@echo 'make clean       remove $(B)/'
	@echo 'SAN=address,undefined  under sanitizers      DEBUG=1  asserts and no optimisation'
	@echo 'MINIMAL=1  without libedit, oneDNN, images     B=DIR    products elsewhere'
	@echo 'Also: CC CFLAGS CPPFLAGS LDFLAGS OPT PREFIX DESTDIR'

demo: all
	$(B)/descent examples/digits.gd

programs: all $(TESTBIN) $(FUZZTEST)
test: programs
	sh tests/run.sh $(B)

bench: all
	sh tests/bench/run.sh $(B)

check: all
	@bad=; for c in $(CHECKS); do said=$$(sh tests/tools/$$c.sh $(B)); echo "$$said"; \
	    case $$said in *FAIL*) bad=1 ;; esac; done; \
	if $(FORMAT) --version 2>/dev/null | grep -q 'version 14'; then \
	    if $(FORMAT) --dry-run -Werror --ferror-limit=3 $(SOURCES); then echo 'ok format'; \
	    else echo 'FAIL format: make format mends it'; bad=1; fi; \
	else echo 'ok format (left out: clang-format 14 is not installed)'; fi; [ -z "$$bad" ]

format:
	$(FORMAT) -i $(SOURCES)

# The command, one archive, one header, and descent.pc, which says how to link the archive.
TO       := $(DESTDIR)$(PREFIX)
install: all install-files
install-files:
	install -d $(TO)/bin $(TO)/lib/pkgconfig $(TO)/include
	install -m 755 $(B)/descent $(TO)/bin/descent
	install -m 644 $(B)/libdescent.a $(TO)/lib/libdescent.a
	install -m 644 runtime/descent.h $(TO)/include/descent.h
	@printf '%s\n' 'prefix=$(PREFIX)' 'libdir=$${prefix}/lib' 'includedir=$${prefix}/include' '' 'Name: descent' \
	    'Description: a small differentiable language and its interpreter' 'Version: $(VERSION)' \
	    'Libs: -L$${libdir} -ldescent $(LIBS)' 'Cflags: -I$${includedir}' >$(TO)/lib/pkgconfig/descent.pc
uninstall:
	rm -f $(TO)/bin/descent $(TO)/lib/libdescent.a $(TO)/include/descent.h $(TO)/lib/pkgconfig/descent.pc

# What the build needs. Installed with apt when that is possible, named exactly when it is not.
deps: $(B)/.deps
$(B)/.deps: | $(B)/.dirs
	@sh tests/tools/deps/install.sh "$(PACKAGES)" && touch $@

$(B)/descent: $(CMDOBJ) $(LIBOBJ)
	$(LINK) -o $@ $^ $(LIBS) $(EDIT)
	@echo '$(SANFLAGS) $(LDFLAGS) $(LIBS) $(EDIT)' >$(B)/link

$(B)/libdescent.a: $(LIBOBJ)
	$(LD) -r -o $(B)/descent_all.o $^
	$(OBJCOPY) --localize-hidden $(B)/descent_all.o
	rm -f $@ && $(AR) rcs $@ $(B)/descent_all.o

# generated sources: the only grammar is lexer.re and grammar.y; the tables come from the marked lines
$(B)/.dirs:
	@mkdir -p $(B) $(addprefix $(B)/,lang runtime runtime/kernels runtime/ops stdlib tests) && touch $@
$(B)/grammar.c: lang/grammar.y | $(B)/.deps
	$(LEMON) -d$(B) $<
$(B)/grammar.h: $(B)/grammar.c ;
$(B)/lexer.c: lang/lexer.re $(B)/grammar.h
	$(RE2C) -W -Werror --no-generation-date -o $@ $<
# Lists of what the sources declare, and the flags: written when their text changes, so that a new entry, a file taken
# away or another compiler rebuilds what depends on it and nothing else.
TO_LIST   = LC_ALL=C sort >$@.tmp; if cmp -s $@.tmp $@; then rm $@.tmp; else mv $@.tmp $@; fi
$(B)/op_list.h: FORCE | $(B)/.dirs
	@sed -n 's/^OP(\([a-z0-9_]*\),.*/OP_ENTRY(\1)/p' $(OPS) | $(TO_LIST)
$(B)/builtin_list.h: FORCE | $(B)/.dirs
	@sed -n 's/^BUILTIN(\([A-Za-z0-9_]*\),.*/BUILTIN_ENTRY(\1)/p' $(STDLIB) | $(TO_LIST)
$(B)/flags: FORCE | $(B)/.dirs
	@echo '$(CC) $(subst ','\'',$(ALLFLAGS) $(STDGD))' | $(TO_LIST)
$(B)/stdlib_gd.c: $(STDGD) $(B)/flags | $(B)/.dirs
	@{ echo '/* modules in Descent, baked in */'; echo '#include "lang/modules.h"'; \
	   for f in $(STDGD); do n=$$(basename $$f .gd); printf 'static const unsigned char gd_%s[] = {' $$n; \
	   od -An -v -tu1 $$f | sed 's/ *\([0-9][0-9]*\)/\1,/g'; echo '0};'; done; \
	   echo 'const BakedModule baked_modules[] = {'; \
	   for f in $(STDGD); do n=$$(basename $$f .gd); echo "    {\"$$n\", (const char *)gd_$$n, sizeof gd_$$n - 1},"; done; \
	   echo '    {0, 0, 0}};'; } > $@

$(B)/%.o: %.c $(B)/flags | $(B)/op_list.h $(B)/builtin_list.h $(B)/grammar.h
	$(CC) $(ALLFLAGS) $(KFLAGS) -c -o $@ $<
$(B)/lexer.o $(B)/grammar.o $(B)/stdlib_gd.o: private WARN := -w
$(B)/%.o: $(B)/%.c $(B)/flags | $(B)/op_list.h $(B)/grammar.h
	$(CC) $(ALLFLAGS) -c -o $@ $<
$(B)/runtime/kernels/%.o $(B)/runtime/ops/%.o: private KFLAGS := $(if $(SAN)$(DEBUG),,-O3)
$(B)/runtime/vm.o: private KFLAGS := $(if $(SAN)$(DEBUG),,-O2 $(if $(GCC),-fno-gcse -fno-crossjumping) -fno-tree-slp-vectorize)

$(B)/tests/%: tests/runtime/%.c $(LIBOBJ) $(B)/flags
	$(LINK) $(ALLFLAGS) -MF $@.d -MT $@ -o $@ $< $(LIBOBJ) $(LIBS)

$(B)/tests/fuzz-%: tests/fuzz/%.c tests/fuzz/main.c tests/fuzz/fuzz.c tests/fuzz/fuzz.h tests/fuzz/words.h $(LIBOBJ) $(B)/flags
	$(LINK) $(ALLFLAGS) -MF $@.d -MT $@ -o $@ $< tests/fuzz/main.c tests/fuzz/fuzz.c $(LIBOBJ) $(LIBS)

# The same library again, seen through by libFuzzer and the sanitizers.
FUZZOBJ  := $(patsubst $(B)/%,$(B)/fuzz/%,$(LIBOBJ))
FUZZALL   = $(filter-out $(OPT) $(SANFLAGS),$(ALLFLAGS)) $(FUZZFLAGS)
fuzz: $(FUZZBIN) $(B)/fuzz/words.dict
$(B)/fuzz/%.o: %.c $(B)/flags | $(B)/op_list.h $(B)/builtin_list.h $(B)/grammar.h
	@mkdir -p $(@D)
	$(CLANG) $(FUZZALL) -fsanitize=fuzzer-no-link -w -c -o $@ $<
$(B)/fuzz/%.o: $(B)/%.c $(B)/flags
	@mkdir -p $(@D)
	$(CLANG) $(FUZZALL) -fsanitize=fuzzer-no-link -w -c -o $@ $<
$(B)/fuzz/%: $(B)/fuzz/tests/fuzz/%.o $(B)/fuzz/tests/fuzz/fuzz.o $(FUZZOBJ)
	$(CLANG) $(FUZZFLAGS) -fsanitize=fuzzer -o $@ $^ $(LIBS)
$(B)/fuzz/words.dict: tests/fuzz/words.h
	@mkdir -p $(@D)
	sed -n 's/^WORD(\(".*"\))$$/\1/p' $< | sed 's/^"\\n"/"\\x0a"/' >$@
.PRECIOUS: $(B)/fuzz/tests/fuzz/%.o

-include $(FUZZOBJ:.o=.d) $(FUZZTEST:=.d)
-include $(LIBOBJ:.o=.d) $(CMDOBJ:.o=.d) $(TESTBIN:=.d)

clean:
	rm -rf $(B)
