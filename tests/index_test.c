/* SPDX-License-Identifier: MIT
 *
 * index_test.c - what is found in a text, against looking at every place.
 */
#include "check.h"
#include "rnn.h"

#include <stdlib.h>

enum { MOST = 200 }; /* tokens that are looked up */

static int common(const int32_t *a, int n, const int32_t *b, int m)
{
    int length = 0;
    while (length < n && length < m && a[length] == b[length] && a[length] != RNN_NONE)
        length++;
    return length;
}

/* From each token on the longest is found, and where it is said to be it is. */
static void check_finds(const int32_t *text, int n, const int32_t *tokens, int m)
{
    int32_t lengths[MOST], at[MOST];
    rnn_index *x = rnn_index_new(text, (size_t)n);
    CHECK_EQUAL(rnn_index_find(x, tokens, m, lengths, at), 0);
    for (int from = 0; from < m; from++) {
        int best = 0;
        for (int place = 0; place < n; place++) {
            int length = common(tokens + from, m - from, text + place, n - place);
            best = length > best ? length : best;
        }
        CHECK_EQUAL(lengths[from], best);
        if (best)
            CHECK(at[from] >= 0 && common(tokens + from, m - from, text + at[from], n - at[from]) == best);
        else
            CHECK_EQUAL(at[from], RNN_NONE);
    }
    rnn_index_free(x);
}

static void random_tokens(int32_t *out, int n, int V, uint32_t seed)
{
    for (int i = 0; i < n; i++)
        out[i] = (int32_t)(rnn_dice(seed, (uint32_t)i) * (float)(V + 1)) - 1; /* RNN_NONE among them */
}

static void the_longest_is_found_as_by_looking_everywhere(void)
{
    int32_t text[300], tokens[60];
    for (int V = 1; V <= 5; V += 2)
        for (uint32_t seed = 1; seed < 24; seed++) {
            random_tokens(text, 300, V, seed);
            random_tokens(tokens, 60, V + (int)seed % 3, seed + 100); /* some that the text does not have */
            memcpy(tokens + 20, text + 50, sizeof *text * 25);
            memcpy(tokens + 50, text + 295, sizeof *text * 5); /* its end */
            check_finds(text, 300, tokens, 60);
        }
}

static void texts_that_repeat_themselves_are_sorted_too(void)
{
    enum { N = 1000 };
    static int32_t text[N];
    int a = 1, b = 1; /* Fibonacci's word: 0, 01, 010, 01001, ... */
    text[0] = 0;
    text[1] = 1;
    for (int length = 2; length < N;) {
        int more = a < N - length ? a : N - length;
        memcpy(text + length, text, sizeof *text * (size_t)more);
        length += more;
        a += b;
        b = a - b;
    }
    check_finds(text, N, text + 300, 200);
    memset(text, 0, sizeof text);
    check_finds(text, N, text, 100);
    check_finds(text, 100, text, MOST); /* longer than the text */
    check_finds(text, 1, text, 3);
}

static void nothing_is_found_in_nothing(void)
{
    int32_t token = 3, length = 7, at = 7;
    const int32_t *const nothing[] = {&token, NULL};
    for (int i = 0; i < 2; i++) {
        rnn_index *x = rnn_index_new(nothing[i], 0);
        CHECK_EQUAL(rnn_index_find(x, &token, 1, &length, &at), 0);
        CHECK_EQUAL(length, 0);
        CHECK_EQUAL(at, RNN_NONE);
        rnn_index_free(x);
    }
}

static void what_is_no_token_is_refused(void)
{
    static const int32_t bad[] = {0, 65536}, worse[] = {-2};
    CHECK(rnn_index_new(bad, 2) == NULL && rnn_error_code() == RNN_E_RANGE);
    CHECK(rnn_index_new(worse, 1) == NULL && rnn_error_code() == RNN_E_RANGE);
}

/* None of them is read; of more tokens than there are ids the sort has more ranks than ids. */
static void a_text_may_have_67_million_tokens_and_no_more(void)
{
    enum { N = 70000 };
    static int32_t text[N];
    int32_t lengths[3], at[3];
    CHECK(rnn_index_new(text, ((size_t)1 << 26) + 1) == NULL);
    CHECK_EQUAL(rnn_error_code(), RNN_E_MEMORY);
    CHECK(strstr(rnn_error(), "67108865 tokens; at most 67108864"));
    for (uint32_t i = 0; i < N; i++)
        text[i] = (int32_t)(rnn_dice(3, i) * 65536.0f);
    rnn_index *x = rnn_index_new(text, N);
    for (int i = 0; i + 3 <= N; i += 1000)
        CHECK(rnn_index_find(x, text + i, 3, lengths, at) == 0 && lengths[0] == 3 && at[0] == i);
    rnn_index_free(x);
}

int main(int argc, char **argv)
{
    static const test tests[] = {TEST(the_longest_is_found_as_by_looking_everywhere),
                                 TEST(texts_that_repeat_themselves_are_sorted_too),
                                 TEST(nothing_is_found_in_nothing),
                                 TEST(what_is_no_token_is_refused),
                                 TEST(a_text_may_have_67_million_tokens_and_no_more)};
    return RUN(tests);
}
