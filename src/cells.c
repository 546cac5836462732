/* SPDX-License-Identifier: MIT
 *
 * cells.c - each cell's step forward and step back, side by side under its equations.
 * s is the sigmoid; * between vectors is elementwise; d is the gradient of the loss by what follows it.
 */
#include "cells.h"

#include "rnn.h"
#include "vec.h"

#define ONE vec_set(1.0f)
#define ZERO vec_set(0.0f)

/* The units of one stream, LANES at a time; n of them are real in the last round. */
#define EACH_UNIT(H) for (int j = 0, n; n = (H) - j < LANES ? (H) - j : LANES, j < (H); j += LANES)

/* ---- tanh RNN (Elman 1990) ----
 *     h = tanh(gx + gh)
 *     dgx = dgh = dh * (1 - h^2)
 */
static void tanh_forward(int H, float *gates, const float *gh, float *h)
{
    EACH_UNIT(H)
    {
        vec y = vec_tanh(vec_load_n(gates + j, n) + vec_load_n(gh + j, n));
        vec_store_n(gates + j, y, n);
        vec_store_n(h + j, y, n);
    }
}

static void tanh_backward(int H, float *gates, float *dh)
{
    EACH_UNIT(H)
    {
        vec y = vec_load_n(gates + j, n);
        vec_store_n(gates + j, vec_load_n(dh + j, n) * (ONE - y * y), n);
        vec_store_n(dh + j, ZERO, n);
    }
}

/* ---- GRU (Cho et al. 2014, reset after the product as in PyTorch) ----
 *     r = s(gx_r + gh_r)            z = s(gx_z + gh_z)
 *     n = tanh(gx_n + r * gh_n)     h = (1 - z) * n + z * h'
 *
 *     dgx_n = dh * (1 - z) * (1 - n^2)      dgh_n = dgx_n * r
 *     dgx_z = dgh_z = dh * (h' - n) * z * (1 - z)
 *     dgx_r = dgh_r = dgx_n * gh_n * r * (1 - r)
 *     dh'   = dh * z  (and through the product)
 */
static void gru_forward(int H, float *gates, const float *gh, const float *h_before, float *h, float *gh_n)
{
    EACH_UNIT(H)
    {
        vec r = vec_sigmoid(vec_load_n(gates + j, n) + vec_load_n(gh + j, n));
        vec z = vec_sigmoid(vec_load_n(gates + H + j, n) + vec_load_n(gh + H + j, n));
        vec from_h = vec_load_n(gh + 2 * H + j, n);
        vec new = vec_tanh(vec_load_n(gates + 2 * H + j, n) + r * from_h);
        vec_store_n(gates + j, r, n);
        vec_store_n(gates + H + j, z, n);
        vec_store_n(gates + 2 * H + j, new, n);
        vec_store_n(gh_n + j, from_h, n);
        vec_store_n(h + j, (ONE - z) * new + z * vec_load_n(h_before + j, n), n);
    }
}

static void gru_backward(int H, float *gates, const float *gh_n, const float *h_before, float *dh, float *dgh)
{
    EACH_UNIT(H)
    {
        vec r = vec_load_n(gates + j, n), z = vec_load_n(gates + H + j, n), new = vec_load_n(gates + 2 * H + j, n);
        vec d = vec_load_n(dh + j, n);
        vec dn = d * (ONE - z) * (ONE - new * new);
        vec dz = d * (vec_load_n(h_before + j, n) - new) * z * (ONE - z);
        vec dr = dn * vec_load_n(gh_n + j, n) * r * (ONE - r);
        vec_store_n(gates + j, dr, n);
        vec_store_n(gates + H + j, dz, n);
        vec_store_n(gates + 2 * H + j, dn, n);
        vec_store_n(dgh + j, dr, n);
        vec_store_n(dgh + H + j, dz, n);
        vec_store_n(dgh + 2 * H + j, dn * r, n);
        vec_store_n(dh + j, d * z, n);
    }
}

/* ---- LSTM (Hochreiter and Schmidhuber 1997, with forget gate) ----
 *     i, f, o = s(gx + gh)     g = tanh(gx_g + gh_g)
 *     c = f * c' + i * g       h = o * tanh(c)
 *
 *     dc += dh * o * (1 - tanh(c)^2)
 *     dgx_i = dc * g * i * (1 - i)       dgx_f = dc * c' * f * (1 - f)
 *     dgx_g = dc * i * (1 - g^2)         dgx_o = dh * tanh(c) * o * (1 - o)
 *     dc'   = dc * f
 */
static void lstm_forward(int H, float *gates, const float *gh, const float *c_before, float *h, float *c, float *tanh_c)
{
    EACH_UNIT(H)
    {
        vec i = vec_sigmoid(vec_load_n(gates + j, n) + vec_load_n(gh + j, n));
        vec f = vec_sigmoid(vec_load_n(gates + H + j, n) + vec_load_n(gh + H + j, n));
        vec g = vec_tanh(vec_load_n(gates + 2 * H + j, n) + vec_load_n(gh + 2 * H + j, n));
        vec o = vec_sigmoid(vec_load_n(gates + 3 * H + j, n) + vec_load_n(gh + 3 * H + j, n));
        vec c_new = f * vec_load_n(c_before + j, n) + i * g;
        vec squashed = vec_tanh(c_new);
        vec_store_n(gates + j, i, n);
        vec_store_n(gates + H + j, f, n);
        vec_store_n(gates + 2 * H + j, g, n);
        vec_store_n(gates + 3 * H + j, o, n);
        vec_store_n(c + j, c_new, n);
        vec_store_n(tanh_c + j, squashed, n);
        vec_store_n(h + j, o * squashed, n);
    }
}

static void lstm_backward(int H, float *gates, const float *tanh_c, const float *c_before, float *dh, float *dc)
{
    EACH_UNIT(H)
    {
        vec i = vec_load_n(gates + j, n), f = vec_load_n(gates + H + j, n);
        vec g = vec_load_n(gates + 2 * H + j, n), o = vec_load_n(gates + 3 * H + j, n);
        vec t = vec_load_n(tanh_c + j, n), d = vec_load_n(dh + j, n);
        vec d_cell = vec_load_n(dc + j, n) + d * o * (ONE - t * t);
        vec_store_n(gates + j, d_cell * g * i * (ONE - i), n);
        vec_store_n(gates + H + j, d_cell * vec_load_n(c_before + j, n) * f * (ONE - f), n);
        vec_store_n(gates + 2 * H + j, d_cell * i * (ONE - g * g), n);
        vec_store_n(gates + 3 * H + j, d * t * o * (ONE - o), n);
        vec_store_n(dc + j, d_cell * f, n);
        vec_store_n(dh + j, ZERO, n);
    }
}

/* ---- B streams ---- */

void cell_forward(int cell, int B, int H, float *gates, const float *gh, const float *h_before, const float *c_before,
                  float *h, float *c, float *extra)
{
    size_t units = (size_t)H, blocks = (size_t)cell * units;
    for (size_t b = 0; b < (size_t)B; b++) {
        float *at = gates + b * blocks;
        const float *from_h = gh + b * blocks;
        if (cell == RNN_CELL_TANH)
            tanh_forward(H, at, from_h, h + b * units);
        else if (cell == RNN_CELL_GRU)
            gru_forward(H, at, from_h, h_before + b * units, h + b * units, extra + b * units);
        else
            lstm_forward(H, at, from_h, c_before + b * units, h + b * units, c + b * units, extra + b * units);
    }
}

void cell_backward(int cell, int B, int H, float *gates, const float *extra, const float *h_before,
                   const float *c_before, float *dh, float *dc, float *dgh)
{
    size_t units = (size_t)H, blocks = (size_t)cell * units;
    for (size_t b = 0; b < (size_t)B; b++) {
        float *at = gates + b * blocks;
        if (cell == RNN_CELL_TANH)
            tanh_backward(H, at, dh + b * units);
        else if (cell == RNN_CELL_GRU)
            gru_backward(H, at, extra + b * units, h_before + b * units, dh + b * units, dgh + b * blocks);
        else
            lstm_backward(H, at, extra + b * units, c_before + b * units, dh + b * units, dc + b * units);
    }
}
