/* SPDX-License-Identifier: MIT
 *
 * allocations.h - what the library allocates, counted, and one allocation refused at will. The linker sends its malloc,
 * calloc and free here (--wrap).
 */
#ifndef ALLOCATIONS_H
#define ALLOCATIONS_H

#include <stddef.h>

static int refused = -1; /* which of the coming allocations fails; -1 = none */
static int allocations, live;
static size_t most_bytes;

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void __real_free(void *p);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void __wrap_free(void *p);

static int granted(size_t bytes)
{
    most_bytes = bytes > most_bytes ? bytes : most_bytes;
    return allocations++ != refused;
}

void *__wrap_malloc(size_t bytes)
{
    void *p = granted(bytes) ? __real_malloc(bytes) : NULL;
    live += p != NULL;
    return p;
}

void *__wrap_calloc(size_t count, size_t bytes)
{
    void *p = granted(count * bytes) ? __real_calloc(count, bytes) : NULL;
    live += p != NULL;
    return p;
}

void __wrap_free(void *p)
{
    live -= p != NULL;
    __real_free(p);
}

/* From here on nothing is refused and the counts begin anew. */
static void count_anew(void)
{
    refused = -1;
    allocations = 0;
    most_bytes = 0;
}

#endif
