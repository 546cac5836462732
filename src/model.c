/* SPDX-License-Identifier: MIT
 *
 * model.c - what a stack of layers is: its tensors, its one block of memory, its weights as a step reads them.
 */
#include "model.h"

#include "cells.h"
#include "error.h"
#include "kernels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- layout ---- */

/* The layer's number follows: "rnn.weight_ih_l0". In the order of WEIGHT_IH .. BIAS_HH. */
static const char *const layer_names[] = {"rnn.weight_ih_l", "rnn.weight_hh_l", "rnn.bias_ih_l", "rnn.bias_hh_l"};

void layer_name(char *name, int which, int layer)
{
    size_t length = strlen(layer_names[which]);
    memcpy(name, layer_names[which], length);
    name[length] = (char)('0' + layer);
    name[length + 1] = 0;
}

static void add_tensor(rnn_model *m, const char *name, int rank, int rows, int columns)
{
    model_tensor *t = &m->tensor[m->tensors++];
    *t = (model_tensor){.rank = rank, .rows = rows, .columns = columns, .offset = m->floats, .first_row = m->rows};
    strcat(strcpy(t->scale_name, strcpy(t->name, name)), ".scale");
    m->floats += (size_t)rows * (size_t)columns;
    m->rows += rank == 2 ? (size_t)rows : 0;
}

static void add_convolution(rnn_model *m, const char *weight, const char *bias, int maps, int out)
{
    add_tensor(m, weight, 2, out, 9 * maps);
    m->tensor[m->tensors - 1].maps = maps;
    add_tensor(m, bias, 1, out, 1);
}

/* A state begins from N numbers, or from what two convolutions make of a picture. */
static void add_source(rnn_model *m)
{
    model_shape s = m->shape;
    if (s.maps1) {
        add_convolution(m, "conv1.weight", "conv1.bias", 1, s.maps1);
        add_convolution(m, "conv2.weight", "conv2.bias", s.maps1, s.maps2);
    }
    add_tensor(m, "init.weight", 2, carried_width(s), features(s));
    add_tensor(m, "init.bias", 1, carried_width(s), 1);
}

void list_tensors(rnn_model *m)
{
    model_shape s = m->shape;
    int token_width = s.E ? s.E : s.V_in;
    if (s.E)
        add_tensor(m, "embedding.weight", 2, s.V_in, s.E);
    for (int l = 0; l < s.layers; l++)
        for (int which = WEIGHT_IH; which <= BIAS_HH; which++) {
            char name[MAX_NAME];
            int in = which == WEIGHT_HH || l ? s.H : token_width;
            layer_name(name, which, l);
            add_tensor(m, name, which <= WEIGHT_HH ? 2 : 1, s.cell * s.H, which <= WEIGHT_HH ? in : 1);
        }
    if (s.V_out) {
        add_tensor(m, "fc.weight", 2, s.V_out, s.layers ? s.H : token_width);
        add_tensor(m, "fc.bias", 1, s.V_out, 1);
    }
    if (s.N)
        add_source(m);
}

static const model_tensor *layer_tensor(const rnn_model *m, int layer, int which)
{
    return &m->tensor[(m->shape.E > 0) + 4 * layer + which];
}

static const model_tensor *head_tensor(const rnn_model *m) { return layer_tensor(m, m->shape.layers, 0); }

size_t embedding_offset(const rnn_model *m) { return m->tensor[0].offset; }
size_t layer_offset(const rnn_model *m, int layer, int which) { return layer_tensor(m, layer, which)->offset; }
size_t head_weight_offset(const rnn_model *m) { return head_tensor(m)->offset; }
size_t head_bias_offset(const rnn_model *m) { return head_tensor(m)[1].offset; }

size_t source_offset(const rnn_model *m, int which)
{
    return m->tensor[m->tensors - 1 - (INIT_BIAS - which)].offset;
}

size_t reader_weight_offset(const rnn_model *m)
{
    return m->shape.layers ? layer_offset(m, 0, WEIGHT_IH) : head_weight_offset(m);
}

size_t reader_bias_offset(const rnn_model *m)
{
    return m->shape.layers ? layer_offset(m, 0, BIAS_IH) : head_bias_offset(m);
}

/* ---- one allocation ---- */

/* Where a state begins: N numbers; or a picture, through so many maps of two convolutions. */
static int check_source(model_shape s, int code)
{
    if (s.N < 0 || s.N > MAX_VECTOR || s.maps1 < 0 || s.maps1 > MAX_MAPS || s.maps2 < 0 || s.maps2 > MAX_MAPS)
        return fail(code, "a state begins from %d numbers, %d and %d maps; at most %d and %d are possible", s.N,
                    s.maps1, s.maps2, MAX_VECTOR, MAX_MAPS);
    if (!s.maps1 != !s.maps2 || (s.maps1 && s.side < MIN_SIDE))
        return fail(code, "a picture is a square with sides of %d to %d, read by two convolutions", MIN_SIDE, MAX_SIDE);
    return 0;
}

int check_shape(model_shape s, int code)
{
    if (s.layers < 0 || s.layers > MAX_LAYERS)
        return fail(code, "the network has %d layers; 0 to %d are possible", s.layers, MAX_LAYERS);
    if (!s.layers && (s.cell || s.H || s.N || !s.V_out))
        return fail(code, "a network of 0 layers has only a head: no cell, no units, no state to begin from");
    if (s.layers && s.cell != RNN_CELL_TANH && s.cell != RNN_CELL_GRU && s.cell != RNN_CELL_LSTM)
        return fail(code, "the cell is %d; it must be 1 (tanh), 3 (GRU) or 4 (LSTM)", s.cell);
    if (s.V_in < 1 || s.V_in > MAX_TOKENS || s.V_out < 0 || s.V_out > MAX_TOKENS || s.E < 0 || s.E > MAX_HIDDEN)
        return fail(code, "the vocabulary is %d in, %d out, embedded in %d; 1 to %d tokens and at most %d are possible",
                    s.V_in, s.V_out, s.E, MAX_TOKENS, MAX_HIDDEN);
    if (s.layers && (s.H < 1 || s.H > MAX_HIDDEN))
        return fail(code, "a layer has %d units; 1 to %d are possible", s.H, MAX_HIDDEN);
    if ((uint64_t)s.V_in * (uint64_t)table_width(s) > (uint64_t)1 << 26)
        return fail(code, "%d tokens x %d gates make a table above 256 MiB", s.V_in, table_width(s));
    return check_source(s, code);
}

/* Floats that a weight matrix (N, K) takes packed; the pointers are set if base is given. */
static size_t lay_out_matrix(packed *w, int K, int N, int quantized, float *base)
{
    size_t columns = (size_t)whole_lines((uint64_t)N);
    size_t panels = quantized ? int8_panels_bytes(K, N) / sizeof(float) : panels_floats(K, N);
    *w = (packed){.K = K, .N = N};
    if (base && !quantized)
        w->panels = base;
    else if (base) {
        w->panels8 = (int8_t *)base;
        w->scale = base + panels;
        w->zero = (int32_t *)(w->scale + columns);
    }
    return quantized ? panels + 2 * columns : panels;
}

/* Floats of the packed weights; the pointers are set if base is given. */
static size_t lay_out_packed(rnn_model *m, int quantized, float *base)
{
    model_shape s = m->shape;
    int gates = s.cell * s.H, summed = cell_summed(s.cell) * s.H;
    size_t used = 0;
#define LAY_OUT(pointer, floats) (base ? (void)((pointer) = base + used) : (void)0, used += (size_t)whole_lines(floats))
#define LAY_OUT_MATRIX(w, K, N) (used += lay_out_matrix(&(w), K, N, quantized, base ? base + used : NULL))
    LAY_OUT(m->embedding_panel, panels_floats(s.E, PANEL));
    LAY_OUT(m->table, (size_t)(s.V_in + 1) * (size_t)table_width(s));
    for (int l = 0; l < s.layers; l++) {
        LAY_OUT(m->bias[l], (size_t)gates);
        if (l)
            LAY_OUT_MATRIX(m->ih[l], s.H, gates);
        LAY_OUT_MATRIX(m->hh[l], s.H, summed);
        if (summed < gates)
            LAY_OUT_MATRIX(m->hh_n[l], s.H, gates - summed);
    }
    if (s.layers)
        LAY_OUT_MATRIX(m->head, s.H, s.V_out);
#undef LAY_OUT_MATRIX
#undef LAY_OUT
    return used;
}

rnn_model *allocate_model(model_shape shape, int quantized, const char *metadata, size_t metadata_bytes)
{
    rnn_model layout = {.shape = shape, .pad = RNN_NONE, .unknown = RNN_NONE, .end = RNN_NONE};
    if (check_shape(shape, RNN_E_RANGE))
        return NULL;
    list_tensors(&layout);
    size_t scales = quantized ? layout.rows : 0, bytes_int8 = quantized ? layout.floats : 0;
    uint64_t floats = whole_lines(layout.floats) + lay_out_packed(&layout, quantized, NULL) + scales;
    uint64_t bytes = sizeof layout + LINE + 4 * floats + bytes_int8 + metadata_bytes;
    rnn_model *m = bytes > (uint64_t)1 << 30 ? NULL : calloc(1, (size_t)bytes);
    if (!m) {
        fail(RNN_E_MEMORY, "no memory for a network of %u parameters (%u MiB)", (unsigned)layout.floats,
             (unsigned)(bytes >> 20));
        return NULL;
    }
    *m = layout;
    m->params = next_line(m + 1);
    float *packed_weights = m->params + (size_t)whole_lines(m->floats);
    m->scales = packed_weights + lay_out_packed(m, quantized, packed_weights);
    char *tail = (char *)(m->scales + scales);
    m->quantized = quantized ? (int8_t *)tail : NULL;
    m->metadata = memcpy(tail + bytes_int8, metadata, metadata_bytes);
    return m;
}

void rnn_model_free(rnn_model *m) { free(m); }

/* ---- packing ---- */

/* One bias for each gate: the sum of both where only the sum counts, else b_ih alone. */
static void pack_bias(const rnn_model *m, int l)
{
    const float *ih = m->params + layer_offset(m, l, BIAS_IH), *hh = m->params + layer_offset(m, l, BIAS_HH);
    int gates = m->shape.cell * m->shape.H, summed = cell_summed(m->shape.cell) * m->shape.H;
    for (int g = 0; g < gates; g++)
        m->bias[l][g] = g < summed ? ih[g] + hh[g] : ih[g];
}

/* Row v is W x_v + bias, with the additions in the order of a product that starts from the bias. */
static void pack_table(const rnn_model *m)
{
    model_shape s = m->shape;
    int width = table_width(s);
    const float *weights = m->params + reader_weight_offset(m);
    fill_rows(s.V_in + 1, width, s.layers ? m->bias[0] : m->params + reader_bias_offset(m), m->table);
    if (s.E)
        for (int g = 0; g < width; g += PANEL) {
            int columns = width - g < PANEL ? width - g : PANEL;
            pack_transposed(s.E, columns, weights + (size_t)g * (size_t)s.E, (size_t)s.E, m->embedding_panel);
            product(s.V_in, columns, s.E, m->params + embedding_offset(m), (size_t)s.E, m->embedding_panel,
                    m->table + g, (size_t)width);
        }
    else
        for (int v = 0; v < s.V_in; v++)
            for (int g = 0; g < width; g++)
                m->table[(size_t)v * (size_t)width + (size_t)g] += weights[(size_t)g * (size_t)s.V_in + (size_t)v];
}

/* w->N rows of tensor t, from row `first` on. */
static void pack_matrix(const rnn_model *m, const packed *w, const model_tensor *t, int first)
{
    size_t columns = (size_t)w->K, row = t->offset + (size_t)first * columns;
    if (!m->quantized) {
        pack_transposed(w->K, w->N, m->params + row, columns, w->panels);
        return;
    }
    pack_int8(w->K, w->N, m->quantized + row, w->panels8);
    for (int n = 0; n < w->N; n++, row += columns) {
        int32_t sum = 0;
        for (size_t k = 0; k < columns; k++)
            sum += m->quantized[row + k];
        w->zero[n] = -ACTIVATION_ZERO * sum;
        w->scale[n] = m->scales[t->first_row + (size_t)(first + n)] / (float)ACTIVATION_STEPS;
    }
}

/* The params of an int8 matrix: each integer times the scale of its row. */
static void multiply_out(rnn_model *m, const model_tensor *t)
{
    size_t i = t->offset;
    for (int r = 0; r < t->rows; r++)
        for (int c = 0; c < t->columns; c++, i++)
            m->params[i] = (float)m->quantized[i] * m->scales[t->first_row + (size_t)r];
}

void rnn_pack(rnn_model *m)
{
    if (missing(m))
        return;
    for (int i = 0; i < m->tensors && m->quantized; i++)
        if (m->tensor[i].rank == 2)
            multiply_out(m, &m->tensor[i]);
    for (int l = 0; l < m->shape.layers; l++) {
        pack_bias(m, l);
        if (l)
            pack_matrix(m, &m->ih[l], layer_tensor(m, l, WEIGHT_IH), 0);
        pack_matrix(m, &m->hh[l], layer_tensor(m, l, WEIGHT_HH), 0);
        if (m->hh_n[l].N)
            pack_matrix(m, &m->hh_n[l], layer_tensor(m, l, WEIGHT_HH), m->hh[l].N);
    }
    pack_table(m);
    if (m->head.N)
        pack_matrix(m, &m->head, head_tensor(m), 0);
}

/* ---- new ---- */

/* Nearly standard normal: the sum of 12 uniform numbers, less 6. No logarithm, so the same bits everywhere. */
static float normal(uint32_t seed, uint32_t position)
{
    float sum = -6.0f;
    for (uint32_t i = 0; i < 12; i++)
        sum += dice(seed, position * 12 + i);
    return sum;
}

/* PyTorch draws the tensors of a layer and of the head from +-1/sqrt(H), those of a linear map or a convolution from
 * +-1/sqrt(the columns of its weight). A bias follows its weight. */
static float bound_of(const rnn_model *m, const model_tensor *t)
{
    int of_layers = m->shape.layers && t < head_tensor(m) + (m->shape.V_out ? 2 : 0);
    int columns = of_layers ? m->shape.H : t->rank == 2 ? t->columns : t[-1].columns;
    return 1.0f / sqrtf((float)columns);
}

/* As PyTorch draws them: the embedding from N(0, 1), the rest uniform. But 1 is added to the LSTM's forget bias, so
 * that it remembers from the start (Jozefowicz et al. 2015). */
static void draw_weights(rnn_model *m, uint32_t seed)
{
    model_shape s = m->shape;
    for (int i = 0; i < m->tensors; i++) {
        const model_tensor *t = &m->tensor[i];
        float bound = bound_of(m, t);
        for (size_t k = t->offset; k < t->offset + (size_t)t->rows * (size_t)t->columns; k++)
            m->params[k] = s.E && i == 0 ? normal(seed, (uint32_t)k)
                                         : (2.0f * dice(seed ^ 0x5bd1e995U, (uint32_t)k) - 1.0f) * bound;
    }
    for (int l = 0; s.cell == RNN_CELL_LSTM && l < s.layers; l++)
        for (int j = 0; j < s.H; j++)
            m->params[layer_offset(m, l, BIAS_IH) + (size_t)(s.H + j)] += 1.0f;
}

rnn_model *rnn_model_new(int cell, int layers, int V_in, int E, int H, int V_out, uint32_t seed)
{
    return rnn_model_new_from(cell, layers, V_in, E, H, V_out, 0, 0, 0, seed);
}

rnn_model *rnn_model_new_from(int cell, int layers, int V_in, int E, int H, int V_out, int N, int maps1, int maps2,
                              uint32_t seed)
{
    model_shape s = {cell, layers, V_in, E, H, V_out, .N = N, .maps1 = maps1, .maps2 = maps2};
    for (int side = MIN_SIDE; maps1 && side <= MAX_SIDE; side++)
        if (side * side == N)
            s.side = side;
    rnn_model *m = allocate_model(s, 0, "", 1);
    if (!m)
        return NULL;
    draw_weights(m, seed);
    rnn_pack(m);
    return m;
}

/* ---- questions ---- */

int rnn_cell(const rnn_model *m) { return missing(m) ? RNN_E_RANGE : m->shape.cell; }
int rnn_layers(const rnn_model *m) { return missing(m) ? RNN_E_RANGE : m->shape.layers; }
int rnn_inputs(const rnn_model *m) { return missing(m) ? RNN_E_RANGE : m->shape.V_in; }
int rnn_embedding(const rnn_model *m) { return missing(m) ? RNN_E_RANGE : m->shape.E; }
int rnn_hidden(const rnn_model *m) { return missing(m) ? RNN_E_RANGE : m->shape.H; }
int rnn_outputs(const rnn_model *m) { return missing(m) ? RNN_E_RANGE : m->shape.V_out; }
int rnn_vector(const rnn_model *m) { return missing(m) ? RNN_E_RANGE : m->shape.N; }
int rnn_maps(const rnn_model *m, int which)
{
    if (missing(m))
        return RNN_E_RANGE;
    return which ? m->shape.maps2 : m->shape.maps1;
}
int rnn_quantized(const rnn_model *m) { return missing(m) ? RNN_E_RANGE : m->quantized != NULL; }
const char *rnn_meta(const rnn_model *m) { return missing(m) ? NULL : m->metadata; }

/* The field with the id of that name; NULL if there is no such name. */
static int *special_id(rnn_model *m, const char *name)
{
    if (strcmp(name, "pad") == 0)
        return &m->pad;
    if (strcmp(name, "unknown") == 0)
        return &m->unknown;
    return strcmp(name, "end") == 0 ? &m->end : NULL;
}

int rnn_special(const rnn_model *m, const char *name)
{
    if (missing(m) || missing(name))
        return RNN_E_RANGE;
    rnn_model specials = {.pad = m->pad, .unknown = m->unknown, .end = m->end};
    const int *id = special_id(&specials, name);
    return id ? *id : RNN_NONE;
}

int rnn_set_special(rnn_model *m, const char *name, int id)
{
    if (missing(m) || missing(name))
        return RNN_E_RANGE;
    int *special = special_id(m, name);
    if (!special || id < RNN_NONE || id >= m->shape.V_out)
        return fail(RNN_E_RANGE, "\"%s\" as %d: the names are pad, unknown and end, the ids below %d, or -1 for none",
                    name, id, m->shape.V_out);
    *special = id;
    return 0;
}

float *rnn_params(rnn_model *m, size_t *floats)
{
    if (missing(m) || missing(floats))
        return NULL;
    *floats = m->floats;
    return m->params;
}

uint32_t rnn_fingerprint(const rnn_model *m)
{
    if (missing(m))
        return 0;
    const int numbers[] = {m->shape.cell, m->shape.layers, m->shape.V_in, m->shape.E, m->shape.H, m->shape.V_out};
    uint32_t hash = 0x811c9dc5U, word; /* FNV-1a over words, mixed once at the end */
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        hash = (hash ^ (uint32_t)numbers[i]) * 0x01000193U;
    if (m->shape.N) /* a network without one has the hash that it always had */
        hash = (hash ^ (uint32_t)(m->shape.N * 4096 + m->shape.maps1)) * 0x01000193U;
    for (size_t i = 0; i < m->floats; i++) {
        memcpy(&word, m->params + i, sizeof word);
        hash = (hash ^ word) * 0x01000193U;
    }
    return mix(hash);
}
