/* SPDX-License-Identifier: MIT
 *
 * sample.c - from logits to a token: probs, pick, dice, surprisal. Pure functions.
 */
#include "error.h"
#include "kernels.h"
#include "rnn.h"

#include <math.h>
#include <string.h>

float rnn_dice(uint32_t seed, uint32_t position) { return dice(seed, position); }

/* ---- softmax ---- */

/* The largest logit; NaN, with the error set, if there is none or it is not finite. */
static float largest_logit(const float *logits, int n)
{
    if (missing(logits))
        return NAN;
    if (n < 1) {
        fail(RNN_E_RANGE, "a distribution over %d tokens", n);
        return NAN;
    }
    float most = largest(n, logits);
    if (isfinite(most))
        return most;
    fail(RNN_E_NONFINITE, most < 0 ? "no token may be drawn: every logit is -infinity"
                                   : "the network computed a logit that is NaN or infinite");
    return NAN;
}

static int argmax(const float *x, int n)
{
    int best = 0;
    for (int i = 1; i < n; i++)
        best = x[i] > x[best] ? i : best;
    return best;
}

static void softmax(const float *logits, int n, float most, float temperature, float *probs)
{
    float sum = exp_scaled(n, logits, most, temperature, probs);
    for (int i = 0; i < n; i++)
        probs[i] = probs[i] / sum;
}

/* ---- cuts ---- */

typedef struct { int count; double mass; } share;

/* How many tokens have at least that probability, and how much they weigh together. */
static share at_least(const float *probs, int n, float least)
{
    share kept = {0, 0.0};
    for (int i = 0; i < n; i++)
        if (probs[i] >= least) {
            kept.count++;
            kept.mass += (double)probs[i];
        }
    return kept;
}

static float of_bits(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Keeps the fewest most probable tokens that number at least k and weigh at least mass; of equals the
 * lower ids. The least probability kept is found by bisection: floats >= 0 are ordered as their bits. */
static void cut(float *probs, int n, int k, double mass)
{
    uint32_t enough = 0, too_few = 0x3f800001U; /* 0 and just above 1 */
    while (too_few - enough > 1) {
        uint32_t middle = enough + (too_few - enough) / 2;
        share kept = at_least(probs, n, of_bits(middle));
        if (kept.count >= k && kept.mass >= mass)
            enough = middle;
        else
            too_few = middle;
    }
    float least = of_bits(enough);
    share kept = at_least(probs, n, of_bits(too_few));
    for (int i = 0; i < n; i++)
        if (probs[i] == least && (kept.count < k || kept.mass < mass)) {
            kept.count++;
            kept.mass += (double)probs[i];
        } else if (probs[i] <= least)
            probs[i] = 0.0f;
    for (int i = 0; i < n; i++)
        probs[i] = (float)((double)probs[i] / kept.mass);
}

int rnn_probs(const float *logits, int n, float temperature, int top_k, float top_p, float *probs)
{
    if (missing(logits) || missing(probs))
        return RNN_E_RANGE;
    if (!(temperature >= 0.0f))
        return fail(RNN_E_RANGE, "the temperature must be a number from 0 up");
    if (top_k < 0 || !(top_p >= 0.0f && top_p <= 1.0f))
        return fail(RNN_E_RANGE, "top_k must be 0 or more, top_p from 0 to 1");
    float most = largest_logit(logits, n);
    if (isnan(most))
        return rnn_error_code();
    if (temperature == 0.0f) {
        int best = argmax(logits, n);
        for (int i = 0; i < n; i++)
            probs[i] = i == best ? 1.0f : 0.0f;
        return 0;
    }
    softmax(logits, n, most, temperature, probs);
    if (top_k > 0 && top_k < n)
        cut(probs, n, top_k, 0.0);
    if (top_p < 1.0f)
        cut(probs, n, 1, (double)top_p);
    return 0;
}

/* ---- pick ---- */

int rnn_pick(const float *probs, int n, float u)
{
    double reached = 0.0;
    int last = RNN_NONE;
    if (missing(probs))
        return RNN_E_RANGE;
    for (int i = 0; i < n; i++)
        if (probs[i] > 0.0f) {
            reached += (double)probs[i];
            last = i;
            if ((double)u < reached)
                return i;
        }
    return last; /* the sum stayed below u by rounding: the last that may be drawn */
}

/* ---- surprisal ---- */

float rnn_surprisal(const float *logits, int n, int id)
{
    enum { BLOCK = 256 };
    float scratch[BLOCK], most = largest_logit(logits, n);
    double sum = 0.0;
    if (isnan(most) || id < 0 || id >= n)
        return NAN;
    for (int i = 0; i < n; i += BLOCK)
        sum += (double)exp_scaled(n - i < BLOCK ? n - i : BLOCK, logits + i, most, 1.0f, scratch);
    return (float)((natural_log(sum) + (double)most - (double)logits[id]) * 1.4426950408889634);
}
