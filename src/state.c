/* SPDX-License-Identifier: MIT
 *
 * state.c - streams that advance together: a layer over some steps, the head, a step, a score.
 */
#include "state.h"

#include "cells.h"
#include "error.h"
#include "kernels.h"
#include "source.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- a layer, the head ---- */

/* out (rows, N) += x (rows, K) times w; rows of out are ldo floats apart. Integers have no NaN: where a row of x has
 * one, its row of out becomes NaN first. */
static void multiply(const packed *w, int rows, const float *x, float *out, size_t ldo, void *activations)
{
    size_t K = (size_t)w->K, row = activations_bytes(w->K);
    if (w->panels) {
        product(rows, w->N, w->K, x, K, w->panels, out, ldo);
        return;
    }
    for (size_t r = 0; r < (size_t)rows; r++)
        if (!to_activations(w->K, x + r * K, (char *)activations + r * row))
            for (size_t n = 0; n < (size_t)w->N; n++)
                out[r * ldo + n] = NAN;
    product_int8(rows, w->N, w->K, activations, w->panels8, w->scale, w->zero, out, ldo);
}

void input_from_tokens(const rnn_model *m, int rows, const int32_t *tokens, float *out)
{
    size_t width = (size_t)table_width(m->shape);
    for (size_t r = 0; r < (size_t)rows; r++)
        memcpy(out + r * width, table_row(m, tokens[r]), sizeof(float) * width);
}

void input_from_below(const rnn_model *m, int layer, int rows, const float *below, float *gates, void *activations)
{
    int width = m->shape.cell * m->shape.H;
    fill_rows(rows, width, m->bias[layer], gates);
    multiply(&m->ih[layer], rows, below, gates, (size_t)width, activations);
}

void clear_rows(int rows, int H, const int32_t *tokens, float *x)
{
    for (size_t r = 0; r < (size_t)rows; r++)
        if (tokens[r] == RNN_CLEAR)
            memset(x + r * (size_t)H, 0, sizeof(float) * (size_t)H);
}

void layer_forward(const rnn_model *m, int layer, int B, int T, const layer_run *run)
{
    const packed *hh = run->hh, *hh_n = run->hh_n;
    int H = m->shape.H, cell = m->shape.cell;
    size_t units = (size_t)B * (size_t)H, width = (size_t)(cell * H);
    for (size_t t = 0; t < (size_t)T; t++) {
        float *gates = run->gates + t * (size_t)B * width, *extra = run->extra + t * units;
        float *h = run->h + t * run->stride, *c = run->c ? run->c + t * run->stride : NULL;
        multiply(hh, B, h, gates, width, run->activations);
        if (hh_n->N) { /* GRU: the n block of gh is kept apart; it starts from its bias */
            fill_rows(B, H, m->params + layer_offset(m, layer, BIAS_HH) + hh->N, extra);
            multiply(hh_n, B, h, extra, (size_t)H, run->activations);
        }
        cell_forward(cell, B, H, gates, h, c, h + run->stride, c ? c + run->stride : NULL, extra);
        clear_rows(B, cell * H, run->tokens + t * (size_t)B, gates);
        clear_rows(B, H, run->tokens + t * (size_t)B, h + run->stride);
        if (c)
            clear_rows(B, H, run->tokens + t * (size_t)B, c + run->stride);
    }
}

void head_forward(const rnn_model *m, int rows, const float *h, float *logits, void *activations)
{
    if (!m->shape.V_out)
        return;
    fill_rows(rows, m->shape.V_out, m->params + head_bias_offset(m), logits);
    multiply(&m->head, rows, h, logits, (size_t)m->shape.V_out, activations);
}

int check_ids(const int32_t *ids, size_t n, int least, int V, const char *what)
{
    for (size_t i = 0; i < n; i++)
        if (ids[i] < least || ids[i] >= V)
            return fail(RNN_E_RANGE, "%s %d is not an id below %d", what, (int)ids[i], V);
    return 0;
}

/* ---- state ---- */

struct rnn_state {
    model_shape shape;
    int B;
    size_t floats;
    float *data;       /* per layer: h (B, H), c (B, H) if LSTM, gates (B, cell*H); then logits (B, V_out) */
    float *extra;      /* (B, H) scratch: see cells.h */
    source_run source; /* where the model has one */
    void *activations; /* (B, H) scratch: h as an int8 product reads it */
    const rnn_model *model;
};

/* RNN_PART_C if LSTM, else RNN_PART_H. */
static int last_carried(const rnn_state *s) { return s->shape.cell == RNN_CELL_LSTM ? RNN_PART_C : RNN_PART_H; }

/* In floats, into data; layer = L: the logits. */
static size_t part_offset(const rnn_state *s, int layer, int part)
{
    size_t units = (size_t)s->B * (size_t)s->shape.H;
    size_t parts = s->shape.cell == RNN_CELL_LSTM ? 2 : 1;
    size_t before = part == RNN_PART_H ? 0 : part == RNN_PART_C ? 1 : parts;
    return units * ((size_t)layer * (parts + (size_t)s->shape.cell) + before);
}

/* A layer that steps in place. */
static layer_run run_of(const rnn_state *s, int layer, const int32_t *tokens)
{
    float *c = s->shape.cell == RNN_CELL_LSTM ? s->data + part_offset(s, layer, RNN_PART_C) : NULL;
    return (layer_run){.gates = s->data + part_offset(s, layer, RNN_PART_GATES), .extra = s->extra, .c = c,
                       .h = s->data + part_offset(s, layer, RNN_PART_H), .tokens = tokens,
                       .hh = &s->model->hh[layer], .hh_n = &s->model->hh_n[layer],
                       .activations = s->activations};
}

/* The numbers of one stream of a part: H, or cell*H of gates. */
static float *stream_of(const rnn_state *s, int layer, int part, int b)
{
    size_t width = (size_t)(part == RNN_PART_GATES ? s->shape.cell * s->shape.H : s->shape.H);
    return s->data + part_offset(s, layer, part) + (size_t)b * width;
}

static float *logits_of(const rnn_state *s) { return s->data + part_offset(s, s->shape.layers, RNN_PART_H); }

rnn_state *rnn_state_new(const rnn_model *m, int B)
{
    if (missing(m))
        return NULL;
    rnn_state layout = {.shape = m->shape, .B = B, .model = m};
    if (B < 1 || B > 65536) {
        fail(RNN_E_RANGE, "%d streams asked for; 1 to 65536 are possible", B);
        return NULL;
    }
    uint64_t streams = (uint64_t)B, units = streams * (uint64_t)m->shape.H;
    uint64_t per_unit = (uint64_t)(m->shape.layers * (m->shape.cell + 2) + 1);
    uint64_t floats = units * per_unit + streams * (uint64_t)m->shape.V_out;
    uint64_t of_source = m->shape.N ? source_layout(m, B, &layout.source, NULL) : 0;
    uint64_t activations = streams * activations_bytes(m->shape.H);
    uint64_t bytes = sizeof layout + LINE + 4 * (whole_lines(floats) + of_source) + activations;
    rnn_state *s = bytes > (uint64_t)1 << 30 ? NULL : calloc(1, (size_t)bytes);
    if (!s) {
        fail(RNN_E_MEMORY, "no memory for a state of %d streams", B);
        return NULL;
    }
    *s = layout;
    s->data = next_line(s + 1);
    s->floats = part_offset(s, m->shape.layers, RNN_PART_H) + (size_t)B * (size_t)m->shape.V_out;
    s->extra = s->data + s->floats;
    float *behind = s->data + whole_lines(floats);
    if (m->shape.N)
        source_layout(m, B, &s->source, behind);
    s->activations = behind + of_source;
    rnn_state_reset(s);
    return s;
}

void rnn_state_free(rnn_state *s) { free(s); }

/* Logits of `count` streams from the last layer's h or, without layers, from their tokens (NULL: none was read). What
 * must never be drawn gets -infinity. */
static void read_out(const rnn_model *m, rnn_state *s, int first, int count, const int32_t *tokens)
{
    float *logits = logits_of(s) + (size_t)first * (size_t)m->shape.V_out;
    if (m->shape.layers)
        head_forward(m, count, stream_of(s, m->shape.layers - 1, RNN_PART_H, first), logits, s->activations);
    else if (tokens)
        input_from_tokens(m, count, tokens, logits);
    else
        fill_rows(count, m->shape.V_out, table_row(m, RNN_NONE), logits);
    for (int b = 0; b < count; b++, logits += m->shape.V_out) {
        if (m->pad != RNN_NONE)
            logits[m->pad] = -INFINITY;
        if (m->unknown != RNN_NONE)
            logits[m->unknown] = -INFINITY;
    }
}

void rnn_state_reset(rnn_state *s)
{
    if (missing(s))
        return;
    memset(s->data, 0, sizeof(float) * s->floats);
    read_out(s->model, s, 0, s->B, NULL);
}

int rnn_state_begin(rnn_state *s, const float *vectors)
{
    if (missing(s) || missing(vectors))
        return RNN_E_RANGE;
    const rnn_model *m = s->model;
    if (!m->shape.N)
        return fail(RNN_E_RANGE, "the network has no init.weight: its state begins from zero alone");
    if (!all_finite((size_t)s->B * (size_t)m->shape.N, vectors))
        return fail(RNN_E_NONFINITE, "what the state shall begin from holds a number that is NaN or infinite");
    float *parts[MAX_PARTS];
    int count = 0;
    for (int l = 0; l < m->shape.layers; l++)
        for (int part = RNN_PART_H; part <= last_carried(s); part++)
            parts[count++] = s->data + part_offset(s, l, part);
    rnn_state_reset(s);
    source_forward(m, &s->source, vectors, parts);
    read_out(m, s, 0, s->B, NULL);
    return 0;
}

int rnn_state_copy(rnn_state *to, int b, const rnn_state *from, int a)
{
    if (missing(to) || missing(from))
        return RNN_E_RANGE;
    model_shape s = to->shape, other = from->shape;
    if (s.cell != other.cell || s.layers != other.layers || s.H != other.H)
        return fail(RNN_E_RANGE, "a state of %d layers of %d units does not fit into one of %d layers of %d",
                    other.layers, other.H, s.layers, s.H);
    if (a < 0 || a >= from->B || b < 0 || b >= to->B)
        return fail(RNN_E_RANGE, "stream %d of %d into stream %d of %d", a, from->B, b, to->B);
    for (int l = 0; l < s.layers && l < MAX_LAYERS; l++) { /* what is no state at all ends too */
        for (int part = RNN_PART_H; part <= last_carried(to); part++)
            memmove(stream_of(to, l, part, b), stream_of(from, l, part, a), sizeof(float) * (size_t)s.H);
        memmove(stream_of(to, l, RNN_PART_GATES, b), stream_of(from, l, RNN_PART_GATES, a),
                sizeof(float) * (size_t)(s.cell * s.H));
    }
    if (s.layers)
        read_out(to->model, to, b, 1, NULL);
    return 0;
}

float *rnn_state_data(rnn_state *s, size_t *floats)
{
    if (missing(s) || missing(floats))
        return NULL;
    *floats = s->floats;
    return s->data;
}

float *rnn_state_part(rnn_state *s, int layer, int part)
{
    if (missing(s))
        return NULL;
    if (part == RNN_PART_MAPS && s->shape.maps1 && (layer == 0 || layer == 1))
        return s->source.halved[layer];
    if (layer < 0 || layer >= s->shape.layers || part < RNN_PART_H || part > RNN_PART_GATES ||
        (part == RNN_PART_C && s->shape.cell != RNN_CELL_LSTM)) {
        fail(RNN_E_RANGE, "the state has no part %d of layer %d", part, layer);
        return NULL;
    }
    return s->data + part_offset(s, layer, part);
}

const float *rnn_logits(const rnn_state *s) { return missing(s) ? NULL : logits_of(s); }

int rnn_step(const rnn_model *m, rnn_state *s, const int32_t *tokens)
{
    if (missing(m) || missing(s) || missing(tokens))
        return RNN_E_RANGE;
    if (m != s->model)
        return fail(RNN_E_RANGE, "the state belongs to another model");
    if (check_ids(tokens, (size_t)s->B, RNN_CLEAR, m->shape.V_in, "the token"))
        return RNN_E_RANGE;
    for (int l = 0; l < m->shape.layers; l++) {
        layer_run run = run_of(s, l, tokens);
        if (l == 0)
            input_from_tokens(m, s->B, tokens, run.gates);
        else
            input_from_below(m, l, s->B, s->data + part_offset(s, l - 1, RNN_PART_H), run.gates, s->activations);
        layer_forward(m, l, s->B, 1, &run);
    }
    read_out(m, s, 0, s->B, tokens);
    return 0;
}

double rnn_score(const rnn_model *m, rnn_state *s, const int32_t *tokens, int T, uint32_t *counted)
{
    if (missing(m) || missing(s) || (T && missing(tokens)) || missing(counted))
        return NAN;
    size_t V = (size_t)m->shape.V_out, B = (size_t)s->B;
    double bits = 0.0;
    *counted = 0;
    if (m != s->model) {
        fail(RNN_E_RANGE, "the state belongs to another model");
        return NAN;
    }
    if (m->shape.V_in != m->shape.V_out) {
        fail(RNN_E_RANGE, "the network reads %d tokens and writes %d: only one that writes what it reads can be scored",
             m->shape.V_in, m->shape.V_out);
        return NAN;
    }
    if (T < 0) {
        fail(RNN_E_RANGE, "%d steps of tokens", T);
        return NAN;
    }
    if (check_ids(tokens, (size_t)T * B, RNN_CLEAR, m->shape.V_out, "the token"))
        return NAN;
    for (size_t t = 0; t < (size_t)T; t++, tokens += B) {
        for (size_t b = 0; b < B; b++)
            if (is_drawn(m, tokens[b])) {
                bits += (double)rnn_surprisal(logits_of(s) + b * V, (int)V, tokens[b]);
                ++*counted;
            }
        if (bits - bits != 0.0) {
            fail(RNN_E_NONFINITE, "the logits are no numbers any more: the weights are too large");
            return NAN;
        }
        if (rnn_step(m, s, tokens))
            return NAN;
    }
    return bits;
}
