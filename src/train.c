/* SPDX-License-Identifier: MIT
 *
 * train.c - truncated backpropagation through time: window -> tape -> gradients -> clip -> update.
 *
 * Rows of a window are in time order, the streams of a step side by side: row = t * B + b. All products that do not
 * wait for the step before (input halves, weight gradients, head) run over the whole window at once.
 *
 * The streams are in equal slices. These run one after another on the same tape; each has gradients and a carried state
 * of its own. A slice may as well run in a trainer elsewhere: its part is all that it leaves behind.
 */
#include "cells.h"
#include "error.h"
#include "kernels.h"
#include "source.h"
#include "state.h"
#include "weights.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What one layer keeps of a window. h and c have T + 1 blocks: block 0 is the state before the window. */
typedef struct {
    float *gates; /* (T*B, cell*H) after forward the gates; after back the gradient of gx */
    float *dgh;   /* (T*B, cell*H) the gradient of gh; for GRU an array of its own, else it is `gates` */
    float *extra; /* (T*B, H) see cells.h */
    float *h;     /* ((T+1)*B, H) */
    float *c;     /* ((T+1)*B, H), LSTM */
    float *out;   /* (T*B, H) h after dropout; without dropout it is h from block 1 on */
    float *dropped;   /* (cell*H, H) weight_hh with its share dropped, then the gradient of that; NULL: none is */
    packed hh, hh_n;  /* the same, packed */
} tape;

struct rnn_trainer {
    rnn_model *model;
    int B, T;              /* B streams in a slice, slices * B in all; T steps of a window at most */
    int steps;             /* those of the window that runs */
    int slices, slice;     /* how many there are; the one that runs */
    enum { AT_REST, HAS_LOSS, HAS_NO_LOSS } forward; /* what went forward and did not come back yet */
    int32_t *x, *y;        /* (T*B) tokens and targets of the slice that runs */
    int begun;             /* 1 + the slice whose state began from vectors and did not come back yet; 0: none */
    source_run source;     /* how it began */
    float dropout, recurrent;
    uint32_t seed, updates;
    tape layer[MAX_LAYERS];
    float *parts;          /* (slices, part_floats) gradients; then the carried state, per layer h (B, H), c if LSTM */
    size_t part_floats;
    float *grads;          /* (model->floats) of the slice that runs; its part begins with them */
    float *m, *v;          /* (model->floats) first and second moments */
    float *gathered;       /* scratch: the states of all slices together, per layer h (slices * B, H), c if LSTM */
    float *logits;         /* (T*B, V_out), then their gradient */
    float *dout;           /* (T*B, H) gradient of a layer's output */
    float *dh, *dc;        /* (B, H) the gradients that travel back in time */
    float *edge[2];        /* gradients of the slice's FIRST state and of its LAST one, laid out as what is carried */
    float *dtable;         /* (V_in + 1, table_width) gradient of the table */
    float *back[MAX_LAYERS]; /* panels of weight_hh (cell*H, H): back through a step */
    float *turned;         /* scratch: a transposed matrix */
    float *panels;         /* scratch: a packed matrix */
};

/* ---- one allocation ---- */

static size_t largest_of(size_t a, size_t b) { return a > b ? a : b; }

/* What is transposed: gate gradients and logit gradients (by the window's rows), the table (by tokens). */
static size_t turned_room(model_shape s, int rows)
{
    size_t width = (size_t)table_width(s), wide = largest_of(width, (size_t)s.V_out);
    return largest_of(wide * (size_t)rows, width * (size_t)s.V_in);
}

/* What is packed: the window's rows of h; weight_ih and fc.weight on the way back; the embedding. */
static size_t panels_room(model_shape s, int rows)
{
    size_t over_time = panels_floats(rows, s.H), head = panels_floats(s.V_out, s.H);
    size_t input = panels_floats(table_width(s), s.E > s.H ? s.E : s.H), embedding = panels_floats(s.V_in, s.E);
    return largest_of(largest_of(over_time, head), largest_of(input, embedding));
}

/* Floats of a slice's carried state. */
static size_t carried_floats(const rnn_trainer *t)
{
    return (size_t)t->B * (size_t)carried_width(t->model->shape);
}

/* Floats of all arrays; the pointers are set if base is given. */
static uint64_t lay_out(rnn_trainer *t, float *base)
{
    model_shape s = t->model->shape;
    uint64_t used = 0, rows = (uint64_t)t->T * (uint64_t)t->B, units = (uint64_t)s.H, gates = (uint64_t)(s.cell * s.H);
    uint64_t streams = (uint64_t)t->B, slices = (uint64_t)t->slices;
#define LAY_OUT(pointer, floats) \
    (base ? (void)((pointer) = (void *)(base + used)) : (void)0, used += whole_lines(floats))
    t->part_floats = (size_t)whole_lines(t->model->floats + carried_floats(t));
    LAY_OUT(t->parts, slices * t->part_floats);
    LAY_OUT(t->gathered, slices * carried_floats(t));
    LAY_OUT(t->m, t->model->floats);
    LAY_OUT(t->v, t->model->floats);
    for (int l = 0; l < s.layers; l++) {
        tape *k = &t->layer[l];
        LAY_OUT(k->gates, rows * gates);
        k->dgh = k->gates;
        if (s.cell == RNN_CELL_GRU)
            LAY_OUT(k->dgh, rows * gates);
        LAY_OUT(k->extra, rows * units);
        LAY_OUT(k->h, (rows + streams) * units);
        if (s.cell == RNN_CELL_LSTM)
            LAY_OUT(k->c, (rows + streams) * units);
        k->out = base ? k->h + streams * units : NULL;
        if (t->dropout > 0.0f)
            LAY_OUT(k->out, rows * units);
        LAY_OUT(t->back[l], panels_floats(s.cell * s.H, s.H));
        k->hh = t->model->hh[l];
        k->hh_n = t->model->hh_n[l];
        if (t->recurrent > 0.0f) {
            LAY_OUT(k->dropped, gates * units);
            LAY_OUT(k->hh.panels, panels_floats(s.H, k->hh.N));
            LAY_OUT(k->hh_n.panels, panels_floats(s.H, k->hh_n.N));
        }
    }
    LAY_OUT(t->logits, rows * (uint64_t)s.V_out);
    LAY_OUT(t->dout, rows * units);
    LAY_OUT(t->dh, streams * units);
    LAY_OUT(t->dc, streams * units);
    LAY_OUT(t->edge[0], carried_floats(t));
    LAY_OUT(t->edge[1], carried_floats(t));
    LAY_OUT(t->x, rows);
    LAY_OUT(t->y, rows);
    LAY_OUT(t->dtable, (uint64_t)(s.V_in + 1) * (uint64_t)table_width(s));
    LAY_OUT(t->turned, turned_room(s, t->T * t->B));
    LAY_OUT(t->panels, panels_room(s, t->T * t->B));
#undef LAY_OUT
    return used + (s.N ? source_layout(t->model, t->B, &t->source, base ? base + used : NULL) : 0);
}

static int is_share(float x) { return x >= 0.0f && x < 1.0f; }

rnn_trainer *rnn_trainer_new(rnn_model *m, int B, int T, int slices, float dropout, float recurrent, uint32_t seed)
{
    if (missing(m))
        return NULL;
    if (m->quantized) {
        fail(RNN_E_RANGE, "an int8 network cannot be trained; train the float one and quantize it again");
        return NULL;
    }
    if (B < 1 || T < 1 || B > 65536 || T > 65536 || (uint64_t)B * (uint64_t)T > 1 << 20 ||
        !is_share(dropout) || !is_share(recurrent)) {
        fail(RNN_E_RANGE,
             "a window of %d streams x %d steps, or the dropout; at most 2^20 places, dropout from 0 to below 1", B, T);
        return NULL;
    }
    if (slices < 1 || B % slices) {
        fail(RNN_E_RANGE, "slices is %d; it must divide batch, which is %d", slices, B);
        return NULL;
    }
    rnn_trainer layout = {.model = m, .B = B / slices, .T = T, .slices = slices, .dropout = dropout,
                          .recurrent = recurrent, .seed = seed};
    uint64_t bytes = sizeof layout + LINE + 4 * lay_out(&layout, NULL);
    rnn_trainer *t = bytes > (uint64_t)1 << 31 ? NULL : calloc(1, (size_t)bytes);
    if (!t) {
        fail(RNN_E_MEMORY, "no memory to train %u parameters on %d x %d characters (%u MiB)", (unsigned)m->floats, B, T,
             (unsigned)(bytes >> 20));
        return NULL;
    }
    *t = layout;
    lay_out(t, next_line(t + 1));
    return t;
}

void rnn_trainer_free(rnn_trainer *t) { free(t); }

static float *part_of(const rnn_trainer *t, int slice) { return t->parts + (size_t)slice * t->part_floats; }

static float *carried_by(const rnn_trainer *t, int slice) { return part_of(t, slice) + t->model->floats; }

float *rnn_trainer_part(rnn_trainer *t, int slice, size_t *floats)
{
    if (missing(t) || missing(floats))
        return NULL;
    *floats = t->model->floats + carried_floats(t);
    if (slice < 0 || slice >= t->slices) {
        fail(RNN_E_RANGE, "slice %d of a trainer that has %d", slice, t->slices);
        return NULL;
    }
    return part_of(t, slice);
}

void rnn_trainer_reset(rnn_trainer *t)
{
    if (missing(t))
        return;
    for (int i = 0; i < t->slices; i++)
        memset(carried_by(t, i), 0, sizeof(float) * carried_floats(t));
    t->begun = 0;
}

/* ---- forward ---- */

/* own (T, B) = the running slice's part of ids (T, slices * B). */
static void gather_ids(const rnn_trainer *t, const int32_t *ids, int32_t *own)
{
    size_t B = (size_t)t->B;
    for (size_t step = 0; step < (size_t)t->steps; step++)
        memcpy(own + step * B, ids + (step * (size_t)t->slices + (size_t)t->slice) * B, sizeof(int32_t) * B);
}

/* A key for dropout's dice: another one for each layer of each slice of each update. */
static uint32_t dropout_key(const rnn_trainer *t, int layer)
{
    return mix(mix(t->seed + 0x27d4eb2fU + (uint32_t)t->slice * 0x9e3779b9U) + t->updates * MAX_LAYERS +
               (uint32_t)layer);
}

/* One for the weights of a layer's weight_hh, of which the whole update drops the same. */
static uint32_t recurrent_key(const rnn_trainer *t, int layer)
{
    return mix(mix(t->seed + 0x165667b1U) + t->updates * MAX_LAYERS + (uint32_t)layer);
}

static size_t recurrent_weights(const rnn_trainer *t)
{
    return (size_t)(t->model->shape.cell * t->model->shape.H) * (size_t)t->model->shape.H;
}

/* Drops some of weight_hh. Each slice does it anew: so whoever changes the weights has nobody to tell. */
static void drop_weights(rnn_trainer *t, int l)
{
    tape *k = &t->layer[l];
    size_t H = (size_t)t->model->shape.H;
    const float *weights = t->model->params + layer_offset(t->model, l, WEIGHT_HH);
    dropout(recurrent_weights(t), weights, t->recurrent, recurrent_key(t, l), k->dropped);
    pack_transposed((int)H, k->hh.N, k->dropped, H, k->hh.panels);
    pack_transposed((int)H, k->hh_n.N, k->dropped + (size_t)k->hh.N * H, H, k->hh_n.panels);
}

/* A layer over the window; its input half runs for all steps at once. */
static void window_forward(rnn_trainer *t, int l)
{
    tape *k = &t->layer[l];
    int rows = t->steps * t->B;
    size_t units = (size_t)t->B * (size_t)t->model->shape.H;
    layer_run run = {.gates = k->gates, .extra = k->extra, .h = k->h, .c = k->c, .stride = units, .tokens = t->x,
                     .hh = &k->hh, .hh_n = &k->hh_n};
    if (k->dropped)
        drop_weights(t, l);
    if (l == 0)
        input_from_tokens(t->model, rows, t->x, k->gates);
    else
        input_from_below(t->model, l, rows, t->layer[l - 1].out, k->gates, NULL);
    layer_forward(t->model, l, t->B, t->steps, &run);
    if (t->dropout > 0.0f)
        dropout((size_t)t->steps * units, k->h + units, t->dropout, dropout_key(t, l), k->out);
}

/* The mean cross-entropy over the targets, in nats. What is never drawn is no target. The logits become their
 * gradient. */
static float loss(rnn_trainer *t)
{
    int rows = t->steps * t->B, V = t->model->shape.V_out, targets = 0;
    double sum = 0.0;
    for (int r = 0; r < rows; r++)
        targets += is_drawn(t->model, t->y[r]);
    for (int r = 0; r < rows; r++) {
        float *row = t->logits + (size_t)r * (size_t)V;
        int32_t target = t->y[r];
        if (!is_drawn(t->model, target)) {
            memset(row, 0, sizeof(float) * (size_t)V);
            continue;
        }
        float most = largest(V, row), right = row[target];
        float total = exp_scaled(V, row, most, 1.0f, row);
        sum += natural_log((double)total) + (double)most - (double)right;
        scale((size_t)V, row, 1.0f / (total * (float)targets));
        row[target] -= 1.0f / (float)targets;
    }
    return targets ? (float)(sum / targets) : 0.0f;
}

/* ---- back ---- */

/* grad (N, K) += d (rows, N) transposed * x (rows, K): the gradient of a weight matrix, over all rows. */
static void weight_gradient(rnn_trainer *t, int rows, int N, int K, const float *d, const float *x, float *grad)
{
    transpose(rows, N, d, (size_t)N, t->turned);
    pack(rows, K, x, (size_t)K, t->panels);
    product(N, K, rows, t->turned, (size_t)rows, t->panels, grad, (size_t)K);
}

/* dx (rows, K) = d (rows, N) * weights (N, K): back through a weight matrix. */
static void input_gradient(rnn_trainer *t, int rows, int N, int K, const float *d, const float *weights, float *dx)
{
    memset(dx, 0, sizeof(float) * (size_t)rows * (size_t)K);
    pack(N, K, weights, (size_t)K, t->panels);
    product(rows, K, N, d, (size_t)N, t->panels, dx, (size_t)K);
}

static void head_backward(rnn_trainer *t)
{
    const rnn_model *m = t->model;
    int rows = t->steps * t->B, V = m->shape.V_out, H = m->shape.H;
    weight_gradient(t, rows, V, H, t->logits, t->layer[m->shape.layers - 1].out, t->grads + head_weight_offset(m));
    add_columns(rows, V, t->logits, t->grads + head_bias_offset(m));
    input_gradient(t, rows, V, H, t->logits, m->params + head_weight_offset(m), t->dout);
}

enum { FIRST, LAST };

/* A layer's dh and dc <-> its part of an edge. */
static void copy_edge(rnn_trainer *t, int l, int edge, int to_edge)
{
    size_t units = (size_t)t->B * (size_t)t->model->shape.H, tensors = t->layer[l].c ? 2 : 1;
    float *travelling[] = {t->dh, t->dc};
    for (size_t i = 0; i < tensors; i++) {
        float *kept = t->edge[edge] + ((size_t)l * tensors + i) * units;
        memcpy(to_edge ? kept : travelling[i], to_edge ? travelling[i] : kept, sizeof(float) * units);
    }
}

/* That of weight_hh, from the gradients of all gates: what was dropped has none. */
static void recurrent_gradient(rnn_trainer *t, int l)
{
    const rnn_model *m = t->model;
    tape *k = &t->layer[l];
    int H = m->shape.H, gates = m->shape.cell * H, rows = t->steps * t->B;
    size_t n = recurrent_weights(t);
    float *grad = t->grads + layer_offset(m, l, WEIGHT_HH);
    if (!k->dropped) {
        weight_gradient(t, rows, gates, H, k->dgh, k->h, grad);
        return;
    }
    memset(k->dropped, 0, sizeof(float) * n);
    weight_gradient(t, rows, gates, H, k->dgh, k->h, k->dropped);
    dropout(n, k->dropped, t->recurrent, recurrent_key(t, l), k->dropped);
    add_to(n, grad, k->dropped);
}

/* From the gradient of the layer's outputs, dout, to that of its gates, step by step backwards. */
static void layer_backward(rnn_trainer *t, int l)
{
    const rnn_model *m = t->model;
    tape *k = &t->layer[l];
    int B = t->B, H = m->shape.H, gates = m->shape.cell * H, rows = t->steps * B;
    size_t units = (size_t)B * (size_t)H, width = (size_t)gates;
    if (t->dropout > 0.0f)
        dropout((size_t)rows * (size_t)H, t->dout, t->dropout, dropout_key(t, l), t->dout);
    pack(gates, H, k->dropped ? k->dropped : m->params + layer_offset(m, l, WEIGHT_HH), (size_t)H, t->back[l]);
    copy_edge(t, l, LAST, 0);
    for (size_t s = (size_t)t->steps; s-- > 0;) {
        float *dgx = k->gates + s * (size_t)B * width, *dgh = k->dgh + s * (size_t)B * width;
        add_to(units, t->dh, t->dout + s * units);
        clear_rows(B, H, t->x + s * (size_t)B, t->dh);
        clear_rows(B, H, t->x + s * (size_t)B, t->dc);
        cell_backward(m->shape.cell, B, H, dgx, k->extra + s * units, k->h + s * units, k->c ? k->c + s * units : NULL,
                      t->dh, t->dc, dgh);
        product(B, H, gates, dgh, width, t->back[l], t->dh, (size_t)H);
    }
    copy_edge(t, l, FIRST, 1);
    recurrent_gradient(t, l);
    add_columns(rows, gates, k->dgh, t->grads + layer_offset(m, l, BIAS_HH));
}

/* Layer 0 or, without layers, the head: d (rows, table_width) is the gradient of its gates, or of the logits. Each
 * token's row of the table gets the sum of the gradients where the token stands in the window. From the table the
 * gradient goes to what the table is made of: the weight, the bias, the embedding. */
static void table_backward(rnn_trainer *t, const float *d)
{
    const rnn_model *m = t->model;
    int rows = t->steps * t->B, V = m->shape.V_in, E = m->shape.E, columns = table_width(m->shape);
    float *weights = t->grads + reader_weight_offset(m);
    size_t width = (size_t)columns;
    memset(t->dtable, 0, sizeof(float) * (size_t)(V + 1) * width);
    for (int r = 0; r < rows; r++) {
        int32_t id = t->x[r];
        add_to(width, t->dtable + (size_t)(id < 0 ? V : id) * width, d + (size_t)r * width);
    }
    add_columns(V + 1, columns, t->dtable, t->grads + reader_bias_offset(m));
    if (E) {
        weight_gradient(t, V, columns, E, t->dtable, m->params + embedding_offset(m), weights);
        pack(columns, E, m->params + reader_weight_offset(m), (size_t)E, t->panels);
        product(V, E, columns, t->dtable, width, t->panels, t->grads + embedding_offset(m), (size_t)E);
    } else {
        transpose(V, columns, t->dtable, width, t->turned);
        add_to((size_t)V * width, weights, t->turned);
    }
}

/* Of a higher layer: from the gradient of its gates to that of the outputs of the layer below. */
static void input_backward(rnn_trainer *t, int l)
{
    const rnn_model *m = t->model;
    int rows = t->steps * t->B, H = m->shape.H, gates = m->shape.cell * H;
    const float *dgx = t->layer[l].gates;
    size_t ih = layer_offset(m, l, WEIGHT_IH);
    weight_gradient(t, rows, gates, H, dgx, t->layer[l - 1].out, t->grads + ih);
    add_columns(rows, gates, dgx, t->grads + layer_offset(m, l, BIAS_IH));
    input_gradient(t, rows, gates, H, dgx, m->params + ih, t->dout);
}

/* ---- window ---- */

/* The slice's carried state <-> the tape's block before a step: 0 is the window's begin, T its end. */
static void copy_carried(rnn_trainer *t, size_t step, int to_tape)
{
    size_t units = (size_t)t->B * (size_t)t->model->shape.H;
    float *carried = carried_by(t, t->slice);
    for (int l = 0; l < t->model->shape.layers; l++)
        for (int i = 0; i < (t->layer[l].c ? 2 : 1); i++, carried += units) {
            float *block = (i ? t->layer[l].c : t->layer[l].h) + step * units;
            memcpy(to_tape ? block : carried, to_tape ? carried : block, sizeof(float) * units);
        }
}

/* The carried states, slice after slice <-> gathered: per layer all streams' h, then c. */
static void copy_gathered(const rnn_trainer *t, int to_slices)
{
    size_t units = (size_t)t->B * (size_t)t->model->shape.H;
    for (int i = 0; i < t->slices; i++)
        for (size_t k = 0; k * units < carried_floats(t); k++) {
            float *own = carried_by(t, i) + k * units;
            float *together = t->gathered + (k * (size_t)t->slices + (size_t)i) * units;
            memcpy(to_slices ? own : together, to_slices ? together : own, sizeof(float) * units);
        }
}

static int check_slice(const rnn_trainer *t, int slice)
{
    if (slice < 0 || slice >= t->slices)
        return fail(RNN_E_RANGE, "slice %d of a trainer that has %d", slice, t->slices);
    return 0;
}

/* y NULL: no targets. */
static int check_window(const rnn_trainer *t, int slice, int steps, const int32_t *x, const int32_t *y)
{
    if (missing(t) || missing(x))
        return RNN_E_RANGE;
    if (steps < 1 || steps > t->T)
        return fail(RNN_E_RANGE, "a window of %d steps for a trainer of 1 to %d", steps, t->T);
    if (y && !t->model->shape.V_out)
        return fail(RNN_E_RANGE, "targets for a network without a head");
    size_t places = (size_t)steps * (size_t)t->B * (size_t)t->slices;
    int error = check_ids(x, places, RNN_CLEAR, t->model->shape.V_in, "the input");
    if (!error && y)
        error = check_ids(y, places, RNN_NONE, t->model->shape.V_out, "the target");
    return error ? error : check_slice(t, slice);
}

/* The logits of the window: of the last layer's outputs or, without layers, of the tokens. */
static void window_logits(rnn_trainer *t)
{
    int layers = t->model->shape.layers, rows = t->steps * t->B;
    if (layers)
        head_forward(t->model, rows, t->layer[layers - 1].out, t->logits, NULL);
    else
        input_from_tokens(t->model, rows, t->x, t->logits);
}

static float slice_forward(rnn_trainer *t, int slice, int steps, const int32_t *x, const int32_t *y)
{
    float nats = 0.0f;
    t->slice = slice;
    t->steps = steps;
    t->begun = t->begun == slice + 1 ? t->begun : 0;
    t->grads = part_of(t, slice);
    t->forward = y ? HAS_LOSS : HAS_NO_LOSS;
    gather_ids(t, x, t->x);
    copy_carried(t, 0, 1);
    for (int l = 0; l < t->model->shape.layers; l++)
        window_forward(t, l);
    memset(t->edge[LAST], 0, sizeof(float) * carried_floats(t));
    if (y) {
        gather_ids(t, y, t->y);
        window_logits(t);
        nats = loss(t);
    }
    if (isfinite(nats))
        copy_carried(t, (size_t)t->steps, 0);
    else /* the streams stay where they were: healthy weights can go on from there */
        fail(RNN_E_NONFINITE, "the loss is no longer a finite number: lower the learning rate");
    return isfinite(nats) ? nats : NAN;
}

/* The parts of the slice's state (B, H), as they lie one behind the other from `floats` on. */
static void list_parts(const rnn_trainer *t, float *floats, float **parts)
{
    size_t units = (size_t)t->B * (size_t)t->model->shape.H;
    for (size_t k = 0; k * units < carried_floats(t); k++)
        parts[k] = floats + k * units;
}

int rnn_trainer_begin(rnn_trainer *t, int slice, const float *vectors)
{
    if (missing(t) || missing(vectors) || check_slice(t, slice))
        return RNN_E_RANGE;
    size_t own = (size_t)t->B * (size_t)t->model->shape.N;
    float *parts[MAX_PARTS];
    if (!own)
        return fail(RNN_E_RANGE, "the network has no init.weight: its state begins from zero alone");
    if (!all_finite(own * (size_t)t->slices, vectors))
        return fail(RNN_E_NONFINITE, "what the state shall begin from holds a number that is NaN or infinite");
    list_parts(t, carried_by(t, slice), parts);
    source_forward(t->model, &t->source, vectors + (size_t)slice * own, parts);
    t->begun = slice + 1;
    return 0;
}

float rnn_trainer_forward(rnn_trainer *t, int slice, int steps, const int32_t *x, const int32_t *y)
{
    return check_window(t, slice, steps, x, y) ? NAN : slice_forward(t, slice, steps, x, y);
}

/* Without a loss nothing comes from above. */
static void no_gradient(rnn_trainer *t)
{
    model_shape s = t->model->shape;
    size_t rows = (size_t)t->steps * (size_t)t->B;
    memset(s.layers ? t->dout : t->logits, 0, sizeof(float) * rows * (size_t)(s.layers ? s.H : s.V_out));
}

int rnn_trainer_back(rnn_trainer *t)
{
    if (missing(t))
        return RNN_E_RANGE;
    if (t->forward == AT_REST)
        return fail(RNN_E_RANGE, "no slice went forward that is not back yet");
    int layers = t->model->shape.layers;
    if (t->forward == HAS_NO_LOSS)
        no_gradient(t);
    else if (layers)
        head_backward(t);
    for (int l = layers - 1; l >= 0; l--) {
        layer_backward(t, l);
        if (l)
            input_backward(t, l);
    }
    table_backward(t, layers ? t->layer[0].gates : t->logits);
    if (t->begun == t->slice + 1) {
        float *parts[MAX_PARTS];
        list_parts(t, t->edge[FIRST], parts);
        source_backward(t->model, &t->source, (const float *const *)parts, t->grads);
    }
    t->begun = 0;
    t->forward = AT_REST;
    return 0;
}

float *rnn_trainer_edge(rnn_trainer *t, int end, size_t *floats)
{
    if (missing(t) || missing(floats))
        return NULL;
    *floats = carried_floats(t);
    return t->edge[end ? LAST : FIRST];
}

/* A loss that is not finite goes back too, so that the update finds gradients that are not finite, and refuses. */
float rnn_trainer_slice(rnn_trainer *t, int slice, const int32_t *x, const int32_t *y)
{
    if (missing(t) || missing(y) || check_window(t, slice, t->T, x, y))
        return NAN;
    float nats = slice_forward(t, slice, t->T, x, y);
    rnn_trainer_back(t);
    return nats;
}

float rnn_trainer_window(rnn_trainer *t, const int32_t *x, const int32_t *y)
{
    double sum = 0.0;
    if (missing(t))
        return NAN;
    copy_gathered(t, 0);
    for (int i = 0; i < t->slices; i++)
        sum += (double)rnn_trainer_slice(t, i, x, y);
    if (isnan(sum))
        copy_gathered(t, 1); /* the slices that went well have moved on */
    return (float)(sum / t->slices);
}

uint32_t rnn_trainer_updates(const rnn_trainer *t) { return missing(t) ? 0 : t->updates; }

/* ---- update ---- */

/* b^n by squaring: no libm, so the same bits everywhere. */
static double power(double b, uint32_t n)
{
    double result = 1.0;
    for (; n; n >>= 1, b *= b)
        if (n & 1)
            result *= b;
    return result;
}

/* The mean of the slices' gradients, summed in their order, becomes the first slice's. */
static void join_slices(rnn_trainer *t)
{
    size_t n = t->model->floats;
    for (int i = 1; i < t->slices; i++)
        add_to(n, t->parts, part_of(t, i));
    if (t->slices > 1)
        scale(n, t->parts, 1.0f / (float)t->slices);
}

static void zero_gradients(rnn_trainer *t)
{
    for (int i = 0; i < t->slices; i++)
        memset(part_of(t, i), 0, sizeof(float) * t->model->floats);
}

/* One trainer's, whose gradients are joined and have that norm. */
static void update(rnn_trainer *t, double norm, int optimizer, float rate, float clip)
{
    size_t n = t->model->floats;
    float *grads = t->parts;
    if (clip > 0.0f && norm > (double)clip)
        scale(n, grads, (float)((double)clip / norm));
    t->updates++;
    if (optimizer == RNN_ADAM)
        adam(n, t->model->params, grads, t->m, t->v, rate, (float)(1.0 - power(0.9, t->updates)),
             (float)(1.0 - power(0.999, t->updates)));
    else
        rmsprop(n, t->model->params, grads, t->v, rate);
    zero_gradients(t);
    rnn_pack(t->model);
}

int rnn_trainers_update(int count, rnn_trainer *const *t, int optimizer, float rate, float clip)
{
    double norms[MAX_STACKS];
    int finite = 1;
    if (missing(t))
        return RNN_E_RANGE;
    if (count < 1 || count > MAX_STACKS)
        return fail(RNN_E_RANGE, "an update of %d trainers; 1 to %d are possible", count, MAX_STACKS);
    if (!(rate >= 0.0f && rate <= 1e6f) || !(clip >= 0.0f) || (optimizer != RNN_ADAM && optimizer != RNN_RMSPROP))
        return fail(RNN_E_RANGE,
                    "the learning rate must be from 0 to 1e6, the clip 0 or more, the optimizer 0 (Adam) or "
                    "1 (RMSprop)");
    for (int i = 0; i < count; i++)
        if (missing(t[i]))
            return RNN_E_RANGE;
    for (int i = 0; i < count; i++) {
        join_slices(t[i]);
        norms[i] = sqrt(sum_of_squares(t[i]->model->floats, t[i]->parts));
        finite &= isfinite(norms[i]) != 0;
    }
    for (int i = 0; i < count; i++)
        if (finite)
            update(t[i], norms[i], optimizer, rate, clip);
        else
            zero_gradients(t[i]);
    return finite ? 0 : fail(RNN_E_NONFINITE, "the gradients are no longer finite numbers; nothing was updated: lower "
                                              "the learning rate");
}

int rnn_trainer_update(rnn_trainer *t, int optimizer, float rate, float clip)
{
    return missing(t) ? RNN_E_RANGE : rnn_trainers_update(1, &t, optimizer, rate, clip);
}

/* ---- checkpoint ---- */

/* The tensors that a checkpoint has beside the model's: moments, the streams' state, the count of updates. */
static int trainer_tensors(const rnn_trainer *t, int32_t *updates, st_tensor *out)
{
    static const char *const h_names[] = {"trainer.h_l0", "trainer.h_l1", "trainer.h_l2", "trainer.h_l3"};
    static const char *const c_names[] = {"trainer.c_l0", "trainer.c_l1", "trainer.c_l2", "trainer.c_l3"};
    uint32_t floats = (uint32_t)t->model->floats, B = (uint32_t)(t->B * t->slices), H = (uint32_t)t->model->shape.H;
    const float *streams = t->gathered;
    int count = 0;
#define TENSOR(tensor_name, ...) (st_tensor){.name = (tensor_name), .type = ST_F32, __VA_ARGS__}
    out[count++] = TENSOR("trainer.m", .rank = 1, .shape = {floats}, .data = (const unsigned char *)t->m);
    out[count++] = TENSOR("trainer.v", .rank = 1, .shape = {floats}, .data = (const unsigned char *)t->v);
    for (int l = 0; l < t->model->shape.layers; l++) {
        out[count++] = TENSOR(h_names[l], .rank = 2, .shape = {B, H}, .data = (const unsigned char *)streams);
        streams += (size_t)B * H;
        if (t->layer[l].c) {
            out[count++] = TENSOR(c_names[l], .rank = 2, .shape = {B, H}, .data = (const unsigned char *)streams);
            streams += (size_t)B * H;
        }
    }
#undef TENSOR
    *updates = (int32_t)t->updates;
    out[count++] = (st_tensor){.name = "trainer.updates", .type = ST_U8, .rank = 1, .shape = {4},
                               .data = (const unsigned char *)updates};
    return count;
}

enum { SECOND_MOMENTS = 1, MAX_TRAINER_TENSORS = 3 + 2 * MAX_LAYERS };

size_t rnn_trainer_save(const rnn_trainer *t, const rnn_vocab *v, const char *meta, void *out, size_t room)
{
    static const char *const no_prefix[] = {""};
    return rnn_trainers_save(1, &t, no_prefix, v, NULL, meta, out, room);
}

size_t rnn_trainers_save(int count, const rnn_trainer *const *t, const char *const *prefixes, const rnn_vocab *v,
                         const rnn_vocab *labels, const char *meta, void *out, size_t room)
{
    st_tensor tensors[MAX_STACKS * MAX_TRAINER_TENSORS];
    const rnn_model *models[MAX_STACKS];
    int32_t updates[MAX_STACKS];
    int counts[MAX_STACKS], used = 0;
    if (missing(t))
        return 0;
    for (int i = 0; i < count && count <= MAX_STACKS; used += counts[i++]) { /* others: see check_stacks */
        if (missing(t[i]))
            return 0;
        models[i] = t[i]->model;
        copy_gathered(t[i], 0);
        counts[i] = trainer_tensors(t[i], updates + i, tensors + used);
    }
    stacks_file file = {count, models, prefixes, v, labels, tensors, counts};
    return write_stacks(&file, meta, out, room);
}

static int same_tensor(const st_tensor *want, const st_tensor *have)
{
    return have && have->type == want->type && have->rank == want->rank && have->shape[0] == want->shape[0] &&
           (want->rank == 1 || have->shape[1] == want->shape[1]);
}

/* Whether all numbers of a tensor are finite and not below `least`. Reads by memcpy: the data has no alignment. */
static int are_sound(const st_tensor *t, float least)
{
    for (const unsigned char *p = t->data; t->type == ST_F32 && p < t->data + (t->end - t->begin); p += sizeof(float)) {
        float x;
        memcpy(&x, p, sizeof x);
        if (!isfinite(x) || x < least)
            return 0;
    }
    return 1;
}

/* The model was loaded from the same file: its weights are the checkpoint's already. */
static int read_checkpoint(rnn_trainer *t, const st_file *file, const char *prefix)
{
    st_tensor tensors[MAX_TRAINER_TENSORS];
    const st_tensor *found[MAX_TRAINER_TENSORS] = {NULL};
    int32_t updates;
    int count = trainer_tensors(t, &updates, tensors);
    for (int i = 0; i < count; i++) {
        char name[MAX_PREFIXED];
        const st_tensor *have = st_find(file, strcat(strcpy(name, prefix), tensors[i].name));
        if (!same_tensor(&tensors[i], have))
            return fail(RNN_E_SHAPE,
                        "the checkpoint's %s does not fit this trainer: other streams, sizes, or no checkpoint at all",
                        tensors[i].name);
        if (!are_sound(have, i == SECOND_MOMENTS ? 0.0f : -FLT_MAX)) /* of these a root is drawn */
            return fail(RNN_E_VALUE, "%s holds a number that is NaN, infinite or negative where none can be",
                        tensors[i].name);
        found[i] = have;
    }
    memcpy(&updates, found[count - 1]->data, sizeof updates);
    if (updates < 0)
        return fail(RNN_E_VALUE, "trainer.updates is %d, which is no count", (int)updates);
    for (int i = 0; i < count; i++) /* only now, so that a bad file changes nothing */
        memcpy((void *)(uintptr_t)tensors[i].data, found[i]->data, (size_t)(found[i]->end - found[i]->begin));
    copy_gathered(t, 1);
    zero_gradients(t);
    t->updates = (uint32_t)updates;
    return 0;
}

int rnn_trainer_load(rnn_trainer *t, const void *safetensors, size_t bytes, const char *prefix)
{
    if (missing(t))
        return RNN_E_RANGE;
    if (prefix && strlen(prefix) > MAX_PREFIX)
        return fail(RNN_E_RANGE, "the prefix has %u bytes; at most %d are possible", (unsigned)strlen(prefix),
                    MAX_PREFIX);
    st_file *file = st_read(safetensors, bytes);
    int error = file ? read_checkpoint(t, file, prefix ? prefix : "") : rnn_error_code();
    free(file);
    return error;
}

/* ---- how a text becomes windows ---- */

/* A text has n - 1 pairs of a token and the next one. Stream b begins at pair b * stride. A stride holds the windows of
 * a pass and room for an offset below T. */
int rnn_windows(size_t n, int B, int T)
{
    if (n < 2 || n > INT32_MAX || B < 1 || T < 1)
        return 0;
    size_t stride = (n - 1) / (size_t)B, windows = stride < (size_t)T ? 0 : (stride - (size_t)T + 1) / (size_t)T;
    return (int)(windows ? windows : stride >= (size_t)T);
}

int rnn_window(const int32_t *tokens, size_t n, int B, int T, uint32_t seed, uint32_t update, int32_t *x, int32_t *y)
{
    uint32_t windows = (uint32_t)rnn_windows(n, B, T);
    if (missing(tokens) || missing(x) || missing(y))
        return RNN_E_RANGE;
    if (!windows)
        return fail(RNN_E_RANGE, "a text of %u characters is too short, or too long, for %d streams of %d", (unsigned)n,
                    B, T);
    size_t stride = (n - 1) / (size_t)B, slack = stride - (size_t)windows * (size_t)T + 1;
    float offsets = (float)(slack < (size_t)T ? slack : (size_t)T);
    size_t offset = (size_t)(dice(seed ^ 0x68bc21ebU, update / windows) * offsets);
    size_t begin = offset + (size_t)(update % windows) * (size_t)T;
    for (size_t s = 0; s < (size_t)T; s++)
        for (size_t b = 0; b < (size_t)B; b++) {
            x[s * (size_t)B + b] = tokens[b * stride + begin + s];
            y[s * (size_t)B + b] = tokens[b * stride + begin + s + 1];
        }
    return update % windows == 0;
}

/* cos(pi x) for x in [0, 1] by its Taylor series about 1/2, to about 1e-12: the same on every system. */
static double cos_pi(double x)
{
    double a = 3.14159265358979324 * (0.5 - x), square = a * a, term = a, sum = a;
    for (int k = 3; k <= 19; k += 2) {
        term *= -square / (k * (k - 1));
        sum += term;
    }
    return sum;
}

float rnn_rate(uint32_t update, uint32_t updates, uint32_t warmup, float peak, float last)
{
    if (update < warmup)
        return peak * (float)(update + 1) / (float)warmup;
    double done = updates > warmup + 1 ? (double)(update - warmup) / (double)(updates - warmup - 1) : 1.0;
    double height = 0.5 + 0.5 * cos_pi(done < 1.0 ? done : 1.0);
    return (float)((double)peak * ((double)last + (1.0 - (double)last) * height));
}
