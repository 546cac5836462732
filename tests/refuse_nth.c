/* SPDX-License-Identifier: MIT
 *
 * refuse_nth.c - loaded before the command (LD_PRELOAD), it refuses the allocation of number REFUSE_NTH, from 1 on.
 */
#include <stddef.h>
#include <stdlib.h>

void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);

static int is_refused(void)
{
    static long count;
    const char *nth = getenv("REFUSE_NTH");
    return nth && ++count == atol(nth);
}

void *malloc(size_t bytes) { return is_refused() ? NULL : __libc_malloc(bytes); }
void *calloc(size_t count, size_t bytes) { return is_refused() ? NULL : __libc_calloc(count, bytes); }
