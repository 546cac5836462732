/* SPDX-License-Identifier: MIT
 *
 * weights.c - any bytes as a network: if they load, it steps, quantizes, and is the same after it was saved.
 */
#include "fuzz.h"

static void ten_steps(const rnn_model *m)
{
    rnn_state *s = rnn_state_new(m, 2);
    MUST(s);
    for (int i = 0; i < 10; i++) {
        int32_t tokens[] = {i % rnn_inputs(m), i % 3 ? rnn_inputs(m) - 1 : RNN_NONE};
        MUST(rnn_step(m, s, tokens) == 0);
    }
    rnn_state_free(s);
}

/* A network and what is loaded from its file have one fingerprint, and one file. */
static void save_and_load(const rnn_model *m, const rnn_vocab *v)
{
    saved first = save_model(m, v, rnn_meta(m));
    MUST(first.size);
    rnn_model *again = rnn_model_load(first.bytes, first.size, NULL);
    MUST(again && rnn_fingerprint(again) == rnn_fingerprint(m));
    saved second = save_model(again, v, rnn_meta(again));
    MUST(second.size == first.size && !memcmp(second.bytes, first.bytes, first.size));
    rnn_model_free(again);
    free(first.bytes);
    free(second.bytes);
}

static void use(const rnn_model *m, const rnn_vocab *v)
{
    ten_steps(m);
    save_and_load(m, v);
}

/* A network that answers says the same each time, and as many bytes as it says. */
static void answer(const uint8_t *data, size_t size)
{
    rnn_pattern *p = rnn_pattern_load(data, size);
    char first[300], second[300];
    if (!p)
        return;
    int bytes = rnn_pattern_answer(p, "ab", 2, 2, 0.0f, 0, 8, first, sizeof first);
    MUST(rnn_pattern_answer(p, "ab", 2, 2, 0.0f, 0, 8, second, sizeof second) == bytes);
    MUST(bytes < 0 || bytes >= (int)sizeof first || (strlen(first) == (size_t)bytes && !strcmp(first, second)));
    rnn_pattern_free(p);
}

/* The stack without a prefix: where it is alone, it is the same asked for by its prefix, beside others. */
static void load_among_others(const rnn_model *alone, const uint8_t *data, size_t size)
{
    rnn_model *m = rnn_model_load(data, size, "");
    MUST(!alone || (m && rnn_fingerprint(m) == rnn_fingerprint(alone)));
    if (m)
        ten_steps(m);
    rnn_model_free(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rnn_model *m = rnn_model_load(data, size, NULL), *encoder = rnn_model_load(data, size, "encoder.");
    rnn_vocab *v = m ? rnn_vocab_load(data, size) : NULL;
    rnn_vocab *tokens;
    rnn_model *network = rnn_network_load(data, size, &tokens);
    int V = v ? rnn_vocab_size(v) : 0;
    MUST(!network == !(v && V == rnn_inputs(m) && V == rnn_outputs(m)) && !network == !tokens);
    rnn_vocab_free(tokens);
    rnn_model_free(network);
    answer(data, size);
    load_among_others(m, data, size);
    if (m) {
        use(m, v);
        rnn_model *q = rnn_model_quantize(m);
        MUST(q && rnn_quantized(q));
        use(q, v);
        rnn_model_free(q);
    } else
        MUST(rnn_error_code() < 0 && *rnn_error());
    if (encoder)
        ten_steps(encoder);
    rnn_vocab_free(v);
    rnn_model_free(encoder);
    rnn_model_free(m);
    return 0;
}
