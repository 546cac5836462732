/* SPDX-License-Identifier: MIT
 *
 * kernels_test.c - vec.h and kernels.c against plain loops over single floats.
 */
#include "kernels.h"

#include "check.h"
#include "rnn.h"
#include "vec.h"

#include <float.h>
#include <stdlib.h>

static float random_float(uint32_t i) { return 2.0f * dice(1, i) - 1.0f; }

static void fill(size_t n, float *x, uint32_t from)
{
    for (size_t i = 0; i < n; i++)
        x[i] = random_float(from + (uint32_t)i);
}

static int same_bits(const void *a, const void *b, size_t floats) { return memcmp(a, b, sizeof(float) * floats) == 0; }

/* ---- vec.h ---- */

static void a_vector_computes_what_its_floats_compute(void)
{
    float a[LANES], b[LANES], sum[LANES], multiple[LANES], quotient[LANES], root[LANES], chosen[LANES];
    fill(LANES, a, 0);
    fill(LANES, b, 100);
    vec x = vec_load(a), y = vec_load(b);
    vec_store(sum, x + y);
    vec_store(multiple, x * y);
    vec_store(quotient, x / y);
    vec_store(root, vec_sqrt(x * x));
    vec_store(chosen, vec_select(x < y, x, y));
    for (int i = 0; i < LANES; i++) {
        CHECK_EQUAL(sum[i], a[i] + b[i]);
        CHECK_EQUAL(multiple[i], a[i] * b[i]);
        CHECK_EQUAL(quotient[i], a[i] / b[i]);
        CHECK_EQUAL(root[i], fabsf(a[i]));
        CHECK_EQUAL(chosen[i], a[i] < b[i] ? a[i] : b[i]);
    }
}

static void loads_and_stores_of_a_part_touch_no_more_than_the_part(void)
{
    float from[LANES], to[LANES];
    for (int n = 1; n <= LANES; n++) {
        float *part = malloc(sizeof(float) * (size_t)n); /* the sanitizer sees a read or write beyond it */
        fill(LANES, from, 0);
        fill(LANES, to, 50);
        memcpy(part, from, sizeof(float) * (size_t)n);
        vec v = vec_load_n(part, n);
        vec_store_n(part, v, n);
        vec_store_n(to, v, n);
        float lanes[LANES];
        vec_store(lanes, v);
        for (int i = 0; i < LANES; i++) {
            CHECK_EQUAL(lanes[i], i < n ? from[i] : 0.0f);
            CHECK_EQUAL(to[i], i < n ? from[i] : random_float(50 + (uint32_t)i));
        }
        free(part);
    }
}

static void one_float_is_set_in_every_lane_with_its_sign(void)
{
    float lanes[LANES];
    for (int sign = -1; sign <= 1; sign += 2) {
        vec_store(lanes, vec_set(sign < 0 ? -0.0f : 0.0f));
        for (int i = 0; i < LANES; i++)
            CHECK_EQUAL(signbit(lanes[i]) != 0, sign < 0);
    }
}

static float one(vec v)
{
    float lanes[LANES];
    vec_store(lanes, v);
    for (int i = 1; i < LANES; i++)
        CHECK(same_bits(lanes, lanes + i, 1));
    return lanes[0];
}

static void limits_hold_and_a_nan_passes_them(void)
{
    CHECK_EQUAL(one(vec_at_least(vec_set(-2.0f), vec_set(-1.0f))), -1.0f);
    CHECK_EQUAL(one(vec_at_least(vec_set(2.0f), vec_set(-1.0f))), 2.0f);
    CHECK_EQUAL(one(vec_at_most(vec_set(2.0f), vec_set(1.0f))), 1.0f);
    CHECK_EQUAL(one(vec_at_most(vec_set(-2.0f), vec_set(1.0f))), -2.0f);
    CHECK(isnan(one(vec_at_least(vec_set(NAN), vec_set(-1.0f)))));
    CHECK(isnan(one(vec_at_most(vec_set(NAN), vec_set(1.0f)))));
}

/* The worst error over every 1009th of the floats from low to high; NaN if there is one. */
static double worst_error(vec (*f)(vec), double (*expected)(double), int relative, float low, float high)
{
    enum { STRIDE = 1009 };
    double worst = 0.0;
    for (uint64_t bits = 0; bits < (uint64_t)1 << 32; bits += STRIDE * LANES) {
        float x[LANES], y[LANES];
        for (int i = 0; i < LANES; i++) {
            uint32_t word = (uint32_t)(bits + (uint64_t)(STRIDE * i));
            memcpy(&x[i], &word, sizeof word);
            x[i] = x[i] >= low && x[i] <= high ? x[i] : 0.0f;
        }
        vec_store(y, f(vec_load(x)));
        for (int i = 0; i < LANES; i++) {
            double right = expected((double)x[i]), error = fabs((double)y[i] - right) / (relative ? right : 1.0);
            if (isnan(error))
                return error;
            worst = fmax(worst, error);
        }
    }
    return worst;
}

static vec exp_of(vec x) { return vec_exp(x); }
static vec sigmoid_of(vec x) { return vec_sigmoid(x); }
static vec tanh_of(vec x) { return vec_tanh(x); }
static double exact_sigmoid(double x) { return 1.0 / (1.0 + exp(-x)); }

static void exp_has_a_relative_error_below_2e_7(void)
{
    CHECK_CLOSE(worst_error(exp_of, exp, 1, -87.33f, 88.0f), 0.0, 2e-7);
}

/* Where e^-x is within the range of exp: below it the result is held at 1 / (1 + e^88). */
static void sigmoid_has_a_relative_error_below_2e_7(void)
{
    CHECK_CLOSE(worst_error(sigmoid_of, exact_sigmoid, 1, -87.0f, FLT_MAX), 0.0, 2e-7);
    CHECK_CLOSE(worst_error(sigmoid_of, exact_sigmoid, 0, -FLT_MAX, FLT_MAX), 0.0, 2e-7);
}

static void tanh_has_an_absolute_error_below_2e_7(void)
{
    CHECK_CLOSE(worst_error(tanh_of, tanh, 0, -FLT_MAX, FLT_MAX), 0.0, 2e-7);
}

static void exp_sigmoid_and_tanh_are_right_at_their_ends(void)
{
    CHECK_EQUAL(one(vec_exp(vec_set(0.0f))), 1.0f);
    CHECK_EQUAL(one(vec_exp(vec_set(-87.34f))), 0.0f);
    CHECK_EQUAL(one(vec_exp(vec_set(-INFINITY))), 0.0f);
    CHECK_EQUAL(one(vec_exp(vec_set(INFINITY))), one(vec_exp(vec_set(88.0f))));
    CHECK_EQUAL(one(vec_sigmoid(vec_set(0.0f))), 0.5f);
    CHECK_EQUAL(one(vec_sigmoid(vec_set(INFINITY))), 1.0f);
    CHECK_CLOSE(one(vec_sigmoid(vec_set(-INFINITY))), 0.0f, 1e-38);
    CHECK_EQUAL(one(vec_tanh(vec_set(0.0f))), 0.0f);
    CHECK_EQUAL(one(vec_tanh(vec_set(INFINITY))), 1.0f);
    CHECK_EQUAL(one(vec_tanh(vec_set(-INFINITY))), -1.0f);
}

static void a_nan_stays_a_nan(void)
{
    CHECK(isnan(one(vec_exp(vec_set(NAN)))));
    CHECK(isnan(one(vec_exp(vec_set(-NAN)))));
    CHECK(isnan(one(vec_sigmoid(vec_set(NAN)))));
    CHECK(isnan(one(vec_tanh(vec_set(NAN)))));
}

static void the_library_says_its_version_and_for_which_instructions_it_was_made(void)
{
    CHECK_EQUAL(rnn_version(), 200);
    CHECK(strcmp(rnn_isa(), ISA) == 0);
}

/* ---- lines of the cache ---- */

static void lengths_and_places_are_made_up_to_whole_lines(void)
{
    char room[2 * LINE];
    for (uint64_t floats = 0; floats < 100; floats++) {
        uint64_t whole = whole_lines(floats);
        CHECK(whole >= floats && whole < floats + LINE / sizeof(float));
        CHECK_EQUAL(whole % (LINE / sizeof(float)), 0);
    }
    for (int i = 0; i < LINE; i++) {
        float *line = next_line(room + i);
        CHECK_EQUAL((uintptr_t)line % LINE, 0);
        CHECK((char *)line >= room + i && (char *)line < room + i + LINE);
    }
}

/* ---- packing ---- */

static const int sizes[] = {1, 2, 3, 7, 15, 16, 17, 31, 33, 64, 67};
enum { SIZES = sizeof sizes / sizeof *sizes, LARGEST_SIZE = 67 };

enum { PAD = 3 }; /* rows lie further apart than they are long; what is between them must stay out of it */

/* Where element (k, n) lies in packed panels; n may be in the padding. */
static int packed_at(int K, int k, int n) { return n / PANEL * K * PANEL + k * PANEL + n % PANEL; }

static void check_packing(int K, int N)
{
    int padded = (N + PANEL - 1) / PANEL * PANEL;
    size_t room = panels_floats(K, N), square = (LARGEST_SIZE + PAD) * (LARGEST_SIZE + PAD);
    float *b = malloc(sizeof(float) * square), *from_rows = malloc(sizeof(float) * room);
    float *from_columns = malloc(sizeof(float) * room);
    fill(square, b, 0);
    pack(K, N, b, (size_t)N + PAD, from_rows);
    pack_transposed(K, N, b, (size_t)K + PAD, from_columns);
    CHECK_EQUAL(room, padded * K);
    for (int k = 0; k < K; k++)
        for (int n = 0; n < padded; n++) {
            CHECK_EQUAL(from_rows[packed_at(K, k, n)], n < N ? b[k * (N + PAD) + n] : 0.0f);
            CHECK_EQUAL(from_columns[packed_at(K, k, n)], n < N ? b[n * (K + PAD) + k] : 0.0f);
        }
    free(b);
    free(from_rows);
    free(from_columns);
}

static void packing_puts_every_element_in_its_panel_and_zeros_behind(void)
{
    for (int k = 0; k < SIZES; k++)
        for (int n = 0; n < SIZES; n++)
            check_packing(sizes[k], sizes[n]);
}

static void check_transpose(int rows, int columns)
{
    static float a[LARGEST_SIZE * (LARGEST_SIZE + PAD)], out[LARGEST_SIZE * LARGEST_SIZE];
    fill(sizeof a / sizeof *a, a, 0);
    transpose(rows, columns, a, (size_t)columns + PAD, out);
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < columns; c++)
            CHECK_EQUAL(out[c * rows + r], a[r * (columns + PAD) + c]);
}

static void transpose_swaps_rows_and_columns(void)
{
    for (int r = 0; r < SIZES; r++)
        for (int c = 0; c < SIZES; c++)
            check_transpose(sizes[r], sizes[c]);
}

/* ---- product ---- */

/* The promise of kernels.h: each output starts from what it holds and adds a[k] * b[k] in order. */
static void plain_product(int M, int N, int K, const float *a, size_t lda, const float *b, float *c, size_t ldc)
{
    for (int m = 0; m < M; m++)
        for (int n = 0; n < N; n++)
            for (int k = 0; k < K; k++)
                c[(size_t)m * ldc + (size_t)n] += a[(size_t)m * lda + (size_t)k] * b[k * N + n];
}

static void check_product(int M, int N, int K)
{
    size_t lda = (size_t)K + PAD, ldc = (size_t)N + PAD, of_c = (size_t)M * ldc - PAD;
    float *a = malloc(sizeof(float) * ((size_t)M * lda)), *b = malloc(sizeof(float) * (size_t)(K * N));
    float *c = malloc(sizeof(float) * of_c), *expected = malloc(sizeof(float) * of_c);
    float *panels = malloc(sizeof(float) * panels_floats(K, N));
    fill((size_t)M * lda, a, 0);
    fill((size_t)(K * N), b, 7919);
    fill(of_c, c, 104729);
    memcpy(expected, c, sizeof(float) * of_c);
    pack(K, N, b, (size_t)N, panels);
    product(M, N, K, a, lda, panels, c, ldc);
    plain_product(M, N, K, a, lda, b, expected, ldc);
    if (!same_bits(c, expected, of_c))
        printf("M = %d, N = %d, K = %d:\n", M, N, K);
    CHECK(same_bits(c, expected, of_c));
    free(a);
    free(b);
    free(c);
    free(expected);
    free(panels);
}

static void product_has_the_bits_of_a_plain_loop_for_every_size(void)
{
    for (int m = 0; m < SIZES; m++)
        for (int n = 0; n < SIZES; n++)
            for (int k = 0; k < SIZES; k++)
                check_product(sizes[m], sizes[n], sizes[k]);
}

static void product_has_the_bits_of_a_plain_loop_across_its_blocks(void)
{
    static const int around_K[] = {255, 256, 257, 513}, around_M[] = {1, 2, 5, 63, 64, 65, 129};
    static const int around_N[] = {1, 17, 64, 65, 131};
    for (size_t k = 0; k < sizeof around_K / sizeof *around_K; k++)
        for (size_t m = 0; m < sizeof around_M / sizeof *around_M; m++)
            for (size_t n = 0; n < sizeof around_N / sizeof *around_N; n++)
                check_product(around_M[m], around_N[n], around_K[k]);
}

/* ---- int8 ---- */

/* Times the identity, so that the activations come out, however they are stored. */
static void activations_are_63rds_about_64_and_stay_within_7_bits(void)
{
    enum { K = 11 };
    float x[K] = {0.0f, 1.0f, -1.0f, 0.5f, -0.5f, 1.0f / 63, 0.4f / 63, -0.6f / 63, 7.0f, -INFINITY, -0.0f};
    const float expected[K] = {64, 127, 1, 96, 32, 65, 64, 63, 127, 1, 64}; /* 31.5 is rounded to even */
    float scale[K], out[K] = {0};
    int8_t identity[K * K] = {0}, *panels = malloc(int8_panels_bytes(K, K));
    int32_t zero[LINE / sizeof(int32_t)] = {0};
    void *a = malloc(activations_bytes(K));
    for (int k = 0; k < K; k++)
        scale[k] = identity[k * K + k] = 1;
    pack_int8(K, K, identity, panels);
    CHECK(to_activations(K, x, a));
    product_int8(1, K, K, a, panels, scale, zero, out, K);
    for (int k = 0; k < K; k++)
        CHECK_EQUAL(out[k], expected[k]);
    free(panels), free(a);
}

static void activations_of_a_nan_are_reported_wherever_it_is(void)
{
    enum { K = 37 };
    float x[K] = {0};
    void *a = malloc(activations_bytes(K));
    for (int k = 0; k < K; k++) {
        x[k] = INFINITY;
        CHECK(to_activations(K, x, a));
        x[k] = NAN;
        CHECK(!to_activations(K, x, a));
        x[k] = 1.0f;
    }
    free(a);
}

static int8_t random_int8(uint32_t i) { return (int8_t)((int)(dice(4, i) * 255.0f) - 127); }

/* most: 0, or the sign of the largest sums that there can be. */
static void check_int8_product(int M, int N, int K, int most)
{
    size_t columns = (size_t)N, row = activations_bytes(K), ldc = (size_t)N + PAD, of_c = (size_t)M * ldc - PAD;
    int8_t *b = malloc((size_t)(N * K)), *panels = malloc(int8_panels_bytes(K, N));
    uint8_t *plain = malloc((size_t)(M * K)); /* activations */
    float *x = malloc(sizeof(float) * (size_t)(M * K));
    char *a = malloc((size_t)M * row);
    int32_t *zero = calloc((size_t)whole_lines(columns), sizeof(int32_t));
    float *scale = malloc(sizeof(float) * columns), *c = malloc(sizeof(float) * of_c);
    float *expected = malloc(sizeof(float) * of_c);
    for (uint32_t i = 0; i < (uint32_t)(N * K); i++)
        b[i] = most ? (int8_t)(127 * most) : random_int8(i);
    for (uint32_t i = 0; i < (uint32_t)(M * K); i++) {
        plain[i] = most ? 127 : (uint8_t)(1 + (int)(dice(5, i) * 127.0f));
        x[i] = (float)(plain[i] - ACTIVATION_ZERO) / (float)ACTIVATION_STEPS;
    }
    for (int m = 0; m < M; m++)
        to_activations(K, x + m * K, a + (size_t)m * row);
    for (uint32_t i = 0; i < columns; i++)
        zero[i] = (int32_t)(dice(6, i) * 1e6f) - 500000;
    fill(columns, scale, 31);
    fill(of_c, c, 104729);
    memcpy(expected, c, sizeof(float) * of_c);
    for (int m = 0; m < M; m++)
        for (int n = 0; n < N; n++) {
            int32_t sum = zero[n];
            for (int k = 0; k < K; k++)
                sum += (int32_t)plain[m * K + k] * (int32_t)b[n * K + k];
            expected[(size_t)m * ldc + (size_t)n] += scale[n] * (float)sum;
        }
    pack_int8(K, N, b, panels);
    product_int8(M, N, K, a, panels, scale, zero, c, ldc);
    if (!same_bits(c, expected, of_c))
        printf("M = %d, N = %d, K = %d:\n", M, N, K);
    CHECK(same_bits(c, expected, of_c));
    free(b), free(panels), free(plain), free(x), free(a), free(zero), free(scale), free(c), free(expected);
}

static void int8_product_has_the_bits_of_a_plain_loop_for_every_size(void)
{
    static const int around_N[] = {1, 15, 16, 17, 48, 112, 127, 128, 129, 300};
    for (int k = 0; k < SIZES; k++)
        for (size_t n = 0; n < sizeof around_N / sizeof *around_N; n++)
            for (int m = 1; m <= 5; m += 2)
                check_int8_product(m, around_N[n], sizes[k], 0);
}

static void int8_product_is_exact_for_the_largest_sums(void)
{
    for (int sign = -1; sign <= 1; sign += 2) {
        check_int8_product(2, 40, 4096, sign);
        check_int8_product(1, 200, 1023, sign);
        for (int K = 511; K <= 514; K++) /* about a chunk */
            check_int8_product(1, 64, K, sign);
    }
}

/* ---- elementwise, sums ---- */

static void elementwise_loops_do_each_element_and_no_more(void)
{
    for (int n = 1; n < 70; n++) {
        size_t size = (size_t)n;
        float *x = malloc(sizeof(float) * size), *y = malloc(sizeof(float) * size);
        float *rows = malloc(sizeof(float) * 3 * size);
        fill(size, x, 0);
        fill(size, y, 1000);
        fill(3 * size, rows, 2000);
        add_to(size, x, y);
        for (int i = 0; i < n; i++)
            CHECK_EQUAL(x[i], random_float((uint32_t)i) + y[i]);
        fill(size, x, 0);
        scale(size, x, 0.3f);
        for (int i = 0; i < n; i++)
            CHECK_EQUAL(x[i], random_float((uint32_t)i) * 0.3f);
        fill(size, x, 0);
        add_columns(3, n, rows, x);
        for (int i = 0; i < n; i++)
            CHECK_EQUAL(x[i], ((random_float((uint32_t)i) + rows[i]) + rows[n + i]) + rows[2 * n + i]);
        fill(size, x, 0);
        hyperbolic_tangent(size, x, rows);
        sigmoid(size, x);
        for (int i = 0; i < n; i++) {
            CHECK_EQUAL(rows[i], one(vec_tanh(vec_set(random_float((uint32_t)i)))));
            CHECK_EQUAL(x[i], one(vec_sigmoid(vec_set(random_float((uint32_t)i)))));
        }
        fill_rows(3, n, y, rows);
        for (int i = 0; i < 3 * n; i++)
            CHECK_EQUAL(rows[i], y[i % n]);
        free(x);
        free(y);
        free(rows);
    }
}

/* SUM_LANES partial sums in float, then their sum in double: the order that every build must follow. */
static void sums_run_in_the_promised_order(void)
{
    float x[131], y[131];
    fill(131, x, 0);
    for (int n = 1; n <= 131; n++) {
        float squares[SUM_LANES] = {0}, exps[SUM_LANES] = {0};
        double of_squares = 0.0, of_exps = 0.0;
        float most = largest(n, x), sum = exp_scaled(n, x, most, 0.7f, y);
        for (int i = 0; i < n; i++) {
            squares[i % SUM_LANES] += x[i] * x[i];
            exps[i % SUM_LANES] += y[i];
            CHECK_CLOSE(y[i], exp(((double)x[i] - (double)most) / (double)0.7f), 1e-6);
        }
        for (int i = 0; i < SUM_LANES; i++) {
            of_squares += (double)squares[i];
            of_exps += (double)exps[i];
        }
        CHECK_EQUAL(sum_of_squares((size_t)n, x), of_squares);
        CHECK_EQUAL(sum, (float)of_exps);
    }
}

static void exp_scaled_makes_minus_infinity_exactly_zero(void)
{
    float x[] = {1.0f, -INFINITY, 0.0f}, y[3];
    float sum = exp_scaled(3, x, 1.0f, 2.0f, y);
    CHECK_EQUAL(y[0], 1.0f);
    CHECK_EQUAL(y[1], 0.0f);
    CHECK_CLOSE(sum, 1.0 + exp(-0.5), 1e-6);
}

static void largest_finds_the_maximum_or_a_nan_anywhere(void)
{
    float x[40];
    for (int n = 1; n <= 40; n++)
        for (int place = 0; place < n; place++) {
            fill(40, x, 0);
            x[place] = 2.0f;
            CHECK_EQUAL(largest(n, x), 2.0f);
            x[place] = NAN;
            CHECK(isnan(largest(n, x)));
        }
    x[0] = x[1] = -INFINITY;
    CHECK_EQUAL(largest(2, x), -INFINITY);
}

static void all_finite_finds_a_nan_or_infinity_anywhere(void)
{
    float x[40];
    static const float bad[] = {NAN, INFINITY, -INFINITY};
    fill(40, x, 0);
    x[0] = FLT_MAX;
    CHECK(all_finite(40, x));
    for (int place = 0; place < 40; place++)
        for (int k = 0; k < 3; k++) {
            fill(40, x, 0);
            x[place] = bad[k];
            CHECK(!all_finite(40, x));
        }
}

/* ---- dropout, optimizers, logarithm ---- */

static void dropout_drops_its_share_and_scales_the_rest(void)
{
    enum { N = 200000 };
    static float x[N], y[N], again[N], other[N];
    const double n = (double)N;
    int dropped = 0, both = 0;
    fill(N, x, 0);
    for (int i = 0; i < N; i++)
        x[i] += 2.0f; /* so that a zero is a dropped one */
    dropout(N, x, 0.3f, 5, y);
    dropout(N, x, 0.3f, 5, again);
    dropout(N, x, 0.3f, 6, other);
    CHECK(same_bits(y, again, N));
    for (int i = 0; i < N; i++) {
        CHECK(y[i] == 0.0f || y[i] == x[i] * (1.0f / (1.0f - 0.3f)));
        dropped += y[i] == 0.0f;
        both += y[i] == 0.0f && other[i] == 0.0f;
    }
    CHECK_CLOSE(dropped / n, 0.3, 5.0 * sqrt(0.3 * 0.7 / n));
    CHECK_CLOSE(both / n, 0.09, 5.0 * sqrt(0.09 * 0.91 / n)); /* another key, independent dice */
    dropout(N, x, 0.0f, 5, y);
    CHECK(same_bits(x, y, N));
}

enum { WEIGHTS = 37, UPDATES = 50 };

static void adam_is_that_of_kingma_and_ba(void)
{
    float w[WEIGHTS], m[WEIGHTS] = {0}, v[WEIGHTS] = {0}, g[WEIGHTS];
    double w_[WEIGHTS], m_[WEIGHTS] = {0}, v_[WEIGHTS] = {0};
    fill(WEIGHTS, w, 0);
    for (int i = 0; i < WEIGHTS; i++)
        w_[i] = (double)w[i];
    for (int t = 1; t <= UPDATES; t++) {
        double bias1 = 1.0 - pow(0.9, t), bias2 = 1.0 - pow(0.999, t);
        fill(WEIGHTS, g, (uint32_t)(1000 * t));
        adam(WEIGHTS, w, g, m, v, 0.01f, (float)bias1, (float)bias2);
        for (int i = 0; i < WEIGHTS; i++) {
            double d = (double)g[i];
            m_[i] = 0.9 * m_[i] + 0.1 * d;
            v_[i] = 0.999 * v_[i] + 0.001 * d * d;
            w_[i] -= 0.01 * (m_[i] / bias1) / (sqrt(v_[i] / bias2) + 1e-8);
        }
    }
    for (int i = 0; i < WEIGHTS; i++)
        CHECK_CLOSE(w[i], w_[i], 2e-6);
}

static void rmsprop_is_that_of_pytorch(void)
{
    float w[WEIGHTS], v[WEIGHTS] = {0}, g[WEIGHTS];
    double w_[WEIGHTS], v_[WEIGHTS] = {0};
    fill(WEIGHTS, w, 0);
    for (int i = 0; i < WEIGHTS; i++)
        w_[i] = (double)w[i];
    for (int t = 1; t <= UPDATES; t++) {
        fill(WEIGHTS, g, (uint32_t)(1000 * t));
        rmsprop(WEIGHTS, w, g, v, 0.01f);
        for (int i = 0; i < WEIGHTS; i++) {
            double d = (double)g[i];
            v_[i] = 0.99 * v_[i] + 0.01 * d * d;
            w_[i] -= 0.01 * d / (sqrt(v_[i]) + 1e-8);
        }
    }
    for (int i = 0; i < WEIGHTS; i++)
        CHECK_CLOSE(w[i], w_[i], 2e-6);
}

/* By themselves and among others the weights are the same, and what stands behind them is not touched. */
static void an_update_of_any_number_of_weights_does_each_alike(void)
{
    enum { BEHIND = 8 };
    float w[WEIGHTS + BEHIND], m[WEIGHTS + BEHIND], v[WEIGHTS + BEHIND], g[WEIGHTS], expected[3];
    for (int is_adam = 0; is_adam <= 1; is_adam++)
        for (int n = 1; n <= WEIGHTS; n++) {
            fill(WEIGHTS + BEHIND, w, 0), fill(WEIGHTS + BEHIND, m, 200), fill(WEIGHTS, g, 300);
            for (int i = 0; i < WEIGHTS + BEHIND; i++)
                v[i] = dice(2, (uint32_t)i);
            if (is_adam)
                adam((size_t)n, w, g, m, v, 0.01f, 0.5f, 0.25f);
            else
                rmsprop((size_t)n, w, g, v, 0.01f);
            for (int i = 0; i < WEIGHTS + BEHIND; i++) {
                expected[0] = random_float((uint32_t)i), expected[1] = random_float(200 + (uint32_t)i);
                expected[2] = dice(2, (uint32_t)i);
                if (i < n && is_adam)
                    adam(1, &expected[0], &g[i], &expected[1], &expected[2], 0.01f, 0.5f, 0.25f);
                else if (i < n)
                    rmsprop(1, &expected[0], &g[i], &expected[2], 0.01f);
                CHECK_EQUAL(w[i], expected[0]);
                CHECK_EQUAL(m[i], expected[1]);
                CHECK_EQUAL(v[i], expected[2]);
            }
        }
}

static void natural_log_agrees_with_the_library_to_1e_15(void)
{
    for (int exponent = -1000; exponent <= 1000; exponent += 7)
        for (int i = 0; i < 50; i++) {
            double x = ldexp(1.0 + 0.02 * i, exponent), expected = log(x);
            CHECK_CLOSE(natural_log(x), expected, 1e-15 * fmax(1.0, fabs(expected)));
        }
    CHECK_EQUAL(natural_log(1.0), 0.0);
}

static void natural_log_returns_where_there_is_no_logarithm(void)
{
    CHECK_EQUAL(natural_log((double)INFINITY), INFINITY);
    CHECK_EQUAL(natural_log(0.0), -INFINITY);
    CHECK_EQUAL(natural_log(-0.0), -INFINITY);
    CHECK(isnan(natural_log(-1.0)) && isnan(natural_log(-(double)INFINITY)) && isnan(natural_log((double)NAN)));
}

int main(int argc, char **argv)
{
    static const test tests[] = {
        TEST(a_vector_computes_what_its_floats_compute),
        TEST(loads_and_stores_of_a_part_touch_no_more_than_the_part),
        TEST(one_float_is_set_in_every_lane_with_its_sign),
        TEST(limits_hold_and_a_nan_passes_them),
        TEST(exp_has_a_relative_error_below_2e_7),
        TEST(sigmoid_has_a_relative_error_below_2e_7),
        TEST(tanh_has_an_absolute_error_below_2e_7),
        TEST(exp_sigmoid_and_tanh_are_right_at_their_ends),
        TEST(a_nan_stays_a_nan),
        TEST(the_library_says_its_version_and_for_which_instructions_it_was_made),
        TEST(lengths_and_places_are_made_up_to_whole_lines),
        TEST(packing_puts_every_element_in_its_panel_and_zeros_behind),
        TEST(transpose_swaps_rows_and_columns),
        TEST(product_has_the_bits_of_a_plain_loop_for_every_size),
        TEST(product_has_the_bits_of_a_plain_loop_across_its_blocks),
        TEST(activations_are_63rds_about_64_and_stay_within_7_bits),
        TEST(activations_of_a_nan_are_reported_wherever_it_is),
        TEST(int8_product_has_the_bits_of_a_plain_loop_for_every_size),
        TEST(int8_product_is_exact_for_the_largest_sums),
        TEST(elementwise_loops_do_each_element_and_no_more),
        TEST(sums_run_in_the_promised_order),
        TEST(exp_scaled_makes_minus_infinity_exactly_zero),
        TEST(largest_finds_the_maximum_or_a_nan_anywhere),
        TEST(all_finite_finds_a_nan_or_infinity_anywhere),
        TEST(dropout_drops_its_share_and_scales_the_rest),
        TEST(adam_is_that_of_kingma_and_ba),
        TEST(rmsprop_is_that_of_pytorch),
        TEST(an_update_of_any_number_of_weights_does_each_alike),
        TEST(natural_log_agrees_with_the_library_to_1e_15),
        TEST(natural_log_returns_where_there_is_no_logarithm)};
    return RUN(tests);
}
