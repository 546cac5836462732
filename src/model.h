/* SPDX-License-Identifier: MIT
 *
 * model.h - what a stack of layers is, for the core alone; everyone else sees rnn.h.
 *
 * One flat array holds the parameters, tensor after tensor in PyTorch's shapes and order:
 *     [embedding.weight (V_in, E)]
 *     per layer: weight_ih (cell*H, in), weight_hh (cell*H, H), bias_ih (cell*H), bias_hh (cell*H)
 *     fc.weight (V_out, H), fc.bias (V_out)
 * where in is E (or V_in if one-hot) for layer 0 and H above. Gradients and moments are laid out alike.
 *
 * From it rnn_pack() makes what a step reads. Both biases of a gate become one where only their sum counts (see
 * cell_summed). The input of layer 0 becomes a table with a row for each token, W_ih x + bias, whether x is one-hot or
 * an embedding: to read a token is to copy one row. The last row is "no input", the bias alone.
 *
 * An int8 model computes with its integers and scales. Its params hold the two multiplied: the table is made from them,
 * and rnn_params() gives them as the weights.
 */
#ifndef MODEL_H
#define MODEL_H

#include "rnn.h"

enum { MAX_LAYERS = 4, MAX_TOKENS = 65536, MAX_HIDDEN = 4096, MAX_NAME = 32 };

typedef struct { int cell, layers, V_in, E, H, V_out; } model_shape;

typedef struct {
    char name[MAX_NAME], scale_name[MAX_NAME + 8]; /* "X", "X.scale" */
    int rank, rows, columns; /* columns = 1 for a bias */
    size_t offset;           /* in floats, into params */
    size_t first_row;        /* in rows of all matrices before it: into scales */
} model_tensor;

enum { MAX_MODEL_TENSORS = 1 + 4 * MAX_LAYERS + 2 };

/* A weight matrix (N, K), or some rows of one, in the order in which a product reads it: float32 or int8. */
typedef struct {
    int K, N;
    float *panels;   /* see pack(); NULL if int8 */
    int8_t *panels8; /* see pack_int8(), with scale and zero (N) */
    float *scale;
    int32_t *zero;
} packed;

struct rnn_model {
    model_shape shape;
    int tensors;
    model_tensor tensor[MAX_MODEL_TENSORS];
    size_t floats, rows;        /* of all tensors; of all matrices */
    float *params;              /* (floats) */
    int8_t *quantized;          /* (floats) the integers of int8 weights, where params has their values; else NULL */
    float *scales;              /* (rows) */
    float *embedding_panel;     /* (E, PANEL) scratch of packing */
    float *table;               /* (V_in + 1, cell*H) */
    float *bias[MAX_LAYERS];    /* (cell*H) b_ih, plus b_hh in the summed blocks */
    packed ih[MAX_LAYERS];      /* weight_ih; of layer 0 it is in the table */
    packed hh[MAX_LAYERS];      /* the summed blocks of weight_hh */
    packed hh_n[MAX_LAYERS];    /* GRU: the n block of weight_hh */
    packed head;                /* fc.weight */
    int pad, unknown, end;      /* ids, or RNN_NONE */
    const char *metadata;
};

/* Where each tensor begins in a flat array of the model's layout, in floats. */
enum { WEIGHT_IH, WEIGHT_HH, BIAS_IH, BIAS_HH };
size_t embedding_offset(const rnn_model *m);                   /* only if E > 0 */
size_t layer_offset(const rnn_model *m, int layer, int which); /* which: WEIGHT_IH .. BIAS_HH */
size_t head_weight_offset(const rnn_model *m);
size_t head_bias_offset(const rnn_model *m);

/* The row of layer 0's table that a token reads. */
static inline const float *table_row(const rnn_model *m, int32_t token)
{
    size_t row = (size_t)(token == RNN_NONE ? m->shape.V_in : token);
    return m->table + row * (size_t)(m->shape.cell * m->shape.H);
}

/* Whether a token can be drawn: it is one, and neither pad nor unknown, whose logits are -infinity. */
static inline int is_drawn(const rnn_model *m, int32_t id)
{
    return id != RNN_NONE && id != m->pad && id != m->unknown;
}

/* A stack of that shape in one block, with a copy of the metadata. All parameters are 0. NULL on error. */
rnn_model *allocate_model(model_shape shape, int quantized, const char *metadata, size_t metadata_bytes);

/* 0; or the code, with a sentence that says why no stack has that shape. */
int check_shape(model_shape shape, int code);

/* "rnn.weight_hh_l0" and so on: name (MAX_NAME), which: WEIGHT_IH .. BIAS_HH, layer 0 to 8. */
void layer_name(char *name, int which, int layer);

/* Fills in tensor, tensors, floats and rows from the shape. */
void list_tensors(rnn_model *m);

#endif
