/* SPDX-License-Identifier: MIT
 *
 * limits_test.c - every limit on both sides: the last that is possible, and the first that is not. The numbers stand
 * here once more and are not taken from the headers, so that a limit that moves is noticed.
 */
#include "check.h"
#include "files.h"
#include "rnn.h"
#include "safetensors.h"

static int says(const char *words) { return strstr(rnn_error(), words) != NULL; }

/* ---- settings ---- */

static void each_setting_goes_from_its_least_to_its_greatest(void)
{
    static const struct { const char *name, *below, *least, *greatest, *above; } settings[] = {
        {"vocabulary", "-1", "0", "65536", "65537"},      {"layers", "-1", "0", "4", "5"},
        {"hidden", "0", "1", "4096", "4097"},             {"embedding", "-1", "0", "4096", "4097"},
        {"batch", "0", "1", "65536", "65537"},            {"window", "0", "1", "65536", "65537"},
        {"slices", "0", "1", "65536", "65537"},           {"passes", "0", "1", "1000000000", "1000000001"},
        {"rate", "-0.1", "0", "1000000", "1000000.1"},    {"final-rate", "-0.1", "0", "1", "1.0000001"},
        {"warmup", "-1", "0", "4294967295", "4294967296"}, {"clip", "-0.1", "0", "1000000", "1000000.1"},
        {"dropout", "-0.1", "0", "0.999999", "1"},        {"seed", "-1", "0", "4294967295", "4294967296"},
        {"held-out", "-0.1", "0", "0.999999", "1"},       {"rate-factor", "-0.1", "0", "1000", "1000.1"},
        {"side", "-1", "0", "64", "65"},                  {"maps", "0", "1", "32", "33"},
        {"delay", "-1", "0", "64", "65"},                 {"reversed", "-1", "0", "1", "2"}};
    rnn_recipe *r = rnn_recipe_new();
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        CHECK_EQUAL(rnn_recipe_set(r, settings[i].name, settings[i].below), RNN_E_RANGE);
        CHECK_EQUAL(rnn_recipe_set(r, settings[i].name, settings[i].least), 0);
        CHECK_EQUAL(rnn_recipe_set(r, settings[i].name, settings[i].greatest), 0);
        CHECK_EQUAL(rnn_recipe_set(r, settings[i].name, settings[i].above), RNN_E_RANGE);
        CHECK(strcmp(rnn_recipe_get(r, settings[i].name), settings[i].greatest) == 0);
    }
    CHECK_EQUAL(rnn_recipe_set(r, "rate", "0.00000000000000000000000000001"), 0); /* 31 bytes */
    CHECK_EQUAL(rnn_recipe_set(r, "rate", "0.000000000000000000000000000001"), RNN_E_RANGE);
    rnn_recipe_free(r);
}

static void a_text_of_2_gib_is_refused_before_it_is_read(void)
{
    rnn_recipe *r = rnn_recipe_new();
    const size_t too_much = (size_t)INT32_MAX + 1;
    CHECK_EQUAL(rnn_recipe_begin(r, "a", too_much, NULL, 0, NULL, 0), RNN_E_TEXT);
    CHECK(says("2 GiB"));
    CHECK_EQUAL(rnn_recipe_begin(r, "a", 1, "a", too_much, NULL, 0), RNN_E_TEXT);
    CHECK(says("2 GiB"));
    rnn_recipe_free(r);
}

/* ---- files ---- */

/* 0, or why a file of this header is refused. */
static int verdict_on(const char *header, size_t length)
{
    memory_file f = file_of_bytes(header, length, NULL, 0);
    st_file *file = st_read(f.bytes, f.size);
    int code = file ? 0 : rnn_error_code();
    free(file);
    free(f.bytes);
    return code;
}

static int verdict(const char *header) { return verdict_on(header, strlen(header)); }

static void a_header_has_a_mebibyte_at_most(void)
{
    enum { MOST = 1048576 };
    char *header = malloc(MOST + 1);
    memset(header, ' ', MOST + 1);
    header[0] = '{';
    header[1] = '}';
    CHECK_EQUAL(verdict_on(header, MOST), 0);
    CHECK_EQUAL(verdict_on(header, MOST + 1), RNN_E_HEADER);
    CHECK_EQUAL(verdict_on(header, 2), 0);
    CHECK_EQUAL(verdict_on(header, 1), RNN_E_HEADER);
    free(header);
}

/* "{" begin, so many entries of the form, "}" end; the form has the entry's number in it. */
static int verdict_on_entries(const char *begin, int count, const char *form, const char *end)
{
    char *header = malloc(64 * (size_t)count + 64), *at = header + sprintf(header, "%s", begin);
    for (int i = 0; i < count; i++)
        at += sprintf(at, form, i ? "," : "", i);
    sprintf(at, "%s", end);
    int code = verdict(header);
    free(header);
    return code;
}

static void a_file_has_256_tensors_and_256_entries_of_metadata_at_most(void)
{
    static const char tensor[] = "%s\"%d\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}";
    CHECK_EQUAL(verdict_on_entries("{", 256, tensor, "}"), 0);
    CHECK_EQUAL(verdict_on_entries("{", 257, tensor, "}"), RNN_E_HEADER);
    CHECK_EQUAL(verdict_on_entries("{\"__metadata__\":{", 256, "%s\"%d\":\"\"", "}}"), 0);
    CHECK_EQUAL(verdict_on_entries("{\"__metadata__\":{", 257, "%s\"%d\":\"\"", "}}"), RNN_E_HEADER);
}

static int verdict_on_shape(const char *shape, const char *offsets)
{
    char header[300];
    snprintf(header, sizeof header, "{\"a\":{\"dtype\":\"U8\",\"shape\":%s,\"data_offsets\":%s}}", shape, offsets);
    return verdict(header);
}

static void a_tensor_has_4_dimensions_below_2_to_the_31_and_offsets_up_to_2_to_the_53(void)
{
    CHECK_EQUAL(verdict_on_shape("[1,1,1,0]", "[0,0]"), 0);
    CHECK_EQUAL(verdict_on_shape("[1,1,1,1,0]", "[0,0]"), RNN_E_SHAPE);
    CHECK_EQUAL(verdict_on_shape("[0,2147483647]", "[0,0]"), 0);
    CHECK_EQUAL(verdict_on_shape("[0,2147483648]", "[0,0]"), RNN_E_SHAPE);
    CHECK_EQUAL(verdict_on_shape("[0]", "[9007199254740992,9007199254740992]"), RNN_E_OFFSETS); /* 2^53 is a number */
    CHECK_EQUAL(verdict_on_shape("[0]", "[9007199254740993,9007199254740993]"), RNN_E_HEADER);
    CHECK_EQUAL(verdict_on_shape("[0]", "[18014398509481984,18014398509481984]"), RNN_E_HEADER);
    CHECK_EQUAL(verdict_on_shape("[0]", "[99999999999999999999,99999999999999999999]"), RNN_E_HEADER);
}

static void escapes_of_half_a_character_are_refused_and_their_neighbours_read(void)
{
    static const struct { const char *escape; int code; } names[] = {
        {"\\ud7ff", 0},          {"\\ud800", RNN_E_HEADER},        {"\\udbff", RNN_E_HEADER},
        {"\\udc00", RNN_E_HEADER}, {"\\udfff", RNN_E_HEADER},      {"\\ue000", 0},
        {"\\ud800\\udc00", 0},   {"\\udbff\\udfff", 0},            {"\\ud800\\udbff", RNN_E_HEADER},
        {"\\ud800\\ue000", RNN_E_HEADER}, {"\\ud800\\n", RNN_E_HEADER}, {"\\ud800a", RNN_E_HEADER},
        {"\\ud800\\", RNN_E_HEADER}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char header[100];
        snprintf(header, sizeof header, "{\"__metadata__\":{\"%s\":\"\"}}", names[i].escape);
        CHECK_EQUAL(verdict(header), names[i].code);
    }
}

static void what_is_looked_for_in_vain_is_named(void)
{
    memory_file f = file_of("{\"a\":{\"dtype\":\"I8\",\"shape\":[1],\"data_offsets\":[0,1]}}", "x", 1);
    static const char *const names[] = {"a", "nothing"};
    size_t size = 7;
    for (int i = 0; i < 2; i++) {
        rnn_model_new(0, 0, 0, 0, 0, 0, 0); /* another error before */
        CHECK(rnn_file_find(f.bytes, f.size, names[i], &size) == NULL);
        CHECK_EQUAL(rnn_error_code(), RNN_E_SHAPE);
        CHECK_EQUAL(size, 0);
        CHECK(says("no tensor") && says(names[i]));
    }
    free(f.bytes);
}

/* ---- networks ---- */

static void networks_beyond_a_limit_are_refused_and_those_at_it_made(void)
{
    static const struct { int layers, V_in, E, H, V_out, possible; } shapes[] = {
        {4, 1, 0, 1, 1, 1},     {5, 1, 0, 1, 1, 0},     {0, 1, 0, 1, 1, 0},     {1, 65536, 0, 1, 1, 1},
        {1, 65537, 0, 1, 1, 0}, {1, 0, 0, 1, 1, 0},     {1, 1, 0, 1, 65536, 1}, {1, 1, 0, 1, 65537, 0},
        {1, 1, 0, 1, 0, 1},     {1, 1, 4096, 1, 1, 1},  {1, 1, 4097, 1, 1, 0},  {1, 1, -1, 1, 1, 0},
        {1, 1, 0, 1, -1, 0},    {1, 1, 0, 4097, 1, 0},  {1, 1, 0, 0, 1, 0},     {1, 65536, 1, 1025, 1, 0}};
    /* the last one has a table above 2^26 */
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        rnn_model *m = rnn_model_new(RNN_CELL_TANH, shapes[i].layers, shapes[i].V_in, shapes[i].E, shapes[i].H,
                                     shapes[i].V_out, 1);
        CHECK_EQUAL(m != NULL, shapes[i].possible);
        CHECK(m || rnn_error_code() == RNN_E_RANGE);
        rnn_model_free(m);
    }
}

/* Of a file of a network whose layer has so many units: is it refused for them? It is refused anyway: it has no
 * biases. */
static int is_too_wide(int H)
{
    char header[500];
    size_t square = (size_t)H * (size_t)H, side = (size_t)H;
    snprintf(header, sizeof header,
             "{\"rnn.weight_hh_l0\":{\"dtype\":\"I8\",\"shape\":[%d,%d],\"data_offsets\":[0,%u]},"
             "\"rnn.weight_ih_l0\":{\"dtype\":\"I8\",\"shape\":[%d,1],\"data_offsets\":[%u,%u]},"
             "\"fc.weight\":{\"dtype\":\"I8\",\"shape\":[1,%d],\"data_offsets\":[%u,%u]}}",
             H, H, (unsigned)square, H, (unsigned)square, (unsigned)(square + side), H, (unsigned)(square + side),
             (unsigned)(square + 2 * side));
    size_t length = strlen(header), size = 8 + length + square + 2 * side;
    unsigned char *bytes = calloc(1, size);
    bytes[0] = (unsigned char)length;
    bytes[1] = (unsigned char)(length >> 8);
    memcpy(bytes + 8, header, length);
    CHECK(rnn_model_load(bytes, size, NULL) == NULL);
    CHECK_EQUAL(rnn_error_code(), RNN_E_SHAPE);
    free(bytes);
    return says("H up to 4096");
}

static void a_layer_of_4096_units_can_be_read_and_one_of_4097_not(void)
{
    CHECK(!is_too_wide(4096));
    CHECK(is_too_wide(4097));
}

static void special_ids_are_read_with_every_digit(void)
{
    rnn_model *m = rnn_model_new(RNN_CELL_TANH, 1, 1000, 1, 2, 1000, 1);
    static const struct { const char *text; int id; } ids[] = {
        {"0", 0}, {"9", 9}, {"10", 10}, {"987", 987}, {"999", 999}, {"1000", -1}, {"", -1},
        {"-1", -1}, {"1:", -1}, {"/1", -1}, {"65536", -1}, {"4294967297", -1}};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        char list[40] = "pad";
        strcpy(list + 4, ids[i].text);
        list[5 + strlen(ids[i].text)] = 0;
        memory_file f = saved_model(m, NULL, list);
        rnn_model *loaded = rnn_model_load(f.bytes, f.size, NULL);
        CHECK_EQUAL(loaded ? rnn_special(loaded, "pad") : -1, ids[i].id);
        CHECK(loaded || rnn_error_code() == RNN_E_HEADER);
        rnn_model_free(loaded);
        free(f.bytes);
    }
    rnn_model_free(m);
}

static void windows_and_streams_beyond_a_limit_are_refused_and_those_at_it_made(void)
{
    rnn_model *m = rnn_model_new(RNN_CELL_TANH, 1, 1, 0, 1, 1, 1);
    static const struct { int B, T, possible; } windows[] = {
        {1, 1, 1}, {0, 1, 0}, {1, 0, 0}, {65536, 1, 1}, {65537, 1, 0}, {1, 65536, 1}, {1, 65537, 0}, {1024, 1024, 1},
        {1024, 1025, 0}};
    for (size_t i = 0; i < sizeof windows / sizeof *windows; i++) {
        rnn_trainer *t = rnn_trainer_new(m, windows[i].B, windows[i].T, 1, 0.0f, 0.0f, 1);
        int is_refused = !t && rnn_error_code() == RNN_E_RANGE; /* there may be no memory for what is possible */
        CHECK_EQUAL(is_refused, !windows[i].possible);
        rnn_trainer_free(t);
    }
    for (int B = 65536; B <= 65537; B++) {
        rnn_state *s = rnn_state_new(m, B);
        CHECK_EQUAL(s != NULL, B == 65536);
        rnn_state_free(s);
    }
    rnn_model_free(m);
}

static void a_slice_that_there_is_not_is_named_with_how_many_there_are(void)
{
    rnn_model *m = rnn_model_new(RNN_CELL_TANH, 1, 2, 0, 1, 2, 1);
    rnn_trainer *t = rnn_trainer_new(m, 2, 1, 2, 0.0f, 0.0f, 1);
    static const int32_t ids[2] = {0, 1};
    size_t floats;
    CHECK(isnan(rnn_trainer_slice(t, 7, ids, ids)));
    CHECK(says("slice 7 of a trainer that has 2"));
    CHECK(rnn_trainer_part(t, 5, &floats) == NULL);
    CHECK(says("slice 5 of a trainer that has 2"));
    rnn_trainer_free(t);
    rnn_model_free(m);
}

/* ---- index ---- */

static void what_lies_behind_a_text_in_memory_is_not_of_it(void)
{
    static const int32_t text[] = {5, 0};
    rnn_index *x = rnn_index_new(text, 2);
    for (int32_t next = 0; next < 100; next++) {
        const int32_t sought[] = {0, next, next};
        for (int length = 2; length <= 3; length++) {
            int32_t lengths[3], at[3];
            CHECK_EQUAL(rnn_index_find(x, sought, length, lengths, at), 0);
            CHECK_EQUAL(lengths[0], 1);
            CHECK_EQUAL(at[0], 1);
        }
    }
    rnn_index_free(x);
}

/* ---- nothing at all ---- */

static void nothing_to_read_is_read_from_nowhere(void)
{
    rnn_model *m = rnn_model_new(RNN_CELL_TANH, 1, 2, 0, 1, 2, 1);
    rnn_state *s = rnn_state_new(m, 1);
    rnn_markov *grams = rnn_markov_new(2, 1, RNN_NONE, 100);
    rnn_index *x = rnn_index_new(NULL, 0);
    uint32_t counted = 7;
    CHECK_EQUAL(rnn_score(m, s, NULL, 0, &counted), 0.0);
    CHECK_EQUAL(counted, 0);
    counted = 7;
    CHECK_EQUAL(rnn_markov_score(grams, 1, NULL, 0, 0, &counted), 0.0);
    CHECK_EQUAL(counted, 0);
    CHECK(x != NULL);
    CHECK_EQUAL(rnn_index_find(x, NULL, 0, NULL, NULL), 0);
    rnn_index_free(x);
    rnn_markov_free(grams);
    rnn_state_free(s);
    rnn_model_free(m);
}

static void a_trainer_above_2_gib_is_not_made(void)
{
    rnn_model *m = rnn_model_new(RNN_CELL_LSTM, 1, 2, 0, 64, 2, 1);
    CHECK(rnn_trainer_new(m, 1024, 1024, 1, 0.0f, 0.0f, 1) == NULL);
    CHECK_EQUAL(rnn_error_code(), RNN_E_MEMORY);
    rnn_model_free(m);
}

int main(int argc, char **argv)
{
    static const test tests[] = {
        TEST(each_setting_goes_from_its_least_to_its_greatest),
        TEST(a_text_of_2_gib_is_refused_before_it_is_read),
        TEST(a_header_has_a_mebibyte_at_most),
        TEST(a_file_has_256_tensors_and_256_entries_of_metadata_at_most),
        TEST(a_tensor_has_4_dimensions_below_2_to_the_31_and_offsets_up_to_2_to_the_53),
        TEST(escapes_of_half_a_character_are_refused_and_their_neighbours_read),
        TEST(what_is_looked_for_in_vain_is_named),
        TEST(networks_beyond_a_limit_are_refused_and_those_at_it_made),
        TEST(a_layer_of_4096_units_can_be_read_and_one_of_4097_not),
        TEST(special_ids_are_read_with_every_digit),
        TEST(windows_and_streams_beyond_a_limit_are_refused_and_those_at_it_made),
        TEST(a_slice_that_there_is_not_is_named_with_how_many_there_are),
        TEST(what_lies_behind_a_text_in_memory_is_not_of_it),
        TEST(nothing_to_read_is_read_from_nowhere),
        TEST(a_trainer_above_2_gib_is_not_made)};
    return RUN(tests);
}
