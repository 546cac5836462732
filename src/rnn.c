/* SPDX-License-Identifier: MIT
 *
 * rnn.c - what a caller without a C library needs, and what this library is.
 */
#include "rnn.h"
#include "vec.h"

#include <stdlib.h>

int rnn_version(void) { return 200; }
const char *rnn_isa(void) { return ISA; }
void *rnn_alloc(size_t bytes) { return malloc(bytes); }
void rnn_free(void *p) { free(p); }
