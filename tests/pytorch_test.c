/* SPDX-License-Identifier: MIT
 *
 * pytorch_test.c - logits, loss, gradients and 100 training steps against the vectors that
 * scripts/make_golden.py stored (golden/pytorch/README.md says what each tensor is).
 */
#include "check.h"
#include "golden.h"
#include "gradients.h"
#include "rnn.h"
#include "safetensors.h"

#include <stdlib.h>

enum { MAX_PLACES = 64 };

static const st_tensor *stored(const st_file *file, const char *kind, const char *name)
{
    char full[80];
    snprintf(full, sizeof full, "%s%.40s", kind, name);
    const st_tensor *t = st_find(file, full);
    if (!t)
        printf("no tensor %s\n", full);
    CHECK(t != NULL);
    return t;
}

static float element(const st_tensor *t, size_t i)
{
    float value;
    memcpy(&value, t->data + 4 * i, sizeof value);
    return value;
}

static size_t floats_of(const st_tensor *t) { return (size_t)(t->end - t->begin) / 4; }

/* What PyTorch computed of the network of that name. */
static st_file *computed_of(const char *name)
{
    const golden_file *g = golden_computed;
    while (g->name && strcmp(g->name, name) != 0)
        g++;
    CHECK(g->name != NULL);
    return g->name ? st_read(g->bytes, g->size) : NULL;
}

/* Compares a flat array of the model's layout with the stored tensors "KIND.NAME". */
static void check_layout(const rnn_model *m, const st_file *file, const char *kind, const float *flat, double relative,
                         double absolute)
{
    static const char *const parts[] = {"weight_ih", "weight_hh", "bias_ih", "bias_hh"};
    char names[32][40];
    int count = 0;
    if (rnn_embedding(m))
        strcpy(names[count++], "embedding.weight");
    for (int l = 0; l < rnn_layers(m); l++)
        for (int k = 0; k < 4; k++)
            snprintf(names[count++], sizeof *names, "rnn.%s_l%d", parts[k], l);
    strcpy(names[count++], "fc.weight");
    strcpy(names[count++], "fc.bias");
    for (int i = 0; i < count; i++) {
        const st_tensor *t = stored(file, kind, names[i]);
        for (size_t k = 0; t && k < floats_of(t); k++)
            CHECK_CLOSE(*flat++, element(t, k), relative * fabs((double)element(t, k)) + absolute);
    }
}

/* ---- each file ---- */

typedef struct {
    const char *name;
    const st_file *file;
    rnn_model *model;
} network;

/* Runs check for every stored network; says which one failed. */
static void each_network(void (*check)(const network *n))
{
    int count = 0;
    for (const golden_file *g = golden_files; g->name; g++) {
        if (strcmp(g->name, "sampling") == 0)
            continue;
        int before = failures;
        st_file *file = computed_of(g->name);
        network n = {g->name, file, rnn_model_load(g->bytes, g->size, NULL)};
        CHECK(file && n.model);
        if (file && n.model)
            check(&n);
        if (failures > before)
            printf("in %s\n", g->name);
        rnn_model_free(n.model);
        free(file);
        count++;
    }
    CHECK(count >= 15);
}

/* Ids are stored as F32. */
static void ids_of(const st_tensor *t, int32_t *ids)
{
    for (size_t i = 0; i < floats_of(t); i++)
        ids[i] = (int32_t)element(t, i);
}

/* ---- forward ---- */

/* Logits are of the order 1 and a sum of 7 products after up to 4 layers: a few float32 roundings. */
static void check_logits(const network *n)
{
    const st_tensor *tokens = stored(n->file, "tokens", ""), *logits = stored(n->file, "logits", "");
    int T = (int)tokens->shape[0], B = (int)tokens->shape[1], V = rnn_outputs(n->model);
    int32_t ids[MAX_PLACES];
    rnn_state *s = rnn_state_new(n->model, B);
    ids_of(tokens, ids);
    for (int t = 0; t < T; t++) {
        CHECK_EQUAL(rnn_step(n->model, s, ids + t * B), 0);
        for (int i = 0; i < B * V; i++)
            CHECK_CLOSE(rnn_logits(s)[i], element(logits, (size_t)(t * B * V + i)), 1e-6);
    }
    rnn_state_free(s);
}

static void logits_are_those_of_pytorch(void) { each_network(check_logits); }

/* ---- gradients ---- */

static void check_gradients(const network *n)
{
    const st_tensor *tokens = stored(n->file, "tokens", ""), *targets = stored(n->file, "targets", "");
    int32_t x[MAX_PLACES], y[MAX_PLACES];
    size_t floats;
    rnn_trainer *t = rnn_trainer_new(n->model, (int)tokens->shape[1], (int)tokens->shape[0], 1, 0.0f, 0.0f, 1);
    ids_of(tokens, x);
    ids_of(targets, y);
    CHECK_CLOSE(rnn_trainer_window(t, x, y), element(stored(n->file, "loss", ""), 0), 1e-6);
    check_layout(n->model, n->file, "grad.", gradients_of(t, n->model, &floats), 1e-5, 1e-7);
    rnn_trainer_free(t);
}

static void loss_and_gradients_are_those_of_pytorch(void) { each_network(check_gradients); }

/* ---- training ---- */

/* Two correct trainings in float32 drift apart: a weight whose gradient is near zero gets a step of the learning
 * rate's size from Adam whatever that gradient is, so its rounding shows. 100 steps of 0.01 could move a weight by 1;
 * the bounds are 3e-4 of that for weights, and 1e-4 for losses, which start at about ln 11 = 2.4. */
static void check_training(const network *n)
{
    const st_tensor *stream = stored(n->file, "stream", ""), *losses = stored(n->file, "losses", "");
    const st_tensor *settings = stored(n->file, "settings", "");
    int B = (int)stream->shape[0], length = (int)stream->shape[1], updates = (int)losses->shape[0];
    int T = (length - 1) / updates;
    int optimizer = strstr(n->name, "rmsprop") ? RNN_RMSPROP : RNN_ADAM;
    size_t floats;
    rnn_trainer *t = rnn_trainer_new(n->model, B, T, 1, 0.0f, 0.0f, 1);
    CHECK_EQUAL(updates, 100);
    for (int u = 0; u < updates; u++) {
        int32_t x[MAX_PLACES], y[MAX_PLACES];
        for (int s = 0; s < T; s++)
            for (int b = 0; b < B; b++) {
                x[s * B + b] = (int32_t)element(stream, (size_t)(b * length + u * T + s));
                y[s * B + b] = (int32_t)element(stream, (size_t)(b * length + u * T + s + 1));
            }
        CHECK_CLOSE(rnn_trainer_window(t, x, y), element(losses, (size_t)u), 1e-4);
        CHECK_EQUAL(rnn_trainer_update(t, optimizer, element(settings, 0), element(settings, 1)), 0);
    }
    check_layout(n->model, n->file, "final.", rnn_params(n->model, &floats), 0.0, 3e-4);
    rnn_trainer_free(t);
}

static void a_hundred_training_steps_are_those_of_pytorch(void) { each_network(check_training); }

/* ---- networks that answer ---- */

enum { MAX_STREAMS = 3, MAX_NUMBERS = 13 * 13 };

typedef struct {
    const char *name;
    const st_file *file;
    rnn_model *encoder, *model;
    rnn_trainer *reader, *writer;
    int32_t read[MAX_PLACES], x[MAX_PLACES], y[MAX_PLACES];
    float vectors[MAX_STREAMS * MAX_NUMBERS];
    int B, T, read_steps, has_vectors;
} answering;

/* The tensors of a stack in the order of its parameters: "KIND" "PREFIX" NAME. */
static void check_stack(const answering *n, const rnn_model *m, const char *prefix, const char *kind, const float *flat,
                        double relative, double absolute)
{
    static const char *const parts[] = {"weight_ih", "weight_hh", "bias_ih", "bias_hh"};
    static const char *const behind[] = {"fc.weight", "fc.bias", "conv1.weight", "conv1.bias", "conv2.weight",
                                         "conv2.bias", "init.weight", "init.bias"};
    char names[32][48];
    int count = 0;
    snprintf(names[count++], sizeof *names, "%sembedding.weight", prefix);
    for (int l = 0; l < rnn_layers(m); l++)
        for (int k = 0; k < 4; k++)
            snprintf(names[count++], sizeof *names, "%srnn.%s_l%d", prefix, parts[k], l);
    for (int k = 0; k < 8; k++) {
        char full[48];
        snprintf(full, sizeof full, "%s%s%s", kind, prefix, behind[k]);
        if (st_find(n->file, full))
            strcpy(names[count++], full + strlen(kind));
    }
    for (int i = 0; i < count; i++) {
        const st_tensor *t = stored(n->file, kind, names[i]);
        for (size_t k = 0; t && k < floats_of(t); k++)
            CHECK_CLOSE(*flat++, element(t, k), relative * fabs((double)element(t, k)) + absolute);
    }
}

static answering open_answering(const golden_file *g)
{
    st_file *file = computed_of(g->name);
    int is_pair = st_find(file, "read") != NULL;
    answering n = {.name = g->name, .file = file};
    const st_tensor *x = stored(file, "x", ""), *vectors = st_find(file, "vectors");
    n.T = (int)x->shape[0];
    n.B = (int)x->shape[1];
    ids_of(x, n.x);
    ids_of(stored(file, "y", ""), n.y);
    n.model = rnn_model_load(g->bytes, g->size, is_pair ? "decoder." : NULL);
    n.writer = rnn_trainer_new(n.model, n.B, n.T, 1, 0.0f, 0.0f, 1);
    if (is_pair) {
        ids_of(stored(file, "read", ""), n.read);
        n.read_steps = (int)stored(file, "read", "")->shape[0];
        n.encoder = rnn_model_load(g->bytes, g->size, "encoder.");
        n.reader = rnn_trainer_new(n.encoder, n.B, n.read_steps, 1, 0.0f, 0.0f, 1);
    }
    n.has_vectors = vectors != NULL;
    for (size_t i = 0; vectors && i < floats_of(vectors); i++)
        n.vectors[i] = element(vectors, i);
    CHECK(n.model && n.writer && !is_pair == !n.reader);
    return n;
}

static void close_answering(answering *n)
{
    rnn_trainer_free(n->reader);
    rnn_trainer_free(n->writer);
    rnn_model_free(n->encoder);
    rnn_model_free(n->model);
    free((void *)(uintptr_t)n->file);
}

/* Forward and back, the state and its gradient handed over; returns the loss. */
static float run_answering(answering *n)
{
    size_t own, floats;
    rnn_trainer_reset(n->writer);
    if (n->reader) {
        rnn_trainer_reset(n->reader);
        CHECK_EQUAL(rnn_trainer_forward(n->reader, 0, n->read_steps, n->read, NULL), 0.0);
        rnn_params(n->encoder, &own);
        const float *state = rnn_trainer_part(n->reader, 0, &floats) + own;
        size_t carried = floats - own;
        rnn_params(n->model, &own);
        memcpy(rnn_trainer_part(n->writer, 0, &floats) + own, state, sizeof(float) * carried);
    }
    if (n->has_vectors)
        CHECK_EQUAL(rnn_trainer_begin(n->writer, 0, n->vectors), 0);
    float nats = rnn_trainer_forward(n->writer, 0, n->T, n->x, n->y);
    CHECK_EQUAL(rnn_trainer_back(n->writer), 0);
    if (n->reader) {
        const float *gradient = rnn_trainer_edge(n->writer, 0, &floats);
        memcpy(rnn_trainer_edge(n->reader, 1, &own), gradient, sizeof(float) * floats);
        CHECK_EQUAL(rnn_trainer_back(n->reader), 0);
    }
    return nats;
}

static void check_answering_logits(answering *n)
{
    const st_tensor *logits = stored(n->file, "logits", "");
    rnn_state *s = rnn_state_new(n->model, n->B), *reader = n->encoder ? rnn_state_new(n->encoder, n->B) : NULL;
    int V = rnn_outputs(n->model);
    for (int t = 0; reader && t < n->read_steps; t++)
        rnn_step(n->encoder, reader, n->read + t * n->B);
    for (int b = 0; reader && b < n->B; b++)
        rnn_state_copy(s, b, reader, b);
    if (n->has_vectors)
        CHECK_EQUAL(rnn_state_begin(s, n->vectors), 0);
    for (int t = 0; t < n->T; t++) {
        CHECK_EQUAL(rnn_step(n->model, s, n->x + t * n->B), 0);
        for (int i = 0; i < n->B * V; i++)
            CHECK_CLOSE(rnn_logits(s)[i], element(logits, (size_t)(t * n->B * V + i)), 1e-6);
    }
    rnn_state_free(s);
    rnn_state_free(reader);
}

static void check_answering_gradients(answering *n)
{
    size_t floats;
    CHECK_CLOSE(run_answering(n), element(stored(n->file, "loss", ""), 0), 1e-6);
    const char *prefix = n->encoder ? "decoder." : "";
    check_stack(n, n->model, prefix, "grad.", rnn_trainer_part(n->writer, 0, &floats), 1e-5, 2e-7);
    if (n->encoder)
        check_stack(n, n->encoder, "encoder.", "grad.", rnn_trainer_part(n->reader, 0, &floats), 1e-5, 2e-7);
}

/* As above: a weight with a gradient near zero moves by the learning rate whatever it is. */
static void check_answering_training(answering *n)
{
    const st_tensor *losses = stored(n->file, "losses", "");
    float rate = element(stored(n->file, "rate", ""), 0);
    size_t floats;
    for (size_t u = 0; u < floats_of(losses); u++) {
        CHECK_CLOSE(run_answering(n), element(losses, u), 1e-4);
        CHECK_EQUAL(rnn_trainer_update(n->writer, RNN_ADAM, rate, 0.0f), 0);
        if (n->reader)
            CHECK_EQUAL(rnn_trainer_update(n->reader, RNN_ADAM, rate, 0.0f), 0);
    }
    check_stack(n, n->model, n->encoder ? "decoder." : "", "final.", rnn_params(n->model, &floats), 0.0, 3e-4);
    if (n->encoder)
        check_stack(n, n->encoder, "encoder.", "final.", rnn_params(n->encoder, &floats), 0.0, 3e-4);
}

static void each_answering(void (*check)(answering *n))
{
    int count = 0;
    for (const golden_file *g = golden_patterns; g->name; g++, count++) {
        int before = failures;
        answering n = open_answering(g);
        check(&n);
        if (failures > before)
            printf("in %s\n", g->name);
        close_answering(&n);
    }
    CHECK(count >= 6);
}

static void logits_of_every_pattern_are_those_of_pytorch(void) { each_answering(check_answering_logits); }
static void loss_and_gradients_of_every_pattern_are_those_of_pytorch(void)
{
    each_answering(check_answering_gradients);
}

static void trainings_of_every_pattern_are_those_of_pytorch(void) { each_answering(check_answering_training); }

int main(int argc, char **argv)
{
    static const test tests[] = {
        TEST(logits_are_those_of_pytorch),
        TEST(loss_and_gradients_are_those_of_pytorch),
        TEST(a_hundred_training_steps_are_those_of_pytorch),
        TEST(logits_of_every_pattern_are_those_of_pytorch),
        TEST(loss_and_gradients_of_every_pattern_are_those_of_pytorch),
        TEST(trainings_of_every_pattern_are_those_of_pytorch)};
    return RUN(tests);
}
