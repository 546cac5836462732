/* SPDX-License-Identifier: MIT
 *
 * files.h - weights files in memory for the tests: from a header written by hand, from models, a trainer or a recipe.
 */
#ifndef FILES_H
#define FILES_H

#include "rnn.h"
#include "safetensors.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    unsigned char *bytes; /* of just that size, so that a sanitizer sees a read beyond it */
    size_t size;
} memory_file;

static inline memory_file copy_of(const void *bytes, size_t size)
{
    memory_file f = {calloc(1, size ? size : 1), size};
    if (size)
        memcpy(f.bytes, bytes, size);
    return f;
}

/* The header's length, the header, then the data. */
static inline memory_file file_of_bytes(const char *header, size_t length, const void *data, size_t data_bytes)
{
    memory_file f = {malloc(8 + length + data_bytes), 8 + length + data_bytes};
    for (int i = 0; i < 8; i++)
        f.bytes[i] = (unsigned char)((uint64_t)length >> (8 * i));
    memcpy(f.bytes + 8, header, length);
    if (data_bytes)
        memcpy(f.bytes + 8 + length, data, data_bytes);
    return f;
}

static inline memory_file file_of(const char *header, const void *data, size_t data_bytes)
{
    return file_of_bytes(header, strlen(header), data, data_bytes);
}

/* What cannot be saved is a file of 0 bytes. */
static inline memory_file saved_model(const rnn_model *m, const rnn_vocab *v, const char *meta)
{
    memory_file f = {NULL, rnn_model_save(m, v, meta, NULL, 0)};
    f.bytes = malloc(f.size ? f.size : 1);
    f.size = rnn_model_save(m, v, meta, f.bytes, f.size);
    return f;
}

static inline memory_file saved_stacks(int count, const rnn_model *const *m, const char *const *prefixes,
                                       const rnn_vocab *v, const rnn_vocab *labels, const char *meta)
{
    memory_file f = {NULL, rnn_models_save(count, m, prefixes, v, labels, meta, NULL, 0)};
    f.bytes = malloc(f.size ? f.size : 1);
    f.size = rnn_models_save(count, m, prefixes, v, labels, meta, f.bytes, f.size);
    return f;
}

static inline memory_file saved_trainer(const rnn_trainer *t, const rnn_vocab *v, const char *meta)
{
    memory_file f = {NULL, rnn_trainer_save(t, v, meta, NULL, 0)};
    f.bytes = malloc(f.size ? f.size : 1);
    f.size = rnn_trainer_save(t, v, meta, f.bytes, f.size);
    return f;
}

static inline memory_file saved_recipe(const rnn_recipe *r, const char *meta, int checkpoint)
{
    memory_file f = {NULL, rnn_recipe_save(r, meta, checkpoint, NULL, 0)};
    f.bytes = malloc(f.size ? f.size : 1);
    f.size = rnn_recipe_save(r, meta, checkpoint, f.bytes, f.size);
    return f;
}

/* The file with a tensor of one number more; the old one is freed. */
static inline memory_file with_number(memory_file f, const char *name)
{
    static const float number[] = {1.0f};
    st_file *parts = st_read(f.bytes, f.size);
    parts->tensors[parts->count++] = (st_tensor){.name = name, .type = ST_F32, .rank = 1, .shape = {1},
                                                 .data = (const unsigned char *)number};
    memory_file more = {NULL, st_write(parts->tensors, parts->count, parts->metadata, NULL, 0)};
    more.bytes = malloc(more.size);
    st_write(parts->tensors, parts->count, parts->metadata, more.bytes, more.size);
    free(parts);
    free(f.bytes);
    return more;
}

/* A checkpoint whose sum has another name, which nothing looks for there, as if it had none: what is changed in it is
 * then looked at. */
static inline memory_file unsealed(memory_file f)
{
    static const char name[] = "\"trainer.sum\"";
    unsigned char *at = f.bytes;
    while (memcmp(at, name, sizeof name - 1) != 0)
        at++;
    memcpy(at, "\"best\"       ", sizeof name - 1);
    return f;
}

#endif
