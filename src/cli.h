/* SPDX-License-Identifier: MIT
 *
 * cli.h - what the files of the nextchar command share. They see rnn.h and this, cli_files.c and cli_unknown.c utf8.h
 * too; the library does not see this.
 * Text goes to stdout, progress to stderr; exit 2 is wrong use, 1 failure (of standard output too).
 */
#ifndef CLI_H
#define CLI_H

#include "rnn.h"

#include <stddef.h>
#include <stdio.h>

/* ---- the commands, each in a file of its name; argv is what follows the name ---- */
int command_train(int argc, char **argv);
int command_write(int argc, char **argv);
int command_answer(int argc, char **argv);
int command_score(int argc, char **argv);
int command_inspect(int argc, char **argv);
int command_quantize(int argc, char **argv);
int command_markov(int argc, char **argv);
int command_novelty(int argc, char **argv);

/* ---- cli_options.c: ends, and a table of options for each command, which help and parsing read ---- */
__attribute__((noreturn, format(printf, 1, 2))) void die(const char *format, ...);    /* exit 1 */
__attribute__((noreturn, format(printf, 1, 2))) void misuse(const char *format, ...); /* exit 2 */
__attribute__((format(printf, 1, 2))) void warn(const char *format, ...);             /* and it goes on */
__attribute__((format(printf, 1, 2))) void note(const char *format, ...);             /* no fault: on stderr too */
void *allocate(size_t bytes); /* zeros; dies without memory */
char *join(const char *a, const char *b); /* free it */

typedef struct {
    char *bytes; /* with a NUL behind the last; free it */
    size_t size;
} blob;

typedef struct {
    int count;
    const char *text[64]; /* "key=value" */
} pairs;

/* Those of a recipe that were given: they were set in it, and are kept to see whether they can be obeyed. */
typedef struct {
    rnn_recipe *recipe;
    int count;
    struct {
        const char *name, *text;
    } given[32]; /* more than there are names */
} recipe_settings;

typedef enum { TEXT, WHOLE, REAL, FLAG, PAIRS, SETTING } option_kind;

typedef struct {
    const char *name; /* NULL closes a table */
    option_kind kind;
    void *value; /* const char ** | long * | double * | int * | pairs * | recipe_settings * with one of that name */
    const char *argument, *help;
} option;

/* Sets the options; what is left over goes to operands, at most so many. Returns how many there are. */
int parse(int argc, char **argv, const char *usage, option *options, const char **operands, int most);

/* ---- cli_output.c: what is written: standard output, which may fail, and files, where others may stand ---- */
void begin_output(void); /* before all else */
void flush_output(void); /* dies if standard output took not all */
void end_output(void);   /* the same, for the last time */
/* Bytes of the character at text, before end, that a terminal would obey, 0 if it is none; point gets which it is. They
 * are C0 but tab and line end, DEL, C1, and what turns the direction of the text behind it. */
int control_at(const char *text, const char *end, unsigned *point);
/* What a file says, to stdout or stderr. A terminal is not made to obey it: there controls are shown, as \u001b. */
void print_text(FILE *out, const char *text, size_t bytes);
void print_string(const char *text);
void print_json_string(const char *text); /* quoted, with all controls escaped */
/* Ends the command where an output would take the place of what it reads, or of any other file unless forced.
 * Which file a path is, device and inode tell; "-" is stdin. */
void refuse_same(const char *output_name, const char *output, const char *read_name, const char *read); /* or NULL */
int is_present(const char *path);
void refuse_present(const char *output, int forced);
/* Until the command ends no other training can lock the path. Tells too whether files can be made beside it. */
void lock_output(const char *path, const char *other);
/* Returns 0 or errno's number. What is at path stays until the new file is whole, and is replaced only if told. */
int write_file(const char *path, blob file, int replaces);
/* The same, again and again; at last in the folder of another path, of temporary files, of the person. Says where. */
int write_somewhere(const char *path, blob file, int replaces, const char *beside);

/* ---- cli_files.c: what is read, and metadata; each function dies where it cannot do its work ---- */
/* path "-" is stdin. Of a text at most 2 GiB are read, of a network at most 16. */
const char *called(const char *path); /* for a sentence */
blob read_text(const char *path);     /* as plain_text makes it */
blob read_text_raw(const char *path); /* as it is */
/* In its place: UTF-8 without a byte order mark, with \n for each line end, as web/trainer/decoding.js makes it. What
 * is no UTF-8 or no text ends the command. Returns 1 if that changed it. */
int plain_text(blob *text, const char *path);

enum { LINE_BYTES = 1 << 20 }; /* the most that are kept of a line of stdin */

/* stdin line by line, as plain_text makes it, for who answers before its end. Free the line. */
typedef struct {
    char *line;
    size_t number;        /* of lines so far */
    int is_behind_return; /* a \n that comes now belongs to the line end before */
} line_reader;

line_reader read_lines(void);
/* With a NUL behind it, and its bytes, of which what is above LINE_BYTES is not kept; NULL: there is none any more. */
char *next_line(line_reader *r, size_t *bytes);
/* 1 if a line is UTF-8 without a NUL. Else `why` (room) gets a sentence. */
int is_plain(const char *line, size_t bytes, char *why, size_t room);
int fitting_bytes(const char *text, size_t most); /* of a text that is cut to at most so many: no character is split */

typedef struct {
    rnn_model *model;
    rnn_vocab *vocab; /* of just the tokens that the model reads and writes */
    rnn_pattern *pattern; /* of a network that answers, which has model and vocab; else NULL */
    blob file;
} network;

network load(const char *path);     /* one that writes on */
network load_any(const char *path); /* or answers */
network open_any(blob file, const char *path); /* of a file that was read; the network owns it */
/* The file, or no bytes if not all of it was written: memory ended on the way. */
blob if_whole(blob file, size_t written);
/* The bytes of a weights file; NULL if there is no memory, or the metadata cannot be saved. */
blob save_network(const rnn_model *m, const rnn_vocab *v, const char *meta);
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
void meta_add(metadata *m, const char *list, const char *but); /* pairs whose keys are not there yet, but for one key */
const char *meta_get(const char *list, const char *key);      /* NULL if it is not there */
const char *value_of(const char *pair);
const char *next_pair(const char *pair); /* "" is the end */

/* ---- cli_unknown.c: what a vocabulary lacks, by name ---- */
/* Characters that a vocabulary lacks, each once, in the order in which they came; begin with {0}. */
typedef struct {
    unsigned char *seen; /* a bit for each code point that was looked up */
    char (*names)[5];
    int count, room;
} unknown_set;

void add_unknown(unknown_set *set, const rnn_vocab *v, const char *text, size_t bytes);
void free_unknown(unknown_set *set);
/* Says on stderr what they are, and which; those from `first` on, at most twenty. Nothing if there are none. */
void tell_unknown(const unknown_set *set, int first, const char *what);
/* 1 if it is one of the classes. Else `why` (room) gets a sentence that names them. */
int is_class(const rnn_vocab *classes, const char *name, char *why, size_t room);

/* ---- cli_score.c ---- */
/* Mean surprisal in bits, read from the zero state in so many equal parts side by side: 1 is exact, more are quicker.
 * NaN if nothing is counted, or there is no memory. */
double mean_bits(const rnn_model *m, const int32_t *ids, size_t count, size_t parts, size_t *counted);

/* A network that learns as it reads, at the rate of the option --learn. */
rnn_reader *new_reader(const rnn_model *m, double rate);
void read_one(rnn_reader *r, int32_t id);
#define LEARN_HELP "it learns as it reads, at this rate, 0 to 1: 0.0007 is a good one; 0: it does not"

#endif
