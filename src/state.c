/* SPDX-License-Identifier: MIT
 *
 * state.c - streams that advance together: a layer over some steps, the head, a step, a score.
 */
#include "state.h"

#include "cells.h"
#include "error.h"
#include "kernels.h"

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

void input_from_tokens(const rnn_model *m, int rows, const int32_t *tokens, float *gates)
{
    size_t width = (size_t)(m->shape.cell * m->shape.H);
    for (size_t r = 0; r < (size_t)rows; r++)
        memcpy(gates + r * width, table_row(m, tokens[r]), sizeof(float) * width);
}

void input_from_below(const rnn_model *m, int layer, int rows, const float *below, float *gates, void *activations)
{
    int width = m->shape.cell * m->shape.H;
    fill_rows(rows, width, m->bias[layer], gates);
    multiply(&m->ih[layer], rows, below, gates, (size_t)width, activations);
}

void layer_forward(const rnn_model *m, int layer, int B, int T, const layer_run *run)
{
    const packed *hh = &m->hh[layer], *hh_n = &m->hh_n[layer];
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
    }
}

void head_forward(const rnn_model *m, int rows, const float *h, float *logits, void *activations)
{
    fill_rows(rows, m->shape.V_out, m->params + head_bias_offset(m), logits);
    multiply(&m->head, rows, h, logits, (size_t)m->shape.V_out, activations);
}

int check_ids(const int32_t *ids, size_t n, int V, const char *what)
{
    for (size_t i = 0; i < n; i++)
        if (ids[i] < RNN_NONE || ids[i] >= V)
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
    void *activations; /* (B, H) scratch: h as an int8 product reads it */
    const rnn_model *model;
};

/* In floats, into data; layer = L: the logits. */
static size_t part_offset(const rnn_state *s, int layer, int part)
{
    size_t units = (size_t)s->B * (size_t)s->shape.H;
    size_t parts = s->shape.cell == RNN_CELL_LSTM ? 2 : 1;
    size_t before = part == RNN_PART_H ? 0 : part == RNN_PART_C ? 1 : parts;
    return units * ((size_t)layer * (parts + (size_t)s->shape.cell) + before);
}

/* A layer that steps in place. */
static layer_run run_of(const rnn_state *s, int layer)
{
    float *c = s->shape.cell == RNN_CELL_LSTM ? s->data + part_offset(s, layer, RNN_PART_C) : NULL;
    return (layer_run){.gates = s->data + part_offset(s, layer, RNN_PART_GATES), .extra = s->extra, .c = c,
                       .h = s->data + part_offset(s, layer, RNN_PART_H), .activations = s->activations};
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
    uint64_t bytes = sizeof layout + LINE + 4 * floats + streams * activations_bytes(m->shape.H);
    rnn_state *s = bytes > (uint64_t)1 << 30 ? NULL : calloc(1, (size_t)bytes);
    if (!s) {
        fail(RNN_E_MEMORY, "no memory for a state of %d streams", B);
        return NULL;
    }
    *s = layout;
    s->data = next_line(s + 1);
    s->floats = part_offset(s, m->shape.layers, RNN_PART_H) + (size_t)B * (size_t)m->shape.V_out;
    s->extra = s->data + s->floats;
    s->activations = s->extra + units;
    rnn_state_reset(s);
    return s;
}

void rnn_state_free(rnn_state *s) { free(s); }

/* Logits from the last layer's h; what must never be drawn gets -infinity. */
static void read_out(const rnn_model *m, rnn_state *s)
{
    float *logits = logits_of(s);
    head_forward(m, s->B, s->data + part_offset(s, m->shape.layers - 1, RNN_PART_H), logits, s->activations);
    for (int b = 0; b < s->B; b++, logits += m->shape.V_out) {
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
    read_out(s->model, s);
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
    if (check_ids(tokens, (size_t)s->B, m->shape.V_in, "the token"))
        return RNN_E_RANGE;
    for (int l = 0; l < m->shape.layers; l++) {
        layer_run run = run_of(s, l);
        if (l == 0)
            input_from_tokens(m, s->B, tokens, run.gates);
        else
            input_from_below(m, l, s->B, s->data + part_offset(s, l - 1, RNN_PART_H), run.gates, s->activations);
        layer_forward(m, l, s->B, 1, &run);
    }
    read_out(m, s);
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
    if (check_ids(tokens, (size_t)T * B, m->shape.V_out, "the token"))
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
