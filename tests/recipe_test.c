/* SPDX-License-Identifier: MIT
 *
 * recipe_test.c - one recipe: against the steps by hand, across checkpoints of today and of before, with files that
 * lie, and where the memory ends.
 */
#include "allocations.h"
#include "check.h"
#include "files.h"
#include "golden.h"
#include "number.h"
#include "rnn.h"
#include "safetensors.h"

/* ---- what all tests use ---- */

static const golden_file *stored(const char *name)
{
    const golden_file *g = golden_checkpoints;
    while (g->name && strcmp(g->name, name) != 0)
        g++;
    CHECK(g->name != NULL);
    return g;
}

static char tale[2048]; /* sentences of a few words in some order */
static size_t tale_bytes;

static void write_tale(void)
{
    static const char *const words[] = {"the", "Cat", "sees", "a dog", "and", "на\xc3\xafve", "кот"};
    tale[0] = 0;
    for (uint32_t i = 0; strlen(tale) < 1600; i++) {
        strcat(tale, words[(int)(rnn_dice(5, i) * 7.0f)]);
        strcat(tale, i % 5 == 4 ? ".\n" : " ");
    }
    tale_bytes = strlen(tale);
}

/* settings: "name", "value", ..., NULL */
static rnn_recipe *recipe_of(const char *const *settings)
{
    rnn_recipe *r = rnn_recipe_new();
    for (; settings && *settings; settings += 2)
        CHECK_EQUAL(rnn_recipe_set(r, settings[0], settings[1]), 0);
    return r;
}

static const char *const small[] = {
    "hidden", "7", "embedding", "3", "layers", "2", "batch", "4", "window", "8", "slices", "2", "passes", "3",
    "rate", "0.02", "warmup", "5", "dropout", "0.2", "recurrent-dropout", "0.1",
    "held-out", "0.1", NULL};

static rnn_recipe *begun(const char *const *settings)
{
    rnn_recipe *r = recipe_of(settings);
    CHECK_EQUAL(rnn_recipe_begin(r, tale, tale_bytes, NULL, 0, NULL, 0), 0);
    return r;
}

static uint32_t done(const rnn_recipe *r) { return rnn_trainer_updates(rnn_recipe_trainer(r)); }

static void update(rnn_recipe *r)
{
    int slices = atoi(rnn_recipe_get(r, "slices"));
    CHECK_EQUAL(rnn_recipe_window(r, NULL, NULL), 0);
    for (int slice = 0; slice < slices; slice++)
        CHECK(isfinite(rnn_recipe_slice(r, slice)));
    CHECK(rnn_recipe_update(r) >= 0.0f);
}

static uint32_t finish(rnn_recipe *r)
{
    while (done(r) < rnn_recipe_updates(r) && !failures)
        update(r);
    return rnn_fingerprint(rnn_recipe_model(r));
}

static memory_file with_tensor(memory_file f, const char *name, const void *data, size_t bytes)
{
    memory_file more = {NULL, rnn_file_add(f.bytes, f.size, name, data, bytes, NULL, 0)};
    more.bytes = malloc(more.size ? more.size : 1);
    CHECK(more.size > 0 && rnn_file_add(f.bytes, f.size, name, data, bytes, more.bytes, more.size) == more.size);
    free(f.bytes);
    return more;
}

/* The code and the sentence of a failure. */
static void check_fails(int code, int expected, const char *words)
{
    int said = strstr(rnn_error(), words) != NULL;
    CHECK_EQUAL(code, expected);
    CHECK_EQUAL(rnn_error_code(), expected);
    CHECK(said);
    if (!said)
        printf("\"%s\" does not say \"%s\"\n", rnn_error(), words);
}

/* ---- numbers ---- */

static void check_number(const char *text) { CHECK_EQUAL(number_of(text), strtod(text, NULL)); }

static void numbers_of_up_to_15_digits_are_those_of_strtod(void)
{
    static const char *const typed[] = {
        "0", "1", "007", "0.1", ".5", "5.", "0.004", "1e-3", "2.5E+4", "1e22", "1e-22", "1e400", "0e999", "1e-400",
        "4294967295", "0.30000000000000004", "123456789012345", "0.00000000000000000001", "9007199254740993",
        "18446744073709551609", "18446744073709551615", "18446744073709551619", "99999999999999999999",
        "1e99999999999", "1e-99999999999", "1e0000000000022", "0E1001"};
    char text[64];
    for (size_t i = 0; i < sizeof typed / sizeof *typed; i++)
        check_number(typed[i]);
    for (uint32_t i = 0; i < 20000; i++) {
        int digits = 1 + (int)(rnn_dice(1, 3 * i) * 15.0f), length = 0;
        int point = (int)(rnn_dice(2, i) * (float)(digits + 1));
        for (int d = 0; d < digits; d++) {
            if (d == point)
                text[length++] = '.';
            text[length++] = (char)('0' + (int)(rnn_dice(3 + (uint32_t)d, i) * 10.0f));
        }
        /* The digits behind the point lessen the power of ten. */
        int exponent = (int)(rnn_dice(4, i) * 23.0f) - (int)(rnn_dice(5, i) * 7.0f);
        snprintf(text + length, sizeof text - (size_t)length, "e%d", exponent);
        if (exponent - (point < digits ? digits - point : 0) >= -22)
            check_number(text);
    }
}

static void what_is_no_number_is_none(void)
{
    static const char *const bad[] = {"", ".", "e5", "1e", "1e+", "1.2.3", "+1", "-1", " 1", "1 ", "0x10", "inf", "nan",
                                      "1,5", "1e5.0", "..5", "one", "\xff", "1\n"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(isnan(number_of(bad[i])));
}

/* ---- settings ---- */

static void settings_are_the_texts_that_were_given(void)
{
    rnn_recipe *r = rnn_recipe_new();
    CHECK(strcmp(rnn_recipe_get(r, "hidden"), "256") == 0);
    CHECK(strcmp(rnn_recipe_get(r, "final-rate"), "0.02") == 0);
    CHECK(strcmp(rnn_recipe_get(r, "cell"), "lstm") == 0);
    CHECK_EQUAL(rnn_recipe_set(r, "rate", "0.0100"), 0);
    CHECK_EQUAL(rnn_recipe_set(r, "seed", "4294967295"), 0);
    CHECK_EQUAL(rnn_recipe_set(r, "level", "folded"), 0);
    CHECK(strcmp(rnn_recipe_get(r, "rate"), "0.0100") == 0);
    CHECK(strcmp(rnn_recipe_get(r, "seed"), "4294967295") == 0);
    CHECK(rnn_recipe_get(r, "Hidden") == NULL && rnn_recipe_get(r, "") == NULL);
    rnn_recipe_free(r);
    rnn_recipe_free(NULL);
}

static void settings_out_of_range_are_refused_with_their_range(void)
{
    static const struct { const char *name, *value, *words; } bad[] = {
        {"hidden", "0", "hidden is 0; it must be a whole number from 1 to 4096"},
        {"hidden", "4097", "from 1 to 4096"},
        {"hidden", "ten", "hidden is ten; it must be a whole number"},
        {"hidden", "1e2", "a whole number"},
        {"hidden", "-1", "a whole number"},
        {"hidden", "", "hidden is ; it must be"},
        {"layers", "5", "layers is 5; it must be a whole number from 0 to 4"},
        {"seed", "4294967296", "from 0 to 4294967295"},
        {"side", "9", "side is 9; it must be 0 or a whole number from 10 to 64"},
        {"side", "65", "side is 65; it must be 0 or a whole number from 10 to 64"},
        {"rate", "1000001", "rate is 1000001; it must be a number from 0 to 1000000"},
        {"rate", "nan", "a number from 0"},
        {"dropout", "1", "dropout is 1; it must be a number from 0 to below 1"},
        {"held-out", "1.0", "to below 1"},
        {"cell", "cnn", "cell is cnn; it must be one of tanh, gru, lstm"},
        {"cell", "", "one of tanh, gru, lstm"},
        {"cell", "tan", "one of"},
        {"cell", "tanh, gru", "one of"},
        {"level", "word", "level is word; it must be one of characters, words, folded"},
        {"optimizer", "\xff\x01\x1b[2J", "one of adam, rmsprop"},
        {"rate", "0.00000000000000000000000000000001", "rate is a text of 34 bytes; at most 31"},
        {"colour", "red", "there is no setting colour"},
        {"", "1", "there is no setting"}};
    rnn_recipe *r = rnn_recipe_new();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        check_fails(rnn_recipe_set(r, bad[i].name, bad[i].value), RNN_E_RANGE, bad[i].words);
    CHECK(strcmp(rnn_recipe_get(r, "hidden"), "256") == 0);
    rnn_recipe_free(r);
}

static void once_begun_only_the_factor_of_the_rate_changes(void)
{
    rnn_recipe *r = begun(small), *twin = begun(small);
    check_fails(rnn_recipe_set(r, "batch", "5"), RNN_E_RANGE, "the training has begun: batch");
    check_fails(rnn_recipe_begin(r, tale, tale_bytes, NULL, 0, NULL, 0), RNN_E_RANGE, "has begun");
    check_fails(rnn_recipe_resume(r, tale, tale_bytes, NULL, 0, NULL, 0), RNN_E_RANGE, "has begun");
    CHECK_EQUAL(rnn_recipe_set(r, "rate-factor", "0.25"), 0);
    for (int i = 0; i < 12; i++) {
        rnn_recipe *both[] = {r, twin};
        float rates[2];
        for (int k = 0; k < 2; k++) {
            rnn_recipe_window(both[k], NULL, NULL);
            rnn_recipe_slice(both[k], 0);
            rnn_recipe_slice(both[k], 1);
            rates[k] = rnn_recipe_update(both[k]);
        }
        CHECK_EQUAL(rates[0], rates[1] / 4.0f);
        CHECK_EQUAL(rates[1], rnn_rate((uint32_t)i, rnn_recipe_updates(r), 5, 0.02f, 0.02f));
    }
    CHECK(rnn_fingerprint(rnn_recipe_model(r)) != rnn_fingerprint(rnn_recipe_model(twin)));
    rnn_recipe_free(r);
    rnn_recipe_free(twin);
}

/* ---- the training is the one by hand ---- */

/* As a program of its own would do it, with the functions below the recipe. */
static uint32_t by_hand(int level, int cell, int optimizer)
{
    enum { BATCH = 4, WINDOW = 8, PASSES = 3 };
    static int32_t ids[2048], x[BATCH * WINDOW], y[BATCH * WINDOW];
    static uint32_t ends[2048];
    rnn_vocab *v = rnn_vocab_build(tale, tale_bytes, level, level ? 2 : 0);
    int n = rnn_encode(v, tale, tale_bytes, ids, ends, 2048), trained = n - (int)(0.1 * n);
    if (level) {
        rnn_vocab_free(v);
        v = rnn_vocab_build(tale, ends[trained - 1], level, 7);
        rnn_encode(v, tale, tale_bytes, ids, NULL, 2048);
    }
    int V = rnn_vocab_size(v), windows = rnn_windows((size_t)trained, BATCH, WINDOW);
    rnn_model *m = rnn_model_new(cell, 2, V, 3, 7, V, 1);
    if (level)
        rnn_set_special(m, "unknown", 0);
    rnn_trainer *t = rnn_trainer_new(m, BATCH, WINDOW, 2, 0.2f, 0.1f, 1);
    for (uint32_t i = 0; i < (uint32_t)windows * PASSES; i++) {
        if (rnn_window(ids, (size_t)trained, BATCH, WINDOW, 1, i, x, y))
            rnn_trainer_reset(t);
        rnn_trainer_window(t, x, y);
        rnn_trainer_update(t, optimizer, rnn_rate(i, (uint32_t)windows * PASSES, 5, 0.02f, 0.02f), 1.0f);
    }
    uint32_t fingerprint = rnn_fingerprint(m);
    rnn_trainer_free(t);
    rnn_model_free(m);
    rnn_vocab_free(v);
    return fingerprint;
}

static void a_recipe_ends_with_the_weights_of_the_steps_by_hand(void)
{
    static const char *const levels[] = {"characters", "words", "folded"}, *const cells[] = {"tanh", "gru", "lstm"};
    static const char *const optimizers[] = {"adam", "rmsprop"};
    for (int level = 0; level < 3; level++)
        for (int cell = 0; cell < 3; cell++) {
            rnn_recipe *r = recipe_of(small);
            rnn_recipe_set(r, "level", levels[level]);
            rnn_recipe_set(r, "vocabulary", "7");
            rnn_recipe_set(r, "cell", cells[cell]);
            rnn_recipe_set(r, "optimizer", optimizers[cell % 2]);
            CHECK_EQUAL(rnn_recipe_begin(r, tale, tale_bytes, NULL, 0, NULL, 0), 0);
            CHECK_EQUAL(finish(r), by_hand(level, cell ? 2 + cell : 1, cell % 2));
            rnn_recipe_free(r);
        }
}

static void the_end_of_the_text_or_a_text_apart_is_held_out(void)
{
    static const char text[] = "aaaabbbbaaaabbbbaaaabbbbaaaabbbb\xff" "aaaabbbc", apart[] = "abca\xff\xfe";
    static const char *const settings[] = {"batch", "1", "window", "4", "held-out", "0.25", "hidden", "4", "passes",
                                           "10", NULL};
    size_t trained, held_out;
    rnn_recipe *r = recipe_of(settings);
    CHECK_EQUAL(rnn_recipe_begin(r, text, sizeof text - 1, NULL, 0, NULL, 0), 0);
    const int32_t *first = rnn_recipe_tokens(r, 0, &trained), *last = rnn_recipe_tokens(r, 1, &held_out);
    CHECK_EQUAL(trained, 30);
    CHECK_EQUAL(held_out, 10);
    CHECK_EQUAL(first[29], 1);
    CHECK_EQUAL(last[9], 2);
    CHECK_EQUAL(rnn_recipe_unknown(r), 1);
    CHECK_EQUAL(rnn_vocab_size(rnn_recipe_vocab(r)), 3);
    rnn_recipe_free(r);
    r = recipe_of(settings);
    CHECK_EQUAL(rnn_recipe_begin(r, text, sizeof text - 1, apart, sizeof apart - 1, NULL, 0), 0);
    last = rnn_recipe_tokens(r, 1, &held_out);
    rnn_recipe_tokens(r, 0, &trained);
    CHECK_EQUAL(trained, 40);
    CHECK_EQUAL(held_out, 4);
    CHECK_EQUAL(last[2], 2);
    CHECK_EQUAL(rnn_recipe_unknown(r), 3);
    CHECK_EQUAL(rnn_recipe_windows(r), rnn_windows(40, 1, 4));
    CHECK_EQUAL(rnn_recipe_updates(r), 10 * rnn_windows(40, 1, 4));
    rnn_recipe_free(r);
}

static void words_of_the_held_out_end_alone_are_unknown(void)
{
    static const char text[] = "one two one two one two one two one two three four";
    static const char *const settings[] = {"level", "words", "batch", "1", "window", "3", "held-out", "0.2", NULL};
    size_t count;
    rnn_recipe *r = recipe_of(settings);
    CHECK_EQUAL(rnn_recipe_begin(r, text, sizeof text - 1, NULL, 0, NULL, 0), 0);
    CHECK_EQUAL(rnn_vocab_size(rnn_recipe_vocab(r)), 3);
    CHECK_EQUAL(rnn_special(rnn_recipe_model(r), "unknown"), 0);
    CHECK_EQUAL(rnn_recipe_unknown(r), 2);
    const int32_t *held_out = rnn_recipe_tokens(r, 1, &count);
    CHECK_EQUAL(count, 2);
    CHECK_EQUAL(held_out[0] + held_out[1], 0);
    rnn_recipe_free(r);
}

static void two_recipes_that_run_a_slice_each_are_one(void)
{
    rnn_recipe *alone = begun(small), *pair[] = {begun(small), begun(small)};
    for (uint32_t i = 0; i < rnn_recipe_updates(alone); i++) {
        for (int k = 0; k < 2; k++) {
            rnn_recipe_window(pair[k], NULL, NULL);
            rnn_recipe_slice(pair[k], k);
        }
        for (int k = 0; k < 2; k++) {
            size_t floats;
            float *to = rnn_trainer_part(rnn_recipe_trainer(pair[k]), 1 - k, &floats);
            memcpy(to, rnn_trainer_part(rnn_recipe_trainer(pair[1 - k]), 1 - k, &floats), sizeof *to * floats);
        }
        CHECK_EQUAL(rnn_recipe_update(pair[0]), rnn_recipe_update(pair[1]));
    }
    CHECK_EQUAL(rnn_fingerprint(rnn_recipe_model(pair[0])), finish(alone));
    CHECK_EQUAL(rnn_fingerprint(rnn_recipe_model(pair[1])), finish(alone));
    rnn_recipe_free(alone);
    rnn_recipe_free(pair[0]);
    rnn_recipe_free(pair[1]);
}

static void a_window_that_is_looked_at_again_changes_nothing(void)
{
    rnn_recipe *r = begun(small), *twin = begun(small);
    for (int i = 0; i < 2; i++) {
        const int32_t *x, *y;
        CHECK_EQUAL(rnn_recipe_window(r, &x, NULL), 0);
        rnn_recipe_slice(r, 0);
        CHECK_EQUAL(rnn_recipe_window(r, NULL, &y), 0);
        CHECK_EQUAL(y[0], x[4]);
        rnn_recipe_slice(r, 1);
        CHECK(rnn_recipe_update(r) > 0.0f);
        CHECK_EQUAL(rnn_recipe_window(r, NULL, NULL), 0);
        update(twin);
    }
    CHECK_EQUAL(finish(r), finish(twin));
    CHECK(isnan(rnn_recipe_slice(r, 0)));
    CHECK_EQUAL(rnn_error_code(), RNN_E_RANGE);
    CHECK_EQUAL(rnn_recipe_window(r, NULL, NULL), 0);
    CHECK(isnan(rnn_recipe_update(r)));
    check_fails(rnn_error_code(), RNN_E_RANGE, "updates of the plan are done");
    rnn_recipe_free(r);
    rnn_recipe_free(twin);
}

static void before_it_begins_there_is_nothing_to_ask_for(void)
{
    rnn_recipe *r = rnn_recipe_new();
    size_t count = 7;
    CHECK(!rnn_recipe_model(r) && !rnn_recipe_vocab(r) && !rnn_recipe_trainer(r) && !rnn_recipe_tokens(r, 1, &count));
    CHECK_EQUAL(count + rnn_recipe_unknown(r) + rnn_recipe_windows(r) + rnn_recipe_updates(r), 0);
    check_fails(rnn_recipe_window(r, NULL, NULL), RNN_E_RANGE, "has not begun");
    CHECK(isnan(rnn_recipe_slice(r, 0)) && isnan(rnn_recipe_update(r)));
    CHECK_EQUAL(rnn_recipe_save(r, NULL, 1, NULL, 0), 0);
    rnn_recipe_free(r);
}

static void texts_that_cannot_be_trained_on_are_refused(void)
{
    static const char *const settings[] = {"batch", "4", "window", "16", NULL};
    rnn_recipe *r = recipe_of(settings);
    check_fails(rnn_recipe_begin(r, "short", 5, NULL, 0, NULL, 0), RNN_E_TEXT,
                "the text has 5 characters to train on; 4 streams of 16 need 65: take a longer text, or a smaller "
                "batch, window or held-out");
    check_fails(rnn_recipe_begin(r, "", 0, NULL, 0, NULL, 0), RNN_E_VOCAB, "0 different characters");
    rnn_recipe_set(r, "passes", "1000000000");
    check_fails(rnn_recipe_begin(r, tale, tale_bytes, NULL, 0, NULL, 0), RNN_E_RANGE, "passes is 1000000000");
    rnn_recipe_set(r, "passes", "1");
    rnn_recipe_set(r, "slices", "3");
    check_fails(rnn_recipe_begin(r, tale, tale_bytes, NULL, 0, NULL, 0), RNN_E_RANGE,
                "slices is 3; it must divide batch, which is 4");
    rnn_recipe_set(r, "slices", "1");
    rnn_recipe_set(r, "batch", "65536");
    rnn_recipe_set(r, "window", "65536");
    check_fails(rnn_recipe_begin(r, tale, tale_bytes, NULL, 0, NULL, 0), RNN_E_RANGE, "at most 2^20 places");
    rnn_recipe_set(r, "batch", "4");
    rnn_recipe_set(r, "window", "16");
    CHECK_EQUAL(rnn_recipe_begin(r, tale, tale_bytes, NULL, 0, NULL, 0), 0);
    rnn_recipe_free(r);
}

/* A share of the most digits that a number may have. */
static void whatever_is_held_out_a_token_is_left_to_train_on(void)
{
    static const char *const settings[] = {"level", "words", "held-out", "0.999999999999999", NULL};
    static const char *const texts[] = {"a", "a b", "a b c", "a b c d e f g h i j k l m n o p"};
    for (int i = 0; i < 4; i++) {
        rnn_recipe *r = recipe_of(settings);
        check_fails(rnn_recipe_begin(r, texts[i], strlen(texts[i]), NULL, 0, NULL, 0), RNN_E_TEXT,
                    "the text has 1 tokens to train on");
        rnn_recipe_free(r);
    }
}

/* ---- a network to begin with ---- */

static void a_recipe_begins_with_the_network_of_a_file(void)
{
    static const char *const other[] = {"cell", "gru", "hidden", "5", "embedding", "0", "level", "words",
                                        "batch", "2", "window", "4", NULL};
    static const char *const still[] = {"rate", "0", "batch", "2", "window", "4", "passes", "1", "hidden", "99", NULL};
    rnn_recipe *made = begun(other), *r = recipe_of(still);
    uint32_t fingerprint = rnn_fingerprint(rnn_recipe_model(made));
    rnn_set_special(rnn_recipe_model(made), "pad", 1);
    rnn_set_special(rnn_recipe_model(made), "end", 2);
    memory_file f = saved_recipe(made, NULL, 0);
    CHECK_EQUAL(rnn_recipe_begin(r, tale, tale_bytes, NULL, 0, f.bytes, f.size), 0);
    CHECK(strcmp(rnn_recipe_get(r, "cell"), "gru") == 0 && strcmp(rnn_recipe_get(r, "level"), "words") == 0);
    CHECK(strcmp(rnn_recipe_get(r, "hidden"), "5") == 0 && strcmp(rnn_recipe_get(r, "embedding"), "0") == 0);
    CHECK_EQUAL(finish(r), fingerprint);
    memory_file again = saved_recipe(r, NULL, 0);
    rnn_model *m = rnn_model_load(again.bytes, again.size, NULL);
    CHECK_EQUAL(rnn_special(m, "unknown"), 0); /* what a network never draws it never draws after training either */
    CHECK_EQUAL(rnn_special(m, "pad"), 1);
    CHECK_EQUAL(rnn_special(m, "end"), 2);
    rnn_model *small_one = rnn_model_quantize(m);
    memory_file int8 = saved_model(small_one, rnn_recipe_vocab(r), rnn_meta(m));
    rnn_recipe *third = recipe_of(still);
    check_fails(rnn_recipe_begin(third, tale, tale_bytes, NULL, 0, int8.bytes, int8.size), RNN_E_RANGE, "int8");
    CHECK(strcmp(rnn_recipe_get(third, "hidden"), "99") == 0);
    rnn_recipe_free(third);
    rnn_model_free(small_one);
    rnn_model_free(m);
    rnn_recipe_free(made);
    rnn_recipe_free(r);
    free(f.bytes);
    free(again.bytes);
    free(int8.bytes);
}

/* ---- files ---- */

static void check_said(const memory_file *f, const char *key, const char *expected)
{
    st_file *file = st_read(f->bytes, f->size);
    const char *value = st_value(file->metadata, key);
    CHECK(value && expected ? strcmp(value, expected) == 0 : value == expected);
    if (value && expected && strcmp(value, expected) != 0)
        printf("%s is %s, not %s\n", key, value, expected);
    free(file);
}

static void files_say_the_settings_and_a_checkpoint_what_it_needs_besides(void)
{
    rnn_recipe *r = begun(small);
    memory_file weights = saved_recipe(r, "corpus\0a tale\0train.minutes\0" "0.5\0", 0);
    memory_file checkpoint = saved_recipe(r, NULL, 1);
    st_file *file = st_read(weights.bytes, weights.size);
    static const char first[] = "nextchar.format\0" "1\0corpus\0a tale\0train.minutes\0" "0.5\0"
                                "train.kind\0text\0train.level\0characters\0";
    CHECK(memcmp(file->metadata, first, sizeof first - 1) == 0);
    free(file);
    for (int i = 0; i < 2; i++) {
        const memory_file *f = i ? &checkpoint : &weights;
        check_said(f, "train.rate", "0.02");
        check_said(f, "train.slices", "2");
        check_said(f, "train.seed", "1");
        check_said(f, "train.cell", "lstm");
        check_said(f, "train.updates", "0");
        check_said(f, "train.held-out", i ? "0.1" : NULL);
        check_said(f, "train.rate-factor", i ? "1" : NULL);
        check_said(f, "level", NULL);
    }
    rnn_recipe_free(r);
    r = recipe_of(small);
    rnn_recipe_set(r, "level", "folded");
    CHECK_EQUAL(rnn_recipe_begin(r, tale, tale_bytes, "a dog", 5, NULL, 0), 0);
    memory_file words = saved_recipe(r, NULL, 1);
    check_said(&words, "level", "words, folded");
    check_said(&words, "unknown", "0");
    check_said(&words, "train.characters", NULL);
    check_said(&words, "train.held-out", NULL); /* a text apart is no share */
    memory_file named = saved_recipe(r, "train.held-out\0" "a file\0", 1);
    check_said(&named, "train.held-out", "a file"); /* but its file's name can be */
    rnn_recipe_free(r);
    free(named.bytes);
    free(weights.bytes);
    free(checkpoint.bytes);
    free(words.bytes);
}

static void what_a_file_says_of_its_network_and_training_is_not_for_others_to_say(void)
{
    static const char *const own[] = {"level\0words\0", "unknown\0" "1\0", "pad\0" "1\0", "end\0" "1\0",
                                      "corpus\0a tale\0end\0" "1\0", "train.held-out\0" "0.3\0", "train.settings\0{}\0",
                                      "train.seed\0" "2\0", "train.rate-factor\0" "2\0", "nextchar.format\0" "1\0",
                                      "train.text\0" "0\0", "train.updates\0" "0\0"};
    rnn_recipe *r = begun(small);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        for (int checkpoint = 0; checkpoint <= 1; checkpoint++) {
            const char *key = i == 4 ? "end" : own[i];
            check_fails(rnn_recipe_save(r, own[i], checkpoint, NULL, 0) ? 0 : RNN_E_RANGE, RNN_E_RANGE, key);
        }
    rnn_set_special(rnn_recipe_model(r), "end", 3);
    memory_file f = saved_recipe(r, "train.minutes\0" "1\0train\0\0endings\0\0", 0);
    check_said(&f, "train", ""); /* a value may be empty */
    check_said(&f, "endings", "");
    check_said(&f, "train.hidden", "7");
    check_said(&f, "end", "3");
    free(f.bytes);
    rnn_recipe_free(r);
}

/* ---- lists ---- */

enum { NAMES = 40 };

/* Ab, Bc, ..., Zz twice over, each with its number; no line end at the end. */
static size_t write_names(char *out)
{
    char *end = out;
    for (int i = 0; i < NAMES; i++)
        end += sprintf(end, "%c%c%d%s", 'A' + i % 26, 'b' + i % 24, i, i + 1 < NAMES ? "\n" : "");
    return (size_t)(end - out);
}

/* Counts in seen each of the names that n tokens are, line by line. */
static void see_names(const rnn_vocab *v, const int32_t *tokens, size_t n, int *seen)
{
    char line[16] = "";
    for (size_t i = 0; i < n; i++) {
        const char *token = rnn_token(v, tokens[i]);
        if (*token != '\n') {
            CHECK(strlen(line) + strlen(token) < sizeof line);
            strcat(line, token);
            continue;
        }
        int k = (int)strtol(line + 2, NULL, 10);
        CHECK(k >= 0 && k < NAMES && line[0] == 'A' + k % 26 && line[1] == 'b' + k % 24);
        seen[k]++;
        *line = 0;
    }
    CHECK_EQUAL(*line, 0);
}

/* Whether nine lines, eight names behind the one that is given, are a list: then the one is an item too. */
static int is_item(const char *line)
{
    const char *const settings[] = {"hidden", "1", NULL};
    char text[256];
    int bytes = snprintf(text, sizeof text, "%s\nAnn\nBob\nCid\nDan\nEva\nFay\nGus\nHal\n", line);
    rnn_recipe *r = recipe_of(settings);
    CHECK_EQUAL(rnn_recipe_begin(r, text, (size_t)bytes, NULL, 0, NULL, 0), 0);
    int yes = strcmp(rnn_recipe_get(r, "kind"), "list") == 0;
    rnn_recipe_free(r);
    return yes;
}

static void check_items(const char *const *lines, size_t count, int expected)
{
    for (size_t i = 0; i < count; i++) {
        int actual = is_item(lines[i]);
        CHECK_EQUAL(actual, expected);
        if (actual != expected)
            printf("\"%s\"\n", lines[i]);
    }
}

static void an_item_is_a_short_line_of_letters_and_few_marks(void)
{
#define LETTERS_60 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefgh"
    static const char *const items[] = {
        "A", "z", "Zoë", "кот", "3 Oaks", "Area 51", "Mary-Ann O'Neil", "a b c d", "St.Ives", "Ann \t\r",
        LETTERS_60 "ijkl", LETTERS_60 "ijkl   "};
    static const char *const others[] = {
        "", " ", " \t \r", "1999", "3-4", "Ann.", "Ann-", "Ann!", ".Ann.", "a b c d e", "Ann, Bob", "a/b", "{Ann",
        "Ann|Bob", "~a", "a[0]", "x = y", "@Ann", "`a", LETTERS_60 "ijklm"};
#undef LETTERS_60
    check_items(items, sizeof items / sizeof *items, 1);
    check_items(others, sizeof others / sizeof *others, 0);
}

static void a_byte_0_is_no_mark_of_an_item(void)
{
    static const char text[] = "A\0b\nC\0d\nAnn\nBob\nCid\nDan\nEva\nFay\nGus\nHal\n";
    rnn_recipe *r = rnn_recipe_new();
    CHECK_EQUAL(rnn_recipe_begin(r, text, sizeof text - 1, NULL, 0, NULL, 0), 0);
    CHECK(strcmp(rnn_recipe_get(r, "kind"), "text") == 0);
    rnn_recipe_free(r);
}

static void a_list_has_8_lines_and_nine_of_ten_are_items(void)
{
    static const struct { const char *text, *kind; } texts[] = {
        {"a\nb\nc\nd\ne\nf\ng", "text"},           {"a\nb\nc\nd\ne\nf\ng\nh", "list"},
        {"a\nb\nc\nd\ne\nf\ng\nh\n!", "text"},     {"a\nb\nc\nd\ne\nf\ng\nh\ni\n!", "list"},
        {"a\nb\nc\nd\ne\nf\ng\n\n", "text"},       {"a\nb\nc\nd\ne\nf\ng\nh\n\ni\n", "list"}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        rnn_recipe *r = rnn_recipe_new();
        CHECK_EQUAL(rnn_recipe_begin(r, texts[i].text, strlen(texts[i].text), NULL, 0, NULL, 0), 0);
        CHECK(strcmp(rnn_recipe_get(r, "kind"), texts[i].kind) == 0);
        rnn_recipe_free(r);
    }
}

static void the_last_line_of_a_list_is_ended_once(void)
{
    static const char text[] = "ab\ncd\nef\n";
    static const char *const settings[] = {"kind", "list", "hidden", "1", NULL};
    for (size_t bytes = sizeof text - 2; bytes < sizeof text; bytes++) {
        size_t n;
        rnn_recipe *r = recipe_of(settings);
        CHECK_EQUAL(rnn_recipe_begin(r, text, bytes, NULL, 0, NULL, 0), 0);
        const int32_t *ids = rnn_recipe_tokens(r, 0, &n);
        CHECK_EQUAL(n, 9);
        CHECK(strcmp(rnn_token(rnn_recipe_vocab(r), ids[8]), "\n") == 0);
        rnn_recipe_free(r);
    }
}

static void one_line_is_no_list_even_if_it_is_called_one(void)
{
    static const char *const settings[] = {"kind", "list", "hidden", "1", NULL};
    size_t n;
    rnn_recipe *r = recipe_of(settings);
    CHECK_EQUAL(rnn_recipe_begin(r, "abcabc", 6, NULL, 0, NULL, 0), 0);
    CHECK(strcmp(rnn_recipe_get(r, "kind"), "text") == 0);
    CHECK(strcmp(rnn_recipe_get(r, "dropout"), "0") == 0); /* as of a text */
    rnn_recipe_tokens(r, 0, &n);
    CHECK_EQUAL(n, 6); /* no line end is added */
    rnn_recipe_free(r);
}

static void a_list_of_which_the_network_knows_no_character_is_refused(void)
{
    static const char *const settings[] = {"kind", "list", "hidden", "1", NULL};
    rnn_recipe *made = begun(small), *r = recipe_of(settings);
    memory_file f = saved_recipe(made, NULL, 0);
    CHECK(rnn_find_token(rnn_recipe_vocab(made), "\n") != RNN_NONE);
    check_fails(rnn_recipe_begin(r, "§§§", 6, NULL, 0, f.bytes, f.size), RNN_E_TEXT,
                "the text has 0 characters to train on");
    rnn_recipe_free(made);
    rnn_recipe_free(r);
    free(f.bytes);
}

static void of_a_list_whole_lines_of_anywhere_are_held_out(void)
{
    char names[8 * NAMES];
    size_t bytes = write_names(names), trained, held_out, before = 0;
    const char *const settings[] = {"held-out", "0.25", "hidden", "4", "passes", "3", "seed", "9", NULL};
    for (int again = 0; again < 2; again++) {
        int seen[NAMES] = {0}, out[NAMES] = {0}, count = 0, last = 0;
        rnn_recipe *r = recipe_of(settings);
        CHECK_EQUAL(rnn_recipe_begin(r, names, bytes, NULL, 0, NULL, 0), 0);
        CHECK(strcmp(rnn_recipe_get(r, "kind"), "list") == 0);
        const int32_t *ids = rnn_recipe_tokens(r, 0, &trained), *others = rnn_recipe_tokens(r, 1, &held_out);
        CHECK_EQUAL(trained + held_out, bytes + 1); /* the last line is ended */
        see_names(rnn_recipe_vocab(r), ids, trained, seen);
        see_names(rnn_recipe_vocab(r), others, held_out, out);
        for (int i = 0; i < NAMES; i++) {
            CHECK_EQUAL(seen[i] + out[i], 1);
            count += out[i];
            last += out[i] && i >= NAMES * 3 / 4;
        }
        CHECK_EQUAL(count, NAMES / 4);
        CHECK(last < count); /* not its end */
        CHECK(!again || held_out == before);
        before = held_out;
        rnn_recipe_free(r);
    }
}

static void each_pass_reads_a_list_in_another_order(void)
{
    char names[8 * NAMES];
    size_t bytes = write_names(names), n;
    const char *const settings[] = {"batch", "1", "window", "1", "slices", "1", "held-out", "0", "hidden", "2",
                                    "passes", "3", NULL};
    rnn_recipe *r = recipe_of(settings);
    CHECK_EQUAL(rnn_recipe_begin(r, names, bytes, NULL, 0, NULL, 0), 0);
    rnn_recipe_tokens(r, 0, &n);
    int32_t *read = malloc(sizeof *read * 3 * n);
    CHECK_EQUAL(rnn_recipe_windows(r), n - 1);
    for (size_t pass = 0; pass < 3; pass++) {
        int seen[NAMES] = {0};
        for (size_t i = 0; i + 1 < n; i++) {
            const int32_t *x, *y;
            CHECK_EQUAL(rnn_recipe_window(r, &x, &y), 0);
            read[pass * n + i] = *x;
            read[pass * n + i + 1] = *y;
            update(r);
        }
        see_names(rnn_recipe_vocab(r), read + pass * n, n, seen);
        for (int i = 0; i < NAMES; i++)
            CHECK_EQUAL(seen[i], 1);
    }
    CHECK(memcmp(read, read + n, sizeof *read * n) != 0 && memcmp(read + n, read + 2 * n, sizeof *read * n) != 0);
    free(read);
    rnn_recipe_free(r);
}

static void a_list_goes_on_amid_a_pass_to_the_weights_without_a_stop(void)
{
    char names[8 * NAMES];
    size_t bytes = write_names(names);
    const char *const settings[] = {"hidden", "4", "passes", "4", "window", "8", NULL};
    rnn_recipe *whole = recipe_of(settings), *r = recipe_of(settings), *next = rnn_recipe_new();
    CHECK_EQUAL(rnn_recipe_begin(whole, names, bytes, "Ab1\nxx", 6, NULL, 0), 0);
    CHECK_EQUAL(rnn_recipe_begin(r, names, bytes, "Ab1\nxx", 6, NULL, 0), 0);
    for (uint32_t i = 0; i < rnn_recipe_windows(r) + 3; i++)
        update(r);
    memory_file f = saved_recipe(r, NULL, 1);
    check_said(&f, "train.kind", "list");
    CHECK_EQUAL(rnn_recipe_resume(next, f.bytes, f.size, names, bytes, "Ab1\nxx", 6), 0);
    CHECK_EQUAL(finish(next), finish(whole));
    rnn_recipe_free(whole);
    rnn_recipe_free(r);
    rnn_recipe_free(next);
    free(f.bytes);
}

/* ---- what follows from the text ---- */

typedef enum { PROSE, LIST, WORDS } material;

/* A letter a byte, in one line; or in lines of seven; or each a word. */
static char *text_of(material of, size_t bytes)
{
    char *text = malloc(bytes);
    for (size_t i = 0; i < bytes; i++) {
        text[i] = (char)('a' + (int)(rnn_dice(1, (uint32_t)i) * 26.0f));
        if (of == LIST && (i % 8 == 7 || i + 1 == bytes))
            text[i] = '\n';
        if (of == WORDS && i % 2)
            text[i] = ' ';
    }
    return text;
}

static rnn_recipe *begun_on(material of, size_t bytes, const char *const *settings)
{
    rnn_recipe *r = recipe_of(settings);
    char *text = text_of(of, bytes);
    CHECK_EQUAL(rnn_recipe_begin(r, text, bytes, NULL, 0, NULL, 0), 0);
    CHECK(strcmp(rnn_recipe_get(r, "kind"), of == LIST ? "list" : "text") == 0);
    free(text);
    return r;
}

typedef struct {
    material of;
    size_t bytes;
    const char *const *given;
    const char *name, *value;
} choice;

static const char *const nothing[] = {NULL};
static const char *const all_of_it[] = {"held-out", "0", NULL}; /* to train on */
static const char *const all_words[] = {"level", "words", "hidden", "8", "held-out", "0", NULL};
static const char *const some_words[] = {"level", "words", "hidden", "8", NULL};

static void check_choices(const choice *c, size_t count)
{
    for (size_t i = 0; i < count; i++, c++) {
        rnn_recipe *r = begun_on(c->of, c->bytes, c->given);
        const char *chosen = rnn_recipe_get(r, c->name);
        CHECK(strcmp(chosen, c->value) == 0);
        if (strcmp(chosen, c->value) != 0)
            printf("of %u bytes %s is %s, not %s\n", (unsigned)c->bytes, c->name, chosen, c->value);
        rnn_recipe_free(r);
    }
}
#define CHECK_CHOICES(choices) check_choices(choices, sizeof(choices) / sizeof *(choices))

static void of_a_short_text_or_a_shorter_list_nothing_is_held_out(void)
{
    static const choice choices[] = {
        {PROSE, 4999, nothing, "held-out", "0"},    {PROSE, 5000, nothing, "held-out", "0.1"},
        {LIST, 999, nothing, "held-out", "0"},      {LIST, 1000, nothing, "held-out", "0.1"},
        {WORDS, 4999, some_words, "held-out", "0"}, {WORDS, 5000, some_words, "held-out", "0.1"}};
    CHECK_CHOICES(choices);
}

/* Tokens with one before them count: the first one of a text has none. */
static void the_units_follow_from_how_much_there_is_to_learn(void)
{
    static const choice choices[] = {
        {PROSE, 100, all_of_it, "hidden", "128"},    {PROSE, 100000, all_of_it, "hidden", "128"},
        {PROSE, 100001, all_of_it, "hidden", "256"}, {PROSE, 300000, all_of_it, "hidden", "256"},
        {PROSE, 300001, all_of_it, "hidden", "384"}, {LIST, 1000, all_of_it, "hidden", "32"},
        {LIST, 1001, all_of_it, "hidden", "64"},     {LIST, 10000, all_of_it, "hidden", "64"},
        {LIST, 10001, all_of_it, "hidden", "128"},   {LIST, 300000, all_of_it, "hidden", "128"},
        {LIST, 300001, all_of_it, "hidden", "256"},  {PROSE, 100, all_of_it, "embedding", "64"},
        {WORDS, 100, all_words, "embedding", "128"}};
    CHECK_CHOICES(choices);
}

static void streams_have_32_windows_each_and_are_even_or_one(void)
{
    enum { STREAM = 32 * 64, OF_WORDS = 2 * 32 * 32 }; /* bytes */
    static const choice choices[] = {
        {PROSE, 2 * STREAM, all_of_it, "batch", "1"},       {PROSE, 2 * STREAM + 1, all_of_it, "batch", "2"},
        {PROSE, 3 * STREAM + 1, all_of_it, "batch", "2"},   {PROSE, 16 * STREAM, all_of_it, "batch", "14"},
        {PROSE, 16 * STREAM + 1, all_of_it, "batch", "16"}, {PROSE, 18 * STREAM + 1, all_of_it, "batch", "16"},
        {WORDS, 8 * OF_WORDS, all_words, "batch", "6"},     {WORDS, 8 * OF_WORDS + 2, all_words, "batch", "8"},
        {WORDS, 10 * OF_WORDS + 2, all_words, "batch", "8"}, {PROSE, 2 * STREAM, all_of_it, "slices", "1"},
        {PROSE, 2 * STREAM + 1, all_of_it, "slices", "2"},  {PROSE, 65, all_of_it, "window", "64"},
        {PROSE, 64, all_of_it, "window", "63"},             {WORDS, 66, all_words, "window", "32"},
        {WORDS, 64, all_words, "window", "31"}};
    CHECK_CHOICES(choices);
}

static void wide_networks_and_words_learn_at_a_lower_rate(void)
{
    static const char *const at_most[] = {"hidden", "256", NULL}, *const wide[] = {"hidden", "257", NULL};
    static const char *const widest[] = {"hidden", "385", NULL};
    static const choice choices[] = {{PROSE, 100, at_most, "rate", "0.01"},
                                     {PROSE, 100, wide, "rate", "0.007"},
                                     {PROSE, 100, widest, "rate", "0.005"},
                                     {WORDS, 100, all_words, "rate", "0.003"}};
    CHECK_CHOICES(choices);
}

/* Of 333,335 bytes a tenth that is held out leaves 300,002; of 888,890 it leaves 800,001. */
static void where_others_than_the_read_ones_are_wanted_units_and_weights_drop_out(void)
{
    static const choice choices[] = {
        {PROSE, 300001, all_of_it, "dropout", "0"},  {PROSE, 5000, nothing, "dropout", "0.5"},
        {PROSE, 333332, nothing, "dropout", "0.5"},  {PROSE, 333335, nothing, "dropout", "0.4"},
        {PROSE, 888888, nothing, "dropout", "0.4"},  {PROSE, 888890, nothing, "dropout", "0.3"},
        {PROSE, 300001, all_of_it, "recurrent-dropout", "0"},  {PROSE, 5000, nothing, "recurrent-dropout", "0.3"},
        {PROSE, 333332, nothing, "recurrent-dropout", "0.3"},  {PROSE, 333335, nothing, "recurrent-dropout", "0"},
        {LIST, 5000, nothing, "recurrent-dropout", "0"},       {WORDS, 5000, some_words, "recurrent-dropout", "0"},
        {LIST, 100, all_of_it, "dropout", "0.5"},    {LIST, 300000, all_of_it, "dropout", "0.5"},
        {LIST, 300001, all_of_it, "dropout", "0.3"}, {WORDS, 5000, all_words, "dropout", "0"},
        {WORDS, 5000, some_words, "dropout", "0.6"}};
    CHECK_CHOICES(choices);
}

/* Of what something is held out that is no list and no words. */
static int is_prose(const rnn_recipe *r, material of)
{
    size_t held_out;
    rnn_recipe_tokens(r, 1, &held_out);
    return of == PROSE && held_out;
}

/* As many passes as make so many updates, the last one whole. */
static void check_updates(material of, size_t bytes, const char *const *given, double least, double most)
{
    rnn_recipe *r = begun_on(of, bytes, given);
    double windows = rnn_recipe_windows(r), updates = 100.0 * sqrt(windows) + 12.0 * windows;
    if (is_prose(r, of))
        updates = fmin(400.0 * sqrt(windows), 4000.0 + 2.8 * windows);
    updates = fmin(fmax(updates, least), most);
    CHECK_EQUAL(rnn_recipe_updates(r), windows * ceil(updates / windows));
    rnn_recipe_free(r);
}

static void the_updates_follow_from_the_windows_of_a_pass(void)
{
    static const char *const single[] = {"batch", "1", "window", "1", "hidden", "1", "held-out", "0", NULL};
    static const char *const apart[] = {"batch", "1", "window", "1", "hidden", "1", "held-out", "0.1", NULL};
    const double most = 40000.0;
    check_updates(PROSE, 3, single, 1000.0, most);
    check_updates(LIST, 64, all_of_it, 300.0, most);
    check_updates(PROSE, 4, apart, 1000.0, most); /* a tenth of 4 is nothing */
    check_updates(PROSE, 10, apart, 300.0, most);
    check_updates(PROSE, 100, apart, 300.0, most);   /* 400 sqrt(w) */
    check_updates(PROSE, 1000, apart, 300.0, most);  /* 4000 + 2.8 w */
    check_updates(PROSE, 20000, apart, 300.0, most); /* the most */
    check_updates(PROSE, 1000, single, 0.0, most);
    check_updates(PROSE, 2500, single, 0.0, most);
    check_updates(PROSE, 2800, single, 0.0, most); /* 38,892 */
    check_updates(PROSE, 3000, single, 0.0, most); /* 41,477 */
    check_updates(PROSE, 4001, single, 0.0, most);  /* ten passes of 4,000: one update more would be one pass more */
    check_updates(PROSE, 13334, single, 0.0, most); /* three of 13,333 are one update too few */
}

/* ---- checkpoints ---- */

static void a_checkpoint_goes_on_to_the_weights_without_a_stop(void)
{
    static const char *const levels[] = {"characters", "words"};
    for (int level = 0; level < 2; level++)
        for (uint32_t stop = 0; stop < 40; stop += 13) {
            rnn_recipe *r = recipe_of(small), *same = rnn_recipe_new(), *by_text = rnn_recipe_new();
            rnn_recipe_set(r, "level", levels[level]);
            CHECK_EQUAL(rnn_recipe_begin(r, tale, tale_bytes, NULL, 0, NULL, 0), 0);
            while (done(r) < stop && done(r) < rnn_recipe_updates(r))
                update(r);
            rnn_recipe_set(r, "rate-factor", "0.5");
            memory_file f = saved_recipe(r, "corpus\0a tale\0", 1);
            check_fails(rnn_recipe_resume(same, f.bytes, f.size, NULL, 0, NULL, 0), RNN_E_CHECKPOINT, "give the text");
            CHECK_EQUAL(rnn_recipe_resume(by_text, f.bytes, f.size, tale, tale_bytes, NULL, 0), 0);
            f = with_tensor(f, "text", tale, tale_bytes);
            CHECK_EQUAL(rnn_recipe_resume(same, f.bytes, f.size, NULL, 0, NULL, 0), 0);
            CHECK_EQUAL(done(same), done(r));
            CHECK(strcmp(rnn_recipe_get(same, "rate-factor"), "0.5") == 0 &&
                  strcmp(rnn_recipe_get(same, "hidden"), "7") == 0);
            uint32_t expected = finish(r);
            CHECK_EQUAL(finish(same), expected);
            CHECK_EQUAL(finish(by_text), expected);
            memory_file one = saved_recipe(r, NULL, 1), two = saved_recipe(same, NULL, 1);
            CHECK(one.size == two.size && memcmp(one.bytes, two.bytes, one.size) == 0);
            free(one.bytes);
            free(two.bytes);
            free(f.bytes);
            rnn_recipe_free(r);
            rnn_recipe_free(same);
            rnn_recipe_free(by_text);
        }
}

static void a_checkpoint_carries_a_held_out_text_of_its_own(void)
{
    rnn_recipe *r = recipe_of(small), *same = rnn_recipe_new(), *other = rnn_recipe_new();
    size_t count;
    CHECK_EQUAL(rnn_recipe_begin(r, tale, tale_bytes, "a dog", 5, NULL, 0), 0);
    update(r);
    memory_file f = with_tensor(saved_recipe(r, NULL, 1), "text", tale, tale_bytes);
    f = with_tensor(f, "held_out", "a dog", 5);
    CHECK_EQUAL(rnn_recipe_resume(same, f.bytes, f.size, NULL, 0, NULL, 0), 0);
    rnn_recipe_tokens(same, 1, &count);
    CHECK_EQUAL(count, 5);
    CHECK_EQUAL(rnn_recipe_resume(other, f.bytes, f.size, NULL, 0, "a cat sees", 10), 0);
    rnn_recipe_tokens(other, 1, &count);
    CHECK_EQUAL(count, 9); /* "c" is no character of the text */
    CHECK_EQUAL(finish(same), finish(r));
    rnn_recipe_free(other);
    other = rnn_recipe_new();
    rnn_recipe_set(other, "held-out", "0.1");
    check_fails(rnn_recipe_resume(other, f.bytes, f.size, NULL, 0, NULL, 0), RNN_E_CHECKPOINT, "another text");
    rnn_recipe_free(other);
    rnn_recipe_free(same);
    rnn_recipe_free(r);
    free(f.bytes);
}

static void what_was_set_before_counts_more_than_the_checkpoint(void)
{
    rnn_recipe *r = begun(small), *same = rnn_recipe_new();
    update(r);
    memory_file f = saved_recipe(r, NULL, 1);
    rnn_recipe_set(same, "passes", "5");
    rnn_recipe_set(same, "hidden", "99"); /* but not more than the network */
    CHECK_EQUAL(rnn_recipe_resume(same, f.bytes, f.size, tale, tale_bytes, NULL, 0), 0);
    CHECK_EQUAL(rnn_recipe_updates(same), 5 * rnn_recipe_windows(r));
    CHECK(strcmp(rnn_recipe_get(same, "hidden"), "7") == 0 && strcmp(rnn_recipe_get(same, "rate"), "0.02") == 0);
    rnn_recipe_free(same);
    same = rnn_recipe_new();
    rnn_recipe_set(same, "batch", "8");
    check_fails(rnn_recipe_resume(same, f.bytes, f.size, tale, tale_bytes, NULL, 0), RNN_E_SHAPE,
                "the checkpoint has 4 streams, which does not fit a batch of 8");
    CHECK(strcmp(rnn_recipe_get(same, "rate"), "0.004") == 0); /* as new */
    CHECK_EQUAL(rnn_recipe_begin(same, tale, tale_bytes, NULL, 0, NULL, 0), 0);
    rnn_recipe_free(same);
    rnn_recipe_free(r);
    free(f.bytes);
}

/* The checkpoints go on to the weights that the programs which made them ended with; see the folder's README. */
static void checkpoints_from_before_the_recipe_go_on_to_their_weights(void)
{
    const golden_file *command = stored("command"), *page = stored("page"), *apart = stored("held-out");
    const char *text = (const char *)stored("text")->bytes, *held_out = (const char *)apart->bytes;
    size_t bytes = stored("text")->size;
    rnn_recipe *r = rnn_recipe_new();
    check_fails(rnn_recipe_resume(r, command->bytes, command->size, text, bytes, NULL, 0), RNN_E_CHECKPOINT,
                "held-out text is held-out.txt: give it too");
    CHECK_EQUAL(rnn_recipe_resume(r, command->bytes, command->size, text, bytes, held_out, apart->size), 0);
    CHECK_EQUAL(done(r), 3);
    CHECK_EQUAL(rnn_recipe_updates(r), 1200);
    CHECK_EQUAL(finish(r), 0xe9cf8121U);
    rnn_recipe_free(r);
    r = rnn_recipe_new();
    CHECK_EQUAL(rnn_recipe_resume(r, page->bytes, page->size, NULL, 0, NULL, 0), 0);
    CHECK_EQUAL(done(r), 62);
    CHECK_EQUAL(rnn_recipe_updates(r), 120);
    static const char *const expected[] = {"slices", "2", "final-rate", "0.02", "held-out", "0.1", "rate-factor", "0.5",
                                           "seed", "7", "optimizer", "adam", "vocabulary", "5000",
                                           "level", "characters", NULL};
    for (const char *const *s = expected; *s; s += 2)
        CHECK(strcmp(rnn_recipe_get(r, s[0]), s[1]) == 0);
    CHECK_EQUAL(finish(r), 0xb28c126aU);
    rnn_recipe_free(r);
}

/* ---- files that lie ---- */

static void check_resume_fails(const memory_file *f, int code, const char *words)
{
    rnn_recipe *r = rnn_recipe_new();
    int before = live;
    check_fails(rnn_recipe_resume(r, f->bytes, f->size, tale, tale_bytes, NULL, 0), code, words);
    CHECK_EQUAL(live, before);
    rnn_recipe_free(r);
}

/* Changes the four bytes of a float in a tensor of the file. */
static void put_float(memory_file *f, const char *name, size_t i, float value)
{
    st_file *file = st_read(f->bytes, f->size);
    memcpy(f->bytes + (st_find(file, name)->data - f->bytes) + sizeof value * i, &value, sizeof value);
    free(file);
}

static void a_vocabulary_that_is_not_the_networks_is_refused(void)
{
    static const char *const alphabets[] = {"abcdefghijklmnopqrstuvwxyz,.\n THE", "abcdefghijkl"};
    rnn_recipe *r = begun(small);
    int V = rnn_vocab_size(rnn_recipe_vocab(r));
    for (int shorter = 0; shorter <= 1; shorter++) {
        rnn_vocab *v = rnn_vocab_build(alphabets[shorter], strlen(alphabets[shorter]), RNN_CHARACTERS, 0);
        CHECK(shorter ? rnn_vocab_size(v) < V : rnn_vocab_size(v) > V);
        memory_file f = saved_trainer(rnn_recipe_trainer(r), v, "train.text\0" "00000000\0");
        check_resume_fails(&f, RNN_E_VOCAB, shorter ? "the vocabulary has 12 tokens, the network reads"
                                                    : "the vocabulary has 33 tokens, the network reads");
        rnn_recipe *from = rnn_recipe_new();
        check_fails(rnn_recipe_begin(from, tale, tale_bytes, NULL, 0, f.bytes, f.size), RNN_E_VOCAB, "must be equal");
        rnn_recipe_free(from);
        rnn_vocab_free(v);
        free(f.bytes);
    }
    rnn_recipe_free(r);
}

/* One that reads other tokens than it writes: the vocabulary is right for what it reads, or for what it writes. */
static void a_network_that_reads_other_tokens_than_it_writes_is_not_trained_on_a_text(void)
{
    for (int reads = 2; reads <= 4; reads += 2) {
        rnn_vocab *v = rnn_vocab_build("abc", 3, RNN_CHARACTERS, 0);
        rnn_model *m = rnn_model_new(RNN_CELL_GRU, 1, reads == 2 ? 2 : 3, 0, 4, reads == 2 ? 3 : 4, 1);
        memory_file f = saved_model(m, v, NULL);
        rnn_recipe *r = rnn_recipe_new();
        check_fails(rnn_recipe_begin(r, tale, tale_bytes, NULL, 0, f.bytes, f.size), RNN_E_VOCAB, "must be equal");
        rnn_recipe_free(r);
        rnn_model_free(m);
        rnn_vocab_free(v);
        free(f.bytes);
    }
}

/* Its network is right and is made; the trainer for so many streams is not even asked for. */
static void a_checkpoint_of_other_streams_costs_no_trainer(void)
{
    static const char *const many[] = {"batch", "40", "window", "8", NULL};
    rnn_recipe *r = begun(small), *other = recipe_of(many);
    memory_file f = saved_recipe(r, NULL, 1);
    count_anew();
    check_fails(rnn_recipe_resume(other, f.bytes, f.size, tale, tale_bytes, NULL, 0), RNN_E_SHAPE, "4 streams");
    CHECK(most_bytes < 4 * f.size);
    rnn_recipe_free(other);
    rnn_recipe_free(r);
    free(f.bytes);
}

static void checkpoints_that_cannot_be_right_are_refused(void)
{
    rnn_recipe *r = begun(small);
    for (int i = 0; i < 3; i++)
        update(r);
    memory_file good = unsealed(saved_recipe(r, NULL, 1)), f = copy_of(good.bytes, good.size);
    memory_file weights = saved_recipe(r, NULL, 0);
    put_float(&f, "trainer.v", 5, -1e-30f);
    check_resume_fails(&f, RNN_E_VALUE, "trainer.v holds a number that is NaN, infinite or negative");
    put_float(&f, "trainer.v", 5, (float)NAN);
    check_resume_fails(&f, RNN_E_VALUE, "trainer.v holds a number that is NaN");
    put_float(&f, "trainer.v", 5, -0.0f);
    put_float(&f, "trainer.h_l1", 2, (float)INFINITY);
    check_resume_fails(&f, RNN_E_VALUE, "trainer.h_l1");
    put_float(&f, "trainer.h_l1", 2, 0.0f);
    put_float(&f, "trainer.updates", 0, 1e-40f); /* 71362 as an integer */
    check_resume_fails(&f, RNN_E_CHECKPOINT, "71362 updates, more than the");
    check_resume_fails(&weights, RNN_E_CHECKPOINT, "no checkpoint of a training");
    memory_file none = copy_of("", 0);
    check_resume_fails(&none, RNN_E_TRUNCATED, "0 bytes");
    tale[3] ^= 1;
    check_resume_fails(&good, RNN_E_CHECKPOINT, "another text");
    tale[3] ^= 1;
    free(none.bytes);
    free(good.bytes);
    free(f.bytes);
    free(weights.bytes);
    rnn_recipe_free(r);
}

/* Other bytes in the place of some, as many, of the header. */
static void put_text(memory_file f, const char *old, const char *other)
{
    size_t length = strlen(old), i = 0;
    CHECK_EQUAL(strlen(other), length);
    while (i + length < f.size && memcmp(f.bytes + i, old, length) != 0)
        i++;
    CHECK(i + length < f.size);
    memcpy(f.bytes + i, other, length);
}

static void a_count_of_updates_of_another_type_or_size_is_no_checkpoint(void)
{
    rnn_recipe *r = begun(small);
    memory_file f = unsealed(saved_recipe(r, NULL, 1));
    put_text(f, "\"trainer.updates\":{\"dtype\":\"U8\"", "\"trainer.updates\":{\"dtype\":\"I8\"");
    check_resume_fails(&f, RNN_E_CHECKPOINT, "no checkpoint of a training");
    free(f.bytes);
    rnn_vocab *v = rnn_vocab_build(tale, tale_bytes, RNN_CHARACTERS, 0);
    f = with_tensor(saved_model(rnn_recipe_model(r), v, "train.text\0" "00000000\0"), "trainer.updates", "12345678", 8);
    check_resume_fails(&f, RNN_E_CHECKPOINT, "no checkpoint of a training");
    rnn_vocab_free(v);
    free(f.bytes);
    rnn_recipe_free(r);
}

/* A key that begins with the name of a setting is not that setting. */
static void of_an_old_page_a_setting_is_found_by_its_whole_name(void)
{
    const golden_file *page = stored("page");
    memory_file f = copy_of(page->bytes, page->size);
    put_text(f, "level", "rates");
    rnn_recipe *r = rnn_recipe_new();
    CHECK_EQUAL(rnn_recipe_resume(r, f.bytes, f.size, NULL, 0, NULL, 0), 0);
    CHECK(strcmp(rnn_recipe_get(r, "rate"), "0.02") == 0 && strcmp(rnn_recipe_get(r, "level"), "characters") == 0);
    rnn_recipe_free(r);
    free(f.bytes);
}

/* Whatever the bytes, the recipe goes on or says why not, and then begins as if nothing had been. */
static void any_changed_byte_of_a_checkpoint_is_survived(void)
{
    const golden_file *page = stored("page");
    memory_file f = copy_of(page->bytes, page->size);
    size_t header = 8 + (size_t)f.bytes[0] + 256 * (size_t)f.bytes[1];
    int failed = 0;
    for (size_t i = 0; i < f.size; i += i < header ? 1 : 37) {
        static const unsigned char values[] = {0, '9', '"', 0xff};
        for (int k = 0; k < 4; k++) {
            unsigned char old = f.bytes[i];
            rnn_recipe *r = rnn_recipe_new();
            int before = live;
            f.bytes[i] = values[k];
            if (rnn_recipe_resume(r, f.bytes, f.size, NULL, 0, NULL, 0)) {
                failed++;
                CHECK_EQUAL(live, before);
                CHECK(!rnn_recipe_trainer(r) && strcmp(rnn_recipe_get(r, "hidden"), "256") == 0);
            } else if (done(r) < rnn_recipe_updates(r)) {
                rnn_recipe_window(r, NULL, NULL);
                rnn_recipe_slice(r, 0);
                rnn_recipe_slice(r, 1);
                rnn_recipe_update(r);
            }
            rnn_recipe_free(r);
            f.bytes[i] = old;
        }
    }
    CHECK(failed > 1000);
    free(f.bytes);
}

/* A checkpoint of some 3 kB without its text. */
static memory_file tiny_checkpoint(uint32_t *fingerprint)
{
    static const char *const tiny[] = {"cell",  "tanh", "hidden", "1", "embedding", "1",
                                       "batch", "2",    "window", "4", NULL};
    rnn_recipe *r = begun(tiny);
    update(r);
    *fingerprint = rnn_fingerprint(rnn_recipe_model(r));
    memory_file f = saved_recipe(r, NULL, 1);
    rnn_recipe_free(r);
    return f;
}

static void a_checkpoint_cut_at_any_byte_is_refused(void)
{
    uint32_t fingerprint;
    memory_file f = tiny_checkpoint(&fingerprint);
    for (size_t size = 0; size < f.size; size++) {
        memory_file part = copy_of(f.bytes, size);
        rnn_recipe *r = rnn_recipe_new();
        int before = live, code = rnn_recipe_resume(r, part.bytes, part.size, tale, tale_bytes, NULL, 0);
        CHECK(code == RNN_E_TRUNCATED || code == RNN_E_HEADER);
        CHECK_EQUAL(live, before);
        rnn_recipe_free(r);
        free(part.bytes);
    }
    free(f.bytes);
}

/* Whichever it is: by the sum, or, if it is of the sum's own name, as a tensor that nobody knows. */
static void a_checkpoint_with_any_bit_flipped_is_refused(void)
{
    uint32_t fingerprint;
    memory_file f = with_tensor(tiny_checkpoint(&fingerprint), "text", tale, tale_bytes);
    size_t header = 8 + f.bytes[0] + 256U * f.bytes[1];
    for (size_t bit = 0; bit < 8 * f.size; bit++) {
        rnn_recipe *r = rnn_recipe_new();
        f.bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        CHECK(rnn_recipe_resume(r, f.bytes, f.size, NULL, 0, NULL, 0) < 0);
        CHECK(bit / 8 < header || rnn_error_code() == RNN_E_DAMAGED);
        rnn_recipe_free(r);
        f.bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    free(f.bytes);
}

/* Without a sum. In the header never with other weights; what goes on can be trained and saved. */
static void a_checkpoint_with_any_bit_flipped_goes_on_or_is_refused(void)
{
    uint32_t fingerprint;
    memory_file f = unsealed(tiny_checkpoint(&fingerprint));
    size_t header = 8 + f.bytes[0] + 256U * f.bytes[1];
    int went_on = 0, refused_ones = 0;
    for (size_t bit = 0; bit < 8 * f.size; bit++) {
        rnn_recipe *r = rnn_recipe_new();
        int before = live;
        f.bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        if (rnn_recipe_resume(r, f.bytes, f.size, tale, tale_bytes, NULL, 0)) {
            refused_ones++;
            CHECK(rnn_error_code() < 0);
            CHECK_EQUAL(live, before);
        } else {
            went_on++;
            CHECK(bit / 8 >= header || rnn_fingerprint(rnn_recipe_model(r)) == fingerprint);
            CHECK_EQUAL(rnn_recipe_window(r, NULL, NULL), 0);
            rnn_recipe_slice(r, 0);
            rnn_recipe_update(r);
            CHECK(rnn_recipe_save(r, NULL, 1, NULL, 0) > 0);
        }
        rnn_recipe_free(r);
        f.bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    CHECK(went_on > 1000 && refused_ones > 1000);
    free(f.bytes);
}

/* ---- memory ---- */

static memory_file resumable;

static int begin_one(rnn_recipe *r)
{
    rnn_recipe_set(r, "level", "words");
    rnn_recipe_set(r, "held-out", "0.1");
    rnn_recipe_set(r, "batch", "2");
    rnn_recipe_set(r, "window", "8");
    return rnn_recipe_begin(r, tale, tale_bytes, NULL, 0, NULL, 0);
}

static int resume_one(rnn_recipe *r) { return rnn_recipe_resume(r, resumable.bytes, resumable.size, NULL, 0, NULL, 0); }

static void where_memory_ends_nothing_leaks_and_the_recipe_is_as_new(void)
{
    rnn_recipe *made = begun(small);
    resumable = with_tensor(saved_recipe(made, NULL, 1), "text", tale, tale_bytes);
    rnn_recipe_free(made);
    for (int which = 0; which < 2; which++) {
        int (*run)(rnn_recipe * r) = which ? resume_one : begin_one;
        for (int i = 0, error = RNN_E_MEMORY; error; i++) {
            rnn_recipe *r = rnn_recipe_new();
            int before = live;
            count_anew();
            refused = i;
            error = run(r);
            refused = -1;
            if (error) {
                CHECK_EQUAL(error, i < allocations ? RNN_E_MEMORY : 0);
                CHECK_EQUAL(live, before);
                CHECK_EQUAL(run(r), 0);
            } else
                CHECK(i >= 8);
            rnn_recipe_free(r);
        }
    }
    free(resumable.bytes);
}

static void an_update_allocates_nothing(void)
{
    rnn_recipe *r = begun(small);
    int before = allocations;
    for (int i = 0; i < 5; i++)
        update(r);
    CHECK_EQUAL(allocations, before);
    refused = allocations;
    CHECK_EQUAL(rnn_recipe_save(r, NULL, 1, NULL, 0), 0);
    CHECK_EQUAL(rnn_error_code(), RNN_E_MEMORY);
    refused = -1;
    rnn_recipe_free(r);
}

static void settings_that_the_network_of_a_file_knows_better_are_its_own(void)
{
    static const char *const of_file[][2] = {
        {"cell", "gru"}, {"layers", "3"}, {"hidden", "10"}, {"embedding", "12"}};
    rnn_vocab *v = rnn_vocab_build(tale, tale_bytes, RNN_WORDS_FOLDED, 20);
    int V = rnn_vocab_size(v);
    rnn_model *m = rnn_model_new(RNN_CELL_GRU, 3, V, 12, 10, V, 1);
    memory_file f = saved_model(m, v, NULL);
    rnn_recipe *r = recipe_of(small);
    CHECK_EQUAL(rnn_recipe_begin(r, tale, tale_bytes, NULL, 0, f.bytes, f.size), 0);
    for (size_t i = 0; i < sizeof of_file / sizeof *of_file; i++)
        CHECK(strcmp(rnn_recipe_get(r, of_file[i][0]), of_file[i][1]) == 0);
    rnn_recipe_free(r);
    rnn_vocab_free(v);
    rnn_model_free(m);
    free(f.bytes);
}

static void without_memory_there_is_no_recipe(void)
{
    count_anew();
    refused = 0;
    CHECK(rnn_recipe_new() == NULL);
    count_anew();
    CHECK_EQUAL(rnn_error_code(), RNN_E_MEMORY);
}

int main(int argc, char **argv)
{
    static const test tests[] = {TEST(numbers_of_up_to_15_digits_are_those_of_strtod),
                                 TEST(without_memory_there_is_no_recipe),
                                 TEST(settings_that_the_network_of_a_file_knows_better_are_its_own),
                                 TEST(what_is_no_number_is_none),
                                 TEST(settings_are_the_texts_that_were_given),
                                 TEST(settings_out_of_range_are_refused_with_their_range),
                                 TEST(once_begun_only_the_factor_of_the_rate_changes),
                                 TEST(a_recipe_ends_with_the_weights_of_the_steps_by_hand),
                                 TEST(the_end_of_the_text_or_a_text_apart_is_held_out),
                                 TEST(words_of_the_held_out_end_alone_are_unknown),
                                 TEST(two_recipes_that_run_a_slice_each_are_one),
                                 TEST(a_window_that_is_looked_at_again_changes_nothing),
                                 TEST(before_it_begins_there_is_nothing_to_ask_for),
                                 TEST(texts_that_cannot_be_trained_on_are_refused),
                                 TEST(a_recipe_begins_with_the_network_of_a_file),
                                 TEST(files_say_the_settings_and_a_checkpoint_what_it_needs_besides),
                                 TEST(what_a_file_says_of_its_network_and_training_is_not_for_others_to_say),
                                 TEST(an_item_is_a_short_line_of_letters_and_few_marks),
                                 TEST(a_byte_0_is_no_mark_of_an_item),
                                 TEST(a_list_has_8_lines_and_nine_of_ten_are_items),
                                 TEST(the_last_line_of_a_list_is_ended_once),
                                 TEST(one_line_is_no_list_even_if_it_is_called_one),
                                 TEST(a_list_of_which_the_network_knows_no_character_is_refused),
                                 TEST(of_a_list_whole_lines_of_anywhere_are_held_out),
                                 TEST(each_pass_reads_a_list_in_another_order),
                                 TEST(a_list_goes_on_amid_a_pass_to_the_weights_without_a_stop),
                                 TEST(of_a_short_text_or_a_shorter_list_nothing_is_held_out),
                                 TEST(the_units_follow_from_how_much_there_is_to_learn),
                                 TEST(streams_have_32_windows_each_and_are_even_or_one),
                                 TEST(wide_networks_and_words_learn_at_a_lower_rate),
                                 TEST(where_others_than_the_read_ones_are_wanted_units_and_weights_drop_out),
                                 TEST(the_updates_follow_from_the_windows_of_a_pass),
                                 TEST(a_checkpoint_goes_on_to_the_weights_without_a_stop),
                                 TEST(a_checkpoint_carries_a_held_out_text_of_its_own),
                                 TEST(what_was_set_before_counts_more_than_the_checkpoint),
                                 TEST(checkpoints_from_before_the_recipe_go_on_to_their_weights),
                                 TEST(a_vocabulary_that_is_not_the_networks_is_refused),
                                 TEST(a_network_that_reads_other_tokens_than_it_writes_is_not_trained_on_a_text),
                                 TEST(a_checkpoint_of_other_streams_costs_no_trainer),
                                 TEST(checkpoints_that_cannot_be_right_are_refused),
                                 TEST(whatever_is_held_out_a_token_is_left_to_train_on),
                                 TEST(a_count_of_updates_of_another_type_or_size_is_no_checkpoint),
                                 TEST(of_an_old_page_a_setting_is_found_by_its_whole_name),
                                 TEST(any_changed_byte_of_a_checkpoint_is_survived),
                                 TEST(a_checkpoint_cut_at_any_byte_is_refused),
                                 TEST(a_checkpoint_with_any_bit_flipped_is_refused),
                                 TEST(a_checkpoint_with_any_bit_flipped_goes_on_or_is_refused),
                                 TEST(where_memory_ends_nothing_leaks_and_the_recipe_is_as_new),
                                 TEST(an_update_allocates_nothing)};
    write_tale();
    return RUN(tests);
}
