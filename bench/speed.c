/* SPDX-License-Identifier: MIT
 *
 * speed.c - characters per second, written and trained, of the build it is linked with. One program for
 * native and WebAssembly (under Node: node tests/wasi.mjs), so that the same work is timed.
 *
 *     speed [write|train] [H ...]
 *
 * Writing: one stream, V = 96, one-hot, softmax and draw included. Training: 32 streams x 64, V = 96,
 * embedding 64, Adam. Each figure is the median of RUNS.
 */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */

#include "rnn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { V = 96, B = 32, T = 64, E = 64, RUNS = 7 };

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

/* About a tenth of a second of work at 2 GFLOP/s; at least 20 steps. */
static int steps_for(int H)
{
    int steps = (int)(2e8 / (8.0 * (double)H * (double)H));
    return steps < 20 ? 20 : steps;
}

static double write_speed(int H)
{
    rnn_model *m = rnn_model_new(RNN_CELL_LSTM, 1, V, 0, H, V, 1);
    rnn_state *s = rnn_state_new(m, 1);
    float probs[V];
    double rates[RUNS];
    uint32_t place = 0;
    for (int run = 0; run < RUNS; run++) {
        double start = now();
        for (int i = 0; i < steps_for(H); i++) {
            rnn_probs(rnn_logits(s), V, 0.8f, 0, 1.0f, probs);
            int32_t id = rnn_pick(probs, V, rnn_dice(1, place++));
            rnn_step(m, s, &id);
        }
        rates[run] = steps_for(H) / (now() - start);
    }
    rnn_state_free(s);
    rnn_model_free(m);
    return median(rates);
}

static double train_speed(int H)
{
    static int32_t x[B * T], y[B * T];
    rnn_model *m = rnn_model_new(RNN_CELL_LSTM, 1, V, E, H, V, 1);
    rnn_trainer *t = rnn_trainer_new(m, B, T, 0.0f, 1);
    double rates[RUNS];
    for (uint32_t i = 0; i < B * T; i++) {
        x[i] = (int32_t)(rnn_dice(1, i) * (float)V);
        y[i] = (int32_t)(rnn_dice(2, i) * (float)V);
    }
    for (int run = -1; run < RUNS; run++) { /* the first touches the memory and is not counted */
        double start = now();
        rnn_trainer_window(t, x, y);
        rnn_trainer_update(t, RNN_ADAM, 0.001f, 1.0f);
        if (run >= 0)
            rates[run] = B * T / (now() - start);
    }
    rnn_trainer_free(t);
    rnn_model_free(m);
    return median(rates);
}

int main(int argc, char **argv)
{
    static const int usual[] = {64, 128, 256, 512};
    const char *what = argc > 1 ? argv[1] : "";
    int given = argc > 2 ? argc - 2 : 0, count = given ? given : 4;
    for (int i = 0; i < count; i++) {
        int H = given ? atoi(argv[i + 2]) : usual[i];
        if (strcmp(what, "train") != 0)
            printf("%s write H=%d: %.0f characters/s\n", rnn_isa(), H, write_speed(H));
        if (strcmp(what, "write") != 0)
            printf("%s train H=%d: %.0f characters/s\n", rnn_isa(), H, train_speed(H));
    }
    return 0;
}
