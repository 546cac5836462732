/* SPDX-License-Identifier: MIT
 *
 * weights.h - a network's tensors as a file has them, for a file that has further tensors. For files see rnn.h.
 */
#ifndef WEIGHTS_H
#define WEIGHTS_H

#include "model.h"
#include "safetensors.h"

enum { MAX_FILE_TENSORS = 2 * MAX_MODEL_TENSORS + 1 };
enum { MAX_STACKS = 4, MAX_PREFIX = 32, MAX_PREFIXED = MAX_PREFIX + MAX_NAME + 8 };

/* The tensors of the network's file: its own and, unless v is NULL, the vocabulary. Returns how many. */
int model_file(const rnn_model *m, const rnn_vocab *v, st_tensor *out);

#endif
