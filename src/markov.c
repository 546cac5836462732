/* SPDX-License-Identifier: MIT
 *
 * markov.c - what may follow the last few tokens, by counting: the baseline of a language model. Leaf.
 *
 * Interpolated Kneser-Ney with three discounts (Chen and Goodman 1998, section 3). Of w after the longest context c:
 *     p(w | c) = (N(c w) - D[N(c w)]) / N(c) + (D1 F1(c) + D2 F2(c) + D3 F3(c)) / N(c) * p'(w | c')
 *     Di = i - (i + 1) Y n(i+1) / n(i), kept between 0.1 and i - 0.05: few grams make wild discounts
 *     Y = n1 / (n1 + 2 n2)
 * N(c w)      how often the gram stands in the text; N(c) is the sum of it over w
 * F1, F2, F3  how many different w follow c once, twice, and more often
 * n1 .. n4    how many grams of this length count so often
 * c'          c without its first token
 * p'          the same with N' in place of N: behind how many different tokens a gram stands
 * 1 / V       stands for p' below the shortest context
 * The beginning of a text, and RNN_NONE in it, is a token of its own in front of a gram, never within one. What can
 * never follow is counted as all else is; its share goes to the others in proportion.
 */
#include "error.h"
#include "kernels.h"
#include "rnn.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ORDER = 6, GRAMS = MAX_ORDER + 1, MAX_TOKENS = 65536, SMALLEST = 1 << 8, MOST_GRAMS = 3 << 22 };
enum { NEW_GRAMS = GRAMS + 1 }; /* of a token, at most */
enum { TIMES, BEHIND, COUNTS }; /* N and N' */
enum { DISCOUNTS = 3 };

typedef struct {
    uint64_t key;                /* of the gram's tokens; 0: no entry */
    uint32_t count[COUNTS];      /* N and N' of the gram */
    uint32_t sum[COUNTS];        /* of what follows it */
    uint32_t followers[COUNTS][DISCOUNTS]; /* F1, F2, F3 */
} gram;

struct rnn_markov {
    int V, order, never;
    gram *table;                 /* (slots), open addressing; at most 3/4 full */
    uint32_t slots, used, most;
    int is_full;
    uint32_t of_counts[GRAMS][COUNTS][DISCOUNTS + 2]; /* n1 .. n4 of each length */
    int32_t last[GRAMS];         /* the tokens read last, the newest first; `length` of them are known */
    int length;
};

/* ---- table ---- */

static const uint64_t no_tokens = 0x9e3779b97f4a7c15U;

/* The key of a gram with a token in front (splitmix64, Steele et al. 2014). It has 64 bits, so that no two grams share
 * one in practice. */
static uint64_t with_token(uint64_t key, int32_t token)
{
    key = (key ^ (uint64_t)((uint32_t)token + 1U)) * 0xbf58476d1ce4e5b9U;
    key = (key ^ key >> 27) * 0x94d049bb133111ebU;
    return (key ^ key >> 31) | 1;
}

/* The gram's entry, or the free one where it would be. */
static gram *find(gram *table, uint32_t slots, uint64_t key)
{
    uint32_t i = (uint32_t)(key >> 32) & (slots - 1);
    while (table[i].key && table[i].key != key)
        i = (i + 1) & (slots - 1);
    return &table[i];
}

static const gram *look_up(const rnn_markov *m, uint64_t key)
{
    const gram *g = find(m->table, m->slots, key);
    return g->key ? g : NULL;
}

/* Makes room for the grams of another token; 0 if there is none. */
static int make_room(rnn_markov *m)
{
    if (m->used + NEW_GRAMS > m->most)
        return 0;
    if (m->used + NEW_GRAMS <= m->slots / 4 * 3)
        return 1;
    gram *table = calloc((size_t)m->slots * 2, sizeof *table);
    if (!table) {
        fail(RNN_E_MEMORY, "no memory to count more than %u grams", (unsigned)m->used);
        return 0;
    }
    for (uint32_t i = 0; i < m->slots; i++)
        if (m->table[i].key)
            *find(table, m->slots * 2, m->table[i].key) = m->table[i];
    free(m->table);
    m->table = table;
    m->slots *= 2;
    return 1;
}

/* ---- counting ---- */

rnn_markov *rnn_markov_new(int V, int order, int never, uint32_t most)
{
    if (V < 1 || V > MAX_TOKENS || order < 1 || order > MAX_ORDER || never < RNN_NONE || never >= V) {
        fail(RNN_E_RANGE, "%d tokens, order %d and %d as what never follows: 1 to %d tokens, orders 1 to %d "
                          "and an id below the number of tokens are possible",
             V, order, never, MAX_TOKENS, MAX_ORDER);
        return NULL;
    }
    rnn_markov *m = calloc(1, sizeof *m);
    gram *table = calloc(SMALLEST, sizeof *table);
    if (!m || !table) {
        fail(RNN_E_MEMORY, "no memory to count grams");
        free(m);
        free(table);
        return NULL;
    }
    *m = (rnn_markov){.V = V, .order = order, .never = never, .table = table};
    m->most = most < MOST_GRAMS ? most : MOST_GRAMS;
    m->slots = SMALLEST;
    m->used = 1;
    find(table, SMALLEST, no_tokens)->key = no_tokens; /* the context of single tokens */
    return m;
}

void rnn_markov_free(rnn_markov *m)
{
    if (m)
        free(m->table);
    free(m);
}

static void count_once(rnn_markov *m, gram *g, gram *context, int length, int which)
{
    uint32_t *counts = m->of_counts[length - 1][which], *followers = context->followers[which];
    uint32_t count = ++g->count[which];
    if (count <= DISCOUNTS + 1)
        counts[count]++;
    if (count > 1 && count <= DISCOUNTS + 2)
        counts[count - 1]--;
    if (count <= DISCOUNTS)
        followers[count - 1]++;
    if (count > 1 && count <= DISCOUNTS)
        followers[count - 2]--;
    context->sum[which]++;
}

/* The entry of a gram, made if it is not there. */
static gram *entry(rnn_markov *m, uint64_t key, int *is_new)
{
    gram *g = find(m->table, m->slots, key);
    *is_new = !g->key;
    m->used += !g->key;
    g->key = key;
    return g;
}

/* Counts all grams that end with a token. Where a gram is new, the next shorter one stands behind its first token for
 * the first time. */
static void count_token(rnn_markov *m, int32_t token)
{
    uint64_t key = with_token(no_tokens, token), context = no_tokens;
    gram *shorter = NULL, *shorter_context = NULL;
    int is_new, known = m->length < m->order ? m->length : m->order;
    for (int length = 1; length <= known + 1; length++) {
        gram *g = entry(m, key, &is_new), *c = find(m->table, m->slots, context);
        count_once(m, g, c, length, TIMES);
        if (is_new && shorter)
            count_once(m, shorter, shorter_context, length - 1, BEHIND);
        shorter = g;
        shorter_context = c;
        if (length <= known) {
            key = with_token(key, m->last[length - 1]);
            context = with_token(context, m->last[length - 1]);
        }
    }
    if (known == m->length && known < m->order) { /* nothing is in front of it */
        entry(m, with_token(key, MAX_TOKENS), &is_new);
        if (is_new)
            count_once(m, shorter, shorter_context, known + 1, BEHIND);
    }
}

static int check_ids(const rnn_markov *m, const int32_t *tokens, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (tokens[i] < RNN_NONE || tokens[i] >= m->V)
            return fail(RNN_E_RANGE, "token %u is %d, which is no id below %d", (unsigned)i, (int)tokens[i], m->V);
    return 0;
}

int rnn_markov_read(rnn_markov *m, const int32_t *tokens, size_t n)
{
    if (missing(m) || (n && missing(tokens)))
        return RNN_E_RANGE;
    int error = check_ids(m, tokens, 0, n);
    if (error)
        return error;
    size_t i = 0;
    for (; i < n && !m->is_full; i++) {
        if (!make_room(m)) {
            m->is_full = 1; /* even if there were memory again: what is counted is the beginning of the text */
            break;
        }
        if (tokens[i] == RNN_NONE) {
            m->length = 0;
            continue;
        }
        count_token(m, tokens[i]);
        memmove(m->last + 1, m->last, sizeof m->last - sizeof *m->last);
        m->last[0] = tokens[i];
        m->length += m->length < GRAMS;
    }
    return (int)i;
}

/* ---- asking ---- */

/* D of a gram of a length that counts so often: 1, 2, or 3 and more. */
static double discount(const rnn_markov *m, int length, int which, int count)
{
    const uint32_t *n = m->of_counts[length - 1][which];
    double Y = n[1] ? (double)n[1] / ((double)n[1] + 2.0 * (double)n[2]) : 0.0;
    double D = n[count] ? count - (count + 1) * Y * (double)n[count + 1] / (double)n[count] : 0.0;
    return D < 0.1 ? 0.1 : D > count - 0.05 ? count - 0.05 : D;
}

/* What follows context (n)? The entries are those of its last 0, 1, ... `order` tokens, as far as they are known. */
typedef struct {
    int order, known;
    const int32_t *context;
    size_t n;
    const gram *entries[GRAMS];
    double possible; /* what is left to the others by what never follows */
} question;

typedef struct { double own, others; } shares;

/* p(w | the context), from the shortest one to the longest, and that of all others together. The latter is no 1 - p: it
 * may be far below the smallest part of 1, and is then still divided among them. */
static shares shares_of(const rnn_markov *m, const question *q, int32_t w)
{
    uint64_t key = with_token(no_tokens, w);
    double V = (double)m->V;
    shares p = {1.0 / V, (V - 1.0) / V};
    for (int length = 1; length <= q->known; length++) {
        int which = length == q->order + 1 ? TIMES : BEHIND;
        const gram *c = q->entries[length - 1], *g = look_up(m, key);
        uint32_t times = g ? g->count[which] : 0, sum = c->sum[which];
        double kept = 0.0, own = 0.0;
        if (times)
            own = discount(m, length, which, times < DISCOUNTS ? (int)times : DISCOUNTS);
        for (int i = 1; i <= DISCOUNTS; i++)
            kept += discount(m, length, which, i) * (double)c->followers[which][i - 1];
        p.own = ((double)times - own + kept * p.own) / (double)sum;
        p.others = ((double)(sum - times) - (kept - own) + kept * p.others) / (double)sum;
        if (length < q->known)
            key = with_token(key, q->context[q->n - (size_t)length]);
    }
    return p;
}

/* Tokens in front of the longest context are not read: nobody has checked them. */
static question ask(const rnn_markov *m, int order, const int32_t *context, size_t n)
{
    question q = {.order = order, .context = context, .n = n};
    uint64_t key = no_tokens;
    for (const gram *g; (g = look_up(m, key)) && g->sum[TIMES];) {
        q.entries[q.known++] = g;
        if (q.known > order || (size_t)q.known > n || context[n - (size_t)q.known] == RNN_NONE)
            break;
        key = with_token(key, context[n - (size_t)q.known]);
    }
    q.possible = m->never == RNN_NONE ? 1.0 : shares_of(m, &q, m->never).others;
    return q;
}

/* ln p of a token that can follow. */
static double log_probability(const rnn_markov *m, const question *q, int32_t w)
{
    return natural_log(shares_of(m, q, w).own / q->possible);
}

/* Tokens from .. to-1, and the `order` before them. */
static int check_question(const rnn_markov *m, int order, const int32_t *tokens, size_t from, size_t to)
{
    if (order < 0 || order > m->order)
        return fail(RNN_E_RANGE, "order %d of a count up to order %d", order, m->order);
    return check_ids(m, tokens, from < (size_t)order ? 0 : from - (size_t)order, to);
}

int rnn_markov_logits(const rnn_markov *m, int order, const int32_t *context, size_t n, float *logits)
{
    if (missing(m) || (n && missing(context)) || missing(logits))
        return RNN_E_RANGE;
    int error = check_question(m, order, context, n, n);
    if (error)
        return error;
    question q = ask(m, order, context, n);
    for (int32_t w = 0; w < m->V; w++)
        logits[w] = w == m->never ? -INFINITY : (float)log_probability(m, &q, w);
    return 0;
}

double rnn_markov_score(const rnn_markov *m, int order, const int32_t *tokens, size_t from, size_t to,
                        uint32_t *counted)
{
    double nats = 0.0;
    if (missing(m) || (to && missing(tokens)) || missing(counted))
        return NAN;
    *counted = 0;
    if (check_question(m, order, tokens, from, to))
        return NAN;
    for (size_t i = from; i < to; i++)
        if (tokens[i] != RNN_NONE && tokens[i] != m->never) {
            question q = ask(m, order, tokens, i);
            nats -= log_probability(m, &q, tokens[i]);
            ++*counted;
        }
    return nats / 0.69314718055994531;
}
