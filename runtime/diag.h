/* diag.h -- one path for errors: a diagnostic on the state, passed up by `return false`.
**
** The first error of a run wins; notes and hints are added on the way up. The parser and the resolver
** report into a list instead (diag_report) and go on. Rendering (source excerpt, carets, several
** labels, colours, JSON) is here too, so every host shows the same text.
** SPDX-License-Identifier: MIT */
#ifndef DSC_DIAG_H
#define DSC_DIAG_H
#include <stdbool.h>
#include <stddef.h>
#include "runtime/span.h"

typedef struct State State;

typedef enum DiagCode {
    DIAG_OK = 0,
#define DIAG(code, name, exit, title, text) DIAG_##name,
#include "runtime/diag.def"
#undef DIAG
    DIAG_COUNT
} DiagCode;

typedef struct DiagInfo {
    int number;        /* 213 for E0213 */
    int exit;          /* exit status of the command */
    const char *title; /* three words */
    const char *text;  /* what `?E0213` prints */
} DiagInfo;
extern const DiagInfo diag_info[DIAG_COUNT];
DiagCode diag_by_number(int number); /* DIAG_OK when there is none */

typedef struct DiagNote {
    Span at; /* SPAN_NONE: a line "   = text" only */
    char *text;
    size_t more; /* calls: how many more of the same follow at once */
} DiagNote;

typedef struct Diag {
    DiagCode code;
    bool warning;
    Span at;
    char *message; /* what is wrong, with values and shapes */
    char *label;   /* under the caret, may be NULL */
    char *hint;    /* one thing to do, may be NULL */
    DiagNote *notes;
    size_t nnotes, capnotes;
    DiagNote *calls; /* "called from FILE:LINE in NAME", innermost first; text = NAME */
    size_t ncalls, capcalls;
    size_t calls_left; /* frames beyond the 20 that are kept */
} Diag;

/* All return false. `at` SPAN_NONE: the interpreter fills in the running instruction's span.
** Formats are printf's (use %.*s for strings with a length). When an error is set already (S->err) the
** new one is dropped. A failure to allocate the diagnostic itself falls back to a DIAG_MEM set aside. */
bool diag_set(State *S, Span at, DiagCode code, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
bool diag_fail(State *S, DiagCode code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4))); /* at the running instruction */
/* Sets DIAG_MEM for a request of n bytes that was refused; works when nothing can be allocated. */
bool diag_memory(State *S, size_t n);
/* Additions to the current error; nothing happens when there is none. */
bool diag_label(State *S, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool diag_hint(State *S, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool diag_note(State *S, Span at, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
bool diag_called_from(State *S, Span at, const char *name);

/* Front end: collects into S->reports (errors and warnings) instead; true when room is left (at most 20 errors). */
Diag *diag_report(State *S, Span at, DiagCode code, bool warning, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
void diag_report_label(State *S, Diag *d, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void diag_report_hint(State *S, Diag *d, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void diag_report_note(State *S, Diag *d, Span at, const char *fmt, ...) __attribute__((format(printf, 4, 5)));

Diag *diag_take(State *S);        /* the current error, now the caller's; S->err is NULL after */
void diag_put(State *S, Diag *d); /* gives it back as the current error (raise again) */
void diag_free(State *S, Diag *d);
void diag_clear(State *S); /* drops the current error and all reports */

bool diag_init(State *S);   /* state_new: sets the out-of-memory diagnostic aside */
void diag_deinit(State *S); /* state_free: everything above, and the sources */

/* Text of one diagnostic as in LANGUAGE.md section 9 (with trailing newline), to the writer. */
typedef void (*DiagWrite)(void *ud, const char *s, size_t n);
void diag_render(State *S, const Diag *d, bool color, DiagWrite w, void *ud);
void diag_render_json(State *S, const Diag *d, DiagWrite w, void *ud); /* one object on one line */

/* Sources: texts are copied and kept while the state lives. */
typedef struct Source {
    char *name; /* as shown: path or <prompt>, <-e>, <stdin> */
    char *text; /* NUL after len */
    size_t len;
    uint32_t *lines; /* offsets of line starts, made on demand */
    size_t nlines;
} Source;
uint32_t source_add(State *S, const char *name, const char *text, size_t len); /* 0 on failure */
const Source *source_get(const State *S, uint32_t file);
void source_where(State *S, Span at, int *line, int *col); /* from 1; column in code points */
/* "FILE:LINE" of a span into buf, for notes. */
const char *source_place(State *S, Span at, char *buf, size_t n);

/* The nearest of `n` candidates to `name` by edit distance (Damerau), or NULL when none is near. */
const char *diag_nearest(const char *name, const char *const *candidates, size_t n);
#endif
