/* SPDX-License-Identifier: MIT
 *
 * examples.c - see examples.h. A text of examples is hostile until every line of it is read.
 */
#include "examples.h"

#include "error.h"
#include "vocab.h"

#include <stdlib.h>
#include <string.h>

static const char end_label[] = "<end>";

/* ---- lines ---- */

typedef struct { const char *at; size_t bytes; } column;
typedef struct { column read, written; unsigned number; } line;

/* The next line that is not empty, from *at on; 0 at the end. *number counts all lines. */
static int next_line(const char **at, const char *end, column *out, unsigned *number)
{
    while (*at < end) {
        const char *stop = memchr(*at, '\n', (size_t)(end - *at));
        *out = (column){*at, (size_t)((stop ? stop : end) - *at)};
        *at = stop ? stop + 1 : end;
        ++*number;
        out->bytes -= out->bytes && out->at[out->bytes - 1] == '\r';
        if (out->bytes)
            return 1;
    }
    return 0;
}

static int part_line(column whole, unsigned number, line *out)
{
    const char *tab = memchr(whole.at, '\t', whole.bytes), *end = whole.at + whole.bytes;
    if (!tab || memchr(tab + 1, '\t', (size_t)(end - tab - 1)))
        return fail(RNN_E_TEXT, "line %u: an example is what is read, one tab, what is written", number);
    if (memchr(whole.at, 0, whole.bytes))
        return fail(RNN_E_TEXT, "line %u holds a NUL byte, which is no character", number);
    *out = (line){{whole.at, (size_t)(tab - whole.at)}, {tab + 1, (size_t)(end - tab - 1)}, number};
    if (!out->read.bytes || !out->written.bytes)
        return fail(RNN_E_TEXT, "line %u: nothing stands %s the tab", number, out->read.bytes ? "behind" : "before");
    return 0;
}

/* In [0, 1), by what is read alone: FNV-1a. */
static double place_of(column read)
{
    uint32_t hash = 0x811c9dc5U;
    for (size_t i = 0; i < read.bytes; i++)
        hash = (hash ^ (unsigned char)read.at[i]) * 0x01000193U;
    return (double)rnn_dice(hash, 0);
}

/* Room for lines from both ends: those that are trained on first, the held out last. */
typedef struct {
    line *lines;
    size_t trained, end; /* the held out begin at `end` */
} line_list;

static size_t count_lines(const char *at, size_t bytes)
{
    const char *end = at + bytes;
    unsigned number = 0;
    size_t lines = 0;
    column whole;
    while (next_line(&at, end, &whole, &number))
        lines++;
    return lines;
}

/* Lines whose place is below `share` are held out. */
static int add_lines(line_list *list, const char *at, size_t bytes, double share)
{
    const char *end = at + bytes;
    unsigned number = 0;
    column whole;
    line example;
    while (next_line(&at, end, &whole, &number)) {
        if (part_line(whole, number, &example))
            return rnn_error_code();
        if (place_of(example.read) < share)
            list->lines[--list->end] = example;
        else
            list->lines[list->trained++] = example;
    }
    return 0;
}

/* ---- vocabularies ---- */

static column side_of(const line *l, int written) { return written ? l->written : l->read; }

static uint64_t bytes_of(const line *lines, int count, int written)
{
    uint64_t bytes = 0;
    for (int i = 0; i < count; i++)
        bytes += side_of(lines + i, written).bytes;
    return bytes;
}

static void *room_for(uint64_t bytes, int count)
{
    void *p = bytes < SIZE_MAX ? malloc((size_t)bytes + 1) : NULL;
    if (!p)
        fail(RNN_E_MEMORY, "no memory for %d examples", count);
    return p;
}

/* The characters of one side of all lines. */
static rnn_vocab *characters_of(const line *lines, int count, int written)
{
    char *all = room_for(bytes_of(lines, count, written), count), *out = all;
    for (int i = 0; all && i < count; i++) {
        column c = side_of(lines + i, written);
        out = (char *)memcpy(out, c.at, c.bytes) + c.bytes;
    }
    rnn_vocab *v = all ? rnn_vocab_build(all, (size_t)(out - all), RNN_CHARACTERS, 0) : NULL;
    free(all);
    return v;
}

/* The same tokens and, behind them, the label that ends what is written. v is freed. */
static rnn_vocab *with_end(rnn_vocab *v)
{
    if (!v)
        return NULL;
    size_t bytes;
    const char *list = vocab_list(v, &bytes);
    char *all = room_for(bytes + sizeof end_label, rnn_vocab_size(v));
    if (all)
        memcpy((char *)memcpy(all, list, bytes) + bytes, end_label, sizeof end_label);
    rnn_vocab *labels = all ? rnn_labels_new(all, bytes + sizeof end_label) : NULL;
    free(all);
    rnn_vocab_free(v);
    return labels;
}

static int by_bytes(const void *a, const void *b)
{
    const column *x = a, *y = b;
    int order = memcmp(x->at, y->at, x->bytes < y->bytes ? x->bytes : y->bytes);
    return order ? order : (x->bytes > y->bytes) - (x->bytes < y->bytes);
}

/* What stands on one side of all lines, each text once, in the order of their bytes. */
static rnn_vocab *classes_of(const line *lines, int count, int written)
{
    column *sorted = room_for(sizeof *sorted * (uint64_t)count, count);
    char *all = sorted ? room_for(bytes_of(lines, count, written) + (uint64_t)count, count) : NULL, *out = all;
    for (int i = 0; all && i < count; i++)
        sorted[i] = side_of(lines + i, written);
    if (all)
        qsort(sorted, (size_t)count, sizeof *sorted, by_bytes);
    for (int i = 0; all && i < count; i++)
        if (!i || by_bytes(sorted + i, sorted + i - 1)) {
            out = (char *)memcpy(out, sorted[i].at, sorted[i].bytes) + sorted[i].bytes;
            *out++ = 0;
        }
    rnn_vocab *v = all ? rnn_labels_new(all, (size_t)(out - all)) : NULL;
    free(all);
    free(sorted);
    return v;
}

/* Whether a side is one token, the name of a class. */
static int is_class(example_rules rules, int written)
{
    return rules.pattern == (written ? MANY_TO_ONE : ONE_TO_MANY);
}

static int ends(example_rules rules) { return rules.pattern == ONE_TO_MANY || rules.pattern == SEQUENCE; }

/* The steps that the written side of an example takes: its tokens and the end, or one for each token that is read. */
static int steps_of(example_rules rules, int read, int written)
{
    return ends(rules) ? written + 1 : read + rules.delay;
}

static rnn_vocab *build_side(const line *lines, int count, example_rules rules, int written)
{
    if (is_class(rules, written))
        return classes_of(lines, count, written);
    rnn_vocab *v = characters_of(lines, count, written);
    return written && ends(rules) ? with_end(v) : v;
}

/* ---- ids ---- */

/* side * side bytes of base64; 0 if it is not that. */
static int read_picture(int side, column base64, unsigned char *out)
{
    int bytes = side * side, got = 0, bits = 0;
    uint32_t word = 0;
    if (base64.bytes != (size_t)(bytes + 2) / 3 * 4)
        return 0;
    for (size_t i = 0; i < base64.bytes; i++) {
        static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        if (got == bytes && base64.at[i] != '=')
            return 0;
        if (got == bytes)
            continue;
        const char *digit = base64.at[i] ? strchr(digits, base64.at[i]) : NULL;
        if (!digit)
            return 0;
        word = word << 6 | (uint32_t)(digit - digits);
        bits += 6;
        if (bits < 8)
            continue;
        bits -= 8;
        *out++ = (unsigned char)(word >> bits);
        got++;
    }
    return got == bytes;
}

/* A side that is one token: as much of its name as a label can have. */
typedef struct { char text[MAX_LABEL_BYTES + 1]; } class_name;

/* The id of a class, and its name. */
static int class_id(const rnn_vocab *v, column c, class_name *name)
{
    size_t kept = c.bytes < MAX_LABEL_BYTES ? c.bytes : MAX_LABEL_BYTES;
    memcpy(name->text, c.at, kept);
    name->text[kept] = 0;
    return strlen(name->text) == c.bytes ? rnn_find_token(v, name->text) : RNN_NONE;
}

/* Puts the ids of one side at `out`, `*used` of them; what the vocabulary lacks is RNN_NONE. */
static int put_side(examples *e, const line *l, int i, int written, int32_t *out, uint32_t *used)
{
    const rnn_vocab *v = written ? e->labels : e->vocab;
    column c = side_of(l, written);
    if (!written && e->pictures) {
        size_t places = (size_t)e->rules.side * (size_t)e->rules.side;
        *used = 0;
        return read_picture(e->rules.side, c, e->pictures + (size_t)i * places)
                   ? 0
                   : fail(RNN_E_TEXT, "line %u: expected the base64 of %d x %d bytes before the tab", l->number,
                          e->rules.side, e->rules.side);
    }
    if (is_class(e->rules, written)) {
        class_name name;
        out[0] = class_id(v, c, &name);
        *used = 1;
        return out[0] >= 0 ? 0 : fail(RNN_E_TEXT, "line %u names no class that the network knows: %s", l->number,
                                      name.text);
    }
    *used = (uint32_t)rnn_encode(v, c.at, c.bytes, out, NULL, (int)c.bytes);
    if (*used > MAX_READ)
        return fail(RNN_E_TEXT, "line %u has %u characters on one side; at most %d are possible", l->number,
                    (unsigned)*used, MAX_READ);
    for (uint32_t k = 0; k < *used; k++)
        e->unknown += out[k] == RNN_NONE;
    return 0;
}

static int largest_of(int a, int b) { return a > b ? a : b; }

static int put_line(examples *e, const line *l, int i)
{
    uint32_t *at = e->begins + 2 * i, read, written;
    if (put_side(e, l, i, 0, e->ids + at[0], &read) || put_side(e, l, i, 1, e->ids + at[0] + read, &written))
        return rnn_error_code();
    at[1] = at[0] + read;
    at[2] = at[1] + written;
    if (e->rules.pattern == SYNCHRONOUS && read != written)
        return fail(RNN_E_TEXT, "line %u: %u characters before the tab and %u behind it; in this pattern each has one",
                    l->number, (unsigned)read, (unsigned)written);
    e->read_steps = largest_of(e->read_steps, (int)read);
    e->steps = largest_of(e->steps, steps_of(e->rules, (int)read, (int)written));
    return 0;
}

static int put_lines(examples *e, const line *lines)
{
    uint64_t bytes = bytes_of(lines, e->count, 0) + bytes_of(lines, e->count, 1), side = (uint64_t)e->rules.side;
    int error = 0;
    e->begins = room_for(sizeof *e->begins * (2 * (uint64_t)e->count + 1), e->count);
    e->ids = room_for(sizeof *e->ids * bytes, e->count);
    e->pictures = side ? room_for((uint64_t)e->count * side * side, e->count) : NULL;
    if (!e->begins || !e->ids || (side && !e->pictures))
        return RNN_E_MEMORY;
    e->begins[0] = 0;
    for (int i = 0; i < e->count && !error; i++)
        error = put_line(e, lines + i, i);
    return error;
}

/* The vocabularies that are not given, then the ids. */
static int take_lines(examples *e, const line *lines)
{
    if (!e->vocab && !e->rules.side && !(e->vocab = build_side(lines, e->count, e->rules, 0)))
        return rnn_error_code();
    if (!e->labels && !(e->labels = build_side(lines, e->count, e->rules, 1)))
        return rnn_error_code();
    e->end = ends(e->rules) ? rnn_find_token(e->labels, end_label) : RNN_NONE;
    return put_lines(e, lines);
}

int read_examples(examples *e, const char *text, size_t bytes, const char *held_out, size_t held_out_bytes,
                  double share)
{
    double own_share = held_out ? 0.0 : share;
    if (!held_out) {
        held_out = "";
        held_out_bytes = 0;
    }
    if (bytes > INT32_MAX || held_out_bytes > INT32_MAX - bytes)
        return fail(RNN_E_TEXT, "the examples have 2 GiB or more");
    size_t own = count_lines(text, bytes), count = own + count_lines(held_out, held_out_bytes);
    line_list list = {.lines = room_for(sizeof *list.lines * (uint64_t)count, (int)count), .end = count};
    int error = list.lines ? 0 : rnn_error_code();
    error = error ? error : add_lines(&list, text, bytes, own_share);
    error = error ? error : add_lines(&list, held_out, held_out_bytes, 1.0);
    if (!error && !own)
        error = fail(RNN_E_TEXT, "the text has no examples");
    else if (!error && !list.trained)
        error = fail(RNN_E_TEXT, "held-out leaves none of the %u examples to train on", (unsigned)own);
    e->count = (int)count;
    e->held_out = (int)(count - list.trained);
    error = error ? error : take_lines(e, list.lines);
    free(list.lines);
    return error;
}

void free_examples(examples *e)
{
    free(e->begins);
    free(e->ids);
    free(e->pictures);
}

/* ---- windows ---- */

/* The ids of one side of a line. */
static const int32_t *ids_of(const examples *e, uint32_t l, int written, int *count)
{
    const uint32_t *at = e->begins + 2 * l + written;
    *count = (int)(at[1] - at[0]);
    return e->ids + at[0];
}

int is_known(const examples *e, uint32_t l)
{
    int count, known = 1;
    const int32_t *ids = ids_of(e, l, 1, &count);
    for (int i = 0; i < count; i++)
        known &= ids[i] >= 0;
    return known;
}

int window_steps(const examples *e, int B, const uint32_t *lines, int *read_steps)
{
    int steps = 0;
    *read_steps = 0;
    for (int b = 0; b < B; b++) {
        int read, written;
        ids_of(e, lines[b], 0, &read);
        ids_of(e, lines[b], 1, &written);
        *read_steps = largest_of(*read_steps, read);
        steps = largest_of(steps, steps_of(e->rules, read, written));
    }
    return steps;
}

/* Stream b of x (steps, B): the ids so that all end together, and RNN_CLEAR before them. */
static void put_read(const example_rules rules, int steps, int B, int b, const int32_t *ids, int count, int32_t *x)
{
    for (int t = 0; t < steps; t++) {
        int k = t - (steps - count);
        x[t * B + b] = k < 0 ? RNN_CLEAR : ids[rules.reversed ? count - 1 - k : k];
    }
}

/* Stream b of x and y: what was written is read again, and the end follows the last. RNN_NONE behind. */
static void put_written(const examples *e, int steps, int B, int b, const int32_t *ids, int count, int32_t *x,
                        int32_t *y)
{
    for (int t = 0; t < steps; t++) {
        x[t * B + b] = t > 0 && t <= count ? ids[t - 1] : RNN_NONE;
        y[t * B + b] = t < count ? ids[t] : t == count ? e->end : RNN_NONE;
    }
}

/* Stream b of x and y: each token, and its answer some steps later. */
static void put_delayed(int steps, int B, int b, const int32_t *read, const int32_t *written, int count, int delay,
                        int32_t *x, int32_t *y)
{
    for (int t = 0; t < steps; t++) {
        x[t * B + b] = t < count ? read[t] : RNN_NONE;
        y[t * B + b] = t >= delay && t - delay < count ? written[t - delay] : RNN_NONE;
    }
}

/* A picture from 0 to 1. */
static void lighten(const unsigned char *picture, int places, float *vector)
{
    for (int i = 0; i < places; i++)
        vector[i] = (float)picture[i] / 255.0f;
}

/* A class as 1 among zeros. */
static void put_class(int id, int classes, float *vector)
{
    memset(vector, 0, sizeof *vector * (size_t)classes);
    vector[id] = 1.0f;
}

int read_vector(example_rules rules, const rnn_vocab *vocab, const char *input, size_t bytes, float *vector)
{
    unsigned char picture[MAX_PICTURE_SIDE * MAX_PICTURE_SIDE];
    class_name name;
    int id = rules.side ? RNN_NONE : class_id(vocab, (column){input, bytes}, &name);
    if (!rules.side && id < 0)
        return fail(RNN_E_TEXT, "this is no class that the network knows: %s", name.text);
    if (rules.side && !read_picture(rules.side, (column){input, bytes}, picture))
        return fail(RNN_E_TEXT, "expected the base64 of %d x %d bytes", rules.side, rules.side);
    if (rules.side)
        lighten(picture, rules.side * rules.side, vector);
    else
        put_class(id, rnn_vocab_size(vocab), vector);
    return rules.side ? rules.side * rules.side : rnn_vocab_size(vocab);
}

static void put_vector(const examples *e, int b, uint32_t l, float *vectors)
{
    int N = source_numbers(e), count;
    float *vector = vectors + (size_t)b * (size_t)N;
    if (e->pictures)
        lighten(e->pictures + (size_t)l * (size_t)N, N, vector);
    else
        put_class(*ids_of(e, l, 0, &count), N, vector);
}

int source_numbers(const examples *e)
{
    if (e->rules.pattern != ONE_TO_MANY)
        return 0;
    return e->rules.side ? e->rules.side * e->rules.side : rnn_vocab_size(e->vocab);
}

void fill_window(const examples *e, int B, const uint32_t *lines, const example_window *w)
{
    for (int b = 0; b < B; b++) {
        int read_count, count;
        const int32_t *read = ids_of(e, lines[b], 0, &read_count), *written = ids_of(e, lines[b], 1, &count);
        switch (e->rules.pattern) {
        case MANY_TO_ONE:
            put_read(e->rules, w->steps, B, b, read, read_count, w->x);
            for (int t = 0; t < w->steps; t++)
                w->y[t * B + b] = t == w->steps - 1 || (e->rules.each && w->x[t * B + b] >= 0) ? *written : RNN_NONE;
            break;
        case SYNCHRONOUS:
            put_delayed(w->steps, B, b, read, written, count, e->rules.delay, w->x, w->y);
            break;
        default:
            put_written(e, w->steps, B, b, written, count, w->x, w->y);
            if (e->rules.pattern == SEQUENCE)
                put_read(e->rules, w->read_steps, B, b, read, read_count, w->read);
            else
                put_vector(e, b, lines[b], w->vectors);
        }
    }
}
