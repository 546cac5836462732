/* SPDX-License-Identifier: MIT
 *
 * examples.h - texts of examples, an example a line: what is read, a tab, what is written. How they become ids, which
 * are held out, and how a few of them stand side by side in a window.
 */
#ifndef EXAMPLES_H
#define EXAMPLES_H

#include "rnn.h"

/* As the names of the setting "pattern"; see rnn.h for what is read and written. */
typedef enum { A_TEXT, ONE_TO_ONE, ONE_TO_MANY, MANY_TO_ONE, SYNCHRONOUS, SEQUENCE } pattern;

enum { MAX_READ = 65536 }; /* tokens of a line, on either side */
enum { MAX_DELAY = 64, MAX_WIDTH = 512, MAX_WRITTEN = 1024, MAX_LABEL_BYTES = 255 };
enum { MIN_PICTURE_SIDE = 10, MAX_PICTURE_SIDE = 64 }; /* as MIN_SIDE and MAX_SIDE of model.h */

typedef struct {
    pattern pattern;
    int side;     /* one-to-many: of the picture that is read, as base64 of side * side bytes; 0: a class is read */
    int delay;    /* synchronous: steps from a token to its answer */
    int reversed; /* sequence: the encoder reads from the end */
    int each;     /* many-to-one: the answer is a target at each token, not at the last one alone */
} example_rules;

typedef struct {
    example_rules rules;
    rnn_vocab *vocab, *labels; /* of what is read (NULL: pictures), of what is written */
    int end;                   /* the label that ends what is written, or RNN_NONE */
    int count, held_out;       /* lines; the last `held_out` of them are not trained on */
    int read_steps, steps;     /* the most that a line takes of what an encoder reads, and of x and y */
    uint32_t unknown;          /* characters that the vocabularies lack: "no input here", or no target */
    uint32_t *begins;          /* (2 * count + 1) where each line's tokens begin in ids: read, written, read, ... */
    int32_t *ids;
    unsigned char *pictures;   /* (count, side * side), or NULL */
} examples;

/* Reads the lines into e, whose rules are set. Vocabularies that it has not are built: characters, or the names of
 * classes. Of what is read a hash decides which lines are held out: that share of them, in any order of the lines, and
 * equal inputs stay together. A text that is held out as a whole is given apart (else NULL). 0, or the code. */
int read_examples(examples *e, const char *text, size_t bytes, const char *held_out, size_t held_out_bytes,
                  double share);
void free_examples(examples *e); /* all but the vocabularies, which are the caller's */

/* What a state begins from, a class or a picture: fills in the vector, returns N or an error. */
int read_vector(example_rules rules, const rnn_vocab *vocab, const char *input, size_t bytes, float *vector);

/* How many numbers a state begins from; 0: none. */
int source_numbers(const examples *e);

/* Lines side by side. */
typedef struct {
    int read_steps, steps;
    int32_t *read;  /* (read_steps, B) of an encoder */
    int32_t *x, *y; /* (steps, B) */
    float *vectors; /* (B, source_numbers) */
} example_window;

/* Whether the labels have all that a line should write. */
int is_known(const examples *e, uint32_t l);

/* Of B lines: the steps that x and y need, and those of an encoder. */
int window_steps(const examples *e, int B, const uint32_t *lines, int *read_steps);

/* Fills what the pattern has of a window, whose steps are set. */
void fill_window(const examples *e, int B, const uint32_t *lines, const example_window *w);

#endif
