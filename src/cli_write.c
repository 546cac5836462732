/* SPDX-License-Identifier: MIT
 *
 * cli_write.c - nextchar write: a prompt, and what the network adds to it.
 */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char write_usage[] =
    "write WEIGHTS [options]\n\n"
    "Writes text: the prompt as it is, then what the network adds. Characters that the network does not know are left\n"
    "out, and words where it has no <unknown>; of a network of words, blanks at the prompt's end too. With --learn\n"
    "the network learns the prompt as it reads it, and nothing from what it writes.";

typedef struct {
    const char *prompt;
    double temperature, top_p, rate;
    long length, seed, top_k;
} writing;

/* A token behind another one, with the space that the rule puts there. */
static void print_token(const rnn_vocab *v, int32_t before, int32_t id)
{
    if (rnn_space(v, before, id))
        putchar(' ');
    print_string(rnn_token(v, id));
}

/* \n, \t and \\ as a line end, a tab and a backslash; what else follows a backslash stays as it is. Free it. */
static char *unescape(const char *text)
{
    char *result = join(text, ""), *out = result;
    for (; *text; text++) {
        const char *letters = "nt\\", *which = text[0] == '\\' && text[1] ? strchr(letters, text[1]) : NULL;
        *out++ = which ? "\n\t\\"[which - letters] : *text;
        text += which != NULL;
    }
    *out = 0;
    return result;
}

static void tell_left_out(const rnn_vocab *v, const char *prompt, size_t count)
{
    static const char sentence[] = "%zu %ss of the prompt are not in this network's vocabulary and were %s";
    char what[120];
    unknown_set set = {0};
    if (rnn_vocab_level(v) != RNN_CHARACTERS) { /* the <unknown> ones stand in what is printed */
        warn(sentence, count, unit_of(v), rnn_vocab_unknown(v) == RNN_NONE ? "left out" : "read as <unknown>");
        return;
    }
    snprintf(what, sizeof what, sentence, count, unit_of(v), "left out");
    add_unknown(&set, v, prompt, strlen(prompt));
    tell_unknown(&set, 0, what);
    free_unknown(&set);
}

/* Reads the prompt, by the reader if there is one, and prints it as the person wrote it, but for what is left out: a
 * token behind that is joined to the one before by the rule. Returns the last token. */
static int32_t read_prompt(const network *n, rnn_state *s, rnn_reader *r, const char *prompt)
{
    size_t bytes = strlen(prompt), unknown = 0;
    int count = rnn_encode(n->vocab, prompt, bytes, NULL, NULL, 0);
    int32_t *ids = allocate(sizeof *ids * (size_t)count), before = RNN_NONE;
    uint32_t *ends = allocate(sizeof *ends * (size_t)count);
    rnn_encode(n->vocab, prompt, bytes, ids, ends, count);
    for (int i = 0; i < count; i++) {
        uint32_t from = i ? ends[i - 1] : 0;
        unknown += ids[i] == RNN_NONE || ids[i] == rnn_vocab_unknown(n->vocab);
        if (ids[i] == RNN_NONE)
            continue;
        if (r)
            read_one(r, ids[i]);
        else
            rnn_step(n->model, s, &ids[i]);
        if (i && ids[i - 1] == RNN_NONE)
            print_token(n->vocab, before, ids[i]);
        else
            print_text(stdout, prompt + from, ends[i] - from);
        before = ids[i];
    }
    if (unknown)
        tell_left_out(n->vocab, prompt, unknown);
    free(ids);
    free(ends);
    return before;
}

/* The distribution of the next token: probs (V). */
static int distribute(const rnn_state *s, int V, const writing *set, float *probs)
{
    return rnn_probs(rnn_logits(s), V, (float)set->temperature, (int)set->top_k, (float)set->top_p, probs);
}

/* Draws the tokens and prints them; fewer than asked for where the text ends. m: whose state it is. */
static void write_on(const network *n, const rnn_model *m, rnn_state *s, const writing *set, int32_t before,
                     float *probs)
{
    int V = rnn_outputs(m);
    for (uint32_t i = 0; i < (uint32_t)set->length; i++) {
        if (distribute(s, V, set, probs))
            die("%s", rnn_error());
        int32_t id = rnn_pick(probs, V, rnn_dice((uint32_t)set->seed, i));
        if (rnn_step(m, s, &id))
            die("%s", rnn_error());
        if (id == rnn_special(m, "end"))
            break;
        print_token(n->vocab, before, id);
        before = id;
        flush_output();
    }
    putchar('\n');
}

int command_write(int argc, char **argv)
{
    const char *path = NULL;
    writing set = {.prompt = "", .temperature = 1.0, .top_p = 1.0, .length = 300, .seed = 1};
    option options[] = {
        {"prompt", TEXT, &set.prompt, "TEXT",
         "what to begin with; \\n is a line end, \\t a tab, \\\\ a backslash; empty: the zero state"},
        {"temperature", REAL, &set.temperature, "T",
         "0 takes the most probable character, 1 is the network's own distribution"},
        {"length", WHOLE, &set.length, "N", "characters (or words) to write"},
        {"seed", WHOLE, &set.seed, "N", "of the dice: the same seed gives the same text on every machine"},
        {"top-k", WHOLE, &set.top_k, "N", "only the N most probable characters; 0 = all"},
        {"top-p", REAL, &set.top_p, "P", "only the fewest that reach probability P together"},
        {"learn", REAL, &set.rate, "RATE", LEARN_HELP},
        {NULL, TEXT, NULL, NULL, NULL}};
    if (parse(argc, argv, write_usage, options, &path, 1) != 1)
        misuse("write needs a weights file");
    network n = load(path);
    rnn_reader *r = set.rate != 0.0 ? new_reader(n.model, set.rate) : NULL;
    rnn_state *own = r ? NULL : rnn_state_new(n.model, 1), *s = r ? rnn_reader_state(r) : own;
    float *probs = allocate(sizeof *probs * (size_t)rnn_outputs(n.model));
    if (!s)
        die("%s", rnn_error());
    if (distribute(s, rnn_outputs(n.model), &set, probs) == RNN_E_RANGE) /* told before anything is written */
        misuse("%s", rnn_error());
    char *prompt = unescape(set.prompt);
    int32_t before = read_prompt(&n, s, r, prompt);
    write_on(&n, r ? rnn_reader_model(r) : n.model, s, &set, before, probs);
    free(prompt);
    free(probs);
    rnn_state_free(own);
    rnn_reader_free(r);
    unload(&n);
    return 0;
}
