/* SPDX-License-Identifier: MIT
 *
 * header.c - the safetensors reader alone: what it takes lies within the file, and can be written and read again.
 */
#include "fuzz.h"
#include "safetensors.h"

static void check_tensors(const st_file *f, const uint8_t *data, size_t size)
{
    size_t filled = 0;
    MUST(f->count >= 0 && f->count <= ST_MAX_TENSORS);
    for (int i = 0; i < f->count; i++) {
        const st_tensor *t = &f->tensors[i];
        size_t bytes = (size_t)(t->end - t->begin);
        MUST(t->begin <= t->end && t->rank >= 0 && t->rank <= ST_MAX_RANK);
        MUST(t->data >= data + 10 && t->data + bytes <= data + size);
        MUST(st_find(f, t->name) != NULL);
        filled += bytes;
    }
    MUST(filled <= size - 10);
}

static void check_metadata(const st_file *f)
{
    const char *at = f->metadata;
    for (int entries = 0; *at; entries++) {
        const char *value = at + strlen(at) + 1;
        MUST(entries < ST_MAX_METADATA && st_value(f->metadata, at) == value);
        at = value + strlen(value) + 1;
    }
    MUST((size_t)(at - f->metadata) + 1 == f->metadata_bytes);
}

/* The file with a tensor more has it, and all that it had. */
static void check_addition(const st_file *f, const uint8_t *data, size_t size)
{
    static const char more[] = "as it is";
    size_t room = rnn_file_add(data, size, "more", more, sizeof more, NULL, 0), bytes;
    if (!room) {
        MUST(f->count == ST_MAX_TENSORS || st_find(f, "more"));
        return;
    }
    void *longer = malloc(room);
    MUST(rnn_file_add(data, size, "more", more, sizeof more, longer, room) == room);
    st_file *again = st_read(longer, room);
    MUST(again && again->count == f->count + 1 && again->metadata_bytes == f->metadata_bytes);
    MUST(!memcmp(again->metadata, f->metadata, f->metadata_bytes));
    const void *found = rnn_file_find(longer, room, "more", &bytes);
    MUST(found && bytes == sizeof more && !memcmp(found, more, bytes));
    free(again);
    free(longer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    st_file *f = st_read(data, size);
    if (!f) {
        MUST(rnn_error_code() < 0 && *rnn_error());
        return 0;
    }
    check_tensors(f, data, size);
    check_metadata(f);
    check_addition(f, data, size);
    free(f);
    return 0;
}
