/* SPDX-License-Identifier: MIT
 *
 * source.c - a vector or a picture becomes a state, and the way back.
 *
 * A map's places are rows, in reading order, picture after picture; its channels are columns. So a convolution is one
 * product over each place's 3 x 3 neighbourhood. All sums are those of product(), in its order.
 */
#include "source.h"

#include "kernels.h"

#include <string.h>

/* ---- a convolution ---- */

/* Of what it reads: a map of side x side places with so many channels. */
typedef struct { int side, in, out; } convolution;

static convolution convolution_of(model_shape s, int which)
{
    return which ? (convolution){halved(s.side), s.maps1, s.maps2} : (convolution){s.side, 1, s.maps1};
}

static int places(convolution k) { return (k.side - 2) * (k.side - 2); }
static int halved_places(convolution k) { return halved(k.side) * halved(k.side); }

/* Each place's 3 x 3 neighbourhood as a row in PyTorch's order: channel, row, column. */
static void gather_patches(convolution k, int B, const float *map, float *patches)
{
    int side = k.side - 2;
    for (int r = 0; r < B * places(k); r++) {
        const float *corner = map + (size_t)(r / places(k) * k.side * k.side) * (size_t)k.in;
        int y = r % places(k) / side, x = r % side;
        for (int i = 0; i < 9; i++) {
            const float *at = corner + (size_t)((y + i / 3) * k.side + x + i % 3) * (size_t)k.in;
            for (int c = 0; c < k.in; c++)
                patches[(size_t)r * (size_t)(9 * k.in) + (size_t)(c * 9 + i)] = at[c];
        }
    }
}

/* The way back: what a place gives to all neighbourhoods that it is in comes together, in reading order. */
static void scatter_patches(convolution k, int B, const float *patches, float *map)
{
    int side = k.side - 2;
    memset(map, 0, sizeof(float) * (size_t)(B * k.side * k.side) * (size_t)k.in);
    for (int r = 0; r < B * places(k); r++) {
        float *corner = map + (size_t)(r / places(k) * k.side * k.side) * (size_t)k.in;
        int y = r % places(k) / side, x = r % side;
        for (int i = 0; i < 9; i++) {
            float *at = corner + (size_t)((y + i / 3) * k.side + x + i % 3) * (size_t)k.in;
            for (int c = 0; c < k.in; c++)
                at[c] += patches[(size_t)r * (size_t)(9 * k.in) + (size_t)(c * 9 + i)];
        }
    }
}

/* In floats into a full map: place i (0 to 3) of the four that become place r of the halved one. */
static size_t quarter(convolution k, int r, int i)
{
    int side = halved(k.side), y = r % halved_places(k) / side * 2 + i / 2, x = r % side * 2 + i % 2;
    return (size_t)(r / halved_places(k) * places(k) + y * (k.side - 2) + x) * (size_t)k.out;
}

/* The largest of each 2 x 2, at least 0; of equals the first. A NaN is larger than all: a broken network is noticed. */
static void halve(convolution k, int B, const float *full, float *out, unsigned char *from)
{
    for (int r = 0; r < B * halved_places(k); r++, out += k.out, from += k.out)
        for (int c = 0; c < k.out; c++) {
            out[c] = 0.0f;
            from[c] = 4;
            for (int i = 0; i < 4; i++) {
                float x = full[quarter(k, r, i) + (size_t)c];
                if (!(x <= out[c]) && out[c] == out[c]) {
                    out[c] = x;
                    from[c] = (unsigned char)i;
                }
            }
        }
}

static void unhalve(convolution k, int B, const float *dout, const unsigned char *from, float *dfull)
{
    memset(dfull, 0, sizeof(float) * (size_t)(B * places(k)) * (size_t)k.out);
    for (int r = 0; r < B * halved_places(k); r++, dout += k.out, from += k.out)
        for (int c = 0; c < k.out; c++)
            if (from[c] < 4)
                dfull[quarter(k, r, from[c]) + (size_t)c] = dout[c];
}

static void convolve(const rnn_model *m, source_run *run, int which, const float *map)
{
    convolution k = convolution_of(m->shape, which);
    int rows = run->B * places(k), columns = 9 * k.in;
    const float *weights = m->params + source_offset(m, which ? CONV2_WEIGHT : CONV1_WEIGHT);
    const float *bias = m->params + source_offset(m, which ? CONV2_BIAS : CONV1_BIAS);
    gather_patches(k, run->B, map, run->patches[which]);
    fill_rows(rows, k.out, bias, run->full[which]);
    pack_transposed(columns, k.out, weights, (size_t)columns, run->panels);
    product(rows, k.out, columns, run->patches[which], (size_t)columns, run->panels, run->full[which], (size_t)k.out);
    halve(k, run->B, run->full[which], run->halved[which], run->from[which]);
}

/* From the gradient of the halved map. dmap, that of the map it read, is not wanted of a picture: NULL. */
static void convolve_back(const rnn_model *m, source_run *run, int which, const float *dhalved, float *dmap,
                          float *grads)
{
    convolution k = convolution_of(m->shape, which);
    int rows = run->B * places(k), columns = 9 * k.in;
    size_t weights = source_offset(m, which ? CONV2_WEIGHT : CONV1_WEIGHT);
    float *patches = run->patches[which], *dfull = run->full[which];
    unhalve(k, run->B, dhalved, run->from[which], dfull);
    transpose(rows, k.out, dfull, (size_t)k.out, run->turned);
    pack(rows, columns, patches, (size_t)columns, run->panels);
    product(k.out, columns, rows, run->turned, (size_t)rows, run->panels, grads + weights, (size_t)columns);
    add_columns(rows, k.out, dfull, grads + source_offset(m, which ? CONV2_BIAS : CONV1_BIAS));
    if (!dmap)
        return;
    memset(patches, 0, sizeof(float) * (size_t)rows * (size_t)columns);
    pack(k.out, columns, m->params + weights, (size_t)columns, run->panels);
    product(rows, columns, k.out, dfull, (size_t)k.out, run->panels, patches, (size_t)columns);
    scatter_patches(k, run->B, patches, dmap);
}

/* ---- the whole ---- */

static uint64_t largest_of(uint64_t a, uint64_t b) { return a > b ? a : b; }

/* Room for a matrix (N, K) or (K, N), whichever of the two is packed. */
static uint64_t packed_room(int K, int N)
{
    return largest_of((uint64_t)panels_floats(1, N) * (uint64_t)K, (uint64_t)panels_floats(1, K) * (uint64_t)N);
}

uint64_t source_layout(const rnn_model *m, int B, source_run *run, float *base)
{
    model_shape s = m->shape;
    uint64_t used = 0, turned = (uint64_t)B * (uint64_t)carried_width(s);
    uint64_t panels = largest_of(packed_room(B, features(s)), packed_room(carried_width(s), features(s)));
    *run = (source_run){.B = B};
#define LAY_OUT(pointer, floats) \
    (base ? (void)((pointer) = (void *)(base + used)) : (void)0, used += whole_lines(floats))
    for (int which = 0; s.maps1 && which < 2; which++) {
        convolution k = convolution_of(s, which);
        uint64_t rows = (uint64_t)B * (uint64_t)places(k), kept = (uint64_t)B * (uint64_t)(halved_places(k) * k.out);
        LAY_OUT(run->patches[which], rows * (uint64_t)(9 * k.in));
        LAY_OUT(run->full[which], rows * (uint64_t)k.out);
        LAY_OUT(run->halved[which], kept);
        LAY_OUT(run->from[which], (kept + 3) / 4);
        turned = largest_of(turned, rows * (uint64_t)k.out);
        panels = largest_of(panels, largest_of(packed_room((int)rows, 9 * k.in), packed_room(9 * k.in, k.out)));
    }
    LAY_OUT(run->features, (uint64_t)B * (uint64_t)features(s));
    LAY_OUT(run->states, (uint64_t)B * (uint64_t)carried_width(s));
    LAY_OUT(run->dstates, (uint64_t)B * (uint64_t)carried_width(s));
    LAY_OUT(run->turned, turned);
    LAY_OUT(run->panels, panels);
#undef LAY_OUT
    return used;
}

/* (B, places, maps) <-> (B, maps, places), as PyTorch flattens. */
static void turn_maps(int B, int rows, int columns, const float *in, float *out)
{
    size_t floats = (size_t)rows * (size_t)columns;
    for (int b = 0; b < B; b++)
        transpose(rows, columns, in + (size_t)b * floats, (size_t)columns, out + (size_t)b * floats);
}

/* The H columns of part k of a stream's row of states (B, S). */
static float *columns_of(const rnn_model *m, float *states, int b, int k)
{
    return states + (size_t)b * (size_t)carried_width(m->shape) + (size_t)(k * m->shape.H);
}

void source_forward(const rnn_model *m, source_run *run, const float *vectors, float *const *parts)
{
    size_t H = (size_t)m->shape.H;
    int S = carried_width(m->shape), F = features(m->shape);
    if (m->shape.maps1) {
        convolve(m, run, 0, vectors);
        convolve(m, run, 1, run->halved[0]);
        turn_maps(run->B, F / m->shape.maps2, m->shape.maps2, run->halved[1], run->features);
    } else
        memcpy(run->features, vectors, sizeof(float) * (size_t)run->B * (size_t)F);
    fill_rows(run->B, S, m->params + source_offset(m, INIT_BIAS), run->states);
    pack_transposed(F, S, m->params + source_offset(m, INIT_WEIGHT), (size_t)F, run->panels);
    product(run->B, S, F, run->features, (size_t)F, run->panels, run->states, (size_t)S);
    hyperbolic_tangent((size_t)run->B * (size_t)S, run->states, run->states);
    for (int b = 0; b < run->B; b++)
        for (int k = 0; k < S / m->shape.H; k++)
            memcpy(parts[k] + (size_t)b * H, columns_of(m, run->states, b, k), sizeof(float) * H);
}

/* dstates: the gradient of the parts, back through tanh. */
static void gather_gradient(const rnn_model *m, source_run *run, const float *const *dparts)
{
    int H = m->shape.H, parts = carried_width(m->shape) / H;
    for (int b = 0; b < run->B; b++)
        for (int k = 0; k < parts; k++) {
            const float *y = columns_of(m, run->states, b, k), *dy = dparts[k] + (size_t)b * (size_t)H;
            float *dx = columns_of(m, run->dstates, b, k);
            for (int j = 0; j < H; j++)
                dx[j] = dy[j] * (1.0f - y[j] * y[j]);
        }
}

void source_backward(const rnn_model *m, source_run *run, const float *const *dparts, float *grads)
{
    int B = run->B, S = carried_width(m->shape), F = features(m->shape);
    size_t weights = source_offset(m, INIT_WEIGHT);
    gather_gradient(m, run, dparts);
    transpose(B, S, run->dstates, (size_t)S, run->turned);
    pack(B, F, run->features, (size_t)F, run->panels);
    product(S, F, B, run->turned, (size_t)B, run->panels, grads + weights, (size_t)F);
    add_columns(B, S, run->dstates, grads + source_offset(m, INIT_BIAS));
    if (!m->shape.maps1)
        return;
    memset(run->features, 0, sizeof(float) * (size_t)B * (size_t)F);
    pack(S, F, m->params + weights, (size_t)F, run->panels);
    product(B, F, S, run->dstates, (size_t)S, run->panels, run->features, (size_t)F);
    turn_maps(B, m->shape.maps2, F / m->shape.maps2, run->features, run->halved[1]);
    convolve_back(m, run, 1, run->halved[1], run->halved[0], grads);
    convolve_back(m, run, 0, run->halved[0], NULL, grads);
}
