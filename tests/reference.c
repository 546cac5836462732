/* SPDX-License-Identifier: MIT
 *
 * reference.c - see reference.h. Equations: the documentation of torch.nn.RNN, GRU and LSTM.
 */
#include "reference.h"

#include <math.h>
#include <stdlib.h>

static double sigmoid(double x) { return 1.0 / (1.0 + exp(-x)); }

/* weights (rows, columns) times x, plus bias; rows one after another in out. */
static void affine(int rows, int columns, const double *weights, const double *bias, const double *x, double *out)
{
    for (int r = 0; r < rows; r++) {
        out[r] = bias[r];
        for (int k = 0; k < columns; k++)
            out[r] += weights[r * columns + k] * x[k];
    }
}

/* h (H) as a matrix reads it. */
static void read_h(reference_shape s, const double *h, double *out)
{
    for (int j = 0; j < s.H; j++)
        out[j] = s.h_steps ? rint(h[j] * s.h_steps) / s.h_steps : h[j];
}

/* gx = W_ih x + b_ih and gh = W_hh h + b_hh -> h, c. */
static void cell_step(int cell, int H, const double *gx, const double *gh, double *h, double *c)
{
    for (int j = 0; j < H; j++)
        if (cell == 1)
            h[j] = tanh(gx[j] + gh[j]);
        else if (cell == 3) {
            double r = sigmoid(gx[j] + gh[j]), z = sigmoid(gx[H + j] + gh[H + j]);
            double n = tanh(gx[2 * H + j] + r * gh[2 * H + j]);
            h[j] = (1.0 - z) * n + z * h[j];
        } else {
            double i = sigmoid(gx[j] + gh[j]), f = sigmoid(gx[H + j] + gh[H + j]);
            double g = tanh(gx[2 * H + j] + gh[2 * H + j]), o = sigmoid(gx[3 * H + j] + gh[3 * H + j]);
            c[j] = f * c[j] + i * g;
            h[j] = o * tanh(c[j]);
        }
}

/* The zero state, and the outputs x of it. */
static void forget(reference_shape s, double *h, double *c, double *x)
{
    for (int j = 0; j < s.layers * s.H; j++)
        h[j] = c[j] = 0.0;
    for (int j = 0; s.layers && j < s.H; j++)
        x[j] = 0.0;
}

void reference_step(reference_shape s, const double *params, int token, double *h, double *c, double *logits)
{
    int gates = s.cell * s.H, in = s.E ? s.E : s.V_in;
    double *x = calloc((size_t)(s.V_in + s.E + s.H), sizeof *x), *before = malloc(sizeof *before * (size_t)s.H);
    double *gx = malloc(sizeof *gx * (size_t)gates), *gh = malloc(sizeof *gh * (size_t)gates);
    if (s.E) {
        for (int k = 0; k < s.E && token >= 0; k++)
            x[k] = params[token * s.E + k];
        params += s.V_in * s.E;
    } else if (token >= 0)
        x[token] = 1.0;
    for (int l = 0; l < s.layers; l++) {
        const double *weight_ih = params, *weight_hh = weight_ih + gates * in, *bias_ih = weight_hh + gates * s.H;
        const double *bias_hh = bias_ih + gates;
        affine(gates, in, weight_ih, bias_ih, x, gx);
        read_h(s, h + l * s.H, before);
        affine(gates, s.H, weight_hh, bias_hh, before, gh);
        cell_step(s.cell, s.H, gx, gh, h + l * s.H, c + l * s.H);
        read_h(s, h + l * s.H, x);
        params = bias_hh + gates;
        in = s.H;
    }
    if (token == -2)
        forget(s, h, c, x);
    affine(s.V_out, in, params, params + s.V_out * in, x, logits);
    free(x);
    free(before);
    free(gx);
    free(gh);
}

static double cross_entropy(int V, const double *logits, int target)
{
    double most = logits[0], sum = 0.0;
    for (int v = 0; v < V; v++)
        most = fmax(most, logits[v]);
    for (int v = 0; v < V; v++)
        sum += exp(logits[v] - most);
    return log(sum) + most - logits[target];
}

double reference_loss(reference_shape s, const double *params, int B, int T, const int32_t *x, const int32_t *y,
                      double *h, double *c)
{
    double *logits = malloc(sizeof *logits * (size_t)s.V_out), sum = 0.0;
    int targets = 0;
    for (int t = 0; t < T; t++)
        for (int b = 0; b < B; b++) {
            int state = b * s.layers * s.H, target = y[t * B + b];
            reference_step(s, params, x[t * B + b], h + state, c + state, logits);
            if (target >= 0) {
                sum += cross_entropy(s.V_out, logits, target);
                targets++;
            }
        }
    free(logits);
    return sum / targets;
}

/* ---- where a state begins ---- */

static int halved(int side) { return (side - 2) / 2; }

/* map (in, side, side) -> out (maps, halved, halved): torch.nn.Conv2d(in, maps, 3), ReLU, MaxPool2d(2). */
static void convolve(int side, int in, int maps, const double *weight, const double *bias, const double *map,
                     double *out)
{
    int small = halved(side);
    for (int m = 0; m < maps; m++)
        for (int y = 0; y < small; y++)
            for (int x = 0; x < small; x++) {
                double most = 0.0;
                for (int i = 0; i < 4; i++) {
                    double sum = bias[m];
                    for (int c = 0; c < in; c++)
                        for (int k = 0; k < 9; k++)
                            sum += weight[(m * in + c) * 9 + k] *
                                   map[(c * side + 2 * y + i / 2 + k / 3) * side + 2 * x + i % 2 + k % 3];
                    most = fmax(most, sum);
                }
                out[(m * small + y) * small + x] = most;
            }
}

static size_t stack_params(reference_shape s)
{
    int gates = s.cell * s.H, in = s.E ? s.E : s.V_in, n = s.E * s.V_in;
    for (int l = 0; l < s.layers; l++, in = s.H)
        n += gates * (in + s.H + 2);
    return (size_t)(n + s.V_out * (in + 1));
}

void reference_begin(reference_shape s, reference_source from, const double *params, const double *vector, double *h,
                     double *c)
{
    int small = halved(from.side), tiny = halved(small), S = s.layers * s.H * (s.cell == 4 ? 2 : 1), F = from.N;
    double *state = malloc(sizeof *state * (size_t)S), *first = NULL, *second = NULL;
    params += stack_params(s);
    if (from.maps1) {
        const double *weight2 = params + 10 * from.maps1, *bias2 = weight2 + 9 * from.maps1 * from.maps2;
        F = from.maps2 * tiny * tiny;
        first = malloc(sizeof *first * (size_t)(from.maps1 * small * small));
        second = malloc(sizeof *second * (size_t)F);
        convolve(from.side, 1, from.maps1, params, params + 9 * from.maps1, vector, first);
        convolve(small, from.maps1, from.maps2, weight2, bias2, first, second);
        params = bias2 + from.maps2;
    }
    affine(S, F, params, params + S * F, second ? second : vector, state);
    for (int l = 0, at = 0; l < s.layers; l++)
        for (int part = 0; part < (s.cell == 4 ? 2 : 1); part++)
            for (int j = 0; j < s.H; j++)
                (part ? c : h)[l * s.H + j] = tanh(state[at++]);
    free(state);
    free(first);
    free(second);
}
