/* SPDX-License-Identifier: MIT
 *
 * vec.h - LANES floats at a time, and products of bytes. No other file asks which instruction set there is.
 *
 * GNU vectors (gcc, clang) become simd128, SSE2, NEON, AVX2 or AVX-512 by the compiler's target flags. -DRNN_SCALAR
 * makes LANES 1. LANES never changes a result: kernels use it only across independent elements, and sums run in an
 * order that SUM_LANES fixes, whatever the register holds. All operations are exactly rounded (+ - * / sqrt, compare,
 * bit moves). So every build gives the same bits, as long as the compiler does not contract a * b + c
 * (-ffp-contract=off; gcc knows no pragma for it).
 */
#ifndef VEC_H
#define VEC_H

#include <float.h>
#include <stdint.h>
#include <string.h>

#if defined(__FAST_MATH__) || FLT_EVAL_METHOD != 0
#error "every operation must be rounded to float: no -ffast-math, no x87"
#endif
#ifdef __clang__
#pragma STDC FP_CONTRACT OFF
#endif

#if defined(RNN_SCALAR)
#define LANES 1
#define ISA "scalar"
#elif defined(__AVX512F__)
#define LANES 16
#define ISA "avx512"
#elif defined(__AVX2__)
#define LANES 8
#define ISA "avx2"
#elif defined(__wasm_relaxed_simd__)
#define LANES 4
#define ISA "relaxed"
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

/* The statements for every whole vector of n floats, then for the rest. `at` is the index of the vector's first float,
 * `lanes` how many of its lanes are floats of the array. */
#define EACH_VEC(n, ...)                                   \
    {                                                      \
        size_t at = 0;                                     \
        for (; at + LANES <= (size_t)(n); at += LANES) {   \
            enum { lanes = LANES };                        \
            __VA_ARGS__                                    \
        }                                                  \
        if (at < (size_t)(n)) {                            \
            const int lanes = (int)((size_t)(n) - at);     \
            __VA_ARGS__                                    \
        }                                                  \
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

INLINE ivec ivec_load(const int32_t *p)
{
    ivec i;
    memcpy(&i, p, sizeof i);
    return i;
}

#if LANES == 1
INLINE vec vec_of_ints(ivec i) { return (float)i; }
INLINE vec vec_set(float x) { return x; }
INLINE vec vec_select(ivec mask, vec yes, vec no) { return mask ? yes : no; }
#else
INLINE vec vec_of_ints(ivec i) { return __builtin_convertvector(i, vec); }
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
INLINE vec vec_at_least(vec v, vec low) { return vec_select(v < low, low, v); }
INLINE vec vec_at_most(vec v, vec high) { return vec_select(v > high, high, v); }

/* A constant in every lane, read from memory. V8 (since about 2024) makes a vector that it knows to be constant anew
 * wherever it is used, in three instructions. Behind an address that is hidden from the compiler it stays a value that
 * is loaded once. */
INLINE vec vec_constant(const float *x)
{
#ifdef __wasm__
    __asm__("" : "+r"(x));
#endif
    return vec_set(*x);
}

static const float vec_one = 1.0f;

/* e^x for x from -87.33 (below it the result would be denormal) to 88, with a relative error below 2e-7. Outside it is
 * what it is at the end. x = n ln 2 + r. e^r comes from the polynomial of Cephes' expf in Estrin's order, which leaves
 * the processor more to do at once; 2^n comes from its exponent bits. */
INLINE vec vec_exp_within(vec x)
{
    static const float least = -87.33f, most = 88.0f;
    static const float log2_e = 1.44269504088896341f, ln2_high = 0.693359375f, ln2_low = -2.12194440e-4f;
    static const float rounder = 12582912.0f; /* 1.5 * 2^23: adding it rounds to an integer in the low bits */
    static const float p5 = 1.9875691500e-4f, p4 = 1.3981999507e-3f, p3 = 8.3334519073e-3f, p2 = 4.1665795894e-2f;
    static const float p1 = 1.6666665459e-1f, p0 = 5.0000001201e-1f;
    vec magic = vec_constant(&rounder), one = vec_constant(&vec_one);
    vec limited = vec_at_most(vec_at_least(x, vec_constant(&least)), vec_constant(&most));
    vec shifted = limited * vec_constant(&log2_e) + magic;
    vec n = shifted - magic;
    vec r = limited - n * vec_constant(&ln2_high) - n * vec_constant(&ln2_low), r2 = r * r;
    vec high = vec_constant(&p5) * r + vec_constant(&p4);
    vec middle = vec_constant(&p3) * r + vec_constant(&p2);
    vec low = vec_constant(&p1) * r + vec_constant(&p0);
    vec p = ((high * r2 + middle) * r2 + low) * r2 + r + one;
    ivec power = (ivec)((uvec)(vec_bits(shifted) - vec_bits(magic)) << 23) + vec_bits(one); /* to the exponent of 1 */
    return p * vec_of_bits(power);
}

/* The same, but 0 below -87.33. */
INLINE vec vec_exp(vec x) { return vec_select(x < vec_set(-87.33f), vec_set(0.0f), vec_exp_within(x)); }

INLINE vec vec_sigmoid(vec x)
{
    vec one = vec_constant(&vec_one);
    return one / (one + vec_exp_within(vec_set(0.0f) - x));
}

/* 2 s(2x) - 1; absolute error below 2e-7. */
INLINE vec vec_tanh(vec x)
{
    vec half = vec_sigmoid(x + x);
    return half + half - vec_constant(&vec_one);
}

/* ---- products of bytes, for dots.h ---- */

/* BYTE_DOTS: there is an instruction that adds four products of bytes to each of DOT_LANES sums. SHORT_DOTS: there is
 * one that makes DOT_LANES / 2 sums of two products of 16 bits. Neither: plain loops. */
#if LANES == 16 && defined(__AVX512VNNI__)
#define BYTE_DOTS
enum { DOT_LANES = 16 };
#elif defined(__wasm_relaxed_simd__) && LANES == 4
#define BYTE_DOTS
enum { DOT_LANES = 4 };
#elif LANES >= 8 && defined(__AVX2__)
#define SHORT_DOTS
enum { DOT_LANES = 16 };
#elif LANES == 4 && (defined(__SSE2__) || defined(__wasm_simd128__))
#define SHORT_DOTS
enum { DOT_LANES = 8 };
#endif

#if (defined(BYTE_DOTS) || defined(SHORT_DOTS)) && defined(__SSE2__)
#include <immintrin.h>
#endif

#if defined(BYTE_DOTS)
typedef int8_t dot_bytes __attribute__((vector_size(4 * DOT_LANES)));
typedef int32_t dot_ints __attribute__((vector_size(4 * DOT_LANES)));

/* sums + weights . activations, four by four. Activations are 0 .. 127: a relaxed instruction may take their highest
 * bit as it likes. */
INLINE dot_ints dot_add_bytes(dot_ints sums, dot_bytes weights, dot_bytes activations)
{
#ifdef __wasm__
    return __builtin_wasm_relaxed_dot_i8x16_i7x16_add_s_i32x4(weights, activations, sums);
#else
    return (dot_ints)_mm512_dpbusd_epi32((__m512i)sums, (__m512i)activations, (__m512i)weights);
#endif
}

#elif defined(SHORT_DOTS)
typedef int16_t dot_shorts __attribute__((vector_size(2 * DOT_LANES)));
typedef uint16_t dot_words __attribute__((vector_size(2 * DOT_LANES)));
typedef int32_t dot_ints __attribute__((vector_size(2 * DOT_LANES)));

INLINE dot_ints dot_pairs(dot_shorts a, dot_shorts b)
{
#if defined(__wasm__)
    return __builtin_wasm_dot_s_i32x4_i16x8(a, b);
#elif defined(__AVX2__)
    return (dot_ints)_mm256_madd_epi16((__m256i)a, (__m256i)b);
#else
    return (dot_ints)_mm_madd_epi16((__m128i)a, (__m128i)b);
#endif
}
#endif

#endif
