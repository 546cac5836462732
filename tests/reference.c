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
    affine(s.V_out, s.H, params, params + s.V_out * s.H, x, logits);
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
