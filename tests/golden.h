/* SPDX-License-Identifier: MIT
 *
 * golden.h - files of tests/golden, built into the tests. See the READMEs in its folders.
 */
#ifndef GOLDEN_H
#define GOLDEN_H

#include <stddef.h>

/* The name is without folder and suffix. Each table is closed by a NULL name. */
typedef struct { const char *name; const unsigned char *bytes; size_t size; } golden_file;
extern const golden_file golden_files[];       /* golden/ and golden/pytorch/ */
extern const golden_file golden_patterns[];    /* golden/patterns/ */
extern const golden_file golden_computed[];    /* golden/computed/, by the names of the networks */
extern const golden_file golden_checkpoints[]; /* golden/checkpoints/ */

#endif
