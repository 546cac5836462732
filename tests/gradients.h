/* SPDX-License-Identifier: MIT
 *
 * gradients.h - a trainer's gradients alone, without the carried state that follows them in its first slice's part.
 */
#ifndef GRADIENTS_H
#define GRADIENTS_H

#include "rnn.h"

/* (floats), laid out as the model's weights. */
static inline float *gradients_of(rnn_trainer *t, rnn_model *m, size_t *floats)
{
    float *part = rnn_trainer_part(t, 0, floats);
    rnn_params(m, floats);
    return part;
}

#endif
