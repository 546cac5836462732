/* SPDX-License-Identifier: MIT
 *
 * weights.h - a network's tensors as a file has them, for a file that has further tensors. For files see rnn.h.
 */
#ifndef WEIGHTS_H
#define WEIGHTS_H

#include "model.h"
#include "safetensors.h"

enum { MAX_STACKS = 4, MAX_PREFIX = 32, MAX_PREFIXED = MAX_PREFIX + MAX_NAME + 8, MAX_MORE = 16 };

/* rnn_model_load of a stack that reads V_in tokens and writes V_out; there is no other one under its prefix. */
rnn_model *load_fitting(const void *safetensors, size_t bytes, const char *prefix, int V_in, int V_out);

/* A copy in float32, with the values that int8 weights have. NULL on error. */
rnn_model *copy_as_float(const rnn_model *m);

/* Whether a tensor is one of the plain bytes that a file may have beside its stacks. */
int is_of_file(const st_tensor *t);

/* The error of a tensor that nothing here understands. */
int refuse_tensor(const char *prefix, const char *name);

/* A file of `count` stacks, each with its prefix. more: further tensors of each, counts[i] of stack i, whose names get
 * its prefix too; they come first. NULL: none. */
typedef struct {
    int count;
    const rnn_model *const *m;
    const char *const *prefixes;
    const rnn_vocab *v, *labels; /* or NULL */
    const st_tensor *more;
    const int *counts;
} stacks_file;

/* Returns the bytes, writes them if they fit into room. 0 on error. */
size_t write_stacks(const stacks_file *f, const char *meta, void *out, size_t room);

#endif
