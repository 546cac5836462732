/* SPDX-License-Identifier: MIT
 *
 * cells.h - tanh RNN, GRU and LSTM: one step forward and one step back, for B streams.
 *
 * The caller makes the matrix products: gx = W_ih x + b_ih, and gh = W_hh h' + b_hh, where h' is the h of the step
 * before. Gate blocks are in PyTorch's order: h | r z n | i f g o.
 */
#ifndef CELLS_H
#define CELLS_H

/* Of how many gate blocks, from the first one on, only the sum of gx and gh counts: of all, but for GRU's n, where r
 * comes between. */
int cell_summed(int cell);

/* Forward. gates (B, cell*H): on entry gx + gh, in GRU's n block gx alone; on return the gates after their sigmoid or
 * tanh. extra (B, H) is kept for the way back: GRU finds the n block of gh in it, LSTM leaves tanh(c) there, tanh does
 * not use it. c_before and c are only for LSTM. h may be h_before, and c may be c_before. */
void cell_forward(int cell, int B, int H, float *gates, const float *h_before, const float *c_before, float *h,
                  float *c, float *extra);

/* Back. On entry, gates and extra are as forward left them, dh (B, H) is the gradient of h, and dc (B, H), for LSTM, is
 * that of c from the step after. On return:
 *     gates   the gradient of gx
 *     dgh     the gradient of gh; for tanh and LSTM it is the same: pass dgh = gates
 *     dh      what reaches h_before past the product (GRU; else 0)
 *     dc      the gradient of c_before */
void cell_backward(int cell, int B, int H, float *gates, const float *extra, const float *h_before,
                   const float *c_before, float *dh, float *dc, float *dgh);

#endif
