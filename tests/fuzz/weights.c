/* SPDX-License-Identifier: MIT
 *
 * weights.c - any bytes as a network: if they load, it steps or answers, quantizes, and is the same after it was saved.
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

/* ---- networks that answer ---- */

/* An empty picture of so many bytes, as base64; returns its letters. */
static size_t draw_nothing(char *text, int bytes)
{
    int filling = (3 - bytes % 3) % 3, letters = (bytes + filling) / 3 * 4;
    memset(text, 'A', (size_t)letters);
    memset(text + letters - filling, '=', (size_t)filling);
    return (size_t)letters;
}

/* Something that the network can read: a picture of its side, a class that it knows, or letters; then a tab and what it
 * might write, as an example has it. */
typedef struct { char text[6000]; size_t read, size; } question;

static void make_question(question *q, const rnn_pattern *p)
{
    int side = rnn_pattern_rule(p, RNN_SIDE), reads_classes = !side && rnn_vector(rnn_pattern_model(p));
    if (side)
        q->read = draw_nothing(q->text, side * side);
    else
        q->read = (size_t)snprintf(q->text, 300, "%s", reads_classes ? rnn_token(rnn_pattern_vocab(p), 0) : "ab");
    q->size = q->read + (size_t)snprintf(q->text + q->read, 300, "\t%s", rnn_token(rnn_pattern_labels(p), 0));
}

/* It says the same each time, and as many bytes as it says; what it scores are counts of what it was asked. */
static void ask(const rnn_pattern *p, const question *q, char *said, size_t room)
{
    char again[300];
    double figures[RNN_FIGURES];
    int bytes = rnn_pattern_answer(p, q->text, q->read, 2, 0.0f, 0, 8, said, room);
    MUST(rnn_pattern_answer(p, q->text, q->read, 2, 0.0f, 0, 8, again, sizeof again) == bytes);
    MUST(bytes < 0 || bytes >= (int)room || (strlen(said) == (size_t)bytes && !strcmp(said, again)));
    if (bytes < 0 || bytes >= (int)room)
        *said = 0;
    if (rnn_pattern_score(p, q->text, q->size, figures) == 0)
        MUST(figures[RNN_RIGHT] <= figures[RNN_EXAMPLES] && figures[RNN_BITS] >= 0.0 &&
             figures[RNN_TARGETS_RIGHT] <= figures[RNN_TARGETS]);
}

static saved save_pattern(const rnn_pattern *p, const char *meta)
{
    saved f = {NULL, rnn_pattern_save(p, meta, NULL, 0)};
    MUST(f.size);
    f.bytes = malloc(f.size);
    MUST(f.bytes && rnn_pattern_save(p, meta, f.bytes, f.size) == f.size);
    return f;
}

/* What is loaded from its file says the same, and has the same file. */
static void use_pattern(const rnn_pattern *p, const char *meta)
{
    static question q;
    char said[300], again[300];
    make_question(&q, p);
    ask(p, &q, said, sizeof said);
    saved first = save_pattern(p, meta);
    rnn_pattern *same = rnn_pattern_load(first.bytes, first.size);
    MUST(same);
    ask(same, &q, again, sizeof again);
    MUST(!strcmp(said, again));
    saved second = save_pattern(same, rnn_meta(rnn_pattern_model(same)));
    MUST(second.size == first.size && !memcmp(second.bytes, first.bytes, first.size));
    rnn_pattern_free(same);
    free(first.bytes);
    free(second.bytes);
}

static void answer(const uint8_t *data, size_t size)
{
    rnn_pattern *p = rnn_pattern_load(data, size);
    int answers = rnn_file_answers(data, size);
    MUST(!p || answers == 1);
    if (!p)
        return;
    const char *meta = rnn_meta(rnn_pattern_model(p));
    use_pattern(p, meta);
    rnn_pattern *q = rnn_pattern_quantize(p);
    MUST(q);
    use_pattern(q, meta);
    rnn_pattern_free(q);
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
