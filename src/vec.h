/* SPDX-License-Identifier: MIT
 *
 * vec.h - LANES floats at a time; the only place that asks which instruction set there is.
 *
 * GNU vectors (gcc, clang) become simd128, SSE2, NEON, AVX2 or AVX-512 by the compiler's target flags;
 * -DRNN_SCALAR makes LANES 1. LANES never changes a result: kernels use it only across independent
 * elements, and sums run in an order fixed by SUM_LANES, whatever the register holds. All operations
 * used are exactly rounded (+ - * / sqrt, compare, bit moves), so every build gives the same bits, as
 * long as the compiler does not contract a * b + c (-ffp-contract=off).
 */
#ifndef VEC_H
#define VEC_H

#include <stdint.h>
#include <string.h>

#if defined(RNN_SCALAR)
#define LANES 1
#define ISA "scalar"
#elif defined(__AVX512F__)
#define LANES 16
#define ISA "avx512"
#elif defined(__AVX2__)
#define LANES 8
#define ISA "avx2"
#elif defined(__wasm_simd128__)
#define LANES 4
#define ISA "simd128"
#elif defined(__SSE2__)
#define LANES 4
#define ISA "sse2"
#elif defined(__GNUC__)
#define LANES 4
#define ISA "gnu-vector"
#else
#define LANES 1
#define ISA "scalar"
#endif

/* How many vectors the register file holds: the shape of a tile in kernels.c follows from it. */
#if defined(__AVX512F__) || defined(__aarch64__)
#define VEC_REGISTERS 32
#else
#define VEC_REGISTERS 16
#endif

enum { SUM_LANES = 16 }; /* partial sums of a horizontal sum; a multiple of every LANES */

#if LANES == 1
typedef float vec;
typedef int32_t ivec; /* a comparison gives 0 or 1 */
typedef uint32_t uvec;
#else
typedef float vec __attribute__((vector_size(4 * LANES)));
typedef int32_t ivec __attribute__((vector_size(4 * LANES))); /* a comparison gives 0 or -1 */
typedef uint32_t uvec __attribute__((vector_size(4 * LANES)));
#endif

#define INLINE static inline __attribute__((always_inline, unused))

INLINE vec vec_load(const float *p)
{
    vec v;
    memcpy(&v, p, sizeof v);
    return v;
}

INLINE void vec_store(float *p, vec v) { memcpy(p, &v, sizeof v); }

/* The first n floats, the other lanes 0: the last step of a loop over any length. */
INLINE vec vec_load_n(const float *p, int n)
{
    if (n >= LANES)
        return vec_load(p);
    float buffer[LANES] = {0};
    for (int i = 0; i < n; i++)
        buffer[i] = p[i];
    return vec_load(buffer);
}

INLINE void vec_store_n(float *p, vec v, int n)
{
    if (n >= LANES) {
        vec_store(p, v);
        return;
    }
    float buffer[LANES];
    vec_store(buffer, v);
    for (int i = 0; i < n; i++)
        p[i] = buffer[i];
}

INLINE ivec vec_bits(vec v)
{
    ivec i;
    memcpy(&i, &v, sizeof i);
    return i;
}

INLINE vec vec_of_bits(ivec i)
{
    vec v;
    memcpy(&v, &i, sizeof v);
    return v;
}

#if LANES == 1
INLINE vec vec_set(float x) { return x; }
INLINE vec vec_select(ivec mask, vec yes, vec no) { return mask ? yes : no; }
#else
INLINE vec vec_set(float x) { return x - (vec){0}; } /* x - 0 is x, even for x = -0 */
INLINE vec vec_select(ivec mask, vec yes, vec no)
{
    return vec_of_bits((mask & vec_bits(yes)) | (~mask & vec_bits(no)));
}
#endif

INLINE vec vec_sqrt(vec v)
{
    float x[LANES];
    memcpy(x, &v, sizeof v);
    for (int i = 0; i < LANES; i++)
        x[i] = __builtin_sqrtf(x[i]);
    return vec_load(x);
}

/* A NaN stays a NaN in both, so that a broken network is noticed and not hidden. */
INLINE vec vec_at_least(vec v, float low) { return vec_select(v < vec_set(low), vec_set(low), v); }
INLINE vec vec_at_most(vec v, float high) { return vec_select(v > vec_set(high), vec_set(high), v); }

/* e^x, relative error below 2e-7; 0 below -87.33 (where the result would be denormal), e^88 above 88.
 * x = n ln 2 + r; e^r by the polynomial of Cephes' expf, 2^n by its exponent bits. */
INLINE vec vec_exp(vec x)
{
    const vec magic = vec_set(12582912.0f); /* 1.5 * 2^23: adding it rounds to an integer in the low bits */
    vec limited = vec_at_most(vec_at_least(x, -87.33f), 88.0f);
    vec shifted = limited * vec_set(1.44269504088896341f) + magic;
    vec n = shifted - magic;
    vec r = limited - n * vec_set(0.693359375f) + n * vec_set(2.12194440e-4f);
    vec p = vec_set(1.9875691500e-4f);
    p = p * r + vec_set(1.3981999507e-3f);
    p = p * r + vec_set(8.3334519073e-3f);
    p = p * r + vec_set(4.1665795894e-2f);
    p = p * r + vec_set(1.6666665459e-1f);
    p = p * r + vec_set(5.0000001201e-1f);
    p = p * r * r + r + vec_set(1.0f);
    ivec power = (ivec)((uvec)(vec_bits(shifted) - vec_bits(magic) + 127) << 23);
    return vec_select(x < vec_set(-87.33f), vec_set(0.0f), p * vec_of_bits(power));
}

INLINE vec vec_sigmoid(vec x) { return vec_set(1.0f) / (vec_set(1.0f) + vec_exp(vec_set(0.0f) - x)); }

/* Absolute error below 2e-7. */
INLINE vec vec_tanh(vec x) { return vec_set(2.0f) * vec_sigmoid(vec_set(2.0f) * x) - vec_set(1.0f); }

#endif
