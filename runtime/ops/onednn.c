/* onednn.c -- finding oneDNN, and its single-precision product.
**
** The product runs on one thread whoever calls: inside of a parallel region the library does so by itself, outside of
** one the caller's number of threads is set to 1 around the call. That number comes from the library's own OpenMP,
** which is ours when both are libgomp. Our kernels cut the work over threads by its size.
** SPDX-License-Identifier: MIT */
#include "runtime/ops/onednn.h"

#ifdef NO_DNNL
bool onednn_open(State *S)
{
    (void)S;
    return false;
}
void onednn_sgemm(State *S, bool ta, bool tb, int64_t m, int64_t n, int64_t k, const float *a, int64_t lda,
                  const float *b, int64_t ldb, bool add, float *c, int64_t ldc)
{
    (void)S, (void)ta, (void)tb, (void)m, (void)n, (void)k, (void)a, (void)lda, (void)b, (void)ldb, (void)add;
    (void)c, (void)ldc; /* never called: onednn_open says no */
}
#else
#include <dlfcn.h>
#include <string.h>

bool onednn_open(State *S)
{
    Onednn *o = &S->onednn;
    if (o->looked) return o->found;
    o->looked = true;
    void *lib = dlopen("libdnnl.so.2", RTLD_NOW | RTLD_LOCAL);
    if (!lib) return false;
    *(void **)&o->sgemm = dlsym(lib, "dnnl_sgemm");
    *(void **)&o->most_threads = dlsym(lib, "omp_get_max_threads"); /* of a library it depends on */
    *(void **)&o->set_threads = dlsym(lib, "omp_set_num_threads");
    if (!o->most_threads || !o->set_threads) o->most_threads = NULL, o->set_threads = NULL; /* built without OpenMP */
    o->found = o->sgemm != NULL;
    return o->found;
}

/* What is left when the library has no memory for its own copies. */
static void by_hand(bool ta, bool tb, int64_t m, int64_t n, int64_t k, const float *a, int64_t lda, const float *b,
                    int64_t ldb, float *c, int64_t ldc)
{
    for (int64_t i = 0; i < m; i++)
        for (int64_t l = 0; l < k; l++) {
            float v = ta ? a[l * lda + i] : a[i * lda + l];
            for (int64_t j = 0; j < n; j++) c[i * ldc + j] += v * (tb ? b[j * ldb + l] : b[l * ldb + j]);
        }
}

void onednn_sgemm(State *S, bool ta, bool tb, int64_t m, int64_t n, int64_t k, const float *a, int64_t lda,
                  const float *b, int64_t ldb, bool add, float *c, int64_t ldc)
{
    const Onednn *o = &S->onednn;
    if (m <= 0 || n <= 0) return;
    if (k > 0) {
        int threads = o->most_threads ? o->most_threads() : 1;
        if (threads > 1) o->set_threads(1);
        int no = o->sgemm(ta ? 'T' : 'N', tb ? 'T' : 'N', m, n, k, 1.0F, a, lda, b, ldb, add ? 1.0F : 0.0F, c, ldc);
        if (threads > 1) o->set_threads(threads);
        if (!no) return;
    }
    if (!add)
        for (int64_t i = 0; i < m; i++) memset(c + i * ldc, 0, sizeof *c * (size_t)n);
    by_hand(ta, tb, m, n, k, a, lda, b, ldb, c, ldc);
}
#endif
