/* SPDX-License-Identifier: MIT
 *
 * cli.h - what the files of the nextchar command share. They see rnn.h and this; the library sees neither.
 * Text goes to stdout, progress to stderr; exit 2 is wrong use, 1 failure.
 */
#ifndef CLI_H
#define CLI_H

#include "rnn.h"

#include <stddef.h>

/* ---- the commands, each in a file of its name; argv is what follows the name ---- */
int command_train(int argc, char **argv);
int command_write(int argc, char **argv);
int command_score(int argc, char **argv);
int command_inspect(int argc, char **argv);
int command_quantize(int argc, char **argv);
int command_markov(int argc, char **argv);
int command_novelty(int argc, char **argv);

/* ---- cli_options.c: ends, and a table of options for each command, which help and parsing read ---- */
__attribute__((noreturn, format(printf, 1, 2))) void die(const char *format, ...);    /* exit 1 */
__attribute__((noreturn, format(printf, 1, 2))) void misuse(const char *format, ...); /* exit 2 */
void *allocate(size_t bytes); /* zeros; dies without memory */

typedef struct {
    int count;
    const char *text[64]; /* "key=value" */
} pairs;

typedef enum { TEXT, WHOLE, REAL, FLAG, PAIRS, SETTING } option_kind;

typedef struct {
    const char *name; /* NULL closes a table */
    option_kind kind;
    void *value; /* const char ** | long * | double * | int * | pairs * | rnn_recipe * with a setting of that name */
    const char *argument, *help;
} option;

/* Sets the options; what is left over goes to operands, at most so many. Returns how many there are. */
int parse(int argc, char **argv, const char *usage, option *options, const char **operands, int most);

/* ---- cli_files.c: files, networks, texts, metadata; each function dies where it cannot do its work ---- */
typedef struct {
    char *bytes; /* with a NUL behind the last; free it */
    size_t size;
} blob;

blob read_file(const char *path);                                    /* "-" is stdin */
void write_file(const char *path, const void *bytes, size_t size);  /* the old file stays until the new one is whole */
void try_writing(const char *path);                                  /* whether write_file could; leaves nothing */

typedef struct {
    rnn_model *model;
    rnn_vocab *vocab; /* of just the tokens that the model reads and writes */
    blob file;
} network;

network load(const char *path);
void unload(network *n);

typedef struct {
    int32_t *ids; /* free it */
    size_t count;
    size_t unknown; /* what the vocabulary lacks: characters are left out, words stay as the unknown one */
} tokens;

tokens encode(const rnn_vocab *v, const char *text, size_t bytes);
const char *unit_of(const rnn_vocab *v); /* "character" or "token" */

/* A growing list "key", "value", ... as rnn.h wants it; begin with {0}, free the list. */
typedef struct {
    char *list; /* NULL: empty */
    size_t used, room;
} metadata;

/* Adds a pair, unless its value is empty. */
__attribute__((format(printf, 3, 4))) void meta_set(metadata *m, const char *key, const char *format, ...);
void meta_set_pairs(metadata *m, const pairs *list);
const char *meta_get(const char *list, const char *key); /* NULL if it is not there */

/* ---- cli_score.c ---- */
/* Mean surprisal in bits, read from the zero state in so many equal parts side by side: 1 is exact, more are quicker.
 * NaN if nothing is counted. */
double mean_bits(const rnn_model *m, const int32_t *ids, size_t count, size_t parts, size_t *counted);

#endif
