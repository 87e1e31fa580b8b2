/* idx.c -- the IDX format of the MNIST files: big-endian, any rank, elements u8 i8 i16 i32 f32 f64.
**
** cite  LeCun, Cortes, Burges, "The MNIST database": http://yann.lecun.com/exdb/mnist
** SPDX-License-Identifier: MIT */
#include <string.h>
#include "stdlib/file.h"

static uint64_t big(const uint8_t *p, size_t n)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++) v = v << 8 | p[i];
    return v;
}

bool idx_read(State *S, const char *path, Value *out)
{
    File f;
    if (!file_read(S, path, &f)) return false;
    const uint8_t *p = (const uint8_t *)f.p;
    int64_t shape[RANK_MAX];
    int rank = f.len >= 4 ? p[3] : 0;
    bool ok = f.len >= 4 && p[0] == 0 && p[1] == 0 && rank >= 1 && rank <= RANK_MAX && f.len >= 4 + 4 * (size_t)rank;
    DType dt = DT_U8;
    size_t size = 1;
    if (ok) {
        switch (p[2]) {
        case 0x08: break;
        case 0x09: dt = DT_I32; break;
        case 0x0B: dt = DT_I32, size = 2; break;
        case 0x0C: dt = DT_I32, size = 4; break;
        case 0x0D: dt = DT_F32, size = 4; break;
        case 0x0E: dt = DT_F64, size = 8; break;
        default: ok = false;
        }
    }
    int64_t n = 0;
    if (ok) {
        for (int k = 0; k < rank; k++) shape[k] = (int64_t)big(p + 4 + 4 * k, 4);
        n = shape_count(S, rank, shape);
        if (n < 0) {
            file_free(S, &f);
            return false;
        }
        ok = (uint64_t)n <= (f.len - 4 - 4 * (size_t)rank) / size;
    }
    if (!ok) {
        file_free(S, &f);
        return diag_fail(S, DIAG_FORMAT, "\"%s\" is no usable IDX file", path);
    }
    Tensor *t = tensor_new(S, dt, rank, shape);
    if (t) {
        const uint8_t *d = p + 4 + 4 * rank;
        for (int64_t i = 0; i < n; i++) {
            uint64_t v = big(d + (size_t)i * size, size);
            switch (p[2]) {
            case 0x08: ((uint8_t *)t->st->data)[i] = (uint8_t)v; break;
            case 0x09: ((int32_t *)t->st->data)[i] = (int8_t)v; break;
            case 0x0B: ((int32_t *)t->st->data)[i] = (int16_t)v; break;
            case 0x0C: ((int32_t *)t->st->data)[i] = (int32_t)v; break;
            case 0x0D: {
                uint32_t w = (uint32_t)v;
                memcpy((float *)t->st->data + i, &w, 4);
                break;
            }
            case 0x0E: memcpy((double *)t->st->data + i, &v, 8); break;
            default: break;
            }
        }
        *out = val_obj(T_TENSOR, t);
    }
    file_free(S, &f);
    return t != NULL;
}

bool idx_write(State *S, const char *path, Value v)
{
    static const uint8_t code[DT_COUNT] = {0x0E, 0x0D, 0, 0x0C, 0x08, 0x08};
    if (v.tag != T_TENSOR || v.t->dtype == DT_I64) {
        diag_fail(S, DIAG_SAVE, "IDX holds one tensor of u8, bool, i32, f32 or f64, not %s", type_name(S, v));
        return false;
    }
    for (int k = 0; k < v.t->rank; k++)
        if (tensor_shape(v.t)[k] > UINT32_MAX)
            return diag_fail(S, DIAG_SAVE, "IDX holds at most 2^32 - 1 rows along an axis");
    Tensor *t = tensor_contiguous(S, v.t);
    if (!t) return false;
    Buf b;
    buf_init(&b, S);
    char head[4] = {0, 0, (char)code[t->dtype], (char)t->rank};
    buf_put(&b, head, 4);
    for (int k = 0; k < t->rank; k++) {
        uint32_t d = (uint32_t)tensor_shape(t)[k];
        char w[4] = {(char)(d >> 24), (char)(d >> 16), (char)(d >> 8), (char)d};
        buf_put(&b, w, 4);
    }
    size_t size = dtype_size[t->dtype];
    const uint8_t *p = (const uint8_t *)t->st->data + (size_t)t->offset * size;
    for (int64_t i = 0; i < t->n; i++)
        for (size_t k = size; k-- > 0;) buf_put(&b, (const char *)p + (size_t)i * size + k, 1);
    obj_release(S, t);
    bool ok = !b.failed && file_write(S, path, b.p, b.len);
    buf_deinit(&b);
    return ok;
}
