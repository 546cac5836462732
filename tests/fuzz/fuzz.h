/* SPDX-License-Identifier: MIT
 *
 * fuzz.h - what the targets share: a claim that must hold, and an input read from its front, part by part.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include "rnn.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MUST(claim) ((claim) ? (void)0 : broken(__FILE__, __LINE__, #claim))

static inline void broken(const char *file, int line, const char *claim)
{
    fprintf(stderr, "%s:%d: %s does not hold; the last error: %s\n", file, line, claim, rnn_error());
    abort();
}

/* An input that has ended gives zeros. */
typedef struct { const uint8_t *at, *end; } input;

static inline size_t left(const input *in) { return (size_t)(in->end - in->at); }

static inline void take_bytes(input *in, void *out, size_t n)
{
    size_t have = left(in) < n ? left(in) : n;
    memset(out, 0, n);
    if (have)
        memcpy(out, in->at, have);
    in->at += have;
}

/* 0 .. n - 1, from a byte. */
static inline int take(input *in, int n)
{
    uint8_t byte;
    take_bytes(in, &byte, 1);
    return byte % n;
}

static inline uint32_t take_word(input *in)
{
    uint32_t word;
    take_bytes(in, &word, sizeof word);
    return word;
}

static inline float take_float(input *in)
{
    float x;
    take_bytes(in, &x, sizeof x);
    return x;
}

/* A text whose lines are items; examples; and two pictures of side 10, as base64, with what is written of them. */
#define LIST "ada\nbob\ncleo\ndora\nemil\nfritz\ngina\nhugo\nida\njo\n"
#define EXAMPLES "ab\tcd\nb\ta\nab\tab\naa\tbc\n"
#define STRIPES "AP8A/wD/AP8A/wD/" "AP8A/wD/AP8A/wD/" "AP8A/wD/AP8A/wD/" "AP8A/wD/AP8A/wD/"
#define SHADES "AAECAwQFBgcICQoL" "DA0ODxAREhMUFRYX" "GBkaGxwdHh8gISIj" "JCUmJygpKissLS4v"
#define PICTURES STRIPES STRIPES "AP8A/w==\tab\n" SHADES STRIPES "AP8A/w==\tb\n"
enum { PICTURE_BYTES = 136 };

/* A file that the library saved: bytes of just that size, so that a sanitizer sees a read beyond it. */
typedef struct { void *bytes; size_t size; } saved;

static inline saved save_model(const rnn_model *m, const rnn_vocab *v, const char *meta)
{
    saved f = {NULL, rnn_model_save(m, v, meta, NULL, 0)};
    f.bytes = f.size ? malloc(f.size) : NULL;
    if (f.size)
        MUST(rnn_model_save(m, v, meta, f.bytes, f.size) == f.size);
    return f;
}

static inline saved save_recipe(const rnn_recipe *r, int checkpoint)
{
    saved f = {NULL, rnn_recipe_save(r, NULL, checkpoint, NULL, 0)};
    f.bytes = f.size ? malloc(f.size) : NULL;
    if (f.size)
        MUST(rnn_recipe_save(r, NULL, checkpoint, f.bytes, f.size) == f.size);
    return f;
}

/* libFuzzer's own. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t room);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed);

#endif
