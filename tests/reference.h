/* SPDX-License-Identifier: MIT
 *
 * reference.h - the same networks once more, as plainly as they can be written: double precision, libm,
 * every input a one-hot vector or a row of the embedding, every sum a loop. Shares no code with src/.
 */
#ifndef REFERENCE_H
#define REFERENCE_H

#include <stddef.h>
#include <stdint.h>

/* As in rnn.h; cell counts the gate blocks. h_steps: h is rounded to that many steps from 0 to 1 wherever a
 * matrix is multiplied with it, as int8 networks do; 0 = not rounded. */
typedef struct { int cell, layers, V_in, E, H, V_out, h_steps; } reference_shape;

/* One step of one stream. params: the tensors in file order. h, c (layers, H): before; then after.
 * token -1 is no input, -2 clears the state behind the step. logits (V_out). 0 layers: the head reads the token. */
void reference_step(reference_shape s, const double *params, int token, double *h, double *c, double *logits);

/* Mean cross-entropy in nats of x, y (T, B) with the streams' states h, c (B, layers, H): before; then after. */
double reference_loss(reference_shape s, const double *params, int B, int T, const int32_t *x, const int32_t *y,
                      double *h, double *c);

/* Where a state begins: tanh(W f + b) (layers, H) each of h and c, where f is the vector (N); or, if maps1 > 0, what
 * two convolutions of 3 x 3, each with ReLU and the largest of 2 x 2, make of a picture (side, side). params: those of
 * the whole network; the source's tensors are the last ones. */
typedef struct { int N, side, maps1, maps2; } reference_source;
void reference_begin(reference_shape s, reference_source from, const double *params, const double *vector, double *h,
                     double *c);

#endif
