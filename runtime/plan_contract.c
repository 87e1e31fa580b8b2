/* plan_contract.c -- sums of products that are matrix products.
**
** sum(A[i, k] * B[k, j] for k) for i, j is recorded as a product over the space [i, j, k], in which A does not vary
** along j and B not along i, and a sum over k. Axes that are summed and that both factors vary along are those of the
** contraction; of the others, those of one factor alone are rows or columns, those of both are items of a batch. The
** result is row-major, so the last run of axes of one factor gives the columns and the run of the other before it the
** rows; what stands in front of those is gone through item by item.
** SPDX-License-Identifier: MIT */
#include "runtime/plan.h"

enum { WORTH = 2048, DEEP = 4 }; /* multiply-adds, and terms of a sum, from which a product pays */

/* Merges axes [from, to) of sizes d for an operand with strides s (and t); false: one stride does not do. */
static bool merged(int from, int to, const int64_t *d, const int64_t *s, const int64_t *t, int64_t *n, int64_t *step,
                   int64_t *step2)
{
    *n = 1;
    *step = *step2 = 0;
    for (int k = to - 1; k >= from; k--) {
        if (d[k] == 1) continue;
        if (*n == 1) {
            *step = s[k];
            *step2 = t ? t[k] : 0;
        } else if (s[k] != *step * *n || (t && t[k] != *step2 * *n)) {
            return false;
        }
        *n *= d[k];
    }
    return true;
}

/* Strides of x over a space of the given rank, 0 where it is stretched. */
static void strides_over(const PlanArray *x, int rank, int64_t *s)
{
    for (int k = 0; k < rank; k++) {
        int j = k - (rank - x->rank);
        s[k] = j >= 0 && x->shape[j] != 1 ? x->stride[j] : 0;
    }
}

bool contraction_of(const PlanArray *a, const PlanArray *b, const PlanArray *space, uint32_t mask, Contraction *c)
{
    int64_t sa[RANK_MAX], sb[RANK_MAX], kd[RANK_MAX], ka[RANK_MAX], kb[RANK_MAX];
    int64_t fd[RANK_MAX], fa[RANK_MAX], fb[RANK_MAX], unused;
    int nk = 0, nf = 0;
    strides_over(a, space->rank, sa);
    strides_over(b, space->rank, sb);
    for (int k = 0; k < space->rank; k++) {
        int64_t d = space->shape[k];
        if (d == 1) continue;
        if (mask >> k & 1) {
            if (!sa[k] || !sb[k]) return false;
            kd[nk] = d, ka[nk] = sa[k], kb[nk++] = sb[k];
        } else {
            if (!sa[k] && !sb[k]) return false;
            fd[nf] = d, fa[nf] = sa[k], fb[nf++] = sb[k];
        }
    }
    if (!nk || !merged(0, nk, kd, ka, kb, &c->depth, &c->step[0], &c->step[1])) return false;
    int end = nf, mid, start;
    if (!nf || !(fa[nf - 1] == 0 || fb[nf - 1] == 0)) return false;
    c->swap = fb[nf - 1] == 0; /* the columns are the first factor's */
    const int64_t *col = c->swap ? fa : fb, *row = c->swap ? fb : fa;
    for (mid = end; mid && row[mid - 1] == 0; mid--) continue;
    for (start = mid; start && col[start - 1] == 0; start--) continue;
    if (!merged(mid, end, fd, col, NULL, &c->cols, &c->col_step, &unused)) return false;
    while (start < mid && !merged(start, mid, fd, row, NULL, &c->rows, &c->row_step, &unused)) start++;
    if (start == mid) c->rows = 1, c->row_step = 0;
    c->nitem = start;
    for (int k = 0; k < start; k++) {
        c->item[k] = fd[k];
        c->at[0][k] = fa[k];
        c->at[1][k] = fb[k];
    }
    return c->depth >= DEEP && c->rows * c->cols * c->depth >= WORTH;
}

bool plan_step_contract(PlanRun *p, const PlanStep *s)
{
    Run *r = plan_addresses(p, s);
    const Contraction *c = s->lib.contraction;
    int first = c->swap; /* the factor with the rows */
    Mat a = {r->x[first].p, c->rows, c->depth, c->row_step, c->step[first]};
    Mat b = {r->x[!first].p, c->depth, c->cols, c->step[!first], c->col_step};
    if (!c->nitem) return mat_product(p->S, r->y.dtype, a, b, r->y.p);
    MatBatch items = {c->nitem, c->item, {c->at[first], c->at[!first]}};
    return mat_products(p->S, r->y.dtype, a, b, &items, r->y.p);
}
