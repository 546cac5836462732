/* SPDX-License-Identifier: MIT
 *
 * vocab.c - UTF-8 text <-> token ids; a token is one code point. Leaf.
 */
#include "error.h"
#include "rnn.h"
#include "safetensors.h"
#include "utf8.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_TOKENS = 65536, CODE_POINTS = 0x110000 };

struct rnn_vocab {
    int size;
    size_t bytes;
    uint32_t *at;      /* (size) where each token begins in text */
    uint32_t *points;  /* (size) code points in ascending order ... */
    int32_t *ids;      /* (size) ... and the ids of their tokens */
    char *text;        /* tokens in id order, each ended by a NUL */
};

/* ---- make ---- */

static rnn_vocab *allocate(int size, size_t bytes)
{
    rnn_vocab *v = calloc(1, sizeof *v + (size_t)size * 12 + bytes);
    if (!v) {
        fail(RNN_E_MEMORY, "no memory for a vocabulary of %d tokens", size);
        return NULL;
    }
    v->size = size;
    v->bytes = bytes;
    v->at = (uint32_t *)(v + 1);
    v->points = v->at + size;
    v->ids = (int32_t *)(v->points + size);
    v->text = (char *)(v->ids + size);
    return v;
}

/* Bytes of the character at p, or 1 and point = NUL for what is not UTF-8 (a NUL is never a token). */
static int next_point(const unsigned char *p, const unsigned char *end, uint32_t *point)
{
    int length = utf8_length(p, end);
    *point = length ? utf8_decode(p, length) : 0;
    return length ? length : 1;
}

rnn_vocab *rnn_vocab_build(const char *utf8, size_t bytes)
{
    const unsigned char *end = (const unsigned char *)utf8 + bytes;
    unsigned char *seen = calloc(1, CODE_POINTS);
    uint32_t point;
    int size = 0;
    size_t room = 0;
    char sequence[4];
    if (!seen) {
        fail(RNN_E_MEMORY, "no memory to count the characters of a text");
        return NULL;
    }
    for (const unsigned char *p = (const unsigned char *)utf8; p < end;) {
        p += next_point(p, end, &point);
        if (point && !seen[point]) {
            seen[point] = 1;
            size++;
            room += (size_t)utf8_encode(point, sequence) + 1;
        }
    }
    rnn_vocab *v = NULL;
    if (size == 0 || size > MAX_TOKENS)
        fail(RNN_E_VOCAB, "the text has %d different characters; 1 to %d are possible", size, MAX_TOKENS);
    else
        v = allocate(size, room);
    char *text = v ? v->text : NULL;
    for (uint32_t c = 0, id = 0; v && c < CODE_POINTS; c++)
        if (seen[c]) {
            v->at[id] = (uint32_t)(text - v->text);
            v->points[id] = c;
            v->ids[id] = (int32_t)id;
            text += utf8_encode(c, text) + 1;
            id++;
        }
    free(seen);
    return v;
}

/* ---- load: the tokens of a file, in id order ---- */

typedef struct { const char *text; int32_t id; } entry;

/* The order of UTF-8's bytes is that of the code points. */
static int by_text(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    int order = strcmp(x->text, y->text);
    return order ? order : x->id - y->id;
}

/* Finds where each token begins, and sees that it is well formed. */
static int list_tokens(rnn_vocab *v, entry *entries)
{
    const char *token = v->text;
    for (int id = 0; id < v->size; id++, token += strlen(token) + 1) {
        const unsigned char *p = (const unsigned char *)token, *end = p + strlen(token);
        if (p == end)
            return fail(RNN_E_VOCAB, "token %d of the vocabulary is empty", id);
        for (; p < end; p += utf8_length(p, end))
            if (!utf8_length(p, end))
                return fail(RNN_E_VOCAB, "token %d of the vocabulary is not UTF-8", id);
        v->at[id] = (uint32_t)(token - v->text);
        entries[id] = (entry){token, id};
    }
    return 0;
}

/* Lists the tokens of one code point for encoding; a longer one (a mark such as "<pad>") is in no text. */
static int index_tokens(rnn_vocab *v, entry *entries)
{
    int error = list_tokens(v, entries), count = 0;
    if (error)
        return error;
    qsort(entries, (size_t)v->size, sizeof *entries, by_text);
    for (int i = 0; i < v->size; i++) {
        const unsigned char *p = (const unsigned char *)entries[i].text;
        int length = utf8_length(p, p + strlen(entries[i].text));
        if (i && strcmp(entries[i].text, entries[i - 1].text) == 0)
            return fail(RNN_E_VOCAB, "tokens %d and %d of the vocabulary are the same", entries[i - 1].id, entries[i].id);
        if (p[length] == 0) {
            v->points[count] = utf8_decode(p, length);
            v->ids[count++] = entries[i].id;
        }
    }
    while (count < v->size)
        v->points[count++] = CODE_POINTS; /* found by no search, and keeps the order */
    return 0;
}

static int sort_tokens(rnn_vocab *v)
{
    entry *entries = malloc(sizeof *entries * (size_t)v->size);
    if (!entries)
        return fail(RNN_E_MEMORY, "no memory to index a vocabulary of %d tokens", v->size);
    int error = index_tokens(v, entries);
    free(entries);
    return error;
}

rnn_vocab *rnn_vocab_load(const void *safetensors, size_t bytes)
{
    st_file *file = st_read(safetensors, bytes);
    const st_tensor *t = file ? st_find(file, "vocab") : NULL;
    rnn_vocab *v = NULL;
    int size = 0;
    if (file && (!t || t->type != ST_U8 || t->rank != 1 || !t->shape[0] || t->data[t->shape[0] - 1]))
        fail(RNN_E_VOCAB, "the file has no vocabulary: a tensor vocab of U8, tokens each ended by a NUL byte");
    else if (file) {
        for (uint32_t i = 0; i < t->shape[0]; i++)
            size += t->data[i] == 0;
        if (size > MAX_TOKENS)
            fail(RNN_E_VOCAB, "the vocabulary has %d tokens; at most %d are possible", size, MAX_TOKENS);
        else
            v = allocate(size, t->shape[0]);
    }
    if (v) {
        memcpy(v->text, t->data, t->shape[0]);
        if (sort_tokens(v)) {
            rnn_vocab_free(v);
            v = NULL;
        }
    }
    free(file);
    return v;
}

void rnn_vocab_free(rnn_vocab *v) { free(v); }

/* ---- use ---- */

int rnn_vocab_size(const rnn_vocab *v) { return v->size; }

const char *rnn_token(const rnn_vocab *v, int id) { return id >= 0 && id < v->size ? v->text + v->at[id] : NULL; }

static int32_t find(const rnn_vocab *v, uint32_t point)
{
    int low = 0, high = v->size;
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (v->points[middle] < point)
            low = middle + 1;
        else
            high = middle;
    }
    return low < v->size && v->points[low] == point ? v->ids[low] : RNN_NONE;
}

int rnn_encode(const rnn_vocab *v, const char *utf8, size_t bytes, int32_t *tokens, int room)
{
    const unsigned char *p = (const unsigned char *)utf8, *end = p + bytes;
    int count = 0;
    uint32_t point;
    for (; p < end; count++) {
        p += next_point(p, end, &point);
        if (count < room)
            tokens[count] = point ? find(v, point) : RNN_NONE;
    }
    return count;
}
