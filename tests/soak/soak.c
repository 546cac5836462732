/* SPDX-License-Identifier: MIT
 *
 * soak.c - what takes too long for a test of every day, natively; run.mjs runs it.
 *     soak draws             1e8 draws against the exact distribution, by chi-square
 *     soak loads WEIGHTS N   the file is loaded, steps, and is freed N times; prints the memory on the way
 */
#include "rnn.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_TOKENS = 65536, LEAST_EXPECTED = 20 };

/* ---- draws ---- */

/* A distribution, and how often it is drawn from. */
typedef struct {
    const char *name;
    int V;
    float spread, temperature; /* logits are in -spread .. spread */
    int top_k;
    float top_p;
    uint32_t draws;
} shape;

static const shape shapes[] = {
    {"one token", 1, 1.0f, 1.0f, 0, 1.0f, 1000000},
    {"two tokens", 2, 1.0f, 1.0f, 0, 1.0f, 14000000},
    {"flat", 96, 0.0f, 1.0f, 0, 1.0f, 14000000},
    {"uneven", 96, 4.0f, 1.0f, 0, 1.0f, 14000000},
    {"peaked: T = 0.5", 96, 6.0f, 0.5f, 0, 1.0f, 14000000},
    {"top-k 10", 96, 3.0f, 1.0f, 10, 1.0f, 14000000},
    {"top-p 0.9", 96, 3.0f, 1.0f, 0, 0.9f, 14000000},
    {"top-k 40, then top-p 0.8, T = 1.3", 96, 3.0f, 1.3f, 40, 0.8f, 14000000},
    {"65,536 tokens, flat", MOST_TOKENS, 0.0f, 1.0f, 0, 1.0f, 500000},
    {"65,536 tokens, uneven", MOST_TOKENS, 4.0f, 1.0f, 0, 1.0f, 500000},
};

static const double *weights_to_sort;

static int by_weight(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    double p = weights_to_sort[x], q = weights_to_sort[y];
    return p != q ? (p < q ? 1 : -1) : x - y;
}

static void normalize(double *p, int n)
{
    double sum = 0.0;
    for (int i = 0; i < n; i++)
        sum += p[i];
    for (int i = 0; i < n; i++)
        p[i] /= sum;
}

/* What rnn_probs promises, in double precision and by sorting: softmax, the top_k, then the fewest that reach top_p. */
static void exact(const shape *s, const float *logits, double *p)
{
    static int order[MOST_TOKENS];
    for (int i = 0; i < s->V; i++) {
        p[i] = exp((double)logits[i] / (double)s->temperature);
        order[i] = i;
    }
    normalize(p, s->V);
    weights_to_sort = p;
    qsort(order, (size_t)s->V, sizeof *order, by_weight);
    for (int i = s->top_k ? s->top_k : s->V; i < s->V; i++)
        p[order[i]] = 0.0;
    normalize(p, s->V);
    double reached = 0.0;
    for (int i = 0; i < s->V; i++) {
        if (reached >= (double)s->top_p)
            p[order[i]] = 0.0;
        reached += p[order[i]];
    }
    normalize(p, s->V);
}

/* How probable a chi-square as large as this one is with so many degrees of freedom (Wilson and Hilferty 1931). */
static double chance(double square, int degrees)
{
    double k = 2.0 / (9.0 * degrees);
    return degrees ? 0.5 * erfc((cbrt(square / degrees) - (1.0 - k)) / sqrt(2.0 * k)) : 1.0;
}

/* Neighbours are put together until a draw is expected to fall there often enough. Returns 0 if all is well. */
static int compare(const shape *s, const double *p, const uint32_t *drawn)
{
    double square = 0.0, expected = 0.0, seen = 0.0, impossible = 0.0;
    int bins = 0;
    for (int i = 0; i < s->V; i++) {
        expected += p[i] * s->draws;
        seen += drawn[i];
        impossible += p[i] > 0.0 ? 0 : drawn[i];
        if (expected >= LEAST_EXPECTED) {
            square += (seen - expected) * (seen - expected) / expected;
            bins++;
            expected = seen = 0.0;
        }
    }
    double likely = chance(square, bins - 1);
    int is_good = likely > 1e-6 && impossible == 0.0;
    printf("| %s | %u | %d | %.1f | %.3f | %s |\n", s->name, (unsigned)s->draws, bins - 1, square, likely,
           is_good ? "holds" : "FAILS");
    fflush(stdout);
    return !is_good;
}

static int draw_all(void)
{
    static float logits[MOST_TOKENS], probs[MOST_TOKENS];
    static double p[MOST_TOKENS];
    static uint32_t drawn[MOST_TOKENS];
    int failed = 0;
    for (uint32_t n = 0; n < sizeof shapes / sizeof *shapes; n++) {
        const shape *s = &shapes[n];
        for (uint32_t i = 0; i < (uint32_t)s->V; i++)
            logits[i] = s->spread * (2.0f * rnn_dice(1000 + n, i) - 1.0f);
        memset(drawn, 0, sizeof drawn);
        exact(s, logits, p);
        if (rnn_probs(logits, s->V, s->temperature, s->top_k, s->top_p, probs))
            return 1;
        for (uint32_t i = 0; i < s->draws; i++)
            drawn[rnn_pick(probs, s->V, rnn_dice(n, i))]++;
        failed |= compare(s, p, drawn);
    }
    return failed;
}

/* ---- loads ---- */

/* MiB that this process has in memory. */
static double resident(void)
{
    FILE *f = fopen("/proc/self/status", "r");
    char line[200];
    double kib = 0.0;
    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, "VmRSS:", 6) == 0)
            kib = atof(line + 6);
    if (f)
        fclose(f);
    return kib / 1024.0;
}

static unsigned char *read_file(const char *path, size_t *bytes)
{
    FILE *f = fopen(path, "rb");
    unsigned char *file = malloc(1 << 24);
    *bytes = f && file ? fread(file, 1, 1 << 24, f) : 0;
    if (f)
        fclose(f);
    return file;
}

static int load_often(const char *path, int times)
{
    size_t bytes;
    unsigned char *file = read_file(path, &bytes);
    for (int i = 0; i < times; i++) {
        rnn_model *m = rnn_model_load(file, bytes, NULL);
        rnn_vocab *v = rnn_vocab_load(file, bytes);
        rnn_state *s = m ? rnn_state_new(m, 1) : NULL;
        int32_t token = 1;
        int error = !v || !s || rnn_step(m, s, &token);
        rnn_state_free(s);
        rnn_vocab_free(v);
        rnn_model_free(m);
        if (error) {
            printf("%s\n", rnn_error());
            return 1;
        }
        if ((i + 1) % (times / 10) == 0)
            printf("%.3f\n", resident());
    }
    free(file);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "draws") == 0)
        return draw_all();
    if (argc == 4 && strcmp(argv[1], "loads") == 0 && atoi(argv[3]) >= 10)
        return load_often(argv[2], atoi(argv[3]));
    return 2;
}
