/* file.c -- whole files in and out: through gzip, and atomically.
**
** A file is replaced like this, so that whatever fails, and whenever the process is killed, one of the two stands there
** whole:
**
**   where the name points    through symbolic links, which stay
**   name.tmpXXXXXX beside    a rename stays within one file system; it has the replaced file's permissions
**   write, sync, close       any failure: the new file is removed, the old one was not touched
**   rename, sync the folder  the new name survives a crash of the machine
**
** Only kill -9 and crashes leave a name.tmpXXXXXX behind.
** SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>
#include "stdlib/file.h"

enum { CHUNK = 1 << 22, LINKS_MOST = 40 }; /* bytes between looks at the limits */

bool file_allowed(State *S, const char *path)
{
    if (!S->sandbox) return true;
    return diag_fail(S, DIAG_SANDBOX, "the sandbox does not open files: \"%s\"", path);
}

bool file_read(State *S, const char *path, File *out)
{
    *out = (File){0};
    if (!file_allowed(S, path)) return false;
    struct stat st = {0};
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return diag_fail(S, DIAG_IO, "cannot read \"%s\": it is a folder", path);
    gzFile f = gzopen(path, "rb");
    if (!f) {
        int err = errno;
        diag_fail(S, DIAG_IO, "cannot open \"%s\": %s", path, strerror(err));
        if (err == ENOENT && path[0] != '/')
            diag_hint(S, "relative paths start at the working folder; here(\"...\") is beside the script");
        return false;
    }
    gzbuffer(f, 1 << 17);
    size_t want = st.st_size > 0 && st.st_size < (off_t)1 << 40 ? (size_t)st.st_size + 1 : 0;
    for (;;) {
        if (out->len + 1 >= out->cap) {
            size_t cap = out->cap ? out->cap * 2 : want > 4096 ? want + 1 : 4096;
            char *p = mem_realloc(S, out->p, out->cap, cap);
            if (!p) break;
            out->p = p;
            out->cap = cap;
        }
        size_t room = out->cap - out->len - 1;
        int got = gzread(f, out->p + out->len, room > CHUNK ? (unsigned)CHUNK : (unsigned)room);
        if (got < 0) {
            int code;
            diag_fail(S, DIAG_FORMAT, "cannot read \"%s\": %s", path, gzerror(f, &code));
            break;
        }
        out->len += (size_t)got;
        if (got == 0) {
            int code = gzclose(f);
            out->p[out->len] = 0;
            if (code == Z_OK) return true;
            diag_fail(S, DIAG_FORMAT, "\"%s\" is cut off or damaged", path);
            file_free(S, out);
            return false;
        }
        if (!vm_check(S)) break;
    }
    gzclose(f);
    file_free(S, out);
    return false;
}

void file_free(State *S, File *f)
{
    mem_free(S, f->p, f->cap);
    *f = (File){0};
}

/* ---- writing ---- */

/* The next n bytes, and the limits looked at: false with errno set, or with the error set. */
static bool write_plain(State *S, int fd, const char *p, size_t n)
{
    while (n) {
        ssize_t k = write(fd, p, n > CHUNK ? CHUNK : n);
        if (k < 0 && errno == EINTR) continue;
        if (k == 0) errno = EIO;
        if (k <= 0 || !vm_check(S)) return false;
        p += k;
        n -= (size_t)k;
    }
    return true;
}

static bool write_packed(State *S, int fd, const char *p, size_t n)
{
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    gzFile g = copy >= 0 ? gzdopen(copy, "wb6") : NULL;
    if (!g) {
        if (copy >= 0) close(copy);
        return false;
    }
    bool ok = true;
    while (ok && n) {
        unsigned k = n > CHUNK ? (unsigned)CHUNK : (unsigned)n;
        ok = gzwrite(g, p, k) == (int)k && vm_check(S);
        p += k;
        n -= k;
    }
    int err = errno;
    if (gzclose(g) != Z_OK && ok) return false;
    errno = err;
    return ok;
}

/* A device or a pipe (/dev/stdout) is no file that could be replaced: it is written to. */
static bool write_special(State *S, const char *path, const void *data, size_t len)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    bool ok = fd >= 0 && write_plain(S, fd, data, len);
    int err = errno;
    if (fd >= 0 && close(fd) != 0 && ok) {
        err = errno;
        ok = false;
    }
    return ok || S->err ? ok : diag_fail(S, DIAG_IO, "cannot write \"%s\": %s", path, strerror(err));
}

/* Where a name points through symbolic links, the last of which may dangle; owned, of *cap bytes. */
static char *through_links(State *S, const char *path, size_t *cap)
{
    enum { ROOM = 4096 };
    *cap = ROOM;
    char *at = mem_alloc(S, ROOM), *to = mem_alloc(S, ROOM);
    int err = strlen(path) < ROOM ? 0 : ENAMETOOLONG;
    if (at && to && !err) strcpy(at, path);
    for (int n = 0; at && to && !err; n++) {
        struct stat st;
        if (lstat(at, &st) != 0 || !S_ISLNK(st.st_mode)) break; /* a file, or none yet: opening it says what is wrong */
        ssize_t k = n < LINKS_MOST ? readlink(at, to, ROOM - 1) : (errno = ELOOP, -1);
        if (k < 0) {
            err = errno;
            break;
        }
        to[k] = 0;
        char *slash = to[0] == '/' ? NULL : strrchr(at, '/');
        size_t keep = slash ? (size_t)(slash - at) + 1 : 0;
        if (keep + (size_t)k >= ROOM) err = ENAMETOOLONG;
        else memcpy(at + keep, to, (size_t)k + 1);
    }
    mem_free(S, to, ROOM);
    if (at && to && !err) return at;
    mem_free(S, at, ROOM);
    if (!S->err) diag_fail(S, DIAG_IO, "cannot write \"%s\": %s", path, strerror(err));
    return NULL;
}

/* A new file beside `path`; its name goes to tmp. The umask holds, which mkstemp would ignore. */
static int open_beside(const char *path, char *tmp, size_t cap)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    uint64_t word = (uint64_t)t.tv_nsec << 20 ^ (uint64_t)t.tv_sec ^ (uint64_t)getpid() << 40;
    for (int tries = 0;; tries++) {
        uint32_t w[4];
        rng_block(word, (uintptr_t)tmp, (uint64_t)tries, w);
        snprintf(tmp, cap, "%s.tmp%06x", path, w[0] & 0xFFFFFF);
        int fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
        if (fd >= 0 || errno != EEXIST || tries == 100) return fd;
    }
}

/* So that a crash of the machine does not bring the old file back. Some file systems cannot, and say EINVAL. */
static bool sync_folder(char *path)
{
    char *slash = strrchr(path, '/');
    if (slash) slash[slash == path] = 0;
    int dir = open(slash ? path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0) return errno == EACCES; /* a folder may be written and not read */
    bool ok = fsync(dir) == 0 || errno == EINVAL || errno == EROFS;
    int err = errno;
    close(dir);
    errno = err;
    return ok;
}

/* Fills, syncs and closes the new file; with the owner and permissions of the one it replaces, where that is allowed. */
static bool fill(State *S, int fd, const struct stat *old, bool packed, const void *data, size_t len)
{
    bool ok = true;
    if (old) {
        if (old->st_uid != geteuid() || old->st_gid != getegid())
            ok = fchown(fd, old->st_uid, old->st_gid) == 0 || errno == EPERM;
        ok = ok && fchmod(fd, old->st_mode & 07777) == 0;
    }
    errno = ok ? 0 : errno;
    ok = ok && (packed ? write_packed(S, fd, data, len) : write_plain(S, fd, data, len)) && fsync(fd) == 0;
    int err = errno;
    if (close(fd) != 0 && ok) return false;
    errno = err;
    return ok;
}

bool file_write(State *S, const char *path, const void *data, size_t len)
{
    if (!file_allowed(S, path)) return false;
    struct stat st;
    bool old = stat(path, &st) == 0;
    if (old && S_ISDIR(st.st_mode)) return diag_fail(S, DIAG_IO, "cannot write \"%s\": it is a folder", path);
    if (old && !S_ISREG(st.st_mode)) return write_special(S, path, data, len);
    size_t n, cap;
    char *real = through_links(S, path, &cap);
    if (!real) return false;
    n = strlen(real) + 12;
    char *tmp = mem_alloc(S, n);
    int fd = tmp ? open_beside(real, tmp, n) : -1;
    if (tmp && fd < 0) {
        int err = errno;
        diag_fail(S, DIAG_IO, "cannot write beside \"%s\": %s", path, strerror(err));
        if (err == ENOENT) diag_hint(S, "the folder has to be there; relative paths start at the working folder");
    }
    bool ok = fd >= 0;
    if (ok) {
        size_t k = strlen(path);
        ok = fill(S, fd, old ? &st : NULL, k > 3 && !strcmp(path + k - 3, ".gz"), data, len) && rename(tmp, real) == 0;
        int err = errno ? errno : EIO; /* zlib does not always say why */
        if (!ok) {
            unlink(tmp);
            if (!S->err) diag_fail(S, DIAG_IO, "cannot write \"%s\": %s", path, strerror(err));
        } else if (!sync_folder(real)) {
            ok = diag_fail(S, DIAG_IO, "\"%s\" is written, but its folder cannot be synced: %s", path, strerror(errno));
        }
    }
    mem_free(S, tmp, n);
    mem_free(S, real, cap);
    return ok;
}
