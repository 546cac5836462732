/* SPDX-License-Identifier: MIT
 *
 * limits.c - what the machine can do at most in the build it is linked with, for the fractions in
 * RESULTS.md: multiply-adds without fusing (two roundings, as everywhere here) and loads; and what the
 * matrix products of training reach.
 *
 *     limits madd             operations a second, in registers
 *     limits load BYTES       bytes a second, reading memory of that size again and again
 *     limits product H        operations a second of the products of an LSTM's training window, 32 x 64,
 *                             and their share of the multiply-adds measured in turn with them
 *
 * Prints a line of JSON.
 */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */

#include "kernels.h"
#include "rnn.h"
#include "vec.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { RUNS = 7, CHAINS = 13, AT_ONCE = 8 };
static const double SECONDS = 0.05; /* of one run */

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_size(const void *a, const void *b) { return *(const double *)a < *(const double *)b ? -1 : 1; }

/* The two kernels are called often and through pointers that no optimizer sees through: a WebAssembly
 * engine replaces its first, quick code of a function only between calls, and none may be inlined. */

/* CHAINS independent chains in registers, each step one multiplication and one addition a lane. */
static void multiply_add(int steps, float *chains)
{
    static const float almost_one = 0.99999f, little = 1e-5f;
    vec acc[CHAINS], factor = vec_constant(&almost_one), term = vec_constant(&little);
#pragma GCC unroll 13
    for (int i = 0; i < CHAINS; i++)
        acc[i] = vec_load(chains + i * LANES);
    for (int n = 0; n < steps; n++)
#pragma GCC unroll 13
        for (int i = 0; i < CHAINS; i++)
            acc[i] = acc[i] * factor + term;
#pragma GCC unroll 13
    for (int i = 0; i < CHAINS; i++)
        vec_store(chains + i * LANES, acc[i]);
}

/* Reads the memory once, straight ahead. */
static void load_all(const float *memory, size_t floats, int32_t *seen)
{
    ivec acc[AT_ONCE] = {0};
    for (size_t i = 0; i < floats; i += AT_ONCE * LANES)
#pragma GCC unroll 8
        for (size_t v = 0; v < AT_ONCE; v++)
            acc[v] ^= vec_bits(vec_load(memory + i + v * LANES));
    memcpy(seen, acc, sizeof acc);
}

static void (*volatile multiply_add_kernel)(int, float *) = multiply_add;
static void (*volatile load_kernel)(const float *, size_t, int32_t *) = load_all;

/* Operations a second. */
static double multiply_adds(void)
{
    static float chains[CHAINS * LANES];
    const int steps = 10000;
    double start = now(), calls = 0.0;
    for (; now() - start < SECONDS; calls++)
        multiply_add_kernel(steps, chains);
    return calls * 2.0 * (double)steps * (double)(CHAINS * LANES) / (now() - start);
}

/* Bytes a second. */
static double loads(const float *memory, size_t bytes)
{
    static int32_t seen[AT_ONCE * LANES];
    size_t floats = bytes / sizeof *memory / (AT_ONCE * LANES) * (AT_ONCE * LANES);
    double start = now(), done = 0.0;
    for (; now() - start < SECONDS; done += (double)(floats * sizeof *memory))
        load_kernel(memory, floats, seen);
    return done / (now() - start);
}

/* The products of one window: each step forward and back, then over all steps the gradient of W_hh, and
 * the head forward, its gradient and back. What is not multiplied (packing, gates, optimizer) is left out. */
typedef struct { int M, N, K, times; } shape;

static double products(int H, const float *a, const float *b, float *c)
{
    enum { B = 32, T = 64, V = 96, ROWS = B * T };
    const shape shapes[] = {{B, 4 * H, H, T}, {B, H, 4 * H, T}, {4 * H, H, ROWS, 1}, {ROWS, V, H, 1}, {V, H, ROWS, 1}, {ROWS, H, V, 1}};
    double start = now(), done = 0.0;
    do
        for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
            shape s = shapes[i];
            for (int n = 0; n < s.times; n++)
                product(s.M, s.N, s.K, a, (size_t)s.K, b, c, (size_t)s.N);
            done += 2.0 * s.M * s.N * s.K * s.times;
        }
    while (now() - start < SECONDS);
    return done / (now() - start);
}

/* Memory that was written to: what never was may be one page of zeros. */
static float *written(size_t floats)
{
    float *memory = aligned_alloc(LINE, (size_t)whole_lines(floats) * sizeof *memory);
    for (size_t i = 0; memory && i < floats; i++)
        memory[i] = rnn_dice(1, (uint32_t)i) * 0.01f;
    if (!memory)
        fprintf(stderr, "limits: no memory for %zu floats\n", floats);
    return memory;
}

static double median(double *x)
{
    qsort(x, RUNS, sizeof *x, by_size);
    return x[RUNS / 2];
}

static int print_multiply_adds(void)
{
    double rates[RUNS];
    for (int r = 0; r < RUNS; r++)
        rates[r] = multiply_adds();
    printf("{\"isa\":\"%s\",\"limit\":\"madd\",\"gflops\":%.1f}\n", rnn_isa(), median(rates) * 1e-9);
    return 0;
}

static int print_loads(size_t bytes)
{
    double rates[RUNS];
    float *memory = written(bytes / sizeof *memory);
    for (int r = 0; r < RUNS && memory; r++)
        rates[r] = loads(memory, bytes);
    if (memory)
        printf("{\"isa\":\"%s\",\"limit\":\"load\",\"bytes\":%zu,\"gbps\":%.1f}\n", rnn_isa(), bytes, median(rates) * 1e-9);
    free(memory);
    return memory ? 0 : 1;
}

static int print_products(int H)
{
    double rates[RUNS], shares[RUNS];
    size_t floats = 4 * (size_t)H * 2048 > 2048 * 96 ? 4 * (size_t)H * 2048 : 2048 * 96;
    float *a = written(floats), *b = written(floats), *c = written(floats);
    for (int r = -1; r < RUNS && a && b && c; r++) { /* the first lets a WebAssembly engine compile */
        double peak = multiply_adds(), rate = products(H, a, b, c);
        rates[r < 0 ? 0 : r] = rate;
        shares[r < 0 ? 0 : r] = 2.0 * rate / (peak + multiply_adds());
    }
    if (a && b && c)
        printf("{\"isa\":\"%s\",\"limit\":\"product\",\"H\":%d,\"gflops\":%.1f,\"share\":%.3f}\n", rnn_isa(), H,
               median(rates) * 1e-9, median(shares));
    free(a);
    free(b);
    free(c);
    return a && b && c ? 0 : 1;
}

int main(int argc, char **argv)
{
    long size = argc == 3 ? atol(argv[2]) : 0;
    if (argc == 2 && strcmp(argv[1], "madd") == 0)
        return print_multiply_adds();
    if (size >= 1024 && strcmp(argv[1], "load") == 0)
        return print_loads((size_t)size);
    if (size >= 1 && size <= 4096 && strcmp(argv[1], "product") == 0)
        return print_products((int)size);
    fprintf(stderr, "usage: limits madd | limits load BYTES | limits product H\n");
    return 2;
}
