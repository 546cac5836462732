/* SPDX-License-Identifier: MIT
 *
 * linear_test.c - no text takes longer than its length allows: megabytes of nasty shapes through all that reads texts.
 * The limit is in processor time and generous; what grew with the square of the length would take hours.
 */
#include "check.h"
#include "rnn.h"

#include <stdlib.h>
#include <time.h>

enum { MOST_BYTES = 5000000, SECONDS = 60 };

/* A text is its pieces in turn, or by the Fibonacci word: abaababa... */
typedef struct { const char *name, *first, *second; int is_fibonacci; } shape;

static const shape shapes[] = {
    {"one word", "a", "a", 0},
    {"spaces", " ", " ", 0},
    {"line ends", "\n", "\n", 0},
    {"carriage returns", "\r", "\r", 0},
    {"points", ".", ".", 0},
    {"opening brackets", "(", "(", 0},
    {"dashes", "-", "-", 0},
    {"combining marks", "\xCC\x81", "\xCC\x81", 0},
    {"ideographs", "\xE6\x88\x91", "\xE6\x88\x91", 0},
    {"code points of four bytes", "\xF0\x9F\x98\x80", "\xF0\x9F\x98\x80", 0},
    {"stray bytes", "\x80", "\x80", 0},
    {"letter and mark", "a", ".", 0},
    {"letter and apostrophe", "a", "'", 0},
    {"mark and space", ")", " ", 0},
    {"dash and many spaces", "-", "                                ", 0},
    {"capital sigmas", "\xCE\xA3", " ", 0},
    {"a and b", "a", "b", 0},
    {"Fibonacci", "a", "b ", 1},
};
enum { SHAPES = sizeof shapes / sizeof *shapes };

static char text[MOST_BYTES];
static size_t bytes_of_all = 1000000; /* `linear_test "" 5000000` takes minutes in some builds */

/* Bit i of the Fibonacci word, from the golden ratio. */
static int fibonacci(int i)
{
    double golden = 1.6180339887498949;
    return (int)((floor((i + 2.0) / golden) - floor((i + 1.0) / golden))) == 0;
}

/* Fills the text with whole pieces; returns its bytes. */
static size_t fill(const shape *s)
{
    size_t used = 0;
    for (int i = 0;; i++) {
        const char *piece = (s->is_fibonacci ? fibonacci(i) : i % 2) ? s->second : s->first;
        size_t bytes = strlen(piece);
        if (used + bytes > bytes_of_all)
            return used;
        memcpy(text + used, piece, bytes);
        used += bytes;
    }
}

static void count_grams(const rnn_vocab *v, const int32_t *tokens, int n)
{
    uint32_t counted;
    rnn_markov *m = rnn_markov_new(rnn_vocab_size(v), 6, rnn_vocab_unknown(v), 1 << 23);
    CHECK_EQUAL(rnn_markov_read(m, tokens, (size_t)n), n);
    CHECK(isfinite(rnn_markov_score(m, 6, tokens, 0, (size_t)n, &counted)));
    rnn_markov_free(m);
}

/* The text in itself; then with gaps, so that what is looked up ends early, or only what it is looked up in does. */
static void look_up(int32_t *tokens, int n)
{
    enum { GAP = 10000 };
    int32_t *lengths = malloc(2 * sizeof *lengths * (size_t)n), *at = lengths + n, first = tokens[0];
    rnn_index *x = rnn_index_new(tokens, (size_t)n), *y;
    CHECK_EQUAL(rnn_index_find(x, tokens, n, lengths, at), 0);
    CHECK_EQUAL(lengths[0], first == RNN_NONE ? 0 : n);
    int32_t *gaps = malloc(sizeof *gaps * (size_t)n);
    memcpy(gaps, tokens, sizeof *gaps * (size_t)n);
    for (int i = GAP - 1; i < n; i += GAP)
        gaps[i] = RNN_NONE;
    int most = n < GAP ? n : GAP - 1;
    CHECK_EQUAL(rnn_index_find(x, gaps, n, lengths, at), 0);
    CHECK_EQUAL(lengths[0], first == RNN_NONE ? 0 : most);
    y = rnn_index_new(gaps, (size_t)(n < 5 * GAP ? n : 5 * GAP));
    CHECK_EQUAL(rnn_index_find(y, tokens, n, lengths, at), 0);
    CHECK_EQUAL(lengths[0], first == RNN_NONE ? 0 : most);
    rnn_index_free(x);
    rnn_index_free(y);
    free(gaps);
    free(lengths);
}

static void cut_windows(const int32_t *tokens, int n)
{
    enum { B = 8, T = 64 };
    int32_t x[T * B], y[T * B];
    int windows = rnn_windows((size_t)n, B, T);
    for (uint32_t update = 0; update < (uint32_t)windows; update++)
        CHECK(rnn_window(tokens, (size_t)n, B, T, 1, update, x, y) >= 0);
}

static void read_as(const char *name, size_t bytes, int level)
{
    clock_t begin = clock();
    rnn_vocab *v = rnn_vocab_build(text, bytes, level, 0);
    int n = v ? rnn_encode(v, text, bytes, NULL, NULL, 0) : 0;
    int32_t *tokens = n ? malloc(sizeof *tokens * (size_t)n) : NULL;
    if (tokens) {
        CHECK_EQUAL(rnn_encode(v, text, bytes, tokens, NULL, n), n);
        count_grams(v, tokens, n);
        look_up(tokens, n);
        cut_windows(tokens, n);
    }
    free(tokens);
    rnn_vocab_free(v);
    double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
    if (seconds >= SECONDS)
        printf("%s at level %d took %.1f s\n", name, level, seconds);
    CHECK(seconds < SECONDS);
}

static void any_text_takes_time_by_its_length(void)
{
    for (int i = 0; i < SHAPES; i++) {
        size_t bytes = fill(&shapes[i]);
        for (int level = RNN_CHARACTERS; level <= RNN_WORDS_FOLDED; level++)
            read_as(shapes[i].name, bytes, level);
    }
}

int main(int argc, char **argv)
{
    static const test tests[] = {TEST(any_text_takes_time_by_its_length)};
    if (argc > 2 && atoi(argv[2]) <= MOST_BYTES)
        bytes_of_all = (size_t)atoi(argv[2]);
    return RUN(tests);
}
