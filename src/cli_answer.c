/* SPDX-License-Identifier: MIT
 *
 * cli_answer.c - nextchar answer: a line in, a line out.
 */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

static const char answer_usage[] =
    "answer NETWORK [options]\n\n"
    "Answers each line of stdin with a line: a class, what a sequence becomes, the name of a picture (as base64). The\n"
    "network is one that train --pattern made. An empty line has an empty answer.\n\n"
    "A line that cannot be answered (an unknown class, no UTF-8, above 65536 characters) is said on stderr and has an\n"
    "empty answer; the others are answered all the same, and the exit code is 1. Characters that the network does not\n"
    "know are read as no input, and named on stderr, each once.";

typedef struct {
    long beam, most, seed;
    double temperature;
    int json;
} asking;

enum { WHY_BYTES = 4096 }; /* of a sentence */

enum { ANSWER_BYTES = (65536 + 64) * 255 + 1 }; /* the most that is read, a label of 255 bytes for each */

/* ---- the distribution at each unit ---- */

/* The labels of at least a thousandth, the most probable first, as [["M",0.998]]. */
static void print_distribution(const rnn_pattern *p, const rnn_state *s, float *probs)
{
    int V = rnn_outputs(rnn_pattern_model(p)), shown = 0;
    if (rnn_probs(rnn_logits(s), V, 1.0f, 0, 1.0f, probs))
        die("%s", rnn_error());
    putchar('[');
    for (int best = 0; best >= 0;) {
        best = -1;
        for (int i = 0; i < V; i++)
            if (probs[i] >= 0.001f && (best < 0 || probs[i] > probs[best]))
                best = i;
        if (best < 0)
            break;
        fputs(shown++ ? ",[" : "[", stdout);
        print_json_string(rnn_token(rnn_pattern_labels(p), best));
        printf(",%.4f]", (double)probs[best]);
        probs[best] = 0.0f;
    }
    putchar(']');
}

static void take_step(const rnn_model *m, rnn_state *s, int32_t token)
{
    if (rnn_step(m, s, &token))
        die("%s", rnn_error());
}

static rnn_state *new_state(const rnn_model *m)
{
    rnn_state *s = rnn_state_new(m, 1);
    if (!s)
        die("%s", rnn_error());
    return s;
}

/* The state that a text begins to be written from. */
static rnn_state *begin_writing(const rnn_pattern *p, const char *line, size_t bytes, const int32_t *ids, int count)
{
    rnn_state *s = new_state(rnn_pattern_model(p)), *reader;
    float *vector = allocate(sizeof *vector * (size_t)(rnn_vector(rnn_pattern_model(p)) + 1));
    if (rnn_pattern_vector(p, line, bytes, vector) > 0 && rnn_state_begin(s, vector))
        die("%s", rnn_error());
    if (rnn_pattern_encoder(p)) {
        reader = new_state(rnn_pattern_encoder(p));
        for (int i = 0; i < count; i++)
            take_step(rnn_pattern_encoder(p), reader, ids[i]);
        rnn_state_copy(s, 0, reader, 0);
        rnn_state_free(reader);
    }
    free(vector);
    return s;
}

/* Unit i: its token (NULL: the end, or an unknown one) and the distribution of the state. */
static void print_unit(const rnn_pattern *p, const rnn_state *s, int i, const char *token, float *probs)
{
    printf(i ? ",{\"token\":" : "{\"token\":");
    if (token)
        print_json_string(token);
    else
        printf("null");
    printf(",\"distribution\":");
    print_distribution(p, s, probs);
    putchar('}');
}

/* The units of a written answer: its tokens, and the end. */
static void print_written(const rnn_pattern *p, rnn_state *s, const char *answer, long most, float *probs)
{
    const rnn_model *m = rnn_pattern_model(p);
    int count = (int)strlen(answer);
    int32_t *ids = allocate(sizeof *ids * (size_t)(count + 1)), before = RNN_NONE;
    count = rnn_encode(rnn_pattern_labels(p), answer, strlen(answer), ids, NULL, count);
    for (int i = 0; i <= count && i < most; before = ids[i++]) { /* one that was cut has no end */
        take_step(m, s, before);
        print_unit(p, s, i, i < count ? rnn_token(rnn_pattern_labels(p), ids[i]) : NULL, probs);
    }
    free(ids);
}

/* The units of what is read; a label is written at each. */
static void print_read(const rnn_pattern *p, const int32_t *ids, int count, float *probs)
{
    const rnn_model *m = rnn_pattern_model(p);
    rnn_state *s = new_state(m);
    for (int i = 0; i < count; i++) {
        take_step(m, s, ids[i]);
        print_unit(p, s, i, ids[i] >= 0 ? rnn_token(rnn_pattern_vocab(p), ids[i]) : NULL, probs);
    }
    rnn_state_free(s);
}

static void print_units(const rnn_pattern *p, const char *line, size_t bytes, const char *answer, long most)
{
    const rnn_model *m = rnn_pattern_model(p);
    int count = rnn_pattern_read(p, line, bytes, NULL, 0);
    int32_t *ids = allocate(sizeof *ids * (size_t)(count + 1));
    float *probs = allocate(sizeof *probs * (size_t)rnn_outputs(m));
    rnn_pattern_read(p, line, bytes, ids, count);
    if (rnn_special(m, "end") == RNN_NONE)
        print_read(p, ids, count, probs);
    else {
        rnn_state *s = begin_writing(p, line, bytes, ids, count);
        print_written(p, s, answer, most, probs);
        rnn_state_free(s);
    }
    free(ids);
    free(probs);
}

/* ---- lines ---- */

/* What of a line is looked up character by character: not a class, nor a picture. */
static const rnn_vocab *characters_of(const rnn_pattern *p)
{
    return rnn_vector(rnn_pattern_model(p)) ? NULL : rnn_pattern_vocab(p);
}

/* Names characters that no line before had. */
static void tell_line_unknown(const rnn_pattern *p, unknown_set *told, const char *line, size_t bytes, size_t number)
{
    char what[80];
    int before = told->count;
    if (!characters_of(p))
        return;
    add_unknown(told, characters_of(p), line, bytes);
    snprintf(what, sizeof what, "line %zu: not in this network's vocabulary, read as no input", number);
    tell_unknown(told, before, what);
}

static void print_unknown(const rnn_pattern *p, const char *line, size_t bytes)
{
    unknown_set set = {0};
    if (characters_of(p))
        add_unknown(&set, characters_of(p), line, bytes);
    for (int i = 0; i < set.count; i++) {
        if (i)
            putchar(',');
        print_json_string(set.names[i]);
    }
    free_unknown(&set);
}

/* 1 if there is an answer; else `why` gets a sentence. */
static int find_answer(const rnn_pattern *p, const asking *set, const char *line, size_t bytes, size_t number,
                       char *answer, char *why)
{
    int names_class = rnn_vector(rnn_pattern_model(p)) && !rnn_pattern_rule(p, RNN_SIDE);
    uint32_t seed = (uint32_t)set->seed + (uint32_t)number - 1; /* else all lines would have the same dice */
    *answer = 0;
    if (bytes > LINE_BYTES) {
        snprintf(why, WHY_BYTES, "a line of %zu bytes; at most %d are read", bytes, LINE_BYTES);
        return 0;
    }
    if (bytes && (!is_plain(line, bytes, why, WHY_BYTES) ||
                  (names_class && !is_class(rnn_pattern_vocab(p), line, why, WHY_BYTES))))
        return 0;
    int code = rnn_pattern_answer(p, line, bytes, (int)set->beam, (float)set->temperature, seed, (int)set->most, answer,
                                  ANSWER_BYTES);
    if (code < 0 && code != RNN_E_TEXT)
        die("line %zu: %s", number, rnn_error());
    if (code < 0)
        snprintf(why, WHY_BYTES, "%s", rnn_error());
    return code >= 0;
}

static void print_object(const rnn_pattern *p, const asking *set, const char *line, size_t bytes, const char *answer,
                         const char *why)
{
    printf("{\"answer\":");
    print_json_string(answer);
    printf(",\"unknown\":[");
    if (!why)
        print_unknown(p, line, bytes);
    printf("],\"units\":[");
    if (!why && bytes)
        print_units(p, line, bytes, answer, set->most);
    putchar(']');
    if (why) {
        printf(",\"error\":");
        print_json_string(why);
    }
    puts("}");
}

/* Returns 0, or 1 if a line could not be answered. */
static int answer_lines(const rnn_pattern *p, const asking *set)
{
    line_reader in = read_lines();
    unknown_set told = {0};
    char *answer = allocate(ANSWER_BYTES), *why = allocate(WHY_BYTES);
    size_t bytes;
    int failed = 0;
    for (const char *line; (line = next_line(&in, &bytes));) {
        int found = find_answer(p, set, line, bytes, in.number, answer, why);
        if (found)
            tell_line_unknown(p, &told, line, bytes, in.number);
        else
            warn("line %zu: %s", in.number, why);
        if (set->json)
            print_object(p, set, line, bytes, answer, found ? NULL : why);
        else {
            print_string(answer);
            putchar('\n');
        }
        flush_output();
        failed |= !found;
    }
    free_unknown(&told);
    free(in.line);
    free(answer);
    free(why);
    return failed;
}

int command_answer(int argc, char **argv)
{
    const char *path = NULL;
    asking set = {.beam = 1, .most = 200, .seed = 1};
    option options[] = {
        {"beam", WHOLE, &set.beam, "N", "so many texts are followed at once; 1 takes the best token each time"},
        {"temperature", REAL, &set.temperature, "T", "above 0 what is written is drawn; 1 is the network's own way"},
        {"seed", WHOLE, &set.seed, "N", "of the dice, for the first line; each line has the next one"},
        {"most", WHOLE, &set.most, "N", "tokens of an answer, 1 to 1024"},
        {"json", FLAG, &set.json, NULL, "an object a line: answer, unknown characters, the likely labels at each unit"},
        {NULL, TEXT, NULL, NULL, NULL}};
    if (parse(argc, argv, answer_usage, options, &path, 1) != 1)
        misuse("answer needs a network");
    if (set.beam < 1 || set.beam > 512 || set.most < 1 || set.most > 1024)
        misuse("--beam is from 1 to 512, --most from 1 to 1024");
    if (!(set.temperature >= 0.0) || (set.temperature > 0.0 && set.beam > 1))
        misuse("--temperature is 0 or more, and above 0 there is no beam");
    network n = load_any(path);
    if (!n.pattern)
        die("%s is no network that answers: it writes on, with nextchar write", path);
    int failed = answer_lines(n.pattern, &set);
    unload(&n);
    return failed;
}
