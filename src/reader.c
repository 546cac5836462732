/* SPDX-License-Identifier: MIT
 *
 * reader.c - a network that learns as it reads (dynamic evaluation): what was read goes once more through a trainer,
 * and the weights take a small step.
 */
#include "error.h"
#include "kernels.h"
#include "state.h"
#include "weights.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Chosen on text that no network was trained on, see docs/NETWORKS.md. */
enum { STRETCH = 20 };            /* tokens that a step is taken on */
static const float decay = 0.001f; /* share of the way back to the beginning that each step goes too */

struct rnn_reader {
    rnn_model *model;          /* float32; its weights change */
    rnn_state *state;          /* one stream: where it stands in the text */
    rnn_trainer *trainer;      /* one stream, a stretch behind */
    float rate;
    double forgotten;          /* 0.99^n after n steps */
    int pairs;                 /* tokens of this stretch that are read, and the one behind each too; -1: none */
    int32_t x[STRETCH], y[STRETCH]; /* those tokens, and those behind them */
    size_t floats;             /* of each of: */
    float *start, *v;          /* the weights as they were; the running mean of the gradients' squares */
};

static rnn_reader *allocate(const rnn_model *m, float rate)
{
    size_t bytes = sizeof(rnn_reader) + sizeof(float) * 2 * m->floats;
    rnn_reader *r = calloc(1, bytes);
    if (!r) {
        fail(RNN_E_MEMORY, "no memory for a network of %u parameters (%u MiB)", (unsigned)m->floats,
             (unsigned)(bytes >> 20));
        return NULL;
    }
    r->rate = rate;
    r->forgotten = 1.0;
    r->pairs = -1;
    r->floats = m->floats;
    r->start = memcpy(r + 1, m->params, sizeof(float) * m->floats);
    r->v = r->start + m->floats;
    return r;
}

rnn_reader *rnn_reader_new(const rnn_model *m, float rate)
{
    if (missing(m))
        return NULL;
    if (!(rate >= 0.0f && rate <= 1.0f) || !rnn_outputs(m)) {
        fail(RNN_E_RANGE, "the rate is from 0 to 1, and the network needs a head");
        return NULL;
    }
    rnn_reader *r = allocate(m, rate);
    if (!r)
        return NULL;
    r->model = copy_as_float(m);
    r->state = r->model ? rnn_state_new(r->model, 1) : NULL;
    r->trainer = r->state ? rnn_trainer_new(r->model, 1, STRETCH, 1, 0.0f, 0.0f, 0) : NULL;
    if (r->trainer)
        return r;
    rnn_reader_free(r);
    return NULL;
}

void rnn_reader_free(rnn_reader *r)
{
    if (!r)
        return;
    rnn_trainer_free(r->trainer);
    rnn_state_free(r->state);
    rnn_model_free(r->model);
    free(r);
}

rnn_model *rnn_reader_model(const rnn_reader *r) { return missing(r) ? NULL : r->model; }
rnn_state *rnn_reader_state(const rnn_reader *r) { return missing(r) ? NULL : r->state; }

/* A step on the stretch, which is full. */
static int learn(rnn_reader *r)
{
    size_t floats;
    float *grads = rnn_trainer_part(r->trainer, 0, &floats);
    if (isnan(rnn_trainer_forward(r->trainer, 0, STRETCH, r->x, r->y)))
        return rnn_error_code();
    rnn_trainer_back(r->trainer);
    int finite = isfinite(sum_of_squares(r->floats, grads)) != 0;
    if (finite) {
        r->forgotten *= 0.99;
        adapt(r->floats, r->model->params, grads, r->v, r->start, r->rate, (float)(1.0 - r->forgotten), decay);
    }
    memset(grads, 0, sizeof *grads * r->floats);
    rnn_pack(r->model);
    return finite ? 0 : fail(RNN_E_NONFINITE, "the gradients are no longer finite numbers; nothing was updated: lower "
                                              "the learning rate");
}

int rnn_reader_take(rnn_reader *r, int32_t token)
{
    if (missing(r))
        return RNN_E_RANGE;
    if (check_ids(&token, 1, RNN_NONE, rnn_inputs(r->model), "the token"))
        return rnn_error_code();
    int error = 0;
    if (r->pairs >= 0)
        r->y[r->pairs] = token;
    if (++r->pairs == STRETCH) {
        error = learn(r);
        r->pairs = 0;
    }
    r->x[r->pairs] = token;
    int unread = rnn_step(r->model, r->state, &token);
    return error ? error : unread;
}
