/* SPDX-License-Identifier: MIT
 *
 * refuse_nth.c - loaded before the command (LD_PRELOAD), it refuses the allocation of number REFUSE_NTH, from 1 on.
 */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *p, size_t bytes);

static int is_refused(void)
{
    static long count;
    const char *nth = getenv("REFUSE_NTH");
    if (!nth || ++count != atol(nth))
        return 0;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t bytes) { return is_refused() ? NULL : __libc_malloc(bytes); }
void *calloc(size_t count, size_t bytes) { return is_refused() ? NULL : __libc_calloc(count, bytes); }
void *realloc(void *p, size_t bytes) { return is_refused() ? NULL : __libc_realloc(p, bytes); }
