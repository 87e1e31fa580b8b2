/* products.c -- our loops for matrix products beside OpenBLAS and oneDNN, in GFLOP/s on one thread, shape by shape: where
** the numbers in runtime/ops/gemm.c come from.
**
** Build: cc -O2 -std=gnu11 -I. tests/bench/products.c runtime/kernels/products_base.c runtime/kernels/products_v3.c \
**            runtime/kernels/products_v4.c -O3 -ffp-contract=off -ldl -o products
** Usage: products [f64] [base|v3|v4] [M,N,K[,NN|NT|TN]]...     T: stored transposed; without shapes, a table of them
** Each figure is the best of several rounds in which all take turns, by processor time.
** SPDX-License-Identifier: MIT */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "runtime/kernels/products.h"

enum { OURS, BLAS, DNNL, WAYS };
typedef void (*Sgemm)(int, int, int, int, int, int, float, const float *, int, const float *, int, float, float *, int);
typedef void (*Dgemm)(int, int, int, int, int, int, double, const double *, int, const double *, int, double, double *,
                      int);
typedef int (*Dnnl)(char, char, int64_t, int64_t, int64_t, float, const float *, int64_t, const float *, int64_t, float,
                    float *, int64_t);

typedef struct Bench {
    bool wide;
    const ProductLoops *ours;
    Sgemm sgemm;
    Dgemm dgemm;
    Dnnl dnnl;
    void *a, *b, *c;
    int64_t m, n, k;
    bool ta, tb;
} Bench;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool product(const Bench *w, int way)
{
    int64_t m = w->m, n = w->n, k = w->k, lda = w->ta ? m : k, ldb = w->tb ? k : n;
    int ta = w->ta ? 112 : 111, tb = w->tb ? 112 : 111;
    size_t size = w->wide ? 8 : 4;
    if (way == OURS) {
        const ProductLoops *p = w->ours;
        if (n == 1 && !w->ta) p->rows(m, k, 1, w->a, lda, w->b, false, w->c);
        else if (m == 1 && w->tb) p->rows(n, k, 1, w->b, ldb, w->a, false, w->c);
        else if (n == 1 || m == 1) {
            memset(w->c, 0, (size_t)(m * n) * size);
            if (n == 1) p->columns(k, m, w->a, lda, w->b, w->c);
            else p->columns(k, n, w->b, ldb, w->a, w->c);
        } else
            p->gemm(m, n, k, 1, w->a, w->ta ? 1 : lda, w->ta ? lda : 1, w->b, w->tb ? 1 : ldb, w->tb ? ldb : 1, false,
                    w->c, n);
    } else if (way == BLAS && w->wide && w->dgemm) {
        w->dgemm(101, ta, tb, (int)m, (int)n, (int)k, 1, w->a, (int)lda, w->b, (int)ldb, 0, w->c, (int)n);
    } else if (way == BLAS && !w->wide && w->sgemm) {
        w->sgemm(101, ta, tb, (int)m, (int)n, (int)k, 1, w->a, (int)lda, w->b, (int)ldb, 0, w->c, (int)n);
    } else if (way == DNNL && !w->wide && w->dnnl) {
        w->dnnl(w->ta ? 'T' : 'N', w->tb ? 'T' : 'N', m, n, k, 1, w->a, lda, w->b, ldb, 0, w->c, n);
    } else {
        return false;
    }
    return true;
}

static void *numbers(const Bench *w, int64_t n)
{
    void *p = aligned_alloc(64, ((size_t)n * 8 + 127) & ~(size_t)63);
    for (int64_t i = 0; p && i < n; i++) {
        if (w->wide) ((double *)p)[i] = (double)(i * 7 % 13 - 6);
        else ((float *)p)[i] = (float)(i * 7 % 13 - 6);
    }
    return p;
}

static void measure(Bench *w, const char *shape)
{
    char form[3] = "NN";
    if (sscanf(shape, "%ld,%ld,%ld,%2s", &w->m, &w->n, &w->k, form) < 3) return;
    w->ta = form[0] == 'T';
    w->tb = form[1] == 'T';
    w->a = numbers(w, w->m * w->k);
    w->b = numbers(w, w->k * w->n);
    w->c = numbers(w, w->m * w->n);
    double flops = 2.0 * (double)w->m * (double)w->n * (double)w->k, best[WAYS];
    int times = flops < 2e7 ? (int)(2e7 / flops) : 1, rounds = flops > 1e9 ? 4 : 12;
    printf("%22s", shape);
    for (int r = 0; w->a && w->b && w->c && r <= rounds; r++)
        for (int way = 0; way < WAYS; way++) {
            double t = now();
            for (int i = 0; i < times; i++) product(w, way);
            t = (now() - t) / times;
            if (r <= 1 || t < best[way]) best[way] = t; /* the first round warms up */
        }
    for (int way = 0; way < WAYS; way++)
        if (product(w, way)) printf("%10.1f", flops / best[way] * 1e-9);
        else printf("%10s", "-");
    printf("\n");
    free(w->a);
    free(w->b);
    free(w->c);
}

int main(int argc, char **argv)
{
    static const char *const table[] = {"8,8,8",          "32,32,32",        "64,64,64",        "64,64,64,NT",
                                        "128,128,128",    "256,256,256",     "512,512,512",     "128,512,784",
                                        "32,1024,320",    "32,320,1024,NT",  "64,2304,768",     "2048,64,1024",
                                        "784,512,128,TN", "128,512,2048,TN", "2048,128,512,NT", "64,768,3072,NT",
                                        "64,50304,768",   "64,768,50304,NT", "768,50304,64,TN", "569,1,30",
                                        "30,1,569,TN",    "100000,1,100",    "100,1,100000,TN", "1,1024,1024,NT"};
    setenv("OMP_NUM_THREADS", "1", 1);
    Bench w = {0};
    int i = 1;
    if (i < argc && !strcmp(argv[i], "f64")) w.wide = true, i++;
    w.ours = products_pick(0, !w.wide);
    if (i < argc && !strcmp(argv[i], "base")) w.ours = &products_base[!w.wide], i++;
    else if (i < argc && !strcmp(argv[i], "v3")) w.ours = &products_v3[!w.wide], i++;
    else if (i < argc && !strcmp(argv[i], "v4")) w.ours = &products_v4[!w.wide], i++;
    void *blas = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL),
         *dnnl = dlopen("libdnnl.so.2", RTLD_NOW | RTLD_LOCAL);
    if (blas) *(void **)&w.sgemm = dlsym(blas, "cblas_sgemm"), *(void **)&w.dgemm = dlsym(blas, "cblas_dgemm");
    if (dnnl) *(void **)&w.dnnl = dlsym(dnnl, "dnnl_sgemm");
    printf("%22s%10s%10s%10s\n", "M,N,K", "ours", "OpenBLAS", "oneDNN");
    if (i < argc)
        for (; i < argc; i++) measure(&w, argv[i]);
    else
        for (size_t t = 0; t < sizeof table / sizeof *table; t++) measure(&w, table[t]);
    return 0;
}
