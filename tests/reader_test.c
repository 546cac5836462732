/* SPDX-License-Identifier: MIT
 *
 * reader_test.c - a network that learns as it reads, against the rule of rnn.h with central differences in double
 * precision; and what stays as it was.
 */
#include "check.h"
#include "gradients.h"
#include "reference.h"
#include "rnn.h"

#include <stdlib.h>

enum { STRETCH = 20, STRETCHES = 3, TOKENS = 1 + STRETCH * STRETCHES, V = 7, H = 5 };
static const double rate = 0.002;

static rnn_model *new_model(reference_shape s)
{
    return rnn_model_new(s.cell, s.layers, s.V_in, s.E, s.H, s.V_out, 11);
}

static void random_text(int n, int32_t *text) { random_ids(n, 0, V, 5, text); }

/* The sum of the surprisals, each taken before its token is read. */
static double read_bits(rnn_reader *r, const int32_t *text, int n)
{
    double bits = 0.0;
    for (int i = 0; i < n; i++) {
        bits += (double)rnn_surprisal(rnn_logits(rnn_reader_state(r)), V, text[i]);
        CHECK_EQUAL(rnn_reader_take(r, text[i]), 0);
    }
    return bits;
}

/* ---- the rule ---- */

typedef struct {
    reference_shape shape;
    double *params, *start, *v;
    double h[4 * H], c[4 * H]; /* where the stretch begins */
    const int32_t *x, *y;      /* (STRETCH) */
} problem;

/* The loss with weight i changed; h and c get the state behind the stretch. */
static double loss_near(problem *p, size_t i, double change, double *h, double *c)
{
    double kept = p->params[i];
    memcpy(h, p->h, sizeof p->h);
    memcpy(c, p->c, sizeof p->c);
    p->params[i] = kept + change;
    double nats = reference_loss(p->shape, p->params, 1, STRETCH, p->x, p->y, h, c);
    p->params[i] = kept;
    return nats;
}

/* A weight whose gradient is next to nothing goes a whole step in any direction: nothing is said of those. */
static void check_step(problem *p, int step_number, const float *after, size_t n)
{
    const double change = 1e-4, least = 1e-4;
    double h[4 * H], c[4 * H];
    for (size_t i = 0; i < n; i++) {
        double g = (loss_near(p, i, change, h, c) - loss_near(p, i, -change, h, c)) / (2.0 * change);
        p->v[i] = 0.99 * p->v[i] + 0.01 * g * g;
        double mean = p->v[i] / (1.0 - pow(0.99, step_number));
        double step = rate * g / (sqrt(mean) + 1e-8), back = 0.001 * (p->start[i] - p->params[i]);
        if (fabs(g) > least)
            CHECK_CLOSE(after[i], p->params[i] - step + back, 1e-6 + fabs(step) * 2e-6 / fabs(g));
    }
    loss_near(p, 0, 0.0, h, c);
    memcpy(p->h, h, sizeof h);
    memcpy(p->c, c, sizeof c);
}

static void check_rule(int cell, int layers, int E)
{
    problem p = {.shape = {cell, layers, V, E, H, V, 0}};
    rnn_model *m = new_model(p.shape);
    rnn_reader *r = rnn_reader_new(m, (float)rate);
    size_t n = parameters(m);
    int32_t text[TOKENS];
    random_text(TOKENS, text);
    p.start = params_as_doubles(m);
    p.v = calloc(n, sizeof *p.v);
    CHECK_EQUAL(rnn_reader_take(r, text[0]), 0);
    for (int k = 0; k < STRETCHES; k++) {
        p.x = text + k * STRETCH;
        p.y = p.x + 1;
        p.params = params_as_doubles(rnn_reader_model(r));
        read_bits(r, p.y, STRETCH - 1);
        float *now = rnn_params(rnn_reader_model(r), &n);
        for (size_t i = 0; i < n; i++)
            CHECK_EQUAL(now[i], p.params[i]); /* in the midst of a stretch */
        CHECK_EQUAL(rnn_reader_take(r, p.y[STRETCH - 1]), 0);
        check_step(&p, k + 1, now, n);
        free(p.params);
    }
    free(p.start);
    free(p.v);
    rnn_reader_free(r);
    rnn_model_free(m);
}

static void after_each_20_tokens_a_network_takes_the_step_of_the_rule(void)
{
    check_rule(RNN_CELL_TANH, 1, 0);
    check_rule(RNN_CELL_GRU, 2, 3);
    check_rule(RNN_CELL_LSTM, 1, 3);
    check_rule(RNN_CELL_LSTM, 2, 0);
}

/* ---- what it does to a text ---- */

static rnn_model *small_lstm(void) { return rnn_model_new(RNN_CELL_LSTM, 1, V, 3, H, V, 11); }

static void at_rate_0_it_foretells_what_the_network_foretells_bit_for_bit(void)
{
    int32_t text[TOKENS];
    uint32_t counted;
    rnn_model *m = small_lstm();
    rnn_state *s = rnn_state_new(m, 1);
    rnn_reader *r = rnn_reader_new(m, 0.0f);
    random_text(TOKENS, text);
    CHECK_EQUAL(read_bits(r, text, TOKENS), rnn_score(m, s, text, TOKENS, &counted));
    rnn_reader_free(r);
    rnn_state_free(s);
    rnn_model_free(m);
}

static void a_text_that_repeats_costs_less_and_less_and_the_network_itself_stays(void)
{
    enum { TIMES = 60, LENGTH = 10 };
    int32_t text[TIMES * LENGTH];
    rnn_model *m = small_lstm();
    rnn_reader *r = rnn_reader_new(m, 0.02f);
    uint32_t before = rnn_fingerprint(m);
    for (int i = 0; i < TIMES * LENGTH; i++)
        text[i] = (i % LENGTH) * 3 % V;
    double first = read_bits(r, text, 100), last = (read_bits(r, text, 400), read_bits(r, text, 100));
    CHECK(last < 0.7 * first);
    CHECK_EQUAL(rnn_fingerprint(m), before);
    CHECK(rnn_fingerprint(rnn_reader_model(r)) != before);
    rnn_reader_free(r);
    rnn_model_free(m);
}

static void an_int8_network_learns_in_float32_from_the_values_of_its_integers(void)
{
    int32_t text[TOKENS];
    rnn_model *m = small_lstm(), *q = rnn_model_quantize(m), *same = small_lstm();
    size_t n = parameters(m);
    memcpy(rnn_params(same, &n), rnn_params(q, &n), sizeof(float) * n);
    rnn_pack(same);
    rnn_reader *of_int8 = rnn_reader_new(q, 0.002f), *of_float = rnn_reader_new(same, 0.002f);
    random_text(TOKENS, text);
    CHECK_EQUAL(read_bits(of_int8, text, TOKENS), read_bits(of_float, text, TOKENS));
    CHECK_EQUAL(rnn_fingerprint(rnn_reader_model(of_int8)), rnn_fingerprint(rnn_reader_model(of_float)));
    rnn_reader_free(of_int8);
    rnn_reader_free(of_float);
    rnn_model_free(same);
    rnn_model_free(q);
    rnn_model_free(m);
}

static void from_what_is_never_drawn_nothing_is_learnt(void)
{
    rnn_model *m = small_lstm();
    rnn_set_special(m, "unknown", 2);
    rnn_reader *r = rnn_reader_new(m, 0.01f);
    for (int i = 0; i < TOKENS; i++)
        CHECK_EQUAL(rnn_reader_take(r, i % 2 ? 2 : RNN_NONE), 0);
    CHECK_EQUAL(rnn_fingerprint(rnn_reader_model(r)), rnn_fingerprint(m));
    rnn_reader_free(r);
    rnn_model_free(m);
}

static void where_the_gradients_are_no_numbers_the_weights_stay_and_reading_goes_on(void)
{
    rnn_model *m = small_lstm();
    size_t n;
    float *params = rnn_params(m, &n);
    params[n - 1] = 3e38f; /* the last logit's bias: with h it is infinite, or just not */
    params[n - 2] = -3e38f;
    rnn_pack(m);
    rnn_reader *r = rnn_reader_new(m, 0.01f);
    int refused = 0;
    for (int i = 0; i < TOKENS; i++)
        refused += rnn_reader_take(r, V - 2) == RNN_E_NONFINITE;
    CHECK_EQUAL(refused, STRETCHES);
    CHECK_EQUAL(rnn_fingerprint(rnn_reader_model(r)), rnn_fingerprint(m));
    rnn_reader_free(r);
    rnn_model_free(m);
}

int main(int argc, char **argv)
{
    static const test tests[] = {
        TEST(after_each_20_tokens_a_network_takes_the_step_of_the_rule),
        TEST(at_rate_0_it_foretells_what_the_network_foretells_bit_for_bit),
        TEST(a_text_that_repeats_costs_less_and_less_and_the_network_itself_stays),
        TEST(an_int8_network_learns_in_float32_from_the_values_of_its_integers),
        TEST(from_what_is_never_drawn_nothing_is_learnt),
        TEST(where_the_gradients_are_no_numbers_the_weights_stay_and_reading_goes_on)};
    return RUN(tests);
}
