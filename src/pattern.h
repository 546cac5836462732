/* SPDX-License-Identifier: MIT
 *
 * pattern.h - a network of one of the lesson's patterns, whole: its stacks, its vocabularies, its rules. For rnn.h's
 * functions see there.
 */
#ifndef PATTERN_H
#define PATTERN_H

#include "examples.h"

struct rnn_pattern {
    example_rules rules;
    rnn_model *encoder;        /* of a sequence; else NULL */
    rnn_model *model;          /* what writes */
    rnn_vocab *vocab, *labels; /* of what is read (NULL: pictures), of what is written */
};

/* The names of the patterns, in their order. */
extern const char pattern_names[];

/* Fills in what the file holds; 0, or the code. What is in *p then is the caller's to release, in either case. */
int load_pattern(rnn_pattern *p, const void *safetensors, size_t bytes);
void release_pattern(rnn_pattern *p);

/* What the lines from `first` to `end` cost and how many are right; see rnn_pattern_score. */
int score_examples(const rnn_pattern *p, const examples *trained, int first, int end, double *figures);

#endif
