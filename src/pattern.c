/* SPDX-License-Identifier: MIT
 *
 * pattern.c - a network that answers: loaded whole, asked, scored. Stands on rnn.h.
 */
#include "pattern.h"

#include "error.h"
#include "number.h"
#include "vocab.h"
#include "weights.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- load ---- */

const char pattern_names[] = "text, one-to-one, one-to-many, many-to-one, synchronous, sequence";

/* A whole number of the metadata, at most `most`; 0 where there is none, -1 where it is no such number. */
static int rule_of(const char *meta, const char *key, int most)
{
    const char *text = st_value(meta, key);
    double value = text ? number_of(text) : 0.0;
    return value >= 0.0 && value <= most && value == (double)(int)value ? (int)value : -1;
}

/* The pattern that the metadata says, if it is of a network that answers; else A_TEXT. */
static pattern answering(const char *meta)
{
    static const pattern kinds[] = {ONE_TO_MANY, MANY_TO_ONE, SYNCHRONOUS, SEQUENCE};
    static const char *const names[] = {"one-to-many", "many-to-one", "synchronous", "sequence"};
    const char *name = st_value(meta, "pattern");
    for (int i = 0; name && i < 4; i++)
        if (strcmp(name, names[i]) == 0)
            return kinds[i];
    return A_TEXT;
}

int rnn_file_answers(const void *safetensors, size_t bytes)
{
    st_file *file = st_read(safetensors, bytes);
    int answers = file ? answering(file->metadata) != A_TEXT : rnn_error_code();
    free(file);
    return answers;
}

static int read_rules(rnn_pattern *p, const char *meta)
{
    example_rules *rules = &p->rules;
    rules->pattern = answering(meta);
    if (rules->pattern == A_TEXT)
        return fail(RNN_E_SHAPE, "the file is no network that answers: its metadata has no \"pattern\" of %s",
                    "one-to-many, many-to-one, synchronous or sequence");
    rules->side = rules->pattern == ONE_TO_MANY ? rule_of(meta, "side", MAX_PICTURE_SIDE) : 0;
    rules->delay = rules->pattern == SYNCHRONOUS ? rule_of(meta, "delay", MAX_DELAY) : 0;
    rules->reversed = rules->pattern == SEQUENCE ? rule_of(meta, "reversed", 1) : 0;
    if (rules->side < 0 || rules->delay < 0 || rules->reversed < 0)
        return fail(RNN_E_HEADER, "the metadata's side, delay or reversed is out of range");
    return 0;
}

/* What is written letter by letter has labels of one character each, but for the end. */
static int check_characters(const rnn_pattern *p)
{
    int end = rnn_special(p->model, "end");
    for (int i = 0; i < rnn_vocab_size(p->labels); i++) {
        const char *label = rnn_token(p->labels, i);
        int32_t id;
        if (i != end && rnn_encode(p->labels, label, strlen(label), &id, NULL, 1) != 1)
            return fail(RNN_E_VOCAB, "label %d is more than one character, in a pattern that writes characters", i);
    }
    return 0;
}

/* Whether the stacks make the pattern together. */
static int check_parts(const rnn_pattern *p, int read)
{
    int writes = p->rules.pattern == ONE_TO_MANY || p->rules.pattern == SEQUENCE;
    int N = p->rules.pattern != ONE_TO_MANY ? 0 : p->rules.side ? p->rules.side * p->rules.side : read;
    if (rnn_vector(p->model) != N)
        return fail(RNN_E_SHAPE, "the state begins from %d numbers, expected %d", rnn_vector(p->model), N);
    if (writes && rnn_special(p->model, "end") == RNN_NONE)
        return fail(RNN_E_HEADER, "the metadata does not say which label ends what is written: it needs an \"end\"");
    if (!writes && rnn_special(p->model, "end") != RNN_NONE)
        return fail(RNN_E_HEADER, "the metadata has an \"end\", but this pattern writes no text of its own length");
    if (p->vocab && rnn_vocab_level(p->vocab) != RNN_CHARACTERS)
        return fail(RNN_E_VOCAB, "the level is not characters: only networks that write on know words");
    if (writes && check_characters(p))
        return rnn_error_code();
    if (p->encoder && (rnn_cell(p->encoder) != rnn_cell(p->model) || rnn_layers(p->encoder) != rnn_layers(p->model) ||
                       rnn_hidden(p->encoder) != rnn_hidden(p->model)))
        return fail(RNN_E_SHAPE, "encoder and decoder differ in cell, layers or units: no state can be handed over");
    return rnn_layers(p->model) ? 0 : fail(RNN_E_SHAPE, "a network of 0 layers cannot answer: it remembers nothing");
}

/* A sequence is of two stacks, and of nothing between them. */
static int check_no_third(const st_file *file)
{
    for (int i = 0; i < file->count; i++) {
        const st_tensor *t = &file->tensors[i];
        if (strncmp(t->name, "encoder.", 8) && strncmp(t->name, "decoder.", 8) && !is_of_file(t))
            return refuse_tensor("", t->name);
    }
    return 0;
}

/* The vocabularies first: they say how large the stacks may be. What writes reads its own labels. */
static int load_parts(rnn_pattern *p, const st_file *file, const void *safetensors, size_t bytes)
{
    if (read_rules(p, file->metadata))
        return rnn_error_code();
    pattern kind = p->rules.pattern;
    p->labels = rnn_labels_load(safetensors, bytes);
    p->vocab = p->labels && !p->rules.side ? rnn_vocab_load(safetensors, bytes) : NULL;
    if (!p->labels || (!p->rules.side && !p->vocab))
        return rnn_error_code();
    int written = rnn_vocab_size(p->labels), read = p->vocab ? rnn_vocab_size(p->vocab) : 0;
    int inputs = kind == ONE_TO_MANY || kind == SEQUENCE ? written : read;
    if (kind == SEQUENCE &&
        (!(p->encoder = load_fitting(safetensors, bytes, "encoder.", read, 0)) || check_no_third(file)))
        return rnn_error_code();
    p->model = load_fitting(safetensors, bytes, kind == SEQUENCE ? "decoder." : NULL, inputs, written);
    return p->model ? check_parts(p, read) : rnn_error_code();
}

int load_pattern(rnn_pattern *p, const void *safetensors, size_t bytes)
{
    st_file *file = st_read(safetensors, bytes);
    int error = file ? load_parts(p, file, safetensors, bytes) : rnn_error_code();
    free(file);
    return error;
}

void release_pattern(rnn_pattern *p)
{
    rnn_model_free(p->encoder);
    rnn_model_free(p->model);
    rnn_vocab_free(p->vocab);
    rnn_vocab_free(p->labels);
}

rnn_pattern *rnn_pattern_load(const void *safetensors, size_t bytes)
{
    rnn_pattern *p = calloc(1, sizeof *p);
    if (!p)
        fail(RNN_E_MEMORY, "no memory for a network");
    if (p && load_pattern(p, safetensors, bytes)) {
        rnn_pattern_free(p);
        p = NULL;
    }
    return p;
}

void rnn_pattern_free(rnn_pattern *p)
{
    if (p)
        release_pattern(p);
    free(p);
}

int rnn_pattern_rule(const rnn_pattern *p, int which)
{
    if (missing(p))
        return RNN_E_RANGE;
    const int rules[] = {(int)p->rules.pattern, p->rules.side, p->rules.delay, p->rules.reversed};
    return which >= RNN_KIND && which <= RNN_REVERSED ? rules[which] : fail(RNN_E_RANGE, "there is no rule %d", which);
}

rnn_model *rnn_pattern_encoder(const rnn_pattern *p) { return missing(p) ? NULL : p->encoder; }
rnn_model *rnn_pattern_model(const rnn_pattern *p) { return missing(p) ? NULL : p->model; }
rnn_vocab *rnn_pattern_vocab(const rnn_pattern *p) { return missing(p) ? NULL : p->vocab; }
rnn_vocab *rnn_pattern_labels(const rnn_pattern *p) { return missing(p) ? NULL : p->labels; }

/* ---- quantize and save ---- */

/* The same tokens once more; NULL of NULL. */
static rnn_vocab *copy_vocab(const rnn_vocab *v)
{
    if (!v)
        return NULL;
    size_t bytes;
    const char *list = vocab_list(v, &bytes);
    return rnn_labels_new(list, bytes);
}

rnn_pattern *rnn_pattern_quantize(const rnn_pattern *p)
{
    if (missing(p))
        return NULL;
    rnn_pattern *q = calloc(1, sizeof *q);
    if (!q) {
        fail(RNN_E_MEMORY, "no memory for a network");
        return NULL;
    }
    *q = (rnn_pattern){.rules = p->rules, .vocab = copy_vocab(p->vocab), .labels = copy_vocab(p->labels)};
    q->encoder = p->encoder ? rnn_model_quantize(p->encoder) : NULL;
    q->model = !p->encoder || q->encoder ? rnn_model_quantize(p->model) : NULL;
    if (q->model && q->labels && (q->vocab || !p->vocab))
        return q;
    rnn_pattern_free(q);
    return NULL;
}

size_t rnn_pattern_save(const rnn_pattern *p, const char *meta, void *out, size_t room)
{
    static const char *const two[] = {"encoder.", "decoder."}, *const one[] = {""};
    if (missing(p))
        return 0;
    const rnn_model *const models[] = {p->encoder ? p->encoder : p->model, p->model};
    return rnn_models_save(p->encoder ? 2 : 1, models, p->encoder ? two : one, p->vocab, p->labels, meta, out, room);
}

/* ---- what is read ---- */

int rnn_pattern_read(const rnn_pattern *p, const char *input, size_t bytes, int32_t *tokens, int room)
{
    if (missing(p) || missing(input) || (room && missing(tokens)))
        return RNN_E_RANGE;
    if (p->rules.pattern == ONE_TO_MANY)
        return 0;
    int count = bytes <= 4 * MAX_READ ? rnn_encode(p->vocab, input, bytes, NULL, NULL, 0) : MAX_READ + 1;
    int all = count + p->rules.delay;
    if (count > MAX_READ)
        return fail(RNN_E_TEXT, "what is to be read has more than %d characters", MAX_READ);
    if (room < all)
        return all;
    rnn_encode(p->vocab, input, bytes, tokens, NULL, count);
    for (int i = 0; p->rules.reversed && i < count / 2; i++) {
        int32_t first = tokens[i];
        tokens[i] = tokens[count - 1 - i];
        tokens[count - 1 - i] = first;
    }
    for (int i = count; i < all; i++)
        tokens[i] = RNN_NONE;
    return all;
}

int rnn_pattern_vector(const rnn_pattern *p, const char *input, size_t bytes, float *vector)
{
    if (missing(p) || missing(input) || missing(vector))
        return RNN_E_RANGE;
    return p->rules.pattern == ONE_TO_MANY ? read_vector(p->rules, p->vocab, input, bytes, vector) : 0;
}

/* ---- answer ---- */

typedef struct {
    char *out;
    size_t room, bytes;
} text;

static void put_token(text *t, const rnn_vocab *labels, int id)
{
    const char *token = rnn_token(labels, id);
    size_t bytes = strlen(token);
    if (t->bytes + bytes < t->room)
        memcpy(t->out + t->bytes, token, bytes + 1);
    t->bytes += bytes;
}

/* The most probable label; an error if the logits are no numbers any more. */
static int most_probable(const float *logits, int n)
{
    int best = 0;
    for (int i = 1; i < n; i++)
        best = logits[i] > logits[best] ? i : best;
    return isnan(rnn_surprisal(logits, n, best)) ? rnn_error_code() : best;
}

/* The tokens that are read, one after another: a label for the last one, or for each after the delay. */
static int answer_by_reading(const rnn_pattern *p, const int32_t *tokens, int count, text *out)
{
    int V = rnn_outputs(p->model), first = p->rules.pattern == MANY_TO_ONE ? count - 1 : p->rules.delay, error = 0;
    rnn_state *s = rnn_state_new(p->model, 1);
    if (!s)
        return rnn_error_code();
    for (int t = 0; t < count && !error; t++) {
        error = rnn_step(p->model, s, tokens + t);
        int label = !error && t >= first ? most_probable(rnn_logits(s), V) : 0;
        error = label < 0 ? label : error;
        if (!error && t >= first)
            put_token(out, p->labels, label);
    }
    rnn_state_free(s);
    return error;
}

/* The beam: so many texts at once, and room for those that follow. */
typedef struct {
    rnn_state *now, *next;
    int width, count, most;
    float temperature; /* 0: the cheapest go on; else one text is drawn */
    uint32_t seed;
    float *probs;      /* (V) */
    int32_t *from, *tokens, *texts, *grown; /* texts, grown (width, most) */
    float *bits, *new_bits;
    unsigned char *ended, *new_ended;
    void *room;
} beam;

static int make_beam(beam *k, const rnn_model *m)
{
    size_t w = (size_t)k->width, texts = w * (size_t)k->most, V = (size_t)rnn_outputs(m);
    k->now = rnn_state_new(m, k->width);
    k->next = k->now ? rnn_state_new(m, k->width) : NULL;
    if (!k->next)
        return rnn_error_code();
    k->room = calloc(1, sizeof(int32_t) * (2 * w + 2 * texts) + (2 * sizeof(float) + 2) * w + sizeof(float) * V);
    if (!k->room)
        return fail(RNN_E_MEMORY, "no memory for a beam of %d texts", k->width);
    k->from = k->room;
    k->tokens = k->from + w;
    k->texts = k->tokens + w;
    k->grown = k->texts + texts;
    k->bits = (float *)(k->grown + texts);
    k->new_bits = k->bits + w;
    k->probs = k->new_bits + w;
    k->ended = (unsigned char *)(k->probs + V);
    k->new_ended = k->ended + w;
    return 0;
}

static void free_beam(beam *k)
{
    rnn_state_free(k->now);
    rnn_state_free(k->next);
    free(k->room);
}

/* One text: the most probable token or, above temperature 0, the one that the dice say. */
static int take_one(beam *k, int V, int t)
{
    int error = rnn_probs(rnn_logits(k->now), V, k->temperature, 0, 1.0f, k->probs);
    k->from[0] = 0;
    k->tokens[0] = rnn_pick(k->probs, V, rnn_dice(k->seed, (uint32_t)t));
    return error ? error : 1;
}

/* One token more for each text that did not end. Returns 1 if all have ended, or an error. */
static int grow(beam *k, const rnn_pattern *p, int t)
{
    int end = rnn_special(p->model, "end"), all_ended = 1, V = rnn_outputs(p->model);
    size_t row = sizeof(int32_t) * (size_t)k->most, w = (size_t)k->width;
    int count = k->width == 1 ? take_one(k, V, t)
                              : rnn_beam(rnn_logits(k->now), k->count, V, k->bits, k->ended, k->width, k->from,
                                         k->tokens, k->new_bits);
    if (count < 0)
        return count;
    for (int b = 0; b < count; b++) {
        memcpy(k->grown + b * k->most, k->texts + k->from[b] * k->most, row);
        k->new_ended[b] = k->ended[k->from[b]] || k->tokens[b] == end;
        k->grown[b * k->most + t] = k->new_ended[b] ? RNN_NONE : k->tokens[b];
        all_ended &= k->new_ended[b];
        rnn_state_copy(k->next, b, k->now, k->from[b]);
    }
    for (int b = count; b < k->width; b++)
        k->tokens[b] = RNN_NONE;
    rnn_state *now = k->next;
    k->next = k->now;
    k->now = now;
    k->count = count;
    memcpy(k->texts, k->grown, row * w);
    memcpy(k->bits, k->new_bits, sizeof *k->bits * w);
    memcpy(k->ended, k->new_ended, w);
    return all_ended ? 1 : rnn_step(p->model, k->now, k->tokens);
}

/* The beam's first stream begins where the input says. */
static int begin_writing(const rnn_pattern *p, beam *k, const int32_t *tokens, int count, const float *vector)
{
    rnn_state *s = rnn_state_new(p->encoder ? p->encoder : p->model, 1);
    int error = s ? 0 : rnn_error_code();
    if (!error && !p->encoder)
        error = rnn_state_begin(s, vector);
    for (int t = 0; p->encoder && t < count && !error; t++)
        error = rnn_step(p->encoder, s, tokens + t);
    error = error ? error : rnn_state_copy(k->now, 0, s, 0);
    rnn_state_free(s);
    return error;
}

static int answer_by_writing(const rnn_pattern *p, const int32_t *tokens, int count, const float *vector, beam *k,
                             text *out)
{
    int error = make_beam(k, p->model), done = 0;
    error = error ? error : begin_writing(p, k, tokens, count, vector);
    for (int b = 0; b < k->width && !error; b++)
        k->tokens[b] = RNN_NONE;
    error = error ? error : rnn_step(p->model, k->now, k->tokens);
    for (int t = 0; t < k->most && !error && !done; t++) {
        done = grow(k, p, t);
        error = done < 0 ? done : 0;
    }
    for (int t = 0; t < k->most && !error && k->texts[t] != RNN_NONE; t++)
        put_token(out, p->labels, k->texts[t]);
    free_beam(k);
    return error;
}

int rnn_pattern_answer(const rnn_pattern *p, const char *input, size_t bytes, int width, float temperature,
                       uint32_t seed, int most, char *out, size_t room)
{
    if (missing(p) || missing(input) || (room && missing(out)))
        return RNN_E_RANGE;
    if (width < 1 || width > MAX_WIDTH || most < 1 || most > MAX_WRITTEN)
        return fail(RNN_E_RANGE, "a beam of 1 to %d texts, each of 1 to %d tokens, is possible", MAX_WIDTH,
                    MAX_WRITTEN);
    if (!(temperature >= 0.0f) || (temperature > 0.0f && width > 1))
        return fail(RNN_E_RANGE, "the temperature must be 0 or more; above 0 the beam is 1");
    if (room && !bytes)
        *out = 0;
    if (!bytes)
        return 0;
    text t = {.out = out, .room = room};
    beam k = {.width = width, .count = 1, .most = most, .temperature = temperature, .seed = seed};
    int count = rnn_pattern_read(p, input, bytes, NULL, 0), N = rnn_vector(p->model);
    if (count < 0)
        return count;
    int32_t *tokens = malloc((sizeof *tokens + sizeof(float)) * ((size_t)count + (size_t)N + 1));
    if (!tokens)
        return fail(RNN_E_MEMORY, "no memory to read %d tokens", count);
    float *vector = (float *)(tokens + count);
    rnn_pattern_read(p, input, bytes, tokens, count);
    int error = N ? rnn_pattern_vector(p, input, bytes, vector) : 0;
    if (error >= 0 && room)
        *out = 0;
    if (error >= 0)
        error = p->rules.pattern == MANY_TO_ONE || p->rules.pattern == SYNCHRONOUS
                    ? answer_by_reading(p, tokens, count, &t)
                    : answer_by_writing(p, tokens, count, vector, &k, &t);
    free(tokens);
    return error < 0 ? error : (int)t.bytes;
}

/* ---- score ---- */

enum { SIDE_BY_SIDE = 32 };

/* What a batch needs beside the networks. */
typedef struct {
    int B;
    rnn_state *reader, *writer;
    example_window window;
    void *room;
} scoring;

static int new_scoring(scoring *k, const rnn_pattern *p, const examples *e)
{
    size_t B = e->count < SIDE_BY_SIDE ? (size_t)e->count : SIDE_BY_SIDE;
    /* A line has at most MAX_READ tokens: these sizes are far from the largest ones. */
    size_t read = B * (size_t)e->read_steps, places = B * (size_t)e->steps, N = (size_t)source_numbers(e);
    *k = (scoring){.B = (int)B, .writer = rnn_state_new(p->model, (int)B)};
    k->reader = k->writer && p->encoder ? rnn_state_new(p->encoder, (int)B) : NULL;
    if (!k->writer || (p->encoder && !k->reader))
        return rnn_error_code();
    k->room = malloc(sizeof(int32_t) * (read + 2 * places) + sizeof(float) * B * N + 1);
    if (!k->room)
        return fail(RNN_E_MEMORY, "no memory to score examples of %d tokens", e->steps);
    k->window.read = k->room;
    k->window.x = k->window.read + read;
    k->window.y = k->window.x + places;
    k->window.vectors = (float *)(k->window.y + places);
    return 0;
}

static void free_scoring(scoring *k)
{
    rnn_state_free(k->reader);
    rnn_state_free(k->writer);
    free(k->room);
}

/* The writer's state begins where the pattern says. */
static int begin_batch(const rnn_pattern *p, scoring *k)
{
    const example_window *w = &k->window;
    rnn_state_reset(k->writer);
    if (p->rules.pattern == ONE_TO_MANY)
        return rnn_state_begin(k->writer, w->vectors);
    int error = 0;
    if (k->reader)
        rnn_state_reset(k->reader);
    for (int t = 0; k->reader && t < w->read_steps && !error; t++)
        error = rnn_step(p->encoder, k->reader, w->read + t * k->B);
    for (int b = 0; k->reader && b < k->B && !error; b++)
        error = rnn_state_copy(k->writer, b, k->reader, b);
    return error;
}

/* One target: whether it is the most probable label; an error if the logits are no numbers. One that can never be
 * written is wrong, and costs nothing that could be said. */
static int score_target(const float *logits, int V, int target, double *figures)
{
    int best = most_probable(logits, V);
    if (best < 0 || logits[target] == -INFINITY)
        return best < 0 ? best : 0;
    figures[RNN_BITS] += (double)rnn_surprisal(logits, V, target);
    figures[RNN_TARGETS] += 1.0;
    figures[RNN_TARGETS_RIGHT] += best == target;
    return best == target;
}

/* The first `count` streams, of these lines. */
static int score_batch(const rnn_pattern *p, scoring *k, const examples *e, const uint32_t *lines, int count,
                       double *figures)
{
    const example_window *w = &k->window;
    int V = rnn_outputs(p->model), right[SIDE_BY_SIDE], error = begin_batch(p, k);
    for (int b = 0; b < count; b++)
        right[b] = is_known(e, lines[b]);
    for (int t = 0; t < w->steps && !error; t++) {
        error = rnn_step(p->model, k->writer, w->x + t * k->B);
        for (int b = 0; b < count && !error; b++) {
            int target = w->y[t * k->B + b], hit = 1;
            if (target != RNN_NONE)
                hit = score_target(rnn_logits(k->writer) + (size_t)b * (size_t)V, V, target, figures);
            error = hit < 0 ? hit : 0;
            right[b] &= hit;
        }
    }
    for (int b = 0; b < count && !error; b++)
        figures[RNN_RIGHT] += right[b];
    figures[RNN_EXAMPLES] += count;
    return error;
}

int score_examples(const rnn_pattern *p, const examples *trained, int first, int end, double *figures)
{
    scoring k;
    examples once = *trained, *e = &once;
    e->rules.each = 0; /* the answer counts at the last token alone */
    int error = new_scoring(&k, p, e);
    memset(figures, 0, sizeof *figures * RNN_FIGURES);
    for (int from = first; from < end && !error; from += k.B) {
        uint32_t lines[SIDE_BY_SIDE];
        int count = end - from < k.B ? end - from : k.B;
        for (int b = 0; b < k.B; b++) /* the streams that are left over do the first one's once more */
            lines[b] = (uint32_t)(from + (b < count ? b : 0));
        k.window.steps = window_steps(e, k.B, lines, &k.window.read_steps);
        fill_window(e, k.B, lines, &k.window);
        error = score_batch(p, &k, e, lines, count, figures);
    }
    free_scoring(&k);
    return error;
}

int rnn_pattern_score(const rnn_pattern *p, const char *lines, size_t bytes, double *figures)
{
    if (missing(p) || missing(lines) || missing(figures))
        return RNN_E_RANGE;
    examples e = {.rules = p->rules, .vocab = p->vocab, .labels = p->labels};
    int error = read_examples(&e, lines, bytes, NULL, 0, 0.0);
    error = error ? error : score_examples(p, &e, 0, e.count, figures);
    free_examples(&e);
    return error;
}
