/* SPDX-License-Identifier: MIT
 *
 * sampling_test.c - temperature, cuts, picks, dice and surprisal: against hand-made numbers, the stored
 * distributions of scripts/make_golden.py, a naive sort, and chi-square.
 */
#include "check.h"
#include "golden.h"
#include "rnn.h"
#include "safetensors.h"

#include <float.h>
#include <stdlib.h>

static const float last_u = 1.0f - 0x1p-24f; /* the largest number that the dice give */

enum { MAX_N = 600 };

/* Logits of about N(0, 3), rounded to quarters so that there are equals. */
static void random_logits(int n, uint32_t seed, float *logits)
{
    for (int i = 0; i < n; i++) {
        float sum = -6.0f;
        for (int k = 0; k < 12; k++)
            sum += rnn_dice(seed, (uint32_t)(12 * i + k));
        logits[i] = roundf(sum * 12.0f) / 4.0f;
    }
}

static double sum_of(const float *x, int n)
{
    double sum = 0.0;
    for (int i = 0; i < n; i++)
        sum += (double)x[i];
    return sum;
}

/* ---- temperature ---- */

static void temperature_zero_is_argmax_and_the_lower_of_equals(void)
{
    float probs[4];
    CHECK_EQUAL(rnn_probs((float[]){1, 3, 3, 2}, 4, 0.0f, 0, 1.0f, probs), 0);
    for (int i = 0; i < 4; i++)
        CHECK_EQUAL(probs[i], i == 1);
    CHECK_EQUAL(rnn_probs((float[]){-INFINITY, -5, -4, -4}, 4, -0.0f, 2, 0.5f, probs), 0);
    for (int i = 0; i < 4; i++)
        CHECK_EQUAL(probs[i], i == 2);
}

static void tiny_temperatures_leave_only_the_most_probable(void)
{
    static const float tiny[] = {1e-3f, 1e-9f, 1e-30f, FLT_MIN, 1e-45f};
    float probs[5];
    for (int k = 0; k < 5; k++) {
        CHECK_EQUAL(rnn_probs((float[]){-INFINITY, 1, 2, -3e38f, 1.5f}, 5, tiny[k], 0, 1.0f, probs), 0);
        for (int i = 0; i < 5; i++)
            CHECK_EQUAL(probs[i], i == 2);
        CHECK_EQUAL(rnn_probs((float[]){2, 1, 2}, 3, tiny[k], 0, 1.0f, probs), 0);
        CHECK_EQUAL(probs[0], 0.5f);
        CHECK_EQUAL(probs[1], 0.0f);
        CHECK_EQUAL(probs[2], 0.5f);
    }
}

static void huge_temperatures_make_all_that_may_be_drawn_equal(void)
{
    static const float huge[] = {1e9f, 1e30f, FLT_MAX, INFINITY};
    float probs[5];
    for (int k = 0; k < 4; k++) {
        CHECK_EQUAL(rnn_probs((float[]){3, -1, -INFINITY, 0, 2}, 5, huge[k], 0, 1.0f, probs), 0);
        for (int i = 0; i < 5; i++)
            CHECK_CLOSE(probs[i], i == 2 ? 0.0 : 0.25, i == 2 ? 0.0 : 1e-7);
    }
}

static void probs_are_softmax_of_logits_over_temperature(void)
{
    float logits[MAX_N], probs[MAX_N];
    for (int n = 1; n <= MAX_N; n += 37)
        for (float temperature = 0.1f; temperature < 4.0f; temperature *= 1.7f) {
            double exact[MAX_N], most = -1e9, sum = 0.0;
            random_logits(n, (uint32_t)n, logits);
            CHECK_EQUAL(rnn_probs(logits, n, temperature, 0, 1.0f, probs), 0);
            for (int i = 0; i < n; i++)
                most = fmax(most, (double)logits[i]);
            for (int i = 0; i < n; i++)
                sum += exact[i] = exp(((double)logits[i] - most) / (double)temperature);
            for (int i = 0; i < n; i++)
                CHECK_CLOSE(probs[i], exact[i] / sum, 2e-6 * exact[i] / sum + 1e-30);
            CHECK_CLOSE(sum_of(probs, n), 1.0, 1e-6);
        }
}

static void settings_out_of_range_are_refused_with_a_reason(void)
{
    static const float bad_temperature[] = {-1.0f, -1e-9f, NAN, -INFINITY}, bad_top_p[] = {-0.1f, 1.1f, NAN, INFINITY};
    float probs[2], logits[] = {0, 1};
    for (int k = 0; k < 4; k++) {
        CHECK_EQUAL(rnn_probs(logits, 2, bad_temperature[k], 0, 1.0f, probs), RNN_E_RANGE);
        CHECK(strstr(rnn_error(), "temperature"));
        CHECK_EQUAL(rnn_probs(logits, 2, 1.0f, 0, bad_top_p[k], probs), RNN_E_RANGE);
        CHECK(strstr(rnn_error(), "top_p"));
    }
    CHECK_EQUAL(rnn_probs(logits, 2, 1.0f, -1, 1.0f, probs), RNN_E_RANGE);
    CHECK_EQUAL(rnn_probs(logits, 0, 1.0f, 0, 1.0f, probs), RNN_E_RANGE);
    CHECK_EQUAL(rnn_error_code(), RNN_E_RANGE);
}

static void logits_that_are_no_distribution_are_refused(void)
{
    static const float temperatures[] = {0.0f, 1.0f, INFINITY};
    float probs[3];
    for (int k = 0; k < 3; k++) {
        CHECK_EQUAL(rnn_probs((float[]){0, NAN, 1}, 3, temperatures[k], 0, 1.0f, probs), RNN_E_NONFINITE);
        CHECK_EQUAL(rnn_probs((float[]){0, INFINITY, 1}, 3, temperatures[k], 0, 1.0f, probs), RNN_E_NONFINITE);
        CHECK_EQUAL(rnn_probs((float[]){-INFINITY, -INFINITY, -INFINITY}, 3, temperatures[k], 0, 1.0f, probs),
                    RNN_E_NONFINITE);
    }
    CHECK(isnan(rnn_surprisal((float[]){0, NAN}, 2, 0)));
}

/* ---- never drawn ---- */

static void a_logit_of_minus_infinity_is_never_drawn_at_any_temperature(void)
{
    static const float temperatures[] = {0.0f, 1e-45f, 1e-30f, 0.01f, 0.5f, 1.0f, 3.0f, 1e9f, 1e30f, FLT_MAX, INFINITY};
    float logits[20], probs[20];
    for (size_t t = 0; t < sizeof temperatures / sizeof *temperatures; t++)
        for (int top_k = 0; top_k <= 20; top_k += 5)
            for (float top_p = 0.0f; top_p <= 1.0f; top_p += 0.25f) {
                random_logits(20, 9, logits);
                logits[0] = logits[7] = logits[19] = -INFINITY;
                CHECK_EQUAL(rnn_probs(logits, 20, temperatures[t], top_k, top_p, probs), 0);
                CHECK_CLOSE(sum_of(probs, 20), 1.0, 1e-6);
                for (uint32_t i = 0; i < 1000; i++) {
                    int id = rnn_pick(probs, 20, i ? rnn_dice(1, i) : last_u);
                    CHECK(id > 0 && id != 7 && id < 19);
                }
            }
}

static void pick_returns_the_id_whose_share_holds_u(void)
{
    static const float probs[] = {0.0f, 0.25f, 0.0f, 0.5f, 0.25f, 0.0f};
    CHECK_EQUAL(rnn_pick(probs, 6, 0.0f), 1);
    CHECK_EQUAL(rnn_pick(probs, 6, 0.25f - 0x1p-24f), 1);
    CHECK_EQUAL(rnn_pick(probs, 6, 0.25f), 3);
    CHECK_EQUAL(rnn_pick(probs, 6, 0.75f), 4);
    CHECK_EQUAL(rnn_pick(probs, 6, last_u), 4);
}

static void pick_returns_a_valid_id_where_the_sum_falls_short_and_none_where_nothing_may_be_drawn(void)
{
    CHECK_EQUAL(rnn_pick((float[]){0.4f, 0.5f, 0.0f}, 3, last_u), 1);
    CHECK_EQUAL(rnn_pick((float[]){0.4f, 0.5f, 0.0f}, 3, NAN), 1);
    CHECK_EQUAL(rnn_pick((float[]){0.0f, 0.0f}, 2, 0.5f), RNN_NONE);
}

static void one_token_is_always_drawn(void)
{
    float probs[1];
    CHECK_EQUAL(rnn_probs((float[]){-7.0f}, 1, 0.8f, 5, 0.9f, probs), 0);
    CHECK_EQUAL(probs[0], 1.0f);
    CHECK_EQUAL(rnn_pick(probs, 1, last_u), 0);
}

/* ---- cuts ---- */

/* Ids by falling probability, of equals the lower first. */
static const float *ranked;

static int by_rank(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    return ranked[x] > ranked[y] ? -1 : ranked[x] < ranked[y] ? 1 : x - y;
}

/* Keeps the first of the ranked ids that number k and weigh p together; the rest gets 0, the sum 1. */
static void naive_cut(double *probs, const float *order, int n, int k, double p)
{
    int ids[MAX_N], kept = 0;
    double mass = 0.0;
    ranked = order;
    for (int i = 0; i < n; i++)
        ids[i] = i;
    qsort(ids, (size_t)n, sizeof *ids, by_rank);
    while (kept < n && (kept < k || mass < p))
        mass += probs[ids[kept++]];
    for (int i = 0; i < n; i++)
        probs[ids[i]] = i < kept ? probs[ids[i]] / mass : 0.0;
}

/* Equal logits may not fall apart, so the order is that of the logits; sums that come close to top_p are left out. */
static void cuts_keep_what_a_sort_keeps(void)
{
    float logits[MAX_N], probs[MAX_N];
    for (uint32_t round = 0; round < 400; round++) {
        int n = 1 + (int)(rnn_dice(round, 0) * (float)(MAX_N - 1));
        int top_k = round % 3 ? 1 + (int)(rnn_dice(round, 1) * 50.0f) : 0;
        float top_p = round % 2 ? rnn_dice(round, 2) : 1.0f, temperature = 0.2f + 2.0f * rnn_dice(round, 3);
        double expected[MAX_N];
        random_logits(n, round, logits);
        rnn_probs(logits, n, temperature, 0, 1.0f, probs);
        for (int i = 0; i < n; i++)
            expected[i] = (double)probs[i];
        if (top_k)
            naive_cut(expected, logits, n, top_k, 0.0);
        if (top_p < 1.0f)
            naive_cut(expected, logits, n, 1, (double)top_p);
        CHECK_EQUAL(rnn_probs(logits, n, temperature, top_k, top_p, probs), 0);
        for (int i = 0; i < n; i++) {
            CHECK_EQUAL(probs[i] > 0.0f, expected[i] > 0.0);
            CHECK_CLOSE(probs[i], expected[i], 1e-6 * expected[i]);
        }
    }
}

static void top_p_0_keeps_one_and_top_p_1_keeps_all(void)
{
    float probs[3], logits[] = {1, 2, 2};
    rnn_probs(logits, 3, 1.0f, 0, 0.0f, probs);
    CHECK(probs[0] == 0.0f && probs[1] == 1.0f && probs[2] == 0.0f);
    rnn_probs(logits, 3, 1.0f, 0, 1.0f, probs);
    CHECK(probs[0] > 0.0f && probs[1] > 0.0f && probs[2] > 0.0f);
}

static void a_top_k_above_the_count_of_tokens_changes_nothing(void)
{
    float probs[3], uncut[3], logits[] = {1, 2, -INFINITY};
    rnn_probs(logits, 3, 0.7f, 0, 1.0f, uncut);
    rnn_probs(logits, 3, 0.7f, 2147483647, 1.0f, probs);
    CHECK(memcmp(probs, uncut, sizeof probs) == 0);
    rnn_probs(logits, 3, 0.7f, 2, 1.0f, probs);
    for (int i = 0; i < 3; i++)
        CHECK_CLOSE(probs[i], uncut[i], 1e-7);
}

static const float *stored(const st_file *file, int number, const char *what, int *n)
{
    static float values[3][MAX_N];
    static int turn;
    char name[40];
    snprintf(name, sizeof name, "case.%d.%s", number, what);
    const st_tensor *t = st_find(file, name);
    float *out = values[turn = (turn + 1) % 3];
    *n = t ? (int)t->shape[0] : 0;
    memcpy(out, t ? t->data : (const unsigned char *)"", sizeof(float) * (size_t)*n);
    return out;
}

/* The stored numbers are float64 rounded to float32; ours carry some float32 roundings of the exponent. */
static void distributions_are_the_stored_ones(void)
{
    const golden_file *g = golden_files;
    while (g->name && strcmp(g->name, "sampling") != 0)
        g++;
    st_file *file = st_read(g->bytes, g->size);
    int number = 0, n, three;
    CHECK(file != NULL);
    for (; file; number++) {
        const float *logits = stored(file, number, "logits", &n), *settings = stored(file, number, "settings", &three);
        const float *expected = stored(file, number, "probs", &n);
        float probs[MAX_N];
        if (!n)
            break;
        CHECK_EQUAL(rnn_probs(logits, n, settings[0], (int)settings[1], settings[2], probs), 0);
        for (int i = 0; i < n; i++) {
            CHECK_EQUAL(probs[i] > 0.0f, expected[i] > 0.0f);
            CHECK_CLOSE(probs[i], expected[i], 3e-6 * (double)expected[i]);
        }
    }
    CHECK_EQUAL(number, 44);
    free(file);
}

/* ---- chi-square ---- */

/* The 99.99 % quantile (Wilson and Hilferty 1931), good to 0.1 from 3 degrees of freedom on. */
static double chi_square_limit(int freedom)
{
    const double z = 3.719, part = 2.0 / (9.0 * freedom);
    return freedom * pow(1.0 - part + z * sqrt(part), 3.0);
}

/* Counts that should be near draws * probs; ids of fewer than 5 expected draws are taken together. */
static void check_counts(int n, const double *probs, const int *counts, int draws)
{
    double square = 0.0, few_expected = 0.0, few_seen = 0.0;
    int cells = 0;
    for (int i = 0; i < n; i++) {
        double expected = draws * probs[i];
        CHECK(probs[i] > 0.0 || counts[i] == 0);
        if (expected >= 5.0) {
            square += (counts[i] - expected) * (counts[i] - expected) / expected;
            cells++;
        } else {
            few_expected += expected;
            few_seen += counts[i];
        }
    }
    if (few_expected > 0.0) {
        square += (few_seen - few_expected) * (few_seen - few_expected) / few_expected;
        cells++;
    }
    CHECK(cells > 3);
    CHECK_CLOSE(square, 0.0, chi_square_limit(cells - 1));
}

static void draws_have_the_frequencies_of_the_exact_distribution(void)
{
    static const struct { int n; float temperature; int top_k; float top_p; } settings[] = {
        {5, 1.0f, 0, 1.0f},   {65, 1.0f, 0, 1.0f},  {65, 0.5f, 0, 1.0f},
        {65, 2.0f, 10, 1.0f}, {200, 1.5f, 0, 0.8f}, {64, 1e30f, 0, 1.0f}};
    enum { DRAWS = 100000 };
    for (size_t k = 0; k < sizeof settings / sizeof *settings; k++)
        for (uint32_t seed = 1; seed <= 3; seed++) {
            int n = settings[k].n, counts[MAX_N] = {0};
            float logits[MAX_N], probs[MAX_N];
            double exact[MAX_N], most = -1e9, sum = 0.0;
            random_logits(n, 77, logits);
            for (int i = 0; i < n; i++)
                most = fmax(most, (double)logits[i]);
            for (int i = 0; i < n; i++)
                sum += exact[i] = exp(((double)logits[i] - most) / (double)settings[k].temperature);
            for (int i = 0; i < n; i++)
                exact[i] /= sum;
            naive_cut(exact, logits, n, settings[k].top_k ? settings[k].top_k : n, 0.0);
            if (settings[k].top_p < 1.0f)
                naive_cut(exact, logits, n, 1, (double)settings[k].top_p);
            rnn_probs(logits, n, settings[k].temperature, settings[k].top_k, settings[k].top_p, probs);
            for (uint32_t i = 0; i < DRAWS; i++)
                counts[rnn_pick(probs, n, rnn_dice(seed, i))]++;
            check_counts(n, exact, counts, DRAWS);
        }
}

enum { BINS = 64, THROWS = 20000 };

/* Throws along positions of one seed, or along seeds at one position. */
static float throw(int along_seeds, uint32_t fixed, uint32_t i)
{
    return along_seeds ? rnn_dice(i, fixed) : rnn_dice(fixed, i);
}

static void dice_are_uniform_along_positions_and_along_seeds(void)
{
    double even[BINS];
    for (int i = 0; i < BINS; i++)
        even[i] = 1.0 / (double)BINS;
    for (int along_seeds = 0; along_seeds <= 1; along_seeds++)
        for (uint32_t fixed = 0; fixed < 50; fixed++) {
            int counts[BINS] = {0};
            for (uint32_t i = 0; i < THROWS; i++) {
                float u = throw(along_seeds, fixed * 0x01000193U, i);
                CHECK(u >= 0.0f && u <= last_u);
                counts[(int)(u * (float)BINS)]++;
            }
            check_counts(BINS, even, counts, THROWS);
        }
}

/* Of independent dice the correlation of n pairs has a deviation of 1 / sqrt(n): 4.5 of them are allowed. */
static void dice_do_not_depend_on_their_neighbours(void)
{
    for (int along_seeds = 0; along_seeds <= 1; along_seeds++)
        for (uint32_t lag = 1; lag <= 16; lag++) {
            double sum = 0.0;
            for (uint32_t i = 0; i < THROWS; i++)
                sum += ((double)throw(along_seeds, 42, i) - 0.5) * ((double)throw(along_seeds, 42, i + lag) - 0.5);
            CHECK_CLOSE(sum * 12.0 / (double)THROWS, 0.0, 4.5 / sqrt((double)THROWS));
        }
}

/* ---- surprisal ---- */

static void surprisal_is_minus_log2_of_the_probability(void)
{
    float even[MAX_N], quarters[] = {0.0f, 1.0986123f, -INFINITY}; /* ln 3: shares 1/4 and 3/4 */
    CHECK_CLOSE(rnn_surprisal(quarters, 3, 0), 2.0, 1e-6);
    CHECK_CLOSE(rnn_surprisal(quarters, 3, 1), 2.0 - log2(3.0), 1e-6);
    CHECK_EQUAL(rnn_surprisal(quarters, 3, 2), INFINITY);
    for (int i = 0; i < MAX_N; i++)
        even[i] = -123.5f;
    for (int n = 1; n <= MAX_N; n += 85) /* beyond a block of the sum as well */
        CHECK_CLOSE(rnn_surprisal(even, n, n - 1), log2(n), 2e-6);
    CHECK_CLOSE(rnn_surprisal((float[]){0.0f, 50.0f}, 2, 0), 50.0 / log(2.0), 1e-4);
    CHECK_CLOSE(rnn_surprisal((float[]){1e30f, -1e30f}, 2, 0), 0.0, 1e-9);
}

static void surprisal_of_an_id_that_is_none_is_nan(void)
{
    CHECK(isnan(rnn_surprisal((float[]){0, 1}, 2, 2)));
    CHECK(isnan(rnn_surprisal((float[]){0, 1}, 2, RNN_NONE)));
    CHECK(isnan(rnn_surprisal((float[]){0, 1}, 0, 0)));
}

int main(int argc, char **argv)
{
    static const test tests[] = {
        TEST(temperature_zero_is_argmax_and_the_lower_of_equals),
        TEST(tiny_temperatures_leave_only_the_most_probable),
        TEST(huge_temperatures_make_all_that_may_be_drawn_equal),
        TEST(probs_are_softmax_of_logits_over_temperature),
        TEST(settings_out_of_range_are_refused_with_a_reason),
        TEST(logits_that_are_no_distribution_are_refused),
        TEST(a_logit_of_minus_infinity_is_never_drawn_at_any_temperature),
        TEST(pick_returns_the_id_whose_share_holds_u),
        TEST(pick_returns_a_valid_id_where_the_sum_falls_short_and_none_where_nothing_may_be_drawn),
        TEST(one_token_is_always_drawn),
        TEST(cuts_keep_what_a_sort_keeps),
        TEST(top_p_0_keeps_one_and_top_p_1_keeps_all),
        TEST(a_top_k_above_the_count_of_tokens_changes_nothing),
        TEST(distributions_are_the_stored_ones),
        TEST(draws_have_the_frequencies_of_the_exact_distribution),
        TEST(dice_are_uniform_along_positions_and_along_seeds),
        TEST(dice_do_not_depend_on_their_neighbours),
        TEST(surprisal_is_minus_log2_of_the_probability),
        TEST(surprisal_of_an_id_that_is_none_is_nan)};
    return RUN(tests);
}
