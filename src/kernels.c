/* SPDX-License-Identifier: MIT
 *
 * kernels.c - the hot loops. See kernels.h for what they promise.
 */
#include "kernels.h"

#include "vec.h"

#include <float.h>
#include <math.h>

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
 * A tile of ROWS x COLUMNS panels stays in registers while k runs: each of its a[k] is broadcast once,
 * each of its panel rows loaded once. The tile fills the registers that the broadcast, the panel row
 * and one product leave free; a single row takes more panels instead, to hide the latency of the add. */

enum { PANEL_VECS = PANEL / LANES };
enum { TILE_ROWS = LANES == 16 ? 8 : LANES == 8 ? 4 : VEC_REGISTERS == 32 ? 4 : LANES == 4 ? 2 : 1 };
enum { TILE_PANELS = LANES == 16 ? 2 : 1 };
enum { ROW_PANELS = LANES >= 8 ? 4 : LANES == 4 ? 2 : 1 };
enum { MAX_VECS = PANEL_VECS * ROW_PANELS }; /* ROW_PANELS >= TILE_PANELS */

/* Blocks that keep a panel (BLOCK_K x PANEL floats, 16 KB) in the first and the rows of a
 * (BLOCK_M x BLOCK_K floats, 64 KB) in the second cache. */
enum { BLOCK_K = 256, BLOCK_M = 64 };

/* rows and panels are constants at each call, so that the loops unroll and acc stays in registers. */
INLINE void tile(int rows, int panels, int K, const float *a, size_t lda, const float *b, size_t panel_stride,
                 float *c, size_t ldc)
{
    vec acc[TILE_ROWS][MAX_VECS];
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 16
        for (int v = 0; v < panels * PANEL_VECS; v++)
            acc[r][v] = vec_load(c + (size_t)r * ldc + v * LANES);
    for (int k = 0; k < K; k++) {
        vec row[MAX_VECS];
#pragma GCC unroll 16
        for (int v = 0; v < panels * PANEL_VECS; v++)
            row[v] = vec_load(b + (size_t)(v / PANEL_VECS) * panel_stride + (size_t)k * PANEL + (v % PANEL_VECS) * LANES);
#pragma GCC unroll 8
        for (int r = 0; r < rows; r++) {
            vec x = vec_set(a[(size_t)r * lda + (size_t)k]);
#pragma GCC unroll 16
            for (int v = 0; v < panels * PANEL_VECS; v++)
                acc[r][v] = acc[r][v] + x * row[v];
        }
    }
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 16
        for (int v = 0; v < panels * PANEL_VECS; v++)
            vec_store(c + (size_t)r * ldc + v * LANES, acc[r][v]);
}

/* All rows of one block of a against `panels` (a constant) panels. */
INLINE void tile_rows(int panels, int M, int K, const float *a, size_t lda, const float *b, size_t panel_stride,
                      float *c, size_t ldc)
{
    int m = 0;
    for (; m + TILE_ROWS <= M; m += TILE_ROWS)
        tile(TILE_ROWS, panels, K, a + (size_t)m * lda, lda, b, panel_stride, c + (size_t)m * ldc, ldc);
    if (TILE_ROWS > 4 && m + 4 <= M) {
        tile(TILE_ROWS > 4 ? 4 : 1, panels, K, a + (size_t)m * lda, lda, b, panel_stride, c + (size_t)m * ldc, ldc);
        m += 4;
    }
    if (TILE_ROWS > 2 && m + 2 <= M) {
        tile(TILE_ROWS > 2 ? 2 : 1, panels, K, a + (size_t)m * lda, lda, b, panel_stride, c + (size_t)m * ldc, ldc);
        m += 2;
    }
    for (; m < M; m++)
        tile(1, panels, K, a + (size_t)m * lda, lda, b, panel_stride, c + (size_t)m * ldc, ldc);
}

/* The last, partial panel: its columns go through a full-width copy, so that no loop has a tail. */
static void edge_panel(int M, int width, int K, const float *a, size_t lda, const float *b, float *c, size_t ldc)
{
    for (int m = 0; m < M; m++) {
        float full[PANEL] = {0};
        memcpy(full, c + (size_t)m * ldc, sizeof(float) * (size_t)width);
        tile(1, 1, K, a + (size_t)m * lda, lda, b, 0, full, PANEL);
        memcpy(c + (size_t)m * ldc, full, sizeof(float) * (size_t)width);
    }
}

static void product_block(int M, int N, int K, const float *a, size_t lda, const float *b, size_t panel_stride,
                          float *c, size_t ldc)
{
    int n = 0;
    if (M == 1)
        for (; n + PANEL * ROW_PANELS <= N; n += PANEL * ROW_PANELS, b += ROW_PANELS * panel_stride)
            tile(1, ROW_PANELS, K, a, lda, b, panel_stride, c + n, ldc);
    else if (TILE_PANELS > 1)
        for (; n + PANEL * TILE_PANELS <= N; n += PANEL * TILE_PANELS, b += TILE_PANELS * panel_stride)
            tile_rows(TILE_PANELS, M, K, a, lda, b, panel_stride, c + n, ldc);
    for (; n + PANEL <= N; n += PANEL, b += panel_stride)
        tile_rows(1, M, K, a, lda, b, panel_stride, c + n, ldc);
    if (n < N)
        edge_panel(M, N - n, K, a, lda, b, c + n, ldc);
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

/* ---- elementwise ---- */

/* One pass over n elements, LANES at a time; `left` is how many remain. */
#define EACH(n) for (size_t i = 0; i < (n); i += LANES)
INLINE int left(size_t n, size_t i) { return n - i < LANES ? (int)(n - i) : LANES; }

void add_to(size_t n, float *to, const float *x)
{
    EACH(n) vec_store_n(to + i, vec_load_n(to + i, left(n, i)) + vec_load_n(x + i, left(n, i)), left(n, i));
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

float largest(int n, const float *x)
{
    float most = x[0];
    for (int i = 1; i < n; i++)
        if (x[i] > most || isnan(x[i]))
            most = x[i];
    return most;
}

void scale(size_t n, float *x, float factor)
{
    EACH(n) vec_store_n(x + i, vec_load_n(x + i, left(n, i)) * vec_set(factor), left(n, i));
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
    const float beta1 = 0.9f, beta2 = 0.999f, epsilon = 1e-8f;
    vec step = vec_set(rate / bias1), root = vec_set(1.0f / bias2);
    EACH(n)
    {
        int k = left(n, i);
        vec g = vec_load_n(grad + i, k);
        vec m1 = vec_set(beta1) * vec_load_n(m + i, k) + vec_set(1.0f - beta1) * g;
        vec v1 = vec_set(beta2) * vec_load_n(v + i, k) + vec_set(1.0f - beta2) * g * g;
        vec w1 = vec_load_n(w + i, k) - step * m1 / (vec_sqrt(v1 * root) + vec_set(epsilon));
        vec_store_n(m + i, m1, k);
        vec_store_n(v + i, v1, k);
        vec_store_n(w + i, w1, k);
    }
}

void rmsprop(size_t n, float *w, const float *grad, float *v, float rate)
{
    const float alpha = 0.99f, epsilon = 1e-8f;
    EACH(n)
    {
        int k = left(n, i);
        vec g = vec_load_n(grad + i, k);
        vec v1 = vec_set(alpha) * vec_load_n(v + i, k) + vec_set(1.0f - alpha) * g * g;
        vec w1 = vec_load_n(w + i, k) - vec_set(rate) * g / (vec_sqrt(v1) + vec_set(epsilon));
        vec_store_n(v + i, v1, k);
        vec_store_n(w + i, w1, k);
    }
}
