/* SPDX-License-Identifier: MIT
 *
 * seeds.c - writes the inputs that fuzzing begins with, as the library itself saves them: seeds FOLDER
 */
#include "fuzz.h"
#include "safetensors.h"

#include <errno.h>

static const char *folder;

static void store(const char *target, const char *name, const void *bytes, size_t size)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s/%s", folder, target, name);
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(bytes, 1, size, f) != size || fclose(f)) {
        fprintf(stderr, "seeds: cannot write %s: %s\n", path, strerror(errno));
        exit(1);
    }
}

static void store_model(const char *name, rnn_model *m, const rnn_vocab *v, const char *meta)
{
    saved f = save_model(m, v, meta);
    MUST(f.size);
    store("header", name, f.bytes, f.size);
    store("weights", name, f.bytes, f.size);
    free(f.bytes);
    rnn_model_free(m);
}

static void store_networks(void)
{
    static const char letters[] = "abc ", meta[] = "title\0letters\0unknown\0" "2\0end\0" "0\0";
    static const char words_meta[] = "level\0words\0unknown\0" "0\0";
    rnn_vocab *v = rnn_vocab_build(letters, 4, RNN_CHARACTERS, 0), *words = rnn_vocab_build("a b a", 5, RNN_WORDS, 0);
    store_model("lstm", rnn_model_new(RNN_CELL_LSTM, 1, 4, 0, 2, 4, 1), v, meta);
    store_model("gru-embedding", rnn_model_new(RNN_CELL_GRU, 1, 3, 2, 2, 3, 1), words, words_meta);
    store_model("tanh-layers", rnn_model_new(RNN_CELL_TANH, 4, 4, 1, 1, 4, 1), v, NULL);
    rnn_model *m = rnn_model_new(RNN_CELL_LSTM, 2, 4, 2, 1, 4, 1);
    store_model("int8", rnn_model_quantize(m), v, NULL);
    store_model("no-layers", rnn_model_new(0, 0, 4, 2, 0, 4, 1), v, NULL);
    store_model("picture", rnn_model_new_from(RNN_CELL_GRU, 1, 4, 0, 2, 4, 100, 1, 1, 1), v, "side\0" "10\0");
    const rnn_model *const stacks[] = {m, m};
    const char *const prefixes[] = {"encoder.", ""};
    char room[8192];
    size_t size = rnn_models_save(2, stacks, prefixes, v, NULL, "encoder.pad\0" "1\0", room, sizeof room);
    MUST(size && size <= sizeof room);
    store("weights", "two-stacks", room, size);
    rnn_model_free(m);
    rnn_vocab_free(v);
    rnn_vocab_free(words);
}

static const char text[] = "a cat and a dog and a cat sat.\n";

/* The sum gets a name that no resumed training looks for, as if there was none: else no changed byte would be looked
 * at. */
static void unseal(char *file)
{
    static const char sum[] = "\"trainer.sum\"";
    while (memcmp(file, sum, sizeof sum - 1) != 0)
        file++;
    memcpy(file, "\"best\"       ", sizeof sum - 1);
}

static void store_with_texts(const char *name, saved checkpoint, const char *own, const char *held_out)
{
    char one[16384], both[16384];
    size_t size = rnn_file_add(checkpoint.bytes, checkpoint.size, "text", own, strlen(own), one, sizeof one);
    MUST(size && size <= sizeof one);
    if (held_out)
        size = rnn_file_add(one, size, "held_out", held_out, strlen(held_out), both, sizeof both);
    MUST(size && size <= sizeof both);
    unseal(held_out ? both : one);
    store("checkpoint", name, held_out ? both : one, size);
}

/* The same training as pages wrote it before they had recipes. */
static void store_old_page(const rnn_recipe *r, saved checkpoint)
{
    static const char settings[] =
        "{\"level\":\"characters\",\"batch\":2,\"window\":3,\"finalRate\":0.02,\"passes\":9}";
    char meta[512] = "train.text", room[16384];
    st_file *file = st_read(checkpoint.bytes, checkpoint.size);
    MUST(file);
    int used = 11 + sprintf(meta + 11, "%s", st_value(file->metadata, "train.text")) + 1;
    used += sprintf(meta + used, "train.settings") + 1;
    memcpy(meta + used, settings, sizeof settings);
    saved old = {room, rnn_trainer_save(rnn_recipe_trainer(r), rnn_recipe_vocab(r), meta, room, sizeof room)};
    MUST(old.size && old.size <= sizeof room);
    store_with_texts("old-page", old, text, NULL);
    free(file);
}

static rnn_recipe *trained(const char *const *settings, const char *own, const char *held_out)
{
    rnn_recipe *r = rnn_recipe_new();
    for (; *settings; settings += 2)
        MUST(rnn_recipe_set(r, settings[0], settings[1]) == 0);
    MUST(rnn_recipe_begin(r, own, strlen(own), held_out, held_out ? strlen(held_out) : 0, NULL, 0) == 0);
    for (int i = 0; i < 2; i++) {
        rnn_recipe_window(r, NULL, NULL);
        for (int slice = 0; slice < atoi(rnn_recipe_get(r, "slices")); slice++)
            MUST(!isnan(rnn_recipe_slice(r, slice)));
        MUST(!isnan(rnn_recipe_update(r)));
    }
    return r;
}

static void store_checkpoint(const char *name, const char *const *settings, const char *own, const char *held_out,
                             int old_page)
{
    rnn_recipe *r = trained(settings, own, held_out);
    saved f = save_recipe(r, 1);
    store_with_texts(name, f, own, held_out);
    if (old_page)
        store_old_page(r, f);
    free(f.bytes);
    rnn_recipe_free(r);
}

/* A network of a pattern that answers, and its checkpoint with its examples. */
static void store_answering(const char *name, const char *const *settings, const char *lines)
{
    rnn_recipe *r = trained(settings, lines, NULL);
    saved network = save_recipe(r, 0), checkpoint = save_recipe(r, 1);
    store("weights", name, network.bytes, network.size);
    store_with_texts(name, checkpoint, lines, NULL);
    free(network.bytes);
    free(checkpoint.bytes);
    rnn_recipe_free(r);
}

#define SMALL "hidden", "2", "embedding", "1", "batch", "2", "pattern"

static void store_answers(void)
{
    static const char *const classes[] = {SMALL, "one-to-many", NULL};
    static const char *const pictures[] = {SMALL, "one-to-many", "side", "10", "maps", "1", "cell", "tanh", NULL};
    static const char *const each[] = {SMALL, "many-to-one", NULL};
    static const char *const last[] = {SMALL, "many-to-one", "targets", "last", "cell", "gru", NULL};
    static const char *const synchronous[] = {SMALL, "synchronous", "delay", "1", NULL};
    static const char *const sequence[] = {SMALL, "sequence", "cell", "tanh", NULL};
    store_answering("one-to-many", classes, EXAMPLES);
    store_answering("pictures", pictures, PICTURES);
    store_answering("many-to-one", each, EXAMPLES);
    store_answering("last", last, EXAMPLES);
    store_answering("synchronous", synchronous, EXAMPLES);
    store_answering("sequence", sequence, EXAMPLES);
}

static void store_checkpoints(void)
{
    static const char *const lstm[] = {"hidden", "2", "embedding", "2", "batch", "2", "window", "3",
                                       "slices", "2", NULL};
    static const char *const gru[] = {"cell", "gru", "hidden", "1", "embedding", "0", "batch", "1", "window", "2",
                                      "level", "folded", "optimizer", "rmsprop", "held-out", "0.25", NULL};
    static const char *const tanh[] = {"cell", "tanh", "layers", "3", "hidden", "1", "embedding", "1", "batch", "3",
                                       "window", "2", "dropout", "0.5", NULL};
    static const char *const list[] = {"kind", "list", "held-out", "0.25", "cell", "tanh", "hidden", "1",
                                       "embedding", "1", "batch", "2", "window", "3", NULL};
    store_checkpoint("lstm", lstm, text, NULL, 1);
    store_checkpoint("gru-words", gru, text, NULL, 0);
    store_checkpoint("tanh-held-out", tanh, text, "a sad dog", 0);
    store_checkpoint("list", list, LIST, NULL, 0);
    store_answers();
}

#define STORE(target, name, literal) store(target, name, literal, sizeof(literal) - 1)

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    folder = argv[1];
    store_networks();
    store_checkpoints();
    STORE("text", "characters", "\4\x10" "caf\xC3\xA9, \xF0\x9F\x98\x80!\xFF caf\xC3\xA9");
    STORE("text", "words", "\1\x0F" "<unknown>\0a\0b\0," "a b, c");
    STORE("words", "prose",
          "\1" "\xE2\x80\x9CWell,\xE2\x80\x9D said he: it isn't 3.14 \xE2\x80\x94 or 1,000...\n(No!)");
    STORE("words", "names",
          "\0" "joe@x.com, https://a.b/c 10:30 U.S.A. printf (\"% d\", x_1); \xD0\x96\xE4\xB8\xAD\xE6\x96\x87");
    STORE("words", "few", "\3" "the cat the dog the end");
    STORE("grams", "count", "\0\7\5\0\1\x20" "abcabcabdabcabdabcbbabcabcabdabcab\x0A" "abcabcabc");
    STORE("grams", "index", "\1\1\2\x20" "abcabcabdabcabdabcbbabcabcabdabcab\x10" "abcabcabcdabcabdabcb\x08");
    float logits[] = {0.8f, 0.9f, 0.5f, 0.0f, 1.0f, -2.0f, -INFINITY, 3.0f, 0.25f};
    store("sampling", "logits", logits, sizeof logits);
    STORE("calls", "model", "\0\0\0\0\0\0\0\0\0abcd\1\0\0\0\0\0\1\0\5\0\0\0\0");
    /* Trainings from the beginning over a checkpoint to a file, as calls.c reads them. A setting is named by its place
     * among those of a checkpoint: where one is put in between, these are to be written anew. */
    STORE("calls", "list",
          "\3\0\0\3\0\2\0\20\1\3\0\5\0\1\1\1\1\1\3\0\24\0\3\0\24\0\3\0\24\0\3\0\17\0\1\0\1\1\3\1\0\3\0\6\1\1\1"
          "\1\1\1\3\0\24\1\3\0\24\1\3\0\24\1\3\0\24\0");
    STORE("calls", "pictures",
          "\3\0\0\3\0\2\0\24\2\3\0\2\0\25\1\3\0\2\0\26\0\3\0\5\0\3\1\1\1\1\3\0\24\0\3\0\24\0\3\0\23\0\0\1\5\0"
          "\5\0\0\4\1\1\0\1\5\0\5\0\0\4\1\1\3\1\1\0\0\0\0\1\1\0\3\0\17\0\1\0\1\1\3\1\0\3\0\6\1\3\1\1\1\1\3\0"
          "\24\1\3\0\17\0\1\0\0\1\5\0\1\1\5\1\2\1\0\5\0\3\1\1\0\1\6\1");
    STORE("calls", "many-to-one",
          "\3\0\0\3\0\2\0\24\3\3\0\2\0\31\0\3\0\5\0\2\1\1\1\1\3\0\24\0\3\0\24\0\3\0\23\0\0\1\5\0\5\0\0\5\1\1\0"
          "\1\5\0\5\0\0\5\1\1\3\1\1\0\0\0\0\1\1\0\3\0\17\0\1\0\1\1\3\1\0\3\0\6\1\2\1\1\1\1\3\0\24\1\3\0\17\0\1"
          "\0\0\1\5\0\1\1\5\1\2\1\0\5\0\3\1\1\0\1\6\1");
    STORE("calls", "sequence",
          "\3\0\0\3\0\2\0\24\5\3\0\2\0\30\0\3\0\5\0\2\1\1\1\1\3\0\24\0\3\0\24\0\3\0\23\0\0\1\5\0\5\0\0\5\1\1\0"
          "\1\5\0\5\0\0\5\1\1\3\1\1\0\0\0\0\1\1\0\3\0\17\0\1\0\1\1\3\1\0\3\0\6\1\2\1\1\1\1\3\0\24\1\3\0\17\0\1"
          "\0\0\1\5\0\1\1\5\1\2\1\0\5\0\3\1\1\0\1\6\1");
    return 0;
}
