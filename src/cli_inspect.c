/* SPDX-License-Identifier: MIT
 *
 * cli_inspect.c - nextchar inspect: what a weights file holds.
 */
#include "cli.h"

#include <stdio.h>
#include <string.h>

static const char inspect_usage[] = "inspect WEIGHTS [options]\n\nSays what a weights file holds.";

static const char *cell_name(int cell)
{
    return cell == RNN_CELL_LSTM ? "lstm" : cell == RNN_CELL_GRU ? "gru" : "tanh";
}

/* Controls of every kind are escaped: a terminal may be what shows it. */
static void print_json_string(const char *text)
{
    unsigned point;
    const char *end = text + strlen(text);
    putchar('"');
    for (int length; *text; text += length ? length : 1) {
        length = control_at(text, end, &point);
        if (length || strchr("\n\t", *text))
            printf("\\u%04x", point);
        else if (strchr("\"\\", *text))
            printf("\\%c", *text);
        else
            putchar(*text);
    }
    putchar('"');
}

static void inspect_json(const network *n, size_t parameters)
{
    const rnn_model *m = n->model;
    printf("{\"cell\":\"%s\",\"layers\":%d,\"hidden\":%d,\"embedding\":%d,\"inputs\":%d,\"outputs\":%d,"
           "\"parameters\":%zu,\"quantized\":%s,\"bytes\":%zu,\"fingerprint\":\"%08x\",\"vocabulary\":[",
           cell_name(rnn_cell(m)), rnn_layers(m), rnn_hidden(m), rnn_embedding(m), rnn_inputs(m), rnn_outputs(m),
           parameters, rnn_quantized(m) ? "true" : "false", n->file.size, (unsigned)rnn_fingerprint(m));
    for (int i = 0; i < rnn_vocab_size(n->vocab); i++) {
        if (i)
            putchar(',');
        print_json_string(rnn_token(n->vocab, i));
    }
    printf("],\"metadata\":{");
    for (const char *key = rnn_meta(m); *key; key = next_pair(key)) {
        if (key != rnn_meta(m))
            putchar(',');
        print_json_string(key);
        putchar(':');
        print_json_string(value_of(key));
    }
    printf("}}\n");
}

static void inspect_text(const network *n, size_t parameters)
{
    const rnn_model *m = n->model;
    printf("%s, %d layer%s of %d units, %s", cell_name(rnn_cell(m)), rnn_layers(m), rnn_layers(m) > 1 ? "s" : "",
           rnn_hidden(m),
           rnn_embedding(m) ? "embedding of " : "one-hot input");
    if (rnn_embedding(m))
        printf("%d", rnn_embedding(m));
    printf(", vocabulary of %d %s\n%zu parameters%s, %zu bytes, fingerprint %08x\n", rnn_outputs(m),
           rnn_vocab_level(n->vocab) == RNN_CHARACTERS ? "characters" : "words", parameters,
           rnn_quantized(m) ? " as int8" : "", n->file.size, (unsigned)rnn_fingerprint(m));
    for (const char *key = rnn_meta(m); *key; key = next_pair(key)) {
        print_string(key);
        fputs(": ", stdout);
        print_string(value_of(key));
        putchar('\n');
    }
}

int command_inspect(int argc, char **argv)
{
    const char *path = NULL;
    int json = 0;
    option options[] = {{"json", FLAG, &json, NULL, "machine-readable, with the vocabulary"},
                        {NULL, TEXT, NULL, NULL, NULL}};
    size_t parameters;
    if (parse(argc, argv, inspect_usage, options, &path, 1) != 1)
        misuse("inspect needs a weights file");
    network n = load(path);
    rnn_params(n.model, &parameters);
    (json ? inspect_json : inspect_text)(&n, parameters);
    unload(&n);
    return 0;
}
