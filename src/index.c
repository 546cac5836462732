/* SPDX-License-Identifier: MIT
 *
 * index.c - where a text stands in another one: a suffix array, sorted by prefix doubling (Manber and Myers 1993)
 * with a radix sort each round, so that no text takes longer than O(n log n). Leaf.
 */
#include "error.h"
#include "rnn.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_TEXT = 1 << 26, MAX_TOKENS = 65536 };

struct rnn_index {
    int32_t n, V;
    int32_t *tokens;   /* (n) below V */
    int32_t *suffixes; /* (n) where each begins, in their order */
    int32_t *behind;   /* (n) the place in that order of what each has behind its first token; -1: nothing */
    int32_t *ends;     /* (V + 1) how many suffixes begin with a token of RNN_NONE .. i - 1 */
};

/* ---- sorting ---- */

typedef struct {
    int32_t *rank;  /* (n) of each suffix by what is sorted so far; equals share one */
    int32_t *next;  /* (n) scratch */
    int32_t *count; /* (ranks + 1) scratch of the radix sort */
} sorter;

/* out = the suffixes in `in`, stably in the order of their ranks, which are below `ranks`. */
static void sort_by_rank(const sorter *s, int32_t n, int32_t ranks, const int32_t *in, int32_t *out)
{
    memset(s->count, 0, sizeof(int32_t) * ((size_t)ranks + 1));
    for (int32_t i = 0; i < n; i++)
        s->count[s->rank[i] + 1]++;
    for (int32_t r = 0; r < ranks; r++)
        s->count[r + 1] += s->count[r];
    for (int32_t i = 0; i < n; i++)
        out[s->count[s->rank[in[i]]]++] = in[i];
}

/* The rank of what follows a suffix's first `length` tokens; -1 where it ends. */
static int32_t rank_behind(const sorter *s, int32_t n, int32_t suffix, int32_t length)
{
    return length < n - suffix ? s->rank[suffix + length] : -1;
}

/* From the order by 2 * length tokens new ranks; returns how many there are. */
static int32_t rank_again(sorter *s, int32_t n, int32_t length, const int32_t *suffixes)
{
    int32_t ranks = 0;
    for (int32_t i = 0; i < n; i++) {
        int32_t a = suffixes[i], b = i ? suffixes[i - 1] : 0;
        int same = i && s->rank[a] == s->rank[b] && rank_behind(s, n, a, length) == rank_behind(s, n, b, length);
        ranks += !same;
        s->next[a] = ranks - 1;
    }
    int32_t *old = s->rank;
    s->rank = s->next;
    s->next = old;
    return ranks;
}

static void sort_suffixes(rnn_index *x, sorter *s)
{
    int32_t n = x->n, ranks = x->V + 1;
    for (int32_t i = 0; i < n; i++) {
        s->rank[i] = x->tokens[i] + 1;
        s->next[i] = i;
    }
    sort_by_rank(s, n, ranks, s->next, x->suffixes);
    memcpy(x->ends, s->count, sizeof *x->ends * (size_t)ranks);
    ranks = rank_again(s, n, n, x->suffixes);
    for (int32_t length = 1; ranks < n; length *= 2) {
        int32_t count = 0; /* in the order of what follows: the shortest first, then as sorted */
        for (int32_t i = n - length; i < n; i++)
            s->next[count++] = i;
        for (int32_t i = 0; i < n; i++)
            if (x->suffixes[i] >= length)
                s->next[count++] = x->suffixes[i] - length;
        sort_by_rank(s, n, ranks, s->next, x->suffixes);
        ranks = rank_again(s, n, length, x->suffixes);
    }
    for (int32_t i = 0; i < n; i++)
        x->behind[i] = rank_behind(s, n, x->suffixes[i], 1);
}

rnn_index *rnn_index_new(const int32_t *tokens, size_t n)
{
    int32_t V = 0;
    if (n && missing(tokens))
        return NULL;
    for (size_t i = 0; i < n && n <= MAX_TEXT; i++) {
        if (tokens[i] < RNN_NONE || tokens[i] >= MAX_TOKENS) {
            fail(RNN_E_RANGE, "token %u is %d, which is no id", (unsigned)i, (int)tokens[i]);
            return NULL;
        }
        V = tokens[i] >= V ? tokens[i] + 1 : V;
    }
    size_t ends = (size_t)V + 1, counts = (n > ends ? n : ends) + 1;
    rnn_index *x = n > MAX_TEXT ? NULL : calloc(1, sizeof *x + (2 * n + counts + ends) * sizeof(int32_t));
    int32_t *scratch = x ? malloc(2 * n * sizeof *scratch + 1) : NULL;
    if (!scratch) {
        fail(RNN_E_MEMORY, "no memory to index %u tokens; at most %d are possible", (unsigned)n, MAX_TEXT);
        free(x);
        return NULL;
    }
    x->n = (int32_t)n;
    x->V = V;
    x->tokens = (int32_t *)(x + 1);
    x->suffixes = x->tokens + n;
    x->behind = x->suffixes + n;
    x->ends = x->behind + counts;
    if (n)
        memcpy(x->tokens, tokens, n * sizeof *tokens);
    sort_suffixes(x, &(sorter){scratch, scratch + n, x->behind});
    free(scratch);
    return x;
}

void rnn_index_free(rnn_index *x) { free(x); }

/* ---- finding ---- */

/* How many suffixes stand before a text of the token and what so many of them stand before. */
static int32_t place(const rnn_index *x, int32_t token, int32_t before)
{
    if (token < 0 || token >= x->V)
        return token < 0 ? 0 : x->n;
    int32_t low = x->ends[token], high = x->ends[token + 1];
    while (low < high) {
        int32_t middle = low + (high - low) / 2;
        if (x->behind[middle] < before)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* How many tokens the text has in common with a suffix, of which `length` are known; RNN_NONE is like nothing. */
static int32_t common(const rnn_index *x, int32_t suffix, const int32_t *tokens, int32_t n, int32_t length)
{
    int32_t most = n < x->n - suffix ? n : x->n - suffix;
    while (length < most && tokens[length] != RNN_NONE && tokens[length] == x->tokens[suffix + length])
        length++;
    return length;
}

/* Where each of the text's ends would stand comes from the next one's place. The suffixes before and behind it are most
 * alike, and have a token less in common with the next one, or more: none is compared twice, however alike they are. */
int rnn_index_find(const rnn_index *x, const int32_t *tokens, int n, int32_t *lengths, int32_t *at)
{
    if (missing(x) || (n > 0 && (missing(tokens) || missing(lengths) || missing(at))))
        return RNN_E_RANGE;
    for (int32_t i = n, before = 0; i > 0; i--)
        at[i - 1] = before = place(x, tokens[i - 1], before);
    for (int32_t i = 0, alike[2] = {0, 0}; i < n; i++) {
        int32_t before = at[i];
        at[i] = RNN_NONE;
        lengths[i] = 0;
        for (int k = 0; k < 2; k++) {
            int32_t neighbour = before - 1 + k;
            if (neighbour < 0 || neighbour == x->n)
                continue;
            int32_t suffix = x->suffixes[neighbour];
            alike[k] = common(x, suffix, tokens + i, n - i, alike[k] ? alike[k] - 1 : 0);
            if (alike[k] > lengths[i]) {
                lengths[i] = alike[k];
                at[i] = suffix;
            }
        }
    }
    return 0;
}
