/* SPDX-License-Identifier: MIT
 *
 * cli_inspect.c - nextchar inspect: what a weights file holds.
 */
#include "cli.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char inspect_usage[] = "inspect WEIGHTS [options]\n\nSays what a weights file holds.";

static const char *cell_name(int cell)
{
    return cell == RNN_CELL_LSTM ? "lstm" : cell == RNN_CELL_GRU ? "gru" : cell == RNN_CELL_TANH ? "tanh" : "none";
}

/* One stack of a file. */
static void print_stack_json(const rnn_model *m, size_t bytes)
{
    size_t parameters;
    rnn_params((rnn_model *)(uintptr_t)m, &parameters);
    printf("\"cell\":\"%s\",\"layers\":%d,\"hidden\":%d,\"embedding\":%d,\"inputs\":%d,\"outputs\":%d,"
           "\"parameters\":%zu,\"quantized\":%s,\"bytes\":%zu,\"fingerprint\":\"%08x\"",
           cell_name(rnn_cell(m)), rnn_layers(m), rnn_hidden(m), rnn_embedding(m), rnn_inputs(m), rnn_outputs(m),
           parameters, rnn_quantized(m) ? "true" : "false", bytes, (unsigned)rnn_fingerprint(m));
}

static void print_tokens_json(const char *name, const rnn_vocab *v)
{
    printf(",\"%s\":[", name);
    for (int i = 0; v && i < rnn_vocab_size(v); i++) {
        if (i)
            putchar(',');
        print_json_string(rnn_token(v, i));
    }
    putchar(']');
}

static void print_metadata_json(const rnn_model *m)
{
    printf(",\"metadata\":{");
    for (const char *key = rnn_meta(m); *key; key = next_pair(key)) {
        if (key != rnn_meta(m))
            putchar(',');
        print_json_string(key);
        putchar(':');
        print_json_string(value_of(key));
    }
    putchar('}');
}

/* "lstm, 1 layer of 64 units, embedding of 32" */
static void print_stack(const rnn_model *m)
{
    if (rnn_layers(m))
        printf("%s, %d layer%s of %d units, ", cell_name(rnn_cell(m)), rnn_layers(m), rnn_layers(m) > 1 ? "s" : "",
               rnn_hidden(m));
    else
        printf("no layers, ");
    printf(rnn_embedding(m) ? "embedding of %d" : "one-hot input", rnn_embedding(m));
}

static void print_size(size_t parameters, const rnn_model *m, size_t bytes)
{
    printf("%zu parameters%s, %zu bytes, fingerprint %08x\n", parameters, rnn_quantized(m) ? " as int8" : "", bytes,
           (unsigned)rnn_fingerprint(m));
}

static void print_metadata(const rnn_model *m)
{
    for (const char *key = rnn_meta(m); *key; key = next_pair(key)) {
        print_string(key);
        fputs(": ", stdout);
        print_string(value_of(key));
        putchar('\n');
    }
}

/* How it looks, from what is read at the left to what is written below: time goes to the right. */
static const struct { const char *pattern, *picture; } pictures[] = {
    {"one-to-one", "  read      x   x   x   x\n"
                   "            |   |   |   |\n"
                   "  written   y   y   y   y\n"},
    {"one-to-many", "  read     v\n"
                    "           |\n"
                    "  state    [ ]-[ ]-[ ]-[ ]\n"
                    "            |   |   |   |\n"
                    "  written   y   y   y   end\n"},
    {"many-to-one", "  read      x   x   x   x\n"
                    "            |   |   |   |\n"
                    "  state    [ ]-[ ]-[ ]-[ ]\n"
                    "                        |\n"
                    "  written               y\n"},
    {"sequence", "  read      x   x   x\n"
                 "            |   |   |\n"
                 "  encoder  [ ]-[ ]-[ ]-\\\n"
                 "                        \\\n"
                 "  decoder                [ ]-[ ]-[ ]\n"
                 "                          |   |   |\n"
                 "  written                 y   y   end\n"}};

static void print_marks(const char *name, int before, const char *mark)
{
    enum { LETTERS = 4 };
    printf("  %-8s%*s", name, 4 * before, "");
    for (int i = 0; i < LETTERS; i++)
        printf("  %s%s", mark, i < LETTERS - 1 ? " " : "\n");
}

/* Four letters, each with its answer so many steps later; of more than four steps the later ones are dots. */
static void print_synchronous(int delay)
{
    int shown = delay > 4 ? 5 : delay;
    print_marks("read", 0, "x");
    print_marks("", 0, "|");
    printf("  state    [ ]");
    for (int i = 1; i < 4 + shown; i++)
        fputs(delay > 4 && i == 4 ? "-..." : "-[ ]", stdout);
    putchar('\n');
    print_marks("", shown, "|");
    print_marks("written", shown, "y");
}

static void print_picture(const rnn_model *m)
{
    const char *pattern = meta_get(rnn_meta(m), "pattern"), *delay = meta_get(rnn_meta(m), "delay");
    for (size_t i = 0; pattern && i < sizeof pictures / sizeof *pictures; i++)
        if (strcmp(pattern, pictures[i].pattern) == 0)
            fputs(pictures[i].picture, stdout);
    if (pattern && strcmp(pattern, "synchronous") == 0)
        print_synchronous(delay ? atoi(delay) : 0);
}

/* ---- a network that writes on ---- */

static void inspect_network(network *n, int json)
{
    const rnn_model *m = n->model;
    size_t parameters;
    rnn_params(n->model, &parameters);
    if (json) {
        putchar('{');
        print_stack_json(m, n->file.size);
        print_tokens_json("vocabulary", n->vocab);
        print_metadata_json(m);
        printf("}\n");
        return;
    }
    print_stack(m);
    printf(", vocabulary of %d %s\n", rnn_outputs(m),
           rnn_vocab_level(n->vocab) == RNN_CHARACTERS ? "characters" : "words");
    print_size(parameters, m, n->file.size);
    print_picture(m);
    print_metadata(m);
}

/* ---- a network that answers ---- */

static void inspect_pattern(const rnn_pattern *p, size_t bytes, int json)
{
    const rnn_model *m = rnn_pattern_model(p), *encoder = rnn_pattern_encoder(p);
    const rnn_vocab *v = rnn_pattern_vocab(p), *labels = rnn_pattern_labels(p);
    const char *pattern = meta_get(rnn_meta(m), "pattern");
    if (json) {
        printf("{\"pattern\":\"%s\",", pattern);
        print_stack_json(m, bytes);
        if (encoder) {
            printf(",\"encoder\":{");
            print_stack_json(encoder, bytes);
            putchar('}');
        }
        print_tokens_json("vocabulary", v);
        print_tokens_json("labels", labels);
        print_metadata_json(m);
        printf("}\n");
        return;
    }
    size_t own, encoders = 0;
    rnn_params(rnn_pattern_model(p), &own);
    if (encoder)
        rnn_params(rnn_pattern_encoder(p), &encoders);
    printf("%s: %s", pattern, encoder ? "encoder and decoder " : "");
    print_stack(m);
    if (v)
        printf(", reads %d %s", rnn_vocab_size(v), rnn_vector(m) ? "classes" : "characters");
    else
        printf(", reads pictures of %d places", rnn_vector(m));
    printf(", writes %d labels\n", rnn_vocab_size(labels));
    print_size(own + encoders, m, bytes);
    print_picture(m);
    print_metadata(m);
}

int command_inspect(int argc, char **argv)
{
    const char *path = NULL;
    int json = 0;
    option options[] = {{"json", FLAG, &json, NULL, "machine-readable, with the vocabulary"},
                        {NULL, TEXT, NULL, NULL, NULL}};
    if (parse(argc, argv, inspect_usage, options, &path, 1) != 1)
        misuse("inspect needs a weights file");
    network n = load_any(path);
    if (n.pattern)
        inspect_pattern(n.pattern, n.file.size, json);
    else
        inspect_network(&n, json);
    unload(&n);
    return 0;
}
