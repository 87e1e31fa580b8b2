/* fail.c -- preloaded into the command: the FAIL_AT-th file operation below the folder FAIL_DIR fails with FAIL_ERRNO.
**
** Operations are those on names there and on files opened there. A write that is to fail writes half first, as a disk that
** fills up does. What was refused is said on file descriptor 9.
** SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool ours[1024]; /* file descriptors opened in FAIL_DIR */
static long count;

static bool below(const char *path)
{
    const char *dir = getenv("FAIL_DIR");
    return dir && path && !strncmp(path, dir, strlen(dir));
}

static bool mine(int fd) { return fd >= 0 && fd < 1024 && ours[fd]; }

/* Is this the one? */
static bool fails(bool concerned, const char *what)
{
    const char *at = getenv("FAIL_AT"), *err = getenv("FAIL_ERRNO");
    if (!concerned || !at || ++count != atol(at)) return false;
    dprintf(9, "%s\n", what);
    errno = err ? atoi(err) : EIO;
    return true;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int note(int fd, bool concerned)
{
    if (fd >= 0 && fd < 1024) ours[fd] = concerned;
    return fd;
}

#define OPEN(name)                                                                                                     \
    int name(const char *path, int flags, ...)                                                                         \
    {                                                                                                                  \
        va_list ap;                                                                                                    \
        va_start(ap, flags);                                                                                           \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(ap, mode_t) : 0;                                          \
        va_end(ap);                                                                                                    \
        return fails(below(path), #name) ? -1 : note(REAL(name)(path, flags, mode), below(path));                      \
    }
OPEN(open)
OPEN(open64)

#define DUP(name)                                                                                                      \
    int name(int fd, int cmd, ...)                                                                                     \
    {                                                                                                                  \
        va_list ap;                                                                                                    \
        va_start(ap, cmd);                                                                                             \
        void *arg = va_arg(ap, void *);                                                                                \
        va_end(ap);                                                                                                    \
        bool dup = cmd == F_DUPFD || cmd == F_DUPFD_CLOEXEC;                                                           \
        if (dup && fails(mine(fd), #name)) return -1;                                                                  \
        int r = REAL(name)(fd, cmd, arg);                                                                              \
        return dup ? note(r, mine(fd)) : r;                                                                            \
    }
DUP(fcntl)
DUP(fcntl64)

ssize_t write(int fd, const void *p, size_t n)
{
    if (fails(mine(fd), "write")) {
        int err = errno;
        if (n > 1) REAL(write)(fd, p, n / 2);
        errno = err;
        return -1;
    }
    return REAL(write)(fd, p, n);
}
ssize_t read(int fd, void *p, size_t n) { return fails(mine(fd), "read") ? -1 : REAL(read)(fd, p, n); }
int fsync(int fd) { return fails(mine(fd), "fsync") ? -1 : REAL(fsync)(fd); }
int fchmod(int fd, mode_t m) { return fails(mine(fd), "fchmod") ? -1 : REAL(fchmod)(fd, m); }
int fchown(int fd, uid_t u, gid_t g) { return fails(mine(fd), "fchown") ? -1 : REAL(fchown)(fd, u, g); }
int rename(const char *a, const char *b) { return fails(below(a), "rename") ? -1 : REAL(rename)(a, b); }
ssize_t readlink(const char *path, char *to, size_t n)
{
    return fails(below(path), "readlink") ? -1 : REAL(readlink)(path, to, n);
}
int close(int fd) /* it closes even when it fails */
{
    bool was = mine(fd);
    note(fd, false);
    int r = REAL(close)(fd);
    return fails(was, "close") ? -1 : r;
}
