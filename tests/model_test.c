/* SPDX-License-Identifier: MIT
 *
 * model_test.c - networks and their states: saved and loaded, quantized, copied, run side by side, and
 * refused with a clear sentence.
 */
#include "check.h"
#include "files.h"
#include "rnn.h"
#include "safetensors.h"

#include <float.h>

enum { V = 9, H = 11, STEPS = 12 };

static rnn_model *new_model(int cell, int layers, int E, uint32_t seed)
{
    return rnn_model_new(cell, layers, V, E, H, V, seed);
}

/* Logits of STEPS steps, one stream, tokens by the dice. */
static void run(const rnn_model *m, uint32_t seed, float *logits)
{
    rnn_state *s = rnn_state_new(m, 1);
    for (uint32_t i = 0; i < STEPS; i++) {
        int32_t id = (int32_t)(rnn_dice(seed, i) * (float)rnn_inputs(m));
        CHECK_EQUAL(rnn_step(m, s, &id), 0);
        memcpy(logits + i * (size_t)rnn_outputs(m), rnn_logits(s), sizeof(float) * (size_t)rnn_outputs(m));
    }
    rnn_state_free(s);
}

static int same_run(const rnn_model *a, const rnn_model *b)
{
    float of_a[STEPS * V], of_b[STEPS * V];
    run(a, 1, of_a);
    run(b, 1, of_b);
    return memcmp(of_a, of_b, sizeof of_a) == 0;
}

static void each_model(void (*check)(rnn_model *m))
{
    static const int cells[] = {RNN_CELL_TANH, RNN_CELL_GRU, RNN_CELL_LSTM};
    for (int k = 0; k < 3; k++)
        for (int layers = 1; layers <= 4; layers++)
            for (int E = 0; E <= 5; E += 5) {
                rnn_model *m = new_model(cells[k], layers, E, 1);
                check(m);
                rnn_model_free(m);
            }
}

/* ---- new ---- */

static void a_seed_decides_every_weight(void)
{
    rnn_model *a = new_model(RNN_CELL_LSTM, 2, 5, 1), *b = new_model(RNN_CELL_LSTM, 2, 5, 1);
    rnn_model *c = new_model(RNN_CELL_LSTM, 2, 5, 2);
    CHECK_EQUAL(rnn_fingerprint(a), rnn_fingerprint(b));
    CHECK(rnn_fingerprint(a) != rnn_fingerprint(c));
    CHECK(same_run(a, b));
    CHECK(!same_run(a, c));
    rnn_model_free(a);
    rnn_model_free(b);
    rnn_model_free(c);
}

/* embedding N(0, 1); the rest uniform in +-1/sqrt(H), with 1 added to the forget gate's bias. */
static void new_weights_have_pytorchs_distribution_and_a_forget_bias_of_one(void)
{
    enum { TOKENS = 100, WIDTH = 50, UNITS = 64 };
    rnn_model *m = rnn_model_new(RNN_CELL_LSTM, 1, TOKENS, WIDTH, UNITS, TOKENS, 3);
    size_t n, embedded = TOKENS * WIDTH, weights = 4 * UNITS * (WIDTH + UNITS);
    const float *p = rnn_params(m, &n), bound = 0.125f;
    double sum = 0.0, square = 0.0, uniform = 0.0;
    for (size_t i = 0; i < embedded; i++) {
        sum += (double)p[i];
        square += (double)p[i] * (double)p[i];
    }
    CHECK_CLOSE(sum / (double)embedded, 0.0, 5.0 / sqrt((double)embedded));
    CHECK_CLOSE(square / (double)embedded, 1.0, 5.0 * sqrt(2.0 / (double)embedded));
    for (size_t i = embedded; i < embedded + weights; i++) {
        CHECK(fabsf(p[i]) <= bound);
        uniform += (double)p[i] * (double)p[i];
    }
    CHECK_CLOSE(uniform / (double)weights * 3.0 / (0.125 * 0.125), 1.0, 0.03);
    p += embedded + weights; /* bias_ih: i f g o */
    for (int j = 0; j < 4 * UNITS; j++)
        CHECK_CLOSE(p[j], j / UNITS == 1 ? 1.0 : 0.0, 0.125);
    rnn_model_free(m);
}

static void sizes_out_of_range_are_refused_with_the_numbers(void)
{
    static const struct { int cell, layers, V_in, E, H, V_out; const char *why; } bad[] = {
        {2, 1, 5, 0, 5, 5, "cell is 2"},
        {0, 1, 5, 0, 5, 5, "cell is 0"},
        {4, 0, 5, 0, 5, 5, "0 layers"},
        {4, 5, 5, 0, 5, 5, "5 layers"},
        {4, 1, 0, 0, 5, 5, "0 in"},
        {4, 1, 65537, 0, 5, 5, "65537 in"},
        {0, 0, 5, 0, 0, 0, "0 layers"},
        {4, 1, 5, 0, 5, -1, "-1 out"},
        {4, 1, 5, 0, 5, 65537, "65537 out"},
        {4, 1, 5, -1, 5, 5, "-1"},
        {4, 1, 5, 4097, 5, 5, "4097"},
        {4, 1, 5, 0, 0, 5, "0 units"},
        {4, 1, 5, 0, 4097, 5, "4097 units"},
        {4, -2147483647, 5, 0, 5, 5, "-2147483647 layers"},
        {4, 1, 65536, 8, 4096, 5, "65536 tokens"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK(rnn_model_new(bad[i].cell, bad[i].layers, bad[i].V_in, bad[i].E, bad[i].H, bad[i].V_out, 1) == NULL);
        CHECK_EQUAL(rnn_error_code(), RNN_E_RANGE);
        if (!strstr(rnn_error(), bad[i].why))
            printf("\"%s\" does not say \"%s\"\n", rnn_error(), bad[i].why);
        CHECK(strstr(rnn_error(), bad[i].why));
    }
    CHECK(rnn_model_new(RNN_CELL_LSTM, 4, 1000, 4096, 4096, 1000, 1) == NULL);
    CHECK_EQUAL(rnn_error_code(), RNN_E_MEMORY);
}

static void one_token_and_65536_tokens_work(void)
{
    static const int sizes[] = {1, 65536};
    for (int i = 0; i < 2; i++) {
        rnn_model *m = rnn_model_new(RNN_CELL_GRU, 1, sizes[i], 2, 3, sizes[i], 1);
        rnn_state *s = m ? rnn_state_new(m, 1) : NULL;
        float *probs = malloc(sizeof(float) * (size_t)sizes[i]);
        int32_t last = sizes[i] - 1;
        CHECK(s && rnn_step(m, s, &last) == 0);
        CHECK_EQUAL(rnn_probs(rnn_logits(s), sizes[i], 1.0f, 0, 1.0f, probs), 0);
        CHECK(rnn_pick(probs, sizes[i], 0.9999f) >= last - 100);
        free(probs);
        rnn_state_free(s);
        rnn_model_free(m);
    }
}

/* ---- save, load ---- */

static const char meta[] = "corpus\0a \"quoted\" \xD1\x8F\0end\0" "2\0empty\0\0";

static void check_round_trip(rnn_model *m)
{
    memory_file f = saved_model(m, NULL, meta);
    rnn_model *back = rnn_model_load(f.bytes, f.size, NULL);
    CHECK(back != NULL);
    if (back) {
        CHECK_EQUAL(rnn_cell(back), rnn_cell(m));
        CHECK_EQUAL(rnn_layers(back), rnn_layers(m));
        CHECK_EQUAL(rnn_inputs(back), rnn_inputs(m));
        CHECK_EQUAL(rnn_embedding(back), rnn_embedding(m));
        CHECK_EQUAL(rnn_hidden(back), rnn_hidden(m));
        CHECK_EQUAL(rnn_outputs(back), rnn_outputs(m));
        CHECK_EQUAL(rnn_quantized(back), 0);
        CHECK_EQUAL(rnn_fingerprint(back), rnn_fingerprint(m));
        CHECK(memcmp(rnn_meta(back), meta, sizeof meta) == 0);
        CHECK_EQUAL(rnn_special(back, "end"), 2);
        CHECK_EQUAL(rnn_special(back, "pad"), RNN_NONE);
        CHECK(same_run(m, back));
    }
    rnn_model_free(back);
    free(f.bytes);
}

static void a_saved_network_loads_with_the_same_bits(void) { each_model(check_round_trip); }

static void inputs_and_outputs_may_differ_in_number(void)
{
    rnn_model *m = rnn_model_new(RNN_CELL_LSTM, 2, 5, 3, 7, 13, 1);
    memory_file f = saved_model(m, NULL, NULL);
    rnn_model *back = rnn_model_load(f.bytes, f.size, NULL);
    float logits[STEPS * 13], again[STEPS * 13];
    CHECK(back && rnn_inputs(back) == 5 && rnn_outputs(back) == 13);
    run(m, 1, logits);
    if (back)
        run(back, 1, again);
    CHECK(memcmp(logits, again, sizeof again) == 0);
    rnn_model_free(back);
    rnn_model_free(m);
    free(f.bytes);
}

static void the_vocabulary_goes_into_the_file_and_comes_back(void)
{
    const char *text = "абвгд\n 😀x";
    rnn_model *m = new_model(RNN_CELL_TANH, 1, 0, 1);
    rnn_vocab *v = rnn_vocab_build(text, strlen(text), RNN_CHARACTERS, 0);
    memory_file f = saved_model(m, v, NULL);
    rnn_vocab *back = rnn_vocab_load(f.bytes, f.size);
    CHECK(back && rnn_vocab_size(back) == V);
    for (int id = 0; back && id < V; id++)
        CHECK(strcmp(rnn_token(v, id), rnn_token(back, id)) == 0);
    rnn_vocab_free(back);
    rnn_vocab_free(v);
    rnn_model_free(m);
    free(f.bytes);
}

static void weights_written_by_the_caller_count_after_packing(void)
{
    rnn_model *a = new_model(RNN_CELL_LSTM, 2, 5, 1), *b = new_model(RNN_CELL_LSTM, 2, 5, 2);
    size_t n;
    float *to = rnn_params(b, &n);
    memcpy(to, rnn_params(a, &n), sizeof(float) * n);
    CHECK(!same_run(a, b));
    rnn_pack(b);
    CHECK(same_run(a, b));
    CHECK_EQUAL(rnn_fingerprint(a), rnn_fingerprint(b));
    to[n / 2] = nextafterf(to[n / 2], 1.0f);
    CHECK(rnn_fingerprint(a) != rnn_fingerprint(b));
    rnn_model_free(a);
    rnn_model_free(b);
}

/* ---- quantize ---- */

/* Rows and columns of every matrix follow from the shapes; a bias is kept as it is. */
static void check_rows_are_rounded(const float *exact, const float *rounded, int rows, int columns)
{
    for (int r = 0; r < rows; r++) {
        float most = 0.0f;
        for (int c = 0; c < columns; c++)
            most = fmaxf(most, fabsf(exact[r * columns + c]));
        for (int c = 0; c < columns; c++)
            CHECK_CLOSE(rounded[r * columns + c], exact[r * columns + c], (double)most / 254.0 * (1.0 + 1e-5));
    }
}

static void check_quantized(rnn_model *m)
{
    rnn_model *q = rnn_model_quantize(m);
    size_t n;
    const float *exact = rnn_params(m, &n), *rounded = rnn_params(q, &n);
    int E = rnn_embedding(m), gates = rnn_cell(m) * H;
    CHECK_EQUAL(rnn_quantized(q), 1);
#define ROUNDED(rows, columns)                                                                                         \
    (check_rows_are_rounded(exact, rounded, rows, columns), exact += (rows) * (columns), rounded += (rows) * (columns))
#define KEPT(count)                                                                                                    \
    (CHECK(memcmp(exact, rounded, sizeof(float) * (size_t)(count)) == 0), exact += (count), rounded += (count))
    if (E)
        ROUNDED(V, E);
    for (int l = 0; l < rnn_layers(m); l++) {
        ROUNDED(gates, l ? H : E ? E : V);
        ROUNDED(gates, H);
        KEPT(2 * gates);
    }
    ROUNDED(V, H);
    KEPT(V);
    memory_file f = saved_model(q, NULL, meta);
    rnn_model *back = rnn_model_load(f.bytes, f.size, NULL);
    CHECK(back && rnn_quantized(back) && rnn_fingerprint(back) == rnn_fingerprint(q) && same_run(q, back));
    memory_file again = saved_model(back, NULL, meta);
    CHECK(again.size == f.size && memcmp(again.bytes, f.bytes, f.size) == 0);
    rnn_model_free(back);
    rnn_model_free(q);
    free(f.bytes);
    free(again.bytes);
}

static void quantized_weights_are_within_half_a_scale_and_save_as_they_are(void) { each_model(check_quantized); }

/* Here the scale is a denormal number, so it may be off by half of itself. */
static void quantized_rows_of_zeros_and_of_denormal_numbers_keep_their_sign_and_size(void)
{
    rnn_model *m = rnn_model_new(RNN_CELL_TANH, 1, 1, 1, 1, 1, 1);
    size_t n;
    float *params = rnn_params(m, &n);
    for (int units = -1000; units <= 1000; units++) {
        for (size_t k = 0; k < n; k++)
            params[k] = (float)units * 0x1p-149f;
        rnn_model *q = rnn_model_quantize(m);
        const float *rounded = rnn_params(q, &n);
        for (size_t k = 0; k < n; k++)
            CHECK_CLOSE(rounded[k] / 0x1p-149f, units, 64.0);
        rnn_model_free(q);
    }
    rnn_model_free(m);
}

static void quantizing_makes_the_file_almost_four_times_smaller_and_keeps_the_metadata(void)
{
    rnn_model *m = rnn_model_new(RNN_CELL_LSTM, 1, 50, 32, 128, 50, 1);
    memory_file f = saved_model(m, NULL, "pad\0" "7\0none\0\0k\0v\0");
    rnn_model *loaded = rnn_model_load(f.bytes, f.size, NULL), *q = rnn_model_quantize(loaded);
    memory_file small = saved_model(q, NULL, rnn_meta(q));
    CHECK(small.size * 7 < f.size * 2);
    CHECK_EQUAL(rnn_special(q, "pad"), 7);
    CHECK(memcmp(rnn_meta(q), "pad\0" "7\0none\0\0k\0v\0", 16) == 0);
    free(f.bytes);
    free(small.bytes);
    rnn_model_free(q);
    rnn_model_free(loaded);
    rnn_model_free(m);
}

static void a_network_with_a_nan_is_not_quantized(void)
{
    rnn_model *m = new_model(RNN_CELL_LSTM, 1, 5, 1);
    size_t n;
    float *params = rnn_params(m, &n);
    params[7] = NAN;
    CHECK(rnn_model_quantize(m) == NULL);
    CHECK_EQUAL(rnn_error_code(), RNN_E_VALUE);
    rnn_model_free(m);
}

static void int8_matrices_stay_their_integers_whatever_is_written_to_their_floats(void)
{
    rnn_model *m = new_model(RNN_CELL_GRU, 2, 5, 1), *q = rnn_model_quantize(m), *written = rnn_model_quantize(m);
    size_t n;
    float *params = rnn_params(written, &n);
    for (size_t k = 0; k < 40; k++) /* of the embedding */
        params[k] += 1.0f;
    rnn_pack(written);
    CHECK(same_run(q, written) && rnn_fingerprint(q) == rnn_fingerprint(written));
    params[n - 1] += 1.0f; /* of fc.bias, which int8 networks too keep as floats */
    rnn_pack(written);
    CHECK(!same_run(q, written) && rnn_fingerprint(q) != rnn_fingerprint(written));
    rnn_model_free(q);
    rnn_model_free(written);
    rnn_model_free(m);
}

/* ---- pad, unknown ---- */

static void pad_and_unknown_are_never_drawn(void)
{
    rnn_model *m = new_model(RNN_CELL_GRU, 1, 0, 1);
    size_t n;
    float *params = rnn_params(m, &n), probs[V];
    params[n - V + 3] = params[n - V + 5] = 100.0f; /* fc.bias would make them certain */
    memory_file f = saved_model(m, NULL, "pad\0" "3\0unknown\0" "5\0end\0" "0\0");
    rnn_model *loaded = rnn_model_load(f.bytes, f.size, NULL);
    rnn_state *s = rnn_state_new(loaded, 2);
    int drawn_end = 0;
    CHECK_EQUAL(rnn_special(loaded, "pad"), 3);
    CHECK_EQUAL(rnn_special(loaded, "unknown"), 5);
    CHECK_EQUAL(rnn_special(loaded, "end"), 0);
    CHECK_EQUAL(rnn_special(loaded, "other"), RNN_NONE);
    for (uint32_t i = 0; i < 200; i++) {
        for (int b = 0; b < 2; b++) {
            const float *logits = rnn_logits(s) + b * V;
            CHECK(logits[3] == -INFINITY && logits[5] == -INFINITY && logits[0] > -INFINITY);
            CHECK_EQUAL(rnn_probs(logits, V, i % 2 ? 1.5f : 0.0f, 0, 1.0f, probs), 0);
            int id = rnn_pick(probs, V, rnn_dice(1, i));
            CHECK(id >= 0 && id != 3 && id != 5);
            drawn_end += id == 0;
        }
        CHECK_EQUAL(rnn_step(loaded, s, (int32_t[]){(int32_t)i % V, 5}), 0); /* reading them is fine */
    }
    CHECK(drawn_end > 0);
    rnn_state_free(s);
    rnn_model_free(loaded);
    rnn_model_free(m);
    free(f.bytes);
}

/* ---- state ---- */

static void a_new_state_is_zero_and_its_logits_are_the_heads_bias(void)
{
    rnn_model *m = new_model(RNN_CELL_LSTM, 2, 5, 1);
    rnn_state *s = rnn_state_new(m, 2);
    size_t n, floats;
    const float *bias = rnn_params(m, &n) + n - V, *data = rnn_state_data(s, &floats);
    CHECK_EQUAL(floats, 2 * (2 * (H + H + 4 * H) + V));
    for (size_t i = 0; i < floats - 2 * V; i++)
        CHECK_EQUAL(data[i], 0.0f);
    for (int i = 0; i < 2 * V; i++)
        CHECK_EQUAL(rnn_logits(s)[i], bias[i % V]);
    rnn_state_free(s);
    rnn_model_free(m);
}

static void the_parts_of_a_state_lie_as_the_header_says(void)
{
    enum { B = 3 };
    static const int cells[] = {RNN_CELL_TANH, RNN_CELL_GRU, RNN_CELL_LSTM};
    for (int k = 0; k < 3; k++) {
        rnn_model *m = new_model(cells[k], 2, 0, 1);
        rnn_state *s = rnn_state_new(m, B);
        size_t floats, offset = 0;
        const float *data = rnn_state_data(s, &floats);
        for (int l = 0; l < 2; l++) {
            CHECK(rnn_state_part(s, l, RNN_PART_H) == data + offset);
            offset += B * H;
            if (cells[k] == RNN_CELL_LSTM) {
                CHECK(rnn_state_part(s, l, RNN_PART_C) == data + offset);
                offset += B * H;
            } else
                CHECK(rnn_state_part(s, l, RNN_PART_C) == NULL);
            CHECK(rnn_state_part(s, l, RNN_PART_GATES) == data + offset);
            offset += (size_t)(B * cells[k] * H);
        }
        CHECK(rnn_logits(s) == data + offset);
        CHECK_EQUAL(offset + B * V, floats);
        CHECK(rnn_state_part(s, 2, RNN_PART_H) == NULL);
        CHECK(rnn_state_part(s, -1, RNN_PART_H) == NULL);
        CHECK(rnn_state_part(s, 0, 3) == NULL);
        CHECK_EQUAL(rnn_error_code(), RNN_E_RANGE);
        rnn_state_free(s);
        rnn_model_free(m);
    }
}

static void gates_are_after_their_sigmoid_or_tanh(void)
{
    rnn_model *m = new_model(RNN_CELL_LSTM, 1, 0, 1);
    rnn_state *s = rnn_state_new(m, 1);
    int32_t id = 4;
    float before[H];
    for (int step = 0; step < 3; step++) {
        memcpy(before, rnn_state_part(s, 0, RNN_PART_C), sizeof before);
        rnn_step(m, s, &id);
        const float *gates = rnn_state_part(s, 0, RNN_PART_GATES), *c = rnn_state_part(s, 0, RNN_PART_C);
        const float *h = rnn_state_part(s, 0, RNN_PART_H);
        for (int j = 0; j < H; j++) { /* i f g o */
            CHECK_CLOSE(c[j], (double)gates[H + j] * (double)before[j] + (double)gates[j] * (double)gates[2 * H + j],
                        1e-6);
            CHECK_CLOSE(h[j], (double)gates[3 * H + j] * tanh((double)c[j]), 1e-6);
        }
    }
    rnn_state_free(s);
    rnn_model_free(m);
}

static void a_copied_state_goes_on_alike(void)
{
    rnn_model *m = new_model(RNN_CELL_LSTM, 2, 5, 1);
    rnn_state *s = rnn_state_new(m, 1), *branch = rnn_state_new(m, 1);
    size_t floats;
    for (int32_t id = 0; id < V; id++)
        rnn_step(m, s, &id);
    float *from = rnn_state_data(s, &floats), *to = rnn_state_data(branch, &floats);
    memcpy(to, from, sizeof(float) * floats);
    for (int32_t id = V - 1; id >= 0; id--) {
        rnn_step(m, s, &id);
        rnn_step(m, branch, &id);
        CHECK(memcmp(from, to, sizeof(float) * floats) == 0);
    }
    rnn_state_reset(s);
    rnn_state *fresh = rnn_state_new(m, 1);
    CHECK(memcmp(from, rnn_state_data(fresh, &floats), sizeof(float) * floats) == 0);
    rnn_state_free(fresh);
    rnn_state_free(branch);
    rnn_state_free(s);
    rnn_model_free(m);
}

/* Sixteen fill whole cache lines, whatever the sizes: nothing lies between the arrays of their state. */
enum { MOST_STREAMS = 16 };

/* Row b of a state of B streams has the bits of a state of one stream that read the same tokens. */
static void check_rows(const rnn_model *m, int B)
{
    rnn_state *all = rnn_state_new(m, B), *single[MOST_STREAMS];
    for (int b = 0; b < B; b++)
        single[b] = rnn_state_new(m, 1);
    for (uint32_t step = 0; step < STEPS; step++) {
        int32_t ids[MOST_STREAMS];
        for (int b = 0; b < B; b++)
            ids[b] = (int32_t)(rnn_dice(step, (uint32_t)b) * (float)(V + 1)) - 1;
        rnn_step(m, all, ids);
        for (int b = 0; b < B; b++) {
            rnn_step(m, single[b], &ids[b]);
            CHECK(memcmp(rnn_logits(all) + b * V, rnn_logits(single[b]), sizeof(float) * V) == 0);
        }
    }
    for (int b = 0; b < B; b++)
        rnn_state_free(single[b]);
    rnn_state_free(all);
}

static void check_streams(rnn_model *m)
{
    rnn_model *q = rnn_model_quantize(m);
    check_rows(m, 7);
    check_rows(q, 7);
    check_rows(q, MOST_STREAMS);
    rnn_model_free(q);
}

static void streams_side_by_side_have_the_bits_of_single_runs(void) { each_model(check_streams); }

/* Against rnn_surprisal and rnn_step, two streams with an unknown token and one that is none in them. */
static void a_score_is_the_sum_of_the_surprisals_that_count(void)
{
    enum { WORDS = 7, T = 6, B = 2, UNKNOWN = 3 };
    static const int32_t tokens[T * B] = {1, 2, 0, UNKNOWN, 5, 6, RNN_NONE, 4, UNKNOWN, 1, 2, 2};
    rnn_model *m = rnn_model_new(RNN_CELL_GRU, 2, WORDS, 4, 12, WORDS, 1);
    CHECK_EQUAL(rnn_set_special(m, "unknown", UNKNOWN), 0);
    rnn_state *one = rnn_state_new(m, B), *other = rnn_state_new(m, B);
    uint32_t counted, expected = 0;
    double bits = 0.0;
    for (int t = 0; t < T; t++) {
        for (int b = 0; b < B; b++)
            if (tokens[t * B + b] != RNN_NONE && tokens[t * B + b] != UNKNOWN) {
                bits += (double)rnn_surprisal(rnn_logits(one) + b * WORDS, WORDS, tokens[t * B + b]);
                expected++;
            }
        rnn_step(m, one, tokens + t * B);
    }
    CHECK_EQUAL(rnn_score(m, other, tokens, 2, &counted) + rnn_score(m, other, tokens + 2 * B, T - 2, &counted), bits);
    CHECK_EQUAL(expected, 9);
    CHECK_EQUAL(counted, 6); /* of the second call */
    CHECK(memcmp(rnn_logits(one), rnn_logits(other), sizeof(float) * WORDS * B) == 0);
    static const int32_t wrong[B] = {0, WORDS};
    CHECK(isnan(rnn_score(m, other, wrong, 1, &counted)) && rnn_error_code() == RNN_E_RANGE);
    rnn_model *larger = rnn_model_new(RNN_CELL_LSTM, 3, WORDS, 0, 64, WORDS, 1);
    CHECK(isnan(rnn_score(larger, other, tokens, 1, &counted)) && rnn_error_code() == RNN_E_RANGE);
    rnn_model_free(larger);
    rnn_state_free(one);
    rnn_state_free(other);
    rnn_model_free(m);
}

static void a_bad_step_is_refused_and_changes_nothing(void)
{
    rnn_model *m = new_model(RNN_CELL_LSTM, 1, 0, 1), *other = new_model(RNN_CELL_LSTM, 1, 0, 2);
    rnn_state *s = rnn_state_new(m, 2);
    size_t floats;
    rnn_step(m, s, (int32_t[]){1, 2});
    float *data = rnn_state_data(s, &floats), *before = malloc(sizeof(float) * floats);
    memcpy(before, data, sizeof(float) * floats);
    static const int32_t bad[] = {V, -3, 2147483647, -2147483647 - 1};
    for (int i = 0; i < 4; i++) {
        char number[16];
        snprintf(number, sizeof number, "%d", (int)bad[i]);
        CHECK_EQUAL(rnn_step(m, s, (int32_t[]){0, bad[i]}), RNN_E_RANGE);
        CHECK(strstr(rnn_error(), number));
    }
    CHECK_EQUAL(rnn_step(other, s, (int32_t[]){0, 1}), RNN_E_RANGE);
    CHECK(strstr(rnn_error(), "another model"));
    CHECK(memcmp(before, data, sizeof(float) * floats) == 0);
    CHECK(rnn_state_new(m, 0) == NULL && rnn_error_code() == RNN_E_RANGE);
    CHECK(rnn_state_new(m, 65537) == NULL && rnn_error_code() == RNN_E_RANGE);
    free(before);
    rnn_state_free(s);
    rnn_model_free(other);
    rnn_model_free(m);
}

/* ---- files that make no network ---- */

typedef struct { const char *name; st_type type; int rank; uint32_t shape[ST_MAX_RANK]; } part;

/* An LSTM of 2 units with an embedding of 3 for 5 tokens. */
static const part whole[] = {{"embedding.weight", ST_F32, 2, {5, 3}},
                             {"rnn.weight_ih_l0", ST_F32, 2, {8, 3}},
                             {"rnn.weight_hh_l0", ST_F32, 2, {8, 2}},
                             {"rnn.bias_ih_l0", ST_F32, 1, {8}},
                             {"rnn.bias_hh_l0", ST_F32, 1, {8}},
                             {"fc.weight", ST_F32, 2, {5, 2}},
                             {"fc.bias", ST_F32, 1, {5}}};
enum { PARTS = sizeof whole / sizeof *whole };

static memory_file file_of_parts(const part *parts, int count)
{
    static unsigned char zeros[1 << 16];
    st_tensor tensors[2 * PARTS];
    for (int i = 0; i < count; i++) {
        tensors[i] = (st_tensor){.name = parts[i].name, .type = parts[i].type, .rank = parts[i].rank, .data = zeros};
        memcpy(tensors[i].shape, parts[i].shape, sizeof parts[i].shape);
    }
    memory_file f = {NULL, st_write(tensors, count, NULL, NULL, 0)};
    f.bytes = malloc(f.size);
    st_write(tensors, count, NULL, f.bytes, f.size);
    return f;
}

/* The whole, with its tensor of that name replaced, or the tensor added, or left out if its rank is -1. */
static void check_parts(const part *change, const char *why)
{
    part parts[PARTS + 1];
    int count = 0, found = 0;
    for (int i = 0; i < PARTS; i++) {
        int is = change && strcmp(whole[i].name, change->name) == 0;
        found |= is;
        if (!is || change->rank >= 0)
            parts[count++] = is ? *change : whole[i];
    }
    if (change && !found)
        parts[count++] = *change;
    memory_file f = file_of_parts(parts, count);
    rnn_model *m = rnn_model_load(f.bytes, f.size, NULL);
    CHECK_EQUAL(m == NULL, why != NULL);
    if (why && !m) {
        CHECK_EQUAL(rnn_error_code(), RNN_E_SHAPE);
        if (!strstr(rnn_error(), why))
            printf("\"%s\" does not say \"%s\"\n", rnn_error(), why);
        CHECK(strstr(rnn_error(), why));
    }
    rnn_model_free(m);
    free(f.bytes);
}

static void tensors_that_make_no_network_are_named_with_their_shapes(void)
{
    static const struct { part change; const char *why; } cases[] = {
        {{"rnn.weight_hh_l0", ST_F32, -1, {0}}, "no tensor rnn.weight_hh_l0"},
        {{"rnn.weight_ih_l0", ST_F32, -1, {0}}, "no tensor rnn.weight_ih_l0"},
        {{"rnn.bias_ih_l0", ST_F32, -1, {0}}, "no tensor rnn.bias_ih_l0"},
        {{"fc.weight", ST_F32, -1, {0}}, "no tensor fc.weight"},
        {{"fc.bias", ST_F32, -1, {0}}, "no tensor fc.bias"},
        {{"rnn.weight_hh_l0", ST_F32, 2, {8, 3}}, "rnn.weight_hh_l0 is (8, 3)"},
        {{"rnn.weight_hh_l0", ST_F32, 2, {4, 2}}, "rnn.weight_hh_l0 is (4, 2)"},
        {{"rnn.weight_hh_l0", ST_F32, 2, {0, 2}}, "rnn.weight_hh_l0 is (0, 2)"},
        {{"rnn.weight_hh_l0", ST_F32, 2, {8, 0}}, "rnn.weight_hh_l0 is (8, 0)"},
        {{"rnn.weight_hh_l0", ST_F32, 1, {16}}, "rnn.weight_hh_l0 has 1 dimensions, expected 2"},
        {{"rnn.weight_ih_l0", ST_F32, 2, {8, 4}}, "rnn.weight_ih_l0 is (8, 4), expected (8, 3)"},
        {{"rnn.weight_ih_l0", ST_F32, 2, {6, 3}}, "rnn.weight_ih_l0 has 6 rows, expected 8"},
        {{"rnn.bias_hh_l0", ST_F32, 1, {6}}, "rnn.bias_hh_l0 has 6 rows, expected 8"},
        {{"rnn.bias_hh_l0", ST_F32, 2, {8, 1}}, "rnn.bias_hh_l0 has 2 dimensions, expected 1"},
        {{"fc.weight", ST_F32, 2, {5, 3}}, "fc.weight is (5, 3), expected (5, 2)"},
        {{"fc.weight", ST_F32, 3, {5, 2, 1}}, "fc.weight has 3 dimensions"},
        {{"fc.weight", ST_F32, 2, {0, 2}}, "no rows"},
        {{"fc.bias", ST_F32, 1, {6}}, "fc.bias has 6 rows, expected 5"},
        {{"embedding.weight", ST_F32, 2, {5, 0}}, "embedding.weight is (5, 0)"},
        {{"embedding.weight", ST_F32, 2, {5, 2}}, "rnn.weight_ih_l0 is (8, 3), expected (8, 2)"},
        {{"embedding.weight", ST_F32, 1, {5}}, "embedding.weight has 1 dimensions"},
        {{"embedding.weight", ST_U8, 2, {5, 3}}, "embedding.weight has a type"},
        {{"rnn.weight_hh_l0", ST_U8, 2, {8, 2}}, "rnn.weight_hh_l0 has a type"},
        {{"fc.weight", ST_I8, 2, {5, 2}}, "fc.weight has a type"},
        {{"rnn.weight_hh_l0", ST_I8, 2, {8, 2}}, "expected I8"},
        {{"rnn.weight_hh_l1", ST_F32, 2, {8, 2}}, "no tensor rnn.weight_ih_l1"},
        {{"rnn.weight_ih_l0_reverse", ST_F32, 2, {8, 2}}, "rnn.weight_ih_l0_reverse"}};
    check_parts(NULL, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_parts(&cases[i].change, cases[i].why);
}

static void five_layers_are_refused(void)
{
    part parts[2 * PARTS] = {
        {"rnn.weight_ih_l0", ST_F32, 2, {2, 2}}, {"fc.weight", ST_F32, 2, {2, 2}}, {"fc.bias", ST_F32, 1, {2}}};
    static const char *const names[] = {"rnn.weight_hh_l0", "rnn.weight_hh_l1", "rnn.weight_hh_l2", "rnn.weight_hh_l3",
                                        "rnn.weight_hh_l4"};
    for (int l = 0; l < 5; l++)
        parts[3 + l] = (part){names[l], ST_F32, 2, {2, 2}};
    memory_file five = file_of_parts(parts, 8);
    CHECK(rnn_model_load(five.bytes, five.size, NULL) == NULL);
    CHECK_EQUAL(rnn_error_code(), RNN_E_SHAPE);
    CHECK(strstr(rnn_error(), "5 layers"));
    free(five.bytes);
}

/* ---- values ---- */

/* Where a tensor's data begins in a file. */
static unsigned char *data_of(memory_file f, const char *name, int i)
{
    st_file *file = st_read(f.bytes, f.size);
    const st_tensor *t = st_find(file, name);
    CHECK(t != NULL);
    unsigned char *element = f.bytes + (t->data - f.bytes) + 4 * i;
    free(file);
    return element;
}

static void a_nan_or_infinite_weight_is_refused_with_its_tensor(void)
{
    static const char *const names[] = {"embedding.weight", "rnn.weight_ih_l1", "rnn.bias_hh_l0", "fc.weight",
                                        "fc.bias"};
    static const float bad[] = {NAN, INFINITY, -INFINITY};
    rnn_model *m = new_model(RNN_CELL_GRU, 2, 5, 1), *q = rnn_model_quantize(m);
    for (int quantized = 0; quantized <= 1; quantized++)
        for (int i = 0; i < 5; i++)
            for (int k = 0; k < 3; k++) {
                char name[40];
                snprintf(name, sizeof name, "%s%s", names[i], quantized && strstr(names[i], "weight") ? ".scale" : "");
                memory_file f = saved_model(quantized ? q : m, NULL, NULL);
                memcpy(data_of(f, name, 4), &bad[k], sizeof(float));
                CHECK(rnn_model_load(f.bytes, f.size, NULL) == NULL);
                CHECK_EQUAL(rnn_error_code(), RNN_E_VALUE);
                CHECK(strstr(rnn_error(), names[i]));
                free(f.bytes);
            }
    rnn_model_free(q);
    rnn_model_free(m);
}

static void an_int8_weight_below_minus_127_is_refused_with_its_tensor(void)
{
    rnn_model *m = new_model(RNN_CELL_LSTM, 1, 5, 1), *q = rnn_model_quantize(m);
    memory_file f = saved_model(q, NULL, NULL);
    *data_of(f, "fc.weight", 4) = 0x80;
    CHECK(rnn_model_load(f.bytes, f.size, NULL) == NULL);
    CHECK_EQUAL(rnn_error_code(), RNN_E_VALUE);
    CHECK(strstr(rnn_error(), "fc.weight holds -128"));
    *data_of(f, "fc.weight", 4) = 0x81;
    rnn_model *back = rnn_model_load(f.bytes, f.size, NULL);
    CHECK(back != NULL);
    rnn_model_free(back);
    rnn_model_free(q);
    rnn_model_free(m);
    free(f.bytes);
}

/* What the first and the second step of a network say when one asks for their probabilities. */
static void check_two_steps(const rnn_model *m, int expected)
{
    memory_file f = saved_model(m, NULL, NULL);
    rnn_model *loaded = rnn_model_load(f.bytes, f.size, NULL);
    rnn_state *s = loaded ? rnn_state_new(loaded, 1) : NULL;
    int32_t id = 1;
    float probs[V];
    for (int step = 0; step < 2; step++) {
        CHECK(s && rnn_step(loaded, s, &id) == 0);
        CHECK_EQUAL(s ? rnn_probs(rnn_logits(s), V, 1.0f, 0, 1.0f, probs) : 1, expected);
    }
    rnn_state_free(s);
    rnn_model_free(loaded);
    free(f.bytes);
}

static void finite_weights_of_any_size_load_and_logits_that_overflow_are_not_drawn_from(void)
{
    static const float sizes[] = {0.0f, 1e-45f, -1e-40f, 1e30f, FLT_MAX};
    for (int i = 0; i < 5; i++) {
        rnn_model *m = new_model(RNN_CELL_LSTM, 2, 5, 1);
        size_t n;
        float *params = rnn_params(m, &n);
        for (size_t k = 0; k < n; k++)
            params[k] = sizes[i];
        rnn_model *q = rnn_model_quantize(m);
        check_two_steps(m, sizes[i] == FLT_MAX ? RNN_E_NONFINITE : 0);
        check_two_steps(q, sizes[i] == FLT_MAX ? RNN_E_NONFINITE : 0);
        rnn_model_free(q);
        rnn_model_free(m);
    }
}

/* tanh(infinity - infinity): integers have no NaN, but the logits that follow must. */
static void an_int8_network_whose_h_is_nan_is_not_drawn_from(void)
{
    rnn_model *m = rnn_model_new(RNN_CELL_TANH, 1, V, 0, 64, V, 1);
    size_t n, input = 64 * V, recurrent = 64 * 64;
    float *params = rnn_params(m, &n), probs[V];
    int32_t id = 1;
    for (size_t k = 0; k < input + recurrent + 128; k++)
        params[k] = k < input ? 0.0f : k < input + recurrent ? -3e38f : 3e38f; /* the sum of both biases is infinite */
    rnn_model *q = rnn_model_quantize(m);
    rnn_state *s = rnn_state_new(q, 1);
    CHECK_EQUAL(rnn_step(q, s, &id), 0); /* h = 1 */
    CHECK_EQUAL(rnn_probs(rnn_logits(s), V, 1.0f, 0, 1.0f, probs), 0);
    CHECK_EQUAL(rnn_step(q, s, &id), 0);
    CHECK(isnan(rnn_state_part(s, 0, RNN_PART_H)[0]));
    CHECK_EQUAL(rnn_probs(rnn_logits(s), V, 1.0f, 0, 1.0f, probs), RNN_E_NONFINITE);
    rnn_state_free(s);
    rnn_model_free(q);
    rnn_model_free(m);
}

int main(int argc, char **argv)
{
    static const test tests[] = {
        TEST(a_seed_decides_every_weight),
        TEST(new_weights_have_pytorchs_distribution_and_a_forget_bias_of_one),
        TEST(sizes_out_of_range_are_refused_with_the_numbers),
        TEST(one_token_and_65536_tokens_work),
        TEST(a_saved_network_loads_with_the_same_bits),
        TEST(inputs_and_outputs_may_differ_in_number),
        TEST(the_vocabulary_goes_into_the_file_and_comes_back),
        TEST(weights_written_by_the_caller_count_after_packing),
        TEST(quantized_weights_are_within_half_a_scale_and_save_as_they_are),
        TEST(quantized_rows_of_zeros_and_of_denormal_numbers_keep_their_sign_and_size),
        TEST(quantizing_makes_the_file_almost_four_times_smaller_and_keeps_the_metadata),
        TEST(a_network_with_a_nan_is_not_quantized),
        TEST(int8_matrices_stay_their_integers_whatever_is_written_to_their_floats),
        TEST(pad_and_unknown_are_never_drawn),
        TEST(a_new_state_is_zero_and_its_logits_are_the_heads_bias),
        TEST(the_parts_of_a_state_lie_as_the_header_says),
        TEST(gates_are_after_their_sigmoid_or_tanh),
        TEST(a_copied_state_goes_on_alike),
        TEST(streams_side_by_side_have_the_bits_of_single_runs),
        TEST(a_score_is_the_sum_of_the_surprisals_that_count),
        TEST(a_bad_step_is_refused_and_changes_nothing),
        TEST(tensors_that_make_no_network_are_named_with_their_shapes),
        TEST(five_layers_are_refused),
        TEST(a_nan_or_infinite_weight_is_refused_with_its_tensor),
        TEST(an_int8_weight_below_minus_127_is_refused_with_its_tensor),
        TEST(finite_weights_of_any_size_load_and_logits_that_overflow_are_not_drawn_from),
        TEST(an_int8_network_whose_h_is_nan_is_not_drawn_from)};
    return RUN(tests);
}
