/* SPDX-License-Identifier: MIT
 *
 * bits.c - prints the build's instruction set, then a line "what hash" for each kind of network and of training: hashes
 * of the weights after it, of the logits of what is written then, of a reader's logits and weights; or of the answers
 * and what they cost.
 * scripts/bits.mjs compares them between builds.
 */
#include "hash.h"
#include "rnn.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { V = 50, E = 20, H = 64, B = 8, T = 12, TEXT = 2000, UPDATES = 60, STEPS = 200, NO_HASH = 0 };

typedef struct {
    const char *name;
    int cell, layers, embedding, slices, is_int8;
    float dropout, recurrent;
} kind;

static const kind kinds[] = {
    {"tanh", RNN_CELL_TANH, 1, E, 1, 0, 0.0f, 0.0f},     {"GRU", RNN_CELL_GRU, 1, E, 1, 0, 0.0f, 0.0f},
    {"LSTM", RNN_CELL_LSTM, 1, E, 1, 0, 0.0f, 0.0f},     {"one-hot", RNN_CELL_GRU, 1, 0, 1, 0, 0.0f, 0.0f},
    {"2 layers", RNN_CELL_LSTM, 2, E, 1, 0, 0.0f, 0.0f}, {"dropout", RNN_CELL_GRU, 2, E, 1, 0, 0.3f, 0.2f},
    {"slices", RNN_CELL_LSTM, 1, E, 4, 0, 0.0f, 0.0f},   {"int8", RNN_CELL_LSTM, 2, E, 1, 1, 0.0f, 0.0f},
};

static uint32_t hash_of_weights(rnn_model *m)
{
    size_t n;
    const float *params = rnn_params(m, &n);
    return hash_floats(0x811c9dc5U, params, n);
}

/* A text with something to learn: mostly 7 x + 3 modulo V. */
static void make_text(int32_t *text)
{
    text[0] = 1;
    for (uint32_t i = 1; i < TEXT; i++)
        text[i] = rnn_dice(5, i) < 0.7f ? (7 * text[i - 1] + 3) % V : (int32_t)(rnn_dice(6, i) * (float)V);
}

static int train(rnn_model *m, const kind *k)
{
    static int32_t text[TEXT];
    int32_t x[T * B], y[T * B];
    rnn_trainer *t = rnn_trainer_new(m, B, T, k->slices, k->dropout, k->recurrent, 3);
    int error = !t;
    make_text(text);
    for (uint32_t u = 0; !error && u < UPDATES; u++) {
        if (rnn_window(text, TEXT, B, T, 3, u, x, y) == 1)
            rnn_trainer_reset(t);
        rnn_trainer_window(t, x, y);
        error = rnn_trainer_update(t, RNN_ADAM, rnn_rate(u, UPDATES, 20, 0.01f, 0.1f), 1.0f);
    }
    rnn_trainer_free(t);
    return error;
}

/* Goes on with logits of steps whose tokens are drawn with temperature and both cuts. */
static uint32_t hash_of_writing(uint32_t hash, const rnn_model *m)
{
    static float probs[65536];
    int outputs = rnn_outputs(m);
    rnn_state *s = rnn_state_new(m, 1);
    for (uint32_t i = 0; s && i < STEPS; i++) {
        rnn_probs(rnn_logits(s), outputs, 0.9f, 20, 0.95f, probs);
        int32_t id = rnn_pick(probs, outputs, rnn_dice(1, i));
        rnn_step(m, s, &id);
        hash = hash_floats(hash, rnn_logits(s), (size_t)outputs);
    }
    rnn_state_free(s);
    return s ? hash : NO_HASH;
}

/* What a reader foretells of a text, and what it has learnt from it. */
static uint32_t hash_of_reading(uint32_t hash, const rnn_model *m)
{
    static int32_t text[TEXT];
    rnn_reader *r = rnn_reader_new(m, 0.0015f);
    make_text(text);
    for (int i = 0; r && i < STEPS; i++) {
        rnn_reader_take(r, text[i]);
        hash = hash_floats(hash, rnn_logits(rnn_reader_state(r)), V);
    }
    hash = r ? hash ^ hash_of_weights(rnn_reader_model(r)) : NO_HASH;
    rnn_reader_free(r);
    return hash;
}

static uint32_t hash_of_kind(const kind *k)
{
    rnn_model *m = rnn_model_new(k->cell, k->layers, V, k->embedding, H, V, 7);
    uint32_t hash = NO_HASH;
    if (m && !train(m, k)) {
        rnn_model *used = k->is_int8 ? rnn_model_quantize(m) : m;
        hash = used ? hash_of_writing(hash_of_weights(m), used) : NO_HASH;
        hash = used && hash != NO_HASH ? hash_of_reading(hash, used) : NO_HASH;
        if (k->is_int8)
            rnn_model_free(used);
    }
    rnn_model_free(m);
    return hash;
}

/* ---- recipes, from the text to the last update ---- */

enum { ROOM = 16000, LINES = 60 };

typedef struct { const char *name, *settings[20]; void (*write)(char *out); } recipe;

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"; /* as of base64 */

/* So many letters, drawn from the first few. */
static char *put_letters(char *out, uint32_t seed, int count, float few)
{
    for (int i = 0; i < count; i++)
        *out++ = letters[(int)(rnn_dice(seed, (uint32_t)i) * few)];
    *out = 0;
    return out;
}

static int roll(uint32_t seed, int first, int count) { return first + (int)(rnn_dice(11, seed) * (float)count); }

static void write_words(char *out)
{
    static const char *const words[] = {"The ", "cat ", "saw ", "a.b ", "(dog), ", "Été! ", "don't ", "10:30 ", "\n"};
    for (uint32_t i = 0; strlen(out) < 7980; i++)
        strcat(out, words[(int)(rnn_dice(9, i) * rnn_dice(10, i) * 9.0f)]);
}

static void write_list(char *out)
{
    for (uint32_t i = 0; i < LINES; i++) {
        out = put_letters(out, i, roll(i, 3, 6), 12.0f);
        *out++ = '\n';
    }
}

/* What comes first in the alphabet says the class. */
static void write_classes(char *out)
{
    for (uint32_t i = 0; i < LINES; i++) {
        const char *line = out;
        out = put_letters(out, i, roll(i, 1, 7), 10.0f);
        out += sprintf(out, "\t%s\n", *line < 'D' ? "low" : *line < 'G' ? "middle" : "high");
    }
}

static void write_reversed(char *out)
{
    for (uint32_t i = 0; i < LINES; i++) {
        int length = roll(i, 1, 7);
        out = put_letters(out, i, length, 10.0f);
        *out++ = '\t';
        for (int k = 0; k < length; k++, out++)
            *out = out[-2 * k - 2];
        *out++ = '\n';
    }
}

/* Of 10 x 10 places, as base64. */
static void write_pictures(char *out)
{
    for (uint32_t i = 0; i < LINES; i++) {
        const char *line = out;
        out = put_letters(out, i, 134, 64.0f);
        out += sprintf(out, "==\t%s\n", *line < 'T' ? "dark" : "light");
    }
}

#define SMALL "hidden", "32", "batch", "4", "embedding", "16"

static const recipe recipes[] = {
    {"words", {SMALL, "level", "folded", "cell", "gru", "window", "8", "passes", "20", "held-out", "0.1",
               "dropout", "0.1"}, write_words},
    {"list", {SMALL, "kind", "list", "window", "8", "passes", "20", "held-out", "0.1", "dropout", "0.1"}, write_list},
    {"many-to-one", {SMALL, "pattern", "many-to-one", "cell", "gru", "passes", "10"}, write_classes},
    {"encoder-decoder", {SMALL, "pattern", "sequence", "passes", "10", "slices", "2"}, write_reversed},
    {"maps", {SMALL, "pattern", "one-to-many", "side", "10", "maps", "4", "passes", "10"}, write_pictures},
};

static void train_all(rnn_recipe *r, int slices)
{
    while (rnn_trainer_updates(rnn_recipe_trainer(r)) < rnn_recipe_updates(r)) {
        rnn_recipe_window(r, NULL, NULL);
        for (int slice = 0; slice < slices; slice++)
            rnn_recipe_slice(r, slice);
        if (isnan(rnn_recipe_update(r)))
            return;
    }
}

/* Goes on with what the lines cost, and what is answered to the first one. */
static uint32_t hash_of_answers(uint32_t hash, const rnn_pattern *p, const char *lines)
{
    double figures[RNN_FIGURES];
    char answer[200] = "";
    if (rnn_pattern_score(p, lines, strlen(lines), figures) ||
        rnn_pattern_answer(p, lines, strcspn(lines, "\t"), 4, 0.0f, 0, 20, answer, sizeof answer) < 0)
        return NO_HASH;
    for (int i = 0; i < RNN_FIGURES; i++) {
        float figure = (float)figures[i];
        hash = hash_floats(hash, &figure, 1);
    }
    for (const char *c = answer; *c; c++)
        hash = (hash ^ (uint32_t)(unsigned char)*c) * 0x01000193U;
    return hash;
}

/* As it was trained, and as int8. */
static uint32_t hash_of_pattern(const rnn_pattern *p, const char *lines)
{
    rnn_pattern *q = rnn_pattern_quantize(p);
    rnn_model *encoder = rnn_pattern_encoder(p);
    uint32_t hash = hash_of_weights(rnn_pattern_model(p)) ^ (encoder ? hash_of_weights(encoder) : 0);
    hash = hash_of_answers(hash, p, lines);
    hash = q && hash != NO_HASH ? hash_of_answers(hash, q, lines) : NO_HASH;
    rnn_pattern_free(q);
    return hash;
}

static uint32_t hash_of_recipe(const recipe *k)
{
    static char text[ROOM];
    uint32_t hash = NO_HASH;
    rnn_recipe *r = rnn_recipe_new();
    memset(text, 0, sizeof text);
    k->write(text);
    int error = !r;
    for (int i = 0; !error && k->settings[i]; i += 2)
        error = rnn_recipe_set(r, k->settings[i], k->settings[i + 1]);
    if (!error && rnn_recipe_begin(r, text, strlen(text), NULL, 0, NULL, 0) == 0) {
        train_all(r, atoi(rnn_recipe_get(r, "slices")));
        rnn_model *m = rnn_recipe_model(r);
        const rnn_pattern *p = rnn_recipe_pattern(r);
        hash = p ? hash_of_pattern(p, text) : hash_of_writing(hash_of_weights(m), m);
    }
    rnn_recipe_free(r);
    return hash;
}

int main(void)
{
    printf("%s\n", rnn_isa());
    printf("self-test %08x\n", (unsigned)rnn_self_test());
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        printf("%s %08x\n", kinds[i].name, (unsigned)hash_of_kind(&kinds[i]));
    for (size_t i = 0; i < sizeof recipes / sizeof *recipes; i++)
        printf("%s %08x\n", recipes[i].name, (unsigned)hash_of_recipe(&recipes[i]));
    return 0;
}
