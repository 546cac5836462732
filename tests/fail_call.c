/* SPDX-License-Identifier: MIT
 *
 * fail_call.c - loaded before the command (LD_PRELOAD), it lets the call of the name FAIL_CALL fail with FAIL_ERRNO.
 */
#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int fails(const char *call)
{
    const char *wanted = getenv("FAIL_CALL"), *number = getenv("FAIL_ERRNO");
    if (!wanted || !number || strcmp(wanted, call) != 0)
        return 0;
    errno = atoi(number);
    return 1;
}

int fsync(int fd) { return fails("fsync") ? -1 : (int)syscall(SYS_fsync, fd); }
int link(const char *old, const char *new) { return fails("link") ? -1 : linkat(AT_FDCWD, old, AT_FDCWD, new, 0); }
int rename(const char *old, const char *new) { return fails("rename") ? -1 : renameat(AT_FDCWD, old, AT_FDCWD, new); }
int fstat(int fd, struct stat *s) { return fails("fstat") ? -1 : fstatat(fd, "", s, AT_EMPTY_PATH); }
int stat(const char *path, struct stat *s) { return fails("stat") ? -1 : fstatat(AT_FDCWD, path, s, 0); }

/* It is closed all the same. */
int close(int fd)
{
    int code = (int)syscall(SYS_close, fd);
    return fails("close") ? -1 : code;
}

/* Of all that it does only the lock fails. */
int fcntl(int fd, int what, ...)
{
    va_list args;
    va_start(args, what);
    void *argument = va_arg(args, void *);
    va_end(args);
    return what == F_SETLK && fails("fcntl") ? -1 : (int)syscall(SYS_fcntl, fd, what, argument);
}
