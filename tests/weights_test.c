/* SPDX-License-Identifier: MIT
 *
 * weights_test.c - several stacks in one file, each under its prefix.
 */
#include "check.h"
#include "files.h"
#include "rnn.h"
#include "safetensors.h"

#include <stdlib.h>

enum { V = 9 };

static int same_network(const rnn_model *a, const rnn_model *b) { return rnn_fingerprint(a) == rnn_fingerprint(b); }

static int says(const char *words) { return strstr(rnn_error(), words) != NULL; }

static void stacks_of_one_file_are_the_models_that_were_saved(void)
{
    rnn_model *encoder = rnn_model_new(RNN_CELL_LSTM, 2, 5, 0, 8, 3, 1);
    rnn_model *decoder = rnn_model_new(RNN_CELL_GRU, 1, V, 4, 6, V, 2);
    rnn_model *plain = rnn_model_new(RNN_CELL_TANH, 1, V, 0, 7, V, 3), *small = rnn_model_quantize(decoder);
    rnn_vocab *v = rnn_vocab_build("abcdefghi", V, RNN_CHARACTERS, 0);
    const rnn_model *stacks[] = {encoder, decoder, plain, small};
    static const char *const prefixes[] = {"encoder.", "decoder.", "", "learnt.embedding."};
    static const char meta[] = "end\0" "4\0" "decoder.end\0" "7\0" "decoder.pad\0" "2\0";
    memory_file f = saved_stacks(4, stacks, prefixes, v, NULL, meta);
    for (int i = 0; i < 4; i++) {
        rnn_model *m = rnn_model_load(f.bytes, f.size, prefixes[i]);
        CHECK(m && same_network(m, stacks[i]));
        CHECK_EQUAL(rnn_quantized(m), i == 3);
        CHECK_EQUAL(rnn_special(m, "end"), i == 1 ? 7 : i == 2 ? 4 : RNN_NONE);
        CHECK_EQUAL(rnn_special(m, "pad"), i == 1 ? 2 : RNN_NONE);
        CHECK(strcmp(rnn_meta(m), "end") == 0);
        rnn_model_free(m);
    }
    rnn_vocab *none;
    CHECK(rnn_model_load(f.bytes, f.size, NULL) == NULL); /* who asks for no stack gets none that is not alone */
    CHECK_EQUAL(rnn_error_code(), RNN_E_SHAPE);
    CHECK(says("encoder.rnn.weight_ih_l0"));
    CHECK(rnn_network_load(f.bytes, f.size, &none) == NULL && says("encoder.rnn.weight_ih_l0"));
    rnn_vocab *loaded = rnn_vocab_load(f.bytes, f.size);
    CHECK_EQUAL(rnn_vocab_size(loaded), V);
    rnn_vocab_free(loaded);
    rnn_vocab_free(v);
    rnn_model_free(encoder);
    rnn_model_free(decoder);
    rnn_model_free(plain);
    rnn_model_free(small);
    free(f.bytes);
}

static void one_stack_without_a_prefix_is_the_file_of_rnn_model_save(void)
{
    rnn_model *m = rnn_model_new(RNN_CELL_LSTM, 1, V, 3, 8, V, 1);
    const rnn_model *stacks[] = {m};
    static const char *const prefixes[] = {""};
    memory_file f = saved_stacks(1, stacks, prefixes, NULL, NULL, NULL);
    unsigned char *other = malloc(f.size);
    CHECK_EQUAL(rnn_model_save(m, NULL, NULL, other, f.size), f.size);
    CHECK_EQUAL(memcmp(f.bytes, other, f.size), 0);
    free(other);
    free(f.bytes);
    rnn_model_free(m);
}

static void a_prefix_that_the_file_does_not_have_is_refused_by_its_name(void)
{
    rnn_model *m = rnn_model_new(RNN_CELL_LSTM, 1, V, 0, 8, V, 1);
    const rnn_model *stacks[] = {m};
    static const char *const prefixes[] = {"encoder."};
    memory_file f = saved_stacks(1, stacks, prefixes, NULL, NULL, NULL);
    static const char *const others[] = {"decoder.", "", "encoder", "encoder..", "encoder.rnn."};
    for (int i = 0; i < 5; i++) {
        CHECK(rnn_model_load(f.bytes, f.size, others[i]) == NULL);
        CHECK_EQUAL(rnn_error_code(), RNN_E_SHAPE);
        CHECK(says(others[i]) && says("weight_hh_l0"));
    }
    free(f.bytes);
    rnn_model_free(m);
}

/* A stack with a second layer's tensor, of which the first layer's shape knows nothing: its name is overwritten in the
 * file. */
static void what_is_not_understood_is_refused_within_its_prefix_alone(void)
{
    rnn_model *a = rnn_model_new(RNN_CELL_GRU, 1, V, 0, 8, V, 1), *b = rnn_model_new(RNN_CELL_GRU, 1, V, 0, 8, V, 2);
    const rnn_model *stacks[] = {a, b};
    static const char *const prefixes[] = {"a.", "b."};
    memory_file f = saved_stacks(2, stacks, prefixes, NULL, NULL, NULL);
    for (size_t i = 0; i + 14 < f.size; i++)
        if (memcmp(f.bytes + i, "\"b.rnn.bias_hh", 14) == 0)
            memcpy(f.bytes + i, "\"b.rnn.bias_zz", 14);
    rnn_model *loaded = rnn_model_load(f.bytes, f.size, "a.");
    CHECK(loaded && same_network(loaded, a));
    CHECK(rnn_model_load(f.bytes, f.size, "b.") == NULL);
    CHECK_EQUAL(rnn_error_code(), RNN_E_SHAPE);
    CHECK(says("b.rnn.bias_zz_l0"));
    rnn_model_free(loaded);
    rnn_model_free(a);
    rnn_model_free(b);
    free(f.bytes);
}

/* Asked for by "", the stack without a prefix may have others beside it, whose recurrent weights are there. */
static void beside_the_stack_without_a_prefix_are_those_of_other_stacks_alone(void)
{
    static const struct { const char *name; int loads; } others[] = {
        {"b.rnn.weight_hh_l0", 1}, {"b.fc.weight", 0},           {"norm.weight", 0},
        {"rnn.weight_hr_l0", 0},   {"rnn.rnn.weight_hh_l0", 0}, {"fc.rnn.weight_hh_l0", 0},
        {"a_prefix_that_is_longer_than_one_may_be.rnn.weight_hh_l0", 0}};
    rnn_model *m = rnn_model_new(RNN_CELL_GRU, 1, V, 0, 8, V, 1);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        memory_file f = with_number(saved_model(m, NULL, NULL), others[i].name);
        rnn_model *loaded = rnn_model_load(f.bytes, f.size, "");
        CHECK_EQUAL(loaded != NULL, others[i].loads);
        CHECK(loaded ? same_network(loaded, m) : says(others[i].name));
        CHECK(rnn_model_load(f.bytes, f.size, NULL) == NULL && says(others[i].name));
        rnn_model_free(loaded);
        free(f.bytes);
    }
    rnn_model_free(m);
}

/* Of each stack by its prefix, or of the whole file: every cell computes tanh. */
static void metadata_that_names_another_nonlinearity_is_neither_read_nor_written(void)
{
    static const struct { const char *meta; int a, b; } said[] = {
        {"", 1, 1}, {"a.nonlinearity\0tanh\0b.nonlinearity\0tanh\0", 1, 1}, {"a.nonlinearity\0relu\0", 0, 1},
        {"b.nonlinearity\0relu\0", 1, 0}, {"a.nonlinearity\0\0", 0, 1}, {"nonlinearity\0relu\0", 0, 0}};
    rnn_model *m = rnn_model_new(RNN_CELL_TANH, 1, V, 0, 8, V, 1);
    const rnn_model *stacks[] = {m, m};
    static const char *const prefixes[] = {"a.", "b."};
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        memory_file plain = saved_stacks(2, stacks, prefixes, NULL, NULL, NULL);
        st_file *parts = st_read(plain.bytes, plain.size);
        memory_file f = {NULL, st_write(parts->tensors, parts->count, said[i].meta, NULL, 0)};
        f.bytes = malloc(f.size);
        st_write(parts->tensors, parts->count, said[i].meta, f.bytes, f.size);
        for (int b = 0; b < 2; b++) {
            rnn_model *loaded = rnn_model_load(f.bytes, f.size, prefixes[b]);
            CHECK_EQUAL(loaded != NULL, b ? said[i].b : said[i].a);
            CHECK(loaded || (rnn_error_code() == RNN_E_SHAPE && says("nonlinearity is")));
            rnn_model_free(loaded);
        }
        size_t size = rnn_models_save(2, stacks, prefixes, NULL, NULL, said[i].meta, NULL, 0);
        CHECK_EQUAL(size > 0, said[i].a && said[i].b);
        free(f.bytes);
        free(parts);
        free(plain.bytes);
    }
    CHECK_EQUAL(rnn_model_save(m, NULL, "nonlinearity\0relu\0", NULL, 0), 0);
    CHECK(rnn_error_code() == RNN_E_SHAPE && says("nonlinearity is relu"));
    rnn_model_free(m);
}

static void stacks_that_make_no_file_are_refused(void)
{
    rnn_model *m = rnn_model_new(RNN_CELL_GRU, 1, V, 0, 8, V, 1);
    const rnn_model *stacks[] = {m, m, m, m, m};
    static const char *const same[] = {"a.", "a."}, *const five[] = {"a", "b", "c", "d", "e"};
    static const char *const long_one[] = {"a prefix of more than thirty-two bytes."};
    static const char *const within[][2] = {{"", "rnn."}, {"fc.", ""}, {"a.", "a.embedding."}}, *const none[] = {NULL};
    CHECK_EQUAL(rnn_models_save(2, stacks, same, NULL, NULL, NULL, NULL, 0), 0);
    CHECK_EQUAL(rnn_models_save(1, stacks, none, NULL, NULL, NULL, NULL, 0), 0);
    for (int i = 0; i < 3; i++)
        CHECK_EQUAL(rnn_models_save(2, stacks, within[i], NULL, NULL, NULL, NULL, 0), 0);
    CHECK_EQUAL(rnn_models_save(5, stacks, five, NULL, NULL, NULL, NULL, 0), 0);
    CHECK_EQUAL(rnn_models_save(0, stacks, five, NULL, NULL, NULL, NULL, 0), 0);
    CHECK_EQUAL(rnn_models_save(1, stacks, long_one, NULL, NULL, NULL, NULL, 0), 0);
    CHECK_EQUAL(rnn_error_code(), RNN_E_RANGE);
    rnn_model_free(m);
}

static void a_prefix_has_32_bytes_at_most(void)
{
    rnn_model *a = rnn_model_new(RNN_CELL_GRU, 1, V, 3, 8, V, 1), *b = rnn_model_new(RNN_CELL_GRU, 1, V, 3, 8, V, 2);
    const rnn_model *stacks[] = {a, b};
    static const char *const longest[] = {"the first prefix, of 32 letters.", "another prefix of 32 letters, b."};
    static const char *const longer[] = {"a prefix of one letter above 32..", "b."};
    CHECK_EQUAL(strlen(longest[0]), 32);
    CHECK_EQUAL(strlen(longest[1]), 32);
    CHECK_EQUAL(strlen(longer[0]), 33);
    memory_file f = saved_stacks(2, stacks, longest, NULL, NULL, NULL);
    for (int i = 0; i < 2; i++) {
        rnn_model *m = rnn_model_load(f.bytes, f.size, longest[i]);
        CHECK(m && same_network(m, stacks[i]));
        rnn_model_free(m);
    }
    CHECK_EQUAL(rnn_models_save(2, stacks, longer, NULL, NULL, NULL, NULL, 0), 0);
    CHECK_EQUAL(rnn_error_code(), RNN_E_RANGE);
    free(f.bytes);
    rnn_model_free(a);
    rnn_model_free(b);
}

/* Wherever it stands: the tensors of a file are in the order of their bytes. */
static void a_tensor_too_many_is_found_at_each_place(void)
{
    static const float ones[] = {1.0f};
    static const struct { const char *name; int rank; } own[] = {
        {"rnn.weight_ih_l0", 2}, {"rnn.weight_hh_l0", 2}, {"rnn.bias_ih_l0", 1}, {"rnn.bias_hh_l0", 1},
        {"fc.weight", 2},        {"fc.bias", 1},          {"rnn.weight_hr_l0", 2}};
    for (int place = -1; place < 7; place++) { /* -1: not at all */
        st_tensor tensors[7];
        int count = 0;
        for (int i = 0; i < 7; i++) {
            int which = place < 0 ? i : i == place ? 6 : i > place ? i - 1 : i;
            if (place < 0 && which == 6)
                continue;
            tensors[count++] = (st_tensor){.name = own[which].name, .type = ST_F32, .rank = own[which].rank,
                                           .shape = {1, 1}, .data = (const unsigned char *)ones};
        }
        size_t size = st_write(tensors, count, NULL, NULL, 0);
        unsigned char *bytes = malloc(size);
        st_write(tensors, count, NULL, bytes, size);
        rnn_model *m = rnn_model_load(bytes, size, NULL);
        CHECK_EQUAL(m != NULL, place < 0);
        CHECK(m || (rnn_error_code() == RNN_E_SHAPE && says("rnn.weight_hr_l0")));
        rnn_model_free(m);
        free(bytes);
    }
}

/* The layers are counted as far as 9, which is said. */
static void more_layers_than_4_are_refused(void)
{
    static const float ones[] = {1.0f};
    st_tensor tensors[12];
    char names[10][20];
    for (int i = 0; i < 12; i++) {
        if (i < 10)
            snprintf(names[i], sizeof names[i], "rnn.weight_hh_l%d", i);
        tensors[i] = (st_tensor){.name = i < 10 ? names[i] : i == 10 ? "rnn.weight_ih_l0" : "fc.weight", .type = ST_F32,
                                 .rank = 2, .shape = {1, 1}, .data = (const unsigned char *)ones};
    }
    for (int first = 0; first < 2; first++) {
        size_t size = st_write(tensors, 12, NULL, NULL, 0);
        unsigned char *bytes = malloc(size);
        st_write(tensors, 12, NULL, bytes, size);
        CHECK(rnn_model_load(bytes, size, NULL) == NULL);
        CHECK_EQUAL(rnn_error_code(), RNN_E_SHAPE);
        CHECK(says(first ? "5 layers" : "9 layers"));
        tensors[5].name = "rnn.weight_hh_l10"; /* layers 0 to 4 remain in a row */
        free(bytes);
    }
}

int main(int argc, char **argv)
{
    static const test tests[] = {
        TEST(more_layers_than_4_are_refused),
        TEST(a_tensor_too_many_is_found_at_each_place),
        TEST(stacks_of_one_file_are_the_models_that_were_saved),
        TEST(one_stack_without_a_prefix_is_the_file_of_rnn_model_save),
        TEST(a_prefix_that_the_file_does_not_have_is_refused_by_its_name),
        TEST(what_is_not_understood_is_refused_within_its_prefix_alone),
        TEST(beside_the_stack_without_a_prefix_are_those_of_other_stacks_alone),
        TEST(metadata_that_names_another_nonlinearity_is_neither_read_nor_written),
        TEST(stacks_that_make_no_file_are_refused),
        TEST(a_prefix_has_32_bytes_at_most)};
    return RUN(tests);
}
