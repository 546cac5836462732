/* SPDX-License-Identifier: MIT
 *
 * cli_write.c - nextchar write: a prompt, and what the network adds to it.
 */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char write_usage[] = "write WEIGHTS [options]\n\nWrites text: the prompt, then what the network adds.";

typedef struct {
    const char *prompt;
    double temperature, top_p;
    long length, seed, top_k;
} settings;

/* Prints a token with the space that parts it from the one before. */
static void print_token(const rnn_vocab *v, int32_t before, int32_t id)
{
    if (rnn_space(v, before, id))
        putchar(' ');
    fputs(rnn_token(v, id), stdout);
}

/* Reads the prompt and prints it; returns its last token. */
static int32_t read_prompt(const network *n, rnn_state *s, const settings *set)
{
    tokens t = encode(n->vocab, set->prompt, strlen(set->prompt));
    int32_t before = RNN_NONE;
    if (t.unknown)
        fprintf(stderr, "nextchar: %zu %ss of the prompt are not in this network's vocabulary and were %s\n", t.unknown,
                unit_of(n->vocab), rnn_vocab_level(n->vocab) == RNN_CHARACTERS ? "left out" : "read as <unknown>");
    for (size_t i = 0; i < t.count; before = t.ids[i++]) {
        rnn_step(n->model, s, &t.ids[i]);
        print_token(n->vocab, before, t.ids[i]);
    }
    free(t.ids);
    return before;
}

/* The distribution of the next token: probs (V). */
static int distribute(const rnn_state *s, int V, const settings *set, float *probs)
{
    return rnn_probs(rnn_logits(s), V, (float)set->temperature, (int)set->top_k, (float)set->top_p, probs);
}

/* Draws the tokens and prints them; fewer than asked for where the text ends. */
static void write_on(const network *n, rnn_state *s, const settings *set, int32_t before, float *probs)
{
    int V = rnn_outputs(n->model);
    for (uint32_t i = 0; i < (uint32_t)set->length; i++) {
        if (distribute(s, V, set, probs))
            die("%s", rnn_error());
        int32_t id = rnn_pick(probs, V, rnn_dice((uint32_t)set->seed, i));
        if (rnn_step(n->model, s, &id))
            die("%s", rnn_error());
        if (id == rnn_special(n->model, "end"))
            break;
        print_token(n->vocab, before, id);
        before = id;
        fflush(stdout);
    }
    putchar('\n');
}

int command_write(int argc, char **argv)
{
    const char *path = NULL;
    settings set = {.prompt = "", .temperature = 1.0, .top_p = 1.0, .length = 300, .seed = 1};
    option options[] = {
        {"prompt", TEXT, &set.prompt, "TEXT", "what to begin with; empty: the zero state"},
        {"temperature", REAL, &set.temperature, "T",
         "0 takes the most probable character, 1 is the network's own distribution"},
        {"length", WHOLE, &set.length, "N", "characters (or words) to write"},
        {"seed", WHOLE, &set.seed, "N", "of the dice: the same seed gives the same text on every machine"},
        {"top-k", WHOLE, &set.top_k, "N", "only the N most probable characters; 0 = all"},
        {"top-p", REAL, &set.top_p, "P", "only the fewest that reach probability P together"},
        {NULL, TEXT, NULL, NULL, NULL}};
    if (parse(argc, argv, write_usage, options, &path, 1) != 1)
        misuse("write needs a weights file");
    network n = load(path);
    rnn_state *s = rnn_state_new(n.model, 1);
    float *probs = allocate(sizeof *probs * (size_t)rnn_outputs(n.model));
    if (!s)
        die("%s", rnn_error());
    if (distribute(s, rnn_outputs(n.model), &set, probs) == RNN_E_RANGE) /* told before anything is written */
        misuse("%s", rnn_error());
    write_on(&n, s, &set, read_prompt(&n, s, &set), probs);
    free(probs);
    rnn_state_free(s);
    unload(&n);
    return 0;
}
