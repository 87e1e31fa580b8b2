/* lapack.h -- what the matrix factorisations share: the library, one matrix of a batch, helpers for rules.
**
** Every operation here takes matrices along the last two axes and goes matrix by matrix over the axes before
** them. Kernels see one matrix at a time, copied into scratch memory. Work is done in `lapack_work(...)`: small
** matrices in f64 by plain loops (so that programs of small systems never load a library), larger ones in the
** dtype of the result by LAPACK. Which way is taken depends on sizes alone.
**
** LDLIBS: -ldl (libopenblas.so.0, or liblapack.so.3 with libblas.so.3, at run time)
** SPDX-License-Identifier: MIT */
#ifndef DSC_OPS_LAPACK_H
#define DSC_OPS_LAPACK_H
#include "runtime/ops/walk.h"

/* ---- the library: Fortran names, every argument by address, lengths of texts last ---- */
enum { LA_GETRF, LA_POTRF, LA_GEQRF, LA_ORGQR, LA_SYEVD, LA_GESDD, LA_GELSD, LA_TRSM, LA_GEMM, LA_COUNT };
typedef void (*LaGetrf)(const int *m, const int *n, void *a, const int *lda, int *ipiv, int *info);
typedef void (*LaPotrf)(const char *uplo, const int *n, void *a, const int *lda, int *info, size_t);
typedef void (*LaGeqrf)(const int *m, const int *n, void *a, const int *lda, void *tau, void *work, const int *lwork,
                        int *info);
typedef void (*LaOrgqr)(const int *m, const int *n, const int *k, void *a, const int *lda, const void *tau, void *work,
                        const int *lwork, int *info);
typedef void (*LaSyevd)(const char *job, const char *uplo, const int *n, void *a, const int *lda, void *w, void *work,
                        const int *lwork, int *iwork, const int *liwork, int *info, size_t, size_t);
typedef void (*LaGesdd)(const char *job, const int *m, const int *n, void *a, const int *lda, void *s, void *u,
                        const int *ldu, void *vt, const int *ldvt, void *work, const int *lwork, int *iwork, int *info,
                        size_t);
typedef void (*LaGelsd)(const int *m, const int *n, const int *nrhs, void *a, const int *lda, void *b, const int *ldb,
                        void *s, const void *rcond, int *rank, void *work, const int *lwork, int *iwork, int *info);
typedef void (*LaTrsm)(const char *side, const char *uplo, const char *trans, const char *diag, const int *m,
                       const int *n, const void *alpha, const void *a, const int *lda, void *b, const int *ldb, size_t,
                       size_t, size_t, size_t);
typedef void (*LaGemm)(const char *ta, const char *tb, const int *m, const int *n, const int *k, const void *alpha,
                       const void *a, const int *lda, const void *b, const int *ldb, const void *beta, void *c,
                       const int *ldc, size_t, size_t);
#define LAPACK(S, TYPE, which, d) ((TYPE)(S)->lapack.fn[which][(d) == DT_F32])

bool lapack_find(State *S);                   /* loads it at the first call; whether it is there */
bool lapack_need(State *S, const char *what); /* the same, E0601 when it is not */
enum { LAPACK_FROM = 33 };                    /* rows from which on the library is called where loops could do it */
DType lapack_work(State *S, DType y, int64_t n);

/* ---- one matrix of a batch ---- */
static inline int64_t mats(const Arr *a, int tail) /* how many; tail: axes of one */
{
    int64_t n = 1;
    for (int i = 0; i < a->rank - tail; i++) n *= a->shape[i];
    return n;
}
const void *mat_at(const Arr *a, int tail, int64_t k);                    /* first element of the k-th */
void mat_in(const Arr *a, int64_t k, void *to, DType d, bool by_columns); /* the k-th matrix, copied as d */
bool all_finite(DType d, const void *p, int64_t n);
void fill_nan(DType d, void *p, int64_t n);
/* "the matrix [3, 3] WHAT", for the k-th of a batch "matrix [1, 0] of [2, 2, 3, 3] WHAT"; says where A was made. */
bool mat_fail(Run *r, int64_t k, DiagCode code, const char *what, const char *hint);
bool lapack_int(State *S, const char *what, int64_t n); /* fits in LAPACK's integers */

/* As dpotrf with "U", in blocks: the limits are looked at, and false says that one was reached. */
bool potrf_upper(State *S, DType d, int64_t n, void *a, int *info);

/* ---- kernels that others build on: row-major, work dtype d (f64 where loops do it) ---- */
/* A [m, n] becomes its factors, the unit lower triangle below the diagonal; A[perm] = L U. Sign of the permutation, 0:
** out of memory, or a limit is reached. Row-major in and out. */
int lu_rows(State *S, DType d, int64_t m, int64_t n, void *a, int64_t ld, int64_t *perm);
int64_t lu_singular(DType d, const void *a, int64_t n, int64_t ld); /* first pivot that is nothing but rounding, or -1 */
/* op(T) X = B, in place of B [n, m]; false: stopped by a limit */
bool tri_rows(State *S, DType d, bool lower, bool trans, bool unit, int64_t n, const void *t, int64_t ld, int64_t m,
              void *b);
/* Makes the columns of A [rows, cols] (by columns, rows >= cols) orthonormal, R's diagonal positive; false: no library.
 */
bool lapack_orthonormal(State *S, double *a, int64_t rows, int64_t cols);

/* ---- shape rules ---- */
DType mat_float(State *S, Value v);
bool mat_infer(Infer *f, bool square); /* x[0] is a matrix or a batch of them: dtype, rank and shape of it */

/* ---- rules ---- */
static inline int64_t r_dim(Value v, int from_end) { return val_shape(v)[val_rank(v) - from_end]; }
Value r_part(Rule *r, Value v, int axis_from_end, int64_t start, int64_t count); /* keeps the axis; NIL: NIL */
Value r_pick(Rule *r, Value v, int axis_from_end, int64_t at);                   /* drops it */
Value r_join(Rule *r, int axis_from_end, const Value *v, int n);
Value r_eye(Rule *r, Value like, int64_t n); /* [1..., n, n] of like's rank and dtype */
Value r_tril(Rule *r, Value v, int64_t k);
Value r_triu(Rule *r, Value v, int64_t k);
Value r_diag(Rule *r, Value v);                  /* [..., n] of [..., n, n] */
Value r_undiag(Rule *r, Value v, int64_t n);     /* and back */
Value r_scalar_of(Rule *r, Value v, Value like); /* [batch...], or a number, as [batch..., 1, 1] beside matrices like */
Value r_inner(Rule *r, Value a, Value b);        /* sum of a * b over the last two axes, which stay with size 1 */
Value r_trisolve(Rule *r, Value t, Value b, bool lower, bool trans);
Value r_plus(Rule *r, Value a, Value b);       /* a + b, where NIL is nothing */
Value r_chain_div(Rule *r, Value dy, Value q); /* dy / q, 0 where dy is 0 */
static inline Value r_t(Rule *r, Value a) { return r_swap(r, a); }
static inline Value r_mm3(Rule *r, Value a, Value b, Value c) { return r_matmul(r, r_matmul(r, a, b), c); }
#endif
