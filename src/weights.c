/* SPDX-License-Identifier: MIT
 *
 * weights.c - networks as files: loading, quantizing, saving. A file is hostile until every byte of it is checked.
 */
#include "weights.h"

#include "error.h"
#include "kernels.h"
#include "vocab.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "weights are read and written as little-endian memory"
#endif

/* ---- load ---- */

/* A file as one stack sees it: the tensors whose names begin with its prefix, named by what follows it. */
typedef struct {
    st_file *file;
    const char *prefix; /* for sentences and metadata */
    int is_alone;       /* no other stack may be among those tensors */
} stack_file;

/* What the names of a stack's tensors begin with. */
static const char *const parts[] = {"rnn.", "fc.", "embedding.", "conv1.", "conv2.", "init."};
enum { PARTS = sizeof parts / sizeof *parts };

static int starts_with(const char *text, const char *start) { return strncmp(text, start, strlen(start)) == 0; }

/* Reads the file and keeps of its tensors those with the prefix; .file is NULL on error. */
static stack_file read_stack(const void *safetensors, size_t bytes, const char *prefix, int is_alone)
{
    stack_file in = {st_read(safetensors, bytes), prefix ? prefix : "", is_alone};
    int kept = 0;
    for (int i = 0; in.file && i < in.file->count; i++)
        if (starts_with(in.file->tensors[i].name, in.prefix)) {
            in.file->tensors[kept] = in.file->tensors[i];
            in.file->tensors[kept++].name += strlen(in.prefix);
        }
    if (in.file)
        in.file->count = kept;
    return in;
}

/* The value of prefix + key; NULL if there is none. */
static const char *meta_value(const char *list, const char *prefix, const char *key)
{
    for (; *list; list += strlen(list) + 1) {
        int found = starts_with(list, prefix) && strcmp(list + strlen(prefix), key) == 0;
        list += strlen(list) + 1;
        if (found)
            return list;
    }
    return NULL;
}

/* The tensor of that name, which must have two dimensions; NULL on error. */
static const st_tensor *matrix(const stack_file *in, const char *name)
{
    const st_tensor *t = st_find(in->file, name);
    if (!t)
        fail(RNN_E_SHAPE, "the file has no tensor %s%s: it holds no network of this kind", in->prefix, name);
    else if (t->rank != 2)
        fail(RNN_E_SHAPE, "%s%s has %d dimensions, expected 2", in->prefix, name, t->rank);
    return t && t->rank == 2 ? t : NULL;
}

/* The decimal id under prefix + key in the metadata; RNN_NONE where there is none. */
static int read_id(const stack_file *in, const char *key, int most, int *id)
{
    const char *text = meta_value(in->file->metadata, in->prefix, key);
    *id = text ? 0 : RNN_NONE;
    for (const char *p = text; p && *p; p++)
        *id = *p >= '0' && *p <= '9' && *id < MAX_TOKENS ? *id * 10 + (*p - '0') : MAX_TOKENS;
    if (text && (!*text || *id >= most))
        return fail(RNN_E_HEADER, "the metadata's %s%s is not an id below %d", in->prefix, key, most);
    return 0;
}

/* Whether the stack has a tensor whose name begins so. */
static int has_part(const stack_file *in, const char *start)
{
    int i = 0;
    while (i < in->file->count && !starts_with(in->file->tensors[i].name, start))
        i++;
    return i < in->file->count;
}

/* Cell, units and layers, by the recurrent weights. */
static int read_layers(const stack_file *in, model_shape *s)
{
    const st_tensor *hh = matrix(in, "rnn.weight_hh_l0");
    char name[MAX_NAME];
    if (!hh)
        return RNN_E_SHAPE;
    uint32_t gates = hh->shape[0], H = hh->shape[1];
    uint32_t cell = H && H <= MAX_HIDDEN && gates % H == 0 ? gates / H : 0;
    if (cell != RNN_CELL_TANH && cell != RNN_CELL_GRU && cell != RNN_CELL_LSTM)
        return fail(RNN_E_SHAPE, "%srnn.weight_hh_l0 is (%u, %u); expected (H, H), (3H, H) or (4H, H) with H up to %d",
                    in->prefix, (unsigned)gates, (unsigned)H, MAX_HIDDEN);
    s->cell = (int)cell;
    s->H = (int)H;
    do
        layer_name(name, WEIGHT_HH, ++s->layers);
    while (s->layers < 9 && st_find(in->file, name));
    return 0;
}

/* What a state begins from. Of a picture the shapes leave open how large it is, as odd edges are dropped: the metadata
 * says it. */
static int read_source(const stack_file *in, model_shape *s)
{
    const st_tensor *init = matrix(in, "init.weight"), *first = st_find(in->file, "conv1.weight");
    const st_tensor *second = st_find(in->file, "conv2.weight");
    if (!init)
        return RNN_E_SHAPE;
    s->N = (int)init->shape[1];
    if (!first && !second)
        return 0;
    if (!first || !second || first->rank != 4 || second->rank != 4)
        return fail(RNN_E_SHAPE, "%sconv1.weight and %sconv2.weight must be (maps, channels, 3, 3)", in->prefix,
                    in->prefix);
    s->maps1 = (int)first->shape[0];
    s->maps2 = (int)second->shape[0];
    if (read_id(in, "side", MAX_SIDE + 1, &s->side))
        return RNN_E_HEADER;
    if (s->side == RNN_NONE)
        return fail(RNN_E_SHAPE, "the metadata has no %sside: how many places wide the picture is", in->prefix);
    s->N = s->side * s->side;
    return 0;
}

/* The stack describes itself by the shapes of its tensors. Without recurrent weights it has no layers. */
static int read_shape(const stack_file *in, model_shape *s)
{
    if (has_part(in, "rnn.") || !has_part(in, "fc.")) {
        int error = read_layers(in, s);
        if (error)
            return error;
    }
    const st_tensor *head = has_part(in, "fc.") ? matrix(in, "fc.weight") : NULL;
    const st_tensor *reader = s->layers ? matrix(in, "rnn.weight_ih_l0") : head;
    const st_tensor *embedding = st_find(in->file, "embedding.weight");
    if (!reader || (!head && has_part(in, "fc.")) || (embedding && !matrix(in, "embedding.weight")))
        return RNN_E_SHAPE;
    s->E = embedding ? (int)embedding->shape[1] : 0;
    s->V_in = (int)(embedding ? embedding->shape[0] : reader->shape[1]);
    s->V_out = head ? (int)head->shape[0] : 0;
    if (embedding && s->E == 0)
        return fail(RNN_E_SHAPE, "%sembedding.weight is (%d, 0); an embedding has at least one column", in->prefix,
                    s->V_in);
    if (head && s->V_out == 0)
        return fail(RNN_E_SHAPE, "%sfc.weight has no rows: nothing could be written", in->prefix);
    int error = has_part(in, "init.") ? read_source(in, s) : 0;
    return error ? error : check_shape(*s, RNN_E_SHAPE);
}

/* Whether a name begins with a part's: none of another stack does. */
static int is_of_part(const char *name)
{
    for (int i = 0; i < PARTS; i++)
        if (starts_with(name, parts[i]))
            return 1;
    return 0;
}

/* Whether a tensor is of another stack: one whose recurrent weights are in the file too. */
static int is_of_other_stack(const stack_file *in, const char *name)
{
    char sibling[MAX_PREFIXED]; /* begins with the prefix that it would have */
    if (is_of_part(name))
        return 0;
    for (int n = 0; name[n] && n < MAX_PREFIX;) {
        sibling[n] = name[n];
        n++;
        if (is_of_part(name + n) && st_find(in->file, strcpy(sibling + n, "rnn.weight_hh_l0") - n))
            return 1;
    }
    return 0;
}

/* Whether a name is in a list of names, each ended by a NUL, that an empty one closes. */
static int is_among(const char *list, const char *name)
{
    while (*list && strcmp(list, name) != 0)
        list += strlen(list) + 1;
    return *list;
}

int is_of_file(const st_tensor *t)
{
    return t->type == ST_U8 && is_among("vocab\0labels\0text\0held_out\0best\0" ST_SUM "\0", t->name);
}

int refuse_tensor(const char *prefix, const char *name)
{
    return fail(RNN_E_SHAPE, "the file has a tensor %s%s, which this kind of network does not: take it out only if the "
                             "network computes the same without it", prefix, name);
}

/* No tensor may be left over, as of a reverse direction, a projection, a layer between or an encoder: the numbers would
 * be wrong. A training has its own beside each stack. */
static int check_no_more(const rnn_model *m, int quantized, const stack_file *in)
{
    static const char of_training[] = "trainer.m\0trainer.v\0trainer.updates\0"
                                      "trainer.h_l0\0trainer.h_l1\0trainer.h_l2\0trainer.h_l3\0"
                                      "trainer.c_l0\0trainer.c_l1\0trainer.c_l2\0trainer.c_l3\0";
    for (int i = 0; i < in->file->count; i++) {
        const st_tensor *t = &in->file->tensors[i];
        int known = is_among(of_training, t->name) || (!*in->prefix && is_of_file(t)) ||
                    (!in->is_alone && is_of_other_stack(in, t->name));
        for (int k = 0; k < m->tensors; k++)
            known |= strcmp(t->name, m->tensor[k].name) == 0 ||
                     (quantized && strcmp(t->name, m->tensor[k].scale_name) == 0);
        if (!known)
            return refuse_tensor(in->prefix, t->name);
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
    float value;
    double wide;
    uint16_t half;
    uint32_t word;
    switch (t->type) {
    case ST_F32:
        memcpy(&value, t->data + 4 * i, 4);
        return value;
    case ST_F64:
        memcpy(&wide, t->data + 8 * i, 8);
        return (float)wide;
    case ST_I8:
        return (float)(int8_t)t->data[i];
    default:
        memcpy(&half, t->data + 2 * i, 2);
        word = (uint32_t)half << 16;
        memcpy(&value, &word, 4);
        return t->type == ST_F16 ? from_half(half) : value;
    }
}

/* Whether a tensor is there in the shape of `want`; columns = 0: as a list with an element per row. */
static int check_tensor(const stack_file *in, const model_tensor *want, const char *name, int columns)
{
    const st_tensor *have = st_find(in->file, name);
    if (!have)
        return fail(RNN_E_SHAPE, "the file has no tensor %s%s", in->prefix, name);
    int maps = columns ? want->maps : 0, rank = maps ? 4 : columns ? want->rank : 1;
    if (have->rank != rank)
        return fail(RNN_E_SHAPE, "%s%s has %d dimensions, expected %d", in->prefix, name, have->rank, rank);
    if (have->shape[0] != (uint32_t)want->rows)
        return fail(RNN_E_SHAPE, "%s%s has %u rows, expected %d", in->prefix, name, (unsigned)have->shape[0],
                    want->rows);
    if (rank == 2 && have->shape[1] != (uint32_t)columns)
        return fail(RNN_E_SHAPE, "%s%s is (%u, %u), expected (%d, %d)", in->prefix, name, (unsigned)have->shape[0],
                    (unsigned)have->shape[1], want->rows, columns);
    if (maps && (have->shape[1] != (uint32_t)maps || have->shape[2] != 3 || have->shape[3] != 3))
        return fail(RNN_E_SHAPE, "%s%s is (%u, %u, %u, %u), expected (%d, %d, 3, 3)", in->prefix, name,
                    (unsigned)have->shape[0], (unsigned)have->shape[1], (unsigned)have->shape[2],
                    (unsigned)have->shape[3], want->rows, maps);
    return 0;
}

/* Whether the numbers of a tensor, which is there in its shape, are of a type that fits and finite. */
static int check_numbers(const stack_file *in, const model_tensor *want, int quantized)
{
    const st_tensor *have = st_find(in->file, want->name), *scales = NULL;
    int is_int8 = quantized && want->rank == 2;
    if (is_int8 ? have->type != ST_I8 : have->type < ST_F32 || have->type > ST_F64)
        return fail(RNN_E_SHAPE, "%s%s has a type that does not fit: expected %s", in->prefix, want->name,
                    is_int8 ? "I8, as the other matrices" : "F32, F64, F16 or BF16");
    if (is_int8) {
        if (check_tensor(in, want, want->scale_name, 0))
            return RNN_E_SHAPE;
        scales = st_find(in->file, want->scale_name);
        if (scales->type != ST_F32)
            return fail(RNN_E_SHAPE, "%s%s is not F32", in->prefix, want->scale_name);
    }
    size_t i = 0, columns = (size_t)want->columns;
    for (size_t r = 0; r < (size_t)want->rows; r++)
        for (float unit = scales ? element(scales, r) : 1.0f; i < (r + 1) * columns; i++) {
            float number = element(have, i);
            if (is_int8 && number < -127.0f) /* a symmetric quantization has none, and dots.h no room for one */
                return fail(RNN_E_VALUE, "%s%s holds -128: int8 weights go from -127 to 127", in->prefix, want->name);
            if (!isfinite(number * unit))
                return fail(RNN_E_VALUE, "%s%s holds a number that is NaN or infinite", in->prefix, want->name);
        }
    return 0;
}

/* Whether every tensor is there and right, and no other one. All of a file is checked before memory is asked for, so
 * that what is refused costs little. */
static int check_tensors(const rnn_model *layout, int quantized, const stack_file *in)
{
    int error = check_no_more(layout, quantized, in);
    for (int i = 0; i < layout->tensors && !error; i++)
        error = check_tensor(in, &layout->tensor[i], layout->tensor[i].name, layout->tensor[i].columns);
    for (int i = 0; i < layout->tensors && !error; i++)
        error = check_numbers(in, &layout->tensor[i], quantized);
    return error;
}

static void read_tensor(rnn_model *m, const model_tensor *t, const stack_file *in)
{
    const st_tensor *from = st_find(in->file, t->name);
    size_t n = (size_t)t->rows * (size_t)t->columns;
    if (from->type == ST_I8) {
        memcpy(m->scales + t->first_row, st_find(in->file, t->scale_name)->data, sizeof(float) * (size_t)t->rows);
        memcpy(m->quantized + t->offset, from->data, n);
    } else
        for (size_t i = 0; i < n; i++)
            m->params[t->offset + i] = element(from, i);
}

/* The version of this format is 1, and a file without one is of it. */
static int check_version(const st_file *file)
{
    const char *version = meta_value(file->metadata, "", "nextchar.format");
    if (version && strcmp(version, "1") != 0)
        return fail(RNN_E_VERSION, "the file is of format %s; this program reads format 1: take a newer nextchar",
                    version);
    return 0;
}

/* Whether the file has a vocabulary of just what the stack reads and writes, which *vocab gets. */
static int take_vocab(const void *safetensors, size_t bytes, model_shape s, rnn_vocab **vocab)
{
    *vocab = rnn_vocab_load(safetensors, bytes);
    int tokens = *vocab ? rnn_vocab_size(*vocab) : 0;
    if (!*vocab)
        return rnn_error_code();
    if (tokens != s.V_in || tokens != s.V_out)
        return fail(RNN_E_VOCAB, "the vocabulary has %d tokens, the network reads %d and writes %d; they must be equal",
                    tokens, s.V_in, s.V_out);
    return 0;
}

/* What the shapes cannot say: an RNN of ReLU has those of one of tanh. */
static int check_nonlinearity(const char *metadata, const char *prefix)
{
    const char *of[] = {prefix, ""}; /* the stack, the file */
    for (int i = 0; i < 2; i++) {
        const char *said = meta_value(metadata, of[i], "nonlinearity");
        if (said && strcmp(said, "tanh") != 0)
            return fail(RNN_E_SHAPE, "the metadata's %snonlinearity is %s, where only tanh is computed, so the numbers "
                                     "would be others: train it with tanh", of[i], said);
    }
    return 0;
}

/* How many tokens a stack must read and write. NULL vocab: so many; else those of the vocabulary that *vocab gets. */
typedef struct {
    int V_in, V_out;
    rnn_vocab **vocab;
} fit;

static int check_fit(const void *safetensors, size_t bytes, model_shape s, const fit *wanted)
{
    if (!wanted)
        return 0;
    if (wanted->vocab)
        return take_vocab(safetensors, bytes, s, wanted->vocab);
    if (s.V_in != wanted->V_in || s.V_out != wanted->V_out)
        return fail(RNN_E_VOCAB, "the network reads %d tokens and writes %d labels; its file has names for %d and %d",
                    s.V_in, s.V_out, wanted->V_in, wanted->V_out);
    return 0;
}

/* prefix NULL: of a file with one stack. wanted NULL: any tokens, and where there is a prefix any stacks beside. What
 * does not fit is refused before it has memory. */
static rnn_model *load(const void *safetensors, size_t bytes, const char *prefix, const fit *wanted)
{
    rnn_model layout = {.tensors = 0}, *m = NULL;
    stack_file in = read_stack(safetensors, bytes, prefix, !prefix || wanted);
    if (in.file && !check_version(in.file) && !check_nonlinearity(in.file->metadata, in.prefix) &&
        !read_shape(&in, &layout.shape)) {
        const char *matrix_name = layout.shape.layers ? "rnn.weight_hh_l0" : "fc.weight";
        int quantized = st_find(in.file, matrix_name)->type == ST_I8, V = layout.shape.V_out;
        list_tensors(&layout);
        if (!check_tensors(&layout, quantized, &in) && !read_id(&in, "pad", V, &layout.pad) &&
            !read_id(&in, "unknown", V, &layout.unknown) && !read_id(&in, "end", V, &layout.end) &&
            !check_fit(safetensors, bytes, layout.shape, wanted))
            m = allocate_model(layout.shape, quantized, in.file->metadata, in.file->metadata_bytes);
    }
    if (m) {
        for (int i = 0; i < m->tensors; i++)
            read_tensor(m, &m->tensor[i], &in);
        m->pad = layout.pad;
        m->unknown = layout.unknown;
        m->end = layout.end;
        rnn_pack(m);
    }
    free(in.file);
    return m;
}

rnn_model *rnn_model_load(const void *safetensors, size_t bytes, const char *prefix)
{
    return load(safetensors, bytes, prefix, NULL);
}

rnn_model *load_fitting(const void *safetensors, size_t bytes, const char *prefix, int V_in, int V_out)
{
    return load(safetensors, bytes, prefix, &(fit){V_in, V_out, NULL});
}

rnn_model *rnn_network_load(const void *safetensors, size_t bytes, rnn_vocab **vocab)
{
    if (missing(vocab))
        return NULL;
    *vocab = NULL;
    int answers = rnn_file_answers(safetensors, bytes);
    if (answers == 1)
        fail(RNN_E_SHAPE, "the network answers, and does not write on: ask it with loadPattern or nextchar answer");
    if (answers)
        return NULL;
    rnn_model *m = load(safetensors, bytes, NULL, &(fit){.vocab = vocab});
    if (!m) {
        rnn_vocab_free(*vocab);
        *vocab = NULL;
    }
    return m;
}

/* ---- copies: as float32, as int8 ---- */

static int8_t nearest(float x)
{
    int n = x < 0 ? -(int)(0.5f - x) : (int)(x + 0.5f);
    if (n > 127) /* a scale that is denormal may be half of what it should be */
        return 127;
    return (int8_t)(n < -127 ? -127 : n);
}

/* Each row of a matrix: scale = largest magnitude / 127, weights rounded to -127 .. 127 of it. */
static void quantize_row(int n, const float *row, int8_t *out, float *row_scale)
{
    static const float largest = 0x1.020406p+121f; /* 127 times it is finite; 127 times (FLT_MAX / 127) is not */
    float most = 0.0f;
    for (int i = 0; i < n; i++)
        most = fabsf(row[i]) > most ? fabsf(row[i]) : most;
    *row_scale = fminf(most / 127.0f, largest);
    for (int i = 0; i < n; i++)
        out[i] = *row_scale > 0.0f ? nearest(row[i] / *row_scale) : 0;
}

/* With the same params, not packed yet. NULL on error. */
static rnn_model *copy_model(const rnn_model *m, int quantized)
{
    rnn_model *copy = allocate_model(m->shape, quantized, m->metadata, st_list_bytes(m->metadata));
    if (!copy)
        return NULL;
    memcpy(copy->params, m->params, sizeof(float) * m->floats);
    copy->pad = m->pad;
    copy->unknown = m->unknown;
    copy->end = m->end;
    return copy;
}

rnn_model *copy_as_float(const rnn_model *m)
{
    rnn_model *copy = copy_model(m, 0);
    if (copy)
        rnn_pack(copy);
    return copy;
}

rnn_model *rnn_model_quantize(const rnn_model *m)
{
    if (missing(m))
        return NULL;
    if (!all_finite(m->floats, m->params)) {
        fail(RNN_E_VALUE, "the network holds a weight that is NaN or infinite, which int8 cannot keep");
        return NULL;
    }
    rnn_model *q = copy_model(m, 1);
    if (!q)
        return NULL;
    for (int i = 0; i < q->tensors; i++)
        for (int r = 0; r < q->tensor[i].rows && q->tensor[i].rank == 2; r++) {
            size_t row = q->tensor[i].offset + (size_t)r * (size_t)q->tensor[i].columns;
            quantize_row(q->tensor[i].columns, q->params + row, q->quantized + row,
                         q->scales + q->tensor[i].first_row + (size_t)r);
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

/* A matrix in the shape that PyTorch gives it. */
static st_tensor matrix_tensor(const model_tensor *t, st_type type, const void *data)
{
    st_tensor out = f32_tensor(t->name, t->rank, t->rows, t->columns, data);
    out.type = type;
    if (t->maps) {
        out.rank = 4;
        out.shape[1] = (uint32_t)t->maps;
        out.shape[2] = out.shape[3] = 3;
    }
    return out;
}

/* The stack's float tensors, scales among them. Returns how many. */
static int float_tensors(const rnn_model *m, st_tensor *out)
{
    for (int i = 0; i < m->tensors; i++) {
        const model_tensor *t = &m->tensor[i];
        if (!m->quantized || t->rank == 1)
            out[i] = matrix_tensor(t, ST_F32, m->params + t->offset);
        else
            out[i] = f32_tensor(t->scale_name, 1, t->rows, 1, m->scales + t->first_row);
    }
    return m->tensors;
}

/* Its int8 matrices. Returns how many. */
static int int8_tensors(const rnn_model *m, st_tensor *out)
{
    int count = 0;
    for (int i = 0; m->quantized && i < m->tensors; i++)
        if (m->tensor[i].rank == 2)
            out[count++] = matrix_tensor(&m->tensor[i], ST_I8, m->quantized + m->tensor[i].offset);
    return count;
}

static st_tensor vocab_tensor(const rnn_vocab *v, const char *name)
{
    size_t bytes;
    const char *list = vocab_list(v, &bytes);
    return (st_tensor){.name = name, .type = ST_U8, .rank = 1, .shape = {(uint32_t)bytes},
                       .data = (const unsigned char *)list};
}

size_t rnn_model_save(const rnn_model *m, const rnn_vocab *v, const char *meta, void *out, size_t room)
{
    static const char *const no_prefix[] = {""};
    return rnn_models_save(1, &m, no_prefix, v, NULL, meta, out, room);
}

/* Each tensor's name gets the prefix in front; `names` holds the new ones. */
static void put_prefix(const char *prefix, int count, st_tensor *tensors, char (*names)[MAX_PREFIXED])
{
    for (int i = 0; i < count; i++)
        tensors[i].name = strcat(strcpy(names[i], prefix), tensors[i].name);
}

/* Whether a stack with the prefix `outer` would take names of the stack with the prefix `inner` for its own. */
static int takes(const char *outer, const char *inner)
{
    char own[MAX_PREFIX + sizeof "embedding."];
    for (int i = 0; i < PARTS; i++)
        if (!strcmp(strcat(strcpy(own, outer), parts[i]), inner))
            return 1;
    return !strcmp(outer, inner);
}

static int check_stacks(int count, const rnn_model *const *m, const char *const *prefixes, const char *meta)
{
    if (missing(m) || missing(prefixes))
        return RNN_E_RANGE;
    if (count < 1 || count > MAX_STACKS)
        return fail(RNN_E_RANGE, "%d stacks for a file; 1 to %d are possible", count, MAX_STACKS);
    for (int i = 0; i < count; i++) {
        if (missing(m[i]) || missing(prefixes[i]))
            return RNN_E_RANGE;
        if (count > 1 && !m[i]->shape.layers)
            return fail(RNN_E_RANGE, "stack %d has no layers: it goes into a file of its own", i);
        if (strlen(prefixes[i]) > MAX_PREFIX)
            return fail(RNN_E_RANGE, "prefix %d: expected at most %d bytes", i, MAX_PREFIX);
        if (meta && check_nonlinearity(meta, prefixes[i])) /* nobody could read the file */
            return RNN_E_SHAPE;
        for (int earlier = 0; earlier < i; earlier++)
            if (takes(prefixes[earlier], prefixes[i]) || takes(prefixes[i], prefixes[earlier]))
                return fail(RNN_E_RANGE, "prefixes %d and %d: names of one would be the other's", earlier, i);
    }
    return 0;
}

size_t write_stacks(const stacks_file *f, const char *meta, void *out, size_t room)
{
    enum { MOST = MAX_STACKS * (2 * MAX_MODEL_TENSORS + MAX_MORE) + 3 };
    struct { st_tensor tensors[MOST]; char names[MOST][MAX_PREFIXED]; } *file;
    if (check_stacks(f->count, f->m, f->prefixes, meta))
        return 0;
    file = malloc(sizeof *file);
    if (!file) {
        fail(RNN_E_MEMORY, "no memory to write a file of %d stacks", f->count);
        return 0;
    }
    int used = 0; /* the floats of all stacks come before the bytes of any, so all stay aligned */
    const st_tensor *more = f->more;
    for (int i = 0; i < 3 * f->count; i++) {
        int stack = i % f->count, added = 0;
        st_tensor *to = file->tensors + used;
        if (i >= f->count)
            added = (i < 2 * f->count ? float_tensors : int8_tensors)(f->m[stack], to);
        else if (more) {
            added = f->counts[stack];
            memcpy(to, more, sizeof *to * (size_t)added);
            more += added;
        }
        put_prefix(f->prefixes[stack], added, to, file->names + used);
        used += added;
    }
    if (f->v)
        file->tensors[used++] = vocab_tensor(f->v, "vocab");
    if (f->labels)
        file->tensors[used++] = vocab_tensor(f->labels, "labels");
    if (f->more) /* a training's file, which has a sum */
        file->tensors[used++] = (st_tensor){.name = ST_SUM, .type = ST_U8, .rank = 1, .shape = {4},
                                            .data = (const unsigned char *)ST_SUM};
    size_t bytes = st_write(file->tensors, used, meta, out, room);
    free(file);
    return bytes;
}

size_t rnn_models_save(int count, const rnn_model *const *m, const char *const *prefixes, const rnn_vocab *v,
                       const rnn_vocab *labels, const char *meta, void *out, size_t room)
{
    stacks_file file = {.count = count, .m = m, .prefixes = prefixes, .v = v, .labels = labels};
    return write_stacks(&file, meta, out, room);
}
