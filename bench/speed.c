/* SPDX-License-Identifier: MIT
 *
 * speed.c - characters per second, written and trained, of the build it is linked with. One program for
 * native and WebAssembly (under Node: node tests/wasi.mjs), so that the same work is timed.
 *
 *     speed write float32|int8 STREAMS H      one-hot, V = 96: a step, softmax and draw
 *     speed step float32|int8 STREAMS H       the step alone
 *     speed train STREAMS STEPS H             V = 96, embedding 64, Adam
 *
 * Prints a line of JSON; its rate counts the characters of all streams and is the median of RUNS.
 */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */

#include "rnn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The first WARM runs are not counted: a WebAssembly engine compiles beside them, on a single core at their cost. */
enum { V = 96, E = 64, WARM = 10, RUNS = 7, MAX_STREAMS = 64, MAX_ROWS = 1 << 14 };

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

/* About a twentieth of a second of work at 2 GFLOP/s; at least 20 steps. */
static int steps_for(int H, int streams)
{
    int steps = (int)(1e8 / (8.0 * (double)H * (double)H * (double)streams));
    return steps < 20 ? 20 : steps;
}

static void one_step(const rnn_model *m, rnn_state *s, int streams, int drawn, uint32_t place)
{
    int32_t ids[MAX_STREAMS];
    float probs[V];
    for (int b = 0; b < streams; b++) {
        ids[b] = (int32_t)(place % V);
        if (!drawn)
            continue;
        rnn_probs(rnn_logits(s) + b * V, V, 0.8f, 0, 1.0f, probs);
        ids[b] = rnn_pick(probs, V, rnn_dice((uint32_t)b, place));
    }
    rnn_step(m, s, ids);
}

static double step_speed(int int8, int streams, int H, int drawn)
{
    rnn_model *exact = rnn_model_new(RNN_CELL_LSTM, 1, V, 0, H, V, 1), *m = int8 ? rnn_model_quantize(exact) : exact;
    rnn_state *s = rnn_state_new(m, streams);
    double rates[RUNS];
    uint32_t place = 0;
    for (int run = -WARM; run < RUNS; run++) {
        double start = now();
        for (int i = 0; i < steps_for(H, streams); i++)
            one_step(m, s, streams, drawn, place++);
        if (run >= 0)
            rates[run] = streams * steps_for(H, streams) / (now() - start);
    }
    rnn_state_free(s);
    if (int8)
        rnn_model_free(m);
    rnn_model_free(exact);
    return median(rates);
}

static double train_speed(int B, int T, int H)
{
    static int32_t x[MAX_ROWS], y[MAX_ROWS];
    rnn_model *m = rnn_model_new(RNN_CELL_LSTM, 1, V, E, H, V, 1);
    rnn_trainer *t = rnn_trainer_new(m, B, T, 0.0f, 1);
    int windows = 1 + (int)(4e8 / (24.0 * (double)H * (double)H * (double)(B * T)));
    double rates[RUNS];
    for (uint32_t i = 0; i < (uint32_t)(B * T); i++) {
        x[i] = (int32_t)(rnn_dice(1, i) * (float)V);
        y[i] = (int32_t)(rnn_dice(2, i) * (float)V);
    }
    for (int run = -1; run < RUNS; run++) {
        double start = now();
        for (int i = 0; i < windows; i++) {
            rnn_trainer_window(t, x, y);
            rnn_trainer_update(t, RNN_ADAM, 0.001f, 1.0f);
        }
        if (run >= 0)
            rates[run] = windows * B * T / (now() - start);
    }
    rnn_trainer_free(t);
    rnn_model_free(m);
    return median(rates);
}

int main(int argc, char **argv)
{
    int drawn = argc == 5 && strcmp(argv[1], "write") == 0, is_step = drawn || (argc == 5 && strcmp(argv[1], "step") == 0);
    int is_train = argc == 5 && strcmp(argv[1], "train") == 0;
    int a = is_step || is_train ? atoi(argv[3]) : 0, H = is_step || is_train ? atoi(argv[4]) : 0;
    if (is_step && a >= 1 && a <= MAX_STREAMS && H >= 1)
        printf("{\"isa\":\"%s\",\"work\":\"%s\",\"weights\":\"%s\",\"streams\":%d,\"H\":%d,\"rate\":%.0f}\n", rnn_isa(), argv[1], argv[2], a, H,
               step_speed(strcmp(argv[2], "int8") == 0, a, H, drawn));
    else if (is_train && atoi(argv[2]) >= 1 && a >= 1 && atoi(argv[2]) * a <= MAX_ROWS && H >= 1)
        printf("{\"isa\":\"%s\",\"work\":\"train\",\"streams\":%d,\"steps\":%d,\"H\":%d,\"rate\":%.0f}\n", rnn_isa(), atoi(argv[2]), a, H,
               train_speed(atoi(argv[2]), a, H));
    else {
        fprintf(stderr, "usage: speed write|step float32|int8 STREAMS H | speed train STREAMS STEPS H\n");
        return 2;
    }
    return 0;
}
