/* SPDX-License-Identifier: MIT
 *
 * answers_test.c - networks that answer: examples as lines, their trainings, files, answers and figures.
 */
#include "check.h"
#include "files.h"
#include "golden/hashes.h"
#include "rnn.h"

#include <stdlib.h>

/* ---- texts of examples ---- */

enum { MOST_BYTES = 1 << 16, SIDE = 10 };

static char text[MOST_BYTES];

static void add(size_t *at, const char *read, const char *written)
{
    *at += (size_t)snprintf(text + *at, MOST_BYTES - *at, "%s\t%s\n", read, written);
}

/* A number of three digits, read from its end. */
static size_t reversed_numbers(void)
{
    size_t at = 0;
    for (int i = 100; i < 400; i++) {
        char read[4], written[4];
        snprintf(read, sizeof read, "%d", i);
        snprintf(written, sizeof written, "%c%c%c", read[2], read[1], read[0]);
        add(&at, read, written);
    }
    return at;
}

/* Which letter comes first, of 1 to 7. */
static size_t first_letters(void)
{
    size_t at = 0;
    for (int length = 1; length <= 7; length++)
        for (int bits = 0; bits < 1 << length; bits++) {
            char read[8] = "";
            for (int k = 0; k < length; k++)
                read[k] = bits >> k & 1 ? 'b' : 'a';
            add(&at, read, bits & 1 ? "first b" : "first a");
        }
    return at;
}

/* Each letter's answer is the letter before it, in capitals; the first one's is a dash. */
static size_t letters_before(void)
{
    size_t at = 0;
    for (uint32_t i = 0; i < 120; i++) {
        char read[9] = "", written[9] = "";
        for (uint32_t k = 0; k < 3 + i % 6; k++) {
            read[k] = (char)('a' + (int)(rnn_dice(i, k) * 4.0f));
            written[k] = k ? (char)(read[k - 1] - 'a' + 'A') : '-';
        }
        add(&at, read, written);
    }
    return at;
}

static size_t colours(void)
{
    size_t at = 0;
    for (int i = 0; i < 40; i++)
        add(&at, i % 2 ? "sky" : "grass", i % 2 ? "blue" : "green");
    return at;
}

/* Pictures with a bar at some place: upright or level. */
static size_t bars(void)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t at = 0;
    for (int i = 0; i < 2 * SIDE * 4; i++) {
        unsigned char picture[SIDE * SIDE + 2] = {0};
        char base64[140];
        for (int k = 0; k < SIDE; k++)
            picture[i % 2 ? k * SIDE + i / 2 % SIDE : i / 2 % SIDE * SIDE + k] = (unsigned char)(200 + i % 50);
        for (int k = 0; k < 34; k++) {
            const unsigned char *p = picture + 3 * k;
            uint32_t word = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
            for (int d = 0; d < 4; d++)
                base64[4 * k + d] = digits[word >> (18 - 6 * d) & 63];
        }
        strcpy(base64 + 134, "=="); /* 100 bytes are 133 digits and a third */
        add(&at, base64, i % 2 ? "up" : "level");
    }
    return at;
}

/* ---- trainings ---- */

typedef struct {
    const char *name;
    size_t (*make)(void);
    const char *settings[24]; /* name, value, ... */
} task;

#define GRU "cell", "gru", "hidden", "16"

static const task tasks[] = {
    {"sequence", reversed_numbers, {"pattern", "sequence", "hidden", "32", "passes", "60"}},
    {"many-to-one", first_letters, {"pattern", "many-to-one", GRU, "embedding", "0", "passes", "60"}},
    {"last target", first_letters, {"pattern", "many-to-one", GRU, "targets", "last", "passes", "60"}},
    {"synchronous", letters_before, {"pattern", "synchronous", GRU, "passes", "60"}},
    {"two later", letters_before, {"pattern", "synchronous", "delay", "2", GRU, "hidden", "32", "passes", "100"}},
    {"class", colours, {"pattern", "one-to-many", "hidden", "16", "batch", "8", "passes", "40"}},
    {"picture", bars,
     {"pattern", "one-to-many", "side", "10", "maps", "2", "hidden", "32", "batch", "8", "passes", "60"}}};
enum { TASKS = sizeof tasks / sizeof *tasks };

static rnn_recipe *begin(const task *k)
{
    static const char *const common[] = {"batch", "16", "rate", "0.01", "warmup", "10", "embedding", "8"};
    rnn_recipe *r = rnn_recipe_new();
    for (int i = 0; i < 8; i += 2)
        CHECK_EQUAL(rnn_recipe_set(r, common[i], common[i + 1]), 0);
    for (int i = 0; k->settings[i]; i += 2)
        CHECK_EQUAL(rnn_recipe_set(r, k->settings[i], k->settings[i + 1]), 0);
    CHECK_EQUAL(rnn_recipe_begin(r, text, k->make(), NULL, 0, NULL, 0), 0);
    if (!rnn_recipe_trainer(r))
        printf("%s: %s\n", k->name, rnn_error());
    return r;
}

/* Goes on until so many updates are done. */
static void train(rnn_recipe *r, uint32_t updates, int slices)
{
    while (rnn_trainer_updates(rnn_recipe_trainer(r)) < updates) {
        CHECK_EQUAL(rnn_recipe_window(r, NULL, NULL), 0);
        for (int i = 0; i < slices; i++)
            CHECK(isfinite(rnn_recipe_slice(r, i)));
        CHECK(isfinite(rnn_recipe_update(r)));
    }
}

/* Every example is answered as it says, by the most probable token each time. */
static void check_answers(const rnn_pattern *p, int width)
{
    for (const char *at = text, *tab, *end; *at; at = end + 1) {
        char answer[100];
        tab = strchr(at, '\t');
        end = strchr(at, '\n');
        int bytes = rnn_pattern_answer(p, at, (size_t)(tab - at), width, 0.0f, 0, 20, answer, sizeof answer);
        CHECK_EQUAL(bytes, end - tab - 1);
        CHECK(bytes >= 0 && strlen(answer) == (size_t)bytes && memcmp(answer, tab + 1, (size_t)bytes) == 0);
    }
}

static void every_pattern_learns_its_examples_and_answers_them_from_its_file(void)
{
    for (int i = 0; i < TASKS; i++) {
        int before = failures;
        rnn_recipe *r = begin(tasks + i);
        double figures[RNN_FIGURES], again[RNN_FIGURES];
        train(r, rnn_recipe_updates(r), 1);
        CHECK_EQUAL(rnn_recipe_score(r, 0, figures), 0);
        CHECK_EQUAL(figures[RNN_RIGHT], figures[RNN_EXAMPLES]);
        CHECK_EQUAL(figures[RNN_TARGETS_RIGHT], figures[RNN_TARGETS]);
        CHECK(figures[RNN_BITS] / figures[RNN_TARGETS] < 0.25);
        memory_file f = saved_recipe(r, NULL, 0);
        rnn_pattern *p = rnn_pattern_load(f.bytes, f.size);
        CHECK(p != NULL);
        if (p) {
            check_answers(p, 1);
            check_answers(p, 3);
            rnn_pattern *q = rnn_pattern_quantize(p);
            CHECK_EQUAL(rnn_pattern_score(q, text, strlen(text), again), 0);
            CHECK(again[RNN_RIGHT] >= 0.98 * again[RNN_EXAMPLES]);
            rnn_pattern_free(q);
            CHECK_EQUAL(rnn_pattern_score(p, text, strlen(text), again), 0);
            CHECK_EQUAL(again[RNN_RIGHT], figures[RNN_RIGHT]);
            CHECK_EQUAL(again[RNN_TARGETS], figures[RNN_TARGETS]);
            CHECK_CLOSE(again[RNN_BITS], figures[RNN_BITS], 1e-9 * figures[RNN_BITS]);
        } else
            printf("%s\n", rnn_error());
        if (failures > before)
            printf("%s: %g of %g\n", tasks[i].name, figures[RNN_RIGHT], figures[RNN_EXAMPLES]);
        rnn_pattern_free(p);
        rnn_recipe_free(r);
        free(f.bytes);
    }
}

static int same_bytes(memory_file a, memory_file b)
{
    return a.size == b.size && memcmp(a.bytes, b.bytes, a.size) == 0;
}

static void a_resumed_training_has_the_bits_of_one_without_a_stop(void)
{
    for (int i = 0; i < TASKS; i++) {
        rnn_recipe *whole = begin(tasks + i), *first = begin(tasks + i), *second = rnn_recipe_new();
        train(whole, 30, 1);
        train(first, 17, 1);
        memory_file stopped = saved_recipe(first, NULL, 1);
        CHECK_EQUAL(rnn_recipe_resume(second, stopped.bytes, stopped.size, text, strlen(text), NULL, 0), 0);
        if (rnn_recipe_trainer(second)) {
            train(second, 30, 1);
            memory_file a = saved_recipe(whole, NULL, 1), b = saved_recipe(second, NULL, 1);
            CHECK(same_bytes(a, b));
            free(a.bytes);
            free(b.bytes);
        } else
            printf("%s: %s\n", tasks[i].name, rnn_error());
        rnn_recipe_free(whole);
        rnn_recipe_free(first);
        rnn_recipe_free(second);
        free(stopped.bytes);
    }
}

/* The same bits on every build. */
static void weights_of_every_pattern_have_the_stored_hashes(void)
{
    static const uint32_t stored[TASKS] = HASH_PATTERNS;
    for (int i = 0; i < TASKS; i++) {
        rnn_recipe *r = begin(tasks + i);
        train(r, 30, 1);
        const rnn_model *encoder = rnn_pattern_encoder(rnn_recipe_pattern(r));
        uint32_t hash = rnn_fingerprint(rnn_recipe_model(r)) ^ (encoder ? rnn_fingerprint(encoder) : 0);
        if (hash != stored[i])
            printf("%s: 0x%08xU, stored is 0x%08xU\n", tasks[i].name, (unsigned)hash, (unsigned)stored[i]);
        CHECK(hash == stored[i]);
        rnn_recipe_free(r);
    }
}

static void copy_part(rnn_trainer *to, rnn_trainer *from, int slice)
{
    size_t floats;
    const float *part = to ? rnn_trainer_part(from, slice, &floats) : NULL;
    if (to)
        memcpy(rnn_trainer_part(to, slice, &floats), part, sizeof(float) * floats);
}

/* Each of two recipes does one slice, and they exchange their parts. */
static void two_workers_have_the_bits_of_one(void)
{
    for (int i = 0; i < TASKS; i++) {
        rnn_recipe *r[3];
        for (int k = 0; k < 3; k++) {
            task two = tasks[i];
            int n = 0;
            while (two.settings[n])
                n++;
            two.settings[n] = "slices";
            two.settings[n + 1] = "2";
            r[k] = begin(&two);
        }
        train(r[2], 5, 2);
        for (int update = 0; update < 5; update++) {
            for (int k = 0; k < 2; k++) {
                rnn_recipe_window(r[k], NULL, NULL);
                CHECK(isfinite(rnn_recipe_slice(r[k], k)));
            }
            for (int k = 0; k < 2; k++) {
                copy_part(rnn_recipe_trainer(r[1 - k]), rnn_recipe_trainer(r[k]), k);
                copy_part(rnn_recipe_encoder(r[1 - k]), rnn_recipe_encoder(r[k]), k);
            }
            for (int k = 0; k < 2; k++)
                rnn_recipe_update(r[k]);
        }
        memory_file a = saved_recipe(r[0], NULL, 0), b = saved_recipe(r[2], NULL, 0);
        CHECK(same_bytes(a, b));
        free(a.bytes);
        free(b.bytes);
        for (int k = 0; k < 3; k++)
            rnn_recipe_free(r[k]);
    }
}

static void what_is_held_out_depends_on_what_is_read_alone(void)
{
    rnn_recipe *r = rnn_recipe_new(), *turned = rnn_recipe_new();
    static const char lines[] = "a\t1\nb\t2\nc\t3\nd\t4\ne\t5\nf\t6\na\t1\nb\t2\n";
    static const char other[] = "f\t6\nb\t2\na\t1\nb\t2\na\t1\ne\t5\nd\t4\nc\t3\n";
    double figures[RNN_FIGURES], others[RNN_FIGURES];
    rnn_recipe *both[] = {r, turned};
    for (int i = 0; i < 2; i++) {
        rnn_recipe_set(both[i], "pattern", "sequence");
        rnn_recipe_set(both[i], "batch", "1");
        rnn_recipe_set(both[i], "held-out", "0.4");
        CHECK_EQUAL(rnn_recipe_begin(both[i], i ? other : lines, sizeof lines - 1, NULL, 0, NULL, 0), 0);
        CHECK_EQUAL(rnn_recipe_score(both[i], 1, i ? others : figures), 0);
    }
    CHECK(figures[RNN_EXAMPLES] > 0);
    CHECK_EQUAL(figures[RNN_EXAMPLES], others[RNN_EXAMPLES]);
    CHECK_CLOSE(figures[RNN_BITS], others[RNN_BITS], 1e-9 * figures[RNN_BITS]);
    rnn_recipe_free(r);
    rnn_recipe_free(turned);
}

static void a_held_out_text_can_be_given_apart(void)
{
    rnn_recipe *r = rnn_recipe_new();
    double figures[RNN_FIGURES];
    rnn_recipe_set(r, "pattern", "many-to-one");
    rnn_recipe_set(r, "batch", "2");
    CHECK_EQUAL(rnn_recipe_begin(r, "a\tx\nb\ty\n", 8, "ab\tx\n", 5, NULL, 0), 0);
    CHECK_EQUAL(rnn_recipe_windows(r), 1);
    CHECK_EQUAL(rnn_recipe_score(r, 1, figures), 0);
    CHECK_EQUAL(figures[RNN_EXAMPLES], 1);
    CHECK_EQUAL(figures[RNN_TARGETS], 1);
    rnn_recipe_free(r);
}

static void one_to_one_is_the_table_of_what_follows(void)
{
    static const char phrase[] = "the quick brown fox jumps over the lazy dog and the cat";
    rnn_recipe *r = rnn_recipe_new();
    size_t n;
    rnn_recipe_set(r, "pattern", "one-to-one");
    CHECK_EQUAL(rnn_recipe_begin(r, phrase, sizeof phrase - 1, NULL, 0, NULL, 0), 0);
    CHECK_EQUAL(rnn_recipe_updates(r), 0);
    CHECK_EQUAL(rnn_recipe_window(r, NULL, NULL), RNN_E_RANGE);
    const int32_t *ids = rnn_recipe_tokens(r, 0, &n);
    int V = rnn_vocab_size(rnn_recipe_vocab(r));
    rnn_markov *counts = rnn_markov_new(V, 1, RNN_NONE, 1 << 20);
    rnn_state *s = rnn_state_new(rnn_recipe_model(r), 1);
    rnn_markov_read(counts, ids, n);
    for (int32_t u = 0; u < V; u++) {
        float expected[64], probs[64], markov[64];
        rnn_markov_logits(counts, 1, &u, 1, expected);
        rnn_probs(expected, V, 1.0f, 0, 1.0f, markov);
        rnn_step(rnn_recipe_model(r), s, &u);
        rnn_probs(rnn_logits(s), V, 1.0f, 0, 1.0f, probs);
        for (int v = 0; v < V; v++)
            CHECK_CLOSE(probs[v], markov[v], 1e-6);
    }
    rnn_markov_free(counts);
    rnn_state_free(s);
    rnn_recipe_free(r);
}

/* Of a class whose names are all as likely, each comes as often as it should. */
static void what_is_drawn_follows_the_temperature_and_the_seed(void)
{
    size_t at = 0;
    static const char *const names[] = {"ann", "bob", "cid", "dan"};
    rnn_recipe *r = rnn_recipe_new();
    int counts[4] = {0}, cold[4] = {0};
    char again[20], answer[20];
    for (int i = 0; i < 80; i++)
        add(&at, i % 2 ? "x" : "y", names[i % 4]);
    static const char *const settings[] = {"pattern", "one-to-many", "hidden", "16", "batch", "8", "passes", "60",
                                           "rate", "0.01", "embedding", "8"};
    for (int i = 0; i < 12; i += 2)
        rnn_recipe_set(r, settings[i], settings[i + 1]);
    CHECK_EQUAL(rnn_recipe_begin(r, text, at, NULL, 0, NULL, 0), 0);
    train(r, rnn_recipe_updates(r), 1);
    memory_file f = saved_recipe(r, NULL, 0);
    rnn_pattern *p = rnn_pattern_load(f.bytes, f.size);
    for (uint32_t seed = 0; seed < 400; seed++) {
        CHECK_EQUAL(rnn_pattern_answer(p, "x", 1, 1, 1.0f, seed, 10, answer, sizeof answer) > 0, 1);
        rnn_pattern_answer(p, "x", 1, 1, 1.0f, seed, 10, again, sizeof again);
        CHECK(strcmp(answer, again) == 0);
        rnn_pattern_answer(p, "x", 1, 1, 1e-5f, seed, 10, again, sizeof again);
        for (int i = 0; i < 4; i++) {
            counts[i] += strcmp(answer, names[i]) == 0;
            cold[i] += strcmp(again, names[i]) == 0;
        }
    }
    CHECK_CLOSE(counts[1], 200.0, 40.0); /* four times what the dice vary by */
    CHECK_CLOSE(counts[3], 200.0, 40.0);
    CHECK(cold[1] == 400 || cold[3] == 400);
    CHECK_EQUAL(rnn_pattern_answer(p, "x", 1, 2, 1.0f, 1, 10, answer, sizeof answer), RNN_E_RANGE);
    CHECK_EQUAL(rnn_pattern_answer(p, "x", 1, 1, -1.0f, 1, 10, answer, sizeof answer), RNN_E_RANGE);
    CHECK_EQUAL(rnn_pattern_answer(p, "x", 1, 1, NAN, 1, 10, answer, sizeof answer), RNN_E_RANGE);
    rnn_pattern_free(p);
    rnn_recipe_free(r);
    free(f.bytes);
}

/* Of two stacks that learn together none changes where one's gradients are no numbers, and neither keeps its own. */
static void an_update_of_a_sequence_is_made_whole_or_not_at_all(void)
{
    for (int broken = 0; broken < 2; broken++) {
        rnn_recipe *r = begin(tasks);
        rnn_trainer *trainers[] = {rnn_recipe_encoder(r), rnn_recipe_trainer(r)};
        rnn_model *models[] = {rnn_pattern_encoder(rnn_recipe_pattern(r)), rnn_recipe_model(r)};
        uint32_t before[] = {rnn_fingerprint(models[0]), rnn_fingerprint(models[1])};
        size_t floats, parameters;
        train(r, 0, 1);
        rnn_recipe_window(r, NULL, NULL);
        rnn_recipe_slice(r, 0);
        rnn_trainer_part(trainers[broken], 0, &floats)[3] = NAN;
        CHECK(isnan(rnn_recipe_update(r)));
        CHECK_EQUAL(rnn_error_code(), RNN_E_NONFINITE);
        for (int i = 0; i < 2; i++) {
            const float *grads = rnn_trainer_part(trainers[i], 0, &floats);
            rnn_params(models[i], &parameters);
            for (size_t k = 0; k < parameters; k++)
                CHECK_EQUAL(grads[k], 0.0f);
            CHECK(rnn_fingerprint(models[i]) == before[i]);
            CHECK_EQUAL(rnn_trainer_updates(trainers[i]), 0);
        }
        rnn_recipe_free(r);
    }
}

static void an_answer_that_the_labels_lack_is_wrong(void)
{
    rnn_recipe *r = begin(tasks);
    memory_file f = saved_recipe(r, NULL, 0);
    rnn_pattern *p = rnn_pattern_load(f.bytes, f.size);
    double figures[RNN_FIGURES];
    CHECK_EQUAL(rnn_pattern_score(p, "123\txyz\n", 8, figures), 0);
    CHECK_EQUAL(figures[RNN_RIGHT], 0);
    CHECK_EQUAL(figures[RNN_EXAMPLES], 1);
    CHECK_EQUAL(figures[RNN_TARGETS], 1); /* the end */
    rnn_pattern_free(p);
    rnn_recipe_free(r);
    free(f.bytes);
}

static void a_checkpoint_knows_its_lines_by_more_than_their_letters(void)
{
    rnn_recipe *r = rnn_recipe_new(), *again = rnn_recipe_new(), *apart = rnn_recipe_new();
    rnn_recipe *all[] = {r, again, apart};
    for (int i = 0; i < 3; i++) {
        rnn_recipe_set(all[i], "pattern", "sequence");
        rnn_recipe_set(all[i], "batch", "1");
    }
    CHECK_EQUAL(rnn_recipe_begin(r, "ab\tab\nab\tab\n", 12, NULL, 0, NULL, 0), 0);
    memory_file f = saved_recipe(r, NULL, 1);
    CHECK_EQUAL(rnn_recipe_resume(again, f.bytes, f.size, "aba\tb\naba\tb\n", 12, NULL, 0), RNN_E_CHECKPOINT);
    CHECK_EQUAL(rnn_recipe_resume(apart, f.bytes, f.size, "ab\tab\n", 6, "ab\tab\n", 6), RNN_E_CHECKPOINT);
    for (int i = 0; i < 3; i++)
        rnn_recipe_free(all[i]);
    free(f.bytes);
}

static void a_network_that_is_no_numbers_any_more_answers_nothing(void)
{
    for (int i = 0; i < 4; i += 3) { /* one that writes, one that reads */
        rnn_recipe *r = begin(tasks + i);
        rnn_model *m = rnn_recipe_model(r);
        size_t n;
        char out[40];
        double figures[RNN_FIGURES];
        float *params = rnn_params(m, &n);
        params[n - 1] = INFINITY; /* of fc.bias */
        rnn_pack(m);
        const rnn_pattern *p = rnn_recipe_pattern(r);
        CHECK_EQUAL(rnn_pattern_answer(p, i ? "abc" : "123", 3, 1, 0.0f, 0, 5, out, sizeof out), RNN_E_NONFINITE);
        CHECK_EQUAL(rnn_recipe_score(r, 0, figures), RNN_E_NONFINITE);
        rnn_recipe_free(r);
    }
}

/* ---- what is refused ---- */

static void lines_that_are_no_examples_are_refused_by_their_number(void)
{
    static const struct { const char *pattern, *lines, *why; } bad[] = {
        {"sequence", "", "the text has no examples"},
        {"sequence", "\n\n", "the text has no examples"},
        {"sequence", "a\tb\n\nno tab\n", "line 3"},
        {"sequence", "a\tb\tc\n", "line 1"},
        {"sequence", "\tb\n", "before the tab"},
        {"sequence", "a\t\n", "behind the tab"},
        {"synchronous", "a\tb\nab\tc\n", "line 2"},
        {"one-to-many", "ABCD\tb\n", "line 1"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        rnn_recipe *r = rnn_recipe_new();
        rnn_recipe_set(r, "pattern", bad[i].pattern);
        rnn_recipe_set(r, "batch", "1");
        if (strcmp(bad[i].pattern, "one-to-many") == 0)
            rnn_recipe_set(r, "side", "10");
        CHECK_EQUAL(rnn_recipe_begin(r, bad[i].lines, strlen(bad[i].lines), NULL, 0, NULL, 0), RNN_E_TEXT);
        if (!strstr(rnn_error(), bad[i].why))
            printf("\"%s\" does not say \"%s\"\n", rnn_error(), bad[i].why);
        CHECK(strstr(rnn_error(), bad[i].why));
        CHECK(rnn_recipe_trainer(r) == NULL);
        rnn_recipe_free(r);
    }
}

static void files_that_do_not_answer_are_refused(void)
{
    rnn_model *m = rnn_model_new(RNN_CELL_GRU, 1, 2, 3, 5, 2, 1);
    rnn_vocab *v = rnn_labels_new("a\0b", 4), *three = rnn_labels_new("a\0b\0c", 6);
    static const struct { const char *meta; int labels; const char *why; } bad[] = {
        {"", 2, "pattern"},
        {"pattern\0text\0", 2, "pattern"},
        {"pattern\0many-to-one\0", 3, "labels"},
        {"pattern\0many-to-one\0", 0, "labels"},
        {"pattern\0synchronous\0delay\0" "65\0", 2, "delay"},
        {"pattern\0synchronous\0delay\0x\0", 2, "delay"},
        {"pattern\0one-to-many\0end\0" "1\0", 2, "numbers"},
        {"pattern\0many-to-one\0end\0" "1\0", 2, "end"},
        {"pattern\0one-to-many\0side\0" "65\0", 2, "side"},
        {"pattern\0synchronous\0delay\0" "1.5\0", 2, "delay"},
        {"pattern\0sequence\0reversed\0" "2\0", 2, "reversed"},
        {"pattern\0many-to-one\0level\0runes\0", 2, "runes"},
        {"pattern\0many-to-one\0level\0words\0", 2, "level"},
        {"pattern\0sequence\0", 2, "encoder."}};
    CHECK(rnn_file_answers("no file", 7) < 0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const rnn_vocab *labels = bad[i].labels == 2 ? v : bad[i].labels ? three : NULL;
        const char *const prefix[] = {""};
        const rnn_model *const models[] = {m};
        memory_file f = saved_stacks(1, models, prefix, v, labels, bad[i].meta);
        CHECK(rnn_pattern_load(f.bytes, f.size) == NULL);
        if (!strstr(rnn_error(), bad[i].why))
            printf("\"%s\" does not say \"%s\"\n", rnn_error(), bad[i].why);
        CHECK(strstr(rnn_error(), bad[i].why));
        free(f.bytes);
    }
    rnn_vocab_free(v);
    rnn_vocab_free(three);
    rnn_model_free(m);
}

/* An encoder and a decoder, or one stack, as a file of these labels and this metadata. */
static memory_file save_stacks(const rnn_model *encoder, const rnn_model *m, const char *labels, size_t bytes,
                        const char *meta)
{
    static const char *const prefixes[] = {"encoder.", "decoder."}, *const one[] = {""};
    const rnn_model *const models[] = {encoder ? encoder : m, m};
    rnn_vocab *v = rnn_labels_new("a\0b", 4), *written = rnn_labels_new(labels, bytes);
    memory_file f = saved_stacks(encoder ? 2 : 1, models, encoder ? prefixes : one, v, written, meta);
    rnn_vocab_free(v);
    rnn_vocab_free(written);
    return f;
}

static void check_refused(memory_file f, const char *why)
{
    rnn_pattern *p = rnn_pattern_load(f.bytes, f.size);
    CHECK(p == NULL);
    if (!strstr(rnn_error(), why))
        printf("\"%s\" does not say \"%s\"\n", rnn_error(), why);
    CHECK(strstr(rnn_error(), why));
    rnn_pattern_free(p);
    free(f.bytes);
}

static void stacks_that_make_no_pattern_are_refused(void)
{
    static const char sequence[] = "pattern\0sequence\0decoder.end\0" "1\0", endless[] = "pattern\0sequence\0";
    static const char reads[] = "pattern\0many-to-one\0";
    rnn_model *m = rnn_model_new(RNN_CELL_GRU, 1, 2, 3, 5, 2, 1), *table = rnn_model_new(0, 0, 2, 0, 0, 2, 1);
    rnn_model *encoders[] = {
        rnn_model_new(RNN_CELL_GRU, 1, 2, 3, 5, 0, 1), rnn_model_new(RNN_CELL_TANH, 1, 2, 3, 5, 0, 1),
        rnn_model_new(RNN_CELL_GRU, 2, 2, 3, 5, 0, 1), rnn_model_new(RNN_CELL_GRU, 1, 2, 3, 6, 0, 1),
        rnn_model_new(RNN_CELL_GRU, 1, 3, 3, 5, 0, 1)};
    check_refused(save_stacks(encoders[0], m, "a\0.", 4, endless), "needs an \"end\"");
    check_refused(save_stacks(encoders[0], m, "ab\0.", 5, sequence), "more than one character");
    for (int i = 1; i < 4; i++)
        check_refused(save_stacks(encoders[i], m, "a\0.", 4, sequence), "differ in cell, layers or units");
    check_refused(save_stacks(encoders[4], m, "a\0.", 4, sequence), "reads 3 tokens");
    check_refused(save_stacks(NULL, table, "a\0.", 4, reads), "0 layers");
    memory_file f = save_stacks(encoders[0], m, "a\0.", 4, sequence);
    rnn_pattern *p = rnn_pattern_load(f.bytes, f.size);
    rnn_vocab *v;
    CHECK(p != NULL && rnn_file_answers(f.bytes, f.size) == 1);
    CHECK(rnn_network_load(f.bytes, f.size, &v) == NULL && strstr(rnn_error(), "answers, and does not write on"));
    CHECK_EQUAL(rnn_pattern_rule(p, RNN_KIND), RNN_SEQUENCE);
    CHECK_EQUAL(rnn_pattern_rule(p, RNN_REVERSED), 0);
    CHECK_EQUAL(rnn_pattern_rule(p, -1), RNN_E_RANGE);
    CHECK_EQUAL(rnn_pattern_rule(p, 4), RNN_E_RANGE);
    CHECK_EQUAL(rnn_pattern_vector(p, "a", 1, &(float){0}), 0);
    rnn_pattern_free(p);
    free(f.bytes);
    for (int i = 0; i < 5; i++)
        rnn_model_free(encoders[i]);
    rnn_model_free(table);
    rnn_model_free(m);
}

static void what_is_of_no_stack_of_a_pattern_is_refused_by_its_name(void)
{
    static const char sequence[] = "pattern\0sequence\0decoder.end\0" "1\0", reads[] = "pattern\0many-to-one\0";
    static const char *const odd[] = {"attention.weight", "third.rnn.weight_hh_l0", "rnn.weight_hh_l0", "trainer.m",
                                      "encoder", "", "text", "encoder.norm.weight", "decoder.vocab",
                                      "decoder.second.rnn.weight_hh_l0"};
    static const char *const beside[] = {"encoder.rnn.weight_hh_l0", "norm.weight", "text"};
    rnn_model *encoder = rnn_model_new(RNN_CELL_GRU, 1, 2, 3, 5, 0, 1);
    rnn_model *m = rnn_model_new(RNN_CELL_GRU, 1, 2, 3, 5, 2, 1);
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        check_refused(with_number(save_stacks(encoder, m, "a\0.", 4, sequence), odd[i]), "a tensor ");
        CHECK_EQUAL(rnn_error_code(), RNN_E_SHAPE);
        CHECK(strstr(rnn_error(), odd[i]));
    }
    for (size_t i = 0; i < sizeof beside / sizeof *beside; i++)
        check_refused(with_number(save_stacks(NULL, m, "a\0.", 4, reads), beside[i]), beside[i]);
    rnn_model_free(encoder);
    rnn_model_free(m);
}

/* What can never be drawn is never right, and has no cost that could be said. */
static void a_label_that_is_never_drawn_is_wrong(void)
{
    rnn_model *m = rnn_model_new(RNN_CELL_GRU, 1, 2, 3, 5, 2, 1);
    static const char meta[] = "pattern\0many-to-one\0level\0characters\0pad\0" "0\0";
    memory_file f = save_stacks(NULL, m, "x\0y", 4, meta);
    rnn_pattern *p = rnn_pattern_load(f.bytes, f.size);
    double figures[RNN_FIGURES];
    char out[4];
    CHECK_EQUAL(rnn_pattern_score(p, "ab\tx\nab\ty\n", 10, figures), 0);
    CHECK_EQUAL(figures[RNN_RIGHT], 1);
    CHECK_EQUAL(figures[RNN_TARGETS], 1);
    CHECK_EQUAL(rnn_pattern_answer(p, "ab", 2, 1, 0.0f, 0, 1, out, sizeof out), 1);
    CHECK(strcmp(out, "y") == 0);
    rnn_pattern_free(p);
    rnn_model_free(m);
    free(f.bytes);
}

static void lines_and_inputs_have_a_greatest_length(void)
{
    rnn_recipe *r = begin(tasks);
    const rnn_pattern *p = rnn_recipe_pattern(r);
    enum { LONG = 70000 };
    char *line = malloc(2 * LONG);
    double figures[RNN_FIGURES];
    memset(line, '1', 2 * LONG);
    line[LONG - 2] = '\t';
    CHECK_EQUAL(rnn_pattern_score(p, line, LONG, figures), RNN_E_TEXT);
    CHECK(strstr(rnn_error(), "at most 65536"));
    line[2] = '\t';
    line[LONG - 2] = '1';
    CHECK_EQUAL(rnn_pattern_score(p, line, LONG, figures), RNN_E_TEXT);
    CHECK_EQUAL(rnn_pattern_answer(p, line + 3, LONG, 1, 0.0f, 0, 1, NULL, 0), RNN_E_TEXT);
    CHECK_EQUAL(rnn_pattern_read(p, line, (size_t)1 << 30, NULL, 0), RNN_E_TEXT); /* told before it is looked at */
    CHECK_EQUAL(rnn_pattern_score(p, line, (size_t)3 << 30, figures), RNN_E_TEXT);
    free(line);
    rnn_recipe_free(r);
}

/* A line of one example, in a recipe of a batch of 1; returns the code. */
static int begin_line(const char *pattern, const char *side, const char *line, size_t bytes)
{
    rnn_recipe *r = rnn_recipe_new();
    rnn_recipe_set(r, "pattern", pattern);
    rnn_recipe_set(r, "side", side);
    rnn_recipe_set(r, "batch", "1");
    rnn_recipe_set(r, "hidden", "2");
    int code = rnn_recipe_begin(r, line, bytes, NULL, 0, NULL, 0);
    rnn_recipe_free(r);
    return code;
}

static void a_picture_is_just_so_many_bytes_of_base64(void)
{
    char line[150];
    memset(line, 'A', sizeof line);
    memcpy(line + 134, "==\tup\n", 6);
    CHECK_EQUAL(begin_line("one-to-many", "10", line, 140), 0);
    line[134] = 'A'; /* a digit more than the bytes need */
    CHECK_EQUAL(begin_line("one-to-many", "10", line, 140), RNN_E_TEXT);
    line[134] = '=';
    static const char bad[] = {'-', '=', '\x80', ' ', 0};
    for (int i = 0; i < 5; i++) {
        line[7] = bad[i];
        CHECK_EQUAL(begin_line("one-to-many", "10", line, 140), RNN_E_TEXT);
    }
    line[7] = 'A';
    CHECK_EQUAL(begin_line("one-to-many", "11", line, 140), RNN_E_TEXT);
    CHECK_EQUAL(begin_line("synchronous", "0", "ab\tc\na\tb\n", 9), RNN_E_TEXT); /* a sound line behind it */
    rnn_recipe *r = begin(tasks + 6); /* pictures */
    float vector[SIDE * SIDE];
    CHECK_EQUAL(rnn_pattern_vector(rnn_recipe_pattern(r), line, 136, vector), SIDE * SIDE);
    line[7] = 0;
    CHECK_EQUAL(rnn_pattern_vector(rnn_recipe_pattern(r), line, 136, vector), RNN_E_TEXT);
    line[7] = 'A';
    CHECK_EQUAL(rnn_recipe_window(r, NULL, NULL), 0);
    CHECK(isnan(rnn_recipe_slice(r, 7)) && rnn_error_code() == RNN_E_RANGE);
    rnn_recipe_free(r);
    CHECK_EQUAL(begin_line("one-to-many", "10", "a\0b\tc\n", 6), RNN_E_TEXT);
    CHECK_EQUAL(begin_line("many-to-one", "0", "a\0b\tc\n", 6), RNN_E_TEXT);
    CHECK_EQUAL(begin_line("sequence", "0", "a\tb\r\n\r\n", 7), 0);
}

static void a_checkpoint_knows_its_pictures_from_the_first_place_on(void)
{
    static const char *const settings[] = {"pattern", "one-to-many", "side", "10", "batch", "1", "hidden", "2"};
    char line[140];
    memset(line, 'A', sizeof line);
    memcpy(line + 134, "==\tup\n", 6);
    rnn_recipe *r = rnn_recipe_new(), *again = rnn_recipe_new();
    for (int i = 0; i < 8; i += 2)
        CHECK_EQUAL(rnn_recipe_set(r, settings[i], settings[i + 1]), 0);
    CHECK_EQUAL(rnn_recipe_begin(r, line, sizeof line, NULL, 0, NULL, 0), 0);
    memory_file f = saved_recipe(r, NULL, 1);
    line[0] = 'B';
    CHECK_EQUAL(rnn_recipe_resume(again, f.bytes, f.size, line, sizeof line, NULL, 0), RNN_E_CHECKPOINT);
    line[0] = 'A';
    CHECK_EQUAL(rnn_recipe_resume(again, f.bytes, f.size, line, sizeof line, NULL, 0), 0);
    rnn_recipe_free(again);
    rnn_recipe_free(r);
    free(f.bytes);
}

static void a_window_is_as_long_as_the_longest_example(void)
{
    static const char *const given[] = {NULL, "40"};
    for (int i = 0; i < 2; i++) {
        rnn_recipe *r = rnn_recipe_new();
        rnn_recipe_set(r, "pattern", "many-to-one");
        rnn_recipe_set(r, "batch", "1");
        if (given[i])
            rnn_recipe_set(r, "window", given[i]);
        CHECK_EQUAL(rnn_recipe_begin(r, "ab\tx\nabcd\ty\n", 12, NULL, 0, NULL, 0), 0);
        CHECK(strcmp(rnn_recipe_get(r, "window"), "4") == 0);
        rnn_recipe_free(r);
    }
}

static void settings_of_examples_are_held_to(void)
{
    static const struct { const char *name, *value; int code; const char *why; } bad[] = {
        {"level", "words", RNN_E_RANGE, "level is words"},
        {"window", "3", RNN_E_RANGE, "above the window of 3"},
        {"window", "40", 0, ""},
        {"batch", "1000", RNN_E_TEXT, "batch is 1000; there are 300 examples to train on"},
        {"held-out", "0.9999", RNN_E_TEXT, "held-out leaves none of the 300 examples to train on"},
        {"slices", "3", RNN_E_RANGE, "slices is 3; it must divide batch, which is 20"},
        {"delay", "2", RNN_E_RANGE, "delay is of synchronous alone, but pattern is sequence"},
        {"side", "10", RNN_E_RANGE, "side is of one-to-many alone"},
        {"maps", "2", RNN_E_RANGE, "maps is of one-to-many alone"},
        {"targets", "last", RNN_E_RANGE, "targets is of many-to-one alone"},
        {"delay", "0", 0, ""}, /* as it is by itself */
        {"reversed", "0", 0, ""}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        task k = tasks[0];
        rnn_recipe *r = rnn_recipe_new();
        size_t bytes = k.make();
        double figures[RNN_FIGURES];
        rnn_recipe_set(r, "pattern", "sequence");
        rnn_recipe_set(r, "hidden", "4");
        CHECK(rnn_recipe_pattern(r) == NULL && rnn_recipe_score(r, 0, figures) == RNN_E_RANGE);
        CHECK_EQUAL(rnn_recipe_set(r, bad[i].name, bad[i].value), 0);
        CHECK_EQUAL(rnn_recipe_begin(r, text, bytes, NULL, 0, NULL, 0), bad[i].code);
        CHECK(!bad[i].code || strstr(rnn_error(), bad[i].why));
        if (!bad[i].code) {
            rnn_recipe_window(r, NULL, NULL);
            CHECK(isnan(rnn_recipe_slice(r, 7)) && strstr(rnn_error(), "slice 7"));
            CHECK_EQUAL(rnn_pattern_rule(rnn_recipe_pattern(r), RNN_REVERSED), strcmp(bad[i].name, "reversed") != 0);
        }
        rnn_recipe_free(r);
    }
    rnn_recipe *r = rnn_recipe_new();
    double figures[RNN_FIGURES];
    CHECK_EQUAL(rnn_recipe_begin(r, text, 40, "x", (size_t)3 << 30, NULL, 0), RNN_E_TEXT);
    rnn_recipe_set(r, "pattern", "many-to-one");
    CHECK_EQUAL(rnn_recipe_begin(r, text, (size_t)3 << 30, NULL, 0, NULL, 0), RNN_E_TEXT);
    CHECK_EQUAL(rnn_recipe_begin(r, text, 40, "x", (size_t)3 << 30, NULL, 0), RNN_E_TEXT);
    CHECK_EQUAL(rnn_recipe_begin(r, text, 2000000000, text, 2000000000, NULL, 0), RNN_E_TEXT);
    CHECK_EQUAL(rnn_recipe_begin(r, text, 40, NULL, 0, "no file", 7), RNN_E_TRUNCATED);
    rnn_recipe_set(r, "pattern", "one-to-one");
    CHECK_EQUAL(rnn_recipe_begin(r, "abab", 4, NULL, 0, NULL, 0), 0);
    CHECK_EQUAL(rnn_recipe_score(r, 0, figures), RNN_E_RANGE);
    CHECK(rnn_recipe_pattern(r) == NULL);
    rnn_recipe_free(r);
    r = rnn_recipe_new();
    rnn_recipe_set(r, "side", "28");
    CHECK_EQUAL(rnn_recipe_begin(r, text, 40, NULL, 0, NULL, 0), RNN_E_RANGE);
    CHECK(strstr(rnn_error(), "side is of one-to-many alone, but pattern is text"));
    rnn_recipe_free(r);
}

/* The network of a table goes on being one; a loss that is no number goes back, and the update refuses. */
static void a_network_can_be_what_a_training_begins_with(void)
{
    rnn_recipe *first = rnn_recipe_new(), *second = rnn_recipe_new(), *third = begin(tasks);
    rnn_recipe_set(first, "pattern", "one-to-one");
    CHECK_EQUAL(rnn_recipe_begin(first, "abab", 4, NULL, 0, NULL, 0), 0);
    memory_file f = saved_recipe(first, NULL, 0);
    CHECK_EQUAL(rnn_recipe_begin(second, "baba", 4, NULL, 0, f.bytes, f.size), 0);
    CHECK(strcmp(rnn_recipe_get(second, "pattern"), "one-to-one") == 0);
    CHECK(strcmp(rnn_recipe_get(second, "layers"), "0") == 0);
    size_t n;
    rnn_params(rnn_recipe_model(third), &n)[n - 1] = NAN;
    rnn_pack(rnn_recipe_model(third));
    rnn_recipe_window(third, NULL, NULL);
    CHECK(isnan(rnn_recipe_slice(third, 0)) && rnn_error_code() == RNN_E_NONFINITE);
    CHECK(isnan(rnn_recipe_update(third)) && rnn_error_code() == RNN_E_NONFINITE);
    rnn_recipe_free(first);
    rnn_recipe_free(second);
    rnn_recipe_free(third);
    free(f.bytes);
}

/* Of words the unknown one can never follow: a logarithm that a file can hold stands for it. */
static void a_table_of_words_is_finite(void)
{
    static const char words[] = "one two one two three two one";
    rnn_recipe *r = rnn_recipe_new();
    size_t n;
    rnn_recipe_set(r, "pattern", "one-to-one");
    rnn_recipe_set(r, "level", "words");
    rnn_recipe_set(r, "vocabulary", "3");
    CHECK_EQUAL(rnn_recipe_begin(r, words, sizeof words - 1, NULL, 0, NULL, 0), 0);
    const float *params = rnn_params(rnn_recipe_model(r), &n);
    for (size_t i = 0; i < n; i++)
        CHECK(params[i] >= -87.0f && params[i] <= 0.0f);
    rnn_recipe_free(r);
}

static void classes_and_patterns_that_are_not_known_are_refused(void)
{
    rnn_recipe *r = begin(tasks + 1), *again = rnn_recipe_new();
    const rnn_pattern *p = rnn_recipe_pattern(r);
    char line[400];
    double figures[RNN_FIGURES];
    memset(line, 'a', sizeof line);
    line[1] = '\t';
    CHECK_EQUAL(rnn_pattern_score(p, line, sizeof line, figures), RNN_E_TEXT);
    CHECK(strstr(rnn_error(), "line 1 names no class that the network knows: aaaaa"));
    rnn_recipe *names = begin(tasks + 5);
    CHECK_EQUAL(rnn_pattern_vector(rnn_recipe_pattern(names), "sky\0x", 5, (float[2]){0}), RNN_E_TEXT);
    memory_file f = saved_recipe(r, NULL, 1);
    for (size_t i = 0; i + 24 < f.size; i++) /* the key "pattern", not "train.pattern" */
        if (memcmp((char *)f.bytes + i, "\"pattern\":\"many-to-one\"", 23) == 0)
            memcpy((char *)f.bytes + i + 11, "many-to-two", 11);
        else if (memcmp((char *)f.bytes + i, "trainer.sum", 11) == 0)
            memcpy((char *)f.bytes + i, "trainer.sun", 11); /* else the sum would tell */
    CHECK_EQUAL(rnn_recipe_resume(again, f.bytes, f.size, text, strlen(text), NULL, 0), RNN_E_RANGE);
    CHECK(strstr(rnn_error(), "many-to-two"));
    rnn_recipe_window(r, NULL, NULL);
    CHECK(isnan(rnn_recipe_slice(r, 7)) && strstr(rnn_error(), "slice 7"));
    rnn_recipe_free(r);
    rnn_recipe_free(again);
    rnn_recipe_free(names);
    free(f.bytes);
}

static void a_sentence_is_cut_between_characters(void)
{
    static const char *const letters[] = {"\xd1\x8b", "\xe2\x82\xac", "\xf0\x90\x8c\xb0"};
    rnn_recipe *r = begin(tasks + 5);
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        for (size_t first = 0; first < 4; first++) { /* bytes before the letters */
            char name[300] = "...";
            size_t width = strlen(letters[i]), bytes = first;
            size_t said = strlen("this is no class that the network knows: ");
            while (bytes + width < sizeof name) {
                memcpy(name + bytes, letters[i], width);
                bytes += width;
            }
            CHECK_EQUAL(rnn_pattern_vector(rnn_recipe_pattern(r), name, bytes, (float[2]){0}), RNN_E_TEXT);
            said += first + (255 - said - first) / width * width;
            CHECK_EQUAL(strlen(rnn_error()), said);
            CHECK(strcmp(rnn_error() + said - width, letters[i]) == 0);
        }
    CHECK_EQUAL(rnn_pattern_vector(rnn_recipe_pattern(r), "sea\xd1", 4, (float[2]){0}), RNN_E_TEXT);
    CHECK(strstr(rnn_error(), "knows: sea\xd1")); /* what is not cut stays as it is */
    rnn_recipe_free(r);
}

static void a_checkpoint_whose_halves_differ_is_refused(void)
{
    rnn_recipe *r = begin(tasks), *again = rnn_recipe_new();
    CHECK_EQUAL(rnn_trainer_update(rnn_recipe_encoder(r), RNN_ADAM, 0.01f, 1.0f), 0);
    memory_file f = saved_recipe(r, NULL, 1);
    CHECK_EQUAL(rnn_recipe_resume(again, f.bytes, f.size, text, strlen(text), NULL, 0), RNN_E_CHECKPOINT);
    CHECK(strstr(rnn_error(), "another count"));
    static const char long_prefix[] = "a prefix of more than thirty-two bytes.";
    CHECK_EQUAL(rnn_trainer_load(rnn_recipe_trainer(r), f.bytes, f.size, long_prefix), RNN_E_RANGE);
    rnn_recipe_free(r);
    rnn_recipe_free(again);
    free(f.bytes);
}

static void odd_questions_are_refused(void)
{
    rnn_recipe *r = begin(tasks + 5);
    memory_file f = saved_recipe(r, NULL, 0);
    rnn_pattern *p = rnn_pattern_load(f.bytes, f.size);
    char out[8] = "kept";
    double figures[RNN_FIGURES];
    int32_t id;
    float vector[2];
    CHECK_EQUAL(rnn_pattern_answer(p, "no class", 8, 1, 0.0f, 0, 5, out, sizeof out), RNN_E_TEXT);
    CHECK(strstr(rnn_error(), "no class that the network knows: no class"));
    CHECK(strcmp(out, "kept") == 0);
    CHECK_EQUAL(rnn_pattern_answer(p, "", 0, 1, 0.0f, 0, 5, NULL, 0), 0);
    CHECK_EQUAL(rnn_pattern_answer(p, "", 0, 1, 0.0f, 0, 5, out, sizeof out), 0);
    CHECK(strcmp(out, "") == 0);
    for (int i = -1; i <= 1025; i += 513) {
        CHECK_EQUAL(rnn_pattern_answer(p, "sky", 3, i, 0.0f, 0, 5, out, sizeof out) >= 0, i >= 1 && i <= 512);
        CHECK_EQUAL(rnn_pattern_answer(p, "sky", 3, 1, 0.0f, 0, i, out, sizeof out) >= 0, i >= 1 && i <= 1024);
    }
    CHECK_EQUAL(rnn_pattern_answer(NULL, "sky", 3, 1, 0.0f, 0, 5, out, sizeof out), RNN_E_RANGE);
    CHECK_EQUAL(rnn_pattern_answer(p, NULL, 3, 1, 0.0f, 0, 5, out, sizeof out), RNN_E_RANGE);
    CHECK_EQUAL(rnn_pattern_answer(p, "sky", 3, 1, 0.0f, 0, 5, NULL, sizeof out), RNN_E_RANGE);
    CHECK(rnn_pattern_answer(p, "sky", 3, 1, 0.0f, 0, 5, NULL, 0) >= 0);
    CHECK_EQUAL(rnn_pattern_read(NULL, "sky", 3, &id, 1), RNN_E_RANGE);
    CHECK_EQUAL(rnn_pattern_read(p, NULL, 3, &id, 1), RNN_E_RANGE);
    CHECK_EQUAL(rnn_pattern_read(p, "sky", 3, NULL, 1), RNN_E_RANGE);
    CHECK_EQUAL(rnn_pattern_read(p, "sky", 3, &id, 1), 0);
    CHECK_EQUAL(rnn_pattern_vector(p, "sky", 3, vector), 2);
    CHECK_EQUAL(vector[0] + 2.0f * vector[1], 2.0f);
    CHECK_EQUAL(rnn_pattern_vector(NULL, "sky", 3, vector), RNN_E_RANGE);
    CHECK_EQUAL(rnn_pattern_vector(p, NULL, 3, vector), RNN_E_RANGE);
    CHECK_EQUAL(rnn_pattern_vector(p, "sky", 3, NULL), RNN_E_RANGE);
    CHECK_EQUAL(rnn_pattern_score(NULL, "sky\tblue", 8, figures), RNN_E_RANGE);
    CHECK_EQUAL(rnn_pattern_score(p, NULL, 8, figures), RNN_E_RANGE);
    CHECK_EQUAL(rnn_pattern_score(p, "sky\tblue", 8, NULL), RNN_E_RANGE);
    CHECK_EQUAL(rnn_pattern_score(p, "sea\tblue", 8, figures), RNN_E_TEXT);
    CHECK(strstr(rnn_error(), "line 1 names no class that the network knows: sea"));
    CHECK_EQUAL(rnn_recipe_score(NULL, 0, figures), RNN_E_RANGE);
    CHECK_EQUAL(rnn_recipe_score(r, 0, NULL), RNN_E_RANGE);
    CHECK(!rnn_pattern_encoder(p) && !rnn_pattern_encoder(NULL) && !rnn_pattern_model(NULL));
    CHECK(!rnn_pattern_vocab(NULL) && !rnn_pattern_labels(NULL) && !rnn_recipe_encoder(NULL));
    CHECK(rnn_pattern_model(p) != NULL);
    CHECK_EQUAL(rnn_vocab_size(rnn_pattern_vocab(p)), 2);
    CHECK_EQUAL(rnn_vocab_size(rnn_pattern_labels(p)), 8); /* b e g l n r u, <end> */
    CHECK(rnn_pattern_load(NULL, 100) == NULL);
    rnn_pattern_free(p);
    rnn_pattern_free(NULL);
    rnn_recipe_free(r);
    free(f.bytes);
}

int main(int argc, char **argv)
{
    static const test tests[] = {
        TEST(every_pattern_learns_its_examples_and_answers_them_from_its_file),
        TEST(a_resumed_training_has_the_bits_of_one_without_a_stop),
        TEST(weights_of_every_pattern_have_the_stored_hashes),
        TEST(two_workers_have_the_bits_of_one),
        TEST(what_is_held_out_depends_on_what_is_read_alone),
        TEST(a_held_out_text_can_be_given_apart),
        TEST(what_is_drawn_follows_the_temperature_and_the_seed),
        TEST(one_to_one_is_the_table_of_what_follows),
        TEST(an_update_of_a_sequence_is_made_whole_or_not_at_all),
        TEST(an_answer_that_the_labels_lack_is_wrong),
        TEST(a_checkpoint_knows_its_lines_by_more_than_their_letters),
        TEST(a_network_that_is_no_numbers_any_more_answers_nothing),
        TEST(lines_that_are_no_examples_are_refused_by_their_number),
        TEST(files_that_do_not_answer_are_refused),
        TEST(stacks_that_make_no_pattern_are_refused),
        TEST(what_is_of_no_stack_of_a_pattern_is_refused_by_its_name),
        TEST(a_label_that_is_never_drawn_is_wrong),
        TEST(lines_and_inputs_have_a_greatest_length),
        TEST(a_picture_is_just_so_many_bytes_of_base64),
        TEST(a_checkpoint_knows_its_pictures_from_the_first_place_on),
        TEST(a_window_is_as_long_as_the_longest_example),
        TEST(settings_of_examples_are_held_to),
        TEST(a_network_can_be_what_a_training_begins_with),
        TEST(a_table_of_words_is_finite),
        TEST(classes_and_patterns_that_are_not_known_are_refused),
        TEST(a_sentence_is_cut_between_characters),
        TEST(a_checkpoint_whose_halves_differ_is_refused),
        TEST(odd_questions_are_refused)};
    return RUN(tests);
}
