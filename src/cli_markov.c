/* SPDX-License-Identifier: MIT
 *
 * cli_markov.c - nextchar markov: the baseline that only counts.
 */
#include "cli.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char markov_usage[] =
    "markov TEXT HELD-OUT [options]\n\n"
    "Bits per token of HELD-OUT for one who only counts in TEXT what follows the last 1 to 6 tokens.";

static int level_of(const char *name)
{
    if (strcmp(name, "characters") == 0)
        return RNN_CHARACTERS;
    if (strcmp(name, "words") == 0)
        return RNN_WORDS;
    if (strcmp(name, "folded") == 0)
        return RNN_WORDS_FOLDED;
    misuse("--level is characters, words or folded, not \"%s\"", name);
}

int command_markov(int argc, char **argv)
{
    const char *paths[2], *level = "characters";
    long vocabulary = 0;
    enum { ORDERS = 6, MOST_GRAMS = 1 << 23 };
    option options[] = {{"level", TEXT, &level, "NAME", "a token is one of: characters, words, folded"},
                        {"vocabulary", WHOLE, &vocabulary, "N", "of words: only the N most frequent tokens; 0 = all"},
                        {NULL, TEXT, NULL, NULL, NULL}};
    if (parse(argc, argv, markov_usage, options, paths, 2) != 2)
        misuse("markov needs a text to count in and a held-out text");
    blob text = read_text(paths[0]), held_out = read_text(paths[1]);
    rnn_vocab *v = rnn_vocab_build(text.bytes, text.size, level_of(level), (int)vocabulary);
    if (!v)
        die("%s: %s", paths[0], rnn_error());
    tokens t = encode(v, text.bytes, text.size), h = encode(v, held_out.bytes, held_out.size);
    rnn_markov *m = rnn_markov_new(rnn_vocab_size(v), ORDERS, rnn_vocab_unknown(v), MOST_GRAMS);
    int read = m ? rnn_markov_read(m, t.ids, t.count) : -1;
    if (read < 0)
        die("%s", rnn_error());
    if ((size_t)read < t.count)
        fprintf(stderr, "nextchar: counted in the first %d of %zu %ss alone: there is no room for more grams\n", read,
                t.count, unit_of(v));
    for (int order = 1; order <= ORDERS; order++) {
        uint32_t counted;
        double bits = rnn_markov_score(m, order, h.ids, 0, h.count, &counted);
        if (!counted)
            die("%s has no %s that %s has", paths[1], unit_of(v), paths[0]);
        printf("order %d: %.4f bits per %s", order, bits / (double)counted, unit_of(v));
        if (rnn_vocab_level(v) != RNN_CHARACTERS)
            printf(", perplexity %.1f", exp2(bits / (double)counted));
        printf(" over %u\n", (unsigned)counted);
    }
    rnn_markov_free(m);
    free(t.ids);
    free(h.ids);
    rnn_vocab_free(v);
    free(text.bytes);
    free(held_out.bytes);
    return 0;
}
