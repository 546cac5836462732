/* SPDX-License-Identifier: MIT
 *
 * edge_test.c - a slice forward and back by halves, and the gradients of its first and last state: what an encoder and
 * a decoder need. Against one window over the same text, and against central differences of reference.c.
 */
#include "check.h"
#include "gradients.h"
#include "reference.h"
#include "rnn.h"

#include <stdlib.h>

enum { V = 7, E = 3, H = 5, B = 3, T = 12, HALF = T / 2, PLACES = T * B };

typedef void (*use)(reference_shape s);

static void each_network(int most_layers, use check)
{
    static const int cells[] = {RNN_CELL_TANH, RNN_CELL_GRU, RNN_CELL_LSTM};
    for (int k = 0; k < 3; k++)
        for (int layers = 1; layers <= most_layers; layers++) {
            int before = failures;
            check((reference_shape){cells[k], layers, V, E, H, V, 0});
            if (failures > before)
                printf("cell %d, %d layers\n", cells[k], layers);
        }
}

static rnn_model *new_model(reference_shape s)
{
    return rnn_model_new(s.cell, s.layers, s.V_in, s.E, s.H, s.V_out, 11);
}

/* A slice's carried state, and how many floats it has: they follow the gradients. */
static float *carried(rnn_trainer *t, rnn_model *m, size_t *floats)
{
    float *part = rnn_trainer_part(t, 0, floats);
    *floats -= parameters(m);
    return part + parameters(m);
}

/* ---- two halves are one window ---- */

typedef struct {
    rnn_model *model;
    rnn_trainer *whole, *first, *second; /* T; T/2 each */
    int32_t x[PLACES], y[PLACES];
} halves;

static halves new_halves(reference_shape s)
{
    halves p = {.model = new_model(s)};
    p.whole = rnn_trainer_new(p.model, B, T, 1, 0.0f, 0.0f, 1);
    p.first = rnn_trainer_new(p.model, B, HALF, 1, 0.0f, 0.0f, 1);
    p.second = rnn_trainer_new(p.model, B, HALF, 1, 0.0f, 0.0f, 1);
    random_ids(PLACES, RNN_NONE, V, 1, p.x);
    for (int i = 0; i < PLACES; i++)
        p.y[i] = (int32_t)(rnn_dice(2, (uint32_t)i) * (float)V); /* a target everywhere: both halves weigh alike */
    return p;
}

static void free_halves(halves *p)
{
    rnn_trainer_free(p->whole);
    rnn_trainer_free(p->first);
    rnn_trainer_free(p->second);
    rnn_model_free(p->model);
}

/* Forward through both halves, the state handed over; back through both, its gradient handed over. Returns nats of the
 * second half. */
static float run_halves(halves *p, const int32_t *y_first, float *nats_first)
{
    size_t floats;
    *nats_first = rnn_trainer_forward(p->first, 0, HALF, p->x, y_first);
    const float *end = carried(p->first, p->model, &floats);
    memcpy(carried(p->second, p->model, &floats), end, sizeof(float) * floats);
    float nats = rnn_trainer_forward(p->second, 0, HALF, p->x + HALF * B, p->y + HALF * B);
    CHECK_EQUAL(rnn_trainer_back(p->second), 0);
    const float *goes_out = rnn_trainer_edge(p->second, 0, &floats);
    memcpy(rnn_trainer_edge(p->first, 1, &floats), goes_out, sizeof(float) * floats);
    CHECK_EQUAL(rnn_trainer_back(p->first), 0);
    return nats;
}

/* Of each gradient g of the whole: share * (first + second), within the rounding of a sum in another order. */
static void check_sum_of_gradients(const halves *p, float share)
{
    size_t n;
    const float *whole = gradients_of(p->whole, p->model, &n), *first = gradients_of(p->first, p->model, &n);
    const float *second = gradients_of(p->second, p->model, &n);
    for (size_t i = 0; i < n; i++)
        CHECK_CLOSE(share * (first[i] + second[i]), whole[i], 1e-6 * fabs((double)whole[i]) + 1e-7);
}

static void check_two_halves(reference_shape s)
{
    halves p = new_halves(s);
    size_t floats;
    float first, nats = rnn_trainer_window(p.whole, p.x, p.y), second = run_halves(&p, p.y, &first);
    CHECK_CLOSE((first + second) / 2.0f, nats, 1e-6);
    const float *end = carried(p.whole, p.model, &floats);
    CHECK_EQUAL(memcmp(end, carried(p.second, p.model, &floats), sizeof(float) * floats), 0);
    check_sum_of_gradients(&p, 0.5f);
    free_halves(&p);
}

/* The first half has no loss of its own: all its gradients come through the state. */
static void check_an_encoder(reference_shape s)
{
    halves p = new_halves(s);
    int32_t late[PLACES];
    for (int i = 0; i < PLACES; i++)
        late[i] = i < HALF * B ? RNN_NONE : p.y[i];
    float first, nats = rnn_trainer_window(p.whole, p.x, late), second = run_halves(&p, NULL, &first);
    CHECK_EQUAL(first, 0.0f);
    CHECK_CLOSE(second, nats, 1e-6);
    check_sum_of_gradients(&p, 1.0f);
    free_halves(&p);
}

static void two_halves_that_hand_over_state_and_gradient_are_one_window(void) { each_network(2, check_two_halves); }
static void an_encoder_without_targets_learns_through_its_last_state(void) { each_network(2, check_an_encoder); }

/* ---- central differences ---- */

/* One window of HALF steps from a state that is not zero. */
typedef struct {
    reference_shape shape;
    rnn_model *model;
    rnn_trainer *trainer;
    int32_t x[HALF * B], y[HALF * B];
    float *state; /* (floats) the trainer's carried state before the window */
    float *toll;  /* (floats) per unit of the last state: what is added to the loss */
    size_t floats;
} problem;

static problem new_problem(reference_shape s)
{
    problem p = {.shape = s, .model = new_model(s)};
    p.trainer = rnn_trainer_new(p.model, B, HALF, 1, 0.0f, 0.0f, 1);
    random_ids(HALF * B, RNN_NONE, V, 3, p.x);
    random_ids(HALF * B, RNN_NONE, V, 4, p.y);
    float *own = carried(p.trainer, p.model, &p.floats);
    p.state = malloc(sizeof(float) * p.floats);
    p.toll = malloc(sizeof(float) * p.floats);
    for (size_t i = 0; i < p.floats; i++) {
        own[i] = p.state[i] = rnn_dice(5, (uint32_t)i) - 0.5f;
        p.toll[i] = rnn_dice(6, (uint32_t)i) - 0.5f;
    }
    return p;
}

static void free_problem(problem *p)
{
    free(p->state);
    free(p->toll);
    rnn_trainer_free(p->trainer);
    rnn_model_free(p->model);
}

/* Of an edge, per layer h (B, H), then c: the float of a unit. */
static size_t offset_of(const problem *p, int l, int part, int b, int j)
{
    int parts = p->shape.cell == RNN_CELL_LSTM ? 2 : 1;
    return ((size_t)(l * parts + part) * B + (size_t)b) * H + (size_t)j;
}

/* The loss with one parameter and one unit of the first state moved, and the toll of the last state added if wanted. */
static double loss_near(const problem *p, size_t parameter, double by, size_t unit, double state_by, int with_toll)
{
    int layers = p->shape.layers, parts = p->shape.cell == RNN_CELL_LSTM ? 2 : 1;
    size_t n;
    const float *params = rnn_params(p->model, &n);
    double *moved = malloc(sizeof *moved * n), nats, *parts_of[2];
    for (size_t i = 0; i < n; i++)
        moved[i] = (double)params[i] + (i == parameter ? by : 0.0);
    for (int part = 0; part < 2; part++)
        parts_of[part] = calloc((size_t)(B * layers * H), sizeof(double)); /* (B, layers, H) */
#define EACH_UNIT(body) \
    for (int part = 0; part < parts; part++) \
        for (int l = 0; l < layers; l++) \
            for (int b = 0; b < B; b++) \
                for (int j = 0; j < H; j++) { \
                    size_t offset = offset_of(p, l, part, b, j); \
                    double *value = &parts_of[part][(b * layers + l) * H + j]; \
                    body \
                }
    EACH_UNIT(*value = (double)p->state[offset] + (offset == unit ? state_by : 0.0);)
    nats = reference_loss(p->shape, moved, B, HALF, p->x, p->y, parts_of[0], parts_of[1]);
    if (with_toll)
        EACH_UNIT(nats += (double)p->toll[offset] * *value;)
#undef EACH_UNIT
    free(moved);
    free(parts_of[0]);
    free(parts_of[1]);
    return nats;
}

static void check_first_state(reference_shape s)
{
    problem p = new_problem(s);
    const double step = 1e-4;
    size_t floats;
    CHECK_CLOSE(rnn_trainer_slice(p.trainer, 0, p.x, p.y), loss_near(&p, 0, 0.0, 0, 0.0, 0), 1e-6);
    const float *edge = rnn_trainer_edge(p.trainer, 0, &floats);
    CHECK_EQUAL(floats, p.floats);
    for (size_t i = 0; i < floats; i++) {
        double expected = (loss_near(&p, 0, 0.0, i, step, 0) - loss_near(&p, 0, 0.0, i, -step, 0)) / (2.0 * step);
        CHECK_CLOSE(edge[i], expected, 1e-5 * fabs(expected) + 2e-7);
    }
    free_problem(&p);
}

static void check_last_state(reference_shape s)
{
    problem p = new_problem(s);
    const double step = 1e-4;
    size_t floats, n;
    CHECK_CLOSE(rnn_trainer_forward(p.trainer, 0, HALF, p.x, p.y), loss_near(&p, 0, 0.0, 0, 0.0, 0), 1e-6);
    memcpy(rnn_trainer_edge(p.trainer, 1, &floats), p.toll, sizeof(float) * p.floats);
    CHECK_EQUAL(rnn_trainer_back(p.trainer), 0);
    const float *grads = gradients_of(p.trainer, p.model, &n), *first = rnn_trainer_edge(p.trainer, 0, &floats);
    for (size_t i = 0; i < n; i += 3) {
        double expected = (loss_near(&p, i, step, 0, 0.0, 1) - loss_near(&p, i, -step, 0, 0.0, 1)) / (2.0 * step);
        CHECK_CLOSE(grads[i], expected, 1e-5 * fabs(expected) + 1e-6);
    }
    for (size_t i = 0; i < floats; i++) {
        double expected = (loss_near(&p, 0, 0.0, i, step, 1) - loss_near(&p, 0, 0.0, i, -step, 1)) / (2.0 * step);
        CHECK_CLOSE(first[i], expected, 1e-5 * fabs(expected) + 1e-6);
    }
    free_problem(&p);
}

static void the_gradient_of_the_first_state_is_a_central_difference(void) { each_network(4, check_first_state); }
static void what_comes_in_at_the_last_state_reaches_every_weight_and_the_first_state(void)
{
    each_network(4, check_last_state);
}

/* ---- use ---- */

static void back_without_forward_is_refused_and_changes_nothing(void)
{
    problem p = new_problem((reference_shape){RNN_CELL_GRU, 1, V, E, H, V, 0});
    size_t n;
    const float *grads = gradients_of(p.trainer, p.model, &n);
    CHECK_EQUAL(rnn_trainer_back(p.trainer), RNN_E_RANGE);
    for (size_t i = 0; i < n; i++)
        CHECK_EQUAL(grads[i], 0.0f);
    CHECK(isfinite(rnn_trainer_slice(p.trainer, 0, p.x, p.y)));
    CHECK_EQUAL(rnn_trainer_back(p.trainer), RNN_E_RANGE); /* the slice is back already */
    CHECK(isnan(rnn_trainer_forward(p.trainer, 1, HALF, p.x, p.y)));
    CHECK_EQUAL(rnn_error_code(), RNN_E_RANGE);
    CHECK_EQUAL(rnn_trainer_back(p.trainer), RNN_E_RANGE);
    free_problem(&p);
}

static void by_halves_each_slice_has_the_bits_of_the_whole_with_dropout_too(void)
{
    enum { SLICES = 3 };
    rnn_model *m = rnn_model_new(RNN_CELL_LSTM, 2, V, E, H, V, 1);
    rnn_trainer *one = rnn_trainer_new(m, B, T, SLICES, 0.3f, 0.2f, 9);
    rnn_trainer *two = rnn_trainer_new(m, B, T, SLICES, 0.3f, 0.2f, 9);
    int32_t x[PLACES], y[PLACES];
    size_t floats;
    random_ids(PLACES, RNN_NONE, V, 7, x);
    random_ids(PLACES, RNN_NONE, V, 8, y);
    for (int i = 0; i < SLICES; i++) {
        float nats = rnn_trainer_slice(one, i, x, y);
        CHECK_EQUAL(rnn_trainer_forward(two, i, T, x, y), nats);
        CHECK_EQUAL(rnn_trainer_back(two), 0);
        const float *part = rnn_trainer_part(one, i, &floats);
        CHECK_EQUAL(memcmp(part, rnn_trainer_part(two, i, &floats), sizeof(float) * floats), 0);
    }
    rnn_trainer_free(one);
    rnn_trainer_free(two);
    rnn_model_free(m);
}

int main(int argc, char **argv)
{
    static const test tests[] = {
        TEST(two_halves_that_hand_over_state_and_gradient_are_one_window),
        TEST(an_encoder_without_targets_learns_through_its_last_state),
        TEST(the_gradient_of_the_first_state_is_a_central_difference),
        TEST(what_comes_in_at_the_last_state_reaches_every_weight_and_the_first_state),
        TEST(back_without_forward_is_refused_and_changes_nothing),
        TEST(by_halves_each_slice_has_the_bits_of_the_whole_with_dropout_too)};
    return RUN(tests);
}
