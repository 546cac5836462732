/* SPDX-License-Identifier: MIT
 *
 * kernels.h - the hot loops: matrix products over packed panels, elementwise functions, sums.
 *
 * Every result has the same bits on every build. An output of a product starts from what it holds and adds a[k] * b[k]
 * for k = 0, 1, ... in this order, however the work is cut into tiles. An elementwise function treats each element
 * alone. A sum runs in SUM_LANES partial sums, which are then added in order.
 */
#ifndef KERNELS_H
#define KERNELS_H

#include <stddef.h>
#include <stdint.h>

/* Arrays that kernels read for long begin at a cache line: a vector across two lines costs a second load. */
enum { LINE = 64 };
/* So many floats, made up to whole cache lines. */
static inline uint64_t whole_lines(uint64_t floats) { return (floats + 15) / 16 * 16; }
static inline float *next_line(void *p) { return (float *)(((uintptr_t)p + LINE - 1) / LINE * LINE); }

/* Columns per panel. A matrix B (K, N) is packed as panels (ceil(N / PANEL), K, PANEL), zero-padded:
 * a product reads it straight ahead. */
enum { PANEL = 32 };

size_t panels_floats(int K, int N);                                          /* room that B (K, N) takes packed */
void pack(int K, int N, const float *b, size_t ldb, float *panels);          /* from b (K, N), rows ldb apart */
void pack_transposed(int K, int N, const float *b, size_t ldb, float *panels); /* from b (N, K), rows ldb apart */
void transpose(int rows, int columns, const float *a, size_t lda, float *out); /* out (columns, rows), dense */

/* c (M, N) += a (M, K) * B (K, N); rows of a and c are lda and ldc apart. */
void product(int M, int N, int K, const float *a, size_t lda, const float *panels, float *c, size_t ldc);

/* ---- the same with int8 weights: all sums are integers, so exact ----
 * Activations are 7 bits at a fixed scale: x in [-1, 1], as every h is, becomes round(63 x) + 64. */
enum { ACTIVATION_ZERO = 64, ACTIVATION_STEPS = 63 };
size_t activations_bytes(int K);                                /* that a row of K takes; a multiple of 4 */
int to_activations(int K, const float *x, void *a);             /* x is held in [-1, 1]; 0 if an x is NaN */
size_t int8_panels_bytes(int K, int N);
void pack_int8(int K, int N, const int8_t *b, int8_t *panels);  /* from b (N, K) */

/* c (M, N) += scale (N) * (a (M, K) * B (K, N) + zero (N)). The array zero is made up to whole cache lines. */
void product_int8(int M, int N, int K, const void *a, const int8_t *panels, const float *scale, const int32_t *zero,
                  float *c, size_t ldc);

void sigmoid(size_t n, float *x);               /* in place */
void hyperbolic_tangent(size_t n, const float *x, float *out);
void add_to(size_t n, float *to, const float *x);                 /* to += x */
void add_columns(int rows, int columns, const float *a, float *to); /* to (columns) += the sum of a's rows */
void fill_rows(int rows, int columns, const float *row, float *a); /* each row of a (rows, columns) = row */
float largest(int n, const float *x);                             /* NaN if there is one */
/* out = exp((x - maximum) / divisor); returns the sum. x may be -infinity: exactly 0. */
float exp_scaled(int n, const float *x, float maximum, float divisor, float *out);
void scale(size_t n, float *x, float factor);
double sum_of_squares(size_t n, const float *x);
int all_finite(size_t n, const float *x);

/* x is kept with probability 1 - rate and divided by it, else 0; the dice depend on key and place only. */
void dropout(size_t n, const float *x, float rate, uint32_t key, float *out);

/* One update of n weights; m, v: first and second moments. Adam: Kingma and Ba 2015, bias1 and bias2 =
 * 1 - beta^t. RMSprop: PyTorch's default form (no momentum, not centred). */
void adam(size_t n, float *w, const float *grad, float *m, float *v, float rate, float bias1, float bias2);
void rmsprop(size_t n, float *w, const float *grad, float *v, float rate);

/* Dynamic evaluation, see rnn.h: a step by the gradients, each over the root of the mean of its squares, v / bias, and
 * a share `decay` of the way back to start. */
void adapt(size_t n, float *w, const float *grad, float *v, const float *start, float rate, float bias, float decay);

double natural_log(double x); /* to about 1e-15; -infinity of 0, NaN below */

uint32_t mix(uint32_t x);                         /* a bijection of 32-bit words with good avalanche */
float dice(uint32_t seed, uint32_t position);     /* in [0, 1) */

#endif
