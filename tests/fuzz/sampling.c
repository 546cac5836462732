/* SPDX-License-Identifier: MIT
 *
 * sampling.c - any floats as logits, temperature, cut and die: an error, or a distribution and a token of it; and a
 * beam of them.
 */
#include "fuzz.h"

enum { MOST = 64 };

static void check_probs(const float *logits, int n, float temperature, int top_k, float u, const float *probs)
{
    double sum = 0.0;
    int kept = 0;
    for (int i = 0; i < n; i++) {
        MUST(probs[i] >= 0.0f && probs[i] <= 1.00001f);
        MUST(logits[i] > -INFINITY || probs[i] == 0.0f);
        sum += (double)probs[i];
        kept += probs[i] > 0.0f;
    }
    MUST(fabs(sum - 1.0) < 1e-5);
    MUST(kept >= 1 && (top_k == 0 || kept <= top_k) && (temperature > 0.0f || kept == 1));
    int id = rnn_pick(probs, n, u);
    MUST(id >= 0 && id < n && probs[id] > 0.0f);
}

/* -log2 of the softmax, against doubles. */
static void check_surprisal(const float *logits, int n, int id)
{
    float bits = rnn_surprisal(logits, n, id);
    double most = -INFINITY, sum = 0.0;
    for (int i = 0; i < n; i++)
        most = (double)logits[i] > most ? (double)logits[i] : most;
    for (int i = 0; i < n; i++)
        sum += exp((double)logits[i] - most);
    double expected = (log(sum) + most - (double)logits[id]) * 1.4426950408889634;
    MUST(logits[id] == -INFINITY ? bits == INFINITY : fabs((double)bits - expected) <= 1e-5 + 1e-5 * fabs(expected) ||
                                                          expected > 3e38);
}

/* Two streams go on, one has ended: the cheapest come first, each from where it says, and cost no less than there. */
static void check_beam(const float *logits, int n, int keep)
{
    static const float bits[] = {0.5f, 0.0f, 2.0f};
    static const unsigned char ended[] = {0, 0, 1};
    int32_t from[MOST], tokens[MOST];
    float costs[MOST];
    int count = rnn_beam(logits, 3, n / 3, bits, ended, keep, from, tokens, costs);
    MUST(count <= keep && (count > 0 || rnn_error_code() == (n < 3 ? RNN_E_RANGE : RNN_E_NONFINITE)));
    for (int i = 0; i < count; i++) {
        MUST(from[i] >= 0 && from[i] < 3 && costs[i] >= bits[from[i]] && (i == 0 || costs[i] >= costs[i - 1]));
        MUST(from[i] == 2 ? tokens[i] == RNN_NONE : tokens[i] >= 0 && tokens[i] < n / 3);
    }
}

/* Temperature, top_k, top_p, die, an id; the rest are logits. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input in = {data, data + size};
    float temperature = take_float(&in), top_p = take_float(&in), u = take_float(&in), logits[MOST], probs[MOST];
    int top_k = (int)take_word(&in), id = take(&in, MOST), n = (int)(left(&in) / sizeof(float)), possible = 0;
    n = n < MOST ? n : MOST;
    take_bytes(&in, logits, sizeof *logits * (size_t)n);
    if (rnn_probs(logits, n, temperature, top_k, top_p, probs) == 0) {
        check_probs(logits, n, temperature, top_k, u, probs);
        check_surprisal(logits, n, id % n);
        check_beam(logits, n, 1 + id);
        return 0;
    }
    MUST(rnn_error_code() == RNN_E_RANGE || rnn_error_code() == RNN_E_NONFINITE);
    for (int i = 0; i < n; i++)
        possible += logits[i] > -INFINITY && logits[i] < INFINITY ? 1 : logits[i] == -INFINITY ? 0 : -MOST;
    MUST(possible < 1 || !(temperature >= 0.0f) || top_k < 0 || !(top_p >= 0.0f && top_p <= 1.0f));
    return 0;
}
