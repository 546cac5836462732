/* SPDX-License-Identifier: MIT
 *
 * cli_train.c - nextchar train: runs a recipe, says how it goes, and saves the best network. What a training is,
 * recipe.c says; what it saves on the way, cli_checkpoint.c.
 */
#define _POSIX_C_SOURCE 200809L /* clock_gettime, isatty, sigaction */

#include "cli_train.h"

#include <ctype.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char train_usage[] =
    "train TEXT --output FILE [options]\n\n"
    "Trains a network on a text file in UTF-8. Ctrl-C writes a checkpoint; --resume goes on from it, to the same\n"
    "weights. With --resume TEXT may be left out: the checkpoint has it in it, if it has at most 20 MiB.\n\n"
    "What is not given follows from the text. Of a list (names, words, towns, a line each) a tenth of the lines is\n"
    "held out, any of them; of any other text the last tenth; of a list below 1,000 bytes or a text below 5,000\n"
    "nothing. The shorter it is, the fewer are streams and units and the more the passes: there are 300 updates at\n"
    "least. What was chosen is said when the training begins. The numbers in brackets below are those of examples.\n\n"
    "The network that is written is the best one: of the beginning and the ends of passes the one with the fewest\n"
    "bits on what is held out. If nothing is held out it is the last one, unless the bits of the text itself were\n"
    "lower by more than 0.1 at the end of an earlier pass. --keep last takes the last one always.\n\n"
    "With --pattern TEXT is examples, one a line: what is read, a tab, what is written. The patterns are sequence (a\n"
    "text becomes another), many-to-one (a text has a class), synchronous (each character has its answer) and\n"
    "one-to-many (a class, or a picture as base64, gets a name). And one-to-one: a table of what follows each\n"
    "character of a text.";

static const double worse = 0.1;  /* bits by which the loss, which varies, must be higher to mean anything */
enum { JUDGE_EVERY = 20 };       /* updates at least, where the passes are short */
/* Shares of a text that a network of --from may lack. Words that are seldom are unknown in any text. */
static const double most_unknown_characters = 0.05, most_unknown_words = 0.5;

/* ---- what the system tells ---- */

static volatile sig_atomic_t interrupted;
static void on_interrupt(int signal_number) { interrupted = signal_number; }

/* For good (signal() would be for once): a second Ctrl-C must not end the writing of the checkpoint. What the caller
 * has us ignore, as nohup does, stays so. */
static void catch_interrupts(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGXCPU};
    struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = SA_RESTART}, before;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        if (!sigaction(signals[i], NULL, &before) && before.sa_handler != SIG_IGN)
            sigaction(signals[i], &action, NULL);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- the recipe's numbers ---- */

static long setting(const train *t, const char *name) { return strtol(rnn_recipe_get(t->recipe, name), NULL, 10); }
static uint32_t done(const train *t) { return rnn_trainer_updates(rnn_recipe_trainer(t->recipe)); }
static int is_pattern(const train *t, const char *name) { return !strcmp(rnn_recipe_get(t->recipe, "pattern"), name); }
static int answers(const train *t) { return !is_pattern(t, "text") && !is_pattern(t, "one-to-one"); }
static const char *unit(const train *t) { return unit_of(rnn_recipe_vocab(t->recipe)); }

/* ---- how good a network is ---- */

static size_t held_out_count(const train *t)
{
    size_t count;
    rnn_recipe_tokens(t->recipe, 1, &count);
    return count;
}

/* In parts side by side, each from the zero state: quick, and a little above what it is. The parts are long, so that
 * their beginnings weigh little. */
static double measure_about(const train *t)
{
    enum { LEAST = 1024, PARTS = 32 };
    size_t count, counted;
    const int32_t *ids = rnn_recipe_tokens(t->recipe, 1, &count);
    size_t parts = count / LEAST < 1 ? 1 : count / LEAST > PARTS ? PARTS : count / LEAST;
    return mean_bits(rnn_recipe_model(t->recipe), ids, count, parts, &counted);
}

/* Of the text's beginning, for want of a loss. */
static double measure_text(const train *t)
{
    enum { MOST = 1024 };
    size_t count, counted;
    const int32_t *ids = rnn_recipe_tokens(t->recipe, 0, &count);
    return mean_bits(rnn_recipe_model(t->recipe), ids, count < MOST ? count : MOST, 1, &counted);
}

/* Of examples: what they cost and how many are right. */
static void measure_examples(const train *t, int held_out, double *figures)
{
    if (rnn_recipe_score(t->recipe, held_out, figures))
        die("%s", rnn_error());
}

/* Bits per label of the held-out examples; of all that are trained on the loss says enough. */
static double judge_examples(const train *t)
{
    double figures[RNN_FIGURES];
    if (!held_out_count(t))
        return t->smooth_loss / log(2.0);
    measure_examples(t, 1, figures);
    return figures[RNN_BITS] / figures[RNN_TARGETS];
}

/* What a network is judged by: what is held out or, if nothing is, the loss on the text. */
static double judge(const train *t)
{
    if (answers(t))
        return judge_examples(t);
    return held_out_count(t) ? measure_about(t) : isnan(t->smooth_loss) ? measure_text(t) : t->smooth_loss / log(2.0);
}

const char *judged_by(const train *t)
{
    return !held_out_count(t) ? "train.bits" : answers(t) ? "heldOut.bitsPerLabel" : "heldOut.bitsPerToken";
}

/* How the held-out examples are answered; told too, if it is to be. */
static void describe_examples(const train *t, metadata *meta, int tells)
{
    double f[RNN_FIGURES];
    if (!held_out_count(t))
        return;
    measure_examples(t, 1, f);
    meta_set(meta, "heldOut.examples", "%.0f", f[RNN_EXAMPLES]);
    meta_set(meta, "heldOut.right", "%.0f", f[RNN_RIGHT]);
    meta_set(meta, "heldOut.labelsRight", "%.4f", f[RNN_TARGETS_RIGHT] / f[RNN_TARGETS]);
    if (tells)
        fprintf(stderr, "held out: %.0f of %.0f right (%.2f %%), %.4f bits per label\n", f[RNN_RIGHT], f[RNN_EXAMPLES],
                100.0 * f[RNN_RIGHT] / f[RNN_EXAMPLES], f[RNN_BITS] / f[RNN_TARGETS]);
}

/* The network is kept, in memory, if it is the best so far. */
static void keep_best(train *t, double seconds)
{
    t->bits = judge(t);
    if (isnan(t->bits) || t->bits >= t->best_bits)
        return;
    metadata meta = describe(t, seconds);
    meta_set(&meta, judged_by(t), "%.17g", t->bits);
    if (answers(t))
        describe_examples(t, &meta, 0);
    blob file = save(t, &meta, 0);
    free(meta.list);
    if (!file.bytes)
        return;
    free(t->best.bytes);
    t->best = file;
    t->best_bits = t->bits;
}

/* ---- the beginning ---- */

void take_held_out(train *t)
{
    char *end;
    if (!t->held_out || rnn_recipe_set(t->recipe, "held-out", t->held_out) == 0)
        return;
    strtod(t->held_out, &end);
    if (!*end)
        misuse("--held-out needs a file, or a share from 0 to below 1");
    refuse_same("--output", t->output, "--held-out", t->held_out);
    refuse_same("--checkpoint", t->checkpoint, "--held-out", t->held_out);
    t->measured = read_text_raw(t->held_out);
}

/* Of examples the characters that are looked up in a vocabulary: those of a class or of a picture are not. */
static size_t count_in_examples(const rnn_pattern *p, const blob *text)
{
    int kind = rnn_pattern_rule(p, RNN_KIND), written = 0;
    int counts[2] = {kind != RNN_ONE_TO_MANY, kind != RNN_MANY_TO_ONE};
    size_t count = 0;
    for (size_t i = 0; i < text->size; i++) {
        char byte = text->bytes[i];
        int is_first = (byte & 0xc0) != 0x80;
        written = byte != '\n' && (written || byte == '\t');
        count += (size_t)(counts[written] && is_first && byte != '\n' && byte != '\t');
    }
    return count;
}

/* Whether what the vocabulary lacks is read as <unknown>; else it is left out. */
static int has_unknown(const train *t) { return rnn_vocab_unknown(rnn_recipe_vocab(t->recipe)) != RNN_NONE; }

/* Characters or words of both texts. */
static double count_all(const train *t)
{
    size_t trained, held_out = held_out_count(t);
    if (answers(t))
        return (double)(count_in_examples(rnn_recipe_pattern(t->recipe), &t->training) +
                        count_in_examples(rnn_recipe_pattern(t->recipe), &t->measured));
    rnn_recipe_tokens(t->recipe, 0, &trained);
    return (double)(trained + held_out) + (has_unknown(t) ? 0.0 : (double)rnn_recipe_unknown(t->recipe));
}

/* A text that the network of --from hardly knows is a mistake, more often than not. */
static void refuse_strange(const train *t)
{
    int of_words = !answers(t) && strcmp(unit(t), "token") == 0;
    double all = count_all(t), share = all > 0.0 ? rnn_recipe_unknown(t->recipe) / all : 0.0;
    if (share == 1.0)
        die("the text has no %s that %s knows: there is nothing to learn", of_words ? "word" : "character", t->from);
    if (share > (of_words ? most_unknown_words : most_unknown_characters) && !t->forced)
        die("%.1f %% of the text's %s are not among those that %s knows; --force trains on the others", 100.0 * share,
            of_words ? "words" : "characters", t->from);
}

static void begin(train *t)
{
    network from = {0};
    if (t->from)
        from = load_any(t->from);
    t->training = read_text(t->text);
    take_held_out(t);
    if (t->measured.bytes)
        plain_text(&t->measured, t->held_out);
    int code = rnn_recipe_begin(t->recipe, t->training.bytes, t->training.size, t->measured.bytes, t->measured.size,
                                from.file.bytes, from.file.size);
    if (code == RNN_E_RANGE)
        misuse("%s", rnn_error());
    if (code)
        die("%s: %s", t->text, rnn_error());
    if (t->from)
        refuse_strange(t);
    unload(&from);
}

static int is_equal(const char *a, const char *b)
{
    return isdigit((unsigned char)*a) ? strtod(a, NULL) == strtod(b, NULL) : strcmp(a, b) == 0;
}

/* A network that exists has its sizes: what was given must agree. */
static void check_obeyed(const train *t)
{
    int size = rnn_vocab_size(rnn_recipe_vocab(t->recipe));
    for (int i = 0; i < t->given.count; i++) {
        const char *name = t->given.given[i].name, *text = t->given.given[i].text;
        const char *is = rnn_recipe_get(t->recipe, name);
        if (!is_equal(is, text))
            misuse("--%s %s cannot be obeyed: the network has %s", name, text, is);
        if (strcmp(name, "vocabulary") == 0 && strcmp(unit(t), "token") == 0 && strtol(text, NULL, 10) &&
            strtol(text, NULL, 10) < size)
            misuse("--vocabulary %s cannot be obeyed: the network has %d tokens", text, size);
    }
}

static void check_text(const train *t)
{
    const rnn_vocab *v = rnn_recipe_vocab(t->recipe);
    if (answers(t))
        return;
    if (rnn_vocab_size(v) - (rnn_vocab_unknown(v) != RNN_NONE) < 2)
        die("the text is one and the same %s over and over: there is nothing to learn", unit(t));
}

static void count_unknown(const train *t)
{
    unsigned unknown = rnn_recipe_unknown(t->recipe);
    if (unknown && answers(t))
        warn("%u characters are not in the vocabulary and were read as no input", unknown);
    else if (unknown)
        warn("%u %ss are not in the vocabulary and were %s", unknown, unit(t),
             has_unknown(t) ? "read as <unknown>, which has no loss" : "left out");
}

/* What the text was taken for, and what follows from it. */
static void tell_plan(const train *t)
{
    static const char *const parts[] = {"its end", "lines of it"};
    int list = strcmp(rnn_recipe_get(t->recipe, "kind"), "list") == 0;
    size_t trained;
    rnn_recipe_tokens(t->recipe, 0, &trained);
    if (!is_pattern(t, "text"))
        return;
    fprintf(stderr,
            "a %s: %zu %ss to train on, %zu held out%s%s; %s passes of %u updates, %s x %s %ss each; %s units\n",
            list ? "list" : "text", trained, unit(t), held_out_count(t), held_out_count(t) ? ", " : "",
            !held_out_count(t) ? "" : t->measured.bytes ? "another text" : parts[list],
            rnn_recipe_get(t->recipe, "passes"), (unsigned)rnn_recipe_windows(t->recipe),
            rnn_recipe_get(t->recipe, "batch"), rnn_recipe_get(t->recipe, "window"), unit(t),
            rnn_recipe_get(t->recipe, "hidden"));
}

/* ---- the way ---- */

static void report(const train *t, double places, double tokens_per_second)
{
    double windows = rnn_recipe_windows(t->recipe), left = rnn_recipe_updates(t->recipe) - done(t);
    double seconds = left * places / tokens_per_second;
    char held[48] = "";
    if (held_out_count(t) && !isnan(t->bits))
        snprintf(held, sizeof held, "held out about %.3f bits  ", t->bits);
    fprintf(stderr, "%spass %.2f of %ld  loss %.4f nats  %s%.0f %s/s  %d:%02d left%s", isatty(2) ? "\r\033[K" : "",
            (double)done(t) / windows, setting(t, "passes"), t->smooth_loss, held, tokens_per_second,
            answers(t) ? "examples" : "chars", (int)(seconds / 60.0), (int)seconds % 60, isatty(2) ? "" : "\n");
}

/* One update. */
static void update(train *t, int slices)
{
    double nats = 0.0;
    rnn_recipe_window(t->recipe, NULL, NULL);
    for (int i = 0; i < slices; i++)
        nats += (double)rnn_recipe_slice(t->recipe, i) / slices;
    t->broken = isnan(nats) || isnan(rnn_recipe_update(t->recipe));
    if (!t->broken)
        t->smooth_loss = isnan(t->smooth_loss) ? nats : 0.98 * t->smooth_loss + 0.02 * nats;
}

/* A checkpoint or a best network with a NaN in it would take the place of a good one. */
static void check_finite(train *t)
{
    size_t n;
    const float *params = rnn_params(rnn_recipe_model(t->recipe), &n);
    for (size_t i = 0; i < n && !t->broken; i++)
        t->broken = !isfinite(params[i]);
}

/* Updates until all are done, Ctrl-C, or no number is finite; returns the seconds of the whole training so far. */
static double loop(train *t)
{
    int slices = (int)setting(t, "slices");
    double places = (double)(setting(t, "batch") * (answers(t) ? 1 : setting(t, "window")));
    double start = now(), before = t->seconds_before - start, last_report = start, last_save = start;
    uint32_t all = rnn_recipe_updates(t->recipe), windows = rnn_recipe_windows(t->recipe), reported = done(t);
    uint32_t judged = windows ? (JUDGE_EVERY + windows - 1) / windows * windows : 1;
    if (!done(t) || done(t) == all)
        keep_best(t, before + now());
    while (done(t) < all && !interrupted) {
        update(t, slices);
        int passed = done(t) % judged == 0 || done(t) == all, due = now() - last_save > 60.0 * t->checkpoint_minutes;
        if (passed || due || interrupted)
            check_finite(t);
        if (t->broken)
            break;
        if (passed)
            keep_best(t, before + now());
        double time = now();
        if (due) {
            save_checkpoint(t, before + time);
            last_save = now();
        }
        if ((passed && held_out_count(t)) || time - last_report > (isatty(2) ? 0.5 : 30.0)) {
            report(t, places, (double)(done(t) - reported) * places / (time - last_report));
            last_report = now();
            reported = done(t);
        }
    }
    return before + now();
}

/* ---- the end ---- */

/* A table has no loss on the way to tell: its bits on the text that was counted. */
static void tell_counted(const train *t)
{
    size_t count, counted;
    const int32_t *ids = rnn_recipe_tokens(t->recipe, 0, &count);
    double bits = mean_bits(rnn_recipe_model(t->recipe), ids, count, 1, &counted);
    if (!isnan(bits))
        fprintf(stderr, "on the text itself: %.4f bits per %s over %zu %ss\n", bits, unit(t), counted, unit(t));
}

static void describe_held_out(const train *t, const rnn_model *m, metadata *meta)
{
    size_t count, counted;
    const int32_t *ids = rnn_recipe_tokens(t->recipe, 1, &count);
    double bits = mean_bits(m, ids, count, 1, &counted);
    if (isnan(bits))
        return;
    if (rnn_vocab_level(rnn_recipe_vocab(t->recipe)) == RNN_CHARACTERS) {
        meta_set(meta, "heldOut.bitsPerCharacter", "%.4f", bits);
        meta_set(meta, "heldOut.characters", "%zu", counted);
        fprintf(stderr, "held out: %.4f bits per character over %zu characters\n", bits, counted);
    } else {
        meta_set(meta, "heldOut.bitsPerToken", "%.4f", bits);
        meta_set(meta, "heldOut.perplexity", "%.2f", exp2(bits));
        meta_set(meta, "heldOut.tokens", "%zu", counted);
        fprintf(stderr, "held out: %.4f bits per token, perplexity %.2f, over %zu tokens\n", bits, exp2(bits), counted);
    }
}

/* Whether the best network is the one to write; says why. */
static int takes_best(const train *t)
{
    double least = held_out_count(t) ? 0.0 : worse;
    if (!t->best.bytes || (!t->broken && !(t->best_bits + least < t->bits)))
        return 0;
    int takes = t->broken || strcmp(t->keep, "best") == 0;
    fprintf(stderr, "nextchar: it was better before");
    if (!t->broken)
        fprintf(stderr, ", with about %.3f bits (%.3f at the end)", t->best_bits, t->bits);
    fprintf(stderr, takes ? "; that network is the one to be written\n" : "; the last one is written all the same\n");
    return takes;
}

/* Two bits of each character are a guess among four. */
static void tell_guessing(const train *t, double bits)
{
    if (answers(t))
        return;
    double guess = log2(rnn_outputs(rnn_recipe_model(t->recipe)));
    if (bits > guess)
        fprintf(stderr, "nextchar: with %.2f bits per %s this network is worse than a guess among all (%.2f bits):"
                " a lower --rate, fewer --passes or more text may help\n", bits, unit(t), guess);
}

static blob last_file(const train *t, double seconds)
{
    metadata meta = describe(t, seconds);
    if (answers(t))
        describe_examples(t, &meta, 1);
    else if (is_pattern(t, "one-to-one") && !held_out_count(t))
        tell_counted(t);
    else
        describe_held_out(t, rnn_recipe_model(t->recipe), &meta);
    blob file = save(t, &meta, 0);
    free(meta.list);
    return file;
}

/* The best network's file, which says too how long the whole training took and what exactly was measured. */
static blob best_file(train *t, double seconds)
{
    if (answers(t)) { /* it was measured as exactly when it was kept */
        blob kept = t->best, none = {NULL, 0};
        t->best = none;
        return kept;
    }
    network best = open_any(t->best, "the best network");
    metadata meta = describe(t, seconds);
    describe_held_out(t, best.model, &meta);
    meta_add(&meta, rnn_meta(best.model), judged_by(t));
    blob file = save_network(best.model, best.vocab, meta.list);
    free(meta.list);
    best.file.bytes = NULL; /* it is t's */
    unload(&best);
    return file;
}

/* Returns the command's exit code. */
static int finish(train *t, double seconds)
{
    if (t->broken)
        fprintf(stderr, "nextchar: after %u updates a number is not finite any more: try a lower --rate\n",
                (unsigned)done(t));
    int best = takes_best(t), is_there = t->owns_checkpoint;
    if (t->broken && !best)
        die("there is no better network to write%s%s", is_there ? "; to go on from another rate there is " : "",
            is_there ? t->checkpoint : "");
    tell_guessing(t, best ? t->best_bits : t->bits);
    blob file = best ? best_file(t, seconds) : last_file(t, seconds), spare = {NULL, 0};
    if (!file.bytes && t->best.bytes) { /* of the two it lacks what the whole training took and measured */
        fprintf(stderr, "nextchar: no memory for the file; the best network is written as it was kept\n");
        file = t->best;
        t->best = spare;
    }
    if (!file.bytes)
        die("no memory for %zu bytes of weights", file.size);
    int failed = write_somewhere(t->output, file, t->forced, t->checkpoint);
    free(file.bytes);
    if (failed)
        return 1;
    note("wrote %s after %.1f minutes", t->output, seconds / 60.0);
    if (t->owns_checkpoint && !t->keeps_checkpoint && !t->broken)
        remove(t->checkpoint);
    return t->broken;
}

static int run(train *t)
{
    catch_interrupts();
    double seconds = loop(t);
    if (isatty(2))
        fputc('\n', stderr);
    check_finite(t);
    if (!interrupted || t->broken)
        return finish(t, seconds);
    return stop(t, seconds) ? 1 : 128 + interrupted; /* as a shell says it */
}

static void release(train *t)
{
    rnn_recipe_free(t->recipe);
    free(t->training.bytes);
    free(t->measured.bytes);
    free(t->best.bytes);
    free(t->earlier.list);
    free(t->recalled);
}

/* All that can be known before the texts are read; from here on no other training writes these files. */
static void check_options(const train *t)
{
    const struct { const char *name, *path; } read[] = {
        {"TEXT", t->text}, {"--held-out", t->held_out}, {"--from", t->from}};
    if (strcmp(t->keep, "best") != 0 && strcmp(t->keep, "last") != 0)
        misuse("--keep is best or last, not \"%s\"", t->keep);
    if (t->resume && t->from)
        misuse("--from cannot be obeyed with --resume: the checkpoint has its network in it");
    refuse_same("--output", t->output, "--checkpoint", t->checkpoint);
    for (size_t i = 0; i < sizeof read / sizeof *read; i++) {
        refuse_same("--output", t->output, read[i].name, read[i].path);
        refuse_same("--checkpoint", t->checkpoint, read[i].name, read[i].path);
    }
    refuse_present(t->output, t->forced);
    refuse_present(t->checkpoint, 1);
    lock_output(t->output, t->checkpoint);
    lock_output(t->checkpoint, t->output);
    refuse_present(t->output, t->forced); /* another training may have ended just before */
    if (!t->resume && is_present(t->checkpoint))
        misuse("%s is there from an earlier training: go on from it with --resume, or remove it", t->checkpoint);
}

int command_train(int argc, char **argv)
{
    train t = {.recipe = rnn_recipe_new(), .keep = "best", .checkpoint_minutes = 10.0, .best_bits = NAN,
               .smooth_loss = NAN, .bits = NAN};
    recipe_settings *r = &t.given;
    t.given.recipe = t.recipe;
    option options[] = {
        {"output", TEXT, &t.output, "FILE", "the weights file to write"},
        {"held-out", TEXT, &t.held_out, "FILE|SHARE",
         "text to measure with, or the share of TEXT to keep for it: its end, or lines of a list"},
        {"from", TEXT, &t.from, "FILE", "begin with this file's network and vocabulary instead of a random one"},
        {"pattern", SETTING, r, "NAME", "of examples: sequence, many-to-one, synchronous, one-to-many; or one-to-one"},
        {"side", SETTING, r, "N", "one-to-many: pictures of N x N bytes are read, 10 to 64; 0 = classes"},
        {"maps", SETTING, r, "N", "of the first convolution that reads them; the second has twice as many"},
        {"delay", SETTING, r, "N", "synchronous: steps from a character to its answer"},
        {"reversed", SETTING, r, "0|1", "sequence: 1 = what is read is read from its end"},
        {"targets", SETTING, r, "each|last", "many-to-one: the class is the target at each character, or at the last"},
        {"kind", SETTING, r, "text|list", "list: its lines are names, words, towns: their order says nothing"},
        {"level", SETTING, r, "NAME", "a token is one of: characters, words, folded (words in small letters)"},
        {"vocabulary", SETTING, r, "N", "of words: only the N most frequent tokens, <unknown> among them; 0 = all"},
        {"cell", SETTING, r, "NAME", "tanh, gru or lstm"},
        {"layers", SETTING, r, "N", "0 to 4"},
        {"hidden", SETTING, r, "N", "units of a layer"},
        {"embedding", SETTING, r, "N", "width of the learnt input; 0 = one-hot"},
        {"batch", SETTING, r, "N", "parallel streams of text"},
        {"window", SETTING, r, "N", "steps back through time"},
        {"slices", SETTING, r, "N", "groups of streams with gradients of their own; the page's training has 2"},
        {"passes", SETTING, r, "N", "times through the text"},
        {"rate", SETTING, r, "X", "highest learning rate"},
        {"final-rate", SETTING, r, "X", "share of it that is left at the end of the cosine"},
        {"warmup", SETTING, r, "N", "updates until the highest rate"},
        {"clip", SETTING, r, "X", "largest global norm of the gradients; 0 = any"},
        {"dropout", SETTING, r, "P", "share of each layer's outputs that is dropped"},
        {"recurrent-dropout", SETTING, r, "P", "share of each layer's recurrent weights that an update drops"},
        {"optimizer", SETTING, r, "NAME", "adam or rmsprop"},
        {"seed", SETTING, r, "N", "of weights, offsets, dropout and a list's order"},
        {"checkpoint", TEXT, &t.checkpoint, "FILE", "OUTPUT.checkpoint if not given"},
        {"checkpoint-minutes", REAL, &t.checkpoint_minutes, "X", "how often it is written"},
        {"resume", FLAG, &t.resume, NULL, "go on from the checkpoint, with its settings but for those given again"},
        {"keep", TEXT, &t.keep, "best|last", "which network is written"},
        {"force", FLAG, &t.forced, NULL, "write over OUTPUT if it is there; with --from, learn from any text"},
        {"meta", PAIRS, &t.more, "KEY=VALUE", "metadata for the weights file, such as corpus and licence"},
        {NULL, TEXT, NULL, NULL, NULL}};
    if (!t.recipe)
        die("%s", rnn_error());
    parse(argc, argv, train_usage, options, &t.text, 1);
    if (!t.output || !(t.text || t.resume))
        misuse("train needs a text file and --output; with --resume the text may be left out");
    char *beside = join(t.output, ".checkpoint");
    t.keeps_checkpoint = t.resume && t.checkpoint; /* the user's file, of the page perhaps */
    t.checkpoint = t.checkpoint ? t.checkpoint : beside;
    t.owns_checkpoint = t.resume;
    check_options(&t);
    (t.resume ? resume : begin)(&t);
    check_obeyed(&t);
    check_text(&t);
    count_unknown(&t);
    tell_plan(&t);
    try_saving(&t);
    int code = run(&t);
    release(&t);
    free(beside);
    return code;
}
