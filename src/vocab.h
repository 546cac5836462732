/* SPDX-License-Identifier: MIT
 *
 * vocab.h - a vocabulary as the list that a file holds. For rnn.h's functions see there.
 */
#ifndef VOCAB_H
#define VOCAB_H

#include "rnn.h"

/* All tokens in the order of their ids, each ended by a NUL; *bytes gets how many bytes these are. */
const char *vocab_list(const rnn_vocab *v, size_t *bytes);

#endif
