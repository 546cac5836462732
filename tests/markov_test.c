/* SPDX-License-Identifier: MIT
 *
 * markov_test.c - Kneser-Ney by the formula of markov.c, counted anew for every question.
 */
#include "check.h"
#include "rnn.h"

#include <stdlib.h>
#include <string.h>

enum { V = 4, N = 120, MANY = 100000 };

/* Whether the gram stands in the text so that it ends at place i. */
static int stands(const int32_t *text, int i, const int32_t *gram, int length)
{
    for (int k = 0; k < length; k++)
        if (i - k < 0 || text[i - k] != gram[length - 1 - k])
            return 0;
    return 1;
}

/* N of a gram, or N': before how many different tokens it stands, the text's beginning among them. */
static int count(const int32_t *text, const int32_t *gram, int length, int before)
{
    int times = 0, seen[V + 1] = {0}, different = 0;
    for (int i = 0; i < N; i++)
        if (stands(text, i, gram, length)) {
            int left = i - length >= 0 && text[i - length] != RNN_NONE ? text[i - length] : V;
            times++;
            different += !seen[left];
            seen[left] = 1;
        }
    return before ? different : times;
}

/* D of the grams of a length that count 1, 2, or 3 and more. */
static void discounts(const int32_t *text, int length, int before, double *D)
{
    int n[6] = {0}, grams = 1, gram[8];
    for (int k = 0; k < length; k++)
        grams *= V;
    for (int g = 0; g < grams; g++) {
        for (int k = 0, rest = g; k < length; k++, rest /= V)
            gram[k] = rest % V;
        int times = count(text, gram, length, before);
        n[times > 4 ? 5 : times]++;
    }
    double Y = n[1] ? n[1] / (n[1] + 2.0 * n[2]) : 0.0;
    for (int i = 1; i <= 3; i++)
        D[i] = fmin(fmax(n[i] ? i - (i + 1) * Y * n[i + 1] / n[i] : 0.0, 0.1), i - 0.05);
    D[0] = 0.0;
}

/* p(w | the last `length` tokens of context (n)); top: by N, else by N'. */
static double expected(const int32_t *text, const int32_t *context, int n, int length, int32_t w, int top)
{
    int32_t gram[8];
    double sum = 0.0, given_away = 0.0, own = 0.0, D[4];
    double lower = length ? expected(text, context, n, length - 1, w, 0) : 1.0 / (double)V;
    discounts(text, length + 1, !top, D);
    memcpy(gram, context + n - length, sizeof *gram * (size_t)length);
    for (int32_t next = 0; next < V; next++) {
        gram[length] = next;
        int c = count(text, gram, length + 1, !top);
        sum += c;
        given_away += D[c < 3 ? c : 3];
        own = next == w ? c - D[c < 3 ? c : 3] : own;
    }
    return sum > 0.0 ? own / sum + given_away / sum * lower : lower;
}

static void make_text(int32_t *text, uint32_t seed)
{
    for (uint32_t i = 0; i < N; i++)
        text[i] = rnn_dice(seed, i) < 0.03f ? RNN_NONE
                                            : (int32_t)(rnn_dice(seed + 1, i) * rnn_dice(seed + 2, i) * (float)V);
}

static void probabilities_are_kneser_and_neys(void)
{
    int32_t text[N];
    float logits[V];
    for (uint32_t seed = 1; seed < 4; seed++) {
        make_text(text, seed);
        rnn_markov *m = rnn_markov_new(V, 3, RNN_NONE, MANY);
        CHECK_EQUAL(rnn_markov_read(m, text, 50), 50);
        CHECK_EQUAL(rnn_markov_read(m, text + 50, N - 50), N - 50);
        for (int order = 0; order <= 3; order++)
            for (int place = 3; place < 40; place++) {
                int known = 0;
                while (known < order && text[place - 1 - known] != RNN_NONE)
                    known++;
                double sum = 0.0;
                rnn_markov_logits(m, order, text, (size_t)place, logits);
                for (int32_t w = 0; w < V; w++) {
                    CHECK_CLOSE(exp((double)logits[w]), expected(text, text, place, known, w, known == order), 1e-6);
                    sum += exp((double)logits[w]);
                }
                CHECK_CLOSE(sum, 1.0, 1e-6);
            }
        rnn_markov_free(m);
    }
}

static void a_score_is_the_sum_of_the_logits(void)
{
    int32_t text[N];
    float logits[V];
    double bits = 0.0;
    uint32_t counted, number = 0;
    make_text(text, 9);
    rnn_markov *m = rnn_markov_new(V, 6, RNN_NONE, MANY);
    rnn_markov_read(m, text, N / 2);
    for (int i = N / 2; i < N; i++)
        if (text[i] != RNN_NONE) {
            rnn_markov_logits(m, 6, text, (size_t)i, logits);
            bits -= (double)logits[text[i]] / log(2.0);
            number++;
        }
    CHECK_CLOSE(rnn_markov_score(m, 6, text, N / 2, N, &counted), bits, 1e-4);
    CHECK_EQUAL(counted, number);
    rnn_markov_free(m);
}

/* p of the others is what the count says of them, divided by what it leaves to them. */
static void what_never_follows_is_read_but_has_no_share(void)
{
    enum { NEVER = 1 };
    int32_t text[N];
    float plain[V], logits[V];
    double bits = 0.0;
    uint32_t counted, number = 0;
    make_text(text, 5);
    rnn_markov *all = rnn_markov_new(V, 3, RNN_NONE, MANY), *m = rnn_markov_new(V, 3, NEVER, MANY);
    rnn_markov_read(all, text, N / 2);
    rnn_markov_read(m, text, N / 2);
    for (size_t i = N / 2; i < N; i++) {
        rnn_markov_logits(all, 3, text, i, plain);
        rnn_markov_logits(m, 3, text, i, logits);
        for (int w = 0; w < V; w++)
            CHECK_CLOSE(exp((double)logits[w]),
                        w == NEVER ? 0.0 : exp((double)plain[w]) / (1.0 - exp((double)plain[NEVER])), 1e-6);
        if (text[i] != RNN_NONE && text[i] != NEVER) {
            bits -= (double)logits[text[i]] / log(2.0);
            number++;
        }
    }
    CHECK_CLOSE(rnn_markov_score(m, 3, text, N / 2, N, &counted), bits, 1e-4);
    CHECK_EQUAL(counted, number);
    CHECK(number < N / 2);
    rnn_markov_free(all);
    rnn_markov_free(m);
}

/* As if the text had ended there. */
static void counting_ends_where_the_room_ends(void)
{
    int32_t text[N];
    float logits[V], expected_logits[V];
    make_text(text, 3);
    rnn_markov *m = rnn_markov_new(V, 3, RNN_NONE, 60), *shorter = rnn_markov_new(V, 3, RNN_NONE, MANY);
    int read = rnn_markov_read(m, text, N);
    CHECK(read > 5 && read < N);
    CHECK_EQUAL(rnn_markov_read(m, text + read, 1), 0);
    rnn_markov_read(shorter, text, (size_t)read);
    for (size_t i = 3; i < N; i++) {
        rnn_markov_logits(m, 3, text, i, logits);
        rnn_markov_logits(shorter, 3, text, i, expected_logits);
        CHECK(memcmp(logits, expected_logits, sizeof logits) == 0);
    }
    rnn_markov_free(m);
    rnn_markov_free(shorter);
}

/* ---- a text of more grams than the first table holds, in pairs, counted in full arrays ---- */

enum { WIDE = 150, LONG = 12000 };

/* c - D[c], and D[c], by the counts of counts n. */
static double kept(const int *n, int count)
{
    int c = count < 3 ? count : 3;
    double Y = n[1] / (n[1] + 2.0 * n[2]);
    return count ? fmin(fmax(c - (c + 1) * Y * n[c + 1] / n[c], 0.1), c - 0.05) : 0.0;
}

static void count_of_counts(const int *counts, int size, int *n)
{
    memset(n, 0, sizeof *n * 5);
    for (int i = 0; i < size; i++)
        if (counts[i] <= 4)
            n[counts[i]]++;
}

/* p of each token by its counts, over what is below it. */
static void interpolate(const int *counts, const int *n, const double *below, double *p)
{
    double sum = 0.0, given = 0.0;
    for (int w = 0; w < WIDE; w++) {
        sum += counts[w];
        given += kept(n, counts[w]);
    }
    for (int w = 0; w < WIDE; w++)
        p[w] = (counts[w] - kept(n, counts[w]) + given * below[w]) / sum;
}

static void no_count_is_lost_when_the_table_grows(void)
{
    static int32_t text[LONG];
    static int pairs[WIDE * WIDE];
    int behind[WIDE] = {0}, of_pairs[5], of_tokens[5];
    double uniform[WIDE], single[WIDE], p[WIDE];
    float logits[WIDE];
    for (uint32_t i = 0; i < LONG; i++)
        text[i] = (int32_t)(rnn_dice(11, i) * rnn_dice(12, i) * (float)WIDE);
    rnn_markov *m = rnn_markov_new(WIDE, 1, RNN_NONE, MANY);
    CHECK_EQUAL(rnn_markov_read(m, text, LONG), LONG);
    for (int i = 1; i < LONG; i++)
        pairs[text[i - 1] * WIDE + text[i]]++;
    for (int i = 0; i < WIDE * WIDE; i++)
        behind[i % WIDE] += pairs[i] > 0;
    behind[text[0]]++; /* the beginning is in front of it */
    count_of_counts(pairs, WIDE * WIDE, of_pairs);
    count_of_counts(behind, WIDE, of_tokens);
    CHECK(WIDE * WIDE - of_pairs[0] > 2 * 3072);
    for (int w = 0; w < WIDE; w++)
        uniform[w] = 1.0 / WIDE;
    interpolate(behind, of_tokens, uniform, single);
    for (int32_t context = 0; context < 40; context++) {
        interpolate(pairs + context * WIDE, of_pairs, single, p);
        CHECK_EQUAL(rnn_markov_logits(m, 1, &context, 1, logits), 0);
        for (int w = 0; w < WIDE; w++)
            CHECK_CLOSE(exp((double)logits[w]), p[w], 1e-7);
    }
    rnn_markov_free(m);
}

/* Texts of every kind: all alike, two in turn, all different, drawn evenly and unevenly, with ends between. */
static int32_t token_of_kind(int kind, uint32_t i, int tokens)
{
    float u = rnn_dice(21 + (uint32_t)kind, i);
    switch (kind) {
    case 0: return 0;
    case 1: return (int32_t)i % 2 % tokens;
    case 2: return (int32_t)i % tokens;
    case 3: return (int32_t)(u * (float)tokens);
    case 4: return (int32_t)(u * u * u * u * (float)tokens);
    default: return i % 7 == 6 ? RNN_NONE : (int32_t)(u * u * (float)tokens);
    }
}

static void check_distributions(int kind, int tokens, int order, int never)
{
    enum { LENGTH = 2000 };
    static int32_t text[LENGTH];
    static float logits[300];
    for (uint32_t i = 0; i < LENGTH; i++)
        text[i] = token_of_kind(kind, i, tokens);
    rnn_markov *m = rnn_markov_new(tokens, order, never, MANY);
    rnn_markov_read(m, text, LENGTH);
    for (size_t n = 0; n < LENGTH; n = 3 * n + 1)
        for (int asked = 0; asked <= order; asked++) {
            double sum = 0.0;
            int possible = 1;
            CHECK_EQUAL(rnn_markov_logits(m, asked, text, n, logits), 0);
            for (int w = 0; w < tokens; w++) {
                sum += exp((double)logits[w]);
                possible &= w == never ? isinf(logits[w]) : isfinite(logits[w]) && logits[w] <= 0.0f;
            }
            CHECK(possible);
            CHECK_CLOSE(sum, tokens == 1 && never == 0 ? 0.0 : 1.0, 1e-5);
        }
    rnn_markov_free(m);
}

static void every_distribution_is_one(void)
{
    static const int sizes[] = {1, 2, 3, 8, 300};
    for (int kind = 0; kind < 6; kind++)
        for (int i = 0; i < 5; i++)
            for (int order = 1; order <= 6; order += 5)
                for (int never = RNN_NONE; never < 2 && never < sizes[i]; never++)
                    check_distributions(kind, sizes[i], order, never);
}

static void what_is_never_seen_is_uniform(void)
{
    float logits[V];
    uint32_t counted;
    rnn_markov *m = rnn_markov_new(V, 2, RNN_NONE, MANY);
    CHECK_EQUAL(rnn_markov_score(m, 2, NULL, 0, 0, &counted), 0.0);
    CHECK_EQUAL(rnn_markov_logits(m, 2, NULL, 0, logits), 0);
    for (int w = 0; w < V; w++)
        CHECK_CLOSE(exp((double)logits[w]), 0.25, 1e-6);
    rnn_markov_free(m);
}

static void a_score_looks_at_the_tokens_that_it_reads_alone(void)
{
    static const int32_t tokens[] = {V, 0, 1, 2, 3};
    uint32_t counted;
    rnn_markov *m = rnn_markov_new(V, 2, RNN_NONE, MANY);
    CHECK(isfinite(rnn_markov_score(m, 2, tokens, 3, 5, &counted)));
    CHECK_EQUAL(counted, 2);
    CHECK(isnan(rnn_markov_score(m, 2, tokens, 2, 5, &counted)));
    CHECK_EQUAL(rnn_error_code(), RNN_E_RANGE);
    rnn_markov_free(m);
}

/* The sanitizers see it where the token in front of the context is counted with. */
static void a_context_is_read_as_far_as_the_order_reaches(void)
{
    static const int32_t text[] = {0, 1, 0, 1}, context[] = {2147483647, 1};
    float logits[V], expected_logits[V];
    rnn_markov *m = rnn_markov_new(V, 2, RNN_NONE, MANY);
    rnn_markov_read(m, text, 4);
    CHECK_EQUAL(rnn_markov_logits(m, 1, context, 2, logits), 0);
    CHECK_EQUAL(rnn_markov_logits(m, 1, context + 1, 1, expected_logits), 0);
    CHECK(memcmp(logits, expected_logits, sizeof logits) == 0);
    CHECK_EQUAL(rnn_markov_logits(m, 2, context, 2, logits), RNN_E_RANGE);
    rnn_markov_free(m);
}

static void an_id_that_is_none_is_refused_and_nothing_is_counted(void)
{
    static const int32_t bad[][2] = {{0, V}, {1, -2}, {2, INT32_MAX}, {3, INT32_MIN}};
    float logits[V];
    uint32_t counted;
    rnn_markov *m = rnn_markov_new(V, 2, RNN_NONE, MANY);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK_EQUAL(rnn_markov_read(m, bad[i], 2), RNN_E_RANGE);
        CHECK_EQUAL(rnn_markov_logits(m, 2, bad[i], 2, logits), RNN_E_RANGE);
        CHECK(isnan(rnn_markov_score(m, 2, bad[i], 0, 2, &counted)));
        CHECK_EQUAL(counted, 0);
    }
    CHECK_EQUAL(rnn_markov_logits(m, 0, NULL, 0, logits), 0);
    for (int w = 0; w < V; w++)
        CHECK_CLOSE(exp((double)logits[w]), 1.0 / (double)V, 1e-7);
    rnn_markov_free(m);
}

/* Token 0 has always followed, behind many different ones. As a difference, 1 - p(0) would be 0. What is left to the
 * others is theirs nevertheless, and adds up to 1. */
static void what_never_follows_may_have_the_whole_probability(void)
{
    enum { TOKENS = 64, LENGTH = 200 };
    int32_t text[LENGTH] = {0};
    float logits[TOKENS];
    uint32_t counted;
    rnn_markov *m = rnn_markov_new(TOKENS, 6, 0, MANY);
    text[LENGTH - 1] = RNN_NONE;
    for (int32_t first = 1; first < TOKENS; first++) {
        text[0] = first;
        CHECK_EQUAL(rnn_markov_read(m, text, LENGTH), LENGTH);
    }
    for (int order = 0; order <= 6; order++) {
        double sum = 0.0;
        CHECK_EQUAL(rnn_markov_logits(m, order, text, LENGTH - 1, logits), 0);
        CHECK(isinf(logits[0]) && logits[0] < 0.0f);
        for (int w = 1; w < TOKENS; w++) {
            CHECK_CLOSE(exp((double)logits[w]), 1.0 / (TOKENS - 1.0), 1e-7);
            sum += exp((double)logits[w]);
        }
        CHECK_CLOSE(sum, 1.0, 1e-6);
    }
    text[LENGTH - 1] = 2;
    CHECK_CLOSE(rnn_markov_score(m, 6, text, LENGTH - 1, LENGTH, &counted), log2(TOKENS - 1.0), 1e-6);
    CHECK_EQUAL(counted, 1);
    rnn_markov_free(m);
}

/* V = 1, and that one never follows: nothing is left to say. */
static void the_only_token_may_be_one_that_never_follows(void)
{
    static const int32_t text[] = {0, 0, 0};
    float logit;
    uint32_t counted;
    rnn_markov *m = rnn_markov_new(1, 2, 0, MANY);
    CHECK_EQUAL(rnn_markov_read(m, text, 3), 3);
    CHECK_EQUAL(rnn_markov_logits(m, 2, text, 3, &logit), 0);
    CHECK(isinf(logit) && logit < 0.0f);
    CHECK_EQUAL(rnn_markov_score(m, 2, text, 0, 3, &counted), 0.0);
    CHECK_EQUAL(counted, 0);
    rnn_markov_free(m);
}

static void numbers_out_of_range_are_refused(void)
{
    static const int32_t token[] = {0};
    float logits[V];
    uint32_t counted;
    CHECK(rnn_markov_new(0, 3, RNN_NONE, MANY) == NULL && rnn_error_code() == RNN_E_RANGE);
    CHECK(rnn_markov_new(V, 7, RNN_NONE, MANY) == NULL && rnn_error_code() == RNN_E_RANGE);
    CHECK(rnn_markov_new(V, 3, V, MANY) == NULL && rnn_error_code() == RNN_E_RANGE);
    CHECK(rnn_markov_new(65537, 3, RNN_NONE, MANY) == NULL && rnn_error_code() == RNN_E_RANGE);
    CHECK(rnn_markov_new(V, 0, RNN_NONE, MANY) == NULL && rnn_error_code() == RNN_E_RANGE);
    CHECK(rnn_markov_new(V, 3, -2, MANY) == NULL && rnn_error_code() == RNN_E_RANGE);
    rnn_markov_free(rnn_markov_new(65536, 6, 65535, UINT32_MAX));
    rnn_markov *m = rnn_markov_new(V, 2, RNN_NONE, MANY);
    CHECK_EQUAL(rnn_markov_logits(m, 3, token, 1, logits), RNN_E_RANGE);
    CHECK_EQUAL(rnn_markov_logits(m, -1, token, 1, logits), RNN_E_RANGE);
    CHECK(isnan(rnn_markov_score(m, 3, token, 0, 1, &counted)));
    rnn_markov_free(m);
}

int main(int argc, char **argv)
{
    static const test tests[] = {
        TEST(probabilities_are_kneser_and_neys),
        TEST(a_score_is_the_sum_of_the_logits),
        TEST(no_count_is_lost_when_the_table_grows),
        TEST(every_distribution_is_one),
        TEST(what_is_never_seen_is_uniform),
        TEST(what_never_follows_is_read_but_has_no_share),
        TEST(counting_ends_where_the_room_ends),
        TEST(a_score_looks_at_the_tokens_that_it_reads_alone),
        TEST(a_context_is_read_as_far_as_the_order_reaches),
        TEST(an_id_that_is_none_is_refused_and_nothing_is_counted),
        TEST(what_never_follows_may_have_the_whole_probability),
        TEST(the_only_token_may_be_one_that_never_follows),
        TEST(numbers_out_of_range_are_refused)};
    return RUN(tests);
}
