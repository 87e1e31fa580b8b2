/* base_diag.c -- the exact text of diagnostics.
**
** SPDX-License-Identifier: MIT */
#include "tests/runtime/check.h"

static char text[8192];
static size_t ntext;
static void collect(void *ud, const char *s, size_t n)
{
    (void)ud;
    if (ntext + n < sizeof text) {
        memcpy(text + ntext, s, n);
        ntext += n;
        text[ntext] = 0;
    }
}

static Span find(State *S, uint32_t file, const char *what)
{
    const Source *f = source_get(S, file);
    const char *p = strstr(f->text, what);
    return (Span){file, (uint32_t)(p - f->text), (uint32_t)strlen(what)};
}

static void expect(State *S, const char *want)
{
    ntext = 0;
    text[0] = 0;
    if (S->err) diag_render(S, S->err, false, collect, NULL);
    CHECK(!strcmp(text, want), "\n--- got\n%s--- want\n%s", text, want);
    diag_clear(S);
}

static void golden(State *S)
{
    const char *src = "# a\n\n\n\n\n\n\n\nlet W = he([32, 10])\n\n\n\n\n\n\n\n\n\n\n"
                      "  let h = relu(features @ W + b)\n\n\n\n\n\n\n\n\n\n\nnll(x)\n";
    uint32_t f = source_add(S, "digits.gd", src, strlen(src));
    diag_set(S, find(S, f, "features"), DIAG_SHAPE, "shapes do not meet in `@`: [32, 64] @ [32, 10]");
    diag_label(S, "64 columns on the left, 32 rows on the right");
    diag_note(S, find(S, f, "he("), "W: [32, 10], made by he([32, 10])");
    diag_called_from(S, find(S, f, "nll(x)"), "nll");
    expect(S, "error E0213: shapes do not meet in `@`: [32, 64] @ [32, 10]\n"
              "  --> digits.gd:20:16\n"
              "   |\n"
              "20 |   let h = relu(features @ W + b)\n"
              "   |                ^^^^^^^^ 64 columns on the left, 32 rows on the right\n"
              "   = W: [32, 10], made by he([32, 10]) (digits.gd:9)\n"
              "called from digits.gd:31 in nll\n");
}

static void widths(State *S)
{
    const char *src = "\tlet 漢字 = \xCE\xB8 + z\r\nx";
    uint32_t f = source_add(S, "w.gd", src, strlen(src));
    diag_set(S, find(S, f, "z"), DIAG_NAME, "unknown name `z`");
    diag_hint(S, "did you mean `θ`?");
    expect(S, "error E0101: unknown name `z`\n"
              "  --> w.gd:1:15\n"
              "   |\n"
              " 1 |     let 漢字 = \xCE\xB8 + z\n"
              "   |                    ^\n"
              "hint: did you mean `θ`?\n");
    diag_set(S, find(S, f, "漢字"), DIAG_NAME, "wide");
    expect(S, "error E0101: wide\n"
              "  --> w.gd:1:6\n"
              "   |\n"
              " 1 |     let 漢字 = \xCE\xB8 + z\n"
              "   |         ^^^^\n");
    /* a span over several lines shows the first; one at the end of the file has a caret */
    diag_set(S, (Span){f, find(S, f, "z").off, 4}, DIAG_SYNTAX, "two lines");
    expect(S, "error E0010: two lines\n"
              "  --> w.gd:1:15\n"
              "   |\n"
              " 1 |     let 漢字 = \xCE\xB8 + z\n"
              "   |                    ^\n");
    diag_set(S, (Span){f, (uint32_t)strlen(src), 0}, DIAG_SYNTAX, "end");
    expect(S, "error E0010: end\n"
              "  --> w.gd:2:2\n"
              "   |\n"
              " 2 | x\n"
              "   |  ^\n");
    diag_set(S, SPAN_NONE, DIAG_IO, "cannot open");
    expect(S, "error E0401: cannot open\n");
}

static void long_lines(State *S)
{
    char src[2000];
    memset(src, 'a', sizeof src - 1);
    src[sizeof src - 1] = 0;
    src[1000] = '!';
    uint32_t f = source_add(S, "long.gd", src, strlen(src));
    diag_set(S, (Span){f, 1000, 1}, DIAG_CHAR, "stray");
    ntext = 0;
    diag_render(S, S->err, false, collect, NULL);
    diag_clear(S);
    char *line = strstr(text, " 1 | "), *caret = strrchr(text, '^');
    CHECK(line && caret && strlen(text) < 400);
    CHECK(line && strncmp(line + 5, "...", 3) == 0);
    if (line && caret) {
        char *bang = strchr(line, '!'), *last = strchr(line, '\n') + 1;
        CHECK(bang - line == caret - last, "caret at %d, character at %d", (int)(caret - last), (int)(bang - line));
    }
}

static void json(State *S)
{
    const char *src = "let y = \xCE\xB8\"\n";
    uint32_t f = source_add(S, "j\"s.gd", src, strlen(src));
    diag_set(S, (Span){f, 8, 2}, DIAG_NAME, "a \"name\"\nand \\");
    diag_note(S, (Span){f, 0, 3}, "here");
    diag_called_from(S, (Span){f, 4, 1}, "f");
    ntext = 0;
    diag_render_json(S, S->err, collect, NULL);
    diag_clear(S);
    const char *want = "{\"code\": \"E0101\", \"severity\": \"error\", \"message\": \"a \\\"name\\\"\\nand \\\\\", "
                       "\"file\": \"j\\\"s.gd\", \"line\": 1, \"column\": 9, \"length\": 1, \"label\": null, "
                       "\"hint\": null, \"notes\": [{\"message\": \"here\", \"file\": \"j\\\"s.gd\", \"line\": 1, "
                       "\"column\": 1}], \"calls\": [{\"name\": \"f\", \"file\": \"j\\\"s.gd\", \"line\": 1, "
                       "\"column\": 5}], \"calls_left\": 0}\n";
    CHECK(!strcmp(text, want), "\n%s%s", text, want);
}

static void reports(State *S)
{
    for (int i = 0; i < 30; i++) {
        Diag *d = diag_report(S, SPAN_NONE, DIAG_SYNTAX, false, "number %d", i);
        diag_report_hint(S, d, "hint %d", i);
        CHECK((d != NULL) == (i < 20));
    }
    Diag *w = diag_report(S, SPAN_NONE, DIAG_NAME, true, "odd");
    CHECK(S->nreports == 21 && S->nerrors == 30 && w);
    ntext = 0;
    if (w) diag_render(S, w, false, collect, NULL);
    CHECK(!strcmp(text, "warning E0101: odd\n"), "%s", text);
    diag_clear(S);
    CHECK(!S->nreports && !S->nerrors);
    for (int i = 0; i < 30; i++) { /* the first error wins; 20 callers are kept, the same one in a row counts once */
        diag_fail(S, i ? DIAG_TYPE : DIAG_SHAPE, "error %d", i);
        diag_called_from(S, SPAN_NONE, i % 2 ? "f" : "g");
    }
    CHECK(S->err->code == DIAG_SHAPE && S->err->ncalls == 20 && S->err->calls_left == 10);
    diag_clear(S);
    CHECK(diag_by_number(213) == DIAG_SHAPE && diag_by_number(999) == DIAG_OK);
}

static void nearest(void)
{
    const char *const names[] = {"relu", "gelu", "normal", "Mlp", "learning_rate", "print", "x"};
    size_t n = sizeof names / sizeof *names;
    const char *got;
#define NEAR(word, want)                                                                                               \
    got = diag_nearest(word, names, n);                                                                                \
    CHECK(got ? want && !strcmp(got, want ? want : "") : !want, "%s -> %s", word, got ? got : "nothing")
    NEAR("rleu", "relu");
    NEAR("Print", "print");
    NEAR("mlp", "Mlp");
    NEAR("nromal", "normal");
    NEAR("learing_rate", "learning_rate");
    NEAR("zebra", (const char *)NULL);
    NEAR("q", (const char *)NULL);
}

int main(void)
{
    State *S = open_state(0);
    if (!S) return 1;
    golden(S);
    widths(S);
    long_lines(S);
    json(S);
    reports(S);
    nearest();
    return report(S);
}
