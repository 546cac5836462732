/* SPDX-License-Identifier: MIT
 *
 * cli_files.c - what the command reads and writes: files, networks, texts as tokens, metadata.
 */
#include "cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- files ---- */

blob read_file(const char *path)
{
    FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    blob b = {allocate(1 << 16), 0};
    size_t capacity = 1 << 16;
    if (!in)
        die("cannot read %s: %s", path, strerror(errno));
    for (size_t n; (n = fread(b.bytes + b.size, 1, capacity - b.size - 1, in)) > 0;) {
        b.size += n;
        if (capacity - b.size < 1 << 15 && !(b.bytes = realloc(b.bytes, capacity *= 2)))
            die("no memory to read %s", path);
    }
    if (ferror(in))
        die("cannot read %s: %s", path, strerror(errno));
    if (in != stdin)
        fclose(in);
    b.bytes[b.size] = 0;
    return b;
}

static char *partial_name(const char *path)
{
    char *name = allocate(strlen(path) + sizeof ".partial");
    return strcat(strcpy(name, path), ".partial");
}

/* Writes beside the file and renames, so that a crash leaves the old file or the new one whole. */
void write_file(const char *path, const void *bytes, size_t size)
{
    char *beside = partial_name(path);
    FILE *out = fopen(beside, "wb");
    if (!out || fwrite(bytes, 1, size, out) != size || fclose(out) || rename(beside, path))
        die("cannot write %s: %s", path, strerror(errno));
    free(beside);
}

void try_writing(const char *path)
{
    char *beside = partial_name(path);
    FILE *out = fopen(beside, "wb");
    if (!out)
        die("cannot write %s: %s", path, strerror(errno));
    fclose(out);
    remove(beside);
    free(beside);
}

/* ---- networks ---- */

network load(const char *path)
{
    network n = {.file = read_file(path)};
    n.model = rnn_model_load(n.file.bytes, n.file.size, NULL);
    n.vocab = n.model ? rnn_vocab_load(n.file.bytes, n.file.size) : NULL;
    if (!n.vocab)
        die("%s: %s", path, rnn_error());
    if (rnn_vocab_size(n.vocab) != rnn_inputs(n.model) || rnn_inputs(n.model) != rnn_outputs(n.model))
        die("%s: the vocabulary has %d tokens, the network reads %d and writes %d; they must be equal", path,
            rnn_vocab_size(n.vocab), rnn_inputs(n.model), rnn_outputs(n.model));
    return n;
}

void unload(network *n)
{
    rnn_vocab_free(n->vocab);
    rnn_model_free(n->model);
    free(n->file.bytes);
}

/* ---- texts ---- */

const char *unit_of(const rnn_vocab *v) { return rnn_vocab_level(v) == RNN_CHARACTERS ? "character" : "token"; }

tokens encode(const rnn_vocab *v, const char *text, size_t bytes)
{
    if (bytes > 0x7fffffff)
        die("a text of %zu bytes; at most 2 GiB", bytes);
    int all = rnn_encode(v, text, bytes, NULL, NULL, 0);
    int32_t unknown = rnn_vocab_unknown(v);
    tokens t = {allocate(sizeof(int32_t) * (size_t)all), 0, 0};
    rnn_encode(v, text, bytes, t.ids, NULL, all);
    for (int i = 0; i < all; i++) {
        t.unknown += t.ids[i] == RNN_NONE || t.ids[i] == unknown;
        if (t.ids[i] != RNN_NONE)
            t.ids[t.count++] = t.ids[i];
    }
    return t;
}

/* ---- metadata ---- */

static void meta_put(metadata *m, const char *text)
{
    size_t length = strlen(text) + 1;
    if (m->used + length + 1 > m->room && !(m->list = realloc(m->list, m->room = 2 * m->room + length + 256)))
        die("no memory for metadata");
    memcpy(m->list + m->used, text, length);
    m->used += length;
    m->list[m->used] = 0;
}

void meta_set(metadata *m, const char *key, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    size_t bytes = (size_t)vsnprintf(NULL, 0, format, args) + 1;
    char *value = allocate(bytes);
    vsnprintf(value, bytes, format, again);
    va_end(again);
    va_end(args);
    if (*value) {
        meta_put(m, key);
        meta_put(m, value);
    }
    free(value);
}

void meta_set_pairs(metadata *m, const pairs *list)
{
    for (int i = 0; i < list->count; i++) {
        char *key = strcpy(allocate(strlen(list->text[i]) + 1), list->text[i]), *value = strchr(key, '=');
        *value = 0;
        meta_set(m, key, "%s", value + 1);
        free(key);
    }
}

const char *meta_get(const char *list, const char *key)
{
    for (const char *value; *list; list = value + strlen(value) + 1) {
        value = list + strlen(list) + 1;
        if (strcmp(list, key) == 0)
            return value;
    }
    return NULL;
}
