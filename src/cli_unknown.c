/* SPDX-License-Identifier: MIT
 *
 * cli_unknown.c - what a vocabulary lacks, by name.
 */
#define _POSIX_C_SOURCE 200809L /* open_memstream */

#include "cli.h"
#include "utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* For a sentence: "a", "b" and 3 more, of the names from `first` to count - 1; free it. */
static char *enumerate(const char *(*name)(const void *of, int i), const void *of, int first, int count)
{
    enum { MOST = 20 };
    char *text;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);
    int shown = count - first > MOST ? first + MOST : count;
    if (!out)
        die("no memory for a sentence");
    for (int i = first; i < shown; i++)
        fprintf(out, i > first ? ", \"%s\"" : "\"%s\"", name(of, i));
    if (shown < count)
        fprintf(out, " and %d more", count - shown);
    if (fclose(out) || !text) /* without memory the one or the other tells */
        die("no memory for a sentence");
    return text;
}

/* ---- characters ---- */

/* Whether a code point was looked up before; from now on it was. */
static int was_seen(unknown_set *set, uint32_t point)
{
    unsigned char *byte = set->seen + point / 8, bit = (unsigned char)(1U << point % 8);
    int seen = *byte & bit;
    *byte |= bit;
    return seen;
}

static void add_name(unknown_set *set, const char *name)
{
    if (set->count == set->room) {
        set->room = 2 * set->room + 32;
        set->names = realloc(set->names, sizeof *set->names * (size_t)set->room);
        if (!set->names)
            die("no memory for %d characters", set->room);
    }
    strcpy(set->names[set->count++], name);
}

void add_unknown(unknown_set *set, const rnn_vocab *v, const char *text, size_t bytes)
{
    enum { CODE_POINTS = 0x110000, REPLACEMENT = 0xfffd };
    const unsigned char *p = (const unsigned char *)text, *end = p + bytes;
    if (!set->seen)
        set->seen = allocate(CODE_POINTS / 8);
    while (p < end) {
        int length = utf8_length(p, end);
        uint32_t point = length ? utf8_decode(p, length) : REPLACEMENT;
        p += length ? length : 1;
        if (was_seen(set, point))
            continue;
        char name[5] = "";
        utf8_encode(point, name);
        if (rnn_find_token(v, name) == RNN_NONE)
            add_name(set, name);
    }
}

void free_unknown(unknown_set *set)
{
    free(set->seen);
    free(set->names);
}

static const char *character_at(const void *of, int i) { return ((const unknown_set *)of)->names[i]; }

void tell_unknown(const unknown_set *set, int first, const char *what)
{
    if (first == set->count)
        return;
    char *names = enumerate(character_at, set, first, set->count);
    warn("%s: %s", what, names);
    free(names);
}

/* ---- classes ---- */

static const char *class_at(const void *of, int i) { return rnn_token(of, i); }

int is_class(const rnn_vocab *classes, const char *name, char *why, size_t room)
{
    if (rnn_find_token(classes, name) >= 0)
        return 1;
    char *names = enumerate(class_at, classes, 0, rnn_vocab_size(classes));
    snprintf(why, room, "\"%.*s\" is no class that the network knows: %s", fitting_bytes(name, 255), name, names);
    why[fitting_bytes(why, room - 2)] = 0; /* what is longer was cut, perhaps amid a character */
    free(names);
    return 0;
}
