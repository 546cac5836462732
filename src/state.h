/* SPDX-License-Identifier: MIT
 *
 * state.h - the forward computation that a step and a training window share; see rnn.h for states.
 *
 * Rows are in time order, the streams of a step side by side: row = t * B + b.
 */
#ifndef STATE_H
#define STATE_H

#include "model.h"

/* The arrays of one layer that runs with B streams over T steps. */
typedef struct {
    float *gates;      /* (T*B, cell*H) on entry gx, on return the gates after their sigmoid or tanh */
    float *extra;      /* (T*B, H) see cells.h */
    float *h, *c;      /* (B, H) before the first step; c is NULL unless LSTM */
    const int32_t *tokens; /* (T*B) what layer 0 reads: RNN_CLEAR clears all layers */
    const packed *hh, *hh_n; /* weight_hh, as the model has it packed; a trainer may have dropped some of it */
    size_t stride;     /* floats from a step's h and c to the next step's: B*H, or 0: in place */
    void *activations; /* room for B rows of H as an int8 product reads them; NULL for a float model */
} layer_run;

/* gx of layer 0 or, without layers, the logits: for each token its row of the table. tokens (rows), out (rows,
 * table_width). */
void input_from_tokens(const rnn_model *m, int rows, const int32_t *tokens, float *out);

/* gx of a higher layer, from the outputs of the layer below: below (rows, H), gates (rows, cell*H). */
void input_from_below(const rnn_model *m, int layer, int rows, const float *below, float *gates, void *activations);

/* The recurrent half of a layer and its cells, step by step. */
void layer_forward(const rnn_model *m, int layer, int B, int T, const layer_run *run);

/* logits (rows, V_out) from h (rows, H) of the last layer. */
void head_forward(const rnn_model *m, int rows, const float *h, float *logits, void *activations);

/* x (rows, H) is 0 where the token is RNN_CLEAR. */
void clear_rows(int rows, int H, const int32_t *tokens, float *x);

/* 0 if each of n ids is in least .. V-1; else an error that calls it `what`. least: RNN_NONE, or RNN_CLEAR. */
int check_ids(const int32_t *ids, size_t n, int least, int V, const char *what);

#endif
