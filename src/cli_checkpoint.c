/* SPDX-License-Identifier: MIT
 *
 * cli_checkpoint.c - what a training saves, and how it goes on from its checkpoint.
 */
#define _POSIX_C_SOURCE 200809L /* isatty */

#include "cli_train.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_CARRIED = 20 << 20 }; /* bytes of text in a checkpoint: as many as the page takes */

/* ---- saving ---- */

metadata describe(const train *t, double seconds)
{
    metadata meta = {0};
    meta_set_pairs(&meta, &t->more);
    meta_add(&meta, t->earlier.list, NULL);
    meta_set(&meta, "train.minutes", "%.2f", seconds / 60.0);
    return meta;
}

blob save(const train *t, const metadata *meta, int checkpoint)
{
    blob file = {NULL, rnn_recipe_save(t->recipe, meta->list, checkpoint, NULL, 0)};
    file.bytes = file.size ? malloc(file.size) : NULL;
    return if_whole(file, file.bytes ? rnn_recipe_save(t->recipe, meta->list, checkpoint, file.bytes, file.size) : 0);
}

/* The file with one tensor more, in the place of the file; NULL if there is no memory. */
static void carry(blob *file, const char *name, const blob *data)
{
    if (!data->bytes || !file->bytes)
        return;
    blob more = {NULL, rnn_file_add(file->bytes, file->size, name, data->bytes, data->size, NULL, 0)};
    more.bytes = more.size ? malloc(more.size) : NULL;
    more = if_whole(more, more.bytes ? rnn_file_add(file->bytes, file->size, name, data->bytes, data->size, more.bytes,
                                                 more.size) : 0);
    free(file->bytes);
    *file = more;
}

static void carry_text(blob *file, const char *name, const blob *text)
{
    if (text->size <= MOST_CARRIED)
        carry(file, name, text);
}

/* With its texts and the best network, or alone: then it asks for its text, and has forgotten what was better. */
static blob checkpoint_file(const train *t, double seconds, int alone)
{
    metadata meta = describe(t, seconds);
    if (t->measured.bytes && t->held_out) /* where its text has no room in the file, its name is needed */
        meta_set(&meta, "train.held-out", "%s", t->held_out);
    meta_set(&meta, "train.loss", "%.17g", t->smooth_loss);
    blob file = save(t, &meta, 1);
    free(meta.list);
    if (alone)
        return file;
    carry_text(&file, "text", &t->training);
    carry_text(&file, "held_out", &t->measured);
    carry(&file, "best", &t->best);
    return file;
}

void save_checkpoint(train *t, double seconds)
{
    blob file = checkpoint_file(t, seconds, 0);
    int failed = file.bytes ? write_file(t->checkpoint, file, t->owns_checkpoint) : ENOMEM;
    t->owns_checkpoint |= !failed;
    if (failed) {
        fputs(isatty(2) ? "\n" : "", stderr); /* behind the line of the progress */
        warn("cannot write %s: %s; the training goes on", t->checkpoint, strerror(failed));
    }
    free(file.bytes);
}

/* Whether a key is written by the command or the recipe, and is not of --meta. */
static int is_own(const train *t, const char *key)
{
    static const char *const own[] = {"nextchar.format", "level", "unknown", "pad", "end", "decoder.end", "decoder.pad",
                                      "decoder.unknown", "pattern",
                                      "side", "delay", "reversed", "train.examples", "train.minutes",
                                      "train.held-out", "train.loss", "train.bits", "train.text", "train.updates",
                                      "train.characters", "train.tokens", "train.settings", "train.rateFactor"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (strcmp(key, own[i]) == 0)
            return 1;
    return strncmp(key, "heldOut.", 8) == 0 || (strncmp(key, "train.", 6) == 0 && rnn_recipe_get(t->recipe, key + 6));
}

void try_saving(const train *t)
{
    metadata meta = {0};
    meta_set_pairs(&meta, &t->more);
    for (const char *key = meta.list; key && *key; key = next_pair(key))
        if (is_own(t, key))
            misuse("the metadata has the key %s twice: nextchar writes it too", key);
    free(meta.list);
    blob file = checkpoint_file(t, 0.0, 0);
    if (!file.bytes && (file.size || rnn_error_code() == RNN_E_MEMORY))
        die("no memory for a checkpoint");
    if (!file.bytes)
        misuse("%s", rnn_error());
    free(file.bytes);
}

int stop(const train *t, double seconds)
{
    blob file = checkpoint_file(t, seconds, 0);
    if (!file.bytes)
        file = checkpoint_file(t, seconds, 1);
    if (!file.bytes)
        die("no memory for a checkpoint");
    int failed = write_somewhere(t->checkpoint, file, t->owns_checkpoint, t->output);
    free(file.bytes);
    if (failed) {
        note("stopped; go on with --resume --checkpoint and the name of that file");
        return failed;
    }
    note("stopped; wrote %s: go on with --resume", t->checkpoint);
    return 0;
}

/* ---- going on ---- */

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
    t->training = t->text ? read_text_raw(t->text) : copy_part(&checkpoint->file, "text");
    if (!t->held_out)
        t->measured = copy_part(&checkpoint->file, "held_out");
    if (!t->held_out && !t->measured.bytes && said) { /* a file may come from anybody: what it names is not opened */
        char *end;
        strtod(said, &end);
        if (*end)
            misuse("the checkpoint measures with the file %s and does not hold it: give it with --held-out", said);
        t->held_out = t->recalled = join(said, "");
    }
    take_held_out(t);
}

/* Texts that were given are first taken as they are: a checkpoint may have been made from them before they were made
 * plain. Returns 0 or the library's error. */
static int resume_texts(train *t, const blob *file)
{
    for (int plain = 0;; plain = 1) {
        int code = rnn_recipe_resume(t->recipe, file->bytes, file->size, t->training.bytes, t->training.size,
                                     t->measured.bytes, t->measured.size);
        if (code != RNN_E_CHECKPOINT || plain)
            return code;
        int changed = t->text && plain_text(&t->training, t->text);
        if (t->held_out && t->measured.bytes)
            changed |= plain_text(&t->measured, t->held_out);
        if (!changed) /* the sentence of this error stays */
            return code;
    }
}

/* The best network so far, and its bits; a checkpoint of the page has them too. */
static void take_best(train *t, const blob *file)
{
    t->best = copy_part(file, "best");
    if (!t->best.bytes)
        return;
    network best = open_any(t->best, "the best network in the checkpoint");
    const rnn_model *m = rnn_recipe_model(t->recipe);
    if (rnn_cell(best.model) != rnn_cell(m) || rnn_layers(best.model) != rnn_layers(m) ||
        rnn_hidden(best.model) != rnn_hidden(m) || rnn_embedding(best.model) != rnn_embedding(m) ||
        rnn_inputs(best.model) != rnn_inputs(m))
        die("%s: the best network in it is not of this training", t->checkpoint);
    const char *bits = meta_get(rnn_meta(best.model), judged_by(t));
    t->best_bits = bits ? strtod(bits, NULL) : NAN;
    best.file.bytes = NULL; /* it is t's */
    unload(&best);
}

static void recall_meta(train *t, const char *list)
{
    for (; *list; list = next_pair(list))
        if (!is_own(t, list))
            meta_set(&t->earlier, list, "%s", value_of(list));
}

void resume(train *t)
{
    network checkpoint = load_any(t->checkpoint);
    const char *meta = rnn_meta(checkpoint.model), *text;
    find_texts(t, &checkpoint);
    if (resume_texts(t, &checkpoint.file))
        die("%s: %s", t->checkpoint, rnn_error());
    take_best(t, &checkpoint.file);
    recall_meta(t, meta);
    if ((text = meta_get(meta, "train.minutes")))
        t->seconds_before = 60.0 * strtod(text, NULL);
    if ((text = meta_get(meta, "train.loss")))
        t->smooth_loss = strtod(text, NULL);
    unload(&checkpoint);
}
