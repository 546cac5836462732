/* SPDX-License-Identifier: MIT
 *
 * train_test.c - training as a whole: it learns, clips, drops, resumes; how a text becomes windows, and
 * how the learning rate runs. Gradients are in gradient_test.c.
 */
#include "check.h"
#include "files.h"
#include "gradients.h"
#include "rnn.h"
#include "safetensors.h"

enum { B = 4, T = 8, PLACES = B * T };

static const char phrase[] = "hello world, ";
enum { PHRASE = sizeof phrase - 1, TEXT = 20 * PHRASE };

static rnn_vocab *vocabulary(void) { return rnn_vocab_build(phrase, PHRASE, RNN_CHARACTERS, 0); }

static void repeat_phrase(const rnn_vocab *v, int32_t *tokens)
{
    for (int i = 0; i < TEXT; i++)
        rnn_encode(v, phrase + i % PHRASE, 1, &tokens[i], NULL, 1);
}

/* One update as a caller makes it; the loss before it. */
static float update(rnn_trainer *t, const int32_t *tokens, size_t n, int optimizer, float rate, float clip)
{
    int32_t x[PLACES], y[PLACES];
    if (rnn_window(tokens, n, B, T, 1, rnn_trainer_updates(t), x, y) == 1)
        rnn_trainer_reset(t);
    float nats = rnn_trainer_window(t, x, y);
    CHECK_EQUAL(rnn_trainer_update(t, optimizer, rate, clip), 0);
    return nats;
}

/* ---- learning ---- */

/* What the network writes after `prompt` at temperature 0. */
static void write_on(const rnn_model *m, const rnn_vocab *v, const char *prompt, int length, char *out)
{
    rnn_state *s = rnn_state_new(m, 1);
    float probs[32];
    int32_t id = 0;
    for (; *prompt; prompt++) {
        rnn_encode(v, prompt, 1, &id, NULL, 1);
        rnn_step(m, s, &id);
    }
    for (*out = 0; length > 0; length--) {
        rnn_probs(rnn_logits(s), rnn_outputs(m), 0.0f, 0, 1.0f, probs);
        id = rnn_pick(probs, rnn_outputs(m), 0.0f);
        strcat(out, rnn_token(v, id));
        rnn_step(m, s, &id);
    }
    rnn_state_free(s);
}

static void check_learning(int cell, int layers, int E, int optimizer, float rate)
{
    rnn_vocab *v = vocabulary();
    int V = rnn_vocab_size(v);
    rnn_model *m = rnn_model_new(cell, layers, V, E, 24, V, 1);
    rnn_trainer *t = rnn_trainer_new(m, B, T, 1, 0.0f, 0.0f, 1);
    int32_t tokens[TEXT];
    float first = 0.0f, last = 0.0f;
    char written[40];
    repeat_phrase(v, tokens);
    for (int u = 0; u < 400; u++) {
        last = update(t, tokens, TEXT, optimizer, rate, 1.0f);
        first = u ? first : last;
    }
    CHECK_CLOSE(first, log(V), 0.5);
    CHECK_CLOSE(last, 0.0, 0.05);
    write_on(m, v, "hel", 22, written);
    CHECK(strcmp(written, "lo world, hello world,") == 0);
    rnn_trainer_free(t);
    rnn_model_free(m);
    rnn_vocab_free(v);
}

static void every_cell_learns_a_phrase_by_heart(void)
{
    check_learning(RNN_CELL_TANH, 1, 0, RNN_ADAM, 0.01f);
    check_learning(RNN_CELL_GRU, 1, 6, RNN_ADAM, 0.01f);
    check_learning(RNN_CELL_LSTM, 1, 0, RNN_ADAM, 0.02f);
    check_learning(RNN_CELL_LSTM, 2, 6, RNN_RMSPROP, 0.01f);
}

/* ---- window ---- */

typedef struct {
    rnn_model *model;
    rnn_trainer *trainer;
    int32_t x[PLACES], y[PLACES];
} fixture;

enum { V = 6, H = 10 };

static fixture new_fixture(float dropout, uint32_t seed)
{
    fixture f;
    f.model = rnn_model_new(RNN_CELL_LSTM, 2, V, 3, H, V, 1);
    f.trainer = rnn_trainer_new(f.model, B, T, 1, dropout, 0.0f, seed);
    for (uint32_t i = 0; i < PLACES; i++) {
        f.x[i] = (int32_t)(rnn_dice(1, i) * (float)V);
        f.y[i] = (int32_t)(rnn_dice(2, i) * (float)V);
    }
    return f;
}

static void free_fixture(fixture *f)
{
    rnn_trainer_free(f->trainer);
    rnn_model_free(f->model);
}

static float window(fixture *f) { return rnn_trainer_window(f->trainer, f->x, f->y); }

static double norm(const float *x, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += (double)x[i] * (double)x[i];
    return sqrt(sum);
}

static void the_state_is_carried_from_window_to_window(void)
{
    rnn_model *m = rnn_model_new(RNN_CELL_GRU, 2, V, 0, H, V, 1);
    rnn_trainer *whole = rnn_trainer_new(m, B, T, 1, 0.0f, 0.0f, 1);
    rnn_trainer *half = rnn_trainer_new(m, B, T / 2, 1, 0.0f, 0.0f, 1);
    fixture f = new_fixture(0.0f, 1);
    float first = rnn_trainer_window(half, f.x, f.y);
    float second = rnn_trainer_window(half, f.x + PLACES / 2, f.y + PLACES / 2);
    CHECK_CLOSE(rnn_trainer_window(whole, f.x, f.y), 0.5 * ((double)first + (double)second), 1e-6);
    CHECK(rnn_trainer_window(half, f.x, f.y) != first);
    rnn_trainer_reset(half);
    CHECK_EQUAL(rnn_trainer_window(half, f.x, f.y), first);
    free_fixture(&f);
    rnn_trainer_free(whole);
    rnn_trainer_free(half);
    rnn_model_free(m);
}

static void gradients_of_windows_add_up(void)
{
    fixture f = new_fixture(0.0f, 1);
    size_t n;
    window(&f);
    const float *grads = gradients_of(f.trainer, f.model, &n);
    float *once = malloc(sizeof(float) * n);
    memcpy(once, grads, sizeof(float) * n);
    rnn_trainer_reset(f.trainer);
    window(&f);
    CHECK(norm(once, n) > 0.01);
    for (size_t i = 0; i < n; i++)
        CHECK_CLOSE(grads[i], 2.0 * (double)once[i], 1e-6);
    free(once);
    free_fixture(&f);
}

static void a_window_without_targets_costs_nothing(void)
{
    fixture f = new_fixture(0.0f, 1);
    size_t n;
    for (int i = 0; i < PLACES; i++)
        f.y[i] = RNN_NONE;
    CHECK_EQUAL(window(&f), 0.0f);
    const float *grads = gradients_of(f.trainer, f.model, &n);
    CHECK_EQUAL(norm(grads, n), 0.0);
    free_fixture(&f);
}

static void ids_out_of_range_are_refused_and_change_nothing(void)
{
    static const int32_t bad[] = {V, -3, 2147483647};
    fixture f = new_fixture(0.0f, 1);
    size_t n;
    for (int side = 0; side < 2; side++)
        for (int i = 0; i < 3; i++) {
            int32_t *ids = side ? f.y : f.x, kept = ids[PLACES - 1];
            ids[PLACES - 1] = bad[i];
            CHECK(isnan(window(&f)));
            CHECK_EQUAL(rnn_error_code(), RNN_E_RANGE);
            CHECK(strstr(rnn_error(), side ? "target" : "input"));
            ids[PLACES - 1] = kept;
        }
    const float *grads = gradients_of(f.trainer, f.model, &n);
    CHECK_EQUAL(norm(grads, n), 0.0);
    free_fixture(&f);
}

static void dropout_follows_the_seed_and_the_count_of_updates(void)
{
    fixture a = new_fixture(0.5f, 1), b = new_fixture(0.5f, 1), c = new_fixture(0.5f, 2), none = new_fixture(0.0f, 1);
    float of_a = window(&a);
    CHECK_EQUAL(window(&b), of_a);
    CHECK(window(&c) != of_a);
    CHECK(window(&none) != of_a);
    rnn_trainer_reset(a.trainer);
    CHECK_EQUAL(window(&a), of_a);
    CHECK_EQUAL(rnn_trainer_update(a.trainer, RNN_ADAM, 0.0f, 0.0f), 0); /* nothing learnt, but other dice */
    rnn_trainer_reset(a.trainer);
    CHECK(window(&a) != of_a);
    free_fixture(&a);
    free_fixture(&b);
    free_fixture(&c);
    free_fixture(&none);
}

/* Where weight_hh of the one layer begins, and how many weights it has. */
static size_t recurrent_weights(const rnn_model *m, size_t *n)
{
    size_t E = (size_t)rnn_embedding(m), units = (size_t)rnn_hidden(m), gates = (size_t)rnn_cell(m) * units;
    *n = gates * units;
    return E ? (size_t)rnn_inputs(m) * E + gates * E : gates * (size_t)rnn_inputs(m);
}

/* A weight without a gradient was dropped. The loss is that of a network whose weights are 0 there. */
static void an_update_drops_its_share_of_the_recurrent_weights(void)
{
    enum { UNITS = 24 };
    const float share = 0.25f;
    rnn_model *m = rnn_model_new(RNN_CELL_GRU, 1, V, 3, UNITS, V, 1);
    rnn_model *thin = rnn_model_new(RNN_CELL_GRU, 1, V, 3, UNITS, V, 1);
    rnn_trainer *t = rnn_trainer_new(m, B, T, 2, 0.0f, share, 1);
    rnn_trainer *plain = rnn_trainer_new(thin, B, T, 2, 0.0f, 0.0f, 1);
    int32_t x[PLACES], y[PLACES];
    size_t floats, n, from = recurrent_weights(m, &n), dropped = 0, others = 0;
    random_ids(PLACES, 0, V, 7, x);
    random_ids(PLACES, 0, V, 8, y);
    float loss = rnn_trainer_window(t, x, y), *weights = rnn_params(thin, &floats) + from;
    const float *of_slices[] = {rnn_trainer_part(t, 0, &floats) + from, rnn_trainer_part(t, 1, &floats) + from};
    for (size_t i = 0; i < n; i++) {
        int is_dropped = of_slices[0][i] == 0.0f;
        CHECK_EQUAL(of_slices[1][i] == 0.0f, is_dropped);
        weights[i] = is_dropped ? 0.0f : weights[i] * (1.0f / (1.0f - share));
        dropped += (size_t)is_dropped;
    }
    rnn_pack(thin);
    CHECK_EQUAL(rnn_trainer_window(plain, x, y), loss);
    CHECK_CLOSE((double)dropped / (double)n, share, 4.0 * sqrt(0.25 * 0.75 / (double)n));
    float *kept = malloc(sizeof *kept * n);
    memcpy(kept, of_slices[0], sizeof *kept * n);
    rnn_trainer_update(t, RNN_ADAM, 0.0f, 0.0f);
    rnn_trainer_window(t, x, y);
    for (size_t i = 0; i < n; i++)
        others += (kept[i] == 0.0f) != (of_slices[0][i] == 0.0f);
    CHECK_CLOSE((double)others / (double)n, 2.0 * 0.25 * 0.75, 0.06);
    free(kept);
    rnn_trainer_free(t);
    rnn_trainer_free(plain);
    rnn_model_free(m);
    rnn_model_free(thin);
}

/* ---- update ---- */

static void an_update_at_rate_0_changes_no_weight_and_clears_the_gradients(void)
{
    for (int optimizer = RNN_ADAM; optimizer <= RNN_RMSPROP; optimizer++) {
        fixture f = new_fixture(0.0f, 1);
        uint32_t before = rnn_fingerprint(f.model);
        size_t n;
        window(&f);
        CHECK_EQUAL(rnn_trainer_update(f.trainer, optimizer, 0.0f, 1.0f), 0);
        const float *grads = gradients_of(f.trainer, f.model, &n);
        CHECK_EQUAL(norm(grads, n), 0.0);
        CHECK_EQUAL(rnn_fingerprint(f.model), before);
        CHECK_EQUAL(rnn_trainer_updates(f.trainer), 1);
        free_fixture(&f);
    }
}

/* Adam's first moment after one update is a tenth of the gradient that it was given. */
static double norm_given(float clip)
{
    fixture f = new_fixture(0.0f, 1);
    window(&f);
    CHECK_EQUAL(rnn_trainer_update(f.trainer, RNN_ADAM, 0.01f, clip), 0);
    memory_file saved = saved_trainer(f.trainer, NULL, NULL);
    st_file *file = st_read(saved.bytes, saved.size);
    const st_tensor *m = st_find(file, "trainer.m");
    float *moments = malloc((size_t)(m->end - m->begin));
    memcpy(moments, m->data, (size_t)(m->end - m->begin));
    double given = 10.0 * norm(moments, m->shape[0]);
    free(moments);
    free(file);
    free(saved.bytes);
    free_fixture(&f);
    return given;
}

static void gradients_are_clipped_to_the_global_norm(void)
{
    double unclipped = norm_given(0.0f);
    CHECK(unclipped > 0.02);
    CHECK_EQUAL(norm_given(1e6f), unclipped);
    CHECK_EQUAL(norm_given(INFINITY), unclipped);
    CHECK_CLOSE(norm_given((float)unclipped * 0.5f), unclipped * 0.5, 1e-6);
    CHECK_CLOSE(norm_given(0.01f), 0.01, 1e-7);
}

static void settings_out_of_range_are_refused(void)
{
    static const float bad_rates[] = {-0.1f, NAN, INFINITY, 2e6f}, bad_clips[] = {-1.0f, NAN};
    static const float bad_dropouts[] = {-0.1f, 1.0f, NAN};
    static const int bad_sizes[][2] = {{0, 1}, {1, 0}, {-1, 5}, {65537, 1}, {1, 65537}, {2048, 1024}};
    fixture f = new_fixture(0.0f, 1);
    uint32_t before = rnn_fingerprint(f.model);
    window(&f);
    for (int i = 0; i < 4; i++)
        CHECK_EQUAL(rnn_trainer_update(f.trainer, RNN_ADAM, bad_rates[i], 1.0f), RNN_E_RANGE);
    for (int i = 0; i < 2; i++)
        CHECK_EQUAL(rnn_trainer_update(f.trainer, RNN_ADAM, 0.1f, bad_clips[i]), RNN_E_RANGE);
    CHECK_EQUAL(rnn_trainer_update(f.trainer, 2, 0.1f, 1.0f), RNN_E_RANGE);
    CHECK_EQUAL(rnn_trainer_updates(f.trainer), 0);
    CHECK_EQUAL(rnn_fingerprint(f.model), before);
    for (int i = 0; i < 3; i++)
        for (int which = 0; which < 2; which++) {
            float dropout = which ? 0.0f : bad_dropouts[i], recurrent = which ? bad_dropouts[i] : 0.0f;
            CHECK(rnn_trainer_new(f.model, 2, 2, 1, dropout, recurrent, 1) == NULL);
            CHECK_EQUAL(rnn_error_code(), RNN_E_RANGE);
        }
    for (int i = 0; i < 6; i++)
        CHECK(rnn_trainer_new(f.model, bad_sizes[i][0], bad_sizes[i][1], 1, 0.0f, 0.0f, 1) == NULL &&
              rnn_error_code() == RNN_E_RANGE);
    rnn_model *q = rnn_model_quantize(f.model);
    CHECK(rnn_trainer_new(q, 2, 2, 1, 0.0f, 0.0f, 1) == NULL);
    CHECK(strstr(rnn_error(), "int8"));
    rnn_model_free(q);
    free_fixture(&f);
}

static void a_loss_that_is_no_number_is_told_and_updates_nothing(void)
{
    fixture f = new_fixture(0.0f, 1);
    size_t n;
    float *params = rnn_params(f.model, &n);
    params[n - 1] = NAN;
    rnn_pack(f.model);
    uint32_t before = rnn_fingerprint(f.model);
    CHECK(isnan(window(&f)));
    CHECK_EQUAL(rnn_error_code(), RNN_E_NONFINITE);
    CHECK_EQUAL(rnn_trainer_update(f.trainer, RNN_ADAM, 0.1f, 1.0f), RNN_E_NONFINITE);
    CHECK_EQUAL(rnn_fingerprint(f.model), before);
    params[n - 1] = 0.0f; /* mended, it goes on, the streams too */
    rnn_pack(f.model);
    CHECK(isfinite(window(&f)));
    CHECK_EQUAL(rnn_trainer_update(f.trainer, RNN_ADAM, 0.1f, 1.0f), 0);
    free_fixture(&f);
}

/* By the head's biases, whose difference is infinite. */
static void make_all_but_token_0_impossible(rnn_model *m)
{
    size_t n;
    float *params = rnn_params(m, &n);
    for (int v = 0; v < V; v++)
        params[n - V + (size_t)v] = v ? -3e38f : 3e38f;
    rnn_pack(m);
}

static void an_infinite_loss_is_no_number_either(void)
{
    fixture f = new_fixture(0.0f, 1);
    make_all_but_token_0_impossible(f.model);
    for (int i = 0; i < PLACES; i++)
        f.y[i] = 1;
    CHECK(isnan(window(&f)));
    CHECK_EQUAL(rnn_error_code(), RNN_E_NONFINITE);
    free_fixture(&f);
}

/* ---- slices ---- */

static rnn_model *slices_model(void) { return rnn_model_new(RNN_CELL_LSTM, 2, V, 3, H, V, 1); }

/* The gradients of two slices against those of two trainers on half of the streams each. */
static void slices_have_the_gradients_of_their_streams_alone(void)
{
    fixture f = new_fixture(0.0f, 1);
    size_t n, floats;
    rnn_trainer *both = rnn_trainer_new(f.model, B, T, 2, 0.0f, 0.0f, 1);
    float nats = rnn_trainer_window(both, f.x, f.y), sum = 0.0f;
    for (int slice = 0; slice < 2; slice++) {
        int32_t x[PLACES / 2], y[PLACES / 2];
        rnn_trainer *alone = rnn_trainer_new(f.model, B / 2, T, 1, 0.0f, 0.0f, 1);
        for (int i = 0; i < PLACES / 2; i++) {
            x[i] = f.x[i / (B / 2) * B + slice * (B / 2) + i % (B / 2)];
            y[i] = f.y[i / (B / 2) * B + slice * (B / 2) + i % (B / 2)];
        }
        sum += rnn_trainer_window(alone, x, y);
        const float *part = rnn_trainer_part(both, slice, &floats), *expected = rnn_trainer_part(alone, 0, &n);
        CHECK_EQUAL(floats, n);
        CHECK(norm(part, n) > 0.01);
        CHECK(memcmp(part, expected, sizeof(float) * n) == 0);
        rnn_trainer_free(alone);
    }
    CHECK_EQUAL(nats, sum / 2.0f);
    rnn_trainer_update(both, RNN_ADAM, 0.0f, 0.0f);
    const float *grads = gradients_of(both, f.model, &n);
    CHECK_EQUAL(norm(grads, n), 0.0);
    rnn_trainer_free(both);
    free_fixture(&f);
}

static void a_slice_without_a_loss_leaves_the_streams_of_all_where_they_were(void)
{
    enum { CARRIED = 4 * (B / 2) * H }; /* h and c of two layers */
    fixture f = new_fixture(0.0f, 1);
    rnn_trainer *t = rnn_trainer_new(f.model, B, T, 2, 0.0f, 0.0f, 1);
    size_t n, floats;
    float before[2][CARRIED];
    rnn_params(f.model, &n);
    CHECK(isfinite(rnn_trainer_window(t, f.x, f.y)));
    for (int slice = 0; slice < 2; slice++)
        memcpy(before[slice], rnn_trainer_part(t, slice, &floats) + n, sizeof before[slice]);
    CHECK_EQUAL(floats, n + CARRIED);
    make_all_but_token_0_impossible(f.model);
    for (int i = 0; i < PLACES; i++)
        f.y[i] = i % B >= B / 2; /* the first slice's loss is 0, the second one's infinite */
    CHECK(isnan(rnn_trainer_window(t, f.x, f.y)));
    CHECK_EQUAL(rnn_error_code(), RNN_E_NONFINITE);
    for (int slice = 0; slice < 2; slice++)
        CHECK(memcmp(before[slice], rnn_trainer_part(t, slice, &floats) + n, sizeof before[slice]) == 0);
    rnn_trainer_free(t);
    free_fixture(&f);
}

static void two_trainers_that_exchange_their_parts_are_one(void)
{
    enum { UPDATES = 20 };
    rnn_vocab *v = vocabulary();
    int32_t tokens[TEXT], x[PLACES], y[PLACES];
    rnn_model *m[3];
    rnn_trainer *t[3]; /* the last one runs both slices, the others one each */
    size_t floats;
    repeat_phrase(v, tokens);
    for (int i = 0; i < 3; i++) {
        m[i] = rnn_model_new(RNN_CELL_GRU, 2, rnn_vocab_size(v), 4, H, rnn_vocab_size(v), 1);
        t[i] = rnn_trainer_new(m[i], B, T, 2, 0.3f, 0.2f, 9);
    }
    for (uint32_t u = 0; u < UPDATES; u++) {
        if (rnn_window(tokens, TEXT, B, T, 1, u, x, y))
            for (int i = 0; i < 3; i++)
                rnn_trainer_reset(t[i]);
        float nats = rnn_trainer_window(t[2], x, y), sum = 0.0f;
        for (int i = 0; i < 2; i++)
            sum += rnn_trainer_slice(t[i], i, x, y);
        for (int i = 0; i < 2; i++) {
            const float *from = rnn_trainer_part(t[i], i, &floats);
            memcpy(rnn_trainer_part(t[1 - i], i, &floats), from, sizeof(float) * floats);
        }
        CHECK_EQUAL(nats, sum / 2.0f);
        for (int i = 0; i < 3; i++)
            CHECK_EQUAL(rnn_trainer_update(t[i], RNN_ADAM, 0.02f, 0.5f), 0);
    }
    memory_file one = saved_trainer(t[2], v, NULL);
    for (int i = 0; i < 2; i++) {
        memory_file other = saved_trainer(t[i], v, NULL);
        CHECK(one.size == other.size && memcmp(one.bytes, other.bytes, one.size) == 0);
        free(other.bytes);
    }
    free(one.bytes);
    for (int i = 0; i < 3; i++) {
        rnn_trainer_free(t[i]);
        rnn_model_free(m[i]);
    }
    rnn_vocab_free(v);
}

static void slices_drop_out_different_units(void)
{
    rnn_model *m = slices_model();
    rnn_trainer *t = rnn_trainer_new(m, B, T, 2, 0.5f, 0.0f, 1);
    int32_t x[PLACES], y[PLACES];
    size_t n;
    for (int i = 0; i < PLACES; i++)
        x[i] = y[i] = i / B % V; /* every stream reads the same */
    rnn_trainer_window(t, x, y);
    const float *one = rnn_trainer_part(t, 0, &n), *other = rnn_trainer_part(t, 1, &n);
    CHECK(memcmp(one, other, sizeof(float) * n) != 0);
    rnn_trainer_free(t);
    rnn_model_free(m);
}

static void slices_that_do_not_fit_are_refused(void)
{
    rnn_model *m = slices_model();
    size_t n;
    int32_t ids[PLACES] = {0};
    CHECK(rnn_trainer_new(m, 4, 2, 3, 0.0f, 0.0f, 1) == NULL && rnn_error_code() == RNN_E_RANGE);
    CHECK(rnn_trainer_new(m, 4, 2, 0, 0.0f, 0.0f, 1) == NULL && rnn_error_code() == RNN_E_RANGE);
    rnn_trainer *t = rnn_trainer_new(m, B, T, 2, 0.0f, 0.0f, 1);
    CHECK(rnn_trainer_part(t, 2, &n) == NULL && rnn_error_code() == RNN_E_RANGE);
    CHECK(rnn_trainer_part(t, -1, &n) == NULL);
    CHECK(isnan(rnn_trainer_slice(t, 2, ids, ids)) && rnn_error_code() == RNN_E_RANGE);
    rnn_trainer_free(t);
    rnn_model_free(m);
}

/* ---- what is never drawn ---- */

static void pad_and_unknown_are_no_targets(void)
{
    fixture f = new_fixture(0.0f, 1), none = new_fixture(0.0f, 1);
    size_t n;
    CHECK_EQUAL(rnn_set_special(f.model, "unknown", 2), 0);
    CHECK_EQUAL(rnn_set_special(f.model, "pad", 4), 0);
    CHECK_EQUAL(rnn_special(f.model, "unknown"), 2);
    CHECK_EQUAL(rnn_set_special(f.model, "unknown", V), RNN_E_RANGE);
    CHECK_EQUAL(rnn_set_special(f.model, "other", 1), RNN_E_RANGE);
    for (int i = 0; i < PLACES; i++)
        if (f.y[i] == 2 || f.y[i] == 4)
            none.y[i] = RNN_NONE;
    CHECK(memcmp(f.y, none.y, sizeof f.y) != 0);
    CHECK_EQUAL(window(&f), window(&none));
    const float *grads = gradients_of(f.trainer, f.model, &n);
    CHECK(memcmp(grads, gradients_of(none.trainer, none.model, &n), sizeof(float) * n) == 0);
    free_fixture(&f);
    free_fixture(&none);
}

/* ---- checkpoint ---- */

static void check_resume(int cell, int layers, int E, int slices, int optimizer)
{
    enum { UPDATES = 23, STOP = 11 };
    rnn_vocab *v = vocabulary();
    int vocabulary_size = rnn_vocab_size(v);
    rnn_model *m = rnn_model_new(cell, layers, vocabulary_size, E, H, vocabulary_size, 1);
    rnn_trainer *t = rnn_trainer_new(m, B, T, slices, 0.3f, 0.0f, 9);
    int32_t tokens[TEXT];
    memory_file saved = {0};
    float last = 0.0f, last_resumed = 1.0f;
    repeat_phrase(v, tokens);
    for (int u = 0; u < UPDATES; u++) {
        if (u == STOP)
            saved = saved_trainer(t, v, "train.seed\0" "9\0");
        last = update(t, tokens, TEXT, optimizer, 0.01f, 0.5f);
    }
    rnn_model *again = rnn_model_load(saved.bytes, saved.size, NULL);
    rnn_trainer *resumed = rnn_trainer_new(again, B, T, slices, 0.3f, 0.0f, 9);
    CHECK_EQUAL(rnn_trainer_load(resumed, saved.bytes, saved.size, NULL), 0);
    CHECK_EQUAL(rnn_trainer_updates(resumed), STOP);
    CHECK(strcmp(rnn_meta(again), "train.seed") == 0);
    while (rnn_trainer_updates(resumed) < UPDATES)
        last_resumed = update(resumed, tokens, TEXT, optimizer, 0.01f, 0.5f);
    /* Weights, moments, state, count. */
    memory_file one = saved_trainer(t, v, NULL), other = saved_trainer(resumed, v, NULL);
    CHECK_EQUAL(last, last_resumed);
    CHECK_EQUAL(rnn_fingerprint(m), rnn_fingerprint(again));
    CHECK(one.size == other.size && memcmp(one.bytes, other.bytes, one.size) == 0);
    free(saved.bytes);
    free(one.bytes);
    free(other.bytes);
    rnn_trainer_free(t);
    rnn_trainer_free(resumed);
    rnn_model_free(m);
    rnn_model_free(again);
    rnn_vocab_free(v);
}

static void a_resumed_training_has_the_bits_of_an_uninterrupted_one(void)
{
    check_resume(RNN_CELL_TANH, 3, 0, 1, RNN_ADAM);
    check_resume(RNN_CELL_GRU, 1, 5, 2, RNN_RMSPROP);
    check_resume(RNN_CELL_LSTM, 2, 5, B, RNN_ADAM);
}

/* Loads a checkpoint that must be refused, and sees that the trainer stays as it was. */
static void check_refused(rnn_trainer *t, memory_file f, int code)
{
    memory_file before = saved_trainer(t, NULL, NULL);
    CHECK_EQUAL(rnn_trainer_load(t, f.bytes, f.size, NULL), code);
    CHECK(rnn_error()[0]);
    memory_file after = saved_trainer(t, NULL, NULL);
    CHECK(memcmp(before.bytes, after.bytes, before.size) == 0);
    free(before.bytes);
    free(after.bytes);
    free(f.bytes);
}

static void a_checkpoint_that_does_not_fit_is_refused_and_changes_nothing(void)
{
    fixture f = new_fixture(0.0f, 1);
    window(&f);
    rnn_trainer_update(f.trainer, RNN_ADAM, 0.01f, 1.0f);
    memory_file whole = saved_trainer(f.trainer, NULL, NULL);
    rnn_trainer *wider = rnn_trainer_new(f.model, B + 1, T, 1, 0.0f, 0.0f, 1);
    rnn_trainer *longer = rnn_trainer_new(f.model, B, 2 * T, 1, 0.0f, 0.0f, 1);
    rnn_model *deep = rnn_model_new(RNN_CELL_LSTM, 3, V, 3, H, V, 1);
    rnn_trainer *deeper = rnn_trainer_new(deep, B, T, 1, 0.0f, 0.0f, 1);
    check_refused(wider, copy_of(whole.bytes, whole.size), RNN_E_SHAPE);
    check_refused(deeper, copy_of(whole.bytes, whole.size), RNN_E_SHAPE);
    check_refused(f.trainer, saved_model(f.model, NULL, NULL), RNN_E_SHAPE);
    check_refused(f.trainer, copy_of(whole.bytes, whole.size / 2), RNN_E_TRUNCATED);
    check_refused(f.trainer, copy_of(whole.bytes, 7), RNN_E_TRUNCATED);
    CHECK_EQUAL(rnn_trainer_load(longer, whole.bytes, whole.size, NULL), 0); /* the window's length is no part of it */
    free(whole.bytes);
    rnn_trainer_free(wider);
    rnn_trainer_free(longer);
    rnn_trainer_free(deeper);
    rnn_model_free(deep);
    free_fixture(&f);
}

/* The checkpoint with one tensor as the caller says. Of all others the data is the trainer's own. */
static memory_file with_other_tensor(memory_file whole, st_tensor other)
{
    st_file *file = st_read(whole.bytes, whole.size);
    *(st_tensor *)(uintptr_t)st_find(file, other.name) = other;
    memory_file f = {NULL, st_write(file->tensors, file->count, NULL, NULL, 0)};
    f.bytes = malloc(f.size);
    CHECK_EQUAL(st_write(file->tensors, file->count, NULL, f.bytes, f.size), f.size);
    free(file);
    return f;
}

static void a_tensor_of_another_type_rank_or_shape_is_refused(void)
{
    static const unsigned char data[4 * B * (H + 1)];
    fixture f = new_fixture(0.0f, 1);
    memory_file whole = saved_trainer(f.trainer, NULL, NULL);
    const st_tensor others[] = {{"trainer.h_l0", ST_F16, 2, {B, H}, 0, 0, data},
                                {"trainer.h_l0", ST_F32, 1, {B}, 0, 0, data},
                                {"trainer.h_l0", ST_F32, 3, {B, H, 1}, 0, 0, data},
                                {"trainer.h_l0", ST_F32, 2, {B - 1, H}, 0, 0, data},
                                {"trainer.h_l0", ST_F32, 2, {B, H + 1}, 0, 0, data},
                                {"trainer.updates", ST_U8, 1, {8}, 0, 0, data}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        check_refused(f.trainer, with_other_tensor(whole, others[i]), RNN_E_SHAPE);
        CHECK(strstr(rnn_error(), others[i].name));
    }
    memory_file same = with_other_tensor(whole, (st_tensor){"trainer.h_l0", ST_F32, 2, {B, H}, 0, 0, data});
    CHECK_EQUAL(rnn_trainer_load(f.trainer, same.bytes, same.size, NULL), 0);
    free(same.bytes);
    free(whole.bytes);
    free_fixture(&f);
}

/* Another number at a place of a tensor. */
static void put_number(memory_file f, const char *name, size_t place, float number)
{
    st_file *file = st_read(f.bytes, f.size);
    memcpy(f.bytes + (st_find(file, name)->data - f.bytes) + sizeof number * place, &number, sizeof number);
    free(file);
}

static void a_checkpoint_with_a_number_that_cannot_be_is_refused_and_changes_nothing(void)
{
    static const char *const names[] = {"trainer.m", "trainer.v", "trainer.h_l1", "trainer.c_l0"};
    static const float bad[] = {NAN, INFINITY};
    fixture f = new_fixture(0.0f, 1);
    window(&f);
    rnn_trainer_update(f.trainer, RNN_ADAM, 0.01f, 1.0f);
    for (int i = 0; i < 9; i++) {
        memory_file damaged = unsealed(saved_trainer(f.trainer, NULL, NULL));
        put_number(damaged, i < 8 ? names[i / 2] : "trainer.v", 2, i < 8 ? bad[i % 2] : -1e-45f);
        check_refused(f.trainer, damaged, RNN_E_VALUE);
        CHECK(strstr(rnn_error(), i < 8 ? names[i / 2] : "trainer.v"));
    }
    memory_file whole = unsealed(saved_trainer(f.trainer, NULL, NULL));
    put_number(whole, "trainer.m", 2, -1.0f); /* others than the second moments may be negative, and 0 has a sign */
    put_number(whole, "trainer.v", 2, -0.0f);
    CHECK_EQUAL(rnn_trainer_load(f.trainer, whole.bytes, whole.size, NULL), 0);
    free(whole.bytes);
    free_fixture(&f);
}

/* The streams of all slices stand in it together, so that it opens with any number of slices. */
static void a_checkpoint_has_as_many_streams_as_the_batch_whatever_its_slices(void)
{
    enum { BATCH = 6, STEPS = 2, UNITS = 3 };
    static const int slices[] = {1, 2, 3, 6};
    rnn_model *m = rnn_model_new(RNN_CELL_LSTM, 1, 4, 0, UNITS, 4, 1);
    int32_t x[BATCH * STEPS], y[BATCH * STEPS];
    for (int i = 0; i < BATCH * STEPS; i++) {
        x[i] = i % 4;
        y[i] = (i + i / 5) % 4;
    }
    memory_file first = {0};
    for (int i = 0; i < 4; i++) {
        rnn_trainer *t = rnn_trainer_new(m, BATCH, STEPS, slices[i], 0.0f, 0.0f, 1);
        CHECK(isfinite(rnn_trainer_window(t, x, y)));
        memory_file f = saved_trainer(t, NULL, NULL);
        st_file *file = st_read(f.bytes, f.size);
        const st_tensor *h = st_find(file, "trainer.h_l0"), *c = st_find(file, "trainer.c_l0");
        CHECK(h && h->shape[0] == BATCH && h->shape[1] == UNITS);
        CHECK(c && c->shape[0] == BATCH && c->shape[1] == UNITS);
        free(file);
        if (i == 0)
            first = f;
        else {
            CHECK(f.size == first.size && memcmp(f.bytes, first.bytes, f.size) == 0);
            rnn_trainer_reset(t);
            CHECK_EQUAL(rnn_trainer_load(t, first.bytes, first.size, NULL), 0);
            memory_file again = saved_trainer(t, NULL, NULL);
            CHECK(memcmp(again.bytes, first.bytes, first.size) == 0);
            free(again.bytes);
            free(f.bytes);
        }
        rnn_trainer_free(t);
    }
    free(first.bytes);
    rnn_model_free(m);
}

static void a_checkpoint_with_a_negative_count_is_refused(void)
{
    static const unsigned char minus_one[4] = {0xFF, 0xFF, 0xFF, 0xFF};
    fixture f = new_fixture(0.0f, 1);
    memory_file damaged = unsealed(saved_trainer(f.trainer, NULL, NULL));
    st_file *file = st_read(damaged.bytes, damaged.size);
    memcpy(damaged.bytes + (st_find(file, "trainer.updates")->data - damaged.bytes), minus_one, 4);
    free(file);
    check_refused(f.trainer, damaged, RNN_E_VALUE);
    CHECK(strstr(rnn_error(), "trainer.updates is -1"));
    free_fixture(&f);
}

static void gradients_do_not_outlive_a_checkpoint(void)
{
    fixture f = new_fixture(0.0f, 1);
    size_t n, floats;
    memory_file saved = saved_trainer(f.trainer, NULL, NULL);
    window(&f);
    rnn_params(f.model, &n);
    CHECK(norm(rnn_trainer_part(f.trainer, 0, &floats), n) > 0.0);
    CHECK_EQUAL(rnn_trainer_load(f.trainer, saved.bytes, saved.size, NULL), 0);
    CHECK_EQUAL(norm(rnn_trainer_part(f.trainer, 0, &floats), n), 0.0);
    free(saved.bytes);
    free_fixture(&f);
}

/* ---- how a text becomes windows ---- */

/* A text whose tokens are their own places; `seen` counts how often a pass shows each. */
static void check_pass(size_t n, int streams, int steps, uint32_t pass, const int32_t *text)
{
    int windows = rnn_windows(n, streams, steps), places = streams * steps, shown = 0;
    int *seen = calloc(n, sizeof *seen);
    int32_t *x = malloc(sizeof *x * (size_t)places), *y = malloc(sizeof *y * (size_t)places), first = 0;
    for (int w = 0; w < windows; w++) {
        CHECK_EQUAL(rnn_window(text, n, streams, steps, 3, pass * (uint32_t)windows + (uint32_t)w, x, y), w == 0);
        first = w ? first : x[0];
        for (int i = 0; i < places; i++) {
            int t = i / streams, b = i % streams;
            CHECK_EQUAL(y[i], x[i] + 1);
            /* In order, and the streams evenly spaced. */
            CHECK_EQUAL(x[i], first + w * steps + t + b * (int)((n - 1) / (size_t)streams));
            CHECK(x[i] >= 0 && (size_t)y[i] < n);
            shown += seen[x[i]]++ == 0;
        }
    }
    CHECK(first >= 0 && first < steps);
    CHECK_EQUAL(shown, windows * places);
    free(seen);
    free(x);
    free(y);
}

static void a_pass_shows_each_token_at_most_once_with_the_next_as_target(void)
{
    static const struct {
        size_t n;
        int streams, steps;
    } cases[] = {{1000, 4, 16}, {1000, 7, 13}, {100, 1, 99}, {33, 2, 16}, {257, 16, 8}, {2, 1, 1}, {500, 3, 83}};
    int32_t text[1000];
    for (int32_t i = 0; i < 1000; i++)
        text[i] = i;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        CHECK(rnn_windows(cases[k].n, cases[k].streams, cases[k].steps) > 0);
        for (uint32_t pass = 0; pass < 20; pass++)
            check_pass(cases[k].n, cases[k].streams, cases[k].steps, pass, text);
    }
}

static void passes_begin_at_different_offsets_and_all_but_a_windows_length_is_shown(void)
{
    enum { N = 300, STREAMS = 2, STEPS = 16 };
    int32_t text[N], x[STREAMS * STEPS], y[STREAMS * STEPS];
    int offsets[STEPS] = {0}, different = 0, windows = rnn_windows(N, STREAMS, STEPS);
    for (int32_t i = 0; i < N; i++)
        text[i] = i;
    for (uint32_t pass = 0; pass < 200; pass++) {
        CHECK_EQUAL(rnn_window(text, N, STREAMS, STEPS, 1, pass * (uint32_t)windows, x, y), 1);
        different += offsets[x[0]]++ == 0;
    }
    CHECK_EQUAL(different, STEPS);
    CHECK((windows + 2) * STEPS > (N - 1) / STREAMS);
}

static void a_text_too_short_has_no_windows(void)
{
    int32_t text[20] = {0}, x[8], y[8];
    CHECK_EQUAL(rnn_windows(0, 1, 1), 0);
    CHECK_EQUAL(rnn_windows(1, 1, 1), 0);
    CHECK_EQUAL(rnn_windows(8, 2, 4), 0);
    CHECK_EQUAL(rnn_windows(9, 2, 4), 1);
    CHECK_EQUAL(rnn_windows(100, 0, 4), 0);
    CHECK_EQUAL(rnn_windows(100, 4, 0), 0);
    CHECK_EQUAL(rnn_windows(100, -1, 4), 0);
    CHECK_EQUAL(rnn_window(text, 8, 2, 4, 1, 0, x, y), RNN_E_RANGE);
    CHECK(strstr(rnn_error(), "too short"));
}

/* ---- learning rate ---- */

static void the_rate_rises_in_a_line_and_falls_in_a_half_cosine(void)
{
    CHECK_CLOSE(rnn_rate(0, 110, 10, 0.02f, 0.1f), 0.002, 1e-9);
    CHECK_CLOSE(rnn_rate(4, 110, 10, 0.02f, 0.1f), 0.010, 1e-9);
    CHECK_CLOSE(rnn_rate(9, 110, 10, 0.02f, 0.1f), 0.020, 1e-9);
    for (uint32_t u = 10; u < 110; u++)
        CHECK_CLOSE(rnn_rate(u, 110, 10, 0.02f, 0.1f),
                    0.02 * (0.1 + 0.9 * (0.5 + 0.5 * cos(3.14159265358979324 * (u - 10) / 99.0))), 2e-9);
    CHECK_EQUAL(rnn_rate(10, 110, 10, 0.02f, 0.1f), 0.02f);
    CHECK_CLOSE(rnn_rate(109, 110, 10, 0.02f, 0.1f), 0.002, 1e-9);
    CHECK_CLOSE(rnn_rate(5000, 110, 10, 0.02f, 0.1f), 0.002, 1e-9);
}

static void the_rate_is_defined_for_every_schedule(void)
{
    CHECK_EQUAL(rnn_rate(0, 100, 0, 0.5f, 0.0f), 0.5f);
    CHECK_CLOSE(rnn_rate(99, 100, 0, 0.5f, 0.0f), 0.0, 1e-9);
    CHECK_EQUAL(rnn_rate(50, 100, 0, 0.5f, 1.0f), 0.5f);
    CHECK_CLOSE(rnn_rate(3, 4, 100, 1.0f, 0.1f), 0.04, 1e-7);   /* warm-up longer than the training */
    CHECK_CLOSE(rnn_rate(0, 0, 0, 1.0f, 0.1f), 0.1, 1e-7);
    CHECK_CLOSE(rnn_rate(0, 1, 0, 1.0f, 0.1f), 0.1, 1e-7);
    CHECK_CLOSE(rnn_rate(4294967295U, 4294967295U, 0, 1.0f, 0.1f), 0.1, 1e-6);
}

int main(int argc, char **argv)
{
    static const test tests[] = {
        TEST(every_cell_learns_a_phrase_by_heart),
        TEST(the_state_is_carried_from_window_to_window),
        TEST(gradients_of_windows_add_up),
        TEST(a_window_without_targets_costs_nothing),
        TEST(ids_out_of_range_are_refused_and_change_nothing),
        TEST(dropout_follows_the_seed_and_the_count_of_updates),
        TEST(an_update_drops_its_share_of_the_recurrent_weights),
        TEST(an_update_at_rate_0_changes_no_weight_and_clears_the_gradients),
        TEST(gradients_are_clipped_to_the_global_norm),
        TEST(settings_out_of_range_are_refused),
        TEST(a_loss_that_is_no_number_is_told_and_updates_nothing),
        TEST(slices_have_the_gradients_of_their_streams_alone),
        TEST(two_trainers_that_exchange_their_parts_are_one),
        TEST(slices_drop_out_different_units),
        TEST(slices_that_do_not_fit_are_refused),
        TEST(a_slice_without_a_loss_leaves_the_streams_of_all_where_they_were),
        TEST(pad_and_unknown_are_no_targets),
        TEST(a_resumed_training_has_the_bits_of_an_uninterrupted_one),
        TEST(an_infinite_loss_is_no_number_either),
        TEST(a_checkpoint_with_a_negative_count_is_refused),
        TEST(gradients_do_not_outlive_a_checkpoint),
        TEST(a_checkpoint_that_does_not_fit_is_refused_and_changes_nothing),
        TEST(a_tensor_of_another_type_rank_or_shape_is_refused),
        TEST(a_checkpoint_with_a_number_that_cannot_be_is_refused_and_changes_nothing),
        TEST(a_checkpoint_has_as_many_streams_as_the_batch_whatever_its_slices),
        TEST(a_pass_shows_each_token_at_most_once_with_the_next_as_target),
        TEST(passes_begin_at_different_offsets_and_all_but_a_windows_length_is_shown),
        TEST(a_text_too_short_has_no_windows),
        TEST(the_rate_rises_in_a_line_and_falls_in_a_half_cosine),
        TEST(the_rate_is_defined_for_every_schedule)};
    return RUN(tests);
}
