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

/* ln of the sum of e^logit; NaN, with the error set, if the logits are no distribution. */
static double log_of_sum(const float *logits, int n)
{
    enum { BLOCK = 256 };
    float scratch[BLOCK], most = largest_logit(logits, n);
    double sum = 0.0;
    if (isnan(most))
        return NAN;
    for (int i = 0; i < n; i += BLOCK)
        sum += (double)exp_scaled(n - i < BLOCK ? n - i : BLOCK, logits + i, most, 1.0f, scratch);
    return natural_log(sum) + (double)most;
}

static float in_bits(double nats) { return (float)(nats * 1.4426950408889634); }

float rnn_surprisal(const float *logits, int n, int id)
{
    double all = log_of_sum(logits, n);
    return isnan(all) || id < 0 || id >= n ? NAN : in_bits(all - (double)logits[id]);
}

/* ---- beam ---- */

enum { MAX_WIDTH = 512, MAX_TOKENS = 65536 };

/* Continuations, the cheapest first. */
typedef struct {
    int keep, count;
    int32_t *from, *tokens;
    float *bits;
} beam;

/* A continuation takes its place behind all that cost no more; the last one falls off where there are too many. */
static void compete(beam *k, float bits, int b, int32_t token)
{
    if (k->count == k->keep && !(bits < k->bits[k->keep - 1]))
        return;
    int at = k->count < k->keep ? k->count++ : k->keep - 1;
    for (; at > 0 && bits < k->bits[at - 1]; at--) {
        k->bits[at] = k->bits[at - 1];
        k->from[at] = k->from[at - 1];
        k->tokens[at] = k->tokens[at - 1];
    }
    k->bits[at] = bits;
    k->from[at] = b;
    k->tokens[at] = token;
}

int rnn_beam(const float *logits, int B, int n, const float *bits, const unsigned char *ended, int keep, int32_t *from,
             int32_t *tokens, float *new_bits)
{
    if (missing(logits) || missing(bits) || missing(ended) || missing(from) || missing(tokens) || missing(new_bits))
        return RNN_E_RANGE;
    if (B < 1 || B > MAX_WIDTH || keep < 1 || keep > MAX_WIDTH || n < 1 || n > MAX_TOKENS)
        return fail(RNN_E_RANGE, "a beam of %d streams, %d tokens, %d kept; 1 to %d streams, %d tokens are possible", B,
                    n, keep, MAX_WIDTH, MAX_TOKENS);
    beam k = {.keep = keep, .from = from, .tokens = tokens, .bits = new_bits};
    for (int b = 0; b < B; b++, logits += n) {
        double all = ended[b] ? 0.0 : log_of_sum(logits, n);
        if (isnan(all))
            return rnn_error_code();
        if (ended[b])
            compete(&k, bits[b], b, RNN_NONE);
        for (int id = 0; id < n && !ended[b]; id++)
            if (logits[id] > -INFINITY) /* else it is never drawn */
                compete(&k, bits[b] + in_bits(all - (double)logits[id]), b, id);
    }
    return k.count;
}
