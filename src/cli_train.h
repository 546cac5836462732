/* SPDX-License-Identifier: MIT
 *
 * cli_train.h - a training of the command, as cli_train.c runs it and cli_checkpoint.c saves it and goes on with it.
 */
#ifndef CLI_TRAIN_H
#define CLI_TRAIN_H

#include "cli.h"

typedef struct {
    rnn_recipe *recipe;
    recipe_settings given;
    const char *text, *output, *checkpoint, *held_out, *from; /* as given: files; held_out may be a share */
    const char *keep;
    double checkpoint_minutes;
    int resume, keeps_checkpoint, forced;
    int owns_checkpoint; /* the file of this name is of this training; another one is not written over */
    pairs more;
    metadata earlier;              /* what --meta of the runs before gave */
    blob training, measured, best; /* TEXT, a held-out file, the weights file of the best so far; NULL: there is none */
    double best_bits;              /* NaN: there is none */
    char *recalled;                /* what the checkpoint says of --held-out */
    double seconds_before;         /* of earlier runs of the same training */
    double smooth_loss;            /* nats, NaN before the first update */
    double bits;                   /* per token, by which the network is judged; NaN if not yet known */
    int broken;                    /* the loss or a weight is not finite any more */
} train;

/* ---- cli_train.c ---- */
const char *judged_by(const train *t); /* the key of the metadata that says how good a network is */
/* --held-out, or what a checkpoint says of it: a share of TEXT's end, or a file. */
void take_held_out(train *t);

/* ---- cli_checkpoint.c ---- */
metadata describe(const train *t, double seconds); /* what a file says besides what the recipe says */
/* The network's file, or a checkpoint. NULL if there is no memory, or what --meta gave cannot be saved. */
blob save(const train *t, const metadata *meta, int checkpoint);
void try_saving(const train *t); /* what cannot be saved must be told before the training, not after it */
/* One that cannot be written ends no training: the one before stays, and there will be another. */
void save_checkpoint(train *t, double seconds);
/* The last one, of a training that is told to stop. Returns 0 if it is written where it should be; says where. */
int stop(const train *t, double seconds);
void resume(train *t); /* goes on from t->checkpoint */

#endif
