/* SPDX-License-Identifier: MIT
 *
 * bits.c - prints the build's instruction set, then a line "what hash" for each kind of network: hashes of its weights
 * after a training, and of the logits of what it writes then. scripts/bits.mjs compares them between builds.
 */
#include "hash.h"
#include "rnn.h"

#include <stdio.h>

enum { V = 50, E = 20, H = 64, B = 8, T = 12, TEXT = 2000, UPDATES = 60, STEPS = 200, NO_HASH = 0 };

typedef struct {
    const char *name;
    int cell, layers, embedding, slices, is_int8;
    float dropout;
} kind;

static const kind kinds[] = {
    {"tanh", RNN_CELL_TANH, 1, E, 1, 0, 0.0f},    {"GRU", RNN_CELL_GRU, 1, E, 1, 0, 0.0f},
    {"LSTM", RNN_CELL_LSTM, 1, E, 1, 0, 0.0f},    {"one-hot", RNN_CELL_GRU, 1, 0, 1, 0, 0.0f},
    {"2 layers", RNN_CELL_LSTM, 2, E, 1, 0, 0.0f}, {"dropout", RNN_CELL_GRU, 2, E, 1, 0, 0.3f},
    {"slices", RNN_CELL_LSTM, 1, E, 4, 0, 0.0f},  {"int8", RNN_CELL_LSTM, 2, E, 1, 1, 0.0f},
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
    rnn_trainer *t = rnn_trainer_new(m, B, T, k->slices, k->dropout, 3);
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

static uint32_t hash_of_kind(const kind *k)
{
    rnn_model *m = rnn_model_new(k->cell, k->layers, V, k->embedding, H, V, 7);
    uint32_t hash = NO_HASH;
    if (m && !train(m, k)) {
        rnn_model *used = k->is_int8 ? rnn_model_quantize(m) : m;
        hash = used ? hash_of_writing(hash_of_weights(m), used) : NO_HASH;
        if (k->is_int8)
            rnn_model_free(used);
    }
    rnn_model_free(m);
    return hash;
}

/* The whole recipe: a text of words, its vocabulary, windows, updates. */
static uint32_t hash_of_words(void)
{
    static const char *const settings[][2] = {{"level", "folded"}, {"cell", "gru"},     {"hidden", "32"},
                                              {"window", "8"},     {"batch", "4"},      {"passes", "20"},
                                              {"embedding", "16"}, {"held-out", "0.1"}, {"dropout", "0.1"}};
    static char text[8000];
    static const char *const words[] = {"The ", "cat ", "saw ", "a.b ", "(dog), ", "Été! ", "don't ", "10:30 ", "\n"};
    for (uint32_t i = 0; strlen(text) + 20 < sizeof text; i++)
        strcat(text, words[(int)(rnn_dice(9, i) * rnn_dice(10, i) * 9.0f)]);
    rnn_recipe *r = rnn_recipe_new();
    uint32_t hash = NO_HASH;
    for (size_t i = 0; r && i < sizeof settings / sizeof *settings; i++)
        rnn_recipe_set(r, settings[i][0], settings[i][1]);
    if (r && rnn_recipe_begin(r, text, strlen(text), NULL, 0, NULL, 0) == 0) {
        while (rnn_trainer_updates(rnn_recipe_trainer(r)) < rnn_recipe_updates(r)) {
            rnn_recipe_window(r, NULL, NULL);
            rnn_recipe_slice(r, 0);
            rnn_recipe_update(r);
        }
        hash = hash_of_writing(hash_of_weights(rnn_recipe_model(r)), rnn_recipe_model(r));
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
    printf("words %08x\n", (unsigned)hash_of_words());
    return 0;
}
