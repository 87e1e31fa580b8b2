/* file.h -- whole files in and out, for the readers and writers of stdlib/.
**
** SPDX-License-Identifier: MIT */
#ifndef DSC_FILE_H
#define DSC_FILE_H
#include "runtime/builtin.h"

typedef struct File {
    char *p;
    size_t len, cap;
} File; /* a NUL stands after len */

/* May files be opened at all? False with the error set in the sandbox. */
bool file_allowed(State *S, const char *path);
/* Reads a file whole, through gzip when it is compressed. Refused in the sandbox. */
bool file_read(State *S, const char *path, File *out);
void file_free(State *S, File *f);
/* Writes beside, syncs, renames: the old file stays whole until the new one is (file.c). Compressed when path ends in
** .gz. */
bool file_write(State *S, const char *path, const void *data, size_t len);
bool path_ends(const char *path, const char *ext); /* ".csv", ignoring case and a trailing .gz */

/* csv.c */
bool csv_read(State *S, const char *path, bool header, Value *out);
bool csv_set(State *S, const char *path, const Str *target, Value *out); /* (x:, y:) */
bool csv_write(State *S, const char *path, Value v);
/* npy.c */
bool npy_read(State *S, const char *path, Value *out);
bool npz_read(State *S, const char *path, Value *out);
bool npy_write(State *S, const char *path, Value v);
bool npz_write(State *S, const char *path, Value v);
/* idx.c */
bool idx_read(State *S, const char *path, Value *out);
bool idx_write(State *S, const char *path, Value v);
/* safetensors.c */
bool safetensors_read(State *S, const char *path, Value *out);
bool safetensors_parse(State *S, const char *path, const char *bytes, size_t len, Value *out);
/* The structure of a tree as JSON text, and its tensors as a named list (owned); and the tree of the two. */
bool tree_to_text(State *S, Value v, Buf *text, List **leaves);
bool tree_from_text(State *S, const char *path, const char *text, size_t len, const List *leaves, Value *out);
bool safetensors_write(State *S, const char *path, Value v);
/* json.c */
bool json_read(State *S, const char *path, Value *out);
bool json_write(State *S, const char *path, Value v);
/* wav.c */
bool wav_read(State *S, const char *path, Value *out);
bool wav_write(State *S, const char *path, Value v);
/* image.c */
bool png_read(State *S, const char *path, Value *out);
bool png_write(State *S, const char *path, Value v);
bool jpeg_read(State *S, const char *path, Value *out);
#endif
