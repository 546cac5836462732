/* SPDX-License-Identifier: MIT
 *
 * model.c - what a network is: layers, packing, loading and saving, quantizing, and a step of B streams.
 */
#include "model.h"

#include "cells.h"
#include "error.h"
#include "kernels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "weights are read and written as little-endian memory"
#endif

/* ---- layout ---- */

/* Dimensions in their order in model_tensor.name: "rnn.weight_ih_l0", ... */
static const char *const layer_names[] = {"rnn.weight_ih_l", "rnn.weight_hh_l", "rnn.bias_ih_l", "rnn.bias_hh_l"};

static void layer_name(char *name, int which, int layer)
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

static void list_tensors(rnn_model *m)
{
    model_shape s = m->shape;
    if (s.E)
        add_tensor(m, "embedding.weight", 2, s.V_in, s.E);
    for (int l = 0; l < s.layers; l++)
        for (int which = WEIGHT_IH; which <= BIAS_HH; which++) {
            char name[MAX_NAME];
            int in = which == WEIGHT_HH || l ? s.H : s.E ? s.E : s.V_in;
            layer_name(name, which, l);
            add_tensor(m, name, which <= WEIGHT_HH ? 2 : 1, s.cell * s.H, which <= WEIGHT_HH ? in : 1);
        }
    add_tensor(m, "fc.weight", 2, s.V_out, s.H);
    add_tensor(m, "fc.bias", 1, s.V_out, 1);
}

static const model_tensor *layer_tensor(const rnn_model *m, int layer, int which)
{
    return &m->tensor[(m->shape.E > 0) + 4 * layer + which];
}

static const model_tensor *head_tensor(const rnn_model *m) { return &m->tensor[m->tensors - 2]; }

size_t embedding_at(const rnn_model *m) { return m->tensor[0].offset; }
size_t layer_at(const rnn_model *m, int layer, int which) { return layer_tensor(m, layer, which)->offset; }
size_t head_weight_at(const rnn_model *m) { return head_tensor(m)->offset; }
size_t head_bias_at(const rnn_model *m) { return m->tensor[m->tensors - 1].offset; }

/* ---- one allocation ---- */

/* 0, or code with the reason why no network has that shape. */
static int check_shape(model_shape s, int code)
{
    if (s.cell != RNN_CELL_TANH && s.cell != RNN_CELL_GRU && s.cell != RNN_CELL_LSTM)
        return fail(code, "the cell is %d; it must be 1 (tanh), 3 (GRU) or 4 (LSTM)", s.cell);
    if (s.layers < 1 || s.layers > MAX_LAYERS)
        return fail(code, "the network has %d layers; 1 to %d are possible", s.layers, MAX_LAYERS);
    if (s.V_in < 1 || s.V_in > MAX_TOKENS || s.V_out < 1 || s.V_out > MAX_TOKENS || s.E < 0 || s.E > MAX_HIDDEN)
        return fail(code, "the vocabulary is %d in, %d out, embedded in %d; 1 to %d tokens and at most %d are possible",
                    s.V_in, s.V_out, s.E, MAX_TOKENS, MAX_HIDDEN);
    if (s.H < 1 || s.H > MAX_HIDDEN)
        return fail(code, "a layer has %d units; 1 to %d are possible", s.H, MAX_HIDDEN);
    if ((uint64_t)s.V_in * (uint64_t)(s.cell * s.H) > (uint64_t)1 << 26)
        return fail(code, "%d tokens x %d gates make a table above 256 MiB", s.V_in, s.cell * s.H);
    return 0;
}

/* Floats that rows of a weight matrix (N, K) take packed; the pointers are set if base is given. */
static size_t place_matrix(packed *w, int K, int N, int quantized, float *base)
{
    size_t columns = (size_t)whole_lines((uint64_t)N), panels = quantized ? int8_panels_bytes(K, N) / sizeof(float) : panels_floats(K, N);
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
static size_t place_packed(rnn_model *m, int quantized, float *base)
{
    model_shape s = m->shape;
    int gates = s.cell * s.H, summed = cell_summed(s.cell) * s.H;
    size_t used = 0;
#define PLACE(pointer, floats) (base ? (void)((pointer) = base + used) : (void)0, used += (size_t)whole_lines(floats))
#define PLACE_MATRIX(w, K, N) (used += place_matrix(&(w), K, N, quantized, base ? base + used : NULL))
    PLACE(m->embedding_panel, panels_floats(s.E, PANEL));
    PLACE(m->table, (size_t)(s.V_in + 1) * (size_t)gates);
    for (int l = 0; l < s.layers; l++) {
        PLACE(m->bias[l], (size_t)gates);
        if (l)
            PLACE_MATRIX(m->ih[l], s.H, gates);
        PLACE_MATRIX(m->hh[l], s.H, summed);
        if (summed < gates)
            PLACE_MATRIX(m->hh_n[l], s.H, gates - summed);
    }
    PLACE_MATRIX(m->head, s.H, s.V_out);
#undef PLACE_MATRIX
#undef PLACE
    return used;
}

/* A model of that shape in one block, parameters 0. */
static rnn_model *allocate(model_shape shape, int quantized, const char *metadata, size_t metadata_bytes)
{
    rnn_model layout = {.shape = shape, .pad = RNN_NONE, .unknown = RNN_NONE, .end = RNN_NONE};
    if (check_shape(shape, RNN_E_RANGE))
        return NULL;
    list_tensors(&layout);
    size_t scales = quantized ? layout.rows : 0, bytes_int8 = quantized ? layout.floats : 0;
    uint64_t floats = whole_lines(layout.floats) + place_packed(&layout, quantized, NULL) + scales;
    uint64_t bytes = sizeof layout + LINE + 4 * floats + bytes_int8 + metadata_bytes;
    rnn_model *m = bytes > (uint64_t)1 << 30 ? NULL : calloc(1, (size_t)bytes);
    if (!m) {
        fail(RNN_E_MEMORY, "no memory for a network of %u parameters (%u MiB)", (unsigned)layout.floats, (unsigned)(bytes >> 20));
        return NULL;
    }
    *m = layout;
    m->params = next_line(m + 1);
    float *packed_weights = m->params + (size_t)whole_lines(m->floats);
    m->scales = packed_weights + place_packed(m, quantized, packed_weights);
    char *tail = (char *)(m->scales + scales);
    m->quantized = quantized ? (int8_t *)tail : NULL;
    m->metadata = memcpy(tail + bytes_int8, metadata, metadata_bytes);
    return m;
}

void rnn_model_free(rnn_model *m) { free(m); }

/* ---- packing ---- */

/* The biases that only count as a sum, as one. */
static void pack_bias(const rnn_model *m, int l)
{
    const float *ih = m->params + layer_at(m, l, BIAS_IH), *hh = m->params + layer_at(m, l, BIAS_HH);
    int gates = m->shape.cell * m->shape.H, summed = cell_summed(m->shape.cell) * m->shape.H;
    for (int g = 0; g < gates; g++)
        m->bias[l][g] = g < summed ? ih[g] + hh[g] : ih[g];
}

/* Row v is W_ih x_v + bias; in the order of additions of a product that starts from the bias. */
static void pack_table(const rnn_model *m)
{
    model_shape s = m->shape;
    int gates = s.cell * s.H;
    const float *ih = m->params + layer_at(m, 0, WEIGHT_IH);
    fill_rows(s.V_in + 1, gates, m->bias[0], m->table);
    if (s.E)
        for (int g = 0; g < gates; g += PANEL) {
            int width = gates - g < PANEL ? gates - g : PANEL;
            pack_transposed(s.E, width, ih + (size_t)g * (size_t)s.E, (size_t)s.E, m->embedding_panel);
            product(s.V_in, width, s.E, m->params + embedding_at(m), (size_t)s.E, m->embedding_panel, m->table + g, (size_t)gates);
        }
    else
        for (int v = 0; v < s.V_in; v++)
            for (int g = 0; g < gates; g++)
                m->table[(size_t)v * (size_t)gates + (size_t)g] += ih[(size_t)g * (size_t)s.V_in + (size_t)v];
}

/* w->N rows of tensor t from row `first` on. */
static void pack_matrix(const rnn_model *m, const packed *w, const model_tensor *t, int first)
{
    size_t columns = (size_t)w->K, at = t->offset + (size_t)first * columns;
    if (!m->quantized) {
        pack_transposed(w->K, w->N, m->params + at, columns, w->panels);
        return;
    }
    pack_int8(w->K, w->N, m->quantized + at, w->panels8);
    for (int n = 0; n < w->N; n++, at += columns) {
        int32_t sum = 0;
        for (size_t k = 0; k < columns; k++)
            sum += m->quantized[at + k];
        w->zero[n] = -ACTIVATION_ZERO * sum;
        w->scale[n] = m->scales[t->first_row + (size_t)(first + n)] / (float)ACTIVATION_STEPS;
    }
}

/* An int8 matrix as numbers. */
static void multiply_out(rnn_model *m, const model_tensor *t)
{
    size_t at = t->offset;
    for (int r = 0; r < t->rows; r++)
        for (int c = 0; c < t->columns; c++, at++)
            m->params[at] = (float)m->quantized[at] * m->scales[t->first_row + (size_t)r];
}

void rnn_pack(rnn_model *m)
{
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
    pack_matrix(m, &m->head, head_tensor(m), 0);
}

/* ---- new ---- */

/* Standard normal as the sum of 12 uniform numbers less 6: no logarithm, so the same bits everywhere. */
static float normal(uint32_t seed, uint32_t position)
{
    float sum = -6.0f;
    for (uint32_t i = 0; i < 12; i++)
        sum += dice(seed, position * 12 + i);
    return sum;
}

/* As PyTorch draws them (embedding N(0, 1), the rest uniform in +-1/sqrt(H)), but with 1 added to the
 * LSTM's forget bias, so that it remembers from the start (Jozefowicz et al. 2015). */
static void draw_weights(rnn_model *m, uint32_t seed)
{
    model_shape s = m->shape;
    float bound = 1.0f / sqrtf((float)s.H);
    size_t embedded = s.E ? (size_t)s.V_in * (size_t)s.E : 0;
    for (size_t i = 0; i < m->floats; i++)
        m->params[i] = i < embedded ? normal(seed, (uint32_t)i) : (2.0f * dice(seed ^ 0x5bd1e995U, (uint32_t)i) - 1.0f) * bound;
    for (int l = 0; s.cell == RNN_CELL_LSTM && l < s.layers; l++)
        for (int j = 0; j < s.H; j++)
            m->params[layer_at(m, l, BIAS_IH) + (size_t)(s.H + j)] += 1.0f;
}

rnn_model *rnn_model_new(int cell, int layers, int V_in, int E, int H, int V_out, uint32_t seed)
{
    rnn_model *m = allocate((model_shape){cell, layers, V_in, E, H, V_out}, 0, "", 1);
    if (!m)
        return NULL;
    draw_weights(m, seed);
    rnn_pack(m);
    return m;
}

/* ---- load ---- */

static int starts_with(const char *text, const char *start) { return strncmp(text, start, strlen(start)) == 0; }

static const char *meta_value(const char *list, const char *key)
{
    for (; *list; list += strlen(list) + 1) {
        int found = strcmp(list, key) == 0;
        list += strlen(list) + 1;
        if (found)
            return list;
    }
    return NULL;
}

/* A tensor of rank 2, NULL with an error otherwise. */
static const st_tensor *matrix(const st_file *file, const char *name)
{
    const st_tensor *t = st_find(file, name);
    if (!t)
        fail(RNN_E_SHAPE, "the file has no tensor %s: it holds no network of this kind", name);
    else if (t->rank != 2)
        fail(RNN_E_SHAPE, "%s has %d dimensions, expected 2", name, t->rank);
    return t && t->rank == 2 ? t : NULL;
}

/* The file describes itself by the shapes of its tensors. */
static int read_shape(const st_file *file, model_shape *s)
{
    const st_tensor *hh = matrix(file, "rnn.weight_hh_l0");
    const st_tensor *ih = hh ? matrix(file, "rnn.weight_ih_l0") : NULL, *head = ih ? matrix(file, "fc.weight") : NULL;
    const st_tensor *embedding = st_find(file, "embedding.weight");
    char name[MAX_NAME];
    if (!head || (embedding && !matrix(file, "embedding.weight")))
        return RNN_E_SHAPE;
    uint32_t gates = hh->shape[0], H = hh->shape[1];
    if (H == 0 || H > MAX_HIDDEN || gates % H || (gates / H != RNN_CELL_TANH && gates / H != RNN_CELL_GRU && gates / H != RNN_CELL_LSTM))
        return fail(RNN_E_SHAPE, "rnn.weight_hh_l0 is (%u, %u); expected (H, H), (3H, H) or (4H, H) with H up to %d",
                    (unsigned)gates, (unsigned)H, MAX_HIDDEN);
    *s = (model_shape){.cell = (int)(gates / H), .H = (int)H, .E = embedding ? (int)embedding->shape[1] : 0,
                       .V_in = (int)(embedding ? embedding->shape[0] : ih->shape[1]), .V_out = (int)head->shape[0]};
    if (embedding && s->E == 0)
        return fail(RNN_E_SHAPE, "embedding.weight is (%d, 0); an embedding has at least one column", s->V_in);
    do
        layer_name(name, WEIGHT_HH, ++s->layers);
    while (s->layers < 9 && st_find(file, name));
    return check_shape(*s, RNN_E_SHAPE);
}

/* No tensor of the stack may be left over (a reverse direction, a projection): ignoring it would give wrong numbers. */
static int check_no_more(const rnn_model *m, int quantized, const st_file *file)
{
    for (int i = 0; i < file->count; i++) {
        const char *name = file->tensors[i].name;
        int known = !(starts_with(name, "rnn.") || starts_with(name, "fc.") || starts_with(name, "embedding."));
        for (int k = 0; k < m->tensors; k++)
            known |= strcmp(name, m->tensor[k].name) == 0 || (quantized && strcmp(name, m->tensor[k].scale_name) == 0);
        if (!known)
            return fail(RNN_E_SHAPE, "the file has a tensor %s, which this kind of network does not", name);
    }
    return 0;
}

static float from_half(uint16_t bits)
{
    uint32_t sign = (uint32_t)(bits >> 15) << 31, exponent = bits >> 10 & 31, fraction = bits & 1023U;
    float magnitude = exponent ? (float)(fraction + 1024) * 0x1p-25f : (float)fraction * 0x1p-24f;
    uint32_t word;
    for (uint32_t i = 1; i <= exponent; i++)
        magnitude *= i < 31 ? 2.0f : (float)INFINITY; /* exponent 31 is infinity or NaN: not finite either way */
    memcpy(&word, &magnitude, sizeof word);
    word |= sign;
    memcpy(&magnitude, &word, sizeof word);
    return magnitude;
}

static float element(const st_tensor *t, size_t i)
{
    float value = 0.0f;
    uint16_t half;
    if (t->type == ST_F32)
        memcpy(&value, t->data + 4 * i, 4);
    else {
        memcpy(&half, t->data + 2 * i, 2);
        if (t->type == ST_F16)
            return from_half(half);
        uint32_t word = (uint32_t)half << 16;
        memcpy(&value, &word, 4);
    }
    return value;
}

static int check_tensor(const model_tensor *want, const st_tensor *have, const char *name, int columns)
{
    if (!have)
        return fail(RNN_E_SHAPE, "the file has no tensor %s", name);
    int rank = columns ? want->rank : 1;
    if (have->rank != rank)
        return fail(RNN_E_SHAPE, "%s has %d dimensions, expected %d", name, have->rank, rank);
    if (have->shape[0] != (uint32_t)want->rows)
        return fail(RNN_E_SHAPE, "%s has %u rows, expected %d", name, (unsigned)have->shape[0], want->rows);
    if (rank == 2 && have->shape[1] != (uint32_t)columns)
        return fail(RNN_E_SHAPE, "%s is (%u, %u), expected (%d, %d)", name, (unsigned)have->shape[0], (unsigned)have->shape[1],
                    want->rows, columns);
    return 0;
}

/* Every tensor is there in its shape, and no other of the stack: before memory is asked for, so that a
 * small file cannot ask for much. */
static int check_tensors(model_shape shape, int quantized, const st_file *file)
{
    rnn_model layout = {.shape = shape};
    list_tensors(&layout);
    int error = check_no_more(&layout, quantized, file);
    for (int i = 0; i < layout.tensors && !error; i++) {
        const model_tensor *t = &layout.tensor[i];
        error = check_tensor(t, st_find(file, t->name), t->name, t->columns);
    }
    return error;
}

/* int8 rows and their scales. -128 has no place in a symmetric quantization, and dots.h no room for it. */
static int read_quantized(rnn_model *m, const model_tensor *t, const st_file *file, const st_tensor *from)
{
    const st_tensor *scales = st_find(file, t->scale_name);
    int8_t *weights = m->quantized + t->offset;
    if (check_tensor(t, scales, t->scale_name, 0))
        return RNN_E_SHAPE;
    if (scales->type != ST_F32)
        return fail(RNN_E_SHAPE, "%s is not F32", t->scale_name);
    memcpy(m->scales + t->first_row, scales->data, sizeof(float) * (size_t)t->rows);
    memcpy(weights, from->data, (size_t)t->rows * (size_t)t->columns);
    for (size_t i = 0; i < (size_t)t->rows * (size_t)t->columns; i++)
        if (weights[i] < -127)
            return fail(RNN_E_VALUE, "%s holds -128: int8 weights go from -127 to 127", t->name);
    multiply_out(m, t);
    return 0;
}

static int read_tensor(rnn_model *m, const model_tensor *t, const st_file *file)
{
    const st_tensor *from = st_find(file, t->name);
    size_t n = (size_t)t->rows * (size_t)t->columns;
    int error = 0, is_int8 = from->type == ST_I8;
    if (is_int8 != (m->quantized && t->rank == 2) || from->type == ST_OTHER || from->type == ST_U8)
        return fail(RNN_E_SHAPE, "%s has a type that does not fit: expected %s", t->name,
                    m->quantized && t->rank == 2 ? "I8, as rnn.weight_hh_l0" : "F32, F16 or BF16");
    if (is_int8)
        error = read_quantized(m, t, file, from);
    else
        for (size_t i = 0; i < n; i++)
            m->params[t->offset + i] = element(from, i);
    if (!error && !all_finite(n, m->params + t->offset))
        error = fail(RNN_E_VALUE, "%s holds a number that is NaN or infinite", t->name);
    return error;
}

/* The decimal id under a metadata key; RNN_NONE if there is none. */
static int read_id(const rnn_model *m, const char *key, int *id)
{
    const char *text = meta_value(m->metadata, key);
    int value = 0;
    if (!text)
        return 0;
    for (const char *p = text; *p; p++)
        value = *p >= '0' && *p <= '9' && value < MAX_TOKENS ? value * 10 + (*p - '0') : MAX_TOKENS;
    if (!*text || value >= m->shape.V_out)
        return fail(RNN_E_HEADER, "the metadata's %s is not an id below %d", key, m->shape.V_out);
    *id = value;
    return 0;
}

static int read_model(rnn_model *m, const st_file *file)
{
    int error = 0;
    for (int i = 0; i < m->tensors && !error; i++)
        error = read_tensor(m, &m->tensor[i], file);
    if (!error && !(error = read_id(m, "pad", &m->pad)) && !(error = read_id(m, "unknown", &m->unknown)))
        error = read_id(m, "end", &m->end);
    return error;
}

/* The version of this format is 1, and a file without one is of it. */
static int check_version(const st_file *file)
{
    const char *version = meta_value(file->metadata, "nextchar.format");
    if (version && strcmp(version, "1") != 0)
        return fail(RNN_E_VERSION, "the file is of format %s; this program reads format 1: take a newer nextchar", version);
    return 0;
}

rnn_model *rnn_model_load(const void *safetensors, size_t bytes)
{
    model_shape shape;
    rnn_model *m = NULL;
    st_file *file = st_read(safetensors, bytes);
    if (file && !check_version(file) && !read_shape(file, &shape)) {
        int quantized = st_find(file, "rnn.weight_hh_l0")->type == ST_I8;
        if (!check_tensors(shape, quantized, file))
            m = allocate(shape, quantized, file->metadata, file->metadata_bytes);
    }
    if (m && read_model(m, file)) {
        rnn_model_free(m);
        m = NULL;
    }
    free(file);
    if (m)
        rnn_pack(m);
    return m;
}

/* ---- quantize ---- */

static int8_t nearest(float x)
{
    int n = x < 0 ? -(int)(0.5f - x) : (int)(x + 0.5f);
    return (int8_t)(n > 127 ? 127 : n < -127 ? -127 : n); /* a scale that is denormal may be half of what it should be */
}

/* Each row of a matrix: scale = largest magnitude / 127, weights rounded to -127 .. 127 of it. */
static void quantize_row(int n, const float *row, int8_t *out, float *row_scale)
{
    static const float largest = 0x1.020406p+121f; /* 127 of it are finite; of FLT_MAX / 127, rounded up, they are not */
    float most = 0.0f;
    for (int i = 0; i < n; i++)
        most = fabsf(row[i]) > most ? fabsf(row[i]) : most;
    *row_scale = fminf(most / 127.0f, largest);
    for (int i = 0; i < n; i++)
        out[i] = *row_scale > 0.0f ? nearest(row[i] / *row_scale) : 0;
}

static size_t list_bytes(const char *list)
{
    const char *at = list;
    while (*at)
        at += strlen(at) + 1;
    return (size_t)(at - list) + 1;
}

rnn_model *rnn_model_quantize(const rnn_model *m)
{
    if (!all_finite(m->floats, m->params)) {
        fail(RNN_E_VALUE, "the network holds a weight that is NaN or infinite, which int8 cannot keep");
        return NULL;
    }
    rnn_model *q = allocate(m->shape, 1, m->metadata, list_bytes(m->metadata));
    if (!q)
        return NULL;
    memcpy(q->params, m->params, sizeof(float) * m->floats);
    q->pad = m->pad;
    q->unknown = m->unknown;
    q->end = m->end;
    for (int i = 0; i < q->tensors; i++)
        for (int r = 0; r < q->tensor[i].rows && q->tensor[i].rank == 2; r++) {
            size_t at = q->tensor[i].offset + (size_t)r * (size_t)q->tensor[i].columns;
            quantize_row(q->tensor[i].columns, q->params + at, q->quantized + at, q->scales + q->tensor[i].first_row + (size_t)r);
        }
    rnn_pack(q);
    return q;
}

/* ---- save ---- */

static st_tensor f32_tensor(const char *name, int rank, int rows, int columns, const float *data)
{
    return (st_tensor){.name = name, .type = ST_F32, .rank = rank, .shape = {(uint32_t)rows, (uint32_t)columns},
                       .data = (const unsigned char *)data};
}

int model_file(const rnn_model *m, const rnn_vocab *v, st_tensor *out)
{
    int count = 0;
    for (int i = 0; i < m->tensors; i++) {
        const model_tensor *t = &m->tensor[i];
        if (!m->quantized || t->rank == 1)
            out[count++] = f32_tensor(t->name, t->rank, t->rows, t->columns, m->params + t->offset);
        else
            out[count++] = f32_tensor(t->scale_name, 1, t->rows, 1, m->scales + t->first_row);
    }
    for (int i = 0; m->quantized && i < m->tensors; i++)
        if (m->tensor[i].rank == 2) {
            out[count] = f32_tensor(m->tensor[i].name, 2, m->tensor[i].rows, m->tensor[i].columns, NULL);
            out[count].type = ST_I8;
            out[count++].data = (const unsigned char *)m->quantized + m->tensor[i].offset;
        }
    if (v) { /* its tokens lie one after another, each ended by a NUL */
        const char *first = rnn_token(v, 0), *last = rnn_token(v, rnn_vocab_size(v) - 1);
        out[count++] = (st_tensor){.name = "vocab", .type = ST_U8, .rank = 1, .data = (const unsigned char *)first,
                                   .shape = {(uint32_t)(last - first) + (uint32_t)strlen(last) + 1}};
    }
    return count;
}

size_t rnn_model_save(const rnn_model *m, const rnn_vocab *v, const char *meta, void *out, size_t room)
{
    st_tensor tensors[MAX_FILE_TENSORS];
    return st_write(tensors, model_file(m, v, tensors), meta, out, room);
}

/* ---- questions ---- */

int rnn_cell(const rnn_model *m) { return m->shape.cell; }
int rnn_layers(const rnn_model *m) { return m->shape.layers; }
int rnn_inputs(const rnn_model *m) { return m->shape.V_in; }
int rnn_embedding(const rnn_model *m) { return m->shape.E; }
int rnn_hidden(const rnn_model *m) { return m->shape.H; }
int rnn_outputs(const rnn_model *m) { return m->shape.V_out; }
int rnn_quantized(const rnn_model *m) { return m->quantized != NULL; }
const char *rnn_meta(const rnn_model *m) { return m->metadata; }

int rnn_special(const rnn_model *m, const char *name)
{
    return strcmp(name, "pad") == 0 ? m->pad : strcmp(name, "unknown") == 0 ? m->unknown : strcmp(name, "end") == 0 ? m->end : RNN_NONE;
}

int rnn_set_special(rnn_model *m, const char *name, int id)
{
    int *place = strcmp(name, "pad") == 0 ? &m->pad : strcmp(name, "unknown") == 0 ? &m->unknown : strcmp(name, "end") == 0 ? &m->end : NULL;
    if (!place || id < RNN_NONE || id >= m->shape.V_out)
        return fail(RNN_E_RANGE, "\"%s\" as %d: the names are pad, unknown and end, the ids below %d, or -1 for none", name, id, m->shape.V_out);
    *place = id;
    return 0;
}

float *rnn_params(rnn_model *m, size_t *floats)
{
    *floats = m->floats;
    return m->params;
}

uint32_t rnn_fingerprint(const rnn_model *m)
{
    const int numbers[] = {m->shape.cell, m->shape.layers, m->shape.V_in, m->shape.E, m->shape.H, m->shape.V_out};
    uint32_t hash = 0x811c9dc5U, word; /* FNV-1a over words, mixed once at the end */
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        hash = (hash ^ (uint32_t)numbers[i]) * 0x01000193U;
    for (size_t i = 0; i < m->floats; i++) {
        memcpy(&word, m->params + i, sizeof word);
        hash = (hash ^ word) * 0x01000193U;
    }
    return mix(hash);
}

/* ---- state ---- */

struct rnn_state {
    model_shape shape;
    int B;
    size_t floats;
    float *data;          /* per layer: h (B, H), c (B, H) if LSTM, gates (B, cell*H); then logits (B, V_out) */
    float *extra;         /* (B, H) scratch: see cells.h */
    void *activations;    /* (B, H) scratch: h as an int8 product reads it */
    const rnn_model *model;
};

static size_t part_at(const rnn_state *s, int layer, int part)
{
    size_t units = (size_t)s->B * (size_t)s->shape.H;
    size_t parts = s->shape.cell == RNN_CELL_LSTM ? 2 : 1;
    size_t before = part == RNN_PART_H ? 0 : part == RNN_PART_C ? 1 : parts;
    return units * ((size_t)layer * (parts + (size_t)s->shape.cell) + before);
}

static float *logits_of(const rnn_state *s) { return s->data + part_at(s, s->shape.layers, RNN_PART_H); }

rnn_state *rnn_state_new(const rnn_model *m, int B)
{
    rnn_state layout = {.shape = m->shape, .B = B, .model = m};
    if (B < 1 || B > 65536) {
        fail(RNN_E_RANGE, "%d streams asked for; 1 to 65536 are possible", B);
        return NULL;
    }
    uint64_t streams = (uint64_t)B, units = streams * (uint64_t)m->shape.H, per_unit = (uint64_t)(m->shape.layers * (m->shape.cell + 2) + 1);
    uint64_t bytes = sizeof layout + LINE + 4 * (units * per_unit + streams * (uint64_t)m->shape.V_out) + streams * activations_bytes(m->shape.H);
    rnn_state *s = bytes > (uint64_t)1 << 30 ? NULL : calloc(1, (size_t)bytes);
    if (!s) {
        fail(RNN_E_MEMORY, "no memory for a state of %d streams", B);
        return NULL;
    }
    *s = layout;
    s->data = next_line(s + 1);
    s->floats = part_at(s, m->shape.layers, RNN_PART_H) + (size_t)B * (size_t)m->shape.V_out;
    s->extra = s->data + s->floats;
    s->activations = s->extra + units;
    rnn_state_reset(s);
    return s;
}

void rnn_state_free(rnn_state *s) { free(s); }

/* out (B, N), rows ldo apart, += w times each stream's x (H). Integers have no NaN: a stream with one in x gets
 * it by what it adds to. */
static void multiply(rnn_state *s, const packed *w, const float *x, float *out, size_t ldo)
{
    size_t row = activations_bytes(w->K);
    if (w->panels) {
        product(s->B, w->N, w->K, x, (size_t)w->K, w->panels, out, ldo);
        return;
    }
    for (int b = 0; b < s->B; b++)
        if (!to_activations(w->K, x + (size_t)b * (size_t)w->K, (char *)s->activations + (size_t)b * row))
            for (int n = 0; n < w->N; n++)
                out[(size_t)b * ldo + (size_t)n] = NAN;
    product_int8(s->B, w->N, w->K, s->activations, w->panels8, w->scale, w->zero, out, ldo);
}

/* logits (B, V_out) from the last layer's h; what must never be drawn gets -infinity. */
static void read_out(const rnn_model *m, rnn_state *s)
{
    model_shape n = m->shape;
    float *logits = logits_of(s);
    fill_rows(s->B, n.V_out, m->params + head_bias_at(m), logits);
    multiply(s, &m->head, s->data + part_at(s, n.layers - 1, RNN_PART_H), logits, (size_t)n.V_out);
    for (int b = 0; b < s->B; b++, logits += n.V_out) {
        if (m->pad != RNN_NONE)
            logits[m->pad] = -INFINITY;
        if (m->unknown != RNN_NONE)
            logits[m->unknown] = -INFINITY;
    }
}

void rnn_state_reset(rnn_state *s)
{
    memset(s->data, 0, sizeof(float) * s->floats);
    read_out(s->model, s);
}

float *rnn_state_data(rnn_state *s, size_t *floats)
{
    *floats = s->floats;
    return s->data;
}

float *rnn_state_part(rnn_state *s, int layer, int part)
{
    if (layer < 0 || layer >= s->shape.layers || part < RNN_PART_H || part > RNN_PART_GATES ||
        (part == RNN_PART_C && s->shape.cell != RNN_CELL_LSTM)) {
        fail(RNN_E_RANGE, "the state has no part %d of layer %d", part, layer);
        return NULL;
    }
    return s->data + part_at(s, layer, part);
}

const float *rnn_logits(const rnn_state *s) { return logits_of(s); }

int check_ids(const int32_t *ids, size_t n, int V, const char *what)
{
    for (size_t i = 0; i < n; i++)
        if (ids[i] < RNN_NONE || ids[i] >= V)
            return fail(RNN_E_RANGE, "%s %d is not an id below %d", what, (int)ids[i], V);
    return 0;
}

static void layer_step(const rnn_model *m, rnn_state *s, int l, const int32_t *tokens)
{
    int H = m->shape.H, cell = m->shape.cell, gates_width = cell * H;
    size_t width = (size_t)gates_width;
    float *h = s->data + part_at(s, l, RNN_PART_H), *c = s->data + part_at(s, l, RNN_PART_C);
    float *gates = s->data + part_at(s, l, RNN_PART_GATES);
    if (l == 0)
        for (int b = 0; b < s->B; b++)
            memcpy(gates + (size_t)b * width, table_row(m, tokens[b]), sizeof(float) * width);
    else {
        fill_rows(s->B, gates_width, m->bias[l], gates);
        multiply(s, &m->ih[l], s->data + part_at(s, l - 1, RNN_PART_H), gates, width);
    }
    multiply(s, &m->hh[l], h, gates, width);
    if (m->hh_n[l].N) {
        fill_rows(s->B, H, m->params + layer_at(m, l, BIAS_HH) + m->hh[l].N, s->extra);
        multiply(s, &m->hh_n[l], h, s->extra, (size_t)H);
    }
    cell_forward(cell, s->B, H, gates, h, c, h, c, s->extra);
}

int rnn_step(const rnn_model *m, rnn_state *s, const int32_t *tokens)
{
    int error = check_ids(tokens, (size_t)s->B, m->shape.V_in, "the token");
    if (m != s->model)
        return fail(RNN_E_RANGE, "the state belongs to another model");
    if (error)
        return error;
    for (int l = 0; l < m->shape.layers; l++)
        layer_step(m, s, l, tokens);
    read_out(m, s);
    return 0;
}

double rnn_score(const rnn_model *m, rnn_state *s, const int32_t *tokens, int T, uint32_t *counted)
{
    size_t V = (size_t)m->shape.V_out, B = (size_t)s->B;
    double bits = 0.0;
    *counted = 0;
    if (m->shape.V_in != m->shape.V_out) {
        fail(RNN_E_RANGE, "the network reads %d tokens and writes %d: only one that writes what it reads can be scored", m->shape.V_in, m->shape.V_out);
        return NAN;
    }
    if (T < 0 || check_ids(tokens, (size_t)T * B, m->shape.V_out, "the token"))
        return NAN;
    for (size_t t = 0; t < (size_t)T; t++, tokens += B) {
        for (size_t b = 0; b < B; b++)
            if (is_drawn(m, tokens[b])) {
                bits += (double)rnn_surprisal(logits_of(s) + b * V, (int)V, tokens[b]);
                ++*counted;
            }
        if (rnn_step(m, s, tokens))
            return NAN;
    }
    return bits;
}
