/* SPDX-License-Identifier: MIT
 *
 * cli.c - the nextchar command: train, write, score, inspect, quantize, markov, novelty. Sees rnn.h and nothing else of
 * ours. Text on stdin and stdout, progress on stderr; exit 2 for wrong use, 1 for failure.
 */
#define _POSIX_C_SOURCE 200809L /* clock_gettime, isatty */

#include "rnn.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static __attribute__((noreturn, format(printf, 1, 2))) void fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("nextchar: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

static __attribute__((noreturn, format(printf, 1, 2))) void misuse(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("nextchar: ", stderr);
    vfprintf(stderr, format, args);
    fputs("\nTry nextchar --help, or nextchar COMMAND --help.\n", stderr);
    va_end(args);
    exit(2);
}

static void *room(size_t bytes)
{
    void *p = calloc(bytes ? bytes : 1, 1);
    if (!p)
        fail("no memory for %zu bytes", bytes);
    return p;
}

/* ---- options: a table per command; help, parsing and a checkpoint's settings all read it ---- */

typedef enum { TEXT, WHOLE, REAL, FLAG, PAIRS } option_kind;

typedef struct {
    const char *name;
    option_kind kind;
    void *value;         /* const char ** | long * | double * | int * | pairs * */
    const char *argument, *help;
    enum { NOT_KEPT, IN_WEIGHTS, IN_CHECKPOINT } kept; /* with the weights and the checkpoint; a path: in the checkpoint alone */
    int given;
} option;

typedef struct {
    int count;
    const char *text[64]; /* "key=value" */
} pairs;

static double real(const char *name, const char *text)
{
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end)
        misuse("--%s needs a number, not \"%s\"", name, text);
    return value;
}

static long whole(const char *name, const char *text)
{
    char *end;
    long value = strtol(text, &end, 10);
    if (end == text || *end || value < 0 || value > 0xffffffff)
        misuse("--%s needs a whole number from 0 to 4294967295, not \"%s\"", name, text);
    return value;
}

static void set_option(option *o, const char *text)
{
    if (o->kind == TEXT)
        *(const char **)o->value = text;
    else if (o->kind == WHOLE)
        *(long *)o->value = whole(o->name, text);
    else if (o->kind == REAL)
        *(double *)o->value = real(o->name, text);
    else {
        pairs *list = o->value;
        if (!strchr(text, '=') || *text == '=' || list->count == 64)
            misuse("--%s needs KEY=VALUE, at most 64 times, not \"%s\"", o->name, text);
        list->text[list->count++] = text;
    }
}

static void print_value(FILE *out, const option *o)
{
    if (o->kind == TEXT && *(const char **)o->value)
        fprintf(out, "%s", *(const char **)o->value);
    else if (o->kind == WHOLE)
        fprintf(out, "%ld", *(long *)o->value);
    else if (o->kind == REAL)
        fprintf(out, "%g", *(double *)o->value);
}

static __attribute__((noreturn)) void print_help(const char *usage, const option *options)
{
    printf("usage: nextchar %s\n\n", usage);
    for (const option *o = options; o->name; o++) {
        char left[40];
        snprintf(left, sizeof left, "--%s %s", o->name, o->argument ? o->argument : "");
        printf("  %-28s %s", left, o->help);
        if (o->kind == WHOLE || o->kind == REAL || (o->kind == TEXT && *(const char **)o->value)) {
            printf(" (");
            print_value(stdout, o);
            printf(")");
        }
        putchar('\n');
    }
    exit(0);
}

/* Sets the options; what is left over goes to operands. Returns how many there are. */
static int parse(int argc, char **argv, const char *usage, option *options, const char **operands, int most)
{
    int count = 0;
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0)
            print_help(usage, options);
        if (strncmp(argv[i], "--", 2) != 0) {
            if (count == most)
                misuse("one operand too many: %s", argv[i]);
            operands[count++] = argv[i];
            continue;
        }
        size_t length = strcspn(argv[i] + 2, "=");
        option *o = options;
        while (o->name && (strncmp(o->name, argv[i] + 2, length) != 0 || o->name[length]))
            o++;
        if (!o->name)
            misuse("there is no option %s", argv[i]);
        o->given = 1;
        if (o->kind == FLAG) {
            if (argv[i][2 + length])
                misuse("--%s takes no value", o->name);
            *(int *)o->value = 1;
        } else if (argv[i][2 + length])
            set_option(o, argv[i] + 3 + length);
        else if (i + 1 < argc)
            set_option(o, argv[++i]);
        else
            misuse("--%s needs %s", o->name, o->argument);
    }
    return count;
}

/* ---- files ---- */

typedef struct {
    char *bytes; /* with a NUL behind the last */
    size_t size;
} blob;

static blob read_file(const char *path)
{
    FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    blob b = {room(1 << 16), 0};
    size_t capacity = 1 << 16;
    if (!in)
        fail("cannot read %s: %s", path, strerror(errno));
    for (size_t n; (n = fread(b.bytes + b.size, 1, capacity - b.size - 1, in)) > 0;) {
        b.size += n;
        if (capacity - b.size < 1 << 15 && !(b.bytes = realloc(b.bytes, capacity *= 2)))
            fail("no memory to read %s", path);
    }
    if (ferror(in))
        fail("cannot read %s: %s", path, strerror(errno));
    if (in != stdin)
        fclose(in);
    b.bytes[b.size] = 0;
    return b;
}

static char *partial_name(const char *path)
{
    char *name = room(strlen(path) + sizeof ".partial");
    return strcat(strcpy(name, path), ".partial");
}

/* Writes beside the file and renames, so that a crash leaves the old file or the new one whole. */
static void write_file(const char *path, const void *bytes, size_t size)
{
    char *beside = partial_name(path);
    FILE *out = fopen(beside, "wb");
    if (!out || fwrite(bytes, 1, size, out) != size || fclose(out) || rename(beside, path))
        fail("cannot write %s: %s", path, strerror(errno));
    free(beside);
}

typedef struct {
    rnn_model *model;
    rnn_vocab *vocab;
    blob file;
} network;

static network load(const char *path)
{
    network n = {.file = read_file(path)};
    n.model = rnn_model_load(n.file.bytes, n.file.size, NULL);
    n.vocab = n.model ? rnn_vocab_load(n.file.bytes, n.file.size) : NULL;
    if (!n.vocab)
        fail("%s: %s", path, rnn_error());
    if (rnn_vocab_size(n.vocab) != rnn_inputs(n.model) || rnn_inputs(n.model) != rnn_outputs(n.model))
        fail("%s: the vocabulary has %d tokens, the network reads %d and writes %d; they must be equal", path,
             rnn_vocab_size(n.vocab), rnn_inputs(n.model), rnn_outputs(n.model));
    return n;
}

static void unload(network *n)
{
    rnn_vocab_free(n->vocab);
    rnn_model_free(n->model);
    free(n->file.bytes);
}

/* ---- text ---- */

typedef struct {
    int32_t *ids;
    size_t count;
    size_t unknown; /* what the vocabulary lacks: characters are left out, words stay as the unknown one */
} tokens;

static const char *unit_of(const rnn_vocab *v) { return rnn_vocab_level(v) == RNN_CHARACTERS ? "character" : "token"; }

static tokens encode(const rnn_vocab *v, const char *text, size_t bytes)
{
    if (bytes > 0x7fffffff)
        fail("a text of %zu bytes; at most 2 GiB", bytes);
    int all = rnn_encode(v, text, bytes, NULL, NULL, 0);
    int32_t unknown = rnn_vocab_unknown(v);
    tokens t = {room(sizeof(int32_t) * (size_t)all), 0, 0};
    rnn_encode(v, text, bytes, t.ids, NULL, all);
    for (int i = 0; i < all; i++) {
        t.unknown += t.ids[i] == RNN_NONE || t.ids[i] == unknown;
        if (t.ids[i] != RNN_NONE)
            t.ids[t.count++] = t.ids[i];
    }
    return t;
}

/* Prints a token with the space that parts it from the one before. */
static void print_token(const rnn_vocab *v, int32_t before, int32_t id)
{
    if (rnn_space(v, before, id))
        putchar(' ');
    fputs(rnn_token(v, id), stdout);
}

static void print_json_string(const char *text)
{
    putchar('"');
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            printf("\\%c", c);
        else if (c < 0x20)
            printf("\\u%04x", c);
        else
            putchar(c);
    }
    putchar('"');
}

/* ---- write ---- */

static const char write_usage[] = "write WEIGHTS [options]\n\nWrites text: the prompt, then what the network adds.";

/* Draws the next character at the state's logits; the id, or RNN_NONE where the text ends. */
static int32_t draw(const network *n, rnn_state *s, float *probs, double temperature, long top_k, double top_p, uint32_t seed, uint32_t place)
{
    int V = rnn_outputs(n->model);
    if (rnn_probs(rnn_logits(s), V, (float)temperature, (int)top_k, (float)top_p, probs))
        fail("%s", rnn_error());
    int32_t id = rnn_pick(probs, V, rnn_dice(seed, place));
    if (rnn_step(n->model, s, &id))
        fail("%s", rnn_error());
    return id == rnn_special(n->model, "end") ? RNN_NONE : id;
}

static int command_write(int argc, char **argv)
{
    const char *path = NULL, *prompt = "";
    double temperature = 1.0, top_p = 1.0;
    long length = 300, seed = 1, top_k = 0;
    option options[] = {{"prompt", TEXT, &prompt, "TEXT", "what to begin with; empty: the zero state", NOT_KEPT, 0},
                        {"temperature", REAL, &temperature, "T", "0 takes the most probable character, 1 is the network's own distribution", NOT_KEPT, 0},
                        {"length", WHOLE, &length, "N", "characters (or words) to write", NOT_KEPT, 0},
                        {"seed", WHOLE, &seed, "N", "of the dice: the same seed gives the same text on every machine", NOT_KEPT, 0},
                        {"top-k", WHOLE, &top_k, "N", "only the N most probable characters; 0 = all", NOT_KEPT, 0},
                        {"top-p", REAL, &top_p, "P", "only the fewest that reach probability P together", NOT_KEPT, 0},
                        {NULL, TEXT, NULL, NULL, NULL, NOT_KEPT, 0}};
    if (parse(argc, argv, write_usage, options, &path, 1) != 1)
        misuse("write needs a weights file");
    network n = load(path);
    tokens t = encode(n.vocab, prompt, strlen(prompt));
    rnn_state *s = rnn_state_new(n.model, 1);
    float *probs = room(sizeof(float) * (size_t)rnn_outputs(n.model));
    if (!s)
        fail("%s", rnn_error());
    if (rnn_probs(rnn_logits(s), rnn_outputs(n.model), (float)temperature, (int)top_k, (float)top_p, probs) == RNN_E_RANGE)
        misuse("%s", rnn_error());
    if (t.unknown)
        fprintf(stderr, "nextchar: %zu %ss of the prompt are not in this network's vocabulary and were %s\n", t.unknown, unit_of(n.vocab),
                rnn_vocab_level(n.vocab) == RNN_CHARACTERS ? "left out" : "read as <unknown>");
    int32_t before = RNN_NONE;
    for (size_t i = 0; i < t.count; before = t.ids[i++]) {
        rnn_step(n.model, s, &t.ids[i]);
        print_token(n.vocab, before, t.ids[i]);
    }
    for (uint32_t i = 0; i < (uint32_t)length; i++) {
        int32_t id = draw(&n, s, probs, temperature, top_k, top_p, (uint32_t)seed, i);
        if (id == RNN_NONE)
            break;
        print_token(n.vocab, before, id);
        before = id;
        fflush(stdout);
    }
    putchar('\n');
    free(probs);
    free(t.ids);
    rnn_state_free(s);
    unload(&n);
    return 0;
}

/* ---- score ---- */

/* Mean surprisal in bits, read from the zero state in so many equal parts side by side: 1 is exact, more are quicker. */
static double score(const rnn_model *m, const tokens *t, size_t parts, size_t *counted)
{
    size_t each = t->count / parts;
    rnn_state *s = each ? rnn_state_new(m, (int)parts) : NULL;
    int32_t *ids = room(sizeof *ids * each * parts);
    uint32_t number = 0;
    if (each && !s)
        fail("%s", rnn_error());
    for (size_t i = 0; i < each; i++)
        for (size_t b = 0; b < parts; b++)
            ids[i * parts + b] = t->ids[b * each + i];
    double bits = each ? rnn_score(m, s, ids, (int)each, &number) : 0.0;
    *counted = number;
    rnn_state_free(s);
    free(ids);
    return number ? bits / (double)number : (double)NAN;
}

static const char score_usage[] = "score WEIGHTS [TEXT] [options]\n\nBits per character (or word, and the perplexity) of a text file or stdin under the network: less is better.";

static int command_score(int argc, char **argv)
{
    const char *paths[2] = {NULL, "-"};
    int json = 0;
    option options[] = {{"json", FLAG, &json, NULL, "machine-readable", NOT_KEPT, 0}, {NULL, TEXT, NULL, NULL, NULL, NOT_KEPT, 0}};
    if (parse(argc, argv, score_usage, options, paths, 2) < 1)
        misuse("score needs a weights file");
    network n = load(paths[0]);
    blob text = read_file(paths[1]);
    tokens t = encode(n.vocab, text.bytes, text.size);
    size_t counted;
    double bits = score(n.model, &t, 1, &counted);
    if (!counted)
        fail("%s has no %s that this network knows", paths[1], unit_of(n.vocab));
    if (json && rnn_vocab_level(n.vocab) == RNN_CHARACTERS)
        printf("{\"characters\":%zu,\"unknown\":%zu,\"bitsPerCharacter\":%.6f}\n", counted, t.unknown, bits);
    else if (json)
        printf("{\"tokens\":%zu,\"unknown\":%zu,\"bitsPerToken\":%.6f,\"perplexity\":%.3f}\n", counted, t.unknown, bits, exp2(bits));
    else if (rnn_vocab_level(n.vocab) == RNN_CHARACTERS)
        printf("%.4f bits per character over %zu characters; %zu left out (not in the vocabulary)\n", bits, counted, t.unknown);
    else
        printf("%.4f bits per token, perplexity %.1f, over %zu tokens; %zu unknown ones read but not counted\n", bits, exp2(bits), counted, t.unknown);
    free(t.ids);
    free(text.bytes);
    unload(&n);
    return 0;
}

/* ---- inspect ---- */

static const char inspect_usage[] = "inspect WEIGHTS [options]\n\nSays what a weights file holds.";

static const char *cell_name(int cell) { return cell == RNN_CELL_LSTM ? "lstm" : cell == RNN_CELL_GRU ? "gru" : "tanh"; }

static void inspect_json(const network *n, size_t parameters)
{
    const rnn_model *m = n->model;
    printf("{\"cell\":\"%s\",\"layers\":%d,\"hidden\":%d,\"embedding\":%d,\"inputs\":%d,\"outputs\":%d,\"parameters\":%zu,"
           "\"quantized\":%s,\"bytes\":%zu,\"fingerprint\":\"%08x\",\"vocabulary\":[",
           cell_name(rnn_cell(m)), rnn_layers(m), rnn_hidden(m), rnn_embedding(m), rnn_inputs(m), rnn_outputs(m), parameters,
           rnn_quantized(m) ? "true" : "false", n->file.size, (unsigned)rnn_fingerprint(m));
    for (int i = 0; i < rnn_vocab_size(n->vocab); i++) {
        if (i)
            putchar(',');
        print_json_string(rnn_token(n->vocab, i));
    }
    printf("],\"metadata\":{");
    for (const char *key = rnn_meta(m), *value; *key; key = value + strlen(value) + 1) {
        value = key + strlen(key) + 1;
        if (key != rnn_meta(m))
            putchar(',');
        print_json_string(key);
        putchar(':');
        print_json_string(value);
    }
    printf("}}\n");
}

/* What a file says may hold control characters; a terminal would obey them. */
static void print_plain(const char *text)
{
    for (; *text; text++)
        putchar((unsigned char)*text < 0x20 || *text == 0x7f ? ' ' : *text);
}

static void inspect_text(const network *n, size_t parameters)
{
    const rnn_model *m = n->model;
    printf("%s, %d layer%s of %d units, %s", cell_name(rnn_cell(m)), rnn_layers(m), rnn_layers(m) > 1 ? "s" : "", rnn_hidden(m),
           rnn_embedding(m) ? "embedding of " : "one-hot input");
    if (rnn_embedding(m))
        printf("%d", rnn_embedding(m));
    printf(", vocabulary of %d %s\n%zu parameters%s, %zu bytes, fingerprint %08x\n", rnn_outputs(m),
           rnn_vocab_level(n->vocab) == RNN_CHARACTERS ? "characters" : "words", parameters,
           rnn_quantized(m) ? " as int8" : "", n->file.size, (unsigned)rnn_fingerprint(m));
    for (const char *key = rnn_meta(m), *value; *key; key = value + strlen(value) + 1) {
        value = key + strlen(key) + 1;
        print_plain(key);
        fputs(": ", stdout);
        print_plain(value);
        putchar('\n');
    }
}

static int command_inspect(int argc, char **argv)
{
    const char *path = NULL;
    int json = 0;
    option options[] = {{"json", FLAG, &json, NULL, "machine-readable, with the vocabulary", NOT_KEPT, 0}, {NULL, TEXT, NULL, NULL, NULL, NOT_KEPT, 0}};
    size_t parameters;
    if (parse(argc, argv, inspect_usage, options, &path, 1) != 1)
        misuse("inspect needs a weights file");
    network n = load(path);
    rnn_params(n.model, &parameters);
    (json ? inspect_json : inspect_text)(&n, parameters);
    unload(&n);
    return 0;
}

/* ---- saving ---- */

/* A growing list "key", "value", ... as rnn.h wants it. */
typedef struct {
    char *list;
    size_t used, room;
} metadata;

static void meta_put(metadata *m, const char *text)
{
    size_t length = strlen(text) + 1;
    if (m->used + length + 1 > m->room && !(m->list = realloc(m->list, m->room = 2 * m->room + length + 256)))
        fail("no memory for metadata");
    memcpy(m->list + m->used, text, length);
    m->used += length;
    m->list[m->used] = 0;
}

static __attribute__((format(printf, 3, 4))) void meta_set(metadata *m, const char *key, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    size_t bytes = (size_t)vsnprintf(NULL, 0, format, args) + 1;
    char *value = room(bytes);
    vsnprintf(value, bytes, format, again);
    va_end(again);
    va_end(args);
    if (*value) {
        meta_put(m, key);
        meta_put(m, value);
    }
    free(value);
}

static void meta_set_pairs(metadata *m, const pairs *list)
{
    for (int i = 0; i < list->count; i++) {
        char *key = strcpy(room(strlen(list->text[i]) + 1), list->text[i]), *value = strchr(key, '=');
        *value = 0;
        meta_set(m, key, "%s", value + 1);
        free(key);
    }
}

static const char *meta_get(const char *list, const char *key)
{
    for (const char *value; *list; list = value + strlen(value) + 1) {
        value = list + strlen(list) + 1;
        if (strcmp(list, key) == 0)
            return value;
    }
    return NULL;
}

static void save_model(const char *path, const rnn_model *m, const rnn_vocab *v, const char *meta)
{
    size_t bytes = rnn_model_save(m, v, meta, NULL, 0);
    void *out = room(bytes);
    if (!bytes || rnn_model_save(m, v, meta, out, bytes) != bytes)
        fail("%s", rnn_error());
    write_file(path, out, bytes);
    free(out);
}

/* ---- quantize ---- */

static const char quantize_usage[] = "quantize WEIGHTS --output FILE\n\nRounds the weights to int8 with a scale per row: a quarter of the size.";

static int command_quantize(int argc, char **argv)
{
    const char *path = NULL, *output = NULL;
    pairs more = {0};
    option options[] = {{"output", TEXT, &output, "FILE", "the weights file to write", NOT_KEPT, 0},
                        {"meta", PAIRS, &more, "KEY=VALUE", "further metadata; replaces a key of the same name", NOT_KEPT, 0},
                        {NULL, TEXT, NULL, NULL, NULL, NOT_KEPT, 0}};
    if (parse(argc, argv, quantize_usage, options, &path, 1) != 1 || !output)
        misuse("quantize needs a weights file and --output");
    network n = load(path);
    rnn_model *q = rnn_model_quantize(n.model);
    metadata meta = {0};
    if (!q)
        fail("%s", rnn_error());
    meta_set_pairs(&meta, &more);
    for (const char *key = rnn_meta(q), *value; *key; key = value + strlen(value) + 1) {
        value = key + strlen(key) + 1;
        if (!meta.list || !meta_get(meta.list, key))
            meta_set(&meta, key, "%s", value);
    }
    save_model(output, q, n.vocab, meta.list);
    free(meta.list);
    rnn_model_free(q);
    unload(&n);
    return 0;
}

/* ---- train ---- */

static const char train_usage[] = "train TEXT --output FILE [options]\n\nTrains a network on a text file. Ctrl-C writes a checkpoint; --resume goes on from it, to the same weights.";

typedef struct {
    const char *text, *output, *checkpoint, *held_out, *from, *level, *cell, *optimizer;
    long vocabulary, layers, hidden, embedding, batch, window, slices, passes, warmup, seed;
    double rate, final_rate, clip, dropout, checkpoint_minutes;
    int resume;
    pairs more;
} settings;

typedef struct {
    settings set;
    option *options;
    rnn_model *model;
    rnn_vocab *vocab;
    rnn_trainer *trainer;
    tokens train, held_out;
    uint32_t text_hash;
    uint32_t windows, updates;  /* per pass; in all */
    double seconds_before;      /* of earlier runs of the same training */
    time_t started;
    double smooth_loss;         /* nats */
    double held_out_bits;       /* per character, NaN if not yet known */
} run;

static volatile sig_atomic_t interrupted;
static void on_interrupt(int signal_number) { interrupted = signal_number; }

/* For good (signal() would be for once): a second Ctrl-C must not end the writing of the checkpoint. */
static void catch_interrupts(void)
{
    struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = SA_RESTART};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Which text a checkpoint belongs to: FNV-1a over its ids. */
static uint32_t hash_tokens(const tokens *t)
{
    uint32_t hash = 0x811c9dc5U;
    for (size_t i = 0; i < t->count; i++)
        hash = (hash ^ (uint32_t)t->ids[i]) * 0x01000193U;
    return hash;
}

/* For a weights file or, with what --resume needs besides, for a checkpoint. */
static metadata settings_metadata(const run *r, double seconds, int for_checkpoint)
{
    metadata meta = {0};
    meta_set(&meta, "nextchar.format", "1");
    meta_set_pairs(&meta, &r->set.more);
    for (const option *o = r->options; o->name; o++)
        if (o->kept == IN_WEIGHTS || (o->kept == IN_CHECKPOINT && for_checkpoint)) {
            char key[64];
            snprintf(key, sizeof key, "train.%s", o->name);
            if (o->kind == TEXT)
                meta_set(&meta, key, "%s", *(const char **)o->value ? *(const char **)o->value : "");
            else if (o->kind == WHOLE)
                meta_set(&meta, key, "%ld", *(long *)o->value);
            else
                meta_set(&meta, key, "%.15g", *(double *)o->value);
        }
    if (rnn_vocab_level(r->vocab) != RNN_CHARACTERS)
        meta_set(&meta, "level", rnn_vocab_level(r->vocab) == RNN_WORDS ? "words" : "words, folded");
    if (rnn_special(r->model, "unknown") != RNN_NONE)
        meta_set(&meta, "unknown", "%d", rnn_special(r->model, "unknown"));
    meta_set(&meta, rnn_vocab_level(r->vocab) == RNN_CHARACTERS ? "train.characters" : "train.tokens", "%zu", r->train.count);
    meta_set(&meta, "train.text", "%08x", (unsigned)r->text_hash);
    meta_set(&meta, "train.updates", "%u", (unsigned)rnn_trainer_updates(r->trainer));
    meta_set(&meta, "train.minutes", "%.2f", seconds / 60.0);
    return meta;
}

static void try_writing(const char *path)
{
    char *beside = partial_name(path);
    FILE *out = fopen(beside, "wb");
    if (!out)
        fail("cannot write %s: %s", path, strerror(errno));
    fclose(out);
    remove(beside);
    free(beside);
}

/* What cannot be saved must be told before the training, not after it. */
static void try_saving(const run *r)
{
    metadata meta = settings_metadata(r, 0.0, 1);
    if (!rnn_trainer_save(r->trainer, r->vocab, meta.list, NULL, 0))
        misuse("%s", rnn_error());
    free(meta.list);
    try_writing(r->set.output);
    try_writing(r->set.checkpoint);
}

static void save_checkpoint(const run *r, double seconds)
{
    metadata meta = settings_metadata(r, seconds, 1);
    size_t bytes = rnn_trainer_save(r->trainer, r->vocab, meta.list, NULL, 0);
    void *out = room(bytes);
    if (!bytes || rnn_trainer_save(r->trainer, r->vocab, meta.list, out, bytes) != bytes)
        fail("%s", rnn_error());
    write_file(r->set.checkpoint, out, bytes);
    free(out);
    free(meta.list);
}

/* The settings of the checkpoint, where the command line does not give them again. */
static void recall_settings(run *r, const char *list)
{
    for (option *o = r->options; o->name; o++) {
        char key[64];
        snprintf(key, sizeof key, "train.%s", o->name);
        const char *value = o->kept ? meta_get(list, key) : NULL;
        if (value && !o->given)
            set_option(o, value);
    }
}

static int cell_of(const char *name)
{
    if (strcmp(name, "lstm") == 0)
        return RNN_CELL_LSTM;
    if (strcmp(name, "gru") == 0)
        return RNN_CELL_GRU;
    if (strcmp(name, "tanh") == 0)
        return RNN_CELL_TANH;
    misuse("--cell is tanh, gru or lstm, not \"%s\"", name);
}

static int level_of(const char *name)
{
    if (strcmp(name, "characters") == 0)
        return RNN_CHARACTERS;
    if (strcmp(name, "words") == 0)
        return RNN_WORDS;
    if (strcmp(name, "folded") == 0)
        return RNN_WORDS_FOLDED;
    misuse("--level is characters, words or folded, not \"%s\"", name);
}

static const char *level_name(int level) { return level == RNN_WORDS ? "words" : level == RNN_WORDS_FOLDED ? "folded" : "characters"; }

static int optimizer_of(const char *name)
{
    if (strcmp(name, "adam") == 0)
        return RNN_ADAM;
    if (strcmp(name, "rmsprop") == 0)
        return RNN_RMSPROP;
    misuse("--optimizer is adam or rmsprop, not \"%s\"", name);
}

/* --held-out as the share of TEXT's end that is never trained on; -1 if it is a file, or not given. */
static double held_out_share(const run *r)
{
    char *end = NULL;
    double share = r->set.held_out ? strtod(r->set.held_out, &end) : -1.0;
    if (!r->set.held_out || *end)
        return -1.0;
    if (!(share >= 0.0 && share < 1.0))
        misuse("--held-out needs a file, or a share from 0 to below 1");
    return share;
}

/* The bytes of TEXT up to the end of its last token that is trained on. Any vocabulary says where tokens end. */
static size_t trained_bytes(const blob *text, int level, double share)
{
    rnn_vocab *v = rnn_vocab_build(text->bytes, text->size, level, 2);
    int count = v ? rnn_encode(v, text->bytes, text->size, NULL, NULL, 0) : 0, kept = count - (int)(share * (double)count);
    int32_t *ids = room(sizeof *ids * (size_t)count);
    uint32_t *ends = room(sizeof *ends * (size_t)count);
    if (v)
        rnn_encode(v, text->bytes, text->size, ids, ends, count);
    size_t bytes = kept ? ends[kept - 1] : text->size;
    rnn_vocab_free(v);
    free(ids);
    free(ends);
    return bytes;
}

/* Of words those of the held-out end may be unknown, as words of any other text; of characters none is. */
static rnn_vocab *build_vocabulary(const run *r, const blob *text, double share)
{
    int level = level_of(r->set.level);
    size_t bytes = level == RNN_CHARACTERS || share <= 0.0 ? text->size : trained_bytes(text, level, share);
    rnn_vocab *v = rnn_vocab_build(text->bytes, bytes, level, (int)r->set.vocabulary);
    if (!v)
        fail("%s: %s", r->set.text, rnn_error());
    return v;
}

/* The texts as tokens: --held-out is a file, or the share of TEXT's end that is never trained on. */
static void read_texts(run *r)
{
    blob text = read_file(r->set.text), held = {NULL, 0};
    double share = held_out_share(r);
    if (!r->vocab)
        r->vocab = build_vocabulary(r, &text, share);
    r->train = encode(r->vocab, text.bytes, text.size);
    if (share >= 0.0) {
        size_t count = (size_t)(share * (double)r->train.count);
        r->train.count -= count;
        r->held_out = (tokens){room(sizeof(int32_t) * count), count, 0};
        memcpy(r->held_out.ids, r->train.ids + r->train.count, sizeof(int32_t) * count);
    } else if (r->set.held_out) {
        held = read_file(r->set.held_out);
        r->held_out = encode(r->vocab, held.bytes, held.size);
    }
    r->text_hash = hash_tokens(&r->train);
    if (r->train.unknown + r->held_out.unknown)
        fprintf(stderr, "nextchar: %zu %ss are not in the vocabulary (or not UTF-8) and were %s\n", r->train.unknown + r->held_out.unknown,
                unit_of(r->vocab), rnn_vocab_level(r->vocab) == RNN_CHARACTERS ? "left out" : "read as <unknown>, which has no loss");
    free(text.bytes);
    free(held.bytes);
}

static void begin(run *r)
{
    settings *set = &r->set;
    if (set->from) {
        network n = load(set->from);
        r->model = n.model;
        r->vocab = n.vocab;
        free(n.file.bytes);
        set->cell = cell_name(rnn_cell(n.model));
        set->layers = rnn_layers(n.model);
        set->hidden = rnn_hidden(n.model);
        set->embedding = rnn_embedding(n.model);
        set->level = level_name(rnn_vocab_level(n.vocab));
    }
    read_texts(r);
    if (!r->model)
        r->model = rnn_model_new(cell_of(set->cell), (int)set->layers, rnn_vocab_size(r->vocab), (int)set->embedding, (int)set->hidden,
                                 rnn_vocab_size(r->vocab), (uint32_t)set->seed);
    if (r->model && rnn_vocab_unknown(r->vocab) != RNN_NONE)
        rnn_set_special(r->model, "unknown", rnn_vocab_unknown(r->vocab));
}

static void resume(run *r, const blob *checkpoint)
{
    const char *hash;
    char expected[16];
    r->vocab = r->model ? rnn_vocab_load(checkpoint->bytes, checkpoint->size) : NULL;
    if (!r->vocab)
        fail("%s: %s", r->set.checkpoint, rnn_error());
    recall_settings(r, rnn_meta(r->model));
    read_texts(r);
    snprintf(expected, sizeof expected, "%08x", (unsigned)r->text_hash);
    hash = meta_get(rnn_meta(r->model), "train.text");
    if (!hash || strcmp(hash, expected) != 0)
        fail("%s was made from another text than %s, or with another --held-out", r->set.checkpoint, r->set.text);
    r->seconds_before = 60.0 * atof(meta_get(rnn_meta(r->model), "train.minutes") ? meta_get(rnn_meta(r->model), "train.minutes") : "0");
}

static void prepare(run *r)
{
    blob checkpoint = {NULL, 0};
    if (!r->set.resume && access(r->set.checkpoint, F_OK) == 0)
        misuse("%s is there from an earlier training: go on from it with --resume, or remove it", r->set.checkpoint);
    if (r->set.resume) {
        checkpoint = read_file(r->set.checkpoint);
        r->model = rnn_model_load(checkpoint.bytes, checkpoint.size, NULL);
        resume(r, &checkpoint);
    } else
        begin(r);
    if (!r->model)
        fail("%s", rnn_error());
    int windows = rnn_windows(r->train.count, (int)r->set.batch, (int)r->set.window);
    if (!windows)
        fail("%s has %zu %ss to train on: too short for --batch %ld streams of --window %ld", r->set.text, r->train.count, unit_of(r->vocab),
             r->set.batch, r->set.window);
    r->windows = (uint32_t)windows;
    if ((double)r->windows * (double)r->set.passes > 4e9)
        misuse("--passes %ld are too many", r->set.passes);
    r->updates = r->windows * (uint32_t)r->set.passes;
    r->trainer = rnn_trainer_new(r->model, (int)r->set.batch, (int)r->set.window, (int)r->set.slices, (float)r->set.dropout, (uint32_t)r->set.seed);
    if (!r->trainer || (r->set.resume && rnn_trainer_load(r->trainer, checkpoint.bytes, checkpoint.size)))
        fail("%s", rnn_error());
    free(checkpoint.bytes);
    try_saving(r);
}

static void report(const run *r, uint32_t done, double characters_per_second)
{
    double left = (double)(r->updates - done) * (double)(r->set.batch * r->set.window) / characters_per_second;
    char held[48] = "";
    if (!isnan(r->held_out_bits))
        snprintf(held, sizeof held, "held out %.4f bits  ", r->held_out_bits);
    fprintf(stderr, "%spass %.2f of %ld  loss %.4f nats  %s%.0f chars/s  %d:%02d left%s", isatty(2) ? "\r\033[K" : "",
            (double)done / (double)r->windows, r->set.passes, r->smooth_loss, held, characters_per_second, (int)(left / 60.0), (int)left % 60,
            isatty(2) ? "" : "\n");
}

/* One update; NaN ends the training with the library's sentence. */
static void update(run *r, int32_t *x, int32_t *y, uint32_t done)
{
    settings *set = &r->set;
    int start = rnn_window(r->train.ids, r->train.count, (int)set->batch, (int)set->window, (uint32_t)set->seed, done, x, y);
    if (start)
        rnn_trainer_reset(r->trainer);
    float nats = rnn_trainer_window(r->trainer, x, y);
    float rate = rnn_rate(done, r->updates, (uint32_t)set->warmup, (float)set->rate, (float)set->final_rate);
    if (isnan(nats) || rnn_trainer_update(r->trainer, optimizer_of(set->optimizer), rate, (float)set->clip))
        fail("after %u updates: %s", (unsigned)done, rnn_error());
    r->smooth_loss = r->smooth_loss > 0.0 ? 0.98 * r->smooth_loss + 0.02 * (double)nats : (double)nats;
}

/* Updates until all are done or Ctrl-C; returns the seconds of the whole training so far. */
static double loop(run *r)
{
    size_t places = (size_t)(r->set.batch * r->set.window);
    int32_t *x = room(sizeof *x * places), *y = room(sizeof *y * places);
    double start = now(), last_report = start, last_save = start;
    uint32_t first = rnn_trainer_updates(r->trainer), reported = first;
    for (uint32_t done = first; done < r->updates && !interrupted;) {
        update(r, x, y, done++);
        double time = now();
        if (time - last_report > (isatty(2) ? 0.5 : 30.0)) {
            report(r, done, (double)(done - reported) * (double)places / (time - last_report));
            last_report = time;
            reported = done;
        }
        if (time - last_save > 60.0 * r->set.checkpoint_minutes) {
            save_checkpoint(r, r->seconds_before + time - start);
            last_save = time;
        }
        if (r->held_out.count && (done % r->windows == 0 || done == r->updates)) {
            size_t counted;
            r->held_out_bits = score(r->model, &r->held_out, r->held_out.count < 32 ? 1 : 32, &counted); /* quick, a little above `score` */
            report(r, done, (double)(done - reported) * (double)places / (time - last_report));
            last_report = now();
            reported = done;
        }
    }
    free(x);
    free(y);
    return r->seconds_before + now() - start;
}

static void finish(const run *r, double seconds)
{
    metadata meta = settings_metadata(r, seconds, 0);
    if (r->held_out.count) {
        size_t counted;
        double bits = score(r->model, &r->held_out, 1, &counted);
        if (rnn_vocab_level(r->vocab) == RNN_CHARACTERS) {
            meta_set(&meta, "heldOut.bitsPerCharacter", "%.4f", bits);
            meta_set(&meta, "heldOut.characters", "%zu", counted);
            fprintf(stderr, "held out: %.4f bits per character over %zu characters\n", bits, counted);
        } else {
            meta_set(&meta, "heldOut.bitsPerToken", "%.4f", bits);
            meta_set(&meta, "heldOut.perplexity", "%.2f", exp2(bits));
            meta_set(&meta, "heldOut.tokens", "%zu", counted);
            fprintf(stderr, "held out: %.4f bits per token, perplexity %.2f, over %zu tokens\n", bits, exp2(bits), counted);
        }
    }
    save_model(r->set.output, r->model, r->vocab, meta.list);
    fprintf(stderr, "wrote %s after %.1f minutes\n", r->set.output, seconds / 60.0);
    free(meta.list);
}

static int command_train(int argc, char **argv)
{
    run r = {.set = {.cell = "lstm", .optimizer = "adam", .level = "characters", .slices = 1, .layers = 1, .hidden = 256, .embedding = 64, .batch = 20, .window = 64, .passes = 10,
                     .warmup = 100, .seed = 1, .rate = 0.004, .final_rate = 0.02, .clip = 1.0, .checkpoint_minutes = 10.0},
             .held_out_bits = (double)NAN};
    settings *s = &r.set;
    option options[] = {{"output", TEXT, &s->output, "FILE", "the weights file to write", NOT_KEPT, 0},
                        {"held-out", TEXT, &s->held_out, "FILE|SHARE", "text to measure with, or the share of TEXT's end to keep for it", IN_CHECKPOINT, 0},
                        {"from", TEXT, &s->from, "FILE", "begin with this file's network and vocabulary instead of a random one", IN_CHECKPOINT, 0},
                        {"level", TEXT, &s->level, "NAME", "a token is one of: characters, words, folded (words in small letters)", IN_WEIGHTS, 0},
                        {"vocabulary", WHOLE, &s->vocabulary, "N", "of words: only the N most frequent tokens, <unknown> among them; 0 = all", IN_WEIGHTS, 0},
                        {"cell", TEXT, &s->cell, "NAME", "tanh, gru or lstm", IN_WEIGHTS, 0},
                        {"layers", WHOLE, &s->layers, "N", "1 to 4", IN_WEIGHTS, 0},
                        {"hidden", WHOLE, &s->hidden, "N", "units of a layer", IN_WEIGHTS, 0},
                        {"embedding", WHOLE, &s->embedding, "N", "width of the learnt input; 0 = one-hot", IN_WEIGHTS, 0},
                        {"batch", WHOLE, &s->batch, "N", "parallel streams of text", IN_WEIGHTS, 0},
                        {"window", WHOLE, &s->window, "N", "steps back through time", IN_WEIGHTS, 0},
                        {"slices", WHOLE, &s->slices, "N", "groups of streams with gradients of their own; 2: the same bits as the page's training", IN_WEIGHTS, 0},
                        {"passes", WHOLE, &s->passes, "N", "times through the text", IN_WEIGHTS, 0},
                        {"rate", REAL, &s->rate, "X", "highest learning rate", IN_WEIGHTS, 0},
                        {"final-rate", REAL, &s->final_rate, "X", "share of it that is left at the end of the cosine", IN_WEIGHTS, 0},
                        {"warmup", WHOLE, &s->warmup, "N", "updates until the highest rate", IN_WEIGHTS, 0},
                        {"clip", REAL, &s->clip, "X", "largest global norm of the gradients; 0 = any", IN_WEIGHTS, 0},
                        {"dropout", REAL, &s->dropout, "P", "share of each layer's outputs that is dropped", IN_WEIGHTS, 0},
                        {"optimizer", TEXT, &s->optimizer, "NAME", "adam or rmsprop", IN_WEIGHTS, 0},
                        {"seed", WHOLE, &s->seed, "N", "of weights, offsets and dropout", IN_WEIGHTS, 0},
                        {"checkpoint", TEXT, &s->checkpoint, "FILE", "OUTPUT.checkpoint if not given", NOT_KEPT, 0},
                        {"checkpoint-minutes", REAL, &s->checkpoint_minutes, "X", "how often it is written", NOT_KEPT, 0},
                        {"resume", FLAG, &s->resume, NULL, "go on from the checkpoint, with its settings", NOT_KEPT, 0},
                        {"meta", PAIRS, &s->more, "KEY=VALUE", "metadata for the weights file, such as corpus and licence", NOT_KEPT, 0},
                        {NULL, TEXT, NULL, NULL, NULL, NOT_KEPT, 0}};
    char *beside = NULL;
    r.options = options;
    if (parse(argc, argv, train_usage, options, &s->text, 1) != 1 || !s->output)
        misuse("train needs a text file and --output");
    if (!s->checkpoint)
        s->checkpoint = strcat(strcpy(beside = room(strlen(s->output) + 12), s->output), ".checkpoint");
    level_of(s->level);
    cell_of(s->cell);
    optimizer_of(s->optimizer);
    prepare(&r);
    catch_interrupts();
    double seconds = loop(&r);
    if (isatty(2))
        fputc('\n', stderr);
    if (interrupted) {
        save_checkpoint(&r, seconds);
        fprintf(stderr, "stopped; wrote %s: go on with --resume\n", s->checkpoint);
    } else {
        finish(&r, seconds);
        remove(s->checkpoint);
    }
    rnn_trainer_free(r.trainer);
    rnn_model_free(r.model);
    rnn_vocab_free(r.vocab);
    free(r.train.ids);
    free(r.held_out.ids);
    free(beside);
    return interrupted ? 130 : 0;
}

/* ---- markov ---- */

static const char markov_usage[] = "markov TEXT HELD-OUT [options]\n\nBits per token of HELD-OUT for one who only counts in TEXT what follows the last 1 to 6 tokens.";

static int command_markov(int argc, char **argv)
{
    const char *paths[2], *level = "characters";
    long vocabulary = 0;
    enum { ORDERS = 6, MOST_GRAMS = 1 << 23 };
    option options[] = {{"level", TEXT, &level, "NAME", "a token is one of: characters, words, folded", NOT_KEPT, 0},
                        {"vocabulary", WHOLE, &vocabulary, "N", "of words: only the N most frequent tokens; 0 = all", NOT_KEPT, 0},
                        {NULL, TEXT, NULL, NULL, NULL, NOT_KEPT, 0}};
    if (parse(argc, argv, markov_usage, options, paths, 2) != 2)
        misuse("markov needs a text to count in and a held-out text");
    blob text = read_file(paths[0]), held_out = read_file(paths[1]);
    rnn_vocab *v = rnn_vocab_build(text.bytes, text.size, level_of(level), (int)vocabulary);
    if (!v)
        fail("%s: %s", paths[0], rnn_error());
    tokens t = encode(v, text.bytes, text.size), h = encode(v, held_out.bytes, held_out.size);
    rnn_markov *m = rnn_markov_new(rnn_vocab_size(v), ORDERS, rnn_vocab_unknown(v), MOST_GRAMS);
    int read = m ? rnn_markov_read(m, t.ids, t.count) : -1;
    if (read < 0)
        fail("%s", rnn_error());
    if ((size_t)read < t.count)
        fprintf(stderr, "nextchar: counted in the first %d of %zu %ss alone: there is no room for more grams\n", read, t.count, unit_of(v));
    for (int order = 1; order <= ORDERS; order++) {
        uint32_t counted;
        double bits = rnn_markov_score(m, order, h.ids, 0, h.count, &counted);
        if (!counted)
            fail("%s has no %s that %s has", paths[1], unit_of(v), paths[0]);
        printf("order %d: %.4f bits per %s", order, bits / (double)counted, unit_of(v));
        if (rnn_vocab_level(v) != RNN_CHARACTERS)
            printf(", perplexity %.1f", exp2(bits / (double)counted));
        printf(" over %u\n", (unsigned)counted);
    }
    rnn_markov_free(m);
    free(t.ids);
    free(h.ids);
    rnn_vocab_free(v);
    free(text.bytes);
    free(held_out.bytes);
    return 0;
}

/* ---- novelty ---- */

static const char novelty_usage[] = "novelty TRAINING-TEXT [TEXT] [options]\n\nWhere TEXT (or stdin) stands letter for letter in TRAINING-TEXT, and how much of it does not.";

/* lines (size + 1) = the line of each byte, from 1. */
static void count_lines(const blob *text, uint32_t *lines)
{
    uint32_t line = 1;
    for (size_t i = 0; i <= text->size; i++) {
        lines[i] = line;
        line += text->bytes[i] == '\n'; /* the NUL behind the last one is none */
    }
}

static int command_novelty(int argc, char **argv)
{
    const char *paths[2] = {NULL, "-"};
    long least = 20;
    option options[] = {{"least", WHOLE, &least, "N", "characters of a span that counts as copied", NOT_KEPT, 0}, {NULL, TEXT, NULL, NULL, NULL, NOT_KEPT, 0}};
    if (parse(argc, argv, novelty_usage, options, paths, 2) < 1 || !least)
        misuse("novelty needs a training text, and --least of 1 or more");
    blob training = read_file(paths[0]), text = read_file(paths[1]);
    rnn_vocab *v = rnn_vocab_build(training.bytes, training.size, RNN_CHARACTERS, 0);
    if (!v)
        fail("%s: %s", paths[0], rnn_error());
    int n = rnn_encode(v, training.bytes, training.size, NULL, NULL, 0), length = rnn_encode(v, text.bytes, text.size, NULL, NULL, 0), copied = 0;
    int32_t *ids = room(sizeof *ids * (size_t)(n > length ? n : length)), at;
    uint32_t *places = room(sizeof *places * (size_t)(n + 1)), *ends = room(sizeof *ends * (size_t)(length + 1)), *lines = room(sizeof *lines * (training.size + 1));
    rnn_encode(v, training.bytes, training.size, ids, places + 1, n);
    rnn_index *x = rnn_index_new(ids, (size_t)n);
    if (!x)
        fail("%s", rnn_error());
    rnn_encode(v, text.bytes, text.size, ids, ends + 1, length);
    count_lines(&training, lines);
    for (int i = 0, end = 0; i < length;) {
        int same = rnn_index_find(x, ids + i, length - i, &at);
        if (same < least) {
            i++;
            continue;
        }
        printf("%d characters, line %u of %s: ", same, (unsigned)lines[places[at]], paths[0]);
        printf("%.*s\n", (int)(ends[i + same] - ends[i]), text.bytes + ends[i]);
        copied += i + same - (i > end ? i : end);
        end = i + same;
        i = end - (int)least + 1; /* the next one may begin within this one, but not end there */
    }
    printf("novelty %.1f %%: %d of %d characters stand in no span of %ld or more\n", length ? 100.0 * (double)(length - copied) / (double)length : 100.0,
           length - copied, length, least);
    rnn_index_free(x);
    rnn_vocab_free(v);
    free(ids);
    free(places);
    free(ends);
    free(lines);
    free(training.bytes);
    free(text.bytes);
    return 0;
}

/* ---- main ---- */

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
} commands[] = {{"train", command_train, "learn from a text file"},
                {"write", command_write, "write text"},
                {"score", command_score, "measure bits per character of a text"},
                {"inspect", command_inspect, "say what a weights file holds"},
                {"quantize", command_quantize, "make a weights file four times smaller"},
                {"markov", command_markov, "bits per token by counting: the baseline"},
                {"novelty", command_novelty, "find what of a text is copied from another"}};
enum { COMMANDS = sizeof commands / sizeof *commands };

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "--help";
    for (int i = 0; i < COMMANDS; i++)
        if (strcmp(name, commands[i].name) == 0)
            return commands[i].run(argc - 2, argv + 2);
    if (strcmp(name, "--help") != 0 && strcmp(name, "--version") != 0)
        misuse("there is no command %s", name);
    int version = rnn_version();
    printf("nextchar %d.%d.%d (%s): a recurrent network that reads and writes text\n", version / 10000, version / 100 % 100, version % 100, rnn_isa());
    for (int i = 0; i < COMMANDS && strcmp(name, "--version") != 0; i++)
        printf("  nextchar %-10s %s\n", commands[i].name, commands[i].help);
    return argc > 1 ? 0 : 2;
}
