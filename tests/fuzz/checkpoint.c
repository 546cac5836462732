/* SPDX-License-Identifier: MIT
 *
 * checkpoint.c - any bytes as a checkpoint with its text in it: if a training goes on from them, then some updates
 * work, and it is the same after it was saved. And any bytes as a network that a training begins with.
 */
#include "fuzz.h"

enum { UPDATES = 2 };

/* Windows and updates; a loss that is not finite ends it. */
static void train(rnn_recipe *r)
{
    int slices = atoi(rnn_recipe_get(r, "slices"));
    for (int i = 0; i < UPDATES && rnn_trainer_updates(rnn_recipe_trainer(r)) < rnn_recipe_updates(r); i++) {
        MUST(rnn_recipe_window(r, NULL, NULL) == 0);
        for (int slice = 0; slice < slices; slice++)
            rnn_recipe_slice(r, slice);
        if (isnan(rnn_recipe_update(r)))
            return;
    }
}

/* Goes on from the file with the same text, and has the same file. Only what is no longer finite is not taken again. */
static void save_and_resume(const rnn_recipe *r, const void *text, size_t text_bytes, const void *held,
                            size_t held_bytes)
{
    saved first = save_recipe(r, 1);
    rnn_recipe *again = rnn_recipe_new();
    MUST(first.size);
    if (rnn_recipe_resume(again, first.bytes, first.size, text, text_bytes, held, held_bytes))
        MUST(rnn_error_code() == RNN_E_VALUE);
    else {
        saved second = save_recipe(again, 1);
        MUST(second.size == first.size && !memcmp(second.bytes, first.bytes, first.size));
        free(second.bytes);
    }
    rnn_recipe_free(again);
    free(first.bytes);
}

/* Of examples, what is right is a part of what there is. */
static void score(const rnn_recipe *r)
{
    double figures[RNN_FIGURES];
    for (int held_out = 0; held_out < 2; held_out++)
        if (rnn_recipe_score(r, held_out, figures) == 0)
            MUST(figures[RNN_RIGHT] <= figures[RNN_EXAMPLES] && figures[RNN_BITS] >= 0.0 &&
                 figures[RNN_TARGETS_RIGHT] <= figures[RNN_TARGETS]);
}

static void resume(const uint8_t *data, size_t size)
{
    rnn_recipe *r = rnn_recipe_new();
    if (rnn_recipe_resume(r, data, size, NULL, 0, NULL, 0) == 0) {
        size_t text_bytes, held_bytes;
        const void *text = rnn_file_find(data, size, "text", &text_bytes);
        const void *held = rnn_file_find(data, size, "held_out", &held_bytes);
        MUST(text);
        save_and_resume(r, text, text_bytes, held, held_bytes);
        train(r);
        score(r);
        save_and_resume(r, text, text_bytes, held, held_bytes);
    }
    rnn_recipe_free(r);
}

static void begin(const char *text, const uint8_t *data, size_t size)
{
    rnn_recipe *r = rnn_recipe_new();
    MUST(rnn_recipe_set(r, "batch", "2") == 0);
    if (rnn_recipe_begin(r, text, strlen(text), NULL, 0, data, size) == 0) {
        train(r);
        score(r);
    }
    rnn_recipe_free(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    resume(data, size);
    if (rnn_file_answers(data, size) == 1) {
        begin(EXAMPLES, data, size);
        begin(PICTURES, data, size);
    } else {
        begin("in the beginning was the word, and the word was a beginning", data, size);
        begin(LIST, data, size);
    }
    return 0;
}
