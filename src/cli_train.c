/* SPDX-License-Identifier: MIT
 *
 * cli_train.c - nextchar train: runs a recipe, says how it goes, and saves. What a training is, recipe.c says.
 */
#define _POSIX_C_SOURCE 200809L /* clock_gettime, isatty, sigaction */

#include "cli.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char train_usage[] =
    "train TEXT --output FILE [options]\n\n"
    "Trains a network on a text file. Ctrl-C writes a checkpoint; --resume goes on from it, to the same weights. With\n"
    "--resume TEXT may be left out: the checkpoint has it in it, if it has at most 20 MiB.";

enum { MOST_CARRIED = 20 << 20 }; /* bytes of text in a checkpoint: as many as the page takes */

typedef struct {
    rnn_recipe *recipe;
    const char *text, *output, *checkpoint, *held_out, *from; /* as given: files; held_out may be a share */
    double checkpoint_minutes;
    int resume, keeps_checkpoint;
    pairs more;
    blob training, measured, best; /* TEXT, a held-out file, the page's best network so far; NULL: there is none */
    char *recalled;                /* what the checkpoint says of --held-out */
    double seconds_before;         /* of earlier runs of the same training */
    double smooth_loss;            /* nats, NaN before the first update */
    double held_out_bits;          /* per token, NaN if not yet known */
} train;

/* ---- what the system tells ---- */

static volatile sig_atomic_t interrupted;
static void on_interrupt(int signal_number) { interrupted = signal_number; }

/* For good (signal() would be for once): a second Ctrl-C must not end the writing of the checkpoint. */
static void catch_interrupts(void)
{
    struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = SA_RESTART};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
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
static const char *unit(const train *t) { return unit_of(rnn_recipe_vocab(t->recipe)); }

/* Bits per token of what is held out; NaN if nothing is. */
static double measure(const train *t, size_t parts, size_t *counted)
{
    size_t count;
    const int32_t *ids = rnn_recipe_tokens(t->recipe, 1, &count);
    return mean_bits(rnn_recipe_model(t->recipe), ids, count, count < parts ? 1 : parts, counted);
}

/* ---- saving ---- */

/* What a file says besides what the recipe says. */
static metadata describe(const train *t, double seconds)
{
    metadata meta = {0};
    meta_set_pairs(&meta, &t->more);
    meta_set(&meta, "train.minutes", "%.2f", seconds / 60.0);
    return meta;
}

static blob save(const train *t, const metadata *meta, int checkpoint)
{
    blob file = {NULL, rnn_recipe_save(t->recipe, meta->list, checkpoint, NULL, 0)};
    if (!file.size)
        misuse("%s", rnn_error());
    file.bytes = allocate(file.size);
    if (rnn_recipe_save(t->recipe, meta->list, checkpoint, file.bytes, file.size) != file.size)
        die("%s", rnn_error());
    return file;
}

/* The file with one tensor more, in the place of the file. */
static void carry(blob *file, const char *name, const blob *data)
{
    if (!data->bytes || data->size > MOST_CARRIED)
        return;
    blob more = {NULL, rnn_file_add(file->bytes, file->size, name, data->bytes, data->size, NULL, 0)};
    more.bytes = allocate(more.size);
    if (!rnn_file_add(file->bytes, file->size, name, data->bytes, data->size, more.bytes, more.size))
        die("%s", rnn_error());
    free(file->bytes);
    *file = more;
}

static blob checkpoint_file(const train *t, double seconds)
{
    metadata meta = describe(t, seconds);
    if (t->measured.bytes && t->held_out) /* where its text has no room in the file, its name is needed */
        meta_set(&meta, "train.held-out", "%s", t->held_out);
    blob file = save(t, &meta, 1);
    carry(&file, "text", &t->training);
    carry(&file, "held_out", &t->measured);
    carry(&file, "best", &t->best);
    free(meta.list);
    return file;
}

static void save_checkpoint(const train *t, double seconds)
{
    blob file = checkpoint_file(t, seconds);
    write_file(t->checkpoint, file.bytes, file.size);
    free(file.bytes);
}

/* What cannot be saved must be told before the training, not after it. */
static void try_saving(const train *t)
{
    blob file = checkpoint_file(t, 0.0);
    free(file.bytes);
    try_writing(t->output);
    try_writing(t->checkpoint);
}

/* ---- the beginning ---- */

/* --held-out, or what a checkpoint says of it: a share of TEXT's end, or a file. */
static void take_held_out(train *t)
{
    char *end;
    if (!t->held_out || rnn_recipe_set(t->recipe, "held-out", t->held_out) == 0)
        return;
    strtod(t->held_out, &end);
    if (!*end)
        misuse("--held-out needs a file, or a share from 0 to below 1");
    t->measured = read_file(t->held_out);
}

static void begin(train *t)
{
    network from = {0};
    if (access(t->checkpoint, F_OK) == 0)
        misuse("%s is there from an earlier training: go on from it with --resume, or remove it", t->checkpoint);
    if (t->from)
        from = load(t->from);
    t->training = read_file(t->text);
    take_held_out(t);
    int code = rnn_recipe_begin(t->recipe, t->training.bytes, t->training.size, t->measured.bytes, t->measured.size,
                                from.file.bytes, from.file.size);
    if (code == RNN_E_RANGE)
        misuse("%s", rnn_error());
    if (code)
        die("%s: %s", t->text, rnn_error());
    unload(&from);
}

/* A copy of a file's tensor; NULL if there is none of that name. */
static blob copy_part(const blob *file, const char *name)
{
    blob part = {NULL, 0};
    const void *bytes = rnn_file_find(file->bytes, file->size, name, &part.size);
    if (bytes)
        part.bytes = memcpy(allocate(part.size + 1), bytes, part.size);
    return part;
}

/* The texts that the command line does not give are in the checkpoint or, if they are long, where it says. */
static void find_texts(train *t, const network *checkpoint)
{
    const char *said = meta_get(rnn_meta(checkpoint->model), "train.held-out");
    t->training = t->text ? read_file(t->text) : copy_part(&checkpoint->file, "text");
    if (!t->held_out)
        t->measured = copy_part(&checkpoint->file, "held_out");
    if (!t->held_out && !t->measured.bytes && said)
        t->held_out = t->recalled = strcpy(allocate(strlen(said) + 1), said);
    take_held_out(t);
    t->best = copy_part(&checkpoint->file, "best");
}

static void resume(train *t)
{
    network checkpoint = load(t->checkpoint);
    const blob *file = &checkpoint.file;
    find_texts(t, &checkpoint);
    if (rnn_recipe_resume(t->recipe, file->bytes, file->size, t->training.bytes, t->training.size, t->measured.bytes,
                          t->measured.size))
        die("%s: %s", t->checkpoint, rnn_error());
    const char *minutes = meta_get(rnn_meta(checkpoint.model), "train.minutes");
    t->seconds_before = minutes ? 60.0 * strtod(minutes, NULL) : 0.0;
    unload(&checkpoint);
}

static void tell_unknown(const train *t)
{
    int characters = rnn_vocab_level(rnn_recipe_vocab(t->recipe)) == RNN_CHARACTERS;
    uint32_t unknown = rnn_recipe_unknown(t->recipe);
    if (unknown)
        fprintf(stderr, "nextchar: %u %ss are not in the vocabulary (or not UTF-8) and were %s\n", (unsigned)unknown,
                unit(t), characters ? "left out" : "read as <unknown>, which has no loss");
}

/* ---- the way ---- */

static void report(const train *t, double tokens_per_second)
{
    double windows = rnn_recipe_windows(t->recipe), left = rnn_recipe_updates(t->recipe) - done(t);
    double seconds = left * (double)(setting(t, "batch") * setting(t, "window")) / tokens_per_second;
    char held[48] = "";
    if (!isnan(t->held_out_bits))
        snprintf(held, sizeof held, "held out %.4f bits  ", t->held_out_bits);
    fprintf(stderr, "%spass %.2f of %ld  loss %.4f nats  %s%.0f chars/s  %d:%02d left%s", isatty(2) ? "\r\033[K" : "",
            (double)done(t) / windows, setting(t, "passes"), t->smooth_loss, held, tokens_per_second,
            (int)(seconds / 60.0), (int)seconds % 60, isatty(2) ? "" : "\n");
}

/* One update; NaN ends the training with the library's sentence. */
static void update(train *t, int slices)
{
    double nats = 0.0;
    rnn_recipe_window(t->recipe, NULL, NULL);
    for (int i = 0; i < slices; i++)
        nats += (double)rnn_recipe_slice(t->recipe, i) / slices;
    if (isnan(nats) || isnan(rnn_recipe_update(t->recipe)))
        die("after %u updates: %s", (unsigned)done(t), rnn_error());
    t->smooth_loss = isnan(t->smooth_loss) ? nats : 0.98 * t->smooth_loss + 0.02 * nats;
}

/* Updates until all are done or Ctrl-C; returns the seconds of the whole training so far. */
static double loop(train *t)
{
    int slices = (int)setting(t, "slices");
    double places = (double)(setting(t, "batch") * setting(t, "window"));
    double start = now(), last_report = start, last_save = start;
    uint32_t all = rnn_recipe_updates(t->recipe), windows = rnn_recipe_windows(t->recipe), reported = done(t);
    size_t held_out, counted;
    rnn_recipe_tokens(t->recipe, 1, &held_out);
    while (done(t) < all && !interrupted) {
        update(t, slices);
        double time = now();
        int passed = held_out && (done(t) % windows == 0 || done(t) == all);
        if (time - last_save > 60.0 * t->checkpoint_minutes) {
            save_checkpoint(t, t->seconds_before + time - start);
            last_save = time;
        }
        if (passed)
            t->held_out_bits = measure(t, 32, &counted); /* quick, a little above `score` */
        if (passed || time - last_report > (isatty(2) ? 0.5 : 30.0)) {
            report(t, (double)(done(t) - reported) * places / (time - last_report));
            last_report = now();
            reported = done(t);
        }
    }
    return t->seconds_before + now() - start;
}

/* ---- the end ---- */

static void describe_held_out(const train *t, metadata *meta)
{
    size_t counted;
    double bits = measure(t, 1, &counted);
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

static void finish(const train *t, double seconds)
{
    metadata meta = describe(t, seconds);
    describe_held_out(t, &meta);
    blob file = save(t, &meta, 0);
    write_file(t->output, file.bytes, file.size);
    fprintf(stderr, "wrote %s after %.1f minutes\n", t->output, seconds / 60.0);
    free(file.bytes);
    free(meta.list);
}

static void run(train *t)
{
    catch_interrupts();
    double seconds = loop(t);
    if (isatty(2))
        fputc('\n', stderr);
    if (interrupted) {
        save_checkpoint(t, seconds);
        fprintf(stderr, "stopped; wrote %s: go on with --resume\n", t->checkpoint);
    } else {
        finish(t, seconds);
        if (!t->keeps_checkpoint)
            remove(t->checkpoint);
    }
}

static void release(train *t)
{
    rnn_recipe_free(t->recipe);
    free(t->training.bytes);
    free(t->measured.bytes);
    free(t->best.bytes);
    free(t->recalled);
}

/* A file that is written must not be one that is read. */
static void refuse_same(const char *written, const char *other)
{
    if (other && !strcmp(written, other))
        misuse("%s is given for two things: one would overwrite the other", other);
}

int command_train(int argc, char **argv)
{
    train t = {.recipe = rnn_recipe_new(), .checkpoint_minutes = 10.0, .smooth_loss = NAN, .held_out_bits = NAN};
    rnn_recipe *r = t.recipe;
    option options[] = {
        {"output", TEXT, &t.output, "FILE", "the weights file to write"},
        {"held-out", TEXT, &t.held_out, "FILE|SHARE",
         "text to measure with, or the share of TEXT's end to keep for it"},
        {"from", TEXT, &t.from, "FILE", "begin with this file's network and vocabulary instead of a random one"},
        {"level", SETTING, r, "NAME", "a token is one of: characters, words, folded (words in small letters)"},
        {"vocabulary", SETTING, r, "N", "of words: only the N most frequent tokens, <unknown> among them; 0 = all"},
        {"cell", SETTING, r, "NAME", "tanh, gru or lstm"},
        {"layers", SETTING, r, "N", "1 to 4"},
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
        {"optimizer", SETTING, r, "NAME", "adam or rmsprop"},
        {"seed", SETTING, r, "N", "of weights, offsets and dropout"},
        {"checkpoint", TEXT, &t.checkpoint, "FILE", "OUTPUT.checkpoint if not given"},
        {"checkpoint-minutes", REAL, &t.checkpoint_minutes, "X", "how often it is written"},
        {"resume", FLAG, &t.resume, NULL, "go on from the checkpoint, with its settings"},
        {"meta", PAIRS, &t.more, "KEY=VALUE", "metadata for the weights file, such as corpus and licence"},
        {NULL, TEXT, NULL, NULL, NULL}};
    if (!r)
        die("%s", rnn_error());
    parse(argc, argv, train_usage, options, &t.text, 1);
    if (!t.output || !(t.text || t.resume))
        misuse("train needs a text file and --output; with --resume the text may be left out");
    char *beside = strcat(strcpy(allocate(strlen(t.output) + sizeof ".checkpoint"), t.output), ".checkpoint");
    t.keeps_checkpoint = t.resume && t.checkpoint; /* the user's file, of the page perhaps */
    t.checkpoint = t.checkpoint ? t.checkpoint : beside;
    refuse_same(t.output, t.text);
    refuse_same(t.output, t.held_out);
    refuse_same(t.checkpoint, t.text);
    refuse_same(t.checkpoint, t.held_out);
    refuse_same(t.checkpoint, t.output);
    (t.resume ? resume : begin)(&t);
    tell_unknown(&t);
    try_saving(&t);
    run(&t);
    release(&t);
    free(beside);
    return interrupted ? 130 : 0;
}
