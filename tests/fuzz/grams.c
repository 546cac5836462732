/* SPDX-License-Identifier: MIT
 *
 * grams.c - token ids counted as n-grams and looked up in an index, against what must hold of probabilities and against
 * looking at every place.
 */
#include "fuzz.h"

enum { MOST = 96, V_MOST = 16 };

/* Ids -1 .. V-1. */
static int take_ids(input *in, int V, int32_t *ids)
{
    int n = take(in, MOST + 1);
    for (int i = 0; i < n; i++)
        ids[i] = take(in, V + 1) - 1;
    return n;
}

/* ---- n-grams ---- */

/* What follows any context is a distribution, in which `never` has no share. */
static double check_distribution(const rnn_markov *m, int V, int never, int order, const int32_t *context, int n,
                                 int32_t next)
{
    float logits[V_MOST];
    double sum = 0.0;
    MUST(rnn_markov_logits(m, order, context, (size_t)n, logits) == 0);
    for (int w = 0; w < V; w++) {
        MUST(w == never ? logits[w] == -INFINITY : logits[w] <= 1e-5f && logits[w] > -100.0f);
        sum += exp((double)logits[w]);
    }
    MUST(V == 1 && never == 0 ? sum == 0.0 : fabs(sum - 1.0) < 1e-4);
    return next == RNN_NONE || next == never ? 0.0 : -(double)logits[next] / 0.69314718055994531;
}

static void count(input *in)
{
    int V = 1 + take(in, V_MOST), order = 1 + take(in, 6), never = take(in, V + 1) - 1;
    uint32_t most = take(in, 2) ? UINT32_MAX : (uint32_t)take(in, 256), counted;
    int32_t ids[MOST + 1], others[MOST + 1];
    int n = take_ids(in, V, ids), asked = take_ids(in, V, others), half = take(in, n + 1);
    rnn_markov *m = rnn_markov_new(V, order, never, most);
    MUST(m);
    int read = rnn_markov_read(m, ids, (size_t)half);
    read += rnn_markov_read(m, ids + half, (size_t)(n - half));
    MUST(read >= 0 && read <= n && (read == n || most != UINT32_MAX));
    for (int ask = take(in, order + 1), i = 0; i <= asked; i += asked / 4 + 1)
        check_distribution(m, V, never, ask, others, i, RNN_NONE);
    double bits = 0.0, score = rnn_markov_score(m, order, others, 0, (size_t)asked, &counted);
    for (int i = 0; i < asked && asked <= 12; i++)
        bits += check_distribution(m, V, never, order, others, i, others[i]);
    MUST(score >= -1e-3 && (asked > 12 || fabs(score - bits) < 1e-3));
    MUST(counted <= (uint32_t)asked);
    rnn_markov_free(m);
}

/* ---- index ---- */

static int common(const int32_t *a, int n, const int32_t *b, int m)
{
    int length = 0;
    while (length < n && length < m && a[length] == b[length] && a[length] != RNN_NONE)
        length++;
    return length;
}

static int longest(const int32_t *text, int n, const int32_t *tokens, int m)
{
    int best = 0;
    for (int place = 0; place < n; place++) {
        int length = common(tokens, m, text + place, n - place);
        best = length > best ? length : best;
    }
    return best;
}

static void check_place(const int32_t *text, int n, const int32_t *tokens, int m, int length, int32_t at)
{
    MUST(length ? at >= 0 && at + length <= n && common(tokens, m, text + at, n - at) == length : at == RNN_NONE);
}

static void look_up(input *in)
{
    static const int sizes[] = {1, 2, 3, V_MOST};
    int V = sizes[take(in, 4)];
    int32_t text[MOST + 1], tokens[MOST + 1], lengths[MOST + 1], at[MOST + 1];
    int n = take_ids(in, V, text), m = take_ids(in, V, tokens), copied = take(in, MOST);
    if (copied < n && copied < m) /* a longer stretch of the text than chance has */
        memcpy(tokens + m - copied, text + n - copied, sizeof *text * (size_t)copied);
    rnn_index *x = rnn_index_new(text, (size_t)n);
    MUST(x);
    MUST(rnn_index_find(x, tokens, m, lengths, at) == 0);
    for (int from = 0; from < m; from++) {
        MUST(lengths[from] == longest(text, n, tokens + from, m - from));
        check_place(text, n, tokens + from, m - from, lengths[from], at[from]);
    }
    rnn_index_free(x);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input in = {data, data + size};
    (take(&in, 2) ? look_up : count)(&in);
    return 0;
}
