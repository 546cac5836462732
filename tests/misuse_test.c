/* SPDX-License-Identifier: MIT
 *
 * misuse_test.c - each function of rnn.h with NULL where it must not be, and with odd numbers: an error of its kind,
 * and nothing else. tests/misuse.test.mjs does the same with the exports of the wasm, by the header's own list.
 */
#include "check.h"
#include "files.h"
#include "rnn.h"

enum { V = 5 };

/* A failure of another kind, so that the one to come is seen. */
static void forget(void)
{
    CHECK(!rnn_model_load("", 0, NULL));
    CHECK_EQUAL(rnn_error_code(), RNN_E_TRUNCATED);
}

/* What the call returns is its kind of error, and the code is RNN_E_RANGE. */
#define REFUSED(call, error) (forget(), CHECK((call) error), CHECK_EQUAL(rnn_error_code(), RNN_E_RANGE))
#define IS_CODE == RNN_E_RANGE
#define IS_NULL == NULL
#define IS_ZERO == 0
#define IS_NAN != 0 /* of isnan(call) */

static const int odd[] = {INT32_MIN, INT32_MIN + 1, -65537, -2, RNN_NONE, 0, 1, 2, 7, 65536, 65537, INT32_MAX};
enum { ODD = sizeof odd / sizeof *odd };

/* ---- models, states and files ---- */

static const float odd_floats[] = {NAN, INFINITY, -INFINITY, -1.0f, -0.0f, 0.0f, 1e-45f, 1.0f, 3e38f};
enum { ODD_FLOATS = sizeof odd_floats / sizeof *odd_floats };

static void null_in_place_of_a_model_is_refused(void)
{
    rnn_model *m = rnn_model_new(RNN_CELL_LSTM, 1, V, 0, 3, V, 1);
    const rnn_model *none[] = {NULL};
    const char *const nameless[] = {NULL}, *const plain[] = {""};
    size_t floats;
    REFUSED(rnn_model_load(NULL, 100, NULL), IS_NULL);
    REFUSED(rnn_model_quantize(NULL), IS_NULL);
    REFUSED(rnn_model_save(NULL, NULL, NULL, NULL, 0), IS_ZERO);
    REFUSED(rnn_models_save(1, NULL, plain, NULL, NULL, NULL, NULL, 0), IS_ZERO);
    REFUSED(rnn_models_save(1, none, plain, NULL, NULL, NULL, NULL, 0), IS_ZERO);
    REFUSED(rnn_models_save(1, (const rnn_model *const[]){m}, NULL, NULL, NULL, NULL, NULL, 0), IS_ZERO);
    REFUSED(rnn_models_save(1, (const rnn_model *const[]){m}, nameless, NULL, NULL, NULL, NULL, 0), IS_ZERO);
    REFUSED(rnn_cell(NULL), IS_CODE);
    REFUSED(rnn_vector(NULL), IS_CODE);
    REFUSED(rnn_pattern_quantize(NULL), IS_NULL);
    REFUSED(rnn_pattern_rule(NULL, 0), IS_CODE);
    REFUSED(rnn_trainers_update(1, NULL, RNN_ADAM, 0.1f, 1.0f), IS_CODE);
    REFUSED(rnn_trainers_update(1, (rnn_trainer *const[]){NULL}, RNN_ADAM, 0.1f, 1.0f), IS_CODE);
    REFUSED(rnn_trainers_update(0, (rnn_trainer *const[]){NULL}, RNN_ADAM, 0.1f, 1.0f), IS_CODE);
    REFUSED(rnn_trainers_update(5, (rnn_trainer *const[]){NULL}, RNN_ADAM, 0.1f, 1.0f), IS_CODE);
    REFUSED(rnn_pattern_save(NULL, NULL, NULL, 0), IS_ZERO);
    CHECK(rnn_file_answers(NULL, 100) < 0 && !rnn_recipe_pattern(NULL));
    REFUSED(rnn_layers(NULL), IS_CODE);
    REFUSED(rnn_inputs(NULL), IS_CODE);
    REFUSED(rnn_embedding(NULL), IS_CODE);
    REFUSED(rnn_hidden(NULL), IS_CODE);
    REFUSED(rnn_outputs(NULL), IS_CODE);
    REFUSED(rnn_quantized(NULL), IS_CODE);
    REFUSED(rnn_fingerprint(NULL), IS_ZERO);
    REFUSED(rnn_meta(NULL), IS_NULL);
    REFUSED(rnn_special(NULL, "end"), IS_CODE);
    REFUSED(rnn_special(m, NULL), IS_CODE);
    REFUSED(rnn_set_special(NULL, "end", 0), IS_CODE);
    REFUSED(rnn_set_special(m, NULL, 0), IS_CODE);
    REFUSED(rnn_params(NULL, &floats), IS_NULL);
    REFUSED(rnn_params(m, NULL), IS_NULL);
    REFUSED((rnn_pack(NULL), rnn_error_code()), IS_CODE);
    rnn_model_free(NULL);
    rnn_free(NULL);
    rnn_model_free(m);
}

static void odd_numbers_make_no_model(void)
{
    static const struct { int least, most; } range[] = {
        {1, 1}, {1, 4}, {1, 65536}, {0, 4096}, {1, 4096}, {0, 65536}, {INT32_MIN, INT32_MAX}};
    rnn_model *plain = rnn_model_new(RNN_CELL_TANH, 1, V, 2, 3, V, 1);
    for (int i = 0; i < ODD; i++) {
        for (int place = 0; place < 7; place++) {
            int n[] = {RNN_CELL_TANH, 1, V, 2, 3, V, 1};
            n[place] = odd[i];
            rnn_model *m = rnn_model_new(n[0], n[1], n[2], n[3], n[4], n[5], (uint32_t)n[6]);
            CHECK_EQUAL(m != NULL, odd[i] >= range[place].least && odd[i] <= range[place].most);
            CHECK(m || rnn_error_code() == RNN_E_RANGE);
            rnn_model_free(m);
        }
        CHECK_EQUAL(rnn_set_special(plain, "end", odd[i]), odd[i] >= RNN_NONE && odd[i] < V ? 0 : RNN_E_RANGE);
        CHECK_EQUAL(rnn_models_save(odd[i], (const rnn_model *const[]){plain, plain}, (const char *const[]){"a", "b"},
                                    NULL, NULL, NULL, NULL, 0) > 0, odd[i] == 1 || odd[i] == 2);
    }
    for (int i = 0; i < ODD; i++)
        for (int place = 0; place < 3; place++) { /* N, and the maps of both convolutions */
            int n[] = {place ? 100 : 4, place ? 2 : 0, place ? 3 : 0};
            n[place] = odd[i];
            rnn_model *m = rnn_model_new_from(RNN_CELL_TANH, 1, V, 2, 3, V, n[0], n[1], n[2], 1);
            CHECK_EQUAL(m != NULL, odd[i] >= (place ? 1 : 0) && odd[i] <= (place ? 64 : 4096));
            CHECK(m || rnn_error_code() == RNN_E_RANGE);
            rnn_model_free(m);
        }
    rnn_model_free(plain);
    CHECK(rnn_version() > 0 && *rnn_isa());
}

static void null_in_place_of_a_state_is_refused_and_odd_parts_too(void)
{
    rnn_model *m = rnn_model_new(RNN_CELL_GRU, 1, V, 0, 3, V, 1);
    rnn_state *s = rnn_state_new(m, 1);
    static const int32_t ids[] = {1, 2};
    uint32_t counted;
    size_t floats;
    REFUSED(rnn_state_new(NULL, 1), IS_NULL);
    REFUSED((rnn_state_reset(NULL), rnn_error_code()), IS_CODE);
    REFUSED(rnn_state_data(NULL, &floats), IS_NULL);
    REFUSED(rnn_state_data(s, NULL), IS_NULL);
    REFUSED(rnn_state_part(NULL, 0, RNN_PART_H), IS_NULL);
    REFUSED(rnn_state_part(s, 0, RNN_PART_MAPS), IS_NULL); /* it reads no pictures */
    CHECK_EQUAL(rnn_maps(NULL, 0), RNN_E_RANGE);
    CHECK_EQUAL(rnn_maps(m, 0), 0);
    REFUSED(rnn_logits(NULL), IS_NULL);
    REFUSED(rnn_state_begin(NULL, &(float){0}), IS_CODE);
    REFUSED(rnn_state_begin(s, NULL), IS_CODE);
    REFUSED(rnn_state_begin(s, &(float){0}), IS_CODE); /* it has no source */
    REFUSED(rnn_state_copy(NULL, 0, s, 0), IS_CODE);
    REFUSED(rnn_state_copy(s, 0, NULL, 0), IS_CODE);
    REFUSED(rnn_step(NULL, s, ids), IS_CODE);
    REFUSED(rnn_step(m, NULL, ids), IS_CODE);
    REFUSED(rnn_step(m, s, NULL), IS_CODE);
    REFUSED(isnan(rnn_score(NULL, s, ids, 2, &counted)), IS_NAN);
    REFUSED(isnan(rnn_score(m, NULL, ids, 2, &counted)), IS_NAN);
    REFUSED(isnan(rnn_score(m, s, NULL, 2, &counted)), IS_NAN);
    REFUSED(isnan(rnn_score(m, s, ids, 2, NULL)), IS_NAN);
    REFUSED(isnan(rnn_score(m, s, ids, -1, &counted)), IS_NAN);
    for (int i = 0; i < ODD; i++) {
        rnn_state *other = rnn_state_new(m, odd[i]);
        CHECK((other != NULL) == (odd[i] >= 1 && odd[i] <= 65536));
        rnn_state_free(other);
        for (int k = 0; k < ODD; k++)
            CHECK((rnn_state_part(s, odd[i], odd[k]) != NULL) == (odd[i] == 0 && (odd[k] == 0 || odd[k] == 2)));
        CHECK_EQUAL(rnn_step(m, s, &odd[i]), odd[i] >= RNN_CLEAR && odd[i] < V ? 0 : RNN_E_RANGE);
    }
    CHECK_EQUAL(rnn_score(m, s, NULL, 0, &counted), 0.0);
    rnn_model *other = rnn_model_new(RNN_CELL_GRU, 1, V, 0, 3, V + 1, 1);
    rnn_state *of_other = rnn_state_new(other, 1);
    REFUSED(isnan(rnn_score(other, of_other, ids, 2, &counted)), IS_NAN);
    REFUSED(isnan(rnn_score(m, of_other, ids, 2, &counted)), IS_NAN);
    rnn_state_free(of_other);
    rnn_model_free(other);
    rnn_state_free(NULL);
    rnn_state_free(s);
    rnn_model_free(m);
}

static void null_in_place_of_a_file_is_refused(void)
{
    memory_file f = file_of("{}", NULL, 0);
    size_t size;
    REFUSED(rnn_vocab_load(NULL, 100), IS_NULL);
    REFUSED(rnn_network_load("", 0, NULL), IS_NULL);
    REFUSED(rnn_labels_load(NULL, 100), IS_NULL);
    REFUSED(rnn_labels_new(NULL, 100), IS_NULL);
    CHECK(!rnn_labels_new("a", 1) && rnn_error_code() == RNN_E_VOCAB); /* no NUL at the end */
    CHECK(!rnn_labels_new("", 0) && rnn_error_code() == RNN_E_VOCAB);
    REFUSED(rnn_find_token(NULL, "a"), IS_CODE);
    REFUSED(rnn_file_find(NULL, 100, "a", &size), IS_NULL);
    REFUSED(rnn_file_find(f.bytes, f.size, NULL, &size), IS_NULL);
    REFUSED(rnn_file_find(f.bytes, f.size, "a", NULL), IS_NULL);
    REFUSED(rnn_file_add(NULL, 100, "a", "b", 1, NULL, 0), IS_ZERO);
    REFUSED(rnn_file_add(f.bytes, f.size, NULL, "b", 1, NULL, 0), IS_ZERO);
    REFUSED(rnn_file_add(f.bytes, f.size, "a", NULL, 1, NULL, 0), IS_ZERO);
    CHECK(rnn_file_add(f.bytes, f.size, "a", NULL, 0, NULL, 0) > 0);
    free(f.bytes);
}

/* ---- training ---- */

static void null_in_place_of_a_trainer_is_refused(void)
{
    enum { B = 1, T = 2 };
    rnn_model *m = rnn_model_new(RNN_CELL_LSTM, 1, V, 0, 3, V, 1);
    rnn_trainer *t = rnn_trainer_new(m, B, T, 1, 0.0f, 0.0f, 1);
    int32_t x[T] = {0, 1}, y[T] = {1, 2};
    size_t floats;
    REFUSED(rnn_trainer_new(NULL, B, T, 1, 0.0f, 0.0f, 1), IS_NULL);
    REFUSED((rnn_trainer_reset(NULL), rnn_error_code()), IS_CODE);
    REFUSED(isnan(rnn_trainer_window(NULL, x, y)), IS_NAN);
    REFUSED(isnan(rnn_trainer_window(t, NULL, y)), IS_NAN);
    REFUSED(isnan(rnn_trainer_window(t, x, NULL)), IS_NAN);
    REFUSED(isnan(rnn_trainer_slice(NULL, 0, x, y)), IS_NAN);
    REFUSED(isnan(rnn_trainer_slice(t, 0, NULL, y)), IS_NAN);
    REFUSED(isnan(rnn_trainer_slice(t, 0, x, NULL)), IS_NAN);
    REFUSED(isnan(rnn_trainer_forward(NULL, 0, 1, x, y)), IS_NAN);
    REFUSED(isnan(rnn_trainer_forward(t, 0, 1, NULL, y)), IS_NAN);
    CHECK_EQUAL(rnn_trainer_forward(t, 0, 1, x, NULL), 0.0);
    REFUSED(rnn_trainer_begin(NULL, 0, &(float){0}), IS_CODE);
    REFUSED(rnn_trainer_begin(t, 0, NULL), IS_CODE);
    REFUSED(rnn_trainer_begin(t, 0, &(float){0}), IS_CODE);
    REFUSED(rnn_trainer_back(NULL), IS_CODE);
    REFUSED(rnn_trainer_edge(NULL, 0, &floats), IS_NULL);
    REFUSED(rnn_trainer_edge(t, 0, NULL), IS_NULL);
    REFUSED(rnn_trainer_part(NULL, 0, &floats), IS_NULL);
    REFUSED(rnn_trainer_part(t, 0, NULL), IS_NULL);
    REFUSED(rnn_trainer_update(NULL, RNN_ADAM, 0.1f, 1.0f), IS_CODE);
    REFUSED(rnn_trainer_updates(NULL), IS_ZERO);
    REFUSED(rnn_trainer_save(NULL, NULL, NULL, NULL, 0), IS_ZERO);
    REFUSED(rnn_trainers_save(1, NULL, (const char *const[]){""}, NULL, NULL, NULL, NULL, 0), IS_ZERO);
    REFUSED(rnn_trainers_save(1, (const rnn_trainer *const[]){NULL}, (const char *const[]){""}, NULL, NULL, NULL, NULL,
                              0), IS_ZERO);
    REFUSED(rnn_trainers_save(5, (const rnn_trainer *const[]){t, t, t, t, t}, NULL, NULL, NULL, NULL, NULL, 0),
            IS_ZERO);
    REFUSED(rnn_trainer_load(NULL, "", 0, NULL), IS_CODE);
    REFUSED(rnn_trainer_load(t, NULL, 100, NULL), IS_CODE);
    REFUSED(rnn_window(NULL, 9, 1, 2, 1, 0, x, y), IS_CODE);
    REFUSED(rnn_window(odd, 9, 1, 2, 1, 0, NULL, y), IS_CODE);
    REFUSED(rnn_window(odd, 9, 1, 2, 1, 0, x, NULL), IS_CODE);
    rnn_trainer_free(NULL);
    rnn_trainer_free(t);
    rnn_model_free(m);
}

static void odd_numbers_train_nothing(void)
{
    rnn_model *m = rnn_model_new(RNN_CELL_LSTM, 1, V, 0, 3, V, 1);
    rnn_trainer *t = rnn_trainer_new(m, 1, 2, 1, 0.0f, 0.0f, 1);
    int32_t x[2] = {0, 1}, y[2] = {1, 2}, drawn_x[2], drawn_y[2];
    size_t floats;
    for (int i = 0; i < ODD; i++) {
        int n = odd[i];
        for (int place = 0; place < 3; place++) {
            int slices = place == 2 ? n : 1;
            rnn_trainer *other = rnn_trainer_new(m, place ? 2 : n, place == 1 ? n : 2, slices, 0.0f, 0.0f, 1);
            CHECK((other != NULL) == (n >= 1 && n <= (place == 2 ? 2 : 65536)));
            rnn_trainer_free(other);
            CHECK((rnn_windows(place ? 100 : (size_t)n, place == 1 ? n : 2, place == 2 ? n : 2) > 0) ==
                  (n >= 1 && (place ? n <= 7 : n >= 7)));
        }
        CHECK((rnn_trainer_part(t, n, &floats) != NULL) == (n == 0));
        CHECK(rnn_trainer_edge(t, n, &floats) != NULL);
        CHECK_EQUAL(isfinite(rnn_trainer_slice(t, n, x, y)) != 0, n == 0);
        CHECK_EQUAL(isfinite(rnn_trainer_forward(t, n, 1, x, y)) != 0, n == 0);
        CHECK_EQUAL(rnn_trainer_update(t, n, 0.0f, 1.0f), n == 0 || n == 1 ? 0 : RNN_E_RANGE);
        CHECK_EQUAL(rnn_window(odd, ODD, 1, 2, 1, (uint32_t)n, drawn_x, drawn_y) >= 0, 1);
        CHECK(isfinite(rnn_rate((uint32_t)n, 10, (uint32_t)odd[ODD - 1 - i], 1.0f, 0.0f)));
        CHECK(isfinite(rnn_rate(7, (uint32_t)n, (uint32_t)odd[ODD - 1 - i], 1.0f, 0.0f)));
    }
    for (int i = 0; i < ODD_FLOATS; i++) {
        float f = odd_floats[i];
        rnn_trainer *other = rnn_trainer_new(m, 1, 2, 1, f, 0.0f, 1);
        CHECK((other != NULL) == (f >= 0.0f && f < 1.0f));
        rnn_trainer_free(other);
        CHECK_EQUAL(rnn_trainer_update(t, RNN_ADAM, f, 1.0f), f >= 0.0f && f <= 1e6f ? 0 : RNN_E_RANGE);
        CHECK_EQUAL(rnn_trainer_update(t, RNN_ADAM, 0.0f, f), f >= 0.0f ? 0 : RNN_E_RANGE);
    }
    rnn_trainer_free(t);
    rnn_model_free(m);
}

static void null_in_place_of_a_reader_is_refused_and_odd_rates_and_tokens_too(void)
{
    rnn_model *m = rnn_model_new(RNN_CELL_LSTM, 1, V, 0, 3, V, 1);
    rnn_model *headless = rnn_model_new(RNN_CELL_LSTM, 1, V, 0, 3, 0, 1);
    rnn_reader *r = rnn_reader_new(m, 0.001f);
    REFUSED(rnn_reader_new(NULL, 0.001f), IS_NULL);
    REFUSED(rnn_reader_new(headless, 0.001f), IS_NULL);
    REFUSED(rnn_reader_take(NULL, 0), IS_CODE);
    REFUSED(rnn_reader_model(NULL), IS_NULL);
    REFUSED(rnn_reader_state(NULL), IS_NULL);
    for (int i = 0; i < ODD; i++)
        CHECK_EQUAL(rnn_reader_take(r, odd[i]), odd[i] >= RNN_NONE && odd[i] < V ? 0 : RNN_E_RANGE);
    for (int i = 0; i < ODD_FLOATS; i++) {
        rnn_reader *other = rnn_reader_new(m, odd_floats[i]);
        CHECK_EQUAL(other != NULL, odd_floats[i] >= 0.0f && odd_floats[i] <= 1.0f);
        CHECK(other || rnn_error_code() == RNN_E_RANGE);
        rnn_reader_free(other);
    }
    rnn_reader_free(NULL);
    rnn_reader_free(r);
    rnn_model_free(headless);
    rnn_model_free(m);
}

static void null_in_place_of_a_recipe_is_refused(void)
{
    rnn_recipe *r = rnn_recipe_new();
    size_t count;
    REFUSED(rnn_recipe_set(NULL, "hidden", "1"), IS_CODE);
    REFUSED(rnn_recipe_set(r, NULL, "1"), IS_CODE);
    REFUSED(rnn_recipe_set(r, "hidden", NULL), IS_CODE);
    REFUSED(rnn_recipe_get(NULL, "hidden"), IS_NULL);
    REFUSED(rnn_recipe_get(r, NULL), IS_NULL);
    REFUSED(rnn_recipe_begin(NULL, "a", 1, NULL, 0, NULL, 0), IS_CODE);
    REFUSED(rnn_recipe_begin(r, NULL, 1, NULL, 0, NULL, 0), IS_CODE);
    REFUSED(rnn_recipe_resume(NULL, "", 0, NULL, 0, NULL, 0), IS_CODE);
    REFUSED(rnn_recipe_resume(r, NULL, 100, NULL, 0, NULL, 0), IS_CODE);
    REFUSED(rnn_recipe_model(NULL), IS_NULL);
    REFUSED(rnn_recipe_vocab(NULL), IS_NULL);
    REFUSED(rnn_recipe_trainer(NULL), IS_NULL);
    REFUSED(rnn_recipe_tokens(NULL, 0, &count), IS_NULL);
    REFUSED(rnn_recipe_tokens(r, 0, NULL), IS_NULL);
    REFUSED(rnn_recipe_unknown(NULL), IS_ZERO);
    REFUSED(rnn_recipe_windows(NULL), IS_ZERO);
    REFUSED(rnn_recipe_updates(NULL), IS_ZERO);
    REFUSED(rnn_recipe_window(NULL, NULL, NULL), IS_CODE);
    REFUSED(isnan(rnn_recipe_slice(NULL, 0)), IS_NAN);
    REFUSED(isnan(rnn_recipe_update(NULL)), IS_NAN);
    REFUSED(rnn_recipe_save(NULL, NULL, 0, NULL, 0), IS_ZERO);
    rnn_recipe_free(NULL);
    rnn_recipe_free(r);
}

/* ---- vocabulary, n-grams, index, sampling ---- */

static void null_in_place_of_a_text_or_its_tokens_is_refused(void)
{
    rnn_vocab *v = rnn_vocab_build("abcde", V, RNN_CHARACTERS, 0);
    int32_t ids[4] = {0};
    REFUSED(rnn_vocab_build(NULL, 1, RNN_WORDS, 0), IS_NULL);
    REFUSED(rnn_vocab_size(NULL), IS_CODE);
    REFUSED(rnn_vocab_level(NULL), IS_CODE);
    REFUSED(rnn_vocab_unknown(NULL), IS_CODE);
    REFUSED(rnn_encode(NULL, "a", 1, ids, NULL, 4), IS_CODE);
    REFUSED(rnn_encode(v, NULL, 1, ids, NULL, 4), IS_CODE);
    REFUSED(rnn_encode(v, "a", 1, NULL, NULL, 4), IS_CODE);
    REFUSED(rnn_token(NULL, 0), IS_NULL);
    REFUSED(rnn_space(NULL, 0, 0), IS_CODE);
    REFUSED(rnn_encode(v, NULL, 0, NULL, NULL, 0), IS_CODE);
    CHECK_EQUAL(rnn_encode(v, "abc", 3, NULL, NULL, 0), 3);
    CHECK_EQUAL(rnn_encode(v, "a", (size_t)INT32_MAX + 1, NULL, NULL, 0), RNN_E_TEXT);
    for (int i = 0; i < ODD; i++) {
        const char *token = rnn_token(v, odd[i]);
        CHECK((token != NULL) == (odd[i] >= 0 && odd[i] < V));
        for (int k = 0; k < ODD; k++)
            CHECK_EQUAL(rnn_space(v, odd[i], odd[k]), 0);
        rnn_vocab *of_level = rnn_vocab_build("a", 1, odd[i], 0), *of_two = rnn_vocab_build("a", 1, RNN_WORDS, odd[i]);
        CHECK((of_level != NULL) == (odd[i] >= RNN_CHARACTERS && odd[i] <= RNN_WORDS_FOLDED));
        CHECK((of_two != NULL) == (odd[i] == 0 || (odd[i] >= 2 && odd[i] <= 65536)));
        rnn_vocab_free(of_level);
        rnn_vocab_free(of_two);
        CHECK_EQUAL(rnn_encode(v, "", 0, ids, NULL, odd[i]), 0);
    }
    rnn_vocab_free(v);
}

static void null_in_place_of_grams_or_an_index_is_refused(void)
{
    rnn_markov *m = rnn_markov_new(V, 2, RNN_NONE, 1000);
    static const int32_t ids[] = {0, 1, 0, 2};
    rnn_index *x = rnn_index_new(ids, 4);
    float logits[V];
    uint32_t counted;
    int32_t lengths[4], at[4];
    REFUSED(rnn_markov_read(NULL, ids, 4), IS_CODE);
    REFUSED(rnn_markov_read(m, NULL, 4), IS_CODE);
    CHECK_EQUAL(rnn_markov_read(m, NULL, 0), 0);
    CHECK_EQUAL(rnn_markov_read(m, ids, 4), 4);
    REFUSED(rnn_markov_logits(NULL, 1, ids, 4, logits), IS_CODE);
    REFUSED(rnn_markov_logits(m, 1, NULL, 4, logits), IS_CODE);
    REFUSED(rnn_markov_logits(m, 1, ids, 4, NULL), IS_CODE);
    REFUSED(isnan(rnn_markov_score(NULL, 1, ids, 0, 4, &counted)), IS_NAN);
    REFUSED(isnan(rnn_markov_score(m, 1, NULL, 0, 4, &counted)), IS_NAN);
    REFUSED(isnan(rnn_markov_score(m, 1, ids, 0, 4, NULL)), IS_NAN);
    REFUSED(rnn_index_new(NULL, 1), IS_NULL);
    REFUSED(rnn_index_find(NULL, ids, 4, lengths, at), IS_CODE);
    REFUSED(rnn_index_find(x, NULL, 4, lengths, at), IS_CODE);
    REFUSED(rnn_index_find(x, ids, 4, NULL, at), IS_CODE);
    REFUSED(rnn_index_find(x, ids, 4, lengths, NULL), IS_CODE);
    CHECK(rnn_index_new(ids, SIZE_MAX / 16) == NULL); /* nor is what lies behind the four read */
    for (int i = 0; i < ODD; i++) {
        int order = odd[i] >= 0 && odd[i] <= 2;
        CHECK_EQUAL(rnn_markov_logits(m, odd[i], ids, 4, logits), order ? 0 : RNN_E_RANGE);
        CHECK_EQUAL(isnan(rnn_markov_score(m, odd[i], ids, 0, 4, &counted)), !order);
        CHECK_EQUAL(rnn_markov_score(m, 1, ids, 4, 4, &counted), 0.0);
        rnn_markov *other = rnn_markov_new(odd[i], 1, RNN_NONE, 10);
        CHECK((other != NULL) == (odd[i] >= 1 && odd[i] <= 65536));
        rnn_markov_free(other);
        CHECK((other = rnn_markov_new(V, odd[i], RNN_NONE, 10)) == NULL || (odd[i] >= 1 && odd[i] <= 6));
        rnn_markov_free(other);
        CHECK((other = rnn_markov_new(V, 1, odd[i], 10)) == NULL || (odd[i] >= RNN_NONE && odd[i] < V));
        rnn_markov_free(other);
        int n = odd[i] < 4 ? odd[i] : 4;
        lengths[0] = 77;
        CHECK_EQUAL(rnn_index_find(x, ids, n, lengths, at), 0);
        CHECK_EQUAL(lengths[0], n > 0 ? n : 77);
    }
    rnn_markov_free(m);
    rnn_index_free(x);
}

static void null_in_place_of_a_distribution_is_refused(void)
{
    static const float logits[] = {1.0f, 2.0f};
    float probs[2];
    REFUSED(rnn_probs(NULL, 2, 1.0f, 0, 1.0f, probs), IS_CODE);
    REFUSED(rnn_probs(logits, 2, 1.0f, 0, 1.0f, NULL), IS_CODE);
    REFUSED(rnn_pick(NULL, 2, 0.5f), IS_CODE);
    REFUSED(isnan(rnn_surprisal(NULL, 2, 0)), IS_NAN);
    for (int i = 0; i < ODD; i++) {
        CHECK_EQUAL(rnn_probs(logits, odd[i] < 2 ? odd[i] : 2, 1.0f, 0, 1.0f, probs), odd[i] < 1 ? RNN_E_RANGE : 0);
        CHECK_EQUAL(rnn_probs(logits, 2, 1.0f, odd[i], 1.0f, probs), odd[i] < 0 ? RNN_E_RANGE : 0);
        CHECK_EQUAL(isnan(rnn_surprisal(logits, 2, odd[i])), odd[i] < 0 || odd[i] > 1);
        CHECK(odd[i] > 0 || rnn_pick(probs, odd[i], 0.5f) == RNN_NONE);
        float u = rnn_dice((uint32_t)odd[i], (uint32_t)odd[i]);
        CHECK(u >= 0.0f && u < 1.0f);
    }
    for (int i = 0; i < 4; i++) {
        static const float numbers[] = {NAN, -1.0f, INFINITY, -INFINITY};
        CHECK_EQUAL(rnn_probs(logits, 2, 1.0f, 0, numbers[i], probs), RNN_E_RANGE);
        CHECK_EQUAL(rnn_probs(logits, 2, numbers[i], 0, 1.0f, probs), i == 2 ? 0 : RNN_E_RANGE);
        CHECK(rnn_pick(probs, 2, numbers[i]) >= 0);
    }
}

int main(int argc, char **argv)
{
    static const test tests[] = {
        TEST(null_in_place_of_a_model_is_refused),
        TEST(odd_numbers_make_no_model),
        TEST(null_in_place_of_a_state_is_refused_and_odd_parts_too),
        TEST(null_in_place_of_a_file_is_refused),
        TEST(null_in_place_of_a_trainer_is_refused),
        TEST(odd_numbers_train_nothing),
        TEST(null_in_place_of_a_reader_is_refused_and_odd_rates_and_tokens_too),
        TEST(null_in_place_of_a_recipe_is_refused),
        TEST(null_in_place_of_a_text_or_its_tokens_is_refused),
        TEST(null_in_place_of_grams_or_an_index_is_refused),
        TEST(null_in_place_of_a_distribution_is_refused)};
    return RUN(tests);
}
