/* SPDX-License-Identifier: MIT
 *
 * limits.c - what the machine can do at most in the build it is linked with, and how near to it nextchar comes, for the
 * fractions in RESULTS.md. Says ready; a line on its standard input is answered by a line of JSON:
 *
 *     madd           gflops: multiply-adds without fusing (two roundings, as everywhere here), in registers, two
 *                    operations each
 *     step H         of an LSTM, one stream, V = 96. loads: GB/s, reading memory of the size of its weights again and
 *                    again; ofLoads, ofPeak: the time to load its weights, and to do its multiply-adds, as shares of
 *                    the step's time
 *     product H      ofPeak: the same for the products of an LSTM's training window, 32 x 64
 *
 * What a share compares is measured in turn; all are medians of RUNS.
 */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */

#include "kernels.h"
#include "rnn.h"
#include "vec.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { V = 96, RUNS = 7, MAX_H = 4096 };
static const double SLICE = 0.01; /* seconds that one thing is measured before the next one's turn */

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_size(const void *a, const void *b) { return *(const double *)a < *(const double *)b ? -1 : 1; }

static double median(double *x)
{
    qsort(x, RUNS, sizeof *x, by_size);
    return x[RUNS / 2];
}

static void *known(void *made, const char *why)
{
    if (!made) {
        fprintf(stderr, "limits: %s\n", why);
        exit(1);
    }
    return made;
}

/* Memory that was written to: what never was may be one page of zeros. */
static float *written(size_t floats)
{
    float *memory = known(aligned_alloc(LINE, (size_t)whole_lines(floats) * sizeof *memory), "no memory for that size");
    for (size_t i = 0; i < floats; i++)
        memory[i] = rnn_dice(1, (uint32_t)i) * 0.01f;
    return memory;
}

/* The kernels are called often and through pointers that no optimizer sees through: a WebAssembly engine
 * replaces its first, quick code of a function only between calls, and none may be inlined. */

/* ---- multiply-adds: tiles of a product whose panel is a row that stays in registers. As in a product the
 * multiplications lie beside the chains of additions. No factor repeats from step to step, else a compiler would
 * multiply once for all. */
enum { PANEL_M = 8, PANEL_K = 256 }; /* of product() itself, its panel in the first cache: the best in some engines */
enum { FACTORS = 4092, MOST_CHAINS = 12 }; /* FACTORS: a multiple of every tile's rows, within the first cache */

INLINE void multiply_add(int rows, int vecs, const float *factors, float *sums)
{
    vec acc[MOST_CHAINS], row[MOST_CHAINS];
#pragma GCC unroll 12
    for (int v = 0; v < vecs; v++)
        row[v] = vec_load(factors + v * LANES);
#pragma GCC unroll 12
    for (int i = 0; i < rows * vecs; i++)
        acc[i] = vec_load(sums + i * LANES);
    for (int n = 0; n < FACTORS; n += rows)
#pragma GCC unroll 12
        for (int r = 0; r < rows; r++) {
            vec x = vec_set(factors[n + r]);
#pragma GCC unroll 12
            for (int v = 0; v < vecs; v++)
                acc[r * vecs + v] = acc[r * vecs + v] + x * row[v];
        }
#pragma GCC unroll 12
    for (int i = 0; i < rows * vecs; i++)
        vec_store(sums + i * LANES, acc[i]);
}

static void tile_1_6(const float *factors, float *sums) { multiply_add(1, 6, factors, sums); }
static void tile_2_4(const float *factors, float *sums) { multiply_add(2, 4, factors, sums); }
static void tile_4_2(const float *factors, float *sums) { multiply_add(4, 2, factors, sums); }
static void tile_6_2(const float *factors, float *sums) { multiply_add(6, 2, factors, sums); }
static void tile_of_product(const float *factors, float *sums)
{
    product(PANEL_M, PANEL, PANEL_K, factors, PANEL_K, factors, sums, PANEL);
}

static struct {
    void (*volatile kernel)(const float *, float *);
    int multiply_adds; /* of a call */
} tiles[] = {{tile_1_6, 6 * FACTORS * LANES}, {tile_2_4, 4 * FACTORS * LANES}, {tile_4_2, 2 * FACTORS * LANES},
             {tile_6_2, 2 * FACTORS * LANES}, {tile_of_product, PANEL_M * PANEL * PANEL_K}};

/* Operations a second of the best tile. */
static double peak(void)
{
    static float *factors, sums[PANEL_M * PANEL + MOST_CHAINS * LANES];
    double best = 0.0;
    if (!factors)
        factors = written(PANEL * PANEL_K);
    for (size_t i = 0; i < sizeof tiles / sizeof *tiles; i++) {
        double start = now(), done = 0.0;
        for (; now() - start < SLICE; done += 2.0 * tiles[i].multiply_adds)
            tiles[i].kernel(factors, sums);
        double rate = done / (now() - start);
        best = rate > best ? rate : best;
    }
    return best;
}

/* ---- loads: the memory once, straight ahead in so many places at once ---- */
enum { AT_ONCE = 8, BLOCK = AT_ONCE * LANES };

INLINE void load_all(size_t places, const float *memory, size_t floats, int32_t *seen)
{
    ivec acc[AT_ONCE] = {0};
    size_t part = floats / places, each = AT_ONCE / places;
    for (size_t i = 0; i < part; i += each * LANES)
#pragma GCC unroll 8
        for (size_t v = 0; v < AT_ONCE; v++)
            acc[v] ^= vec_bits(vec_load(memory + v / each * part + i + v % each * LANES));
    memcpy(seen, acc, sizeof acc);
}

static void load_1(const float *memory, size_t floats, int32_t *seen) { load_all(1, memory, floats, seen); }
static void load_2(const float *memory, size_t floats, int32_t *seen) { load_all(2, memory, floats, seen); }
static void load_8(const float *memory, size_t floats, int32_t *seen) { load_all(8, memory, floats, seen); }

static void (*volatile load_kernels[])(const float *, size_t, int32_t *) = {load_1, load_2, load_8};

/* Bytes a second in the best order; floats is a multiple of BLOCK. */
static double loads(const float *memory, size_t floats)
{
    static int32_t seen[BLOCK];
    double best = 0.0;
    for (size_t i = 0; i < sizeof load_kernels / sizeof *load_kernels; i++) {
        double start = now(), done = 0.0;
        for (; now() - start < SLICE; done += (double)(floats * sizeof *memory))
            load_kernels[i](memory, floats, seen);
        double rate = done / (now() - start);
        best = rate > best ? rate : best;
    }
    return best;
}

/* Steps a second. */
static double steps(const rnn_model *m, rnn_state *s)
{
    double start = now(), done = 0.0;
    for (int32_t token = 0; now() - start < SLICE; done++, token = (token + 1) % V)
        if (rnn_step(m, s, &token) < 0)
            known(NULL, rnn_error());
    return done / (now() - start);
}

/* The products of one window: each step forward and back, then over all steps the gradient of W_hh, and
 * the head forward, its gradient and back. What is not multiplied (packing, gates, optimizer) is left out. */
typedef struct { int M, N, K, times; } shape;
enum { SHAPES = 6 };

static void shapes_of(int H, shape *shapes)
{
    enum { B = 32, T = 64, ROWS = B * T };
    const shape all[SHAPES] = {{B, 4 * H, H, T}, {B, H, 4 * H, T}, {4 * H, H, ROWS, 1},
                               {ROWS, V, H, 1},  {V, H, ROWS, 1},  {ROWS, H, V, 1}};
    memcpy(shapes, all, sizeof all);
}

static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

/* Operations a second. */
static double products(const shape *shapes, const float *a, const float *panels, float *c)
{
    double start = now(), done = 0.0;
    do
        for (const shape *s = shapes; s < shapes + SHAPES; s++) {
            for (int n = 0; n < s->times; n++)
                product(s->M, s->N, s->K, a, (size_t)s->K, panels, c, (size_t)s->N);
            done += 2.0 * s->M * s->N * s->K * s->times;
        }
    while (now() - start < SLICE);
    return done / (now() - start);
}

/* ---- answers; the first run, not counted, lets a WebAssembly engine compile ---- */

static void answer_madd(void)
{
    double rates[RUNS];
    for (int r = -1; r < RUNS; r++)
        rates[r < 0 ? 0 : r] = peak();
    printf("{\"gflops\":%.2f}\n", median(rates) * 1e-9);
}

static void answer_step(int H)
{
    double rates[RUNS], of_loads[RUNS], of_peak[RUNS];
    size_t weights = (size_t)H * (size_t)(4 * H + V), read = (weights + BLOCK - 1) / BLOCK * BLOCK;
    rnn_model *m = known(rnn_model_new(RNN_CELL_LSTM, 1, V, 0, H, V, 1), rnn_error());
    rnn_state *s = known(rnn_state_new(m, 1), rnn_error());
    float *memory = written(read);
    for (int r = -1; r < RUNS; r++) {
        double loaded = loads(memory, read), stepped = steps(m, s);
        rates[r < 0 ? 0 : r] = loaded;
        of_loads[r < 0 ? 0 : r] = stepped * (double)(weights * sizeof *memory) / loaded;
        of_peak[r < 0 ? 0 : r] = stepped * 2.0 * (double)weights / peak();
    }
    printf("{\"loads\":%.2f,\"ofLoads\":%.4f,\"ofPeak\":%.4f}\n", median(rates) * 1e-9, median(of_loads),
           median(of_peak));
    free(memory);
    rnn_state_free(s);
    rnn_model_free(m);
}

static void answer_product(int H)
{
    shape shapes[SHAPES];
    double of_peak[RUNS];
    size_t a_floats = 0, panel_floats = 0, c_floats = 0;
    shapes_of(H, shapes);
    for (const shape *s = shapes; s < shapes + SHAPES; s++) {
        a_floats = larger(a_floats, (size_t)s->M * (size_t)s->K);
        panel_floats = larger(panel_floats, panels_floats(s->K, s->N));
        c_floats = larger(c_floats, (size_t)s->M * (size_t)s->N);
    }
    float *a = written(a_floats), *panels = written(panel_floats), *c = written(c_floats);
    for (int r = -1; r < RUNS; r++) {
        double before = peak(), rate = products(shapes, a, panels, c), after = peak();
        /* the higher, for a peak can only be disturbed downwards */
        of_peak[r < 0 ? 0 : r] = rate / (before > after ? before : after);
    }
    printf("{\"ofPeak\":%.4f}\n", median(of_peak));
    free(a);
    free(panels);
    free(c);
}

int main(void)
{
    char line[64], work[16];
    puts("ready");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin)) {
        int H = 0, words = sscanf(line, "%15s %d", work, &H), sized = words == 2 && H >= 1 && H <= MAX_H;
        if (words == 1 && strcmp(work, "madd") == 0)
            answer_madd();
        else if (sized && strcmp(work, "step") == 0)
            answer_step(H);
        else if (sized && strcmp(work, "product") == 0)
            answer_product(H);
        else {
            fprintf(stderr, "limits: the lines are madd, step H or product H, with H from 1 to %d\n", MAX_H);
            return 2;
        }
        fflush(stdout);
    }
    return 0;
}
