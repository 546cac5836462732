/* SPDX-License-Identifier: MIT
 *
 * model.h - what a stack of layers is, for the core alone; everyone else sees rnn.h.
 *
 * One flat array holds the parameters, tensor after tensor in PyTorch's shapes and order:
 *     [embedding.weight (V_in, E)]
 *     per layer: weight_ih (cell*H, in), weight_hh (cell*H, H), bias_ih (cell*H), bias_hh (cell*H)
 *     [fc.weight (V_out, H), fc.bias (V_out)]
 *     [[conv1.weight (maps1, 1, 3, 3), conv1.bias, conv2.weight (maps2, maps1, 3, 3), conv2.bias],
 *      init.weight (S, F), init.bias (S)]
 * where in is E (or V_in if one-hot) for layer 0 and H above; for the last two lines see source.h. Gradients and
 * moments are laid out alike. Without layers fc.weight is (V_out, in): it reads the token itself.
 *
 * From it rnn_pack() makes what a step reads. Both biases of a gate become one where only their sum counts (see
 * cell_summed). What reads the token, layer 0 or the head, becomes a table with a row for each token, W x + bias,
 * whether x is one-hot or an embedding: to read a token is to copy one row. The last row is "no input", the bias alone.
 *
 * An int8 model computes with its integers and scales. Its params hold the two multiplied: the table is made from them,
 * a source computes with them, and rnn_params() gives them as the weights.
 */
#ifndef MODEL_H
#define MODEL_H

#include "rnn.h"

enum { MAX_LAYERS = 4, MAX_TOKENS = 65536, MAX_HIDDEN = 4096, MAX_NAME = 32 };
enum { MIN_SIDE = 10, MAX_SIDE = 64, MAX_VECTOR = 4096, MAX_MAPS = 64 };

/* Without layers, cell and H are 0. Without a head, V_out is 0. Without a source, N is 0; if maps1 is not, it reads
 * pictures of side * side = N numbers. */
typedef struct { int cell, layers, V_in, E, H, V_out, N, side, maps1, maps2; } model_shape;

typedef struct {
    char name[MAX_NAME], scale_name[MAX_NAME + 8]; /* "X", "X.scale" */
    int rank, rows, columns; /* columns = 1 for a bias */
    int maps;                /* of a convolution: in a file its columns are (maps, 3, 3); else 0 */
    size_t offset;           /* in floats, into params */
    size_t first_row;        /* in rows of all matrices before it: into scales */
} model_tensor;

enum { MAX_MODEL_TENSORS = 1 + 4 * MAX_LAYERS + 2 + 6 };

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
    float *table;               /* (V_in + 1, table_width) */
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
size_t head_weight_offset(const rnn_model *m);                 /* only if V_out > 0, as the bias */
size_t head_bias_offset(const rnn_model *m);
enum { CONV1_WEIGHT, CONV1_BIAS, CONV2_WEIGHT, CONV2_BIAS, INIT_WEIGHT, INIT_BIAS };
size_t source_offset(const rnn_model *m, int which);           /* which: CONV1_WEIGHT .. INIT_BIAS, if there is one */
size_t reader_weight_offset(const rnn_model *m);               /* of what reads the token: weight_ih_l0 or fc.weight */
size_t reader_bias_offset(const rnn_model *m);

/* Of what reads the token: the gates of layer 0 or, without layers, the logits. */
static inline int table_width(model_shape s) { return s.layers ? s.cell * s.H : s.V_out; }

/* The row of the table that a token reads. */
static inline const float *table_row(const rnn_model *m, int32_t token)
{
    size_t row = (size_t)(token < 0 ? m->shape.V_in : token);
    return m->table + row * (size_t)table_width(m->shape);
}

/* Of a map behind a convolution of 3 x 3 without border and the halving of both sides; an odd edge is dropped. */
static inline int halved(int side) { return (side - 2) / 2; }

/* What init.weight reads: the vector itself, or what is left of a picture in all maps. */
static inline int features(model_shape s)
{
    int side = halved(halved(s.side));
    return s.maps1 ? s.maps2 * side * side : s.N;
}

/* Numbers of a stream that are carried on: for each layer h (H) and, if LSTM, c (H). */
static inline int carried_width(model_shape s) { return s.layers * (s.cell == RNN_CELL_LSTM ? 2 : 1) * s.H; }

/* Whether a token can be drawn: it is one, and neither pad nor unknown, whose logits are -infinity. */
static inline int is_drawn(const rnn_model *m, int32_t id)
{
    return id >= 0 && id != m->pad && id != m->unknown;
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
