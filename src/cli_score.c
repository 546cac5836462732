/* SPDX-License-Identifier: MIT
 *
 * cli_score.c - nextchar score: how probable a text is under a network.
 */
#include "cli.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

double mean_bits(const rnn_model *m, const int32_t *ids, size_t count, size_t parts, size_t *counted)
{
    size_t each = count / parts;
    rnn_state *s = rnn_state_new(m, (int)parts);
    int32_t *beside = parts > 1 ? calloc(each * parts + 1, sizeof *beside) : NULL; /* (each, parts) */
    uint32_t number = 0;
    double bits = 0.0;
    for (size_t i = 0; beside && i < each; i++)
        for (size_t b = 0; b < parts; b++)
            beside[i * parts + b] = ids[b * each + i];
    if (s && each && (beside || parts == 1))
        bits = rnn_score(m, s, beside ? beside : ids, (int)each, &number);
    *counted = number;
    rnn_state_free(s);
    free(beside);
    return number ? bits / (double)number : (double)NAN;
}

/* ---- a network that learns as it reads ---- */

rnn_reader *new_reader(const rnn_model *m, double rate)
{
    rnn_reader *r = rnn_reader_new(m, (float)rate);
    if (!r && rnn_error_code() == RNN_E_RANGE)
        misuse("--learn: %s", rnn_error());
    if (!r)
        die("%s", rnn_error());
    return r;
}

void read_one(rnn_reader *r, int32_t id)
{
    if (rnn_reader_take(r, id))
        die("%s", rnn_error());
}

/* mean_bits() of a network that learns. */
static double mean_bits_learning(rnn_reader *r, const tokens *t, size_t counted)
{
    int V = rnn_outputs(rnn_reader_model(r));
    double bits = 0.0;
    for (size_t i = 0; i < t->count; i++) {
        double surprisal = (double)rnn_surprisal(rnn_logits(rnn_reader_state(r)), V, t->ids[i]);
        bits += isinf(surprisal) ? 0.0 : surprisal; /* what is never drawn is not counted */
        read_one(r, t->ids[i]);
    }
    return bits / (double)counted;
}

static const char score_usage[] =
    "score WEIGHTS [TEXT] [options]\n\n"
    "Bits per character (or word, and the perplexity) of a text file or stdin under the network: less is better. With\n"
    "--learn beside it those of a network that learns as it reads. Of a network that answers: how many of the\n"
    "examples in TEXT (what is read, a tab, what is written) it gets right.";

static blob read_some(const char *path)
{
    blob text = read_text(path);
    if (!text.size)
        die("%s: there is nothing to read", called(path));
    return text;
}

/* ---- a network that answers ---- */

/* What a side of an example is looked up in: the names of classes, or characters; NULL: it is a picture. */
typedef struct {
    const rnn_vocab *v;
    int classes;
    unknown_set unknown;
} lookup;

static void look_up(lookup *side, const char *text, size_t bytes, const char *path, size_t line)
{
    char why[4096];
    if (side->v && side->classes && !is_class(side->v, text, why, sizeof why))
        die("%s: line %zu: %s", path, line, why);
    if (side->v && !side->classes)
        add_unknown(&side->unknown, side->v, text, bytes);
}

/* Names what the network does not know, up to a line that is no example: what is wrong with that the library says. The
 * text stays as it is. */
static void name_unknown(const rnn_pattern *p, const blob *text, const char *path)
{
    int kind = rnn_pattern_rule(p, RNN_KIND);
    lookup read = {.v = rnn_pattern_vocab(p), .classes = kind == RNN_ONE_TO_MANY};
    lookup written = {.v = rnn_pattern_labels(p), .classes = kind == RNN_MANY_TO_ONE};
    size_t number = 1;
    for (char *line = text->bytes, *end = line + text->size, *stop; line < end; line = stop + 1, number++) {
        stop = line + strcspn(line, "\n");
        char *tab = memchr(line, '\t', (size_t)(stop - line));
        if (stop == line)
            continue;
        if (!tab)
            break;
        char behind = *stop;
        *tab = *stop = 0;
        look_up(&read, line, (size_t)(tab - line), path, number);
        look_up(&written, tab + 1, (size_t)(stop - tab - 1), path, number);
        *tab = '\t';
        *stop = behind;
    }
    tell_unknown(&read.unknown, 0, "not in this network's vocabulary, read as no input");
    tell_unknown(&written.unknown, 0, "not among this network's labels, so that no answer with them is right");
    free_unknown(&read.unknown);
    free_unknown(&written.unknown);
}

/* How well a network answers examples. */
static void score_examples(const rnn_pattern *p, const char *text_path, int json)
{
    blob text = read_some(text_path);
    double f[RNN_FIGURES];
    name_unknown(p, &text, called(text_path));
    if (rnn_pattern_score(p, text.bytes, text.size, f))
        die("%s: %s", called(text_path), rnn_error());
    if (f[RNN_TARGETS] == 0.0)
        die("%s has no label that this network knows", called(text_path));
    double bits = f[RNN_BITS] / f[RNN_TARGETS];
    if (json)
        printf("{\"examples\":%.0f,\"right\":%.0f,\"labels\":%.0f,\"labelsRight\":%.0f,\"bitsPerLabel\":%.6f}\n",
               f[RNN_EXAMPLES], f[RNN_RIGHT], f[RNN_TARGETS], f[RNN_TARGETS_RIGHT], bits);
    else
        printf("%.0f of %.0f right (%.2f %%); %.2f %% of %.0f labels, %.4f bits per label\n", f[RNN_RIGHT],
               f[RNN_EXAMPLES], 100.0 * f[RNN_RIGHT] / f[RNN_EXAMPLES], 100.0 * f[RNN_TARGETS_RIGHT] / f[RNN_TARGETS],
               f[RNN_TARGETS], bits);
    free(text.bytes);
}

/* ---- a network that writes on ---- */

static void name_characters(const rnn_vocab *v, const blob *text)
{
    unknown_set set = {0};
    add_unknown(&set, v, text->bytes, text->size);
    tell_unknown(&set, 0, "not in this network's vocabulary, left out");
    free_unknown(&set);
}

/* What a text costs; learning: at the rate, if that is not 0. */
typedef struct {
    size_t counted, unknown;
    double bits, rate, learning;
} score;

static void print_json(const score *s, int of_characters)
{
    const char *unit = of_characters ? "Character" : "Token";
    printf("{\"%s\":%zu,\"unknown\":%zu,\"bitsPer%s\":%.6f", of_characters ? "characters" : "tokens", s->counted,
           s->unknown, unit, s->bits);
    if (!of_characters)
        printf(",\"perplexity\":%.3f", exp2(s->bits));
    if (s->rate > 0.0)
        printf(",\"learning\":{\"rate\":%g,\"bitsPer%s\":%.6f", s->rate, unit, s->learning);
    if (s->rate > 0.0 && !of_characters)
        printf(",\"perplexity\":%.3f", exp2(s->learning));
    puts(s->rate > 0.0 ? "}}" : "}");
}

static void print_score(const score *s, int of_characters)
{
    if (of_characters)
        printf("%.4f bits per character over %zu characters; %zu left out (not in the vocabulary)\n", s->bits,
               s->counted, s->unknown);
    else
        printf("%.4f bits per token, perplexity %.1f, over %zu tokens; %zu unknown ones read but not counted\n",
               s->bits, exp2(s->bits), s->counted, s->unknown);
    if (s->rate > 0.0 && of_characters)
        printf("%.4f bits per character where it learns as it reads, at the rate %g\n", s->learning, s->rate);
    else if (s->rate > 0.0)
        printf("%.4f bits per token, perplexity %.1f, where it learns as it reads, at the rate %g\n", s->learning,
               exp2(s->learning), s->rate);
}

int command_score(int argc, char **argv)
{
    const char *paths[2] = {NULL, "-"};
    int json = 0;
    score s = {0};
    option options[] = {{"learn", REAL, &s.rate, "RATE", LEARN_HELP},
                        {"json", FLAG, &json, NULL, "machine-readable"},
                        {NULL, TEXT, NULL, NULL, NULL}};
    if (parse(argc, argv, score_usage, options, paths, 2) < 1)
        misuse("score needs a weights file");
    network n = load_any(paths[0]);
    if (n.pattern && s.rate != 0.0)
        misuse("--learn: %s answers; what learns as it reads is a network that writes on", called(paths[0]));
    if (n.pattern) {
        score_examples(n.pattern, paths[1], json);
        unload(&n);
        return 0;
    }
    rnn_reader *r = s.rate != 0.0 ? new_reader(n.model, s.rate) : NULL;
    blob text = read_some(paths[1]);
    tokens t = encode(n.vocab, text.bytes, text.size);
    int of_characters = rnn_vocab_level(n.vocab) == RNN_CHARACTERS;
    s.unknown = t.unknown;
    s.bits = mean_bits(n.model, t.ids, t.count, 1, &s.counted);
    if (!s.counted && rnn_error_code() == RNN_E_MEMORY)
        die("%s", rnn_error());
    if (s.counted && isnan(s.bits))
        die("%s", rnn_error());
    if (!s.counted)
        die("%s has no %s that this network knows", called(paths[1]), unit_of(n.vocab));
    if (r)
        s.learning = mean_bits_learning(r, &t, s.counted);
    if (of_characters)
        name_characters(n.vocab, &text);
    (json ? print_json : print_score)(&s, of_characters);
    rnn_reader_free(r);
    free(t.ids);
    free(text.bytes);
    unload(&n);
    return 0;
}
