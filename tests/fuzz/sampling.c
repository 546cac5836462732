/* SPDX-License-Identifier: MIT
 *
 * sampling.c - any floats as logits, temperature, cut and die: an error, or a distribution and a token of it.
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
        return 0;
    }
    MUST(rnn_error_code() == RNN_E_RANGE || rnn_error_code() == RNN_E_NONFINITE);
    for (int i = 0; i < n; i++)
        possible += logits[i] > -INFINITY && logits[i] < INFINITY ? 1 : logits[i] == -INFINITY ? 0 : -MOST;
    MUST(possible < 1 || !(temperature >= 0.0f) || top_k < 0 || !(top_p >= 0.0f && top_p <= 1.0f));
    return 0;
}
