/* SPDX-License-Identifier: MIT
 *
 * safetensors.c - see safetensors.h. Any bytes either read or return an error.
 */
#include "safetensors.h"

#include "error.h"
#include "rnn.h"
#include "utf8.h"

#include <stdlib.h>
#include <string.h>

/* ---- a JSON cursor that knows just what a header may hold ---- */

typedef struct {
    const unsigned char *start, *at, *end;
    char *text; /* where the next unescaped string goes: unescaping never lengthens, so it cannot run over */
    int failed; /* an RNN_E_ code; once set, every further step does nothing */
} cursor;

static void bad(cursor *c, const char *what)
{
    if (!c->failed)
        c->failed = fail(RNN_E_HEADER, "the header is not safetensors' JSON: %s at byte %u", what,
                         (unsigned)(c->at - c->start) + 8U);
}

static void skip_space(cursor *c)
{
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\t' || *c->at == '\n' || *c->at == '\r'))
        c->at++;
}

/* Takes the character if it comes next. */
static int next_is(cursor *c, char wanted)
{
    skip_space(c);
    if (c->failed || c->at == c->end || *c->at != (unsigned char)wanted)
        return 0;
    c->at++;
    return 1;
}

static void expect(cursor *c, char wanted)
{
    if (!next_is(c, wanted))
        bad(c, wanted == '"' ? "a string expected" : wanted == ':' ? "':' expected" : "a bracket expected");
}

static unsigned hex4(cursor *c)
{
    unsigned value = 0;
    for (int i = 0; i < 4; i++) {
        unsigned ch = c->at < c->end ? *c->at : 0, lower = ch | 32;
        unsigned digit = ch >= '0' && ch <= '9' ? ch - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : 16;
        if (digit == 16) {
            bad(c, "\\u needs four hex digits");
            return 0;
        }
        value = value * 16 + digit;
        c->at++;
    }
    return value;
}

static void escaped(cursor *c)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    unsigned char ch = c->at < c->end ? *c->at++ : 0;
    const char *found = ch ? strchr(from, ch) : NULL;
    if (found)
        *c->text++ = to[found - from];
    else if (ch == 'u') {
        unsigned point = hex4(c);
        if (point >= 0xD800 && point < 0xDC00 && c->end - c->at >= 2 && c->at[0] == '\\' && c->at[1] == 'u') {
            c->at += 2;
            unsigned low = hex4(c);
            if (low < 0xDC00 || low > 0xDFFF)
                bad(c, "a lone surrogate");
            point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
        } else if (point >= 0xD800 && point <= 0xDFFF)
            bad(c, "a lone surrogate");
        if (!c->failed)
            c->text += utf8_encode(point ? point : 0xFFFD, c->text); /* strings end at a NUL here */
    } else
        bad(c, "an unknown escape");
}

/* The next string, unescaped and NUL-terminated, in the text room; "" on failure. */
static const char *string(cursor *c)
{
    char *begin = c->text;
    expect(c, '"');
    while (!c->failed) {
        int length;
        if (c->at == c->end)
            bad(c, "a string without its end");
        else if (*c->at == '"') {
            c->at++;
            *c->text++ = 0;
            return begin;
        } else if (*c->at == '\\') {
            c->at++;
            escaped(c);
        } else if (*c->at < 0x20)
            bad(c, "a control character in a string");
        else if (!(length = utf8_length(c->at, c->end)))
            bad(c, "invalid UTF-8");
        else {
            memcpy(c->text, c->at, (size_t)length);
            c->text += length;
            c->at += length;
        }
    }
    return "";
}

/* A JSON integer in 0 .. 2^53: no sign, fraction, exponent or leading zero. */
static uint64_t natural(cursor *c)
{
    uint64_t value = 0;
    skip_space(c);
    const unsigned char *begin = c->at;
    while (c->at < c->end && *c->at >= '0' && *c->at <= '9' && value < (uint64_t)1 << 53)
        value = value * 10 + (uint64_t)(*c->at++ - '0');
    if (c->at == begin || (*begin == '0' && c->at - begin > 1) || value > (uint64_t)1 << 53)
        bad(c, "a whole number expected");
    if (c->at < c->end && (*c->at == '.' || (*c->at | 32) == 'e'))
        bad(c, "a whole number expected");
    return value;
}

/* ---- the header's parts ---- */

static const struct { const char *name; st_type type; int bits; } types[] = {
    {"F32", ST_F32, 32}, {"F16", ST_F16, 16}, {"BF16", ST_BF16, 16}, {"F64", ST_F64, 64}, {"I8", ST_I8, 8},
    {"U8", ST_U8, 8}, {"BOOL", ST_OTHER, 8}, {"I16", ST_OTHER, 16}, {"U16", ST_OTHER, 16}, {"I32", ST_OTHER, 32},
    {"U32", ST_OTHER, 32}, {"I64", ST_OTHER, 64}, {"U64", ST_OTHER, 64}, {"F8_E4M3", ST_OTHER, 8},
    {"F8_E5M2", ST_OTHER, 8}};
enum { TYPES = sizeof types / sizeof *types };

static int type_bits(st_type type)
{
    for (int i = 0; i < TYPES; i++)
        if (types[i].type == type)
            return types[i].bits;
    return 0;
}

static const char *type_name(st_type type)
{
    for (int i = 0; i < TYPES; i++)
        if (types[i].type == type)
            return types[i].name;
    return "";
}

/* The dtype string at the cursor; its bits go to *bits. */
static st_type dtype(cursor *c, int *bits)
{
    const char *name = string(c);
    for (int i = 0; i < TYPES && !c->failed; i++)
        if (strcmp(name, types[i].name) == 0) {
            *bits = types[i].bits;
            return types[i].type;
        }
    bad(c, "an unknown dtype");
    return ST_OTHER;
}

static void shape(cursor *c, st_tensor *t)
{
    expect(c, '[');
    t->rank = 0;
    if (next_is(c, ']'))
        return;
    do {
        uint64_t n = natural(c);
        if (n > INT32_MAX && !c->failed)
            c->failed = fail(RNN_E_SHAPE, "%s has a dimension of 2^31 or more", t->name);
        else if (t->rank == ST_MAX_RANK && !c->failed)
            c->failed = fail(RNN_E_SHAPE, "%s has more than %d dimensions", t->name, ST_MAX_RANK);
        else if (!c->failed)
            t->shape[t->rank++] = (uint32_t)n;
    } while (next_is(c, ','));
    expect(c, ']');
}

static void offsets(cursor *c, st_tensor *t)
{
    expect(c, '[');
    t->begin = natural(c);
    expect(c, ',');
    t->end = natural(c);
    expect(c, ']');
}

/* The bytes that shape and type ask for; UINT64_MAX if that is far above any file. */
static uint64_t wanted_bytes(const st_tensor *t, int bits)
{
    uint64_t elements = 1;
    for (int i = 0; i < t->rank; i++) {
        if (t->shape[i] && elements > ((uint64_t)1 << 56) / t->shape[i])
            return UINT64_MAX;
        elements *= t->shape[i];
    }
    return elements * (uint64_t)bits / 8;
}

static void tensor(cursor *c, st_tensor *t)
{
    int have = 0, bits = 0;
    expect(c, '{');
    do {
        const char *key = string(c);
        int is_dtype = strcmp(key, "dtype") == 0, is_shape = strcmp(key, "shape") == 0;
        int which = is_dtype ? 1 : is_shape ? 2 : strcmp(key, "data_offsets") == 0 ? 4 : 0;
        if (!which || have & which)
            bad(c, "an unknown or repeated key of a tensor");
        have |= which;
        expect(c, ':');
        if (which == 1)
            t->type = dtype(c, &bits);
        else if (which == 2)
            shape(c, t);
        else
            offsets(c, t);
    } while (!c->failed && next_is(c, ','));
    expect(c, '}');
    if (have != 7)
        bad(c, "a tensor needs dtype, shape and data_offsets");
    if (!c->failed && (t->end < t->begin || t->end - t->begin != wanted_bytes(t, bits)))
        c->failed = fail(RNN_E_OFFSETS, "%s: its data_offsets do not span shape x dtype", t->name);
}

/* Is the key in a list of count (key, value) pairs? */
static int is_in(const char *list, int count, const char *key)
{
    for (int i = 0; i < count; i++, list += strlen(list) + 1, list += strlen(list) + 1)
        if (strcmp(list, key) == 0)
            return 1;
    return 0;
}

static void metadata(cursor *c, st_file *file)
{
    if (file->metadata)
        bad(c, "__metadata__ twice");
    char *list = c->text;
    int count = 0;
    expect(c, '{');
    if (!next_is(c, '}')) {
        do {
            const char *key = string(c);
            if (!c->failed && (!*key || is_in(list, count, key)))
                bad(c, "an empty or repeated key of __metadata__");
            expect(c, ':');
            string(c);
            if (++count > ST_MAX_METADATA)
                bad(c, "more than 256 entries of __metadata__");
        } while (!c->failed && next_is(c, ','));
        expect(c, '}');
    }
    *c->text++ = 0; /* in the room that the two braces leave */
    file->metadata = list;
    file->metadata_bytes = (size_t)(c->text - list);
}

static void entry(cursor *c, st_file *file)
{
    const char *name = string(c);
    expect(c, ':');
    if (c->failed)
        return;
    if (strcmp(name, "__metadata__") == 0) {
        metadata(c, file);
        return;
    }
    if (st_find(file, name)) {
        c->failed = fail(RNN_E_HEADER, "the header has the tensor %s twice", name);
        return;
    }
    if (file->count == ST_MAX_TENSORS) {
        c->failed = fail(RNN_E_HEADER, "the file has more than %d tensors", ST_MAX_TENSORS);
        return;
    }
    st_tensor *t = &file->tensors[file->count];
    t->name = name;
    tensor(c, t);
    file->count += !c->failed;
}

static void header(cursor *c, st_file *file)
{
    expect(c, '{');
    if (!next_is(c, '}')) {
        do
            entry(c, file);
        while (!c->failed && next_is(c, ','));
        expect(c, '}');
    }
    skip_space(c);
    if (c->at != c->end)
        bad(c, "something after the closing brace");
}

static int by_begin(const void *a, const void *b)
{
    const st_tensor *x = a, *y = b;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return x->end < y->end ? -1 : x->end > y->end;
}

/* Sorts the tensors by place and sees that they fill the data exactly. */
static int lay_out(st_file *file, const unsigned char *data, uint64_t room)
{
    uint64_t filled = 0;
    qsort(file->tensors, (size_t)file->count, sizeof *file->tensors, by_begin);
    for (int i = 0; i < file->count; i++) {
        st_tensor *t = &file->tensors[i];
        if (t->begin != filled)
            return fail(RNN_E_OFFSETS, "%s leaves a hole or overlaps the tensor before it", t->name);
        if (t->end > room)
            return fail(RNN_E_TRUNCATED, "the file ends within %s", t->name);
        t->data = data + t->begin;
        filled = t->end;
    }
    if (filled < room)
        return fail(RNN_E_TRAILING, "the file goes on after its last tensor");
    return 0;
}

/* ---- the sum: whether the bytes are those that were written ---- */

static uint32_t hash_on(uint32_t hash, const unsigned char *p, const unsigned char *end)
{
    while (p < end)
        hash = (hash ^ *p++) * 0x01000193U;
    return hash;
}

/* Of all bytes but those of the sum itself. Each step is one to one: another byte makes another sum. */
static uint32_t sum_around(const unsigned char *sum, const unsigned char *file, size_t bytes)
{
    return hash_on(hash_on(0x811c9dc5U, file, sum), sum + sizeof(uint32_t), file + bytes);
}

static void put_sum(unsigned char *sum, const unsigned char *file, size_t bytes)
{
    uint32_t right = sum_around(sum, file, bytes);
    memcpy(sum, &right, sizeof right);
}

/* 0 if the sum is right, or there is none. */
static int check_sum(const st_file *parts, const unsigned char *file, size_t bytes)
{
    const st_tensor *t = st_find(parts, ST_SUM);
    uint32_t sum = 0;
    int fits = t && t->type == ST_U8 && t->end - t->begin == sizeof sum;
    if (fits)
        memcpy(&sum, t->data, sizeof sum);
    if (!t || (fits && sum == sum_around(t->data, file, bytes)))
        return 0;
    return fail(RNN_E_DAMAGED, "the file is damaged: its bytes are not those that were written; take another copy");
}

/* ---- read ---- */

/* The header's length as the file's first eight bytes say it. */
static uint64_t read_length(const unsigned char *p)
{
    uint64_t length = 0;
    for (int i = 7; i >= 0; i--)
        length = length << 8 | p[i];
    return length;
}

st_file *st_read(const void *bytes, size_t size)
{
    const unsigned char *p = bytes;
    if (missing(p))
        return NULL;
    if (size < 8) {
        fail(RNN_E_TRUNCATED, "the file has %u bytes; a weights file has at least 8", (unsigned)size);
        return NULL;
    }
    uint64_t length = read_length(p);
    if (length < 2 || length > ST_MAX_HEADER) {
        fail(RNN_E_HEADER, "the file does not begin with the length of a safetensors header (2 bytes to 1 MiB)");
        return NULL;
    }
    if (length > size - 8) {
        fail(RNN_E_TRUNCATED, "the file ends within its header");
        return NULL;
    }
    st_file *file = calloc(1, sizeof *file + (size_t)length + 2);
    if (!file) {
        fail(RNN_E_MEMORY, "no memory for a header of %u bytes", (unsigned)length);
        return NULL;
    }
    cursor c = {p + 8, p + 8, p + 8 + length, (char *)(file + 1), 0};
    header(&c, file);
    if (!c.failed)
        c.failed = lay_out(file, p + 8 + length, size - 8 - length);
    if (!c.failed)
        c.failed = check_sum(file, p, size);
    if (!file->metadata) {
        file->metadata = "";
        file->metadata_bytes = 1;
    }
    if (c.failed) {
        free(file);
        return NULL;
    }
    return file;
}

const st_tensor *st_find(const st_file *file, const char *name)
{
    for (int i = 0; i < file->count; i++)
        if (strcmp(file->tensors[i].name, name) == 0)
            return &file->tensors[i];
    return NULL;
}

const char *st_value(const char *metadata, const char *key)
{
    for (const char *value; *metadata; metadata = value + strlen(value) + 1) {
        value = metadata + strlen(metadata) + 1;
        if (strcmp(metadata, key) == 0)
            return value;
    }
    return NULL;
}

size_t st_list_bytes(const char *metadata)
{
    const char *end = metadata;
    while (*end) {
        end += strlen(end) + 1;
        end += strlen(end) + 1; /* a value may be empty */
    }
    return (size_t)(end - metadata) + 1;
}

/* ---- write ---- */

typedef struct {
    unsigned char *out; /* NULL: only count */
    size_t size;
} sink;

static void put(sink *s, const void *bytes, size_t n)
{
    if (s->out && n)
        memcpy(s->out + s->size, bytes, n);
    s->size += n;
}

static void put_text(sink *s, const char *text) { put(s, text, strlen(text)); }

static void put_string(sink *s, const char *text)
{
    static const char hex[] = "0123456789abcdef";
    put_text(s, "\"");
    for (; *text; text++) {
        unsigned char ch = (unsigned char)*text;
        char code[6] = {'\\', 'u', '0', '0', hex[ch >> 4], hex[ch & 15]};
        if (ch == '"' || ch == '\\')
            put(s, (char[]){'\\', (char)ch}, 2);
        else if (ch < 0x20)
            put(s, code, sizeof code);
        else
            put(s, text, 1);
    }
    put_text(s, "\"");
}

static void put_natural(sink *s, uint64_t value)
{
    char digits[21];
    char *digit = digits + sizeof digits - 1;
    *digit = 0;
    do
        *--digit = (char)('0' + value % 10);
    while (value /= 10);
    put_text(s, digit);
}

static void put_metadata(sink *s, const char *list)
{
    put_text(s, "\"__metadata__\":{");
    for (int first = 1; *list; first = 0) {
        if (!first)
            put_text(s, ",");
        put_string(s, list);
        list += strlen(list) + 1;
        put_text(s, ":");
        put_string(s, list);
        list += strlen(list) + 1;
    }
    put_text(s, "}");
}

/* Returns the end of the tensor's data, given its begin. */
static uint64_t put_entry(sink *s, const st_tensor *t, uint64_t begin)
{
    uint64_t end = begin + wanted_bytes(t, type_bits(t->type));
    put_string(s, t->name);
    put_text(s, ":{\"dtype\":\"");
    put_text(s, type_name(t->type));
    put_text(s, "\",\"shape\":[");
    for (int i = 0; i < t->rank; i++) {
        if (i)
            put_text(s, ",");
        put_natural(s, t->shape[i]);
    }
    put_text(s, "],\"data_offsets\":[");
    put_natural(s, begin);
    put_text(s, ",");
    put_natural(s, end);
    put_text(s, "]}");
    return end;
}

/* The header's length, which a file begins with. */
static void put_length(sink *s, uint64_t length)
{
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(length >> (8 * i));
    put(s, bytes, sizeof bytes);
}

/* The end of the header, so that the data begins at a multiple of 64 bytes. Returns the header's length. */
static uint64_t put_header_end(sink *s)
{
    put_text(s, "}");
    while (s->size % 64)
        put_text(s, " ");
    return s->size - 8;
}

static uint64_t put_file(sink *s, const st_tensor *tensors, int count, const char *list, uint64_t length)
{
    uint64_t end = 0;
    put_length(s, length);
    put_text(s, "{");
    put_metadata(s, list ? list : "");
    for (int i = 0; i < count; i++) {
        put_text(s, ",");
        end = put_entry(s, &tensors[i], end);
    }
    uint64_t header_bytes = put_header_end(s);
    for (int i = 0; i < count; i++)
        put(s, tensors[i].data, (size_t)wanted_bytes(&tensors[i], type_bits(tensors[i].type)));
    return header_bytes;
}

/* 0 if st_read will take the list. */
static int check_metadata(const char *list)
{
    int count = 0;
    for (const char *at = list; at && *at; count++) {
        const char *key = at;
        if (is_in(list, count, key))
            return fail(RNN_E_RANGE, "the metadata has the key %s twice", key);
        for (int part = 0; part < 2; part++, at++) /* the key, the value */
            for (const char *end = at + strlen(at); at < end;) {
                int length = utf8_length((const unsigned char *)at, (const unsigned char *)end);
                if (!length)
                    return fail(RNN_E_RANGE, "the metadata's %s is not UTF-8", key);
                at += length;
            }
    }
    if (count > ST_MAX_METADATA)
        return fail(RNN_E_RANGE, "the metadata has %d entries; at most %d are possible", count, ST_MAX_METADATA);
    return 0;
}

size_t st_write(const st_tensor *tensors, int count, const char *list, void *out, size_t room)
{
    sink counted = {NULL, 0};
    if (check_metadata(list))
        return 0;
    uint64_t length = put_file(&counted, tensors, count, list, 0);
    if (length > ST_MAX_HEADER) {
        fail(RNN_E_RANGE, "the metadata makes a header of %u bytes; at most 1 MiB", (unsigned)length);
        return 0;
    }
    if (out && room >= counted.size) {
        sink real = {out, 0};
        put_file(&real, tensors, count, list, length);
        if (count && strcmp(tensors[count - 1].name, ST_SUM) == 0)
            put_sum(real.out + real.size - sizeof(uint32_t), real.out, real.size);
    }
    return counted.size;
}

/* ---- one tensor of bytes more ---- */

const void *rnn_file_find(const void *file, size_t bytes, const char *name, size_t *size)
{
    if (missing(name) || missing(size))
        return NULL;
    st_file *parts = st_read(file, bytes);
    const st_tensor *t = parts ? st_find(parts, name) : NULL;
    const void *found = t && t->type == ST_U8 ? t->data : NULL;
    *size = found ? (size_t)(t->end - t->begin) : 0;
    if (parts && !found)
        fail(RNN_E_SHAPE, "the file has no tensor %s of U8", name);
    free(parts);
    return found;
}

/* 0 if the tensor can be added to a file of so many bytes. */
static int check_addition(const st_file *parts, size_t bytes, const char *name, size_t data_bytes)
{
    const unsigned char *p = (const unsigned char *)name, *end = p + strlen(name);
    for (int length; p < end; p += length)
        if (!(length = utf8_length(p, end)))
            return fail(RNN_E_RANGE, "the name %s is not UTF-8", name);
    if (strcmp(name, "__metadata__") == 0 || st_find(parts, name))
        return fail(RNN_E_RANGE, "the file has the name %s already", name);
    if (parts->count == ST_MAX_TENSORS)
        return fail(RNN_E_RANGE, "the file has %d tensors; more are not possible", ST_MAX_TENSORS);
    if (data_bytes > INT32_MAX || data_bytes > SIZE_MAX - 2 * (size_t)ST_MAX_HEADER - bytes)
        return fail(RNN_E_RANGE, "%s has 2 GiB or more", name);
    return 0;
}

/* A file that st_read takes and a tensor more. The header's text stays as it is up to its last brace. */
static uint64_t put_more(sink *s, const unsigned char *file, size_t bytes, const st_tensor *more, uint64_t length)
{
    const unsigned char *header = file + 8, *data = header + read_length(file), *brace = data - 1, *last;
    while (*brace != '}')
        brace--;
    for (last = brace - 1; *last <= ' ';)
        last--;
    uint64_t data_bytes = (uint64_t)(file + bytes - data);
    put_length(s, length);
    put(s, header, (size_t)(brace - header));
    put_text(s, *last == '{' ? "" : ","); /* {} is the one header without a tensor or metadata before */
    put_entry(s, more, data_bytes);
    uint64_t header_bytes = put_header_end(s);
    put(s, data, (size_t)data_bytes);
    put(s, more->data, more->shape[0]);
    return header_bytes;
}

size_t rnn_file_add(const void *file, size_t bytes, const char *name, const void *data, size_t data_bytes, void *out,
                    size_t room)
{
    if (missing(name) || (data_bytes && missing(data)))
        return 0;
    st_file *parts = st_read(file, bytes);
    int error = !parts || check_addition(parts, bytes, name, data_bytes);
    const st_tensor *sum = error ? NULL : st_find(parts, ST_SUM);
    size_t sum_at = sum ? (size_t)sum->begin : 0;
    free(parts);
    if (error)
        return 0;
    st_tensor more = {.name = name, .type = ST_U8, .rank = 1, .shape = {(uint32_t)data_bytes}, .data = data};
    sink counted = {NULL, 0};
    uint64_t length = put_more(&counted, file, bytes, &more, 0);
    if (length > ST_MAX_HEADER) {
        fail(RNN_E_RANGE, "%s makes a header of %u bytes; at most 1 MiB", name, (unsigned)length);
        return 0;
    }
    if (out && room >= counted.size) {
        sink real = {out, 0};
        put_more(&real, file, bytes, &more, length);
        if (sum)
            put_sum(real.out + 8 + length + sum_at, real.out, real.size);
    }
    return counted.size;
}
