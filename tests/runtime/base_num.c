/* base_num.c -- numbers to text and back, formats of holes.
**
** SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include "tests/runtime/check.h"

static void is(double x, const char *want)
{
    char text[40];
    int n = num_format(text, x);
    CHECK(n == (int)strlen(want) && !memcmp(text, want, (size_t)n), "%.*s, not %s", n, text, want);
}

static void formatted(State *S, double x, const char *spec, const char *want)
{
    Buf b;
    buf_init(&b, S);
    bool ok = value_format(S, &b, val_num(x), spec, strlen(spec));
    CHECK(ok && b.len == strlen(want) && !memcmp(b.p, want, b.len), "%.*s, not %s", (int)b.len, b.p ? b.p : "", want);
    buf_deinit(&b);
    diag_clear(S);
}

static void shown(State *S, Value v_take, const char *want)
{
    Buf b;
    buf_init(&b, S);
    CHECK(value_show(S, &b, v_take, false) && b.len == strlen(want) && !memcmp(b.p, want, b.len), "%.*s, not %s",
          (int)b.len, b.p, want);
    buf_deinit(&b);
    release(S, v_take);
}

static void round_trip(void)
{
    Rng r;
    char text[40];
    rng_seed(&r, 5);
    for (uint64_t i = 0; i < 1000000; i++) {
        uint64_t bits = rng_bits(r.key, 0, i);
        double x;
        memcpy(&x, &bits, 8);
        if (i % 4 == 1) x = rng_uniform(r.key, 0, i);
        if (i % 4 == 2) x = floor(rng_normal(r.key, 0, i) * 1e6) / 1e3;
        if (!isfinite(x)) continue;
        int n = num_format(text, x);
        text[n] = 0;
        double y = strtod(text, NULL);
        if (memcmp(&x, &y, 8) || n >= 32) {
            CHECK(0, "%.17g printed as %s", x, text);
            break;
        }
    }
}

int main(void)
{
    State *S = open_state(0);
    if (!S) return 1;
    is(0, "0");
    is(-0.0, "-0");
    is(3, "3");
    is(-255, "-255");
    is(0.1 + 0.2, "0.30000000000000004");
    is(0.1, "0.1");
    is(1e15, "1000000000000000");
    is(9007199254740993.0, "9007199254740992");
    is(1e16, "1e16");
    is(1e21, "1e21");
    is(1.5e300, "1.5e300");
    is(123456789.125, "123456789.125");
    is(0.0001, "0.0001");
    is(0.00001, "0.00001");
    is(1e-6, "1e-6");
    is(2.5e-7, "2.5e-7");
    is(5e-324, "5e-324");
    is(2.2250738585072014e-308, "2.2250738585072014e-308");
    is(1.7976931348623157e308, "1.7976931348623157e308");
    is(0x1p-44, "5.684341886080802e-14");
    is(INFINITY, "inf");
    is(-INFINITY, "-inf");
    is(NAN, "nan");
    round_trip();

    formatted(S, 0.012345678, ".3", "0.0123");
    formatted(S, 1.2345678, ".3f", "1.235");
    formatted(S, 42, "6", "    42");
    formatted(S, 3.14159, "8.3f", "   3.142");
    formatted(S, 6.283185307, ".6", "6.28319");
    formatted(S, 2.9999999999, ".6", "3");
    formatted(S, 1234.5, ".2", "1200");
    formatted(S, 0, ".2f", "0.00");
    formatted(S, NAN, "5", "  nan");
    formatted(S, 0.5, "", "0.5");
    Buf b;
    buf_init(&b, S);
    CHECK(!value_format(S, &b, val_num(1), ".q", 2) && S->err->code == DIAG_VALUE);
    diag_clear(S);
    buf_deinit(&b);

    shown(S, val_obj(T_LIST, list_new(S, 0)), "()");
    List *l = list_new(S, 0);
    list_push_take(S, l, NULL, val_num(1));
    shown(S, retain(val_obj(T_LIST, l)), "(1,)");
    list_push_take(S, l, NULL, val_str(S, "a\n\"{\xCE\xB8", 6));
    Str *x = str_intern(S, "x", 1);
    list_push_take(S, l, x, val_obj(T_LIST, list_new(S, 0)));
    list_push_take(S, l, NULL, range_new(S, 0, 3));
    obj_release(S, x);
    shown(S, val_obj(T_LIST, l), "(1, \"a\\n\\\"\\{\xCE\xB8\", x: (), 0..3)");
    shown(S, val_str(S, "bare", 4), "bare");
    shown(S, val_bool(true), "true");
    shown(S, NIL, "nil");
    return report(S);
}
