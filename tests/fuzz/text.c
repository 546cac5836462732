/* SPDX-License-Identifier: MIT
 *
 * text.c - vocabularies: of the characters of any text, and of a file's tokens, whatever these are. What a text becomes
 * in one are its tokens, one after another, each where it says that it is.
 */
#include "fuzz.h"

enum { ROOM = 512 };

static void check_tokens(const rnn_vocab *v, const char *text, size_t bytes)
{
    int32_t ids[ROOM];
    uint32_t ends[ROOM], before = 0;
    int count = rnn_encode(v, text, bytes, NULL, NULL, 0), room = count < ROOM ? count : ROOM;
    MUST(count >= 0 && (size_t)count <= bytes);
    MUST(rnn_encode(v, text, bytes, ids, ends, room) == count);
    for (int i = 0; i < room; i++) {
        MUST(ends[i] > before && ends[i] <= bytes);
        MUST(ids[i] >= RNN_NONE && ids[i] < rnn_vocab_size(v));
        if (ids[i] != RNN_NONE && rnn_vocab_level(v) == RNN_CHARACTERS) {
            const char *token = rnn_token(v, ids[i]);
            MUST(strlen(token) == ends[i] - before && !memcmp(token, text + before, strlen(token)));
        }
        rnn_space(v, i ? ids[i - 1] : RNN_NONE, ids[i]);
        before = ends[i];
    }
    MUST(room < count || !bytes || before == bytes || rnn_vocab_level(v) != RNN_CHARACTERS);
}

/* Saved with a small network and loaded, it has the same tokens. */
static void check_saved(const rnn_vocab *v)
{
    int V = rnn_vocab_size(v);
    rnn_model *m = rnn_model_new(RNN_CELL_TANH, 1, V, 1, 1, V, 1);
    saved f = save_model(m, v, NULL);
    rnn_vocab *again = rnn_vocab_load(f.bytes, f.size);
    MUST(again && rnn_vocab_size(again) == V && rnn_vocab_level(again) == RNN_CHARACTERS);
    for (int id = 0; id < V; id++)
        MUST(!strcmp(rnn_token(v, id), rnn_token(again, id)) && rnn_find_token(v, rnn_token(v, id)) == id);
    MUST(!rnn_token(v, V) && !rnn_token(v, -1));
    rnn_vocab_free(again);
    rnn_model_free(m);
    free(f.bytes);
}

static void build(const char *text, size_t bytes, const char *other, size_t other_bytes)
{
    rnn_vocab *v = rnn_vocab_build(text, bytes, RNN_CHARACTERS, 0);
    if (v) {
        check_tokens(v, text, bytes);
        check_tokens(v, other, other_bytes);
        check_saved(v);
    } else
        MUST(rnn_error_code() == RNN_E_VOCAB);
    rnn_vocab_free(v);
}

/* A file whose vocabulary is just these bytes. */
static rnn_vocab *load(int level, const char *tokens, size_t bytes)
{
    static const char *const levels[] = {"characters", "words", "words, folded", "\\u0077ords"};
    char header[256];
    int length = snprintf(header, sizeof header,
                          "{\"__metadata__\":{\"unknown\":\"0\",\"level\":\"%s\"},"
                          "\"vocab\":{\"dtype\":\"U8\",\"shape\":[%u],\"data_offsets\":[0,%u]}}",
                          levels[level], (unsigned)bytes, (unsigned)bytes);
    size_t size = 8 + (size_t)length + bytes;
    char *file = calloc(1, size);
    file[0] = (char)length;
    memcpy(file + 8, header, (size_t)length);
    if (bytes)
        memcpy(file + 8 + length, tokens, bytes);
    rnn_vocab *v = rnn_vocab_load(file, size);
    free(file);
    return v;
}

/* A byte that says what is done, a byte that says where the first text ends, both texts. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input in = {data, data + size};
    int what = take(&in, 5), split = take(&in, 256);
    const char *first = (const char *)in.at;
    size_t bytes = (size_t)split < left(&in) ? (size_t)split : left(&in), others = left(&in) - bytes;
    if (what == 4) {
        build(first, bytes, first + bytes, others);
        return 0;
    }
    rnn_vocab *v = load(what, first, bytes);
    if (v)
        check_tokens(v, first + bytes, others);
    rnn_vocab_free(v);
    return 0;
}
