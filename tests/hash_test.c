/* SPDX-License-Identifier: MIT
 *
 * hash_test.c - the same bits everywhere: hashes of fixed runs against golden/hashes.h. Every build runs
 * this (native, baseline, scalar, sanitized, wasm with and without SIMD), so all of them are equal.
 */
#include "check.h"
#include "golden/hashes.h"
#include "hash.h"
#include "rnn.h"

/* The value to store if a change of the arithmetic is meant. */
static void check_hash(const char *name, uint32_t hash, uint32_t expected)
{
    if (hash != expected)
        printf("%s is 0x%08x, stored is 0x%08x\n", name, (unsigned)hash, (unsigned)expected);
    CHECK(hash == expected);
}

static void the_self_test_gives_the_stored_hash(void) { check_hash("HASH_SELF_TEST", rnn_self_test(), HASH_SELF_TEST); }

enum { V = 50, E = 20, H = 64, B = 4, T = 12, TEXT = 2000, UPDATES = 200, STEPS = 400 };

/* A text with something to learn: mostly 7 x + 3 modulo V. */
static void make_text(int32_t *text)
{
    text[0] = 1;
    for (uint32_t i = 1; i < TEXT; i++)
        text[i] = rnn_dice(5, i) < 0.7f ? (7 * text[i - 1] + 3) % V : (int32_t)(rnn_dice(6, i) * (float)V);
}

static float train(rnn_model *m)
{
    static int32_t text[TEXT];
    int32_t x[T * B], y[T * B];
    float nats = 0.0f;
    rnn_trainer *t = rnn_trainer_new(m, B, T, 1, 0.2f, 0.0f, 3);
    make_text(text);
    for (uint32_t u = 0; u < UPDATES; u++) {
        if (rnn_window(text, TEXT, B, T, 3, u, x, y) == 1)
            rnn_trainer_reset(t);
        nats = rnn_trainer_window(t, x, y);
        CHECK_EQUAL(rnn_trainer_update(t, RNN_ADAM, rnn_rate(u, UPDATES, 20, 0.01f, 0.1f), 1.0f), 0);
    }
    rnn_trainer_free(t);
    return nats;
}

/* Logits of steps whose tokens are drawn with temperature and both cuts. */
static uint32_t hash_of_writing(const rnn_model *m)
{
    rnn_state *s = rnn_state_new(m, 1);
    uint32_t hash = 0x811c9dc5U;
    float probs[V];
    for (uint32_t i = 0; i < STEPS; i++) {
        rnn_probs(rnn_logits(s), V, 0.9f, 20, 0.95f, probs);
        int32_t id = rnn_pick(probs, V, rnn_dice(1, i));
        rnn_step(m, s, &id);
        hash = hash_floats(hash, rnn_logits(s), V);
    }
    rnn_state_free(s);
    return hash;
}

/* Logits of a network that learns as it reads, then its weights. */
static uint32_t hash_of_reading(const rnn_model *m)
{
    static int32_t text[TEXT];
    rnn_reader *r = rnn_reader_new(m, 0.0015f);
    uint32_t hash = 0x811c9dc5U;
    size_t n;
    make_text(text);
    for (int i = 0; i < STEPS; i++) {
        CHECK_EQUAL(rnn_reader_take(r, text[i]), 0);
        hash = hash_floats(hash, rnn_logits(rnn_reader_state(r)), V);
    }
    const float *params = rnn_params(rnn_reader_model(r), &n);
    hash = hash_floats(hash, params, n);
    rnn_reader_free(r);
    return hash;
}

static void weights_and_logits_after_200_updates_give_the_stored_hashes(void)
{
    rnn_model *m = rnn_model_new(RNN_CELL_LSTM, 1, V, E, H, V, 7), *q;
    size_t n;
    float nats = train(m);
    const float *params = rnn_params(m, &n);
    CHECK(nats < 2.7f); /* it has learnt: ln 50 is 3.9 */
    check_hash("HASH_WEIGHTS", hash_floats(0x811c9dc5U, params, n), HASH_WEIGHTS);
    check_hash("HASH_LOGITS", hash_of_writing(m), HASH_LOGITS);
    q = rnn_model_quantize(m);
    check_hash("HASH_INT8_LOGITS", hash_of_writing(q), HASH_INT8_LOGITS);
    check_hash("HASH_READER", hash_of_reading(m), HASH_READER);
    check_hash("HASH_INT8_READER", hash_of_reading(q), HASH_INT8_READER);
    rnn_model_free(q);
    rnn_model_free(m);
}

int main(int argc, char **argv)
{
    static const test tests[] = {
        TEST(the_self_test_gives_the_stored_hash),
        TEST(weights_and_logits_after_200_updates_give_the_stored_hashes)};
    return RUN(tests);
}
