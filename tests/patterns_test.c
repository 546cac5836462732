/* SPDX-License-Identifier: MIT
 *
 * patterns_test.c - the lesson's patterns: 0 layers, a state that is cleared, one that begins from a vector or a
 * picture, an encoder with its decoder; each against reference.c and central differences in double precision. Their
 * files; beams.
 */
#include "check.h"
#include "files.h"
#include "gradients.h"
#include "reference.h"
#include "rnn.h"
#include "safetensors.h"

#include <stdlib.h>

enum { V_IN = 6, V_OUT = 5, B = 3, T = 6, PLACES = T * B };

/* ---- networks ---- */

static rnn_model *new_model(reference_shape s, reference_source from)
{
    return rnn_model_new_from(s.cell, s.layers, s.V_in, s.E, s.H, s.V_out, from.N, from.maps1, from.maps2, 7);
}

static void random_vectors(size_t n, uint32_t seed, float *v)
{
    for (size_t i = 0; i < n; i++)
        v[i] = 2.0f * rnn_dice(seed, (uint32_t)i) - 1.0f;
}

static const int cells[] = {RNN_CELL_TANH, RNN_CELL_GRU, RNN_CELL_LSTM};

typedef void (*use)(reference_shape s);

static void each_network(int V_out, use check)
{
    for (int k = 0; k < 3; k++)
        for (int layers = 1; layers <= 4; layers++) {
            int before = failures;
            reference_shape s = {cells[k], layers, V_IN, layers % 2 ? 3 : 0, 5, V_out, 0};
            check(s);
            if (failures > before)
                printf("cell %d, %d layers\n", s.cell, s.layers);
        }
}

/* ---- one network: its loss from the state that its streams begin with ---- */

typedef struct {
    reference_shape shape;
    reference_source from;
    rnn_model *model;
    rnn_trainer *trainer;
    int32_t x[PLACES], y[PLACES];
    float *vectors; /* (B, N) */
    double *params;
} problem;

static problem new_problem(reference_shape s, reference_source from, int least)
{
    problem p = {.shape = s, .from = from, .model = new_model(s, from)};
    p.trainer = rnn_trainer_new(p.model, B, T + 2, 1, 0.0f, 0.0f, 1);
    random_ids(PLACES, least, s.V_in, 1, p.x);
    random_ids(PLACES, RNN_NONE, s.V_out, 2, p.y);
    p.vectors = malloc(sizeof *p.vectors * (size_t)(B * from.N + 1));
    random_vectors((size_t)(B * from.N), 3, p.vectors);
    p.params = params_as_doubles(p.model);
    return p;
}

static void free_problem(problem *p)
{
    rnn_trainer_free(p->trainer);
    rnn_model_free(p->model);
    free(p->vectors);
    free(p->params);
}

/* The states of all streams at their beginning: h, c (B, layers, H). */
static void begin_reference(const problem *p, double *h, double *c)
{
    size_t units = (size_t)(p->shape.layers * p->shape.H), N = (size_t)p->from.N;
    double *vectors = as_doubles(p->vectors, B * N);
    for (size_t b = 0; b < B && N; b++)
        reference_begin(p->shape, p->from, p->params, vectors + b * N, h + b * units, c + b * units);
    free(vectors);
}

static double reference_nats(const problem *p)
{
    size_t units = (size_t)(B * p->shape.layers * p->shape.H) + 1;
    double *h = calloc(units, sizeof *h), *c = calloc(units, sizeof *c);
    begin_reference(p, h, c);
    double nats = reference_loss(p->shape, p->params, B, T, p->x, p->y, h, c);
    free(h);
    free(c);
    return nats;
}

static double difference(problem *p, size_t i)
{
    const double step = 1e-4, kept = p->params[i];
    p->params[i] = kept + step;
    double above = reference_nats(p);
    p->params[i] = kept - step;
    double below = reference_nats(p);
    p->params[i] = kept;
    return (above - below) / (2.0 * step);
}

static void check_gradients(problem *p, size_t stride)
{
    size_t floats;
    if (p->from.N)
        CHECK_EQUAL(rnn_trainer_begin(p->trainer, 0, p->vectors), 0);
    CHECK_CLOSE(rnn_trainer_forward(p->trainer, 0, T, p->x, p->y), reference_nats(p), 1e-6);
    CHECK_EQUAL(rnn_trainer_back(p->trainer), 0);
    const float *grads = rnn_trainer_part(p->trainer, 0, &floats);
    for (size_t i = 0; i < parameters(p->model); i += stride) {
        double expected = difference(p, i);
        CHECK_CLOSE(grads[i], expected, 1e-5 * fabs(expected) + 3e-7);
    }
    free_problem(p);
}

static void without_layers_the_head_reads_the_token_and_learns(void)
{
    for (int E = 0; E <= 3; E += 3) {
        problem p = new_problem((reference_shape){0, 0, V_IN, E, 0, V_OUT, 0}, (reference_source){0}, RNN_CLEAR);
        check_gradients(&p, 1);
    }
}

static void check_cleared(reference_shape s)
{
    problem p = new_problem(s, (reference_source){0}, RNN_CLEAR);
    check_gradients(&p, 1);
}

static void no_gradient_passes_a_step_that_clears(void) { each_network(V_OUT, check_cleared); }

static void check_from_vectors(reference_shape s)
{
    problem p = new_problem(s, (reference_source){4, 0, 0, 0}, RNN_NONE);
    check_gradients(&p, 1);
}

static void a_state_from_a_vector_learns_its_beginning(void) { each_network(V_OUT, check_from_vectors); }

static void a_state_from_a_picture_learns_both_convolutions(void)
{
    static const int sides[] = {10, 11, 12, 15};
    for (int i = 0; i < 4; i++) {
        reference_shape s = {cells[i % 3], 1 + i % 2, V_IN, 3, 5, V_OUT, 0};
        problem p = new_problem(s, (reference_source){sides[i] * sides[i], sides[i], 2 + i, 3}, RNN_NONE);
        check_gradients(&p, 1);
    }
}

static void steps_from_a_vector_or_a_picture_agree_with_the_reference(void)
{
    static const reference_source sources[] = {{4, 0, 0, 0}, {100, 10, 3, 40}, {784, 28, 8, 16}};
    for (int i = 0; i < 9; i++) {
        reference_shape s = {cells[i % 3], 2, V_IN, 3, 19, V_OUT, 0};
        problem p = new_problem(s, sources[i / 3], RNN_NONE);
        rnn_state *state = rnn_state_new(p.model, B);
        double h[B * 2 * 19], c[B * 2 * 19];
        begin_reference(&p, h, c);
        CHECK_EQUAL(rnn_state_begin(state, p.vectors), 0);
        for (int b = 0; b < B; b++)
            for (int j = 0; j < 2 * 19; j++) {
                int place = b * 19 + j % 19;
                CHECK_CLOSE(rnn_state_part(state, j / 19, RNN_PART_H)[place], h[b * 38 + j], 1e-6);
                if (s.cell == RNN_CELL_LSTM)
                    CHECK_CLOSE(rnn_state_part(state, j / 19, RNN_PART_C)[place], c[b * 38 + j], 1e-6);
            }
        rnn_state_free(state);
        free_problem(&p);
    }
}

/* ---- an encoder hands its state to a decoder ---- */

enum { READ = 4 };

/* x of the encoder (READ, B): the first stream has READ tokens, the second one less, and so on: clear, then tokens. */
static void mixed_lengths(int32_t *x)
{
    random_ids(READ * B, 0, V_IN, 5, x);
    for (int b = 0; b < B; b++)
        for (int t = 0; t < b; t++)
            x[t * B + b] = RNN_CLEAR;
}

static double sequence_nats(reference_shape encoder, reference_shape decoder, const double *e, const double *d,
                            const int32_t *read, const problem *p)
{
    double h[B * 4 * 5] = {0}, c[B * 4 * 5] = {0};
    static const int32_t none[READ * B] = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
    reference_loss(encoder, e, B, READ, read, none, h, c);
    return reference_loss(decoder, d, B, T, p->x, p->y, h, c);
}

static void hand_over(rnn_trainer *from, rnn_model *m, rnn_trainer *to, rnn_model *other)
{
    size_t floats, own = parameters(m), others = parameters(other);
    const float *carried = rnn_trainer_part(from, 0, &floats) + own;
    memcpy(rnn_trainer_part(to, 0, &(size_t){0}) + others, carried, sizeof(float) * (floats - own));
}

static void check_encoder(reference_shape decoder)
{
    reference_shape encoder = {decoder.cell, decoder.layers, V_IN, 3, decoder.H, 0, 0};
    problem p = new_problem(decoder, (reference_source){0}, RNN_NONE);
    rnn_model *m = new_model(encoder, (reference_source){0});
    rnn_trainer *t = rnn_trainer_new(m, B, READ, 1, 0.0f, 0.0f, 1);
    int32_t read[READ * B];
    size_t floats;
    double *e = params_as_doubles(m);
    mixed_lengths(read);
    CHECK_EQUAL(rnn_trainer_forward(t, 0, READ, read, NULL), 0.0);
    hand_over(t, m, p.trainer, p.model);
    CHECK_CLOSE(rnn_trainer_forward(p.trainer, 0, T, p.x, p.y),
                sequence_nats(encoder, decoder, e, p.params, read, &p), 1e-6);
    rnn_trainer_back(p.trainer);
    const float *goes_out = rnn_trainer_edge(p.trainer, 0, &floats);
    memcpy(rnn_trainer_edge(t, 1, &(size_t){0}), goes_out, sizeof(float) * floats);
    rnn_trainer_back(t);
    const float *grads = rnn_trainer_part(t, 0, &floats);
    for (size_t i = 0; i < parameters(m); i++) {
        double kept = e[i], step = 1e-4;
        e[i] = kept + step;
        double above = sequence_nats(encoder, decoder, e, p.params, read, &p);
        e[i] = kept - step;
        double expected = (above - sequence_nats(encoder, decoder, e, p.params, read, &p)) / (2.0 * step);
        e[i] = kept;
        CHECK_CLOSE(grads[i], expected, 1e-5 * fabs(expected) + 3e-7);
    }
    free(e);
    rnn_trainer_free(t);
    rnn_model_free(m);
    free_problem(&p);
}

static void an_encoder_learns_through_the_state_that_it_hands_over(void)
{
    static const int no_head = 0;
    rnn_model *m = rnn_model_new(RNN_CELL_GRU, 1, V_IN, 3, 5, no_head, 1);
    CHECK_EQUAL(rnn_outputs(m), 0);
    rnn_model_free(m);
    each_network(V_OUT, check_encoder);
}

/* ---- clear ---- */

static void check_fresh(reference_shape s)
{
    rnn_model *m = new_model(s, (reference_source){0});
    rnn_state *used = rnn_state_new(m, 2), *fresh = rnn_state_new(m, 2);
    size_t floats;
    rnn_step(m, used, (int32_t[]){1, 2});
    rnn_step(m, used, (int32_t[]){RNN_CLEAR, 3});
    rnn_step(m, fresh, (int32_t[]){4, 2});
    rnn_state_reset(fresh);
    CHECK_EQUAL(rnn_state_copy(fresh, 1, used, 1), 0);
    const float *data = rnn_state_data(used, &floats);
    CHECK(memcmp(data, rnn_state_data(fresh, &(size_t){0}), sizeof(float) * floats) == 0);
    rnn_state_free(used);
    rnn_state_free(fresh);
    rnn_model_free(m);
}

static void a_cleared_stream_is_a_fresh_one_bit_for_bit_and_its_neighbour_goes_on(void)
{
    each_network(V_OUT, check_fresh);
}

static void a_sequence_reads_alone_as_in_a_batch_of_mixed_lengths(void)
{
    for (int quantized = 0; quantized < 2; quantized++) {
        rnn_model *m = rnn_model_new(RNN_CELL_LSTM, 2, V_IN, 3, 19, V_OUT, 1), *q = rnn_model_quantize(m);
        const rnn_model *used = quantized ? q : m;
        rnn_state *together = rnn_state_new(used, B), *alone = rnn_state_new(used, 1);
        int32_t x[READ * B];
        mixed_lengths(x);
        for (int t = 0; t < READ; t++)
            rnn_step(used, together, x + t * B);
        for (int b = 0; b < B; b++) {
            rnn_state_reset(alone);
            for (int t = b; t < READ; t++)
                rnn_step(used, alone, x + t * B + b);
            CHECK(memcmp(rnn_logits(alone), rnn_logits(together) + b * V_OUT, sizeof(float) * V_OUT) == 0);
        }
        rnn_state_free(together);
        rnn_state_free(alone);
        rnn_model_free(q);
        rnn_model_free(m);
    }
}

static void a_state_that_does_not_fit_is_not_copied(void)
{
    rnn_model *m = rnn_model_new(RNN_CELL_LSTM, 1, V_IN, 3, 5, V_OUT, 1);
    rnn_model *others[] = {rnn_model_new(RNN_CELL_GRU, 1, V_IN, 3, 5, V_OUT, 1),
                           rnn_model_new(RNN_CELL_LSTM, 2, V_IN, 3, 5, V_OUT, 1),
                           rnn_model_new(RNN_CELL_LSTM, 1, V_IN, 3, 6, V_OUT, 1)};
    rnn_state *s = rnn_state_new(m, 2);
    for (int i = 0; i < 3; i++) {
        rnn_state *other = rnn_state_new(others[i], 2);
        CHECK_EQUAL(rnn_state_copy(s, 0, other, 0), RNN_E_RANGE);
        rnn_state_free(other);
        rnn_model_free(others[i]);
    }
    for (int i = -1; i <= 2; i += 3) {
        CHECK_EQUAL(rnn_state_copy(s, i, s, 0), RNN_E_RANGE);
        CHECK_EQUAL(rnn_state_copy(s, 0, s, i), RNN_E_RANGE);
    }
    CHECK_EQUAL(rnn_state_copy(NULL, 0, s, 0), RNN_E_RANGE);
    CHECK_EQUAL(rnn_state_copy(s, 0, NULL, 0), RNN_E_RANGE);
    rnn_state_free(s);
    rnn_model_free(m);
}

/* ---- files ---- */

/* Saves the network, loads it, and compares all that a file says. */
static void check_file(const rnn_model *m, const char *prefix, const char *meta)
{
    const char *const prefixes[] = {prefix};
    memory_file f = saved_stacks(1, &m, prefixes, NULL, NULL, meta);
    rnn_model *loaded = rnn_model_load(f.bytes, f.size, prefix);
    CHECK(loaded != NULL);
    if (loaded) {
        CHECK_EQUAL(rnn_fingerprint(loaded), rnn_fingerprint(m));
        CHECK_EQUAL(rnn_layers(loaded), rnn_layers(m));
        CHECK_EQUAL(rnn_outputs(loaded), rnn_outputs(m));
        CHECK_EQUAL(rnn_vector(loaded), rnn_vector(m));
        CHECK_EQUAL(rnn_quantized(loaded), rnn_quantized(m));
    } else
        printf("%s\n", rnn_error());
    rnn_model_free(loaded);
    free(f.bytes);
}

static void the_network_of_every_pattern_is_loaded_as_it_was_saved(void)
{
    static const struct { int cell, layers, E, H, V_out, N, maps1, maps2; const char *meta; } nets[] = {
        {0, 0, 0, 0, V_OUT, 0, 0, 0, ""},
        {0, 0, 3, 0, V_OUT, 0, 0, 0, ""},
        {RNN_CELL_LSTM, 2, 3, 5, 0, 0, 0, 0, ""},
        {RNN_CELL_GRU, 1, 0, 5, V_OUT, 7, 0, 0, ""},
        {RNN_CELL_LSTM, 1, 3, 5, V_OUT, 121, 2, 3, "in.side\0" "11\0"},
        {RNN_CELL_GRU, 4, 3, 5, V_OUT, 121, 2, 3, "in.side\0" "11\0"}}; /* with every tensor that there can be */
    for (int i = 0; i < 6; i++) {
        rnn_model *m = rnn_model_new_from(nets[i].cell, nets[i].layers, V_IN, nets[i].E, nets[i].H, nets[i].V_out,
                                          nets[i].N, nets[i].maps1, nets[i].maps2, 1);
        rnn_model *q = rnn_model_quantize(m);
        check_file(m, "in.", nets[i].meta);
        check_file(q, "in.", nets[i].meta);
        rnn_model_free(m);
        rnn_model_free(q);
    }
}

static void int8_networks_begin_and_write_what_their_rounded_weights_say(void)
{
    rnn_model *m = rnn_model_new_from(RNN_CELL_GRU, 1, V_IN, 3, 5, V_OUT, 100, 2, 3, 1), *q = rnn_model_quantize(m);
    rnn_model *rounded = rnn_model_new_from(RNN_CELL_GRU, 1, V_IN, 3, 5, V_OUT, 100, 2, 3, 1);
    size_t n;
    const float *values = rnn_params(q, &n);
    memcpy(rnn_params(rounded, &n), values, sizeof(float) * n);
    rnn_pack(rounded);
    rnn_state *s = rnn_state_new(q, 1), *expected = rnn_state_new(rounded, 1);
    float picture[100];
    random_vectors(100, 1, picture);
    rnn_state_begin(s, picture);
    rnn_state_begin(expected, picture);
    for (int j = 0; j < 5; j++)
        CHECK_EQUAL(rnn_state_part(s, 0, RNN_PART_H)[j], rnn_state_part(expected, 0, RNN_PART_H)[j]);
    rnn_state_free(s);
    rnn_state_free(expected);
    rnn_model_free(m);
    rnn_model_free(q);
    rnn_model_free(rounded);
}

static void sources_that_fit_nothing_are_refused_with_the_reason(void)
{
    rnn_model *m = rnn_model_new_from(RNN_CELL_GRU, 1, V_IN, 3, 5, V_OUT, 121, 2, 3, 1);
    static const struct { const char *meta, *why; int code; } bad[] = {
        {"", "side", RNN_E_SHAPE},
        {"side\0" "x\0", "side", RNN_E_HEADER},
        {"side\0" "65\0", "side", RNN_E_HEADER},
        {"side\0" "9\0", "10 to 64", RNN_E_SHAPE},
        {"side\0" "14\0", "init.weight", RNN_E_SHAPE}};
    for (int i = 0; i < 5; i++) {
        memory_file f = saved_model(m, NULL, bad[i].meta);
        CHECK(rnn_model_load(f.bytes, f.size, NULL) == NULL);
        CHECK_EQUAL(rnn_error_code(), bad[i].code);
        if (!strstr(rnn_error(), bad[i].why))
            printf("\"%s\" does not say \"%s\"\n", rnn_error(), bad[i].why);
        CHECK(strstr(rnn_error(), bad[i].why));
        free(f.bytes);
    }
    float picture[121] = {[120] = INFINITY};
    rnn_state *s = rnn_state_new(m, 1);
    rnn_trainer *t = rnn_trainer_new(m, 1, 1, 1, 0.0f, 0.0f, 1);
    CHECK_EQUAL(rnn_state_begin(s, picture), RNN_E_NONFINITE);
    CHECK_EQUAL(rnn_trainer_begin(t, 0, picture), RNN_E_NONFINITE);
    picture[120] = 0.0f;
    CHECK_EQUAL(rnn_trainer_begin(t, 1, picture), RNN_E_RANGE);
    CHECK_EQUAL(rnn_trainer_begin(t, 0, picture), 0);
    rnn_trainer_free(t);
    rnn_state_free(s);
    rnn_model_free(m);
}

/* A text in the file's header in the place of another one of the same length. */
static void replace(memory_file f, const char *old, const char *new)
{
    unsigned char *bytes = f.bytes;
    size_t length = strlen(old), at = 0;
    CHECK_EQUAL(strlen(new), length);
    while (at + length < f.size && memcmp(bytes + at, old, length) != 0)
        at++;
    CHECK(at + length < f.size);
    memcpy(bytes + at, new, length);
}

static void convolutions_of_other_shapes_are_refused_by_name(void)
{
    static const struct { const char *old, *new, *why; } changes[] = {
        {"\"init.weight\"", "\"init.wrong!\"", "init.weight"},
        {"\"conv1.weight\"", "\"xonv1.weight\"", "conv1.weight"},
        {"\"conv2.weight\"", "\"xonv2.weight\"", "conv2.weight"}, {"[2,1,3,3]", "[2,9    ]", "conv1.weight"},
        {"[3,2,3,3]", "[3,18   ]", "conv2.weight"},              {"[2,1,3,3]", "[2,3,1,3]", "expected (2, 1, 3, 3)"},
        {"[2,1,3,3]", "[2,1,9,1]", "expected (2, 1, 3, 3)"},     {"[3,2,3,3]", "[3,2,3,3]", NULL},
        {"[3,2,3,3]", "[3,2,1,9]", "expected (3, 2, 3, 3)"},     {"[2,1,3,3]", "[2,1,3,3]", NULL}};
    rnn_model *m = rnn_model_new_from(RNN_CELL_GRU, 1, V_IN, 3, 5, V_OUT, 121, 2, 3, 1);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        memory_file f = saved_model(m, NULL, "side\0" "11\0");
        replace(f, changes[i].old, changes[i].new);
        rnn_model *loaded = rnn_model_load(f.bytes, f.size, NULL);
        CHECK_EQUAL(loaded != NULL, changes[i].why == NULL);
        if (!loaded) {
            CHECK_EQUAL(rnn_error_code(), RNN_E_SHAPE);
            if (changes[i].why && !strstr(rnn_error(), changes[i].why))
                printf("\"%s\" does not say \"%s\"\n", rnn_error(), changes[i].why);
            CHECK(changes[i].why && strstr(rnn_error(), changes[i].why));
        }
        rnn_model_free(loaded);
        free(f.bytes);
    }
    rnn_model_free(m);
}

/* Its last dimension alone is another one: more bytes than a convolution has. */
static void a_convolution_of_3_x_4_is_refused(void)
{
    rnn_model *m = rnn_model_new_from(RNN_CELL_GRU, 1, V_IN, 3, 5, V_OUT, 121, 2, 3, 1);
    memory_file f = saved_model(m, NULL, "side\0" "11\0");
    static const float weights[2 * 3 * 4] = {0};
    st_file *parts = st_read(f.bytes, f.size);
    for (int i = 0; i < parts->count; i++)
        if (strcmp(parts->tensors[i].name, "conv1.weight") == 0) {
            parts->tensors[i].shape[3] = 4;
            parts->tensors[i].data = (const unsigned char *)weights;
        }
    size_t size = st_write(parts->tensors, parts->count, parts->metadata, NULL, 0);
    void *bytes = malloc(size);
    st_write(parts->tensors, parts->count, parts->metadata, bytes, size);
    CHECK(rnn_model_load(bytes, size, NULL) == NULL);
    CHECK(strstr(rnn_error(), "(2, 1, 3, 4), expected (2, 1, 3, 3)"));
    free(bytes);
    free(parts);
    free(f.bytes);
    rnn_model_free(m);
}

static void shapes_without_layers_or_with_no_square_are_refused(void)
{
    CHECK(!rnn_model_new(0, 0, V_IN, 0, 5, V_OUT, 1) && rnn_error_code() == RNN_E_RANGE);
    CHECK(!rnn_model_new_from(0, 0, V_IN, 0, 0, V_OUT, 4, 0, 0, 1) && rnn_error_code() == RNN_E_RANGE);
    CHECK(!rnn_model_new_from(RNN_CELL_GRU, 1, V_IN, 0, 5, V_OUT, 4097, 0, 0, 1) &&
          strstr(rnn_error(), "from 4097 numbers, 0 and 0 maps; at most 4096 and 64 are possible"));
    CHECK(!rnn_model_new_from(RNN_CELL_GRU, 1, V_IN, 0, 5, V_OUT, 101, 2, 3, 1) && rnn_error_code() == RNN_E_RANGE);
    CHECK(!rnn_model_new_from(RNN_CELL_GRU, 1, V_IN, 0, 5, V_OUT, 81, 2, 3, 1) && strstr(rnn_error(), "10 to 64"));
}

/* Weights at the middle of 3 x 3 alone: the first map is the brightest of each 2 x 2 places, the second 2 less the
 * darkest, and what the second convolution sees of 4 x 4 is the middle of the first map, and a half more. */
static void what_both_convolutions_made_of_pictures_are_parts_of_the_state(void)
{
    enum { SIDE = 10, SMALL = 4, MAPS = 2, UNITS = 3, CONV1 = 9 * MAPS, CONV2 = 9 * MAPS };
    rnn_model *m = rnn_model_new_from(RNN_CELL_TANH, 1, V_IN, 0, UNITS, V_OUT, SIDE * SIDE, MAPS, 1, 1);
    rnn_state *s = rnn_state_new(m, 2);
    size_t n;
    float *params = rnn_params(m, &n), pictures[2 * SIDE * SIDE];
    float *conv2 = params + n - 2 * UNITS - 1 - CONV2, *conv1 = conv2 - MAPS - CONV1; /* init (3, 1), (3) is behind */
    memset(conv1, 0, sizeof *conv1 * (CONV1 + MAPS + CONV2 + 1));
    conv1[4] = 1.0f;
    conv1[9 + 4] = -1.0f;
    conv1[CONV1 + 1] = 2.0f;
    conv2[4] = 1.0f;
    conv2[CONV2] = 0.5f;
    rnn_pack(m);
    for (int i = 0; i < 2 * SIDE * SIDE; i++) /* brighter from place to place */
        pictures[i] = (float)i / 128.0f;
    CHECK_EQUAL(rnn_state_begin(s, pictures), 0);
    const float *first = rnn_state_part(s, 0, RNN_PART_MAPS), *second = rnn_state_part(s, 1, RNN_PART_MAPS);
    for (int b = 0; b < 2; b++) {
        const float *picture = pictures + b * SIDE * SIDE;
        for (int place = 0; place < SMALL * SMALL; place++, first += MAPS) {
            const float *corner = picture + (1 + place / SMALL * 2) * SIDE + 1 + place % SMALL * 2;
            CHECK_EQUAL(first[0], corner[SIDE + 1]);
            CHECK_EQUAL(first[1], fmaxf(0.0f, 2.0f - corner[0]));
        }
        CHECK_EQUAL(second[b], picture[6 * SIDE + 6] + 0.5f);
    }
    CHECK_EQUAL(rnn_maps(m, 0), MAPS);
    CHECK_EQUAL(rnn_maps(m, 1), 1);
    for (int layer = -1; layer <= 2; layer += 3) { /* there are two */
        CHECK(rnn_state_part(s, layer, RNN_PART_MAPS) == NULL);
        CHECK_EQUAL(rnn_error_code(), RNN_E_RANGE);
    }
    rnn_state_free(s);
    rnn_model_free(m);
}

/* A picture whose convolution is no number somewhere: neither ReLU nor the largest of four may hide it. */
static void a_broken_convolution_is_noticed_in_the_state(void)
{
    rnn_model *m = rnn_model_new_from(RNN_CELL_TANH, 1, V_IN, 0, 3, V_OUT, 100, 1, 1, 1);
    size_t n;
    float *params = rnn_params(m, &n), picture[100] = {0};
    rnn_state *s = rnn_state_new(m, 1);
    for (int i = 0; i < 100; i++)
        picture[i] = 1.0f;
    params[n - 3 - 3 - 1 - 9 - 1] = NAN; /* conv1.bias: before conv2 and init (3, 1), (3) */
    rnn_state_begin(s, picture);
    CHECK(isnan(rnn_state_part(s, 0, RNN_PART_H)[0]));
    rnn_state_free(s);
    rnn_model_free(m);
}

/* A token that is cleared is read and not counted; logits that are no numbers are said. */
static void a_text_with_a_clear_in_it_is_scored_around_it(void)
{
    rnn_model *m = rnn_model_new(RNN_CELL_GRU, 1, V_IN, 0, 5, V_IN, 1);
    rnn_state *s = rnn_state_new(m, 1);
    uint32_t counted;
    size_t n;
    double fresh = rnn_score(m, s, (int32_t[]){2, 3}, 2, &counted);
    rnn_state_reset(s);
    double first = rnn_score(m, s, (int32_t[]){4, 5}, 2, &counted);
    CHECK_CLOSE(rnn_score(m, s, (int32_t[]){RNN_CLEAR, 2, 3}, 3, &counted), fresh, 1e-9);
    CHECK_EQUAL(counted, 2);
    CHECK(first > 0.0);
    rnn_params(m, &n)[n - 1] = INFINITY; /* of fc.bias */
    rnn_pack(m);
    rnn_state_reset(s);
    CHECK(isnan(rnn_score(m, s, (int32_t[]){2}, 1, &counted)) && rnn_error_code() == RNN_E_NONFINITE);
    rnn_state_free(s);
    rnn_model_free(m);
}

static void without_layers_nothing_is_carried_and_a_loss_is_needed_to_learn(void)
{
    rnn_model *m = rnn_model_new(0, 0, V_IN, 0, 0, V_OUT, 1);
    rnn_state *s = rnn_state_new(m, 2);
    rnn_trainer *t = rnn_trainer_new(m, 1, 2, 1, 0.0f, 0.0f, 1);
    int32_t x[2] = {1, 2};
    float before[V_OUT];
    size_t floats;
    rnn_step(m, s, (int32_t[]){1, 2});
    memcpy(before, rnn_logits(s), sizeof before);
    CHECK_EQUAL(rnn_state_copy(s, 0, s, 1), 0);
    CHECK(memcmp(before, rnn_logits(s), sizeof before) == 0);
    CHECK_EQUAL(rnn_trainer_forward(t, 0, 2, x, NULL), 0.0f);
    CHECK_EQUAL(rnn_trainer_back(t), 0);
    const float *grads = rnn_trainer_part(t, 0, &floats);
    for (size_t i = 0; i < floats; i++)
        CHECK_EQUAL(grads[i], 0.0f);
    rnn_trainer_free(t);
    rnn_state_free(s);
    rnn_model_free(m);
}

static void labels_come_back_and_are_found_whole(void)
{
    static const char names[] = "Arabic\0Русский\0<end>";
    rnn_vocab *labels = rnn_labels_new(names, sizeof names);
    rnn_model *m = rnn_model_new(RNN_CELL_GRU, 1, V_IN, 3, 5, 3, 1);
    memory_file f = saved_stacks(1, (const rnn_model *const[]){m}, (const char *const[]){""}, NULL, labels,
                                 "end\0" "2\0");
    rnn_vocab *again = rnn_labels_load(f.bytes, f.size);
    CHECK_EQUAL(rnn_vocab_size(again), 3);
    CHECK_EQUAL(rnn_find_token(again, "Русский"), 1);
    CHECK_EQUAL(rnn_find_token(again, "<end>"), 2);
    CHECK_EQUAL(rnn_find_token(again, "Arabi"), RNN_NONE);
    CHECK_EQUAL(rnn_find_token(again, NULL), RNN_E_RANGE);
    CHECK(rnn_vocab_load(f.bytes, f.size) == NULL && rnn_error_code() == RNN_E_VOCAB); /* it was saved without */
    CHECK(rnn_labels_new("a\0a", 4) == NULL && rnn_error_code() == RNN_E_VOCAB);
    free(f.bytes);
    rnn_vocab_free(again);
    rnn_vocab_free(labels);
    rnn_model_free(m);
}

static void a_stack_without_layers_has_a_file_of_its_own(void)
{
    rnn_model *table = rnn_model_new(0, 0, V_IN, 0, 0, V_OUT, 1);
    rnn_model *m = rnn_model_new(RNN_CELL_GRU, 1, V_IN, 3, 5, V_OUT, 1);
    const char *const prefixes[] = {"a.", "b."};
    CHECK_EQUAL(rnn_models_save(2, (const rnn_model *const[]){m, table}, prefixes, NULL, NULL, NULL, NULL, 0), 0);
    CHECK_EQUAL(rnn_error_code(), RNN_E_RANGE);
    rnn_model_free(table);
    rnn_model_free(m);
}

static void a_network_without_a_head_takes_no_targets(void)
{
    rnn_model *m = rnn_model_new(RNN_CELL_GRU, 1, V_IN, 3, 5, 0, 1);
    rnn_trainer *t = rnn_trainer_new(m, 1, 2, 1, 0.0f, 0.0f, 1);
    int32_t x[2] = {1, 2}, y[2] = {RNN_NONE, RNN_NONE};
    CHECK(isnan(rnn_trainer_forward(t, 0, 2, x, y)) && rnn_error_code() == RNN_E_RANGE);
    CHECK(isnan(rnn_trainer_window(t, x, y)) && rnn_error_code() == RNN_E_RANGE);
    CHECK(isnan(rnn_trainer_forward(t, 0, 3, x, NULL)) && rnn_error_code() == RNN_E_RANGE);
    CHECK(isnan(rnn_trainer_forward(t, 0, 0, x, NULL)) && rnn_error_code() == RNN_E_RANGE);
    CHECK_EQUAL(rnn_trainer_forward(t, 0, 1, x, NULL), 0.0f);
    rnn_trainer_free(t);
    rnn_model_free(m);
}

/* A bigram table: fc.weight[v][u] = ln p(v | u). */
static void without_layers_a_head_can_be_a_table_of_what_follows(void)
{
    rnn_model *m = rnn_model_new(0, 0, 3, 0, 0, 3, 1);
    static const float p[3][3] = {{0.5f, 0.25f, 0.25f}, {0.1f, 0.2f, 0.7f}, {0.3f, 0.3f, 0.4f}};
    size_t n;
    float *params = rnn_params(m, &n), probs[3];
    for (int u = 0; u < 3; u++)
        for (int v = 0; v < 3; v++)
            params[v * 3 + u] = logf(p[u][v]);
    memset(params + 9, 0, sizeof *params * 3);
    rnn_pack(m);
    rnn_state *s = rnn_state_new(m, 3);
    for (int again = 0; again < 2; again++) { /* nothing is remembered */
        CHECK_EQUAL(rnn_step(m, s, (int32_t[]){0, 1, 2}), 0);
        for (int u = 0; u < 3; u++) {
            rnn_probs(rnn_logits(s) + u * 3, 3, 1.0f, 0, 1.0f, probs);
            for (int v = 0; v < 3; v++)
                CHECK_CLOSE(probs[v], p[u][v], 1e-6);
        }
    }
    rnn_state_free(s);
    rnn_model_free(m);
}

/* ---- beams ---- */

enum { LENGTH = 3, ALL = V_OUT * V_OUT * V_OUT };

/* A tiny decoder that writes what it reads; the first token follows "no input". */
static rnn_model *new_writer(uint32_t seed)
{
    size_t n;
    rnn_model *m = rnn_model_new(RNN_CELL_GRU, 1, V_OUT, 0, 5, V_OUT, seed);
    float *params = rnn_params(m, &n);
    for (size_t i = 0; i < n; i++)
        params[i] *= 4.0f; /* else all is nearly as likely */
    rnn_pack(m);
    return m;
}

/* Writes LENGTH tokens, or less where `end` comes; `width` streams at most. Returns what the best one costs in bits. */
static float write_by_beam(const rnn_model *m, int width, int end, int32_t *best)
{
    rnn_state *now = rnn_state_new(m, width), *next = rnn_state_new(m, width);
    int32_t *from = malloc(sizeof *from * (size_t)width), *tokens = malloc(sizeof *tokens * (size_t)width);
    int32_t (*texts)[LENGTH] = calloc((size_t)width, sizeof *texts);
    int32_t (*grown)[LENGTH] = calloc((size_t)width, sizeof *grown);
    float *bits = calloc((size_t)width, sizeof *bits), *new_bits = calloc((size_t)width, sizeof *new_bits);
    unsigned char *ended = calloc((size_t)width, 1), *now_ended = calloc((size_t)width, 1);
    for (int b = 0; b < width; b++)
        tokens[b] = RNN_NONE;
    rnn_step(m, now, tokens);
    for (int t = 0, count = 1; t < LENGTH; t++) {
        count = rnn_beam(rnn_logits(now), count, V_OUT, bits, ended, width, from, tokens, new_bits);
        for (int b = 0; b < count; b++) {
            memcpy(grown[b], texts[from[b]], sizeof *texts);
            grown[b][t] = tokens[b];
            now_ended[b] = ended[from[b]] || tokens[b] == end;
            rnn_state_copy(next, b, now, from[b]);
        }
        rnn_step(m, next, tokens);
        rnn_state *kept = now;
        now = next;
        next = kept;
        memcpy(texts, grown, sizeof *texts * (size_t)width);
        memcpy(ended, now_ended, (size_t)width);
        memcpy(bits, new_bits, sizeof *bits * (size_t)width);
    }
    memcpy(best, texts[0], sizeof *texts);
    float result = bits[0];
    free(from);
    free(tokens);
    free(texts);
    free(grown);
    free(bits);
    free(new_bits);
    free(ended);
    free(now_ended);
    rnn_state_free(now);
    rnn_state_free(next);
    return result;
}

/* What a text costs, up to its end. */
static float cost(const rnn_model *m, int end, const int32_t *text)
{
    rnn_state *s = rnn_state_new(m, 1);
    float bits = 0.0f;
    rnn_step(m, s, (int32_t[]){RNN_NONE});
    for (int t = 0; t < LENGTH && text[t] != RNN_NONE; t++) {
        bits += rnn_surprisal(rnn_logits(s), V_OUT, text[t]);
        if (text[t] == end)
            break;
        rnn_step(m, s, text + t);
    }
    rnn_state_free(s);
    return bits;
}

static void a_beam_of_one_takes_the_most_probable_token_each_time(void)
{
    for (uint32_t seed = 1; seed <= 20; seed++) {
        rnn_model *m = new_writer(seed);
        rnn_state *s = rnn_state_new(m, 1);
        int32_t text[LENGTH], token = RNN_NONE;
        float probs[V_OUT];
        write_by_beam(m, 1, RNN_NONE, text);
        for (int t = 0; t < LENGTH; t++) {
            rnn_step(m, s, &token);
            rnn_probs(rnn_logits(s), V_OUT, 0.0f, 0, 1.0f, probs);
            token = rnn_pick(probs, V_OUT, 0.5f);
            CHECK_EQUAL(text[t], token);
        }
        rnn_state_free(s);
        rnn_model_free(m);
    }
}

static void a_wide_beam_finds_what_a_look_at_every_text_finds(void)
{
    int wiser = 0;
    for (uint32_t seed = 1; seed <= 20; seed++)
        for (int end = RNN_NONE; end <= 0; end++) {
            rnn_model *m = new_writer(seed);
            int32_t best[LENGTH], greedy[LENGTH];
            float least = 1e9f, found = write_by_beam(m, ALL, end, best);
            for (int i = 0; i < ALL; i++) {
                int32_t text[LENGTH] = {i / 25, i / 5 % 5, i % 5};
                float bits = cost(m, end, text);
                least = bits < least ? bits : least;
            }
            CHECK_EQUAL(found, least);
            CHECK_CLOSE(cost(m, end, best), least, 0.0);
            wiser += write_by_beam(m, 1, end, greedy) > least;
            rnn_model_free(m);
        }
    CHECK(wiser > 5); /* else the test would say nothing of the width */
}

static void of_equals_a_beam_keeps_the_lower_stream_then_the_lower_token(void)
{
    static const float logits[2][3] = {{0.0f, 0.0f, 0.0f}, {0.0f, 0.0f, 0.0f}}, bits[] = {1.0f, 1.0f};
    static const unsigned char none[2] = {0, 0}, second[2] = {0, 1};
    int32_t from[8], tokens[8];
    float new_bits[8];
    CHECK_EQUAL(rnn_beam(logits[0], 2, 3, bits, none, 4, from, tokens, new_bits), 4);
    for (int i = 0; i < 4; i++) {
        CHECK_EQUAL(from[i], i / 3);
        CHECK_EQUAL(tokens[i], i % 3);
        CHECK_CLOSE(new_bits[i], 1.0 + log2(3.0), 1e-6);
    }
    static const float never[3] = {0.0f, -INFINITY, 0.0f};
    CHECK_EQUAL(rnn_beam(never, 1, 3, bits, none, 8, from, tokens, new_bits), 2);
    CHECK_EQUAL(tokens[1], 2);
    CHECK_EQUAL(rnn_beam(logits[0], 2, 3, bits, second, 8, from, tokens, new_bits), 4);
    CHECK_EQUAL(from[0], 1);
    CHECK_EQUAL(tokens[0], RNN_NONE);
    CHECK_EQUAL(new_bits[0], 1.0f);
}

static void odd_beams_are_refused(void)
{
    static const float logits[] = {0.0f, NAN}, never[] = {-INFINITY, -INFINITY}, bits[] = {0.0f};
    static const unsigned char ended[] = {0};
    int32_t from[1], tokens[1];
    float new_bits[1];
    CHECK_EQUAL(rnn_beam(logits, 1, 1, bits, ended, 1, from, tokens, new_bits), 1);
    CHECK_EQUAL(rnn_beam(logits, 0, 1, bits, ended, 1, from, tokens, new_bits), RNN_E_RANGE);
    CHECK_EQUAL(rnn_beam(logits, 1, 0, bits, ended, 1, from, tokens, new_bits), RNN_E_RANGE);
    CHECK_EQUAL(rnn_beam(logits, 1, 1, bits, ended, 0, from, tokens, new_bits), RNN_E_RANGE);
    CHECK_EQUAL(rnn_beam(logits, 513, 1, bits, ended, 1, from, tokens, new_bits), RNN_E_RANGE);
    CHECK_EQUAL(rnn_beam(logits, 1, 65537, bits, ended, 1, from, tokens, new_bits), RNN_E_RANGE);
    CHECK_EQUAL(rnn_beam(logits, 1, 1, bits, ended, 513, from, tokens, new_bits), RNN_E_RANGE);
    CHECK_EQUAL(rnn_beam(logits, 1, 2, bits, ended, 1, from, tokens, new_bits), RNN_E_NONFINITE);
    CHECK_EQUAL(rnn_beam(never, 1, 2, bits, ended, 1, from, tokens, new_bits), RNN_E_NONFINITE);
    CHECK_EQUAL(rnn_beam(NULL, 1, 1, bits, ended, 1, from, tokens, new_bits), RNN_E_RANGE);
    CHECK_EQUAL(rnn_beam(logits, 1, 1, NULL, ended, 1, from, tokens, new_bits), RNN_E_RANGE);
    CHECK_EQUAL(rnn_beam(logits, 1, 1, bits, NULL, 1, from, tokens, new_bits), RNN_E_RANGE);
    CHECK_EQUAL(rnn_beam(logits, 1, 1, bits, ended, 1, NULL, tokens, new_bits), RNN_E_RANGE);
    CHECK_EQUAL(rnn_beam(logits, 1, 1, bits, ended, 1, from, NULL, new_bits), RNN_E_RANGE);
    CHECK_EQUAL(rnn_beam(logits, 1, 1, bits, ended, 1, from, tokens, NULL), RNN_E_RANGE);
}

int main(int argc, char **argv)
{
    static const test tests[] = {
        TEST(without_layers_the_head_reads_the_token_and_learns),
        TEST(no_gradient_passes_a_step_that_clears),
        TEST(a_state_from_a_vector_learns_its_beginning),
        TEST(a_state_from_a_picture_learns_both_convolutions),
        TEST(steps_from_a_vector_or_a_picture_agree_with_the_reference),
        TEST(an_encoder_learns_through_the_state_that_it_hands_over),
        TEST(a_cleared_stream_is_a_fresh_one_bit_for_bit_and_its_neighbour_goes_on),
        TEST(a_sequence_reads_alone_as_in_a_batch_of_mixed_lengths),
        TEST(a_state_that_does_not_fit_is_not_copied),
        TEST(the_network_of_every_pattern_is_loaded_as_it_was_saved),
        TEST(int8_networks_begin_and_write_what_their_rounded_weights_say),
        TEST(sources_that_fit_nothing_are_refused_with_the_reason),
        TEST(convolutions_of_other_shapes_are_refused_by_name),
        TEST(a_convolution_of_3_x_4_is_refused),
        TEST(shapes_without_layers_or_with_no_square_are_refused),
        TEST(what_both_convolutions_made_of_pictures_are_parts_of_the_state),
        TEST(a_broken_convolution_is_noticed_in_the_state),
        TEST(a_text_with_a_clear_in_it_is_scored_around_it),
        TEST(without_layers_nothing_is_carried_and_a_loss_is_needed_to_learn),
        TEST(labels_come_back_and_are_found_whole),
        TEST(a_stack_without_layers_has_a_file_of_its_own),
        TEST(a_network_without_a_head_takes_no_targets),
        TEST(without_layers_a_head_can_be_a_table_of_what_follows),
        TEST(a_beam_of_one_takes_the_most_probable_token_each_time),
        TEST(a_wide_beam_finds_what_a_look_at_every_text_finds),
        TEST(of_equals_a_beam_keeps_the_lower_stream_then_the_lower_token),
        TEST(odd_beams_are_refused)};
    return RUN(tests);
}
