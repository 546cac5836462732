/* SPDX-License-Identifier: MIT
 *
 * kernels.c - the hot loops. See kernels.h for what they promise.
 */
#include "kernels.h"

#include "dots.h"
#include "vec.h"

#include <float.h>
#include <math.h>

/* How many of n floats are left for the vector at i. */
INLINE int left(size_t n, size_t i) { return n - i < LANES ? (int)(n - i) : LANES; }

/* ---- packing ---- */

size_t panels_floats(int K, int N) { return (size_t)((N + PANEL - 1) / PANEL) * PANEL * (size_t)K; }

void pack(int K, int N, const float *b, size_t ldb, float *panels)
{
    for (int n = 0; n < N; n += PANEL) {
        int width = N - n < PANEL ? N - n : PANEL;
        for (int k = 0; k < K; k++, panels += PANEL) {
            memcpy(panels, b + (size_t)k * ldb + n, sizeof(float) * (size_t)width);
            memset(panels + width, 0, sizeof(float) * (size_t)(PANEL - width));
        }
    }
}

void pack_transposed(int K, int N, const float *b, size_t ldb, float *panels)
{
    for (int n = 0; n < N; n += PANEL, panels += (size_t)K * PANEL) {
        int width = N - n < PANEL ? N - n : PANEL;
        for (int k = 0; k < K; k++)
            for (int j = 0; j < PANEL; j++)
                panels[(size_t)k * PANEL + (size_t)j] = j < width ? b[(size_t)(n + j) * ldb + (size_t)k] : 0.0f;
    }
}

void transpose(int rows, int columns, const float *a, size_t lda, float *out)
{
    enum { BLOCK = 16 }; /* a cache line of each of 16 rows: both sides stay in the first cache */
    for (int i = 0; i < rows; i += BLOCK)
        for (int j = 0; j < columns; j += BLOCK)
            for (int y = j; y < j + BLOCK && y < columns; y++)
                for (int x = i; x < i + BLOCK && x < rows; x++)
                    out[(size_t)y * (size_t)rows + (size_t)x] = a[(size_t)x * lda + (size_t)y];
}

/* ---- matrix product ----
 * A tile of rows x columns stays in registers while k runs: each of its a[k] is broadcast once, each
 * vector of a panel's row loaded once. A tile of several rows fills the registers that the broadcast, the
 * panel's vector and one product leave free; a single row takes more columns instead, to hide the latency
 * of the add. */
enum { TILE_ROWS = LANES == 16 ? 8 : LANES == 8 ? 4 : VEC_REGISTERS == 32 ? 4 : LANES == 4 ? 2 : 1 };
enum { TILE_VECS = LANES == 16 ? 2 : 16 / LANES, TILE_COLUMNS = TILE_VECS * LANES };
enum { ROW_VECS = LANES == 16 ? 4 : LANES >= 4 ? 8 : 16, ROW_COLUMNS = ROW_VECS * LANES };

/* Blocks that keep what a tile reads of a panel (BLOCK_K x TILE_COLUMNS floats, at most 32 KB) in the
 * first and the rows of a (BLOCK_M x BLOCK_K floats, 64 KB) in the second cache. */
enum { BLOCK_K = 256, BLOCK_M = 64 };

/* Where column n of packed panels begins. */
INLINE const float *column(const float *panels, size_t panel_stride, size_t n)
{
    return panels + n / PANEL * panel_stride + n % PANEL;
}

/* rows and vecs are constants at each call, so that the loops unroll and acc stays in registers. */
INLINE void tile(int rows, int vecs, int K, const float *a, size_t lda, const float *b, size_t panel_stride, float *c,
                 size_t ldc)
{
    vec acc[TILE_ROWS][ROW_VECS]; /* ROW_VECS >= TILE_VECS */
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 16
        for (int v = 0; v < vecs; v++)
            acc[r][v] = vec_load(c + (size_t)r * ldc + v * LANES);
    for (int k = 0; k < K; k++, b += PANEL) {
        vec row[ROW_VECS];
#pragma GCC unroll 16
        for (int v = 0; v < vecs; v++)
            row[v] = vec_load(column(b, panel_stride, (size_t)(v * LANES)));
#pragma GCC unroll 8
        for (int r = 0; r < rows; r++) {
            vec x = vec_set(a[(size_t)r * lda + (size_t)k]);
#pragma GCC unroll 16
            for (int v = 0; v < vecs; v++)
                acc[r][v] = acc[r][v] + x * row[v];
        }
    }
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 16
        for (int v = 0; v < vecs; v++)
            vec_store(c + (size_t)r * ldc + v * LANES, acc[r][v]);
}

/* c (M, TILE_COLUMNS); b within one panel. */
static void tile_rows(int M, int K, const float *a, size_t lda, const float *b, float *c, size_t ldc)
{
    int m = 0;
    for (; m + TILE_ROWS <= M; m += TILE_ROWS)
        tile(TILE_ROWS, TILE_VECS, K, a + (size_t)m * lda, lda, b, 0, c + (size_t)m * ldc, ldc);
    if (TILE_ROWS > 4 && m + 4 <= M) {
        tile(TILE_ROWS > 4 ? 4 : 1, TILE_VECS, K, a + (size_t)m * lda, lda, b, 0, c + (size_t)m * ldc, ldc);
        m += 4;
    }
    if (TILE_ROWS > 2 && m + 2 <= M) {
        tile(TILE_ROWS > 2 ? 2 : 1, TILE_VECS, K, a + (size_t)m * lda, lda, b, 0, c + (size_t)m * ldc, ldc);
        m += 2;
    }
    for (; m < M; m++)
        tile(1, TILE_VECS, K, a + (size_t)m * lda, lda, b, 0, c + (size_t)m * ldc, ldc);
}

/* The last columns, fewer than a tile's: through a full-width copy, so that no loop has a tail. */
static void last_columns(int M, int width, int K, const float *a, size_t lda, const float *b, float *c, size_t ldc)
{
    float full[TILE_ROWS][TILE_COLUMNS] = {0};
    for (int m = 0; m < M; m += TILE_ROWS) {
        int rows = M - m < TILE_ROWS ? M - m : TILE_ROWS;
        for (int r = 0; r < rows; r++)
            memcpy(full[r], c + (size_t)(m + r) * ldc, sizeof(float) * (size_t)width);
        tile_rows(rows, K, a + (size_t)m * lda, lda, b, full[0], TILE_COLUMNS);
        for (int r = 0; r < rows; r++)
            memcpy(c + (size_t)(m + r) * ldc, full[r], sizeof(float) * (size_t)width);
    }
}

static void product_block(int M, int N, int K, const float *a, size_t lda, const float *b, size_t panel_stride,
                          float *c, size_t ldc)
{
    int n = 0;
    if (M == 1)
        for (; n + ROW_COLUMNS <= N; n += ROW_COLUMNS)
            tile(1, ROW_VECS, K, a, lda, column(b, panel_stride, (size_t)n), panel_stride, c + n, ldc);
    for (; n + TILE_COLUMNS <= N; n += TILE_COLUMNS)
        tile_rows(M, K, a, lda, column(b, panel_stride, (size_t)n), c + n, ldc);
    if (n < N)
        last_columns(M, N - n, K, a, lda, column(b, panel_stride, (size_t)n), c + n, ldc);
}

void product(int M, int N, int K, const float *a, size_t lda, const float *panels, float *c, size_t ldc)
{
    size_t panel_stride = (size_t)K * PANEL;
    for (int k = 0; k < K; k += BLOCK_K)
        for (int m = 0; m < M; m += BLOCK_M)
            product_block(M - m < BLOCK_M ? M - m : BLOCK_M, N, K - k < BLOCK_K ? K - k : BLOCK_K,
                          a + (size_t)m * lda + (size_t)k, lda, panels + (size_t)k * PANEL, panel_stride,
                          c + (size_t)m * ldc, ldc);
}

/* ---- int8 ---- */

static int int8_blocks(int K) { return (K + DOT_INPUTS - 1) / DOT_INPUTS; }

size_t activations_bytes(int K) { return (size_t)int8_blocks(K) * DOT_INPUTS * sizeof(activation); }

/* Rounded to the nearest by adding 1.5 * 2^23, which leaves the integer in the low bits. */
int to_activations(int K, const float *x, void *activations)
{
    static const float highest = ACTIVATION_STEPS, rounder = 12582912.0f + (float)ACTIVATION_ZERO;
    vec one = vec_constant(&vec_one), steps = vec_constant(&highest), magic = vec_constant(&rounder);
    activation *a = activations;
    vec total = vec_set(0.0f); /* NaN as soon as one is */
    for (int k = K; k < int8_blocks(K) * DOT_INPUTS; k++)
        a[k] = ACTIVATION_ZERO; /* their weights are 0 */
    EACH_VEC(K,
        int32_t bits[LANES];
        vec within = vec_at_most(vec_at_least(vec_load_n(x + at, lanes), vec_set(0.0f) - one), one);
        vec shifted = within * steps + magic;
        total = total + within;
        memcpy(bits, &shifted, sizeof bits);
        for (int j = 0; j < lanes; j++)
            a[at + (size_t)j] = (activation)(bits[j] & 127);
    )
    float lanes[LANES];
    vec_store(lanes, total);
    return all_finite(LANES, lanes);
}

size_t int8_panels_bytes(int K, int N)
{
    return (size_t)((N + DOT_OUTPUTS - 1) / DOT_OUTPUTS) * DOT_OUTPUTS * (size_t)int8_blocks(K) * DOT_INPUTS;
}

void pack_int8(int K, int N, const int8_t *b, int8_t *panels)
{
    enum { BLOCK = DOT_INPUTS * DOT_OUTPUTS };
    for (int n = 0; n < N; n += DOT_OUTPUTS)
        for (int k = 0; k < K; k += DOT_INPUTS, panels += BLOCK) {
            int8_t weights[BLOCK] = {0};
            for (int j = 0; j < DOT_OUTPUTS && n + j < N; j++)
                for (int i = 0; i < DOT_INPUTS && k + i < K; i++)
                    weights[j * DOT_INPUTS + i] = b[(size_t)(n + j) * (size_t)K + (size_t)(k + i)];
            dots_pack(weights, panels);
        }
}

/* One row of a against `blocks` (a constant) panels, of which `width` columns are real. */
INLINE void int8_tile(int blocks, int width, int K, const activation *a, const int8_t *panels, const float *scale,
                      const int32_t *zero, float *c)
{
    enum { BLOCK = DOT_INPUTS * DOT_OUTPUTS };
    size_t panel_stride = (size_t)int8_blocks(K) * BLOCK;
    int32_t sums[DOT_BLOCKS * DOT_OUTPUTS] = {0};
    for (int chunk = 0; chunk < K; chunk += DOT_CHUNK) {
        dots d[DOT_BLOCKS] = {0};
        int inputs = K - chunk < DOT_CHUNK ? K - chunk : DOT_CHUNK;
        for (int k = 0; k < int8_blocks(inputs); k++, panels += BLOCK, a += DOT_INPUTS)
#pragma GCC unroll 8
            for (int p = 0; p < blocks; p++)
                dots_add(&d[p], panels + (size_t)p * panel_stride, a);
        for (int p = 0; p < blocks; p++)
            dots_read(&d[p], sums + p * DOT_OUTPUTS);
    }
    EACH_VEC(width,
        vec y = vec_load_n(scale + at, lanes) * vec_of_ints(ivec_load(sums + at) + ivec_load(zero + at));
        vec_store_n(c + at, vec_load_n(c + at, lanes) + y, lanes);
    )
}

/* All rows of a use `blocks` panels while they are in the first cache. */
INLINE void int8_rows(int blocks, int M, int width, int K, const activation *a, const int8_t *panels,
                      const float *scale, const int32_t *zero, float *c, size_t ldc)
{
    for (int m = 0; m < M; m++)
        int8_tile(blocks, width, K, a + (size_t)m * (size_t)int8_blocks(K) * DOT_INPUTS, panels, scale, zero,
                  c + (size_t)m * ldc);
}

void product_int8(int M, int N, int K, const void *a, const int8_t *panels, const float *scale, const int32_t *zero,
                  float *c, size_t ldc)
{
    enum { WIDE = DOT_BLOCKS * DOT_OUTPUTS };
    size_t column_bytes = (size_t)int8_blocks(K) * DOT_INPUTS;
    int n = 0;
    for (; N - n > WIDE - DOT_OUTPUTS; n += WIDE)
        int8_rows(DOT_BLOCKS, M, N - n < WIDE ? N - n : WIDE, K, a, panels + (size_t)n * column_bytes, scale + n,
                  zero + n, c + n, ldc);
    for (; DOT_BLOCKS > 1 && n < N; n += DOT_OUTPUTS)
        int8_rows(1, M, N - n < DOT_OUTPUTS ? N - n : DOT_OUTPUTS, K, a, panels + (size_t)n * column_bytes, scale + n,
                  zero + n, c + n, ldc);
}

/* ---- elementwise ---- */

void sigmoid(size_t n, float *x)
{
    EACH_VEC(n, vec_store_n(x + at, vec_sigmoid(vec_load_n(x + at, lanes)), lanes);)
}

void hyperbolic_tangent(size_t n, const float *x, float *out)
{
    EACH_VEC(n, vec_store_n(out + at, vec_tanh(vec_load_n(x + at, lanes)), lanes);)
}

void add_to(size_t n, float *to, const float *x)
{
    EACH_VEC(n, vec_store_n(to + at, vec_load_n(to + at, lanes) + vec_load_n(x + at, lanes), lanes);)
}

void add_columns(int rows, int columns, const float *a, float *to)
{
    for (int r = 0; r < rows; r++)
        add_to((size_t)columns, to, a + (size_t)r * (size_t)columns);
}

void fill_rows(int rows, int columns, const float *row, float *a)
{
    for (int r = 0; r < rows; r++)
        memcpy(a + (size_t)r * (size_t)columns, row, sizeof(float) * (size_t)columns);
}

INLINE float larger(float a, float b) { return b > a || isnan(b) ? b : a; }

float largest(int n, const float *x)
{
    float lanes[LANES], most = x[0];
    vec m = vec_set(x[0]);
    int i = 0;
    for (; i + LANES <= n; i += LANES) {
        vec v = vec_load(x + i);
        m = vec_select((v > m) | (v != v), v, m);
    }
    vec_store(lanes, m);
    for (int j = 0; j < LANES; j++)
        most = larger(most, lanes[j]);
    for (; i < n; i++)
        most = larger(most, x[i]);
    return most;
}

void scale(size_t n, float *x, float factor)
{
    EACH_VEC(n, vec_store_n(x + at, vec_load_n(x + at, lanes) * vec_set(factor), lanes);)
}

int all_finite(size_t n, const float *x)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i]))
            return 0;
    return 1;
}

/* ---- sums: SUM_LANES running sums, then one order ---- */

enum { SUM_VECS = SUM_LANES / LANES };
typedef struct { vec part[SUM_VECS]; } sums;

INLINE double total(const sums *s)
{
    float part[SUM_LANES];
    double sum = 0.0;
    memcpy(part, s->part, sizeof part);
    for (int i = 0; i < SUM_LANES; i++)
        sum += (double)part[i];
    return sum;
}

double sum_of_squares(size_t n, const float *x)
{
    sums s = {0};
    for (size_t i = 0; i < n; i += SUM_LANES)
        for (int v = 0; v < SUM_VECS; v++) {
            size_t at = i + (size_t)v * LANES;
            if (at < n) {
                vec y = vec_load_n(x + at, left(n, at));
                s.part[v] = s.part[v] + y * y;
            }
        }
    return total(&s);
}

float exp_scaled(int n, const float *x, float maximum, float divisor, float *out)
{
    sums s = {0};
    size_t N = (size_t)n;
    for (size_t i = 0; i < N; i += SUM_LANES)
        for (int v = 0; v < SUM_VECS; v++) {
            size_t at = i + (size_t)v * LANES;
            if (at < N) {
                vec below = vec_load_n(x + at, left(N, at)) - vec_set(maximum);
                vec y = vec_exp(below / vec_set(divisor));
                y = vec_select(below < vec_set(-FLT_MAX), vec_set(0.0f), y); /* -infinity / infinity is no number */
                vec_store_n(out + at, y, left(N, at));
                s.part[v] = s.part[v] + vec_load_n(out + at, left(N, at));
            }
        }
    return (float)total(&s);
}

/* x = m 2^e, ln m = 2 artanh((m - 1) / (m + 1)) as a series. Our own, because the library's differs
 * from system to system. */
double natural_log(double x)
{
    int e = 0;
    if (!(x > 0.0 && x < (double)INFINITY)) /* of these the loops would not end */
        return x < 0.0 ? (double)NAN : x == 0.0 ? -(double)INFINITY : x;
    for (; x > 1.4142135623730951; e++)
        x *= 0.5;
    for (; x < 0.70710678118654752; e--)
        x *= 2.0;
    double s = (x - 1.0) / (x + 1.0), square = s * s, sum = 0.0;
    for (int k = 23; k >= 1; k -= 2)
        sum = sum * square + 1.0 / k;
    return 2.0 * s * sum + e * 0.69314718055994531;
}

/* ---- dice ---- */

/* The 32-bit mixer "lowbias32" of C. Wellons, hash-prospector. */
uint32_t mix(uint32_t x)
{
    x ^= x >> 16;
    x *= 0x7feb352dU;
    x ^= x >> 15;
    x *= 0x846ca68bU;
    return x ^ x >> 16;
}

float dice(uint32_t seed, uint32_t position)
{
    uint32_t bits = mix(mix(seed + 0x9e3779b9U) ^ mix(position + 0x85ebca6bU));
    return (float)(bits >> 8) * 0x1p-24f;
}

void dropout(size_t n, const float *x, float rate, uint32_t key, float *out)
{
    uint32_t threshold = (uint32_t)(rate * 16777216.0f);
    float factor = 1.0f / (1.0f - rate);
    for (size_t i = 0; i < n; i++)
        out[i] = mix(key ^ (uint32_t)i) >> 8 < threshold ? 0.0f : x[i] * factor;
}

/* ---- optimizers ---- */

void adam(size_t n, float *w, const float *grad, float *m, float *v, float rate, float bias1, float bias2)
{
    static const float beta1 = 0.9f, rest1 = 1.0f - 0.9f, beta2 = 0.999f, rest2 = 1.0f - 0.999f, epsilon = 1e-8f;
    vec step = vec_set(rate / bias1), root = vec_set(1.0f / bias2);
    EACH_VEC(n,
        vec g = vec_load_n(grad + at, lanes);
        vec m1 = vec_constant(&beta1) * vec_load_n(m + at, lanes) + vec_constant(&rest1) * g;
        vec v1 = vec_constant(&beta2) * vec_load_n(v + at, lanes) + vec_constant(&rest2) * g * g;
        vec w1 = vec_load_n(w + at, lanes) - step * m1 / (vec_sqrt(v1 * root) + vec_constant(&epsilon));
        vec_store_n(m + at, m1, lanes);
        vec_store_n(v + at, v1, lanes);
        vec_store_n(w + at, w1, lanes);
    )
}

/* Of the mean of squares, for both below. */
static const float alpha = 0.99f, rest = 1.0f - 0.99f, epsilon = 1e-8f;

void rmsprop(size_t n, float *w, const float *grad, float *v, float rate)
{
    EACH_VEC(n,
        vec g = vec_load_n(grad + at, lanes);
        vec v1 = vec_constant(&alpha) * vec_load_n(v + at, lanes) + vec_constant(&rest) * g * g;
        vec w1 = vec_load_n(w + at, lanes) - vec_set(rate) * g / (vec_sqrt(v1) + vec_constant(&epsilon));
        vec_store_n(v + at, v1, lanes);
        vec_store_n(w + at, w1, lanes);
    )
}

void adapt(size_t n, float *w, const float *grad, float *v, const float *start, float rate, float bias, float decay)
{
    vec root = vec_set(1.0f / bias), share = vec_set(decay);
    EACH_VEC(n,
        vec g = vec_load_n(grad + at, lanes);
        vec v1 = vec_constant(&alpha) * vec_load_n(v + at, lanes) + vec_constant(&rest) * g * g;
        vec w1 = vec_load_n(w + at, lanes);
        vec back = share * (vec_load_n(start + at, lanes) - w1);
        vec_store_n(v + at, v1, lanes);
        vec_store_n(w + at, w1 - vec_set(rate) * g / (vec_sqrt(v1 * root) + vec_constant(&epsilon)) + back, lanes);
    )
}
