/* SPDX-License-Identifier: MIT
 *
 * cli_quantize.c - nextchar quantize: weights as int8.
 */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

static void save_model(const char *path, const rnn_model *m, const rnn_vocab *v, const char *meta)
{
    size_t bytes = rnn_model_save(m, v, meta, NULL, 0);
    void *out = allocate(bytes);
    if (!bytes || rnn_model_save(m, v, meta, out, bytes) != bytes)
        die("%s", rnn_error());
    write_file(path, out, bytes);
    free(out);
}

static const char quantize_usage[] =
    "quantize WEIGHTS --output FILE\n\n"
    "Rounds the weights to int8 with a scale per row: a quarter of the size.";

int command_quantize(int argc, char **argv)
{
    const char *path = NULL, *output = NULL;
    pairs more = {0};
    option options[] = {{"output", TEXT, &output, "FILE", "the weights file to write"},
                        {"meta", PAIRS, &more, "KEY=VALUE", "further metadata; replaces a key of the same name"},
                        {NULL, TEXT, NULL, NULL, NULL}};
    if (parse(argc, argv, quantize_usage, options, &path, 1) != 1 || !output)
        misuse("quantize needs a weights file and --output");
    network n = load(path);
    rnn_model *q = rnn_model_quantize(n.model);
    metadata meta = {0};
    if (!q)
        die("%s", rnn_error());
    meta_set_pairs(&meta, &more);
    for (const char *key = rnn_meta(q), *value; *key; key = value + strlen(value) + 1) {
        value = key + strlen(key) + 1;
        if (!meta.list || !meta_get(meta.list, key))
            meta_set(&meta, key, "%s", value);
    }
    save_model(output, q, n.vocab, meta.list);
    free(meta.list);
    rnn_model_free(q);
    unload(&n);
    return 0;
}
