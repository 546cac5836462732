/* SPDX-License-Identifier: MIT
 *
 * memory_test.c - every allocation refused in turn; what is allocated, how often, and that all of it comes back.
 */
#include "allocations.h"
#include "check.h"
#include "files.h"
#include "rnn.h"
#include "safetensors.h"

/* ---- what all tests use ---- */

enum { V = 4, B = 2, T = 3 };

static rnn_model *model;
static rnn_trainer *trainer;
static memory_file file;       /* a checkpoint of them, with a vocabulary: all that a file may hold */
static memory_file answering;  /* a checkpoint of a training of examples */
static rnn_pattern *pattern, *reading;
static const char lines[] = "ab\tcd\nb\ta\nab\tab\naa\tbc\n";

static rnn_recipe *reader; /* has `reading` */

/* A training of examples; NULL if it could not begin. */
static rnn_recipe *begun_examples(const char *of)
{
    const char *const settings[][2] = {{"pattern", of}, {"hidden", "3"}, {"batch", "2"}};
    rnn_recipe *r = rnn_recipe_new();
    for (int i = 0; r && i < 3; i++)
        rnn_recipe_set(r, settings[i][0], settings[i][1]);
    if (r && rnn_recipe_begin(r, lines, sizeof lines - 1, NULL, 0, NULL, 0)) {
        rnn_recipe_free(r);
        return NULL;
    }
    return r;
}

static void make_all(void)
{
    rnn_vocab *v = rnn_vocab_build("abcd", V, RNN_CHARACTERS, 0);
    model = rnn_model_new(RNN_CELL_LSTM, 2, V, 3, 5, V, 1);
    trainer = rnn_trainer_new(model, B, T, 1, 0.1f, 0.0f, 1);
    file = saved_trainer(trainer, v, "key\0value\0");
    rnn_vocab_free(v);
    rnn_recipe *r = begun_examples("sequence");
    answering = saved_recipe(r, NULL, 1);
    rnn_recipe_free(r);
    pattern = rnn_pattern_load(answering.bytes, answering.size);
    reader = begun_examples("synchronous");
    reading = rnn_recipe_pattern(reader);
}

static void free_all(void)
{
    rnn_pattern_free(pattern);
    rnn_recipe_free(reader);
    free(answering.bytes);
    rnn_trainer_free(trainer);
    rnn_model_free(model);
    free(file.bytes);
}

/* ---- what asks for memory; each returns whether it was given, and gives it back ---- */

static int make_model(void)
{
    rnn_model *m = rnn_model_new(RNN_CELL_GRU, 2, V, 0, 5, V, 1);
    rnn_model_free(m);
    return m != NULL;
}

static int load_model(void)
{
    rnn_model *m = rnn_model_load(file.bytes, file.size, NULL);
    rnn_model_free(m);
    return m != NULL;
}

static int load_network(void)
{
    rnn_vocab *v;
    rnn_model *m = rnn_network_load(file.bytes, file.size, &v);
    CHECK(!m == !v);
    rnn_vocab_free(v);
    rnn_model_free(m);
    return m != NULL;
}

static int quantize_model(void)
{
    rnn_model *m = rnn_model_quantize(model);
    rnn_model_free(m);
    return m != NULL;
}

static int make_state(void)
{
    rnn_state *s = rnn_state_new(model, 3);
    rnn_state_free(s);
    return s != NULL;
}

static int make_trainer(void)
{
    rnn_trainer *t = rnn_trainer_new(model, B, T, 1, 0.5f, 0.0f, 1);
    rnn_trainer_free(t);
    return t != NULL;
}

static int make_reader(void)
{
    rnn_reader *r = rnn_reader_new(model, 0.001f);
    rnn_reader_free(r);
    return r != NULL;
}

static int load_trainer(void) { return rnn_trainer_load(trainer, file.bytes, file.size, NULL) == 0; }

static int build_vocab(void)
{
    rnn_vocab *v = rnn_vocab_build("some text", 9, RNN_CHARACTERS, 0);
    rnn_vocab_free(v);
    return v != NULL;
}

static int load_vocab(void)
{
    rnn_vocab *v = rnn_vocab_load(file.bytes, file.size);
    rnn_vocab_free(v);
    return v != NULL;
}

static int build_words(void)
{
    rnn_vocab *v = rnn_vocab_build("some text of some words", 23, RNN_WORDS, 3);
    rnn_vocab_free(v);
    return v != NULL;
}

static int save_stacks(void)
{
    return rnn_models_save(1, (const rnn_model *const[]){model}, (const char *const[]){"a."}, NULL, NULL, NULL, NULL,
                           0) > 0;
}

static int add_to_file(void) { return rnn_file_add(file.bytes, file.size, "text", "b", 1, NULL, 0) > 0; }

static int find_in_file(void)
{
    size_t bytes;
    return rnn_file_find(file.bytes, file.size, "vocab", &bytes) != NULL;
}

/* More grams than the first table holds. */
static int count_grams(void)
{
    static int32_t tokens[3000];
    for (uint32_t i = 0; i < 3000; i++)
        tokens[i] = (int32_t)(rnn_dice(1, i) * 200.0f);
    rnn_markov *m = rnn_markov_new(200, 3, RNN_NONE, 100000);
    int worked = m && rnn_markov_read(m, tokens, 3000) == 3000;
    rnn_markov_free(m);
    return worked;
}

static int make_index(void)
{
    static const int32_t tokens[] = {1, 2, 1, 2, 3};
    rnn_index *x = rnn_index_new(tokens, 5);
    rnn_index_free(x);
    return x != NULL;
}

static int begin_examples(void)
{
    rnn_recipe *r = begun_examples("sequence");
    rnn_recipe_free(r);
    return r != NULL;
}

static int resume_examples(void)
{
    rnn_recipe *r = rnn_recipe_new();
    int worked = r && !rnn_recipe_resume(r, answering.bytes, answering.size, lines, sizeof lines - 1, NULL, 0);
    rnn_recipe_free(r);
    return worked;
}

/* A training of any pattern on any lines. */
static int begin_pattern(const char *name, const char *side, const char *of, size_t bytes)
{
    rnn_recipe *r = rnn_recipe_new();
    int worked = r && !rnn_recipe_set(r, "pattern", name) && !rnn_recipe_set(r, "side", side) &&
                 !rnn_recipe_set(r, "batch", "1") && !rnn_recipe_set(r, "hidden", "2") &&
                 !rnn_recipe_begin(r, of, bytes, NULL, 0, NULL, 0);
    rnn_recipe_free(r);
    return worked;
}

static int begin_classes(void) { return begin_pattern("many-to-one", "0", lines, sizeof lines - 1); }
static int begin_names(void) { return begin_pattern("one-to-many", "0", lines, sizeof lines - 1); }

/* More pairs than the first table of n-grams holds. */
static int begin_table(void)
{
    char letters[3000];
    for (uint32_t i = 0; i < sizeof letters; i++)
        letters[i] = (char)(' ' + (int)(rnn_dice(1, i) * 90.0f));
    return begin_pattern("one-to-one", "0", letters, sizeof letters);
}

static int begin_pictures(void)
{
    char line[139];
    memset(line, 'A', sizeof line);
    memcpy(line + 134, "==\tu\n", 5);
    return begin_pattern("one-to-many", "10", line, sizeof line);
}

/* A training on a text whose lines are a list. */
static int begin_list(void)
{
    static const char names[] = "Ann\nBob\nCid\nDan\nEva\nFay\nGus\nHal\n";
    rnn_recipe *r = rnn_recipe_new();
    int worked = r && !rnn_recipe_set(r, "hidden", "2") &&
                 !rnn_recipe_begin(r, names, sizeof names - 1, NULL, 0, NULL, 0);
    CHECK(!worked || strcmp(rnn_recipe_get(r, "kind"), "list") == 0);
    rnn_recipe_free(r);
    return worked;
}

static int load_pattern(void)
{
    rnn_pattern *p = rnn_pattern_load(answering.bytes, answering.size);
    rnn_pattern_free(p);
    return p != NULL;
}

static int quantize_pattern(void)
{
    rnn_pattern *p = rnn_pattern_quantize(pattern);
    rnn_pattern_free(p);
    return p != NULL;
}

static int answer(void)
{
    char out[100];
    return rnn_pattern_answer(pattern, "ab", 2, 3, 0.0f, 0, 5, out, sizeof out) >= 0;
}

static int answer_by_reading(void)
{
    char out[100];
    return rnn_pattern_answer(reading, "ab", 2, 1, 0.0f, 0, 5, out, sizeof out) >= 0;
}

static int score_lines(void)
{
    double figures[RNN_FIGURES];
    return rnn_pattern_score(pattern, lines, sizeof lines - 1, figures) == 0;
}

static int (*const scenarios[])(void) = {
    make_model, load_model, quantize_model, make_state, make_trainer, load_trainer, build_vocab, build_words,
    load_vocab, count_grams, make_index, save_stacks, add_to_file, find_in_file, load_network, begin_examples,
    resume_examples, load_pattern, quantize_pattern, answer, score_lines, begin_classes, begin_names,
    begin_pictures, begin_table, begin_list, answer_by_reading, make_reader};
enum { SCENARIOS = sizeof scenarios / sizeof *scenarios };

/* ---- tests ---- */

static void every_refused_allocation_is_an_error_that_leaks_and_changes_nothing(void)
{
    make_all();
    uint32_t before = rnn_fingerprint(model);
    for (int i = 0; i < SCENARIOS; i++)
        for (int k = 0, done = 0; !done; k++) {
            int live_before = live;
            rnn_state_new(model, 0); /* an error of before is not that of now */
            count_anew();
            refused = k;
            int worked = scenarios[i]();
            done = allocations <= k;
            CHECK_EQUAL(worked, done);
            CHECK_EQUAL(live, live_before);
            CHECK_EQUAL(rnn_fingerprint(model), before);
            if (!done) {
                CHECK_EQUAL(rnn_error_code(), RNN_E_MEMORY);
                CHECK(strstr(rnn_error(), "no memory"));
            }
            CHECK(!done || k > 0);
        }
    count_anew();
    free_all();
}

static void the_self_test_without_memory_is_0(void)
{
    int k = 0;
    do {
        int live_before = live;
        count_anew();
        refused = k++;
        uint32_t hash = rnn_self_test();
        CHECK_EQUAL(hash == 0, allocations > refused);
        CHECK_EQUAL(live, live_before);
    } while (allocations > refused);
    CHECK_EQUAL(k, 21); /* four networks of a model, a trainer, a state, the model in int8 and its state */
    count_anew();
}

static void a_handle_is_one_allocation(void)
{
    static int (*const handles[])(void) = {make_model, quantize_model, make_state, make_trainer};
    make_all();
    for (int i = 0; i < 4; i++) {
        count_anew();
        CHECK(handles[i]());
        CHECK_EQUAL(allocations, 1);
    }
    free_all();
}

static void steps_windows_updates_and_what_is_read_allocate_nothing(void)
{
    int32_t x[T * B] = {0}, y[T * B] = {1}, id = 2, text[40] = {0};
    float probs[V];
    make_all();
    rnn_state *s = rnn_state_new(model, 1);
    rnn_reader *r = rnn_reader_new(model, 0.001f);
    count_anew();
    for (uint32_t u = 0; u < 40; u++) {
        rnn_step(model, s, &id);
        rnn_probs(rnn_logits(s), V, 0.8f, 3, 0.9f, probs);
        id = rnn_pick(probs, V, rnn_dice(1, u));
        CHECK(rnn_surprisal(rnn_logits(s), V, id) >= 0.0f);
        rnn_window(text, 40, B, T, 1, u, x, y);
        CHECK(rnn_trainer_window(trainer, x, y) > 0.0f);
        CHECK_EQUAL(rnn_trainer_update(trainer, RNN_ADAM, 0.01f, 1.0f), 0);
        CHECK_EQUAL(rnn_reader_take(r, id), 0);
    }
    CHECK_EQUAL(allocations, 0);
    CHECK(rnn_fingerprint(rnn_reader_model(r)) != rnn_fingerprint(model)); /* it has taken steps */
    rnn_reader_free(r);
    rnn_state_free(s);
    free_all();
}

static void a_thousand_loads_give_all_memory_back(void)
{
    int live_before = live;
    make_all();
    for (int i = 0; i < 1000; i++)
        CHECK(load_model() && load_vocab() && make_state());
    free_all();
    CHECK_EQUAL(live, live_before);
    rnn_model_free(NULL);
    rnn_state_free(NULL);
    rnn_trainer_free(NULL);
    rnn_vocab_free(NULL);
    rnn_free(NULL);
}

/* A header length that lies asks for no memory; nor do shapes that the file does not fill. */
static void files_that_lie_about_their_size_get_no_memory(void)
{
    static const unsigned char lying[16] = {0xFF, 0xFF, 0x0F}, empty[8] = {0};
    count_anew();
    for (size_t size = 0; size <= sizeof lying; size++)
        CHECK(rnn_model_load(lying, size, NULL) == NULL);
    CHECK(rnn_model_load(empty, sizeof empty, NULL) == NULL);
    CHECK_EQUAL(allocations, 0);
}

static void a_small_file_never_asks_for_much(void)
{
    static const unsigned char zeros[1 << 16];
    const st_tensor tensors[] = { /* rows or columns of no length reach any number of tokens without a byte */
        {.name = "rnn.weight_hh_l0", .type = ST_F32, .rank = 2, .shape = {256, 64}, .data = zeros},
        {.name = "rnn.weight_ih_l0", .type = ST_F32, .rank = 2, .shape = {0, 65536}, .data = zeros},
        {.name = "fc.weight", .type = ST_F32, .rank = 2, .shape = {65536, 0}, .data = zeros}};
    size_t size = st_write(tensors, 3, NULL, NULL, 0);
    unsigned char *bytes = malloc(size);
    st_write(tensors, 3, NULL, bytes, size);
    count_anew();
    CHECK(rnn_model_load(bytes, size, NULL) == NULL);
    CHECK_EQUAL(rnn_error_code(), RNN_E_SHAPE);
    CHECK(most_bytes < 2 * size);
    free(bytes);
}

/* 330 kB of int8 and scales whose table would take 128 MiB: whatever is wrong with them is seen before. */
static void a_small_file_that_is_refused_costs_little_whatever_is_wrong_with_it(void)
{
    enum { TOKENS = 65536, UNITS = 128, GATES = 4 * UNITS, TENSORS = 11 };
    static unsigned char zeros[4 * TOKENS], ones[4 * TOKENS];
    st_tensor tensors[TENSORS + 1] = {
        {.name = "embedding.weight.scale", .type = ST_F32, .rank = 1, .shape = {TOKENS}, .data = ones},
        {.name = "rnn.weight_ih_l0.scale", .type = ST_F32, .rank = 1, .shape = {GATES}, .data = ones},
        {.name = "rnn.weight_hh_l0.scale", .type = ST_F32, .rank = 1, .shape = {GATES}, .data = ones},
        {.name = "fc.weight.scale", .type = ST_F32, .rank = 1, .shape = {2}, .data = ones},
        {.name = "rnn.bias_ih_l0", .type = ST_F32, .rank = 1, .shape = {GATES}, .data = zeros},
        {.name = "rnn.bias_hh_l0", .type = ST_F32, .rank = 1, .shape = {GATES}, .data = zeros},
        {.name = "fc.bias", .type = ST_F32, .rank = 1, .shape = {2}, .data = zeros},
        {.name = "embedding.weight", .type = ST_I8, .rank = 2, .shape = {TOKENS, 1}, .data = zeros},
        {.name = "rnn.weight_ih_l0", .type = ST_I8, .rank = 2, .shape = {GATES, 1}, .data = zeros},
        {.name = "rnn.weight_hh_l0", .type = ST_I8, .rank = 2, .shape = {GATES, UNITS}, .data = zeros},
        {.name = "fc.weight", .type = ST_I8, .rank = 2, .shape = {2, UNITS}, .data = zeros}};
    static const struct {
        int tensor;
        const char *name;
        st_type type;
        uint32_t rows;
        float number;
        int code;
    } faults[] = {
        {3, "fc.scale", ST_F32, 2, 0.0f, RNN_E_SHAPE}, {3, NULL, ST_F16, 2, 0.0f, RNN_E_SHAPE},
        {3, NULL, ST_F32, 3, 0.0f, RNN_E_SHAPE},       {3, NULL, ST_F32, 2, NAN, RNN_E_VALUE},
        {6, NULL, ST_F32, 2, INFINITY, RNN_E_VALUE},   {6, NULL, ST_U8, 2, 0.0f, RNN_E_SHAPE},
        {10, NULL, ST_F32, 2, 0.0f, RNN_E_SHAPE},      {10, NULL, ST_I8, 2, -1.0f, RNN_E_VALUE}, /* a byte is -128 */
        {TENSORS, "norm.weight", ST_F32, 2, 0.0f, RNN_E_SHAPE}};
    for (size_t i = 0; i < TOKENS; i++)
        memcpy(ones + 4 * i, &(float){1.0f}, 4);
    for (size_t i = 0; i <= sizeof faults / sizeof *faults; i++) { /* then nothing but an id is wrong */
        st_tensor bad[TENSORS + 1];
        int last = i == sizeof faults / sizeof *faults, k = last ? 0 : faults[i].tensor;
        float numbers[3 * UNITS] = {0};
        memcpy(bad, tensors, sizeof bad);
        if (!last) {
            numbers[0] = faults[i].number;
            bad[k].name = faults[i].name ? faults[i].name : bad[k].name;
            bad[k].type = faults[i].type;
            bad[k].rank = bad[k].rank ? bad[k].rank : 1;
            bad[k].shape[0] = faults[i].rows;
            bad[k].data = (const unsigned char *)numbers;
        }
        size_t size = st_write(bad, TENSORS + (k == TENSORS), last ? "end\0" "2\0" : NULL, NULL, 0);
        unsigned char *bytes = malloc(size);
        st_write(bad, TENSORS + (k == TENSORS), last ? "end\0" "2\0" : NULL, bytes, size);
        count_anew();
        CHECK(rnn_model_load(bytes, size, NULL) == NULL);
        CHECK_EQUAL(rnn_error_code(), last ? RNN_E_HEADER : faults[i].code);
        CHECK(most_bytes < size);
        free(bytes);
    }
}

static void a_state_above_a_gibibyte_is_not_even_asked_for(void)
{
    rnn_model *m = rnn_model_new(RNN_CELL_LSTM, 1, 2, 0, 1024, 2, 1);
    count_anew();
    CHECK(rnn_state_new(m, 65536) == NULL);
    CHECK_EQUAL(rnn_error_code(), RNN_E_MEMORY);
    CHECK_EQUAL(allocations, 0);
    rnn_model_free(m);
}

static void room_for_a_caller_is_given_and_taken_back(void)
{
    int before = live;
    count_anew();
    char *room = rnn_alloc(100);
    CHECK_EQUAL(most_bytes, 100);
    CHECK_EQUAL(live, before + 1);
    if (room)
        memset(room, 1, 100);
    rnn_free(room);
    CHECK_EQUAL(live, before);
    refused = allocations;
    CHECK(rnn_alloc(100) == NULL);
    count_anew();
}

int main(int argc, char **argv)
{
    static const test tests[] = {
        TEST(every_refused_allocation_is_an_error_that_leaks_and_changes_nothing),
        TEST(the_self_test_without_memory_is_0),
        TEST(a_handle_is_one_allocation),
        TEST(steps_windows_updates_and_what_is_read_allocate_nothing),
        TEST(a_thousand_loads_give_all_memory_back),
        TEST(files_that_lie_about_their_size_get_no_memory),
        TEST(a_small_file_never_asks_for_much),
        TEST(a_small_file_that_is_refused_costs_little_whatever_is_wrong_with_it),
        TEST(a_state_above_a_gibibyte_is_not_even_asked_for),
        TEST(room_for_a_caller_is_given_and_taken_back)};
    return RUN(tests);
}
