/* SPDX-License-Identifier: MIT
 *
 * cells.c - each cell's step forward and step back, side by side under its equations.
 * s is the sigmoid. * between vectors multiplies element by element. d and a name is the gradient of the loss by it.
 */
#include "cells.h"

#include "kernels.h"
#include "rnn.h"
#include "vec.h"

#include <string.h>

#define ONE vec_constant(&vec_one)
#define ZERO vec_set(0.0f)

int cell_summed(int cell) { return cell == RNN_CELL_GRU ? 2 : cell; }

/* ---- tanh RNN (Elman 1990) ----
 *     h = tanh(gx + gh)
 *     dgx = dgh = dh * (1 - h^2)
 */
static void tanh_forward(int H, float *gates, float *h)
{
    hyperbolic_tangent((size_t)H, gates, gates);
    memcpy(h, gates, sizeof(float) * (size_t)H);
}

static void tanh_backward(int H, float *gates, float *dh)
{
    EACH_VEC(H,
        vec y = vec_load_n(gates + at, lanes);
        vec_store_n(gates + at, vec_load_n(dh + at, lanes) * (ONE - y * y), lanes);
        vec_store_n(dh + at, ZERO, lanes);
    )
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
static void gru_forward(int H, float *gates, const float *gh_n, const float *h_before, float *h)
{
    float *r = gates, *z = gates + H, *new = gates + 2 * H;
    sigmoid((size_t)(2 * H), gates);
    EACH_VEC(H,
        vec recurrent = vec_load_n(r + at, lanes) * vec_load_n(gh_n + at, lanes);
        vec_store_n(new + at, vec_load_n(new + at, lanes) + recurrent, lanes);
    )
    hyperbolic_tangent((size_t)H, new, new);
    EACH_VEC(H,
        vec keep = vec_load_n(z + at, lanes);
        vec kept = keep * vec_load_n(h_before + at, lanes);
        vec_store_n(h + at, (ONE - keep) * vec_load_n(new + at, lanes) + kept, lanes);
    )
}

static void gru_backward(int H, float *gates, const float *gh_n, const float *h_before, float *dh, float *dgh)
{
    EACH_VEC(H,
        vec r = vec_load_n(gates + at, lanes), z = vec_load_n(gates + H + at, lanes);
        vec new = vec_load_n(gates + 2 * H + at, lanes);
        vec d = vec_load_n(dh + at, lanes);
        vec dn = d * (ONE - z) * (ONE - new * new);
        vec dz = d * (vec_load_n(h_before + at, lanes) - new) * z * (ONE - z);
        vec dr = dn * vec_load_n(gh_n + at, lanes) * r * (ONE - r);
        vec_store_n(gates + at, dr, lanes);
        vec_store_n(gates + H + at, dz, lanes);
        vec_store_n(gates + 2 * H + at, dn, lanes);
        vec_store_n(dgh + at, dr, lanes);
        vec_store_n(dgh + H + at, dz, lanes);
        vec_store_n(dgh + 2 * H + at, dn * r, lanes);
        vec_store_n(dh + at, d * z, lanes);
    )
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
static void lstm_forward(int H, float *gates, const float *c_before, float *h, float *c, float *tanh_c)
{
    const float *i = gates, *f = gates + H, *g = gates + 2 * H, *o = gates + 3 * H;
    sigmoid((size_t)(2 * H), gates);
    hyperbolic_tangent((size_t)H, g, gates + 2 * H);
    sigmoid((size_t)H, gates + 3 * H);
    EACH_VEC(H,
        vec kept = vec_load_n(f + at, lanes) * vec_load_n(c_before + at, lanes);
        vec_store_n(c + at, kept + vec_load_n(i + at, lanes) * vec_load_n(g + at, lanes), lanes);
    )
    hyperbolic_tangent((size_t)H, c, tanh_c);
    EACH_VEC(H, vec_store_n(h + at, vec_load_n(o + at, lanes) * vec_load_n(tanh_c + at, lanes), lanes);)
}

static void lstm_backward(int H, float *gates, const float *tanh_c, const float *c_before, float *dh, float *dc)
{
    EACH_VEC(H,
        vec i = vec_load_n(gates + at, lanes), f = vec_load_n(gates + H + at, lanes);
        vec g = vec_load_n(gates + 2 * H + at, lanes), o = vec_load_n(gates + 3 * H + at, lanes);
        vec t = vec_load_n(tanh_c + at, lanes), d = vec_load_n(dh + at, lanes);
        vec d_cell = vec_load_n(dc + at, lanes) + d * o * (ONE - t * t);
        vec_store_n(gates + at, d_cell * g * i * (ONE - i), lanes);
        vec_store_n(gates + H + at, d_cell * vec_load_n(c_before + at, lanes) * f * (ONE - f), lanes);
        vec_store_n(gates + 2 * H + at, d_cell * i * (ONE - g * g), lanes);
        vec_store_n(gates + 3 * H + at, d * t * o * (ONE - o), lanes);
        vec_store_n(dc + at, d_cell * f, lanes);
        vec_store_n(dh + at, ZERO, lanes);
    )
}

/* ---- B streams ---- */

void cell_forward(int cell, int B, int H, float *gates, const float *h_before, const float *c_before, float *h,
                  float *c, float *extra)
{
    size_t units = (size_t)H, blocks = (size_t)cell * units;
    for (size_t b = 0; b < (size_t)B; b++) {
        float *own = gates + b * blocks;
        if (cell == RNN_CELL_TANH)
            tanh_forward(H, own, h + b * units);
        else if (cell == RNN_CELL_GRU)
            gru_forward(H, own, extra + b * units, h_before + b * units, h + b * units);
        else
            lstm_forward(H, own, c_before + b * units, h + b * units, c + b * units, extra + b * units);
    }
}

void cell_backward(int cell, int B, int H, float *gates, const float *extra, const float *h_before,
                   const float *c_before, float *dh, float *dc, float *dgh)
{
    size_t units = (size_t)H, blocks = (size_t)cell * units;
    for (size_t b = 0; b < (size_t)B; b++) {
        float *own = gates + b * blocks;
        if (cell == RNN_CELL_TANH)
            tanh_backward(H, own, dh + b * units);
        else if (cell == RNN_CELL_GRU)
            gru_backward(H, own, extra + b * units, h_before + b * units, dh + b * units, dgh + b * blocks);
        else
            lstm_backward(H, own, extra + b * units, c_before + b * units, dh + b * units, dc + b * units);
    }
}
