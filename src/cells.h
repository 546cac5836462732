/* SPDX-License-Identifier: MIT
 *
 * cells.h - tanh RNN, GRU and LSTM: one step forward and one step back, for B streams.
 *
 * The matrix products are the caller's: a cell sees gx = W_ih x + b_ih and gh = W_hh h' + b_hh, where
 * h' is the h of the step before. Gate blocks are in PyTorch's order: h | r z n | i f g o.
 */
#ifndef CELLS_H
#define CELLS_H

/* The first so many gate blocks need gx and gh only as their sum: all, but GRU's n, where r comes between. */
int cell_summed(int cell);

/* Forward. gates (B, cell*H): gx + gh on entry (GRU's n block: gx), on return the gates after their
 * sigmoid or tanh. extra (B, H), kept for the way back: GRU the n block of gh, which the caller puts
 * there; LSTM gets tanh(c) there; tanh unused. c and c_before only for LSTM. h may be h_before, c may
 * be c_before. */
void cell_forward(int cell, int B, int H, float *gates, const float *h_before, const float *c_before, float *h,
                  float *c, float *extra);

/* Back. On entry gates and extra are what forward left, dh (B, H) the gradient of h, dc (B, H) that of c
 * from the step after (LSTM). On return gates holds the gradient of gx, dgh that of gh (for tanh and
 * LSTM it is the same: pass dgh = gates), dh what reaches h_before past the product (GRU; else 0),
 * dc the gradient of c_before. */
void cell_backward(int cell, int B, int H, float *gates, const float *extra, const float *h_before,
                   const float *c_before, float *dh, float *dc, float *dgh);

#endif
