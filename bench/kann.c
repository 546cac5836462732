/* SPDX-License-Identifier: MIT
 *
 * kann.c - KANN (github.com/attractivechaos/kann), plain C; KANN_DIR names the folder of its source. It says ready. To
 * a line such as "write 64 0.25" (work, H, seconds) it answers characters a second, or null. Its input is one-hot, its
 * optimizer RMSprop.
 */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */

#include <kann.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { V = 96, PIECE = 50, SIZES = 16 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static kann_t *network(int H, float temperature)
{
    kad_node_t *t = kann_layer_input(V), *truth;
    t->ext_label = 100;
    t = kann_layer_dense(kann_layer_lstm(t, H, 0), V);
    t = kad_softmax(kad_mul(t, kann_new_scalar(KAD_CONST, 1.0f / temperature)));
    t->ext_flag |= KANN_F_OUT;
    truth = kad_feed(2, 1, V);
    truth->ext_flag |= KANN_F_TRUTH;
    t = kad_ce_multi(t, truth);
    t->ext_flag |= KANN_F_COST;
    return kann_new(t, 0);
}

static double write_speed(int H, double seconds)
{
    static kann_t *made[SIZES];
    kann_t **net = &made[H / 64 % SIZES];
    int token = 0, done = 0;
    if (!*net) {
        *net = network(H, 0.8f);
        kann_rnn_start(*net);
    }
    double start = now();
    do
        for (int n = 0; n < PIECE; n++, done++) {
            float x[V] = {0}, u = (float)kann_drand(), sum = 0.0f;
            x[token] = 1.0f;
            const float *p = kann_apply1(*net, x);
            for (token = 0; token < V - 1 && (sum += p[token]) <= u; token++)
                ;
        }
    while (now() - start < seconds);
    return done / (now() - start);
}

typedef struct {
    kann_t *net;
    float **x, **y, *moments, first; /* the first window's loss */
    int variables;
} trainer;

static trainer new_trainer(int H, int B, int T)
{
    trainer t = {.net = kann_unroll(network(H, 1.0f), T),
                 .x = calloc((size_t)T, sizeof(float *)),
                 .y = calloc((size_t)T, sizeof(float *))};
    kann_set_batch_size(t.net, B);
    kann_switch(t.net, 1);
    for (int s = 0; s < T; s++) {
        t.x[s] = calloc((size_t)(B * V), sizeof(float));
        t.y[s] = calloc((size_t)(B * V), sizeof(float));
    }
    for (int b = 0; b < B; b++)
        for (int s = 0, id = b * 5 % V; s < T; s++) {
            t.x[s][b * V + id] = 1.0f;
            id = (7 * id + 3) % V;
            t.y[s][b * V + id] = 1.0f;
        }
    kann_feed_bind(t.net, KANN_F_IN, 100, t.x);
    kann_feed_bind(t.net, KANN_F_TRUTH, 0, t.y);
    t.variables = kann_size_var(t.net);
    t.moments = calloc((size_t)t.variables, sizeof(float));
    return t;
}

static double train_speed(int H, int B, int T, double seconds)
{
    static trainer made[2][SIZES];
    trainer *t = &made[B > 1][H / 64 % SIZES];
    int done = 0;
    if (!t->net)
        *t = new_trainer(H, B, T);
    double start = now();
    do {
        float loss = kann_cost(t->net, 0, 1);
        if (t->first == 0.0f)
            t->first = loss;
        if (!(loss <= t->first + 0.01f)) {
            fprintf(stderr, "kann: the loss rises from %f to %f\n", (double)t->first, (double)loss);
            exit(1);
        }
        kann_RMSprop(t->variables, 0.001f, 0, 0.9f, t->net->g, t->net->x, t->moments);
        done += B * T;
    } while (now() - start < seconds);
    return done / (now() - start);
}

int main(void)
{
    char work[16];
    int H;
    double seconds;
    puts("ready");
    fflush(stdout);
    while (scanf("%15s %d %lf", work, &H, &seconds) == 3) {
        if (strcmp(work, "write") == 0)
            printf("%f\n", write_speed(H, seconds));
        else if (strcmp(work, "train") == 0)
            printf("%f\n", train_speed(H, 32, 64, seconds));
        else if (strcmp(work, "lesson") == 0)
            printf("%f\n", train_speed(H, 1, 100, seconds));
        else
            puts("null");
        fflush(stdout);
    }
    return 0;
}
