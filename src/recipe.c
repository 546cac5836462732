/* SPDX-License-Identifier: MIT
 *
 * recipe.c - what a training is: settings, how a text is parted, the plan, what a file says of it, the checkpoint. The
 * command and JavaScript both call it, so each goes on where the other stopped. Stands on rnn.h.
 */
#include "error.h"
#include "number.h"
#include "rnn.h"
#include "safetensors.h"

#include <stdlib.h>
#include <string.h>

/* ---- settings: one table ---- */

enum {
    LEVEL, VOCABULARY, CELL, LAYERS, HIDDEN, EMBEDDING, BATCH, WINDOW, SLICES, PASSES, RATE, FINAL_RATE, WARMUP, CLIP,
    DROPOUT, OPTIMIZER, SEED, /* a weights file says those; a checkpoint these too: */
    HELD_OUT, RATE_FACTOR, SETTINGS
};

/* REAL: a number from least to most; BELOW: most itself is too much. */
typedef enum { NAME, WHOLE, REAL, BELOW } setting_kind;

static const struct {
    const char *name;
    setting_kind kind;
    uint32_t least, most;
    const char *initial;
    const char *names; /* of a NAME: which are possible */
} table[SETTINGS] = {
    [LEVEL] = {"level", NAME, 0, 0, "characters", "characters, words, folded"}, /* as RNN_CHARACTERS and so on */
    [VOCABULARY] = {"vocabulary", WHOLE, 0, 65536, "0", NULL},
    [CELL] = {"cell", NAME, 0, 0, "lstm", "tanh, gru, lstm"}, /* as cells[] */
    [LAYERS] = {"layers", WHOLE, 1, 4, "1", NULL},
    [HIDDEN] = {"hidden", WHOLE, 1, 4096, "256", NULL},
    [EMBEDDING] = {"embedding", WHOLE, 0, 4096, "64", NULL},
    [BATCH] = {"batch", WHOLE, 1, 65536, "20", NULL},
    [WINDOW] = {"window", WHOLE, 1, 65536, "64", NULL},
    [SLICES] = {"slices", WHOLE, 1, 65536, "1", NULL},
    [PASSES] = {"passes", WHOLE, 1, 1000000000, "10", NULL},
    [RATE] = {"rate", REAL, 0, 1000000, "0.004", NULL},
    [FINAL_RATE] = {"final-rate", REAL, 0, 1, "0.02", NULL},
    [WARMUP] = {"warmup", WHOLE, 0, UINT32_MAX, "100", NULL},
    [CLIP] = {"clip", REAL, 0, 1000000, "1", NULL},
    [DROPOUT] = {"dropout", BELOW, 0, 1, "0", NULL},
    [OPTIMIZER] = {"optimizer", NAME, 0, 0, "adam", "adam, rmsprop"}, /* as RNN_ADAM, RNN_RMSPROP */
    [SEED] = {"seed", WHOLE, 0, UINT32_MAX, "1", NULL},
    [HELD_OUT] = {"held-out", BELOW, 0, 1, "0", NULL},
    [RATE_FACTOR] = {"rate-factor", REAL, 0, 1000, "1", NULL},
};

static const int cells[] = {RNN_CELL_TANH, RNN_CELL_GRU, RNN_CELL_LSTM};

enum { SETTING_BYTES = 32 };
static const uint32_t most_updates = 4000000000U;

typedef struct {
    char text[SETTING_BYTES]; /* as it was given */
    double value;             /* of a NAME its place among the names */
    int given;                /* before the training: a checkpoint does not change it */
} setting;

struct rnn_recipe {
    setting settings[SETTINGS];
    rnn_model *model;
    rnn_vocab *vocab;
    rnn_trainer *trainer;
    int32_t *ids;             /* to train on, then held out */
    size_t trained, held_out; /* how many */
    int apart;                /* whether the held-out text was given apart */
    int32_t *x, *y;           /* (window, batch) each; one allocation */
    uint32_t filled;          /* x and y hold the window of update filled - 1; 0: none */
    uint32_t unknown, hash, windows, updates;
};

/* The place of a name in "one, two, three", NaN if it is not among them. */
static double place_among(const char *names, const char *name)
{
    size_t length = strlen(name);
    for (int i = 0;; i++, names += 2) {
        const char *end = strchr(names, ',');
        if (!end)
            return strcmp(names, name) == 0 ? (double)i : (double)NAN;
        if ((size_t)(end - names) == length && memcmp(names, name, length) == 0)
            return i;
        names = end;
    }
}

/* NaN if the text does not suit the setting. */
static double value_of(int i, const char *text)
{
    if (table[i].kind == NAME)
        return place_among(table[i].names, text);
    for (const char *p = text; table[i].kind == WHOLE && *p; p++)
        if (!is_digit(*p))
            return NAN;
    double value = number_of(text), most = table[i].most;
    return value >= table[i].least && (table[i].kind == BELOW ? value < most : value <= most) ? value : (double)NAN;
}

static int refuse(int i, const char *text)
{
    if (table[i].kind == NAME)
        return fail(RNN_E_RANGE, "%s is %s; it must be one of %s", table[i].name, text, table[i].names);
    return fail(RNN_E_RANGE, "%s is %s; it must be a %snumber from %u to %s%u", table[i].name, text,
                table[i].kind == WHOLE ? "whole " : "", (unsigned)table[i].least,
                table[i].kind == BELOW ? "below " : "", (unsigned)table[i].most);
}

static int put_setting(rnn_recipe *r, int i, const char *text, size_t length)
{
    setting s = {.given = r->settings[i].given};
    if (length >= SETTING_BYTES)
        return fail(RNN_E_RANGE, "%s is a text of %u bytes; at most %d are possible", table[i].name, (unsigned)length,
                    SETTING_BYTES - 1);
    memcpy(s.text, text, length);
    s.value = value_of(i, s.text);
    if (isnan(s.value))
        return refuse(i, s.text);
    r->settings[i] = s;
    return 0;
}

static double real(const rnn_recipe *r, int i) { return r->settings[i].value; }
static uint32_t whole(const rnn_recipe *r, int i) { return (uint32_t)r->settings[i].value; }
static int number(const rnn_recipe *r, int i) { return (int)r->settings[i].value; }

static int find_setting(const char *name)
{
    int i = 0;
    while (i < SETTINGS && strcmp(table[i].name, name) != 0)
        i++;
    return i;
}

rnn_recipe *rnn_recipe_new(void)
{
    rnn_recipe *r = calloc(1, sizeof *r);
    if (!r)
        fail(RNN_E_MEMORY, "no memory for a recipe");
    for (int i = 0; r && i < SETTINGS; i++)
        put_setting(r, i, table[i].initial, strlen(table[i].initial));
    return r;
}

int rnn_recipe_set(rnn_recipe *r, const char *name, const char *value)
{
    if (missing(r) || missing(name) || missing(value))
        return RNN_E_RANGE;
    int i = find_setting(name);
    if (i == SETTINGS)
        return fail(RNN_E_RANGE, "there is no setting %s", name);
    if (r->trainer && i != RATE_FACTOR)
        return fail(RNN_E_RANGE, "the training has begun: %s cannot change any more", name);
    int error = put_setting(r, i, value, strlen(value));
    r->settings[i].given |= !error;
    return error;
}

const char *rnn_recipe_get(const rnn_recipe *r, const char *name)
{
    if (missing(r) || missing(name))
        return NULL;
    int i = find_setting(name);
    return i < SETTINGS ? r->settings[i].text : NULL;
}

/* ---- text: what is trained on and what is held out ---- */

typedef struct {
    const char *text;
    size_t bytes;
    const char *held_out; /* NULL: the share of the text's end */
    size_t held_out_bytes;
} texts;

/* How many of n tokens are held out of the end. */
static size_t share_of(double share, size_t n) { return (size_t)(share * (double)n); }

/* The bytes of the text up to the end of its last token that is trained on. Any vocabulary says where tokens end. */
static int trained_bytes(const texts *t, int level, double share, size_t *bytes)
{
    rnn_vocab *any = rnn_vocab_build(t->text, t->bytes, level, 2);
    int count = any ? rnn_encode(any, t->text, t->bytes, NULL, NULL, 0) : 0;
    size_t n = (size_t)count, kept = n - share_of(share, n);
    int32_t *ids = any ? malloc((sizeof *ids + sizeof(uint32_t)) * n) : NULL;
    if (any && !ids)
        fail(RNN_E_MEMORY, "no memory for a text of %d tokens", count);
    if (ids) {
        uint32_t *ends = (uint32_t *)(ids + n);
        rnn_encode(any, t->text, t->bytes, ids, ends, count);
        *bytes = kept ? ends[kept - 1] : t->bytes;
    }
    int error = ids ? 0 : rnn_error_code();
    rnn_vocab_free(any);
    free(ids);
    return error;
}

/* Of words those of the held-out end may be unknown, as words of any other text; of characters none is. */
static int build_vocabulary(rnn_recipe *r, const texts *t, double share)
{
    int level = number(r, LEVEL);
    size_t bytes = t->bytes;
    if (level != RNN_CHARACTERS && share > 0.0 && trained_bytes(t, level, share, &bytes))
        return rnn_error_code();
    r->vocab = rnn_vocab_build(t->text, bytes, level, number(r, VOCABULARY));
    return r->vocab ? 0 : rnn_error_code();
}

/* Writes the tokens of a text without what the vocabulary lacks; returns how many. */
static size_t encode(rnn_recipe *r, const char *text, size_t bytes, int32_t *ids, int all)
{
    int32_t unknown = rnn_vocab_unknown(r->vocab);
    size_t count = 0;
    rnn_encode(r->vocab, text, bytes, ids, NULL, all);
    for (int i = 0; i < all; i++) {
        r->unknown += ids[i] == RNN_NONE || ids[i] == unknown;
        if (ids[i] != RNN_NONE)
            ids[count++] = ids[i];
    }
    return count;
}

/* Which text a checkpoint is of: FNV-1a over the ids. */
static uint32_t hash_ids(const int32_t *ids, size_t n)
{
    uint32_t hash = 0x811c9dc5U;
    for (size_t i = 0; i < n; i++)
        hash = (hash ^ (uint32_t)ids[i]) * 0x01000193U;
    return hash;
}

static int read_texts(rnn_recipe *r, const texts *t)
{
    r->apart = t->held_out != NULL;
    double share = r->apart ? 0.0 : real(r, HELD_OUT);
    if (t->bytes > INT32_MAX || t->held_out_bytes > INT32_MAX)
        return fail(RNN_E_TEXT, "the text has 2 GiB or more");
    if (!r->vocab && build_vocabulary(r, t, share))
        return rnn_error_code();
    int own = rnn_encode(r->vocab, t->text, t->bytes, NULL, NULL, 0);
    int apart = r->apart ? rnn_encode(r->vocab, t->held_out, t->held_out_bytes, NULL, NULL, 0) : 0;
    uint64_t needed = sizeof *r->ids * ((uint64_t)own + (uint64_t)apart) + 1;
    r->ids = needed <= SIZE_MAX ? malloc((size_t)needed) : NULL;
    if (!r->ids)
        return fail(RNN_E_MEMORY, "no memory for a text of %u tokens", (unsigned)own + (unsigned)apart);
    r->trained = encode(r, t->text, t->bytes, r->ids, own);
    if (r->apart)
        r->held_out = encode(r, t->held_out, t->held_out_bytes, r->ids + r->trained, apart);
    else
        r->trained -= r->held_out = share_of(share, r->trained);
    r->hash = hash_ids(r->ids, r->trained);
    return 0;
}

/* ---- network and plan ---- */

/* The network of a file. Token ids are not checked again: each of its vocabulary is one that it has. */
static int take_network(rnn_recipe *r, const void *file, size_t bytes)
{
    r->model = rnn_network_load(file, bytes, &r->vocab);
    return r->model ? 0 : rnn_error_code();
}

/* Writes the digits of a number and a NUL; returns the address behind it. */
static char *put_digits(char *out, uint32_t value)
{
    char digits[10];
    int n = 0;
    do
        digits[n++] = (char)('0' + value % 10);
    while (value /= 10);
    while (n)
        *out++ = digits[--n];
    *out = 0;
    return out + 1;
}

static void put_number(rnn_recipe *r, int i, int value)
{
    char text[SETTING_BYTES];
    put_digits(text, (uint32_t)value);
    put_setting(r, i, text, strlen(text));
}

static void put_name(rnn_recipe *r, int i, int place)
{
    const char *name = table[i].names, *end;
    for (; place; place--)
        name = strchr(name, ',') + 2;
    end = strchr(name, ',');
    put_setting(r, i, name, end ? (size_t)(end - name) : strlen(name));
}

/* The settings that the network of a file knows better. */
static void adopt_network(rnn_recipe *r)
{
    int cell = 0;
    while (cells[cell] != rnn_cell(r->model))
        cell++;
    put_name(r, CELL, cell);
    put_name(r, LEVEL, rnn_vocab_level(r->vocab));
    put_number(r, LAYERS, rnn_layers(r->model));
    put_number(r, HIDDEN, rnn_hidden(r->model));
    put_number(r, EMBEDDING, rnn_embedding(r->model));
}

static int draw_network(rnn_recipe *r)
{
    int V = rnn_vocab_size(r->vocab);
    r->model = rnn_model_new(cells[number(r, CELL)], number(r, LAYERS), V, number(r, EMBEDDING), number(r, HIDDEN), V,
                             whole(r, SEED));
    return r->model ? rnn_set_special(r->model, "unknown", rnn_vocab_unknown(r->vocab)) : rnn_error_code();
}

static const char *unit_of(const rnn_recipe *r)
{
    return rnn_vocab_level(r->vocab) == RNN_CHARACTERS ? "characters" : "tokens";
}

static int make_plan(rnn_recipe *r)
{
    int B = number(r, BATCH), T = number(r, WINDOW);
    uint64_t places = (uint64_t)B * (uint64_t)T;
    r->windows = (uint32_t)rnn_windows(r->trained, B, T);
    if (!r->windows && places < UINT32_MAX)
        return fail(RNN_E_TEXT, "the text has %u %s to train on; %d streams of %d need %u", (unsigned)r->trained,
                    unit_of(r), B, T, (unsigned)places + 1);
    if ((uint64_t)r->windows * whole(r, PASSES) > most_updates)
        return fail(RNN_E_RANGE, "passes is %u: with %u updates each these are too many", (unsigned)whole(r, PASSES),
                    (unsigned)r->windows);
    r->updates = r->windows * whole(r, PASSES);
    return 0;
}

static int make_trainer(rnn_recipe *r)
{
    int B = number(r, BATCH), T = number(r, WINDOW);
    size_t places = (size_t)B * (size_t)T;
    r->trainer = rnn_trainer_new(r->model, B, T, number(r, SLICES), (float)real(r, DROPOUT), whole(r, SEED));
    r->x = r->trainer ? malloc(2 * sizeof *r->x * places) : NULL;
    if (r->trainer && !r->x)
        fail(RNN_E_MEMORY, "no memory for a window of %u tokens", (unsigned)places);
    r->y = r->x ? r->x + places : NULL;
    return r->x ? 0 : rnn_error_code();
}

static void release(rnn_recipe *r)
{
    rnn_trainer_free(r->trainer);
    rnn_model_free(r->model);
    rnn_vocab_free(r->vocab);
    free(r->ids);
    free(r->x);
}

void rnn_recipe_free(rnn_recipe *r)
{
    if (r)
        release(r);
    free(r);
}

/* The recipe becomes `next` or, where that failed, stays what it was. */
static int settle(rnn_recipe *r, rnn_recipe *next, int failed)
{
    if (failed) {
        release(next);
        return rnn_error_code();
    }
    *r = *next;
    return 0;
}

/* 0 if a training can begin. */
static int check_new(const rnn_recipe *r)
{
    if (missing(r))
        return RNN_E_RANGE;
    return r->trainer ? fail(RNN_E_RANGE, "this recipe has begun a training: take another one") : 0;
}

int rnn_recipe_begin(rnn_recipe *r, const char *text, size_t bytes, const char *held_out, size_t held_out_bytes,
                     const void *from, size_t from_bytes)
{
    if (check_new(r) || missing(text))
        return RNN_E_RANGE;
    rnn_recipe next = *r;
    texts t = {text, bytes, held_out, held_out_bytes};
    int failed = from ? take_network(&next, from, from_bytes) : 0;
    if (!failed && from)
        adopt_network(&next);
    failed = failed || read_texts(&next, &t) || (!from && draw_network(&next)) || make_plan(&next) ||
             make_trainer(&next);
    return settle(r, &next, failed);
}

/* ---- checkpoint ---- */

/* Whether the text at p begins with the name in the way of JavaScript: finalRate for final-rate. Returns its bytes. */
static size_t begins_with(const char *p, const char *name)
{
    const char *begin = p;
    for (; *name; name++, p++) {
        char expected = *name == '-' ? (char)(*++name - 'a' + 'A') : *name;
        if (*p != expected)
            return 0;
    }
    return (size_t)(p - begin);
}

/* The setting in the flat JSON that pages wrote before they had this recipe: {"level":"words","finalRate":0.02}. */
static const char *in_json(const char *json, const char *name, size_t *length)
{
    for (const char *quote = strchr(json, '"'); quote; quote = strchr(quote + 1, '"')) {
        const char *end = quote + 1 + begins_with(quote + 1, name);
        if (end == quote + 1 || end[0] != '"' || end[1] != ':')
            continue;
        end += end[2] == '"' ? 3 : 2;
        for (*length = 0; end[*length] && !strchr("\",}", end[*length]);)
            ++*length;
        return end;
    }
    return NULL;
}

static const char old_page[] = "train.settings"; /* its checkpoints have one key for all but the factor of the rate */

/* What the checkpoint says of a setting; NULL if nothing. */
static const char *recalled(const char *meta, int i, size_t *length)
{
    const char *json = st_value(meta, old_page), *text;
    char key[SETTING_BYTES] = "train.";
    if (json && i == SLICES) {
        *length = 1;
        return "2";
    }
    if (json && i != RATE_FACTOR)
        return in_json(json, table[i].name, length);
    strcpy(key + 6, json ? "rateFactor" : table[i].name);
    text = st_value(meta, key);
    *length = text ? strlen(text) : 0;
    return text;
}

/* What was not given before is as in the checkpoint. held_out: whether a text of its own is held out. */
static int recall_settings(rnn_recipe *r, int held_out)
{
    const char *meta = rnn_meta(r->model);
    for (int i = 0; i < SETTINGS; i++) {
        size_t length;
        int known = r->settings[i].given || (i == HELD_OUT && held_out);
        const char *text = known ? NULL : recalled(meta, i, &length);
        int error = text ? put_setting(r, i, text, length) : 0;
        if (error && i == HELD_OUT) /* the command writes the name of a file there */
            error = fail(RNN_E_CHECKPOINT, "the checkpoint's held-out text is %s: give it too", text);
        if (error)
            return error;
    }
    return 0;
}

/* The bytes of a checkpoint's tensor; NULL if there is none of that name. */
static const char *bytes_of(const st_file *file, const char *name, size_t *bytes)
{
    const st_tensor *t = st_find(file, name);
    if (!t || t->type != ST_U8)
        return NULL;
    *bytes = (size_t)(t->end - t->begin);
    return (const char *)t->data;
}

/* The texts that were not given are the checkpoint's own. */
static int find_texts(const rnn_recipe *r, const st_file *file, texts *t)
{
    size_t size;
    if (!bytes_of(file, "trainer.updates", &size) || size != sizeof(uint32_t) ||
        !st_value(file->metadata, "train.text"))
        return fail(RNN_E_CHECKPOINT, "these bytes are a network, but no checkpoint of a training");
    if (!t->held_out && !r->settings[HELD_OUT].given)
        t->held_out = bytes_of(file, "held_out", &t->held_out_bytes);
    if (!t->text && !(t->text = bytes_of(file, "text", &t->bytes)))
        return fail(RNN_E_CHECKPOINT, "the checkpoint has no text in it: give the text that it was made from");
    return 0;
}

static void put_hash(char *out, uint32_t hash)
{
    for (int i = 0; i < 8; i++, hash <<= 4)
        out[i] = "0123456789abcdef"[hash >> 28];
    out[8] = 0;
}

static int check_text(const rnn_recipe *r)
{
    char hash[9];
    put_hash(hash, r->hash);
    if (strcmp(st_value(rnn_meta(r->model), "train.text"), hash) != 0)
        return fail(RNN_E_CHECKPOINT, "the checkpoint was made from another text, or with another part of it held out");
    return 0;
}

/* What the plan says of the checkpoint's place in it. This comes before the trainer, whose size the plan decides. */
static int check_place(const rnn_recipe *r, const st_file *file)
{
    const st_tensor *h = st_find(file, "trainer.h_l0");
    size_t size;
    uint32_t updates;
    memcpy(&updates, bytes_of(file, "trainer.updates", &size), sizeof updates);
    if (updates > r->updates)
        return fail(RNN_E_CHECKPOINT, "the checkpoint has had %u updates, more than the %u of its plan",
                    (unsigned)updates, (unsigned)r->updates);
    if (h && h->shape[0] != whole(r, BATCH))
        return fail(RNN_E_SHAPE, "the checkpoint has %u streams, which does not fit a batch of %u",
                    (unsigned)h->shape[0], (unsigned)whole(r, BATCH));
    return 0;
}

int rnn_recipe_resume(rnn_recipe *r, const void *checkpoint, size_t bytes, const char *text, size_t text_bytes,
                      const char *held_out, size_t held_out_bytes)
{
    if (check_new(r))
        return RNN_E_RANGE;
    rnn_recipe next = *r;
    texts t = {text, text_bytes, held_out, held_out_bytes};
    st_file *file = st_read(checkpoint, bytes);
    int failed = !file || take_network(&next, checkpoint, bytes) || find_texts(&next, file, &t) ||
                 recall_settings(&next, t.held_out != NULL);
    if (!failed)
        adopt_network(&next);
    failed = failed || read_texts(&next, &t) || check_text(&next) || make_plan(&next) || check_place(&next, file) ||
             make_trainer(&next) || rnn_trainer_load(next.trainer, checkpoint, bytes);
    free(file);
    return settle(r, &next, failed);
}

/* ---- questions ---- */

rnn_model *rnn_recipe_model(const rnn_recipe *r) { return missing(r) ? NULL : r->model; }
rnn_vocab *rnn_recipe_vocab(const rnn_recipe *r) { return missing(r) ? NULL : r->vocab; }
rnn_trainer *rnn_recipe_trainer(const rnn_recipe *r) { return missing(r) ? NULL : r->trainer; }
uint32_t rnn_recipe_unknown(const rnn_recipe *r) { return missing(r) ? 0 : r->unknown; }
uint32_t rnn_recipe_windows(const rnn_recipe *r) { return missing(r) ? 0 : r->windows; }
uint32_t rnn_recipe_updates(const rnn_recipe *r) { return missing(r) ? 0 : r->updates; }

const int32_t *rnn_recipe_tokens(const rnn_recipe *r, int held_out, size_t *count)
{
    if (missing(r) || missing(count))
        return NULL;
    *count = held_out ? r->held_out : r->trained;
    return held_out && r->ids ? r->ids + r->trained : r->ids;
}

/* ---- updates ---- */

/* 0 if the training has begun. */
static int check_begun(const rnn_recipe *r)
{
    if (missing(r))
        return RNN_E_RANGE;
    return r->trainer ? 0 : fail(RNN_E_RANGE, "the training has not begun");
}

int rnn_recipe_window(rnn_recipe *r, const int32_t **x, const int32_t **y)
{
    if (check_begun(r))
        return RNN_E_RANGE;
    uint32_t update = rnn_trainer_updates(r->trainer);
    if (r->filled != update + 1 &&
        rnn_window(r->ids, r->trained, number(r, BATCH), number(r, WINDOW), whole(r, SEED), update, r->x, r->y))
        rnn_trainer_reset(r->trainer);
    r->filled = update + 1;
    if (x)
        *x = r->x;
    if (y)
        *y = r->y;
    return 0;
}

/* 0 if x and y hold the window of the next update. */
static int check_window(const rnn_recipe *r)
{
    if (check_begun(r))
        return RNN_E_RANGE;
    if (r->filled != rnn_trainer_updates(r->trainer) + 1)
        return fail(RNN_E_RANGE, "rnn_recipe_window comes before the slices and the update");
    return 0;
}

float rnn_recipe_slice(rnn_recipe *r, int slice)
{
    return check_window(r) ? NAN : rnn_trainer_slice(r->trainer, slice, r->x, r->y);
}

float rnn_recipe_update(rnn_recipe *r)
{
    if (check_window(r))
        return NAN;
    uint32_t update = rnn_trainer_updates(r->trainer);
    if (update >= r->updates) {
        fail(RNN_E_RANGE, "all %u updates of the plan are done", (unsigned)r->updates);
        return NAN;
    }
    float planned = rnn_rate(update, r->updates, whole(r, WARMUP), (float)real(r, RATE), (float)real(r, FINAL_RATE));
    float rate = (float)((double)planned * real(r, RATE_FACTOR));
    return rnn_trainer_update(r->trainer, number(r, OPTIMIZER), rate, (float)real(r, CLIP)) ? NAN : rate;
}

/* ---- saving ---- */

static char *put_text(char *out, const char *text)
{
    size_t bytes = strlen(text) + 1;
    memcpy(out, text, bytes);
    return out + bytes;
}

/* "train.NAME", "value" */
static char *put_of_training(char *out, const char *name, const char *value)
{
    return put_text(put_text(put_text(out, "train.") - 1, name), value);
}

static char *put_settings(const rnn_recipe *r, int checkpoint, char *out)
{
    for (int i = 0; i < SETTINGS; i++)
        if (i < HELD_OUT || (checkpoint && !(i == HELD_OUT && r->apart)))
            out = put_of_training(out, table[i].name, r->settings[i].text);
    return out;
}

static char *put_network(const rnn_recipe *r, char *out)
{
    static const char *const specials[] = {"unknown", "pad", "end"};
    int level = rnn_vocab_level(r->vocab);
    if (level != RNN_CHARACTERS)
        out = put_text(put_text(out, "level"), level == RNN_WORDS ? "words" : "words, folded");
    for (int i = 0; i < 3; i++) {
        int id = rnn_special(r->model, specials[i]);
        if (id != RNN_NONE)
            out = put_digits(put_text(out, specials[i]), (uint32_t)id);
    }
    return out;
}

static char *put_position(const rnn_recipe *r, char *out)
{
    char text[16];
    put_digits(text, (uint32_t)r->trained);
    out = put_of_training(out, unit_of(r), text);
    put_hash(text, r->hash);
    out = put_of_training(out, "text", text);
    put_digits(text, rnn_trainer_updates(r->trainer));
    return put_of_training(out, "updates", text);
}

/* 0 if the list has no key that the recipe itself gives a meaning; one that it writes anyway would be there twice. Of a
 * held-out text apart it has no share to write: the name of its file may stand there. */
static int check_keys(const rnn_recipe *r, const char *list)
{
    static const char *const own[] = {"level", "unknown", "pad", "end", old_page};
    for (; *list; list += strlen(list) + 1, list += strlen(list) + 1) {
        int of_training = strncmp(list, "train.", 6) == 0 ? find_setting(list + 6) : SETTINGS;
        int is_own = of_training < SETTINGS && !(of_training == HELD_OUT && r->apart);
        for (size_t i = 0; i < sizeof own / sizeof *own; i++)
            is_own |= strcmp(list, own[i]) == 0;
        if (is_own)
            return fail(RNN_E_RANGE, "%s is not for others to say: the training writes it", list);
    }
    return 0;
}

size_t rnn_recipe_save(const rnn_recipe *r, const char *meta, int checkpoint, void *out, size_t room)
{
    enum { OWN_BYTES = SETTINGS * (16 + SETTING_BYTES) + 512 };
    if (check_begun(r) || (meta && check_keys(r, meta)))
        return 0;
    size_t more = meta ? st_list_bytes(meta) - 1 : 0, bytes = 0;
    char *list = malloc(more + OWN_BYTES);
    if (!list)
        fail(RNN_E_MEMORY, "no memory for a file's metadata");
    else {
        char *end = put_text(put_text(list, "nextchar.format"), "1");
        if (more)
            memcpy(end, meta, more);
        *put_position(r, put_network(r, put_settings(r, checkpoint, end + more))) = 0;
        bytes = checkpoint ? rnn_trainer_save(r->trainer, r->vocab, list, out, room)
                           : rnn_model_save(r->model, r->vocab, list, out, room);
    }
    free(list);
    return bytes;
}
