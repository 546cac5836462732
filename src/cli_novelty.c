/* SPDX-License-Identifier: MIT
 *
 * cli_novelty.c - nextchar novelty: what of a text is copied from another.
 */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>

static const char novelty_usage[] =
    "novelty TRAINING-TEXT [TEXT] [options]\n\n"
    "Where TEXT (or stdin) stands letter for letter in TRAINING-TEXT, and how much of it does not. Of a span of more\n"
    "than 200 characters the first and the last 100 are shown.";

/* A text as characters: ends (count + 1) are the bytes of it behind each, beginning with 0. */
typedef struct {
    blob text;
    int32_t *ids;
    uint32_t *ends;
    int count;
} characters;

static characters read_characters(const rnn_vocab *v, blob text)
{
    characters c = {.text = text, .count = rnn_encode(v, text.bytes, text.size, NULL, NULL, 0)};
    c.ids = allocate(sizeof *c.ids * (size_t)c.count);
    c.ends = allocate(sizeof *c.ends * ((size_t)c.count + 1));
    rnn_encode(v, text.bytes, text.size, c.ids, c.ends + 1, c.count);
    return c;
}

static void free_characters(characters *c)
{
    free(c->text.bytes);
    free(c->ids);
    free(c->ends);
}

/* lines (size + 1) = the line of each byte, from 1. */
static uint32_t *count_lines(const blob *text)
{
    uint32_t line = 1, *lines = allocate(sizeof *lines * (text->size + 1));
    for (size_t i = 0; i <= text->size; i++) {
        lines[i] = line;
        line += text->bytes[i] == '\n'; /* the NUL behind the last one is none */
    }
    return lines;
}

static void print_characters(const characters *c, int from, int to)
{
    print_text(stdout, c->text.bytes + c->ends[from], c->ends[to] - c->ends[from]);
}

/* Of a long span its beginning and its end: where each character begins another one, all would be the text's square. */
static void print_span(const characters *c, int from, int to)
{
    enum { SHOWN = 200, EACH = SHOWN / 2 };
    if (to - from <= SHOWN) {
        print_characters(c, from, to);
        return;
    }
    print_characters(c, from, from + EACH);
    fputs(" ... ", stdout);
    print_characters(c, to - EACH, to);
}

/* Prints the spans of c that stand in the training text, each as long as can be; the next one ends behind it, but may
 * begin within it. Returns how many characters are in one. */
static int print_spans(const rnn_index *x, const characters *training, const characters *c, long least,
                       const char *path)
{
    uint32_t *lines = count_lines(&training->text);
    int32_t *lengths = allocate(2 * sizeof *lengths * (size_t)c->count), *at = lengths + c->count;
    int copied = 0, end = 0;
    rnn_index_find(x, c->ids, c->count, lengths, at);
    for (int i = 0; i < c->count; i++) {
        if (lengths[i] < least)
            continue;
        printf("%d characters, line %u of ", (int)lengths[i], (unsigned)lines[training->ends[at[i]]]);
        print_string(path);
        fputs(": ", stdout);
        print_span(c, i, i + lengths[i]);
        putchar('\n');
        copied += i + lengths[i] - (i > end ? i : end);
        end = i + lengths[i];
        i = end - (int)least;
    }
    free(lengths);
    free(lines);
    return copied;
}

int command_novelty(int argc, char **argv)
{
    const char *paths[2] = {NULL, "-"};
    long least = 20;
    option options[] = {{"least", WHOLE, &least, "N", "characters of a span that counts as copied"},
                        {NULL, TEXT, NULL, NULL, NULL}};
    if (parse(argc, argv, novelty_usage, options, paths, 2) < 1 || !least)
        misuse("novelty needs a training text, and --least of 1 or more");
    blob texts[] = {read_text(paths[0]), read_text(paths[1])};
    rnn_vocab *v = rnn_vocab_build(texts[0].bytes, texts[0].size, RNN_CHARACTERS, 0);
    if (!v)
        die("%s: %s", paths[0], rnn_error());
    characters training = read_characters(v, texts[0]), c = read_characters(v, texts[1]);
    rnn_index *x = rnn_index_new(training.ids, (size_t)training.count);
    if (!x)
        die("%s", rnn_error());
    int copied = print_spans(x, &training, &c, least, paths[0]);
    printf("novelty %.1f %%: %d of %d characters stand in no span of %ld or more\n",
           c.count ? 100.0 * (double)(c.count - copied) / (double)c.count : 100.0, c.count - copied, c.count, least);
    rnn_index_free(x);
    rnn_vocab_free(v);
    free_characters(&training);
    free_characters(&c);
    return 0;
}
