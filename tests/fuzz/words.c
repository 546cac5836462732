/* SPDX-License-Identifier: MIT
 *
 * words.c - a text as words, small letters or not: the tokens joined by the rule of spaces are the same tokens again.
 */
#include "fuzz.h"

enum { ROOM = 512 };

/* Returns how many tokens; at most ROOM of them stand in ids. */
static int encode(const rnn_vocab *v, const char *text, size_t bytes, int32_t *ids)
{
    uint32_t ends[ROOM], before = 0;
    int count = rnn_encode(v, text, bytes, ids, ends, ROOM);
    MUST(count >= 0 && (size_t)count <= bytes);
    for (int i = 0; i < count && i < ROOM; i++) {
        MUST(ends[i] > before && ends[i] <= bytes);
        MUST(ids[i] >= 0 && ids[i] < rnn_vocab_size(v));
        before = ends[i];
    }
    return count;
}

static size_t join(const rnn_vocab *v, const int32_t *ids, int count, char *out, size_t room)
{
    size_t bytes = 0;
    for (int i = 0; i < count; i++) {
        const char *token = rnn_token(v, ids[i]);
        int space = rnn_space(v, i ? ids[i - 1] : RNN_NONE, ids[i]);
        MUST(bytes + strlen(token) + 1 <= room);
        if (space)
            out[bytes++] = ' ';
        memcpy(out + bytes, token, strlen(token));
        bytes += strlen(token);
    }
    return bytes;
}

static void check_joined(const rnn_vocab *v, const char *text, size_t bytes)
{
    int32_t ids[ROOM], again[ROOM];
    int count = encode(v, text, bytes, ids);
    if (count > ROOM)
        return;
    size_t room = 8 * bytes + 16;
    char *joined = malloc(room);
    size_t joined_bytes = join(v, ids, count, joined, room);
    MUST(encode(v, joined, joined_bytes, again) == count);
    MUST(!memcmp(ids, again, sizeof *ids * (size_t)count));
    free(joined);
}

/* A byte that says level and size, the text. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input in = {data, data + size};
    int what = take(&in, 4), level = what & 1 ? RNN_WORDS : RNN_WORDS_FOLDED, most = what & 2 ? 4 : 0;
    const char *text = (const char *)in.at;
    rnn_vocab *v = rnn_vocab_build(text, left(&in), level, most);
    if (!v)
        MUST(rnn_error_code() == RNN_E_VOCAB);
    else if (most) {
        int32_t ids[ROOM];
        MUST(rnn_vocab_size(v) <= most);
        encode(v, text, left(&in), ids);
    } else
        check_joined(v, text, left(&in));
    rnn_vocab_free(v);
    return 0;
}
