/* SPDX-License-Identifier: MIT
 *
 * dots.h - sums of products of int8 weights and 7-bit activations, by whatever vec.h has for them.
 *
 * A block of int8 weights has DOT_INPUTS inputs of DOT_OUTPUTS outputs, in the order that dots_pack() gives it.
 * dots_add() multiplies it with DOT_INPUTS activations of 0 .. 127 and adds the products to running sums. dots_read()
 * adds these to the outputs' int32 sums. All numbers are integers, so the sums are exact in any order. An activation
 * has 7 bits, so that the relaxed instruction is exact too.
 *
 * DOT_BLOCKS: how many blocks run side by side, to hide the latency of the instruction.
 */
#ifndef DOTS_H
#define DOTS_H

#include "vec.h"

#if defined(BYTE_DOTS)
enum { DOT_INPUTS = 4, DOT_OUTPUTS = DOT_LANES == 16 ? 16 : 32, DOT_BLOCKS = DOT_LANES == 16 ? 8 : 1 };
enum { DOT_VECS = DOT_OUTPUTS / DOT_LANES };
typedef uint8_t activation;
typedef struct { dot_ints sums[DOT_VECS]; } dots;

INLINE void dots_add(dots *d, const int8_t *block, const activation *a)
{
    int32_t four;
    dot_bytes w;
    memcpy(&four, a, sizeof four);
    dot_bytes x = (dot_bytes)(four - (dot_ints){0});
#pragma GCC unroll 8
    for (int v = 0; v < DOT_VECS; v++) {
        memcpy(&w, block + v * 4 * DOT_LANES, sizeof w);
        d->sums[v] = dot_add_bytes(d->sums[v], w, x);
    }
}

#elif defined(SHORT_DOTS)
/* There is no instruction that multiplies bytes. So the weights of two outputs share 16 bits, as 256 high + low. A sum
 * of products with these is 256 sums of the high one + the sum of the low one; a sum of products with 256 low, which is
 * the same shifted, gives the low one apart. That is one operation less for two weights than to make both 16 bits
 * wide. */
enum { DOT_INPUTS = 2, DOT_OUTPUTS = 32, DOT_BLOCKS = 1, DOT_VECS = DOT_OUTPUTS / DOT_LANES };
typedef int16_t activation;
typedef struct { dot_ints low[DOT_VECS], both[DOT_VECS]; } dots; /* 256 low; 256 high + low */

INLINE void dots_add(dots *d, const int8_t *block, const activation *a)
{
    int32_t pair;
    dot_shorts w;
    memcpy(&pair, a, sizeof pair);
    dot_shorts x = (dot_shorts)(pair - (dot_ints){0});
#pragma GCC unroll 4
    for (int v = 0; v < DOT_VECS; v++) {
        memcpy(&w, block + v * 2 * DOT_LANES, sizeof w);
        d->low[v] += dot_pairs((dot_shorts)((dot_words)w << 8), x);
        d->both[v] += dot_pairs(w, x);
    }
}

#else
enum { DOT_INPUTS = 4, DOT_OUTPUTS = 16, DOT_BLOCKS = 1 };
typedef uint8_t activation;
typedef struct { int32_t sums[DOT_OUTPUTS]; } dots;

INLINE void dots_add(dots *d, const int8_t *block, const activation *a)
{
#pragma GCC unroll 16
    for (int n = 0; n < DOT_OUTPUTS; n++)
#pragma GCC unroll 4
        for (int k = 0; k < DOT_INPUTS; k++)
            d->sums[n] += (int32_t)block[n * DOT_INPUTS + k] * (int32_t)a[k];
}
#endif

/* Running sums hold at most so many inputs: 256 * 127 * 127 * 512 and a little stays below 2^31. */
enum { DOT_CHUNK = 512 };

/* A block from weights (DOT_OUTPUTS, DOT_INPUTS). */
INLINE void dots_pack(const int8_t *weights, int8_t *block)
{
#ifdef SHORT_DOTS
    enum { HALF = DOT_LANES / 2 }; /* outputs of a vector's low bytes */
    for (int n = 0; n < DOT_OUTPUTS; n++)
        for (int k = 0; k < DOT_INPUTS; k++)
            if (n % DOT_LANES < HALF) {
                int16_t two = (int16_t)(256 * weights[(n + HALF) * DOT_INPUTS + k] + weights[n * DOT_INPUTS + k]);
                memcpy(block + (n / DOT_LANES * DOT_LANES + n % HALF * DOT_INPUTS + k) * 2, &two, sizeof two);
            }
#else
    memcpy(block, weights, DOT_INPUTS * DOT_OUTPUTS);
#endif
}

/* sums (DOT_OUTPUTS) */
INLINE void dots_read(const dots *d, int32_t *sums)
{
    int32_t out[DOT_OUTPUTS];
#ifdef SHORT_DOTS
    for (int v = 0; v < DOT_VECS; v++) {
        dot_ints low = d->low[v] >> 8, high = (d->both[v] - low) >> 8;
        memcpy(out + v * DOT_LANES, &low, sizeof low);
        memcpy(out + v * DOT_LANES + DOT_LANES / 2, &high, sizeof high);
    }
#else
    memcpy(out, d, sizeof out);
#endif
    for (int n = 0; n < DOT_OUTPUTS; n++)
        sums[n] += out[n];
}

#endif
