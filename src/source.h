/* SPDX-License-Identifier: MIT
 *
 * source.h - where a state begins: from a vector (a class, a mixture of classes) or from a picture.
 *
 *     vector    f = v (N)
 *     picture   v (side, side), the rows from above, each number how bright a place is; then twice: a 3 x 3 convolution
 *               without border, ReLU, the largest of each 2 x 2 (an odd edge is dropped); f (F) is what is left, the
 *               first map whole, then the second, as PyTorch flattens (LeCun et al. 1989)
 *     state     tanh(init.weight f + init.bias) (S): for each layer h (H) and, if LSTM, c (H)
 */
#ifndef SOURCE_H
#define SOURCE_H

#include "model.h"

/* What B vectors leave behind on their way to a state, to come back on. */
typedef struct {
    int B;
    float *patches[2];     /* (B*places, 9*maps in) each place's neighbours; back: their gradient */
    float *full[2];        /* (B*places, maps out) before ReLU and halving; back: its gradient */
    float *halved[2];      /* (B*places, maps out) behind them */
    unsigned char *from[2]; /* (B*places, maps out) which of the four was the largest; 4: none was above 0 */
    float *features;       /* (B, F); back: of a picture their gradient */
    float *states;         /* (B, S) */
    float *dstates;        /* (B, S) */
    float *turned, *panels; /* scratch: a transposed matrix, a packed one */
} source_run;

/* Floats that it takes for B vectors; the pointers are set if base is given. */
uint64_t source_layout(const rnn_model *m, int B, source_run *run, float *base);

/* A state in its parts, each (B, H): for each layer h and, if LSTM, c. */
enum { MAX_PARTS = 2 * MAX_LAYERS };

/* From vectors (B, N) to the parts of the state that begins there. */
void source_forward(const rnn_model *m, source_run *run, const float *vectors, float *const *parts);

/* From the gradient of these parts: adds the gradients of the source's tensors to grads, laid out as the parameters. */
void source_backward(const rnn_model *m, source_run *run, const float *const *dparts, float *grads);

#endif
