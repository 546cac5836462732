/* SPDX-License-Identifier: MIT
 *
 * cli_quantize.c - nextchar quantize: weights as int8.
 */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

static const char quantize_usage[] =
    "quantize WEIGHTS --output FILE\n\n"
    "Rounds the weights to int8 with a scale per row: a quarter of the size.";

/* Metadata that says how the network is read. */
static const char *const own[] = {"nextchar.format=", "level=", "unknown=", "pad=", "end=", "decoder.end=",
                                  "decoder.pad=", "decoder.unknown=", "pattern=", "side=", "delay=", "reversed="};

/* Metadata that was given, then the network's own. */
static metadata all_metadata(const rnn_model *q, const pairs *more)
{
    metadata meta = {0};
    if (!q)
        die("%s", rnn_error());
    meta_set_pairs(&meta, more);
    meta_add(&meta, rnn_meta(q), NULL);
    return meta;
}

static blob network_file(const network *n, const pairs *more)
{
    rnn_model *q = rnn_model_quantize(n->model);
    metadata meta = all_metadata(q, more);
    blob file = save_network(q, n->vocab, meta.list);
    free(meta.list);
    rnn_model_free(q);
    return file;
}

static blob answering_file(const network *n, const pairs *more)
{
    rnn_pattern *q = rnn_pattern_quantize(n->pattern);
    metadata meta = all_metadata(q ? rnn_pattern_model(q) : NULL, more);
    blob file = {NULL, rnn_pattern_save(q, meta.list, NULL, 0)};
    file.bytes = file.size ? malloc(file.size) : NULL;
    file = if_whole(file, file.bytes ? rnn_pattern_save(q, meta.list, file.bytes, file.size) : 0);
    free(meta.list);
    rnn_pattern_free(q);
    return file;
}

int command_quantize(int argc, char **argv)
{
    const char *path = NULL, *output = NULL;
    int forced = 0;
    pairs more = {0};
    option options[] = {{"output", TEXT, &output, "FILE", "the weights file to write"},
                        {"meta", PAIRS, &more, "KEY=VALUE", "further metadata; replaces a key of the same name"},
                        {"force", FLAG, &forced, NULL, "write over the output if it is there"},
                        {NULL, TEXT, NULL, NULL, NULL}};
    if (parse(argc, argv, quantize_usage, options, &path, 1) != 1 || !output)
        misuse("quantize needs a weights file and --output");
    refuse_same("--output", output, "WEIGHTS", path);
    refuse_present(output, forced);
    for (int i = 0; i < more.count; i++)
        for (size_t k = 0; k < sizeof own / sizeof *own; k++)
            if (strncmp(more.text[i], own[k], strlen(own[k])) == 0)
                misuse("--meta %s: nextchar writes this key itself", more.text[i]);
    network n = load_any(path);
    if (rnn_quantized(n.model))
        warn("%s is int8 already: its weights stay as they are", path);
    blob file = (n.pattern ? answering_file : network_file)(&n, &more);
    if (!file.bytes)
        die("%s", file.size ? "no memory for the weights file" : rnn_error());
    int failed = write_file(output, file, forced);
    if (failed)
        die("cannot write %s: %s", output, strerror(failed));
    free(file.bytes);
    unload(&n);
    return 0;
}
