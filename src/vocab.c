/* SPDX-License-Identifier: MIT
 *
 * vocab.c - UTF-8 text <-> token ids; a token is one code point, or a word. Leaf.
 */
#include "vocab.h"

#include "error.h"
#include "safetensors.h"
#include "utf8.h"
#include "words.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_TOKENS = 65536, MAX_TOKEN_BYTES = 255, CODE_POINTS = 0x110000 };

struct rnn_vocab {
    int size;
    int level;        /* RNN_CHARACTERS, RNN_WORDS, RNN_WORDS_FOLDED */
    int unknown;      /* id of what stands for all other words; RNN_NONE if there is none */
    uint32_t *begins; /* (size) where each token begins in text */
    int32_t *order;   /* (size) ids in the order of their texts */
    char *text;       /* tokens in id order, each ended by a NUL */
};

static const char unknown_word[] = "<unknown>"; /* no text holds it: < and > are tokens of their own */
static const char any_word[] = "a";             /* what stands beside an unknown word stands as beside this one */

/* ---- make ---- */

static rnn_vocab *allocate(int level, int size, size_t bytes)
{
    uint64_t needed = sizeof(rnn_vocab) + (uint64_t)size * 8 + bytes;
    rnn_vocab *v = needed <= SIZE_MAX ? calloc(1, (size_t)needed) : NULL;
    if (!v) {
        fail(RNN_E_MEMORY, "no memory for a vocabulary of %d tokens", size);
        return NULL;
    }
    v->size = size;
    v->level = level;
    v->unknown = RNN_NONE;
    v->begins = (uint32_t *)(v + 1);
    v->order = (int32_t *)(v->begins + size);
    v->text = (char *)(v->order + size);
    return v;
}

/* Bytes of the character at p, or 1 and point = NUL for what is not UTF-8 (a NUL is never a token). */
static int next_point(const unsigned char *p, const unsigned char *end, uint32_t *point)
{
    int length = utf8_length(p, end);
    *point = length ? utf8_decode(p, length) : 0;
    return length ? length : 1;
}

static int is_seen(const uint32_t *seen, uint32_t point) { return seen[point / 32] >> point % 32 & 1; }

static rnn_vocab *build_characters(const char *utf8, size_t bytes)
{
    const unsigned char *end = (const unsigned char *)utf8 + bytes;
    uint32_t *seen = calloc(CODE_POINTS / 32, sizeof *seen); /* a bit for each code point */
    uint32_t point, last = 0;
    int size = 0;
    size_t room = 0;
    char sequence[4];
    if (!seen) {
        fail(RNN_E_MEMORY, "no memory to count the characters of a text");
        return NULL;
    }
    for (const unsigned char *p = (const unsigned char *)utf8; p < end;) {
        p += next_point(p, end, &point);
        if (point && !is_seen(seen, point)) {
            seen[point / 32] |= 1U << point % 32;
            last = point > last ? point : last;
            size++;
            room += (size_t)utf8_encode(point, sequence) + 1;
        }
    }
    rnn_vocab *v = NULL;
    if (size == 0 || size > MAX_TOKENS)
        fail(RNN_E_VOCAB, "the text has %d different characters; 1 to %d are possible", size, MAX_TOKENS);
    else
        v = allocate(RNN_CHARACTERS, size, room);
    char *text = v ? v->text : NULL;
    for (uint32_t c = 0, id = 0; v && c <= last; c += seen[c / 32] ? 1 : 32)
        if (is_seen(seen, c)) {
            v->begins[id] = (uint32_t)(text - v->text);
            v->order[id] = (int32_t)id; /* the order of UTF-8's bytes is that of the code points */
            text += utf8_encode(c, text) + 1;
            id++;
        }
    free(seen);
    return v;
}

/* ---- words of a text, the most frequent first ---- */

typedef struct { const char *text; uint32_t count; } word;

static int by_word(const void *a, const void *b) { return strcmp(((const word *)a)->text, ((const word *)b)->text); }

static int by_count(const void *a, const void *b)
{
    const word *x = a, *y = b;
    return x->count != y->count ? (x->count < y->count ? 1 : -1) : strcmp(x->text, y->text);
}

static words_reader reader_of(const char *utf8, size_t bytes, int level)
{
    const unsigned char *begin = (const unsigned char *)utf8;
    return (words_reader){.rest = begin, .end = begin + bytes, .folded = level == RNN_WORDS_FOLDED};
}

/* How many tokens a text has, and how many bytes they take with their NULs. */
static size_t measure(const char *utf8, size_t bytes, int level, uint64_t *room)
{
    char token[WORD_BYTES];
    words_reader r = reader_of(utf8, bytes, level);
    size_t count = 0;
    *room = 0;
    for (int length; (length = words_next(&r, token)) > 0; count++)
        *room += (uint64_t)length + 1;
    return count;
}

/* Fills words (as many as the text has tokens) and arena (their texts); returns how many different ones come first. */
static size_t count_words(const char *utf8, size_t bytes, int level, word *words, char *arena)
{
    words_reader r = reader_of(utf8, bytes, level);
    char token[WORD_BYTES];
    size_t n = 0, different = 0;
    for (int length; (length = words_next(&r, token)) > 0; arena += length + 1)
        words[n++] = (word){memcpy(arena, token, (size_t)length + 1), 1};
    qsort(words, n, sizeof *words, by_word);
    for (size_t i = 0; i < n; i++)
        if (different && strcmp(words[different - 1].text, words[i].text) == 0)
            words[different - 1].count++;
        else
            words[different++] = words[i];
    qsort(words, different, sizeof *words, by_count);
    return different;
}

static int sort_tokens(rnn_vocab *v);

static rnn_vocab *of_words(const word *words, int size, int level)
{
    size_t room = sizeof unknown_word;
    for (int i = 1; i < size; i++)
        room += strlen(words[i - 1].text) + 1;
    rnn_vocab *v = allocate(level, size, room);
    char *text = v ? v->text : NULL;
    for (int id = 0; v && id < size; id++)
        text += strlen(strcpy(text, id ? words[id - 1].text : unknown_word)) + 1;
    if (v && sort_tokens(v)) {
        rnn_vocab_free(v);
        v = NULL;
    }
    return v;
}

static rnn_vocab *build_words(const char *utf8, size_t bytes, int level, int most)
{
    uint64_t room;
    size_t count = measure(utf8, bytes, level, &room);
    if (!count) {
        fail(RNN_E_VOCAB, "the text has no word");
        return NULL;
    }
    uint64_t needed = (uint64_t)count * sizeof(word) + room;
    word *words = needed <= SIZE_MAX ? malloc((size_t)needed) : NULL;
    if (!words) {
        fail(RNN_E_MEMORY, "no memory to count the %u words of a text", (unsigned)count);
        return NULL;
    }
    size_t size = 1 + count_words(utf8, bytes, level, words, (char *)(words + count));
    size_t limit = most ? (size_t)most : MAX_TOKENS;
    rnn_vocab *v = of_words(words, (int)(size < limit ? size : limit), level);
    free(words);
    return v;
}

rnn_vocab *rnn_vocab_build(const char *utf8, size_t bytes, int level, int most)
{
    if (level < RNN_CHARACTERS || level > RNN_WORDS_FOLDED || most < 0 || most == 1 || most > MAX_TOKENS) {
        fail(RNN_E_RANGE,
             "level %d with at most %d tokens: the level is 0, 1 or 2, a vocabulary of words has 2 to %d tokens",
             level, most, MAX_TOKENS);
        return NULL;
    }
    if (missing(utf8))
        return NULL;
    return level == RNN_CHARACTERS ? build_characters(utf8, bytes) : build_words(utf8, bytes, level, most);
}

static int32_t find(const rnn_vocab *v, const char *text)
{
    int low = 0, high = v->size;
    while (low < high) {
        int middle = low + (high - low) / 2, order = strcmp(v->text + v->begins[v->order[middle]], text);
        if (order == 0)
            return v->order[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return RNN_NONE;
}

/* ---- load: the tokens of a file, in id order ---- */

typedef struct { const char *text; int32_t id; } entry;

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
            return fail(RNN_E_VOCAB, "token %d of the vocabulary is empty: give it a name, such as <pad>", id);
        if (end - p > MAX_TOKEN_BYTES)
            return fail(RNN_E_VOCAB, "token %d of the vocabulary has %u bytes; at most %d are possible", id,
                        (unsigned)(end - p), MAX_TOKEN_BYTES);
        for (; p < end; p += utf8_length(p, end))
            if (!utf8_length(p, end))
                return fail(RNN_E_VOCAB, "token %d of the vocabulary is not UTF-8", id);
        v->begins[id] = (uint32_t)(token - v->text);
        entries[id] = (entry){token, id};
    }
    return 0;
}

static int index_tokens(rnn_vocab *v, entry *entries)
{
    int error = list_tokens(v, entries);
    if (error)
        return error;
    qsort(entries, (size_t)v->size, sizeof *entries, by_text);
    for (int i = 0; i < v->size; i++) {
        if (i && strcmp(entries[i].text, entries[i - 1].text) == 0)
            return fail(RNN_E_VOCAB, "tokens %d and %d of the vocabulary are the same: each needs a name of its own",
                        entries[i - 1].id, entries[i].id);
        v->order[i] = entries[i].id;
    }
    return 0;
}

static int sort_tokens(rnn_vocab *v)
{
    entry *entries = malloc(sizeof *entries * (size_t)v->size);
    if (!entries)
        return fail(RNN_E_MEMORY, "no memory to index a vocabulary of %d tokens", v->size);
    int error = index_tokens(v, entries);
    free(entries);
    if (!error && v->level != RNN_CHARACTERS)
        v->unknown = find(v, unknown_word);
    return error;
}

/* What the metadata says under a key; "" if nothing. */
static const char *meta_value(const st_file *file, const char *wanted)
{
    const char *value = st_value(file->metadata, wanted);
    return value ? value : "";
}

/* A file without a level is of characters. */
static int read_level(const st_file *file)
{
    const char *level = meta_value(file, "level");
    if (strcmp(level, "words") == 0)
        return RNN_WORDS;
    if (strcmp(level, "words, folded") == 0)
        return RNN_WORDS_FOLDED;
    return strcmp(level, "characters") != 0 && *level ? fail(RNN_E_VOCAB, "the level \"%s\" is not known", level)
                                                       : RNN_CHARACTERS;
}

/* Else the network would count and draw what stands for no word. */
static int check_unknown(const rnn_vocab *v, const st_file *file)
{
    const char *id = meta_value(file, "unknown");
    if (v->unknown == RNN_NONE || (*id && strtol(id, NULL, 10) == v->unknown))
        return 0;
    return fail(RNN_E_VOCAB, "token %d is %s, but the metadata does not say so: it needs \"unknown\": \"%d\"",
                v->unknown, unknown_word, v->unknown);
}

/* Tokens, each ended by a NUL. NULL on error. */
static rnn_vocab *list_of(const void *tokens, size_t bytes, int level)
{
    uint32_t size = 0;
    for (size_t i = 0; i < bytes; i++)
        size += ((const char *)tokens)[i] == 0;
    if (size > MAX_TOKENS) {
        fail(RNN_E_VOCAB, "the vocabulary has %u tokens; at most %d are possible", (unsigned)size, MAX_TOKENS);
        return NULL;
    }
    rnn_vocab *v = allocate(level, (int)size, bytes);
    if (v && (memcpy(v->text, tokens, bytes), sort_tokens(v))) {
        rnn_vocab_free(v);
        return NULL;
    }
    return v;
}

/* The bytes of a tensor of tokens; NULL on error. */
static const st_tensor *tokens_of(const st_file *file, const char *name)
{
    const st_tensor *t = st_find(file, name);
    if (t && t->type == ST_U8 && t->rank == 1 && t->shape[0] && !t->data[t->shape[0] - 1])
        return t;
    fail(RNN_E_VOCAB, "the file has no vocabulary: a tensor %s of U8, tokens each ended by a NUL byte", name);
    return NULL;
}

rnn_vocab *rnn_vocab_load(const void *safetensors, size_t bytes)
{
    st_file *file = st_read(safetensors, bytes);
    int level = file ? read_level(file) : RNN_E_VOCAB;
    const st_tensor *t = file ? tokens_of(file, "vocab") : NULL;
    rnn_vocab *v = t && level >= 0 ? list_of(t->data, t->shape[0], level) : NULL;
    if (v && check_unknown(v, file)) {
        rnn_vocab_free(v);
        v = NULL;
    }
    free(file);
    return v;
}

rnn_vocab *rnn_labels_load(const void *safetensors, size_t bytes)
{
    st_file *file = st_read(safetensors, bytes);
    const st_tensor *t = file ? tokens_of(file, "labels") : NULL;
    rnn_vocab *v = t ? list_of(t->data, t->shape[0], RNN_CHARACTERS) : NULL;
    free(file);
    return v;
}

rnn_vocab *rnn_labels_new(const char *tokens, size_t bytes)
{
    if (missing(tokens))
        return NULL;
    if (!bytes || tokens[bytes - 1]) {
        fail(RNN_E_VOCAB, "labels are tokens, each ended by a NUL byte; these do not end so");
        return NULL;
    }
    return list_of(tokens, bytes, RNN_CHARACTERS);
}

void rnn_vocab_free(rnn_vocab *v) { free(v); }

/* ---- use ---- */

int rnn_find_token(const rnn_vocab *v, const char *token)
{
    return missing(v) || missing(token) ? RNN_E_RANGE : find(v, token);
}

int rnn_vocab_size(const rnn_vocab *v) { return missing(v) ? RNN_E_RANGE : v->size; }

int rnn_vocab_level(const rnn_vocab *v) { return missing(v) ? RNN_E_RANGE : v->level; }

int rnn_vocab_unknown(const rnn_vocab *v) { return missing(v) ? RNN_E_RANGE : v->unknown; }

const char *rnn_token(const rnn_vocab *v, int id)
{
    return !missing(v) && id >= 0 && id < v->size ? v->text + v->begins[id] : NULL;
}

const char *vocab_list(const rnn_vocab *v, size_t *bytes)
{
    const char *last = v->text + v->begins[v->size - 1];
    *bytes = (size_t)(last - v->text) + strlen(last) + 1;
    return v->text;
}

static int encode_characters(const rnn_vocab *v, const char *utf8, size_t bytes, int32_t *tokens, uint32_t *ends,
                             int room)
{
    const unsigned char *begin = (const unsigned char *)utf8, *p = begin, *end = begin + bytes;
    int count = 0;
    for (; p < end; count++) {
        uint32_t point;
        char text[5] = "";
        p += next_point(p, end, &point);
        if (point)
            utf8_encode(point, text);
        if (count < room) {
            tokens[count] = point ? find(v, text) : RNN_NONE;
            if (ends)
                ends[count] = (uint32_t)(p - begin);
        }
    }
    return count;
}

/* The next token's id; of a token of several parts that the vocabulary lacks, the first part's. 0 at the end. */
static int next_word(const rnn_vocab *v, words_reader *r, int32_t *id)
{
    char token[WORD_BYTES];
    words_reader begin = *r;
    int bytes = words_next(r, token);
    *id = find(v, token);
    if (*id == RNN_NONE && bytes) {
        *r = begin;
        r->plain = 1;
        words_next(r, token);
        r->plain = 0;
        *id = find(v, token);
    }
    return bytes;
}

static int encode_words(const rnn_vocab *v, const char *utf8, size_t bytes, int32_t *tokens, uint32_t *ends, int room)
{
    words_reader r = reader_of(utf8, bytes, v->level);
    int32_t id;
    int count = 0;
    for (; next_word(v, &r, &id); count++)
        if (count < room) {
            tokens[count] = id == RNN_NONE ? v->unknown : id;
            if (ends)
                ends[count] = (uint32_t)(r.rest - (const unsigned char *)utf8);
        }
    return count;
}

int rnn_encode(const rnn_vocab *v, const char *utf8, size_t bytes, int32_t *tokens, uint32_t *ends, int room)
{
    if (missing(v) || missing(utf8) || (room > 0 && missing(tokens)))
        return RNN_E_RANGE;
    if (bytes > INT32_MAX)
        return fail(RNN_E_TEXT, "the text has 2 GiB or more");
    return (v->level == RNN_CHARACTERS ? encode_characters : encode_words)(v, utf8, bytes, tokens, ends, room);
}

/* A token as its neighbours see it. */
static const char *neighbour(const rnn_vocab *v, int id)
{
    return id != RNN_NONE && id == v->unknown ? any_word : rnn_token(v, id);
}

int rnn_space(const rnn_vocab *v, int before, int id)
{
    if (missing(v))
        return RNN_E_RANGE;
    const char *left = neighbour(v, before), *right = neighbour(v, id);
    return v->level != RNN_CHARACTERS && left && right && words_space(left, right);
}
