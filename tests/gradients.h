/* SPDX-License-Identifier: MIT
 *
 * gradients.h - what the tests of gradients share: ids to learn from, a model's parameters, a trainer's gradients.
 */
#ifndef GRADIENTS_H
#define GRADIENTS_H

#include "rnn.h"

#include <stdlib.h>

/* Ids from `least` to V - 1: from RNN_NONE on "no input" and "no loss" are among them. */
static inline void random_ids(int n, int least, int V, uint32_t seed, int32_t *ids)
{
    for (int i = 0; i < n; i++)
        ids[i] = (int32_t)(rnn_dice(seed, (uint32_t)i) * (float)(V - least)) + least;
}

/* How many floats a model has. */
static inline size_t parameters(rnn_model *m)
{
    size_t n;
    rnn_params(m, &n);
    return n;
}

static inline double *as_doubles(const float *x, size_t n)
{
    double *out = malloc(sizeof *out * n);
    for (size_t i = 0; i < n; i++)
        out[i] = (double)x[i];
    return out;
}

static inline double *params_as_doubles(rnn_model *m)
{
    size_t n;
    const float *params = rnn_params(m, &n);
    return as_doubles(params, n);
}

/* (floats), laid out as the model's weights, without the carried state that follows them in the first slice's part. */
static inline float *gradients_of(rnn_trainer *t, rnn_model *m, size_t *floats)
{
    float *part = rnn_trainer_part(t, 0, floats);
    *floats = parameters(m);
    return part;
}

#endif
