/* SPDX-License-Identifier: MIT
 *
 * golden.h - the files of tests/golden, built into the tests. See golden/pytorch/README.md.
 */
#ifndef GOLDEN_H
#define GOLDEN_H

#include <stddef.h>

typedef struct { const char *name; const unsigned char *bytes; size_t size; } golden_file; /* name without folder and suffix */
extern const golden_file golden_files[]; /* closed by a NULL name */

#endif
