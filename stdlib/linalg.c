/* linalg.c -- products of tensors by name. Systems and factorisations are in lapack.c.
**
** Everything here is composed of operations with rules (matmul, permute, reshape, sum), so it differentiates
** to any order by itself.
** SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <string.h>
#include "runtime/builtin.h"
#include "runtime/ops/walk.h"

static bool then(State *S, Value *v, bool ok, const Value *next)
{
    if (!ok) return false;
    release(S, *v);
    *v = *next;
    return true;
}

BUILTIN(matmul, "matmul(a, b)", "The matrix product a @ b.")
{
    Value a, b;
    return arg_tensor(c, 0, &a) && arg_tensor(c, 1, &b) && op2(c->S, OPID_matmul, a, b, c->out);
}

BUILTIN(dot, "dot(a, b)", "The inner product of two vectors, a number; of matrices the matrix product.")
{
    Value a, b;
    return arg_tensor(c, 0, &a) && arg_tensor(c, 1, &b) && op2(c->S, OPID_matmul, a, b, c->out);
}

static bool times(State *S, Value a, int ra, const int64_t *sa, Value b, int rb, const int64_t *sb, Value *out)
{
    Value x, y;
    if (!op_reshape(S, a, ra, sa, &x)) return false;
    bool ok = op_reshape(S, b, rb, sb, &y);
    if (ok) {
        ok = op2(S, OPID_mul, x, y, out);
        release(S, y);
    }
    release(S, x);
    return ok;
}

BUILTIN(outer, "outer(a, b)", "The table a[i] * b[j] of two vectors (other tensors are flattened).")
{
    Value a, b;
    if (!arg_tensor(c, 0, &a) || !arg_tensor(c, 1, &b)) return false;
    int64_t sa[2] = {a.t->n, 1}, sb[2] = {1, b.t->n};
    return times(c->S, a, 2, sa, b, 2, sb, c->out);
}

BUILTIN(kron, "kron(A, B)", "The Kronecker product: A with every element replaced by that element times B.")
{
    State *S = c->S;
    Value a, b, y, next;
    int64_t sa[RANK_MAX], sb[RANK_MAX], s[RANK_MAX];
    if (!arg_tensor(c, 0, &a) || !arg_tensor(c, 1, &b)) return false;
    int rank = a.t->rank > b.t->rank ? a.t->rank : b.t->rank;
    if (2 * rank > RANK_MAX) return diag_fail(S, DIAG_SIZE, "kron: a tensor has at most %d axes here", RANK_MAX / 2);
    for (int i = 0; i < rank; i++) {
        int ia = i - (rank - a.t->rank), ib = i - (rank - b.t->rank);
        int64_t n = ia < 0 ? 1 : tensor_shape(a.t)[ia], m = ib < 0 ? 1 : tensor_shape(b.t)[ib];
        sa[2 * i] = n;
        sb[2 * i + 1] = m;
        sa[2 * i + 1] = sb[2 * i] = 1;
        s[i] = n * m;
    }
    if (!times(S, a, 2 * rank, sa, b, 2 * rank, sb, &y)) return false;
    if (!then(S, &y, op_reshape(S, y, rank, s, &next), &next)) {
        release(S, y);
        return false;
    }
    *c->out = y;
    return true;
}

/* ---- einsum ---- */
typedef struct Term {
    Value v;
    int rank;
    char lab[RANK_MAX];
} Term; /* v owned */
typedef struct Sum {
    Call *c;
    int64_t size[128];
    int n;
    Term t[16];
    int nout;
    char out[RANK_MAX];
} Sum;

static int place(const Term *t, char l)
{
    for (int i = 0; i < t->rank; i++)
        if (t->lab[i] == l) return i;
    return -1;
}
static bool in_out(const Sum *s, char l) { return memchr(s->out, l, (size_t)s->nout) != NULL; }

static bool fail(Sum *s, const char *what)
{
    Str *text = s->c->arg[0].s;
    return diag_fail(s->c->S, DIAG_VALUE, "einsum: %s in \"%s\"", what, text->data);
}

static bool parse(Sum *s, const Str *text, const List *xs)
{
    State *S = s->c->S;
    const char *p = text->data;
    bool arrow = false;
    int seen[128] = {0};
    s->n = 0;
    if (xs->len == 0 || xs->len > 15) return fail(s, "1 to 15 tensors are wanted");
    for (int64_t k = 0; k < xs->len; k++) {
        if (xs->at[k].tag != T_TENSOR) return fail(s, "a tensor is wanted for each group of letters");
        Term *t = &s->t[s->n];
        t->rank = 0;
        for (; *p && *p != ',' && *p != '-'; p++) {
            if (*p == ' ') continue;
            if (!isalpha((unsigned char)*p)) return fail(s, "labels are single letters");
            if (t->rank == RANK_MAX) return fail(s, "too many labels");
            t->lab[t->rank++] = *p;
        }
        if (k + 1 < xs->len ? *p != ',' : *p == ',') return fail(s, "the groups and the tensors differ in number");
        if (*p == ',') p++;
        if (t->rank != xs->at[k].t->rank) {
            char d[200];
            return diag_fail(S, DIAG_SHAPE, "einsum: %d labels for tensor %lld of shape %s", t->rank, (long long)k,
                             shape_str(xs->at[k].t, d, sizeof d));
        }
        for (int i = 0; i < t->rank; i++) {
            int64_t *size = &s->size[(int)t->lab[i]], n = tensor_shape(xs->at[k].t)[i];
            if (*size < 0) *size = n;
            if (*size != n)
                return diag_fail(S, DIAG_SHAPE, "einsum: label %c has size %lld and size %lld", t->lab[i],
                                 (long long)*size, (long long)n);
            seen[(int)t->lab[i]]++;
        }
        t->v = retain(xs->at[k]);
        s->n++;
    }
    s->nout = 0;
    if (p[0] == '-' && p[1] == '>') {
        arrow = true;
        for (p += 2; *p; p++) {
            if (*p == ' ') continue;
            if (!isalpha((unsigned char)*p) || s->size[(int)*p] < 0)
                return fail(s, "a label of the result is in none of the tensors");
            if (in_out(s, *p)) return fail(s, "a label stands twice in the result");
            if (s->nout == RANK_MAX) return fail(s, "too many labels");
            s->out[s->nout++] = *p;
        }
    }
    if (*p) return fail(s, "`->` and the labels of the result are wanted");
    for (int l = 0; !arrow && l < 128; l++)
        if (seen[l] == 1) s->out[s->nout++] = (char)l; /* without an arrow: what stands once, in order */
    return true;
}

/* Takes the diagonal of labels that stand twice in one term. */
static bool diagonals(State *S, Term *t)
{
    for (int i = 0; i < t->rank; i++)
        for (int j = i + 1; j < t->rank; j++) {
            if (t->lab[i] != t->lab[j]) continue;
            int axes[RANK_MAX], k = 0;
            char lab[RANK_MAX], l = t->lab[i];
            Attr zero = {.i = 0};
            Value next;
            for (int m = 0; m < t->rank; m++)
                if (m != i && m != j) lab[k] = t->lab[m], axes[k++] = m;
            axes[k] = i;
            axes[k + 1] = j;
            lab[k] = l;
            if (!then(S, &t->v, op_permute(S, t->v, axes, &next), &next) ||
                !then(S, &t->v, op_apply(S, OPID_diag_part, &t->v, 1, &zero, 1, &next), &next))
                return false;
            memcpy(t->lab, lab, sizeof lab);
            t->rank--;
            return diagonals(S, t);
        }
    return true;
}

/* Sums away the labels of t[k] that nothing else needs. */
static bool lonely(Sum *s, int k)
{
    Term *t = &s->t[k];
    int axes[RANK_MAX], n = 0, left = 0;
    char lab[RANK_MAX];
    for (int i = 0; i < t->rank; i++) {
        bool used = in_out(s, t->lab[i]);
        for (int j = 0; j < s->n; j++) used |= j != k && place(&s->t[j], t->lab[i]) >= 0;
        if (used) lab[left++] = t->lab[i];
        else axes[n++] = i;
    }
    if (!n) return true;
    Value next;
    if (!then(s->c->S, &t->v, op_reduce(s->c->S, OPID_sum, t->v, axes, n, false, &next), &next)) return false;
    t->rank = left;
    memcpy(t->lab, lab, (size_t)left);
    return true;
}

/* The axes of t with these labels, in this order of groups, as a matrix (or a batch of them). */
static bool grouped(Sum *s, Term *t, const char *const *group, const int *n, Value *out)
{
    State *S = s->c->S;
    int axes[RANK_MAX], k = 0;
    int64_t shape[3] = {1, 1, 1};
    Value next;
    for (int g = 0; g < 3; g++)
        for (int i = 0; i < n[g]; i++) {
            axes[k++] = place(t, group[g][i]);
            shape[g] *= s->size[(int)group[g][i]];
        }
    *out = retain(t->v);
    bool batch = n[0] > 0;
    if ((!is_tensor(*out) || then(S, out, op_permute(S, *out, axes, &next), &next)) &&
        then(S, out, op_reshape(S, *out, batch ? 3 : 2, batch ? shape : shape + 1, &next), &next))
        return true;
    release(S, *out);
    return false;
}

/* The last two terms become one, as a product of matrices. */
static bool contract(Sum *s)
{
    State *S = s->c->S;
    Term *a = &s->t[s->n - 2], *b = &s->t[s->n - 1];
    char both[RANK_MAX], sum[RANK_MAX], left[RANK_MAX], right[RANK_MAX];
    int nb = 0, ns = 0, nl = 0, nr = 0, rank = 0;
    int64_t shape[3 * RANK_MAX];
    char lab[3 * RANK_MAX];
    for (int i = 0; i < a->rank; i++) {
        char l = a->lab[i];
        bool used = in_out(s, l);
        for (int j = 0; j < s->n - 2; j++) used |= place(&s->t[j], l) >= 0;
        if (place(b, l) < 0) left[nl++] = l;
        else if (used) both[nb++] = l;
        else sum[ns++] = l;
    }
    for (int i = 0; i < b->rank; i++)
        if (place(a, b->lab[i]) < 0) right[nr++] = b->lab[i];
    const char *ga[3] = {both, left, sum}, *gb[3] = {both, sum, right}, *go[3] = {both, left, right};
    int na[3] = {nb, nl, ns}, nbb[3] = {nb, ns, nr}, no[3] = {nb, nl, nr};
    Value x, y, z, next;
    if (!grouped(s, a, ga, na, &x)) return false;
    bool ok = grouped(s, b, gb, nbb, &y);
    if (ok) {
        ok = op2(S, OPID_matmul, x, y, &z);
        release(S, y);
    }
    release(S, x);
    if (!ok) return false;
    for (int g = 0; g < 3; g++)
        for (int i = 0; i < no[g]; i++) {
            lab[rank] = go[g][i];
            shape[rank++] = s->size[(int)go[g][i]];
        }
    if (rank > RANK_MAX) {
        release(S, z);
        return fail(s, "more axes at once than a tensor can have");
    }
    if (!then(S, &z, op_reshape(S, z, rank, shape, &next), &next)) {
        release(S, z);
        return false;
    }
    release(S, a->v);
    release(S, b->v);
    a->v = z;
    a->rank = rank;
    memcpy(a->lab, lab, (size_t)rank);
    s->n--;
    return true;
}

BUILTIN(einsum, "einsum(text, ...x)",
        "Sums of products by labelled axes: einsum(\"ij,jk->ik\", A, B) is A @ B. A label that is not in the "
        "result is summed; one that stands twice in a tensor takes its diagonal; without `->` the result has the "
        "labels that stand once, in order. The tensors are multiplied from the right, each pair as a matrix "
        "product.")
{
    State *S = c->S;
    Str *text;
    Sum s;
    s.c = c;
    s.n = 0;
    for (int i = 0; i < 128; i++) s.size[i] = -1;
    if (!arg_str(c, 0, &text)) return false;
    bool ok = parse(&s, text, c->arg[1].l);
    for (int k = 0; ok && k < s.n; k++) ok = diagonals(S, &s.t[k]);
    for (int k = 0; ok && k < s.n; k++) ok = lonely(&s, k);
    while (ok && s.n > 1) ok = contract(&s);
    if (ok && is_tensor(s.t[0].v)) {
        int axes[RANK_MAX];
        Value next;
        for (int i = 0; i < s.nout; i++) axes[i] = place(&s.t[0], s.out[i]);
        ok = then(S, &s.t[0].v, op_permute(S, s.t[0].v, axes, &next), &next);
    }
    if (ok) *c->out = s.t[0].v;
    else
        for (int k = 0; k < s.n; k++) release(S, s.t[k].v);
    return ok;
}
