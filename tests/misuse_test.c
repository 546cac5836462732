/* SPDX-License-Identifier: MIT
 *
 * misuse_test.c - each function of rnn.h with NULL where it must not be, and with odd numbers: an error of its kind, and
 * nothing else. tests/misuse.test.mjs does the same with the exports of the wasm, by the header's own list.
 */
#include "check.h"
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
    int32_t at;
    int length;
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
    REFUSED(rnn_index_find(NULL, ids, 4, &at), IS_CODE);
    REFUSED(rnn_index_find(x, NULL, 4, &at), IS_CODE);
    REFUSED(rnn_index_find(x, ids, 4, NULL), IS_CODE);
    REFUSED(rnn_index_span(NULL, ids, 4, 0, 1, &length, &at), IS_CODE);
    REFUSED(rnn_index_span(x, NULL, 4, 0, 1, &length, &at), IS_CODE);
    REFUSED(rnn_index_span(x, ids, 4, 0, 1, NULL, &at), IS_CODE);
    REFUSED(rnn_index_span(x, ids, 4, 0, 1, &length, NULL), IS_CODE);
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
        CHECK_EQUAL(rnn_index_find(x, ids, odd[i] < 4 ? odd[i] : 4, &at), odd[i] < 0 ? 0 : odd[i] < 4 ? odd[i] : 4);
        for (int k = 0; k < ODD; k++) {
            int begin = rnn_index_span(x, ids, 4, odd[i], odd[k], &length, &at);
            CHECK(begin <= 4 && length >= 0 && length <= 4 - begin);
        }
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
        TEST(null_in_place_of_a_text_or_its_tokens_is_refused),
        TEST(null_in_place_of_grams_or_an_index_is_refused),
        TEST(null_in_place_of_a_distribution_is_refused)};
    return RUN(tests);
}
