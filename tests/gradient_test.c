/* SPDX-License-Identifier: MIT
 *
 * gradient_test.c - steps and gradients of every cell, layer count and input against reference.c, whose
 * gradients are central differences in double precision.
 */
#include "check.h"
#include "gradients.h"
#include "reference.h"
#include "rnn.h"

#include <stdlib.h>

enum { V_IN = 6, V_OUT = 7, B = 3, T = 4, PLACES = T * B };

typedef void (*use)(reference_shape s);

/* All combinations of cell, layers and input. */
static void each_network(int H, use check)
{
    static const int cells[] = {RNN_CELL_TANH, RNN_CELL_GRU, RNN_CELL_LSTM};
    for (int k = 0; k < 3; k++)
        for (int layers = 1; layers <= 4; layers++)
            for (int E = 0; E <= 3; E += 3)
                check((reference_shape){cells[k], layers, V_IN, E, H, V_OUT, 0});
}

static rnn_model *new_model(reference_shape s)
{
    return rnn_model_new(s.cell, s.layers, s.V_in, s.E, s.H, s.V_out, 11);
}

static void describe(reference_shape s) { printf("cell %d, %d layers, E = %d, H = %d:\n", s.cell, s.layers, s.E, s.H); }

/* ---- steps ---- */

static void check_steps_of(rnn_model *m, reference_shape s)
{
    size_t units = (size_t)(s.layers * s.H);
    rnn_state *state = rnn_state_new(m, B);
    double *params = params_as_doubles(m), logits[V_OUT];
    double *h = calloc(B * units, sizeof *h), *c = calloc(B * units, sizeof *c);
    int before = failures;
    for (uint32_t step = 0; step < 20; step++) {
        int32_t ids[B];
        random_ids(B, RNN_NONE, V_IN, 100 + step, ids);
        CHECK_EQUAL(rnn_step(m, state, ids), 0);
        for (int b = 0; b < B; b++) {
            double *h_b = h + (size_t)b * units, *c_b = c + (size_t)b * units;
            reference_step(s, params, ids[b], h_b, c_b, logits);
            for (int v = 0; v < V_OUT; v++)
                CHECK_CLOSE(rnn_logits(state)[b * V_OUT + v], logits[v], 1e-6);
            for (int l = 0; l < s.layers; l++)
                for (int j = 0; j < s.H; j++) {
                    CHECK_CLOSE(rnn_state_part(state, l, RNN_PART_H)[b * s.H + j], h_b[l * s.H + j], 1e-6);
                    if (s.cell == RNN_CELL_LSTM)
                        CHECK_CLOSE(rnn_state_part(state, l, RNN_PART_C)[b * s.H + j], c_b[l * s.H + j], 3e-6);
                }
        }
    }
    if (failures > before)
        describe(s);
    free(params);
    free(h);
    free(c);
    rnn_state_free(state);
}

static void check_steps(reference_shape s)
{
    rnn_model *m = new_model(s);
    check_steps_of(m, s);
    rnn_model_free(m);
}

/* Its params are the rounded weights; what is left of the difference is the rounding of h. */
static void check_int8_steps(reference_shape s)
{
    rnn_model *m = new_model(s), *q = rnn_model_quantize(m);
    s.h_steps = 63;
    check_steps_of(q, s);
    rnn_model_free(q);
    rnn_model_free(m);
}

static void steps_of_every_network_agree_with_the_reference(void)
{
    each_network(5, check_steps);
    each_network(19, check_steps);
}

static void steps_of_every_int8_network_agree_with_the_reference_that_rounds_h(void)
{
    each_network(5, check_int8_steps);
    each_network(19, check_int8_steps);
}

/* ---- gradients ---- */

/* The loss of the second of two windows; the first only makes a state that is not zero, at the weights as they are. */
typedef struct {
    reference_shape shape;
    int32_t x[2][PLACES], y[2][PLACES];
    double *params, *h, *c; /* h, c (B, layers, H) after the first window */
} problem;

static double loss_near(const problem *p, size_t i, double change)
{
    size_t units = (size_t)(B * p->shape.layers * p->shape.H), bytes = sizeof(double) * units;
    double *h = malloc(bytes), *c = malloc(bytes), kept = p->params[i];
    memcpy(h, p->h, bytes);
    memcpy(c, p->c, bytes);
    p->params[i] = kept + change;
    double nats = reference_loss(p->shape, p->params, B, T, p->x[1], p->y[1], h, c);
    p->params[i] = kept;
    free(h);
    free(c);
    return nats;
}

/* Runs both windows; the gradients of the first are thrown away. */
static float train_windows(rnn_trainer *t, rnn_model *m, const problem *p)
{
    size_t n;
    rnn_trainer_window(t, p->x[0], p->y[0]);
    float *grads = gradients_of(t, m, &n);
    memset(grads, 0, sizeof *grads * n);
    return rnn_trainer_window(t, p->x[1], p->y[1]);
}

/* Differences over 2e-4 in double are exact to about 1e-8, so the bound is for float32 (eps 6e-8): 1e-5 of the
 * gradient for the chain of roundings, and 2e-7 for a sum whose terms, of the order 0.1, cancel. */
static void check_gradients(reference_shape s, size_t stride)
{
    problem p = {.shape = s};
    const double step = 1e-4;
    size_t n, units = (size_t)(B * s.layers * s.H);
    rnn_model *m = new_model(s);
    rnn_trainer *t = rnn_trainer_new(m, B, T, 1, 0.0f, 0.0f, 1);
    int before = failures;
    p.params = params_as_doubles(m);
    p.h = calloc(units, sizeof(double));
    p.c = calloc(units, sizeof(double));
    for (int w = 0; w < 2; w++) {
        random_ids(PLACES, RNN_NONE, V_IN, 1 + (uint32_t)w, p.x[w]);
        random_ids(PLACES, RNN_NONE, V_OUT, 3 + (uint32_t)w, p.y[w]);
    }
    reference_loss(s, p.params, B, T, p.x[0], p.y[0], p.h, p.c);
    CHECK_CLOSE(train_windows(t, m, &p), loss_near(&p, 0, 0.0), 1e-6);
    const float *grads = gradients_of(t, m, &n);
    for (size_t i = 0; i < n; i += stride) {
        double expected = (loss_near(&p, i, step) - loss_near(&p, i, -step)) / (2.0 * step);
        CHECK_CLOSE(grads[i], expected, 1e-5 * fabs(expected) + 2e-7);
    }
    if (failures > before)
        describe(s);
    free(p.params);
    free(p.h);
    free(p.c);
    rnn_trainer_free(t);
    rnn_model_free(m);
}

static void check_every_gradient(reference_shape s) { check_gradients(s, 1); }
static void check_some_gradients(reference_shape s) { check_gradients(s, 37); }

static void gradients_of_every_network_are_central_differences(void) { each_network(5, check_every_gradient); }
static void gradients_of_networks_wider_than_a_panel_are_central_differences(void)
{
    each_network(19, check_some_gradients);
}

/* ---- dropout ---- */

/* The loss at the weights moved by `change` along the gradient of one tensor; the dice stay, as no update is made. */
static double loss_along(rnn_model *m, rnn_trainer *t, const problem *p, size_t from, size_t to, const float *direction,
                         double change)
{
    size_t n;
    float *params = rnn_params(m, &n), *kept = malloc(sizeof *kept * n);
    memcpy(kept, params, sizeof *kept * n);
    for (size_t i = from; i < to; i++)
        params[i] += (float)(change * (double)direction[i]);
    rnn_pack(m);
    rnn_trainer_reset(t);
    double nats = (double)rnn_trainer_window(t, p->x[0], p->y[0]);
    memcpy(params, kept, sizeof *kept * n);
    rnn_pack(m);
    free(kept);
    return nats;
}

/* Parameters of each tensor, in file order; returns how many tensors. */
static int tensor_sizes(reference_shape s, size_t *sizes)
{
    int count = 0, gates = s.cell * s.H;
    if (s.E)
        sizes[count++] = (size_t)(s.V_in * s.E);
    for (int l = 0; l < s.layers; l++) {
        sizes[count++] = (size_t)(gates * (l ? s.H : s.E ? s.E : s.V_in));
        sizes[count++] = (size_t)(gates * s.H);
        sizes[count++] = (size_t)gates;
        sizes[count++] = (size_t)gates;
    }
    sizes[count++] = (size_t)(s.V_out * s.H);
    sizes[count++] = (size_t)s.V_out;
    return count;
}

/* Along its own gradient g the loss rises by |g|^2 per unit: for each tensor, from the trainer's own loss in float32.
 * A step that moves the tensor by 0.02 keeps both the rounding of the loss and its curvature below 1 %. */
static void check_slopes(reference_shape s, float dropout, float recurrent)
{
    problem p = {.shape = s};
    size_t n, sizes[32], from = 0;
    rnn_model *m = new_model(s);
    rnn_trainer *t = rnn_trainer_new(m, B, T, 1, dropout, recurrent, 5);
    random_ids(PLACES, RNN_NONE, V_IN, 1, p.x[0]);
    random_ids(PLACES, RNN_NONE, V_OUT, 2, p.y[0]);
    rnn_trainer_window(t, p.x[0], p.y[0]);
    const float *accumulated = gradients_of(t, m, &n); /* further windows add to it */
    float *grads = malloc(sizeof *grads * n);
    memcpy(grads, accumulated, sizeof *grads * n);
    int tensors = tensor_sizes(s, sizes), before = failures;
    for (int k = 0; k < tensors; from += sizes[k++]) {
        double square = 0.0;
        for (size_t i = from; i < from + sizes[k]; i++)
            square += (double)grads[i] * (double)grads[i];
        double step = 0.02 / sqrt(square), rise = loss_along(m, t, &p, from, from + sizes[k], grads, step) -
                                                  loss_along(m, t, &p, from, from + sizes[k], grads, -step);
        CHECK_CLOSE(rise / (2.0 * step), square, 0.01 * square + 1e-5 * sqrt(square));
    }
    CHECK_EQUAL(from, n);
    if (failures > before)
        describe(s);
    free(grads);
    rnn_trainer_free(t);
    rnn_model_free(m);
}

static void check_with_dropout(reference_shape s) { check_slopes(s, 0.4f, 0.0f); }
static void check_with_recurrent_dropout(reference_shape s) { check_slopes(s, 0.0f, 0.3f); }

static void gradients_with_dropout_are_the_slopes_of_the_loss(void)
{
    each_network(19, check_with_dropout);
    each_network(19, check_with_recurrent_dropout);
}

int main(int argc, char **argv)
{
    static const test tests[] = {
        TEST(steps_of_every_network_agree_with_the_reference),
        TEST(steps_of_every_int8_network_agree_with_the_reference_that_rounds_h),
        TEST(gradients_of_every_network_are_central_differences),
        TEST(gradients_of_networks_wider_than_a_panel_are_central_differences),
        TEST(gradients_with_dropout_are_the_slopes_of_the_loss)};
    return RUN(tests);
}
