/* SPDX-License-Identifier: MIT
 *
 * speed.c - nextchar natively, as bench/contestants/nextchar.mjs in WebAssembly. It says ready. To a line such as
 * "write 64 0.25" (work, H, seconds) on its standard input it answers characters a second, or null where there is no
 * such work.
 *
 *     speed float32|int8
 */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */

#include "rnn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { V = 96, E = 64, PIECE = 200, NETWORKS = 32 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void die(const char *why)
{
    fprintf(stderr, "speed: %s\n", why);
    exit(1);
}

static void *known(void *made)
{
    if (!made)
        die(rnn_error());
    return made;
}

/* What a question is about; kept, so that it is warm from the second time on. */
typedef struct {
    int H, B, T; /* B = 0: it writes */
    rnn_model *model;
    rnn_state *state;
    rnn_trainer *trainer;
    int32_t *x, *y; /* (T, B) */
    uint32_t place;
    float first; /* the first window's loss */
} network;

static void make_writer(network *n, int int8)
{
    n->model = known(rnn_model_new(RNN_CELL_LSTM, 1, V, 0, n->H, V, 1));
    if (int8) {
        rnn_model *exact = n->model;
        n->model = known(rnn_model_quantize(exact));
        rnn_model_free(exact);
    }
    n->state = known(rnn_state_new(n->model, 1));
}

/* The text of windowOf() in work.mjs. */
static void make_trainer(network *n)
{
    n->model = known(rnn_model_new(RNN_CELL_LSTM, 1, V, E, n->H, V, 1));
    n->trainer = known(rnn_trainer_new(n->model, n->B, n->T, 1, 0.0f, 0.0f, 1));
    n->x = known(rnn_alloc(sizeof *n->x * (size_t)(n->B * n->T)));
    n->y = known(rnn_alloc(sizeof *n->y * (size_t)(n->B * n->T)));
    for (int b = 0; b < n->B; b++)
        for (int t = 0, id = b * 5 % V; t < n->T; t++) {
            n->x[t * n->B + b] = id;
            n->y[t * n->B + b] = id = (7 * id + 3) % V;
        }
}

static network *network_of(int H, int B, int T, int int8)
{
    static network networks[NETWORKS];
    static int made;
    for (int i = 0; i < made; i++)
        if (networks[i].H == H && networks[i].B == B)
            return &networks[i];
    if (made == NETWORKS)
        die("too many different questions");
    network *n = &networks[made++];
    *n = (network){.H = H, .B = B, .T = T};
    if (B)
        make_trainer(n);
    else
        make_writer(n, int8);
    return n;
}

/* Both return the characters done. */
static int write_piece(network *n)
{
    float probs[V];
    for (int i = 0; i < PIECE; i++) {
        if (rnn_probs(rnn_logits(n->state), V, 0.8f, 0, 1.0f, probs) < 0)
            die(rnn_error());
        int32_t token = rnn_pick(probs, V, rnn_dice(1, n->place++));
        if (token < 0 || rnn_step(n->model, n->state, &token) < 0)
            die(rnn_error());
    }
    return PIECE;
}

static int train_window(network *n)
{
    float loss = rnn_trainer_window(n->trainer, n->x, n->y);
    if (n->first == 0.0f)
        n->first = loss;
    if (!(loss <= n->first + 0.01f))
        die("the loss rises above the first, or is not a number");
    if (rnn_trainer_update(n->trainer, RNN_ADAM, 0.001f, 1.0f) < 0)
        die(rnn_error());
    return n->B * n->T;
}

static double speed(network *n, double seconds)
{
    double start = now(), done = 0.0;
    do
        done += n->B ? train_window(n) : write_piece(n);
    while (now() - start < seconds);
    return done / (now() - start);
}

int main(int argc, char **argv)
{
    char work[16];
    int H, int8 = argc == 2 && strcmp(argv[1], "int8") == 0;
    double seconds;
    if (!int8 && !(argc == 2 && strcmp(argv[1], "float32") == 0)) {
        fprintf(stderr, "usage: speed float32|int8\n");
        return 2;
    }
    puts("ready");
    fflush(stdout);
    while (scanf("%15s %d %lf", work, &H, &seconds) == 3) {
        if (strcmp(work, "write") == 0)
            printf("%f\n", speed(network_of(H, 0, 0, int8), seconds));
        else if (strcmp(work, "train") == 0 && !int8)
            printf("%f\n", speed(network_of(H, 32, 64, 0), seconds));
        else if (strcmp(work, "lesson") == 0 && !int8)
            printf("%f\n", speed(network_of(H, 1, 100, 0), seconds));
        else
            puts("null");
        fflush(stdout);
    }
    return 0;
}
