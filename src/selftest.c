/* SPDX-License-Identifier: MIT
 *
 * selftest.c - one number that every right build computes, for a loader to check before it trusts a
 * build (Safari 16.4 to 17.1 computed wrong floats with SIMD). Sees rnn.h alone.
 */
#include "rnn.h"

#include <string.h>

enum { V = 19, E = 5, H = 37, B = 3, T = 6, UPDATES = 3, STEPS = 8 };

static uint32_t hash_floats(uint32_t hash, const float *x, size_t n)
{
    uint32_t word;
    for (size_t i = 0; i < n; i++) {
        memcpy(&word, x + i, sizeof word);
        hash = (hash ^ word) * 0x01000193U; /* FNV-1a over words */
    }
    return hash;
}

static uint32_t hash_steps(uint32_t hash, const rnn_model *m)
{
    rnn_state *s = rnn_state_new(m, 1);
    int32_t token = 0;
    float probs[V];
    for (uint32_t i = 0; i < STEPS && s; i++) {
        rnn_step(m, s, &token);
        hash = hash_floats(hash, rnn_logits(s), V);
        rnn_probs(rnn_logits(s), V, 0.7f, 0, 0.9f, probs);
        token = rnn_pick(probs, V, rnn_dice(3, i));
    }
    rnn_state_free(s);
    return s ? hash : 0;
}

/* A few updates, then a few steps of a small network, as float32 and as int8; 0 if there is no memory. */
static uint32_t run(uint32_t hash, int cell, int layers, int embedding)
{
    rnn_model *m = rnn_model_new(cell, layers, V, embedding, H, V, (uint32_t)cell), *q = NULL;
    rnn_trainer *t = m ? rnn_trainer_new(m, B, T, 1, 0.25f, 0.0f, 7) : NULL;
    size_t n;
    if (t) {
        int32_t text[64], x[T * B], y[T * B];
        for (int i = 0; i < 64; i++)
            text[i] = (int32_t)(rnn_dice(1, (uint32_t)i) * (float)V);
        for (uint32_t u = 0; u < UPDATES; u++) {
            if (rnn_window(text, 64, B, T, 1, u, x, y) == 1)
                rnn_trainer_reset(t);
            rnn_trainer_window(t, x, y);
            rnn_trainer_update(t, u % 2 ? RNN_RMSPROP : RNN_ADAM, 0.01f, 1.0f);
        }
        hash = hash_steps(hash, m);
        q = rnn_model_quantize(m);
        hash = hash && q ? hash_steps(hash, q) : 0;
        const float *params = rnn_params(m, &n);
        hash = hash ? hash_floats(hash, params, n) : 0;
    }
    rnn_trainer_free(t);
    rnn_model_free(q);
    rnn_model_free(m);
    return t ? hash : 0;
}

uint32_t rnn_self_test(void)
{
    uint32_t hash = 0x811c9dc5U;
    hash = run(hash, RNN_CELL_TANH, 1, 0);
    hash = hash ? run(hash, RNN_CELL_GRU, 2, E) : 0;
    hash = hash ? run(hash, RNN_CELL_LSTM, 2, 0) : 0;
    return hash ? run(hash, RNN_CELL_LSTM, 1, E) : 0;
}
