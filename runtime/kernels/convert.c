/* convert.c -- loops from one element type to another, and the check that nothing is lost by surprise.
** SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>
#include "runtime/kernels/kernels.h"

static inline int64_t whole_i64(double v)
{
    if (v != v) return 0;
    if (v >= 0x1p63) return INT64_MAX;
    return v < -0x1p63 ? INT64_MIN : (int64_t)v;
}
static inline int32_t whole_i32(double v)
{
    if (v != v) return 0;
    if (v >= 0x1p31) return INT32_MAX;
    return v <= -0x1p31 ? INT32_MIN : (int32_t)v;
}
static inline uint8_t whole_u8(double v)
{
    if (!(v > 0)) return 0;
    return v >= 255 ? 255 : (uint8_t)v;
}
static inline int32_t narrow_i32(int64_t v)
{
    return v > INT32_MAX ? INT32_MAX : v < INT32_MIN ? INT32_MIN : (int32_t)v;
}
static inline uint8_t narrow_u8(int64_t v) { return v > 255 ? 255 : v < 0 ? 0 : (uint8_t)v; }

#define LOOP(T, R, E)                                                                                                  \
    do {                                                                                                               \
        const T *a = x;                                                                                                \
        R *out = y;                                                                                                    \
        if (stride == 1)                                                                                               \
            for (int64_t i = 0; i < n; i++) {                                                                          \
                T u = a[i];                                                                                            \
                out[i] = (R)(E);                                                                                       \
            }                                                                                                          \
        else                                                                                                           \
            for (int64_t i = 0; i < n; i++) {                                                                          \
                T u = a[i * stride];                                                                                   \
                out[i] = (R)(E);                                                                                       \
            }                                                                                                          \
        return;                                                                                                        \
    } while (0)
#define FROM_FLOAT(T)                                                                                                  \
    switch (to) {                                                                                                      \
    case DT_F64: LOOP(T, double, u);                                                                                   \
    case DT_F32: LOOP(T, float, u);                                                                                    \
    case DT_I64: LOOP(T, int64_t, whole_i64(u));                                                                       \
    case DT_I32: LOOP(T, int32_t, whole_i32(u));                                                                       \
    case DT_U8: LOOP(T, uint8_t, whole_u8(u));                                                                         \
    case DT_BOOL: LOOP(T, uint8_t, u != 0);                                                                            \
    case DT_COUNT: break;                                                                                              \
    }                                                                                                                  \
    return
#define FROM_INT(T)                                                                                                    \
    switch (to) {                                                                                                      \
    case DT_F64: LOOP(T, double, u);                                                                                   \
    case DT_F32: LOOP(T, float, u);                                                                                    \
    case DT_I64: LOOP(T, int64_t, u);                                                                                  \
    case DT_I32: LOOP(T, int32_t, narrow_i32(u));                                                                      \
    case DT_U8: LOOP(T, uint8_t, narrow_u8(u));                                                                        \
    case DT_BOOL: LOOP(T, uint8_t, u != 0);                                                                            \
    case DT_COUNT: break;                                                                                              \
    }                                                                                                                  \
    return

void convert_loop(DType to, void *y, DType from, const void *x, int64_t stride, int64_t n)
{
    if (to == from && stride == 1) {
        memcpy(y, x, (size_t)n * dtype_size[to]);
        return;
    }
    switch (from) {
    case DT_F64: FROM_FLOAT(double);
    case DT_F32: FROM_FLOAT(float);
    case DT_I64: FROM_INT(int64_t);
    case DT_I32: FROM_INT(int32_t);
    case DT_U8: FROM_INT(uint8_t);
    case DT_BOOL: FROM_INT(uint8_t);
    case DT_COUNT: break;
    }
}

#define FIND(T, E)                                                                                                     \
    do {                                                                                                               \
        const T *a = x;                                                                                                \
        for (int64_t i = 0; i < n; i++) {                                                                              \
            T u = a[i * stride];                                                                                       \
            if (!(E)) return i;                                                                                        \
        }                                                                                                              \
        return -1;                                                                                                     \
    } while (0)
#define FIND_INT(T)                                                                                                    \
    switch (to) {                                                                                                      \
    case DT_I64: FIND(T, u >= -0x1p63 && u < 0x1p63);                                                                  \
    case DT_I32: FIND(T, u > -0x1p31 - 1 && u < 0x1p31);                                                               \
    case DT_U8: FIND(T, u > -1 && u < 256);                                                                            \
    case DT_F64:                                                                                                       \
    case DT_F32:                                                                                                       \
    case DT_BOOL:                                                                                                      \
    case DT_COUNT: break;                                                                                              \
    }                                                                                                                  \
    return -1

int64_t convert_check(DType to, DType from, const void *x, int64_t stride, int64_t n)
{
    switch (from) {
    case DT_F64: FIND_INT(double);
    case DT_F32: FIND_INT(float);
    case DT_I64:
        if (to == DT_I32) FIND(int64_t, u >= INT32_MIN && u <= INT32_MAX);
        if (to == DT_U8) FIND(int64_t, u >= 0 && u <= 255);
        return -1;
    case DT_I32:
        if (to == DT_U8) FIND(int32_t, u >= 0 && u <= 255);
        return -1;
    case DT_U8:
    case DT_BOOL:
    case DT_COUNT: break;
    }
    return -1;
}
