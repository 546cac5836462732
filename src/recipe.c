/* SPDX-License-Identifier: MIT
 *
 * recipe.c - what a training is: settings, how a text is parted, the plan, what a file says of it, the checkpoint. The
 * command and JavaScript both call it, so each goes on where the other stopped. Stands on rnn.h.
 */
#include "error.h"
#include "number.h"
#include "pattern.h"
#include "safetensors.h"

#include <stdlib.h>
#include <string.h>

/* ---- settings: one table ---- */

enum {
    PATTERN, SIDE, MAPS, DELAY, REVERSED, TARGETS, /* all but the first are of patterns that answer */
    KIND, LEVEL, VOCABULARY, /* of texts */
    CELL, LAYERS, HIDDEN, EMBEDDING, BATCH, WINDOW, SLICES, PASSES, RATE, FINAL_RATE, WARMUP, CLIP, DROPOUT,
    RECURRENT_DROPOUT, OPTIMIZER, SEED, /* a weights file says those; a checkpoint these too: */
    HELD_OUT, RATE_FACTOR, SETTINGS
};

/* REAL: a number from least to most; BELOW: most itself is too much; WHOLE_OR_0: 0 too. */
typedef enum { NAME, WHOLE, WHOLE_OR_0, REAL, BELOW } setting_kind;

static const struct {
    const char *name;
    setting_kind kind;
    uint32_t least, most;
    const char *initial;
    const char *names; /* of a NAME: which are possible */
} table[SETTINGS] = {
    [PATTERN] = {"pattern", NAME, 0, 0, "text", pattern_names}, /* as the enum of examples.h */
    [SIDE] = {"side", WHOLE_OR_0, MIN_PICTURE_SIDE, MAX_PICTURE_SIDE, "0", NULL},
    [MAPS] = {"maps", WHOLE, 1, 32, "8", NULL},
    [DELAY] = {"delay", WHOLE, 0, MAX_DELAY, "0", NULL},
    [REVERSED] = {"reversed", WHOLE, 0, 1, "1", NULL},
    [TARGETS] = {"targets", NAME, 0, 0, "each", "last, each"},
    [KIND] = {"kind", NAME, 0, 0, "text", "text, list"},
    [LEVEL] = {"level", NAME, 0, 0, "characters", "characters, words, folded"}, /* as RNN_CHARACTERS and so on */
    [VOCABULARY] = {"vocabulary", WHOLE, 0, 65536, "0", NULL},
    [CELL] = {"cell", NAME, 0, 0, "lstm", "tanh, gru, lstm"}, /* as cells[] */
    [LAYERS] = {"layers", WHOLE, 0, 4, "1", NULL},
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
    [RECURRENT_DROPOUT] = {"recurrent-dropout", BELOW, 0, 1, "0", NULL},
    [OPTIMIZER] = {"optimizer", NAME, 0, 0, "adam", "adam, rmsprop"}, /* as RNN_ADAM, RNN_RMSPROP */
    [SEED] = {"seed", WHOLE, 0, UINT32_MAX, "1", NULL},
    [HELD_OUT] = {"held-out", BELOW, 0, 1, "0", NULL},
    [RATE_FACTOR] = {"rate-factor", REAL, 0, 1000, "1", NULL},
};

/* The one pattern that a setting is of. */
static const char *const only[] = {[SIDE] = "one-to-many", [MAPS] = "one-to-many", [DELAY] = "synchronous",
                                   [REVERSED] = "sequence", [TARGETS] = "many-to-one"};

/* Of a sequence. */
static const char *const stack_prefixes[] = {"encoder.", "decoder."};

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
    rnn_pattern p;            /* networks and vocabularies; of a text no encoder and no labels */
    rnn_trainer *trainer, *encoder;
    int32_t *ids;             /* of a text: to train on, then held out */
    int32_t *laid;            /* of a list: those to train on, with its lines in the order of this pass; else NULL */
    uint32_t *begins;         /* of a list: where its lines begin in ids */
    examples examples;        /* of a pattern that answers */
    uint32_t *order;          /* the examples, or a list's lines, in the order of this pass */
    uint32_t ordered;         /* how many those are */
    size_t trained, held_out; /* how many tokens, or examples */
    int apart;                /* whether the held-out text was given apart */
    example_window window;    /* of the next update, one allocation; of a text x and y alone, (window, batch) */
    uint32_t filled;          /* they hold the window of update filled - 1; 0: none */
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
    for (const char *p = text; (table[i].kind == WHOLE || table[i].kind == WHOLE_OR_0) && *p; p++)
        if (!is_digit(*p))
            return NAN;
    double value = number_of(text), most = table[i].most;
    if (table[i].kind == WHOLE_OR_0 && value == 0.0)
        return value;
    return value >= table[i].least && (table[i].kind == BELOW ? value < most : value <= most) ? value : (double)NAN;
}

static int refuse(int i, const char *text)
{
    if (table[i].kind == NAME)
        return fail(RNN_E_RANGE, "%s is %s; it must be one of %s", table[i].name, text, table[i].names);
    return fail(RNN_E_RANGE, "%s is %s; it must be %snumber from %u to %s%u", table[i].name, text,
                table[i].kind == WHOLE ? "a whole " : table[i].kind == WHOLE_OR_0 ? "0 or a whole " : "a ",
                (unsigned)table[i].least, table[i].kind == BELOW ? "below " : "", (unsigned)table[i].most);
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

/* What is not given. */
static void choose(rnn_recipe *r, int i, const char *text)
{
    if (!r->settings[i].given)
        put_setting(r, i, text, strlen(text));
}

static void choose_number(rnn_recipe *r, int i, size_t value)
{
    if (!r->settings[i].given)
        put_number(r, i, (int)value);
}

/* The examples, or lines, in the order of a pass: each pass has another one (Fisher and Yates 1938). */
static void shuffle(rnn_recipe *r, uint32_t pass)
{
    for (uint32_t i = 0; i < r->ordered; i++)
        r->order[i] = i;
    for (uint32_t i = r->ordered; i-- > 1;) {
        uint32_t k = (uint32_t)((double)rnn_dice(whole(r, SEED) ^ (pass + 1) * 0x9e3779b9U, i) * ((double)i + 1.0));
        uint32_t kept = r->order[i];
        r->order[i] = r->order[k];
        r->order[k] = kept;
    }
}

/* ---- text: what is trained on and what is held out ---- */

typedef struct {
    const char *text;
    size_t bytes;
    const char *held_out; /* NULL: the share of the text's end */
    size_t held_out_bytes;
} texts;

/* Whether a byte is of a letter. */
static int is_letter(char c) { return (unsigned char)c >= 0x80 || ((c | 32) >= 'a' && (c | 32) <= 'z'); }

/* Whether a line is of a list: a name, a word, a town. Lines of verse and talk have more words, or end with a mark;
 * those of code and tables have other marks; numbers may be a series. */
static int is_item(const char *line, const char *end)
{
    enum { MOST_BYTES = 64, MOST_MARKS = 3 };
    static const char inner[] = {' ', '\'', '-', '.'};
    int marks = 0;
    while (end > line && (unsigned char)end[-1] <= ' ')
        end--;
    if (end == line || end - line > MOST_BYTES || !(is_letter(*line) || is_letter(end[-1])))
        return 0;
    for (const char *p = line; p < end; p++)
        if (!is_letter(*p) && !is_digit(*p) && (!memchr(inner, *p, sizeof inner) || ++marks > MOST_MARKS))
            return 0;
    return is_letter(end[-1]) || is_digit(end[-1]);
}

/* A list: nine of ten lines are items. */
static int is_list(const texts *t)
{
    enum { LEAST = 8 };
    const char *end = t->text + t->bytes, *line = t->text;
    size_t lines = 0, items = 0;
    for (const char *p = line; p < end; p++)
        if (*p == '\n' || p + 1 == end) {
            lines++;
            items += (size_t)is_item(line, *p == '\n' ? p : end);
            line = p + 1;
        }
    return lines >= LEAST && 10 * items >= 9 * lines;
}

/* What the text is, and what is held out of it: of a short one nothing. A list is worth it sooner, as what it is good
 * for are items that it has not. */
static void choose_parts(rnn_recipe *r, const texts *t)
{
    enum { SHORT_TEXT = 5000, SHORT_LIST = 1000 };
    if (t->bytes > INT32_MAX)
        return; /* it will be refused */
    if (number(r, LEVEL) == RNN_CHARACTERS)
        choose(r, KIND, is_list(t) ? "list" : "text");
    else
        choose(r, VOCABULARY, "5000");
    choose(r, HELD_OUT, t->held_out || t->bytes < (number(r, KIND) ? SHORT_LIST : SHORT_TEXT) ? "0" : "0.1");
}

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
    r->p.vocab = rnn_vocab_build(t->text, bytes, level, number(r, VOCABULARY));
    return r->p.vocab ? 0 : rnn_error_code();
}

/* Writes the tokens of a text without what the vocabulary lacks; returns how many. */
static size_t encode(rnn_recipe *r, const char *text, size_t bytes, int32_t *ids, int all)
{
    int32_t unknown = rnn_vocab_unknown(r->p.vocab);
    size_t count = 0;
    rnn_encode(r->p.vocab, text, bytes, ids, NULL, all);
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

/* Where the lines of n tokens begin. */
static void find_lines(rnn_recipe *r, const int32_t *ids, size_t n, int32_t line_end)
{
    r->ordered = r->begins[0] = 0;
    for (size_t i = 0; i < n; i++)
        if (ids[i] == line_end)
            r->begins[++r->ordered] = (uint32_t)i + 1;
}

/* Copies lines in their order. */
static void lay_lines(const rnn_recipe *r, const int32_t *from, int32_t *to)
{
    for (uint32_t i = 0; i < r->ordered; i++) {
        const uint32_t *begins = r->begins + r->order[i];
        size_t n = begins[1] - begins[0];
        memcpy(to, from + begins[0], sizeof *to * n);
        to += n;
    }
}

/* A list's lines come in an order of the seed, so that those at its end, which are held out, are any of them. */
static int part_lines(rnn_recipe *r, double share)
{
    int32_t line_end = rnn_find_token(r->p.vocab, "\n");
    size_t n = r->trained;
    if (n && r->ids[n - 1] != line_end)
        r->ids[n++] = line_end;
    r->laid = malloc(n * (sizeof *r->laid + sizeof *r->begins + sizeof *r->order) + sizeof *r->begins);
    if (!r->laid)
        return fail(RNN_E_MEMORY, "no memory for a list of %u tokens", (unsigned)n);
    r->begins = (uint32_t *)(r->laid + n);
    r->order = r->begins + n + 1;
    find_lines(r, r->ids, n, line_end);
    shuffle(r, UINT32_MAX);
    lay_lines(r, r->ids, r->laid);
    memcpy(r->ids, r->laid, sizeof *r->ids * n);
    find_lines(r, r->ids, n, line_end);
    r->ordered -= (uint32_t)share_of(share, r->ordered);
    r->trained = r->begins[r->ordered];
    r->held_out = n - r->trained;
    return 0;
}

static int read_texts(rnn_recipe *r, const texts *t)
{
    r->apart = t->held_out != NULL;
    double share = r->apart ? 0.0 : real(r, HELD_OUT);
    if (t->bytes > INT32_MAX || t->held_out_bytes > INT32_MAX)
        return fail(RNN_E_TEXT, "the text has 2 GiB or more");
    if (!r->p.vocab && build_vocabulary(r, t, share))
        return rnn_error_code();
    int own = rnn_encode(r->p.vocab, t->text, t->bytes, NULL, NULL, 0);
    int apart = r->apart ? rnn_encode(r->p.vocab, t->held_out, t->held_out_bytes, NULL, NULL, 0) : 0;
    uint64_t needed = sizeof *r->ids * ((uint64_t)own + (uint64_t)apart + 1);
    r->ids = needed <= SIZE_MAX ? malloc((size_t)needed) : NULL;
    if (!r->ids)
        return fail(RNN_E_MEMORY, "no memory for a text of %u tokens", (unsigned)own + (unsigned)apart);
    r->trained = encode(r, t->text, t->bytes, r->ids, own);
    if (number(r, KIND) && rnn_find_token(r->p.vocab, "\n") == RNN_NONE)
        put_name(r, KIND, 0); /* one line is no list */
    if (number(r, KIND) && part_lines(r, share))
        return rnn_error_code();
    if (r->apart)
        r->held_out = encode(r, t->held_out, t->held_out_bytes, r->ids + r->trained, apart);
    else if (!r->laid)
        r->trained -= r->held_out = share_of(share, r->trained);
    r->hash = hash_ids(r->ids, r->trained);
    return 0;
}

/* ---- examples ---- */

static pattern pattern_of(const rnn_recipe *r) { return (pattern)number(r, PATTERN); }
static int answers(const rnn_recipe *r) { return pattern_of(r) > ONE_TO_ONE; }

static example_rules rules_of(const rnn_recipe *r)
{
    pattern kind = pattern_of(r);
    return (example_rules){.pattern = kind, .side = kind == ONE_TO_MANY ? number(r, SIDE) : 0,
                           .delay = kind == SYNCHRONOUS ? number(r, DELAY) : 0,
                           .reversed = kind == SEQUENCE && number(r, REVERSED),
                           .each = kind == MANY_TO_ONE && number(r, TARGETS)};
}

/* Whether a setting of one pattern alone is given to another one, where nobody would obey it. */
static int check_patterns(const rnn_recipe *r)
{
    for (int i = SIDE; i <= TARGETS; i++)
        if (r->settings[i].given && strcmp(only[i], r->settings[PATTERN].text) != 0 &&
            strcmp(r->settings[i].text, table[i].initial) != 0)
            return fail(RNN_E_RANGE, "%s is of %s alone, but pattern is %s", table[i].name, only[i],
                        r->settings[PATTERN].text);
    return 0;
}

static void adopt_rules(rnn_recipe *r)
{
    const example_rules *rules = &r->p.rules;
    if (rules->pattern == ONE_TO_MANY)
        put_number(r, SIDE, rules->side);
    if (rules->pattern == SYNCHRONOUS)
        put_number(r, DELAY, rules->delay);
    if (rules->pattern == SEQUENCE)
        put_number(r, REVERSED, rules->reversed);
}

static uint32_t hash_examples(const examples *e)
{
    uint32_t hash = hash_ids(e->ids, e->begins[2 * e->count]) ^ (uint32_t)e->held_out * 0x9e3779b9U;
    for (int i = 0; i <= 2 * e->count; i++)
        hash = (hash ^ e->begins[i]) * 0x01000193U;
    size_t places = e->pictures ? (size_t)e->count * (size_t)e->rules.side * (size_t)e->rules.side : 0;
    for (size_t i = 0; i < places; i++)
        hash = (hash ^ e->pictures[i]) * 0x01000193U;
    return hash;
}

static int read_lines(rnn_recipe *r, const texts *t)
{
    examples *e = &r->examples;
    r->apart = t->held_out != NULL;
    if (number(r, LEVEL) != RNN_CHARACTERS)
        return fail(RNN_E_RANGE, "level is %s: only networks that write on know words", r->settings[LEVEL].text);
    *e = (examples){.rules = rules_of(r), .vocab = r->p.vocab, .labels = r->p.labels};
    int error = read_examples(e, t->text, t->bytes, t->held_out, t->held_out_bytes, real(r, HELD_OUT));
    r->p.rules = e->rules;
    r->p.vocab = e->vocab;
    r->p.labels = e->labels;
    if (error)
        return error;
    adopt_rules(r);
    r->trained = (size_t)(e->count - e->held_out);
    r->held_out = (size_t)e->held_out;
    r->unknown = e->unknown;
    r->hash = hash_examples(e);
    return 0;
}

/* ---- network and plan ---- */

/* The network of a file. Token ids are not checked again: each of its vocabulary is one that it has. */
static int take_network(rnn_recipe *r, const void *file, size_t bytes)
{
    if (answers(r))
        return load_pattern(&r->p, file, bytes);
    r->p.model = rnn_network_load(file, bytes, &r->p.vocab);
    return r->p.model ? 0 : rnn_error_code();
}

/* The settings that the network of a file knows better. */
static void adopt_network(rnn_recipe *r)
{
    put_number(r, LAYERS, rnn_layers(r->p.model));
    put_number(r, EMBEDDING, rnn_embedding(r->p.model));
    for (int cell = 0; rnn_layers(r->p.model) && cell < 3; cell++)
        if (cells[cell] == rnn_cell(r->p.model)) {
            put_name(r, CELL, cell);
            put_number(r, HIDDEN, rnn_hidden(r->p.model));
        }
    if (answers(r))
        adopt_rules(r);
    else
        put_name(r, LEVEL, rnn_vocab_level(r->p.vocab));
}

/* A file says which pattern its network is of; one that says nothing goes on with a text. */
static int adopt_pattern(rnn_recipe *r, const st_file *file)
{
    const char *name = st_value(file->metadata, "pattern");
    return put_setting(r, PATTERN, name ? name : "text", name ? strlen(name) : 4);
}

/* A stack of the recipe's sizes that reads and writes so many tokens. */
static rnn_model *draw_stack(const rnn_recipe *r, int V_in, int V_out, int N, uint32_t seed)
{
    int layers = number(r, LAYERS), maps = N && number(r, SIDE) ? number(r, MAPS) : 0;
    return rnn_model_new_from(layers ? cells[number(r, CELL)] : 0, layers, V_in, number(r, EMBEDDING),
                              layers ? number(r, HIDDEN) : 0, V_out, N, maps, 2 * maps, seed);
}

static int draw_answering(rnn_recipe *r)
{
    int read = r->p.vocab ? rnn_vocab_size(r->p.vocab) : 0, written = rnn_vocab_size(r->p.labels);
    int N = source_numbers(&r->examples), writes = r->examples.end != RNN_NONE;
    uint32_t seed = whole(r, SEED);
    if (pattern_of(r) == SEQUENCE && !(r->p.encoder = draw_stack(r, read, 0, 0, seed ^ 0x3c6ef372U)))
        return rnn_error_code();
    r->p.model = draw_stack(r, writes ? written : read, written, N, seed);
    return r->p.model ? rnn_set_special(r->p.model, "end", r->examples.end) : rnn_error_code();
}

/* fc.weight[v][u] = ln p(v | u), by counting. */
static int fill_table(rnn_recipe *r)
{
    int V = rnn_vocab_size(r->p.vocab), unknown = rnn_vocab_unknown(r->p.vocab), error;
    size_t floats;
    float *params = rnn_params(r->p.model, &floats), *logits = malloc(sizeof *logits * (size_t)V);
    rnn_markov *counts = logits ? rnn_markov_new(V, 1, unknown, UINT32_MAX) : NULL;
    error = counts ? 0 : logits ? rnn_error_code() : fail(RNN_E_MEMORY, "no memory to count %d tokens", V);
    if (!error && rnn_markov_read(counts, r->ids, r->trained) < (int)r->trained)
        error = fail(RNN_E_MEMORY, "no memory to count the pairs of %d tokens", V);
    for (int32_t u = 0; u < V && !error; u++) {
        rnn_markov_logits(counts, 1, &u, 1, logits);
        for (int v = 0; v < V; v++) /* a file holds no infinity; e^-87 is no probability to speak of */
            params[(size_t)v * (size_t)V + (size_t)u] = logits[v] > -87.0f ? logits[v] : -87.0f;
    }
    memset(params + (size_t)V * (size_t)V, 0, sizeof *params * (size_t)V);
    rnn_pack(r->p.model);
    rnn_markov_free(counts);
    free(logits);
    return error;
}

static int draw_network(rnn_recipe *r)
{
    if (answers(r))
        return draw_answering(r);
    int V = rnn_vocab_size(r->p.vocab);
    if (pattern_of(r) == ONE_TO_ONE) {
        put_number(r, LAYERS, 0);
        put_number(r, EMBEDDING, 0);
    }
    r->p.model = draw_stack(r, V, V, 0, whole(r, SEED));
    int error = r->p.model ? rnn_set_special(r->p.model, "unknown", rnn_vocab_unknown(r->p.vocab)) : rnn_error_code();
    return !error && pattern_of(r) == ONE_TO_ONE ? fill_table(r) : error;
}

static const char *unit_of(const rnn_recipe *r)
{
    return answers(r) ? "examples" : rnn_vocab_level(r->p.vocab) == RNN_CHARACTERS ? "characters" : "tokens";
}

/* A window holds any example whole. */
static int fit_window(rnn_recipe *r)
{
    int longest = r->examples.steps > r->examples.read_steps ? r->examples.steps : r->examples.read_steps;
    if (r->settings[WINDOW].given && number(r, WINDOW) < longest)
        return fail(RNN_E_RANGE, "the longest example takes %d steps, above the window of %d", longest,
                    number(r, WINDOW));
    put_number(r, WINDOW, longest);
    return 0;
}

/* How many updates a pass has. */
static int count_windows(rnn_recipe *r)
{
    int B = number(r, BATCH), T = number(r, WINDOW);
    uint64_t places = (uint64_t)B * (uint64_t)T;
    if (answers(r)) {
        r->windows = (uint32_t)(r->trained / (size_t)B);
        if (!r->windows)
            return fail(RNN_E_TEXT, "batch is %d; there are %u examples to train on", B, (unsigned)r->trained);
        return fit_window(r);
    }
    r->windows = pattern_of(r) == ONE_TO_ONE ? 0 : (uint32_t)rnn_windows(r->trained, B, T);
    if (!r->windows && places < UINT32_MAX && pattern_of(r) != ONE_TO_ONE)
        return fail(RNN_E_TEXT, "the text has %u %s to train on; %d streams of %d need %u: take a longer text, or a "
                    "smaller batch, window or held-out", (unsigned)r->trained, unit_of(r), B, T, (unsigned)places + 1);
    return 0;
}

static int make_plan(rnn_recipe *r)
{
    if (count_windows(r))
        return rnn_error_code();
    if ((uint64_t)r->windows * whole(r, PASSES) > most_updates)
        return fail(RNN_E_RANGE, "passes is %u: with %u updates each these are too many", (unsigned)whole(r, PASSES),
                    (unsigned)r->windows);
    r->updates = r->windows * whole(r, PASSES);
    return 0;
}

static rnn_trainer *trainer_of(const rnn_recipe *r, rnn_model *m, int T)
{
    return rnn_trainer_new(m, number(r, BATCH), T, number(r, SLICES), (float)real(r, DROPOUT),
                           (float)real(r, RECURRENT_DROPOUT), whole(r, SEED));
}

/* The arrays of a window, and the order of the examples, in one allocation. */
static int make_window(rnn_recipe *r, size_t T, size_t read_steps)
{
    size_t B = (size_t)number(r, BATCH), N = answers(r) ? (size_t)source_numbers(&r->examples) : 0;
    size_t order = answers(r) ? r->trained : 0;
    example_window *w = &r->window;
    w->x = malloc(sizeof(int32_t) * (B * (2 * T + read_steps) + order) + sizeof(float) * B * N);
    if (!w->x)
        return fail(RNN_E_MEMORY, "no memory for a window of %u tokens", (unsigned)(B * T));
    w->y = w->x + B * T;
    w->read = w->y + B * T;
    uint32_t *behind = (uint32_t *)(w->read + B * read_steps);
    w->vectors = (float *)(behind + order);
    if (answers(r)) {
        r->order = behind;
        r->ordered = (uint32_t)order;
    }
    return 0;
}

static int make_trainer(rnn_recipe *r)
{
    int T = answers(r) ? r->examples.steps : number(r, WINDOW), read_steps = r->p.encoder ? r->examples.read_steps : 0;
    r->trainer = trainer_of(r, r->p.model, T);
    r->encoder = r->trainer && r->p.encoder ? trainer_of(r, r->p.encoder, read_steps) : NULL;
    if (!r->trainer || (r->p.encoder && !r->encoder))
        return rnn_error_code();
    return make_window(r, (size_t)T, (size_t)read_steps);
}

static void release(rnn_recipe *r)
{
    rnn_trainer_free(r->trainer);
    rnn_trainer_free(r->encoder);
    release_pattern(&r->p);
    free_examples(&r->examples);
    free(r->ids);
    free(r->laid);
    free(r->window.x);
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

/* Begins with the network of a file. */
static int take_file(rnn_recipe *r, const void *bytes, size_t size)
{
    st_file *file = st_read(bytes, size);
    int error = file ? adopt_pattern(r, file) : rnn_error_code();
    error = error ? error : take_network(r, bytes, size);
    if (!error)
        adopt_network(r);
    free(file);
    return error;
}

static int read_material(rnn_recipe *r, const texts *t)
{
    int error = check_patterns(r);
    return error ? error : answers(r) ? read_lines(r, t) : read_texts(r, t);
}

/* How many updates a training has if nobody says it: enough to learn a short text by heart or, where something is held
 * out or new items are wanted, not to; some passes through a text of 1 MB; and of the longest a part of a day. */
static double updates_for(const rnn_recipe *r, double windows, int is_prose)
{
    double least = number(r, KIND) || r->held_out ? 300.0 : 1000.0, most = 40000.0;
    double updates = 100.0 * sqrt(windows) + 12.0 * windows;
    double by_root = 400.0 * sqrt(windows), by_passes = 4000.0 + 2.8 * windows;
    if (is_prose)
        updates = by_root < by_passes ? by_root : by_passes;
    return updates < least ? least : updates > most ? most : updates;
}

/* The units of a layer: of n tokens. */
static const char *units_for(size_t n, int words, int list)
{
    if (n >= 300000)
        return words || list ? "256" : "384";
    if (list)
        return n >= 10000 ? "128" : n < 1000 ? "32" : "64";
    return n >= 100000 && !words ? "256" : "128";
}

static const char *dropout_for(size_t n, int words, int list)
{
    if (words || list)
        return words ? "0.6" : n >= 300000 ? "0.3" : "0.5";
    return n >= 800000 ? "0.3" : n >= 300000 ? "0.4" : "0.5";
}

/* What of network and plan is not given follows from how much there is to learn: what docs/NETWORKS.md found best. */
static void choose_plan(rnn_recipe *r)
{
    int words = number(r, LEVEL) != RNN_CHARACTERS, list = number(r, KIND), is_held_out = list || r->held_out;
    int is_prose = !words && !list && is_held_out;
    size_t n = r->trained > 1 ? r->trained - 1 : 1, most = words ? 8 : 16;
    choose_number(r, WINDOW, words ? 32 : 64);
    size_t B = n / (32 * whole(r, WINDOW));
    choose_number(r, BATCH, B > most ? most : B < 2 ? 1 : B & ~(size_t)1);
    size_t T = n / whole(r, BATCH);
    if (T < whole(r, WINDOW))
        choose_number(r, WINDOW, T ? T : 1);
    choose(r, SLICES, whole(r, BATCH) % 2 ? "1" : "2");
    double windows = rnn_windows(r->trained, number(r, BATCH), number(r, WINDOW));
    choose_number(r, PASSES, windows > 0.0 ? (size_t)ceil(updates_for(r, windows, is_prose) / windows) : 1);
    double tenth = windows * real(r, PASSES) / 10.0;
    choose_number(r, WARMUP, tenth < 100.0 ? (size_t)tenth : 100);
    if (!r->p.model) {
        choose(r, HIDDEN, units_for(n, words, list));
        choose(r, EMBEDDING, words ? "128" : "64");
    }
    choose(r, RATE, words ? "0.003" : number(r, HIDDEN) > 384 ? "0.005" : number(r, HIDDEN) > 256 ? "0.007" : "0.01");
    choose(r, DROPOUT, is_held_out ? dropout_for(n, words, list) : "0");
    choose(r, RECURRENT_DROPOUT, is_prose && n < 300000 ? "0.3" : "0");
}

int rnn_recipe_begin(rnn_recipe *r, const char *text, size_t bytes, const char *held_out, size_t held_out_bytes,
                     const void *from, size_t from_bytes)
{
    if (check_new(r) || missing(text))
        return RNN_E_RANGE;
    rnn_recipe next = *r;
    texts t = {text, bytes, held_out, held_out_bytes};
    int failed = from ? take_file(&next, from, from_bytes) : 0, is_text = pattern_of(&next) == A_TEXT;
    if (is_text && !failed)
        choose_parts(&next, &t);
    failed = failed || read_material(&next, &t);
    if (is_text && !failed)
        choose_plan(&next);
    failed = failed || (!from && draw_network(&next)) || make_plan(&next) || make_trainer(&next);
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
    const char *meta = rnn_meta(r->p.model);
    for (int i = 0; i < SETTINGS; i++) {
        size_t length;
        int known = r->settings[i].given || (i == HELD_OUT && held_out) || i == PATTERN;
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

/* The tensor that counts the updates. */
static const char *updates_name(const rnn_recipe *r)
{
    return pattern_of(r) == SEQUENCE ? "decoder.trainer.updates" : "trainer.updates";
}

/* The texts that were not given are the checkpoint's own. */
static int find_texts(const rnn_recipe *r, const st_file *file, texts *t)
{
    size_t size;
    if (!bytes_of(file, updates_name(r), &size) || size != sizeof(uint32_t) ||
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
    if (strcmp(st_value(rnn_meta(r->p.model), "train.text"), hash) != 0)
        return fail(RNN_E_CHECKPOINT, "the checkpoint was made from another text, or with another part of it held out");
    return 0;
}

/* What the plan says of the checkpoint's place in it. This comes before the trainer, whose size the plan decides. */
static int check_place(const rnn_recipe *r, const st_file *file)
{
    const st_tensor *h = st_find(file, "trainer.h_l0");
    size_t size;
    uint32_t updates;
    memcpy(&updates, bytes_of(file, updates_name(r), &size), sizeof updates);
    if (updates > r->updates)
        return fail(RNN_E_CHECKPOINT, "the checkpoint has had %u updates, more than the %u of its plan",
                    (unsigned)updates, (unsigned)r->updates);
    if (h && h->shape[0] != whole(r, BATCH))
        return fail(RNN_E_SHAPE, "the checkpoint has %u streams, which does not fit a batch of %u",
                    (unsigned)h->shape[0], (unsigned)whole(r, BATCH));
    return 0;
}

static int load_trainers(rnn_recipe *r, const void *checkpoint, size_t bytes)
{
    if (!r->encoder)
        return rnn_trainer_load(r->trainer, checkpoint, bytes, NULL);
    int error = rnn_trainer_load(r->trainer, checkpoint, bytes, stack_prefixes[1]);
    error = error ? error : rnn_trainer_load(r->encoder, checkpoint, bytes, stack_prefixes[0]);
    if (!error && rnn_trainer_updates(r->trainer) != rnn_trainer_updates(r->encoder))
        return fail(RNN_E_CHECKPOINT, "the checkpoint's encoder and decoder had another count of updates");
    return error;
}

int rnn_recipe_resume(rnn_recipe *r, const void *checkpoint, size_t bytes, const char *text, size_t text_bytes,
                      const char *held_out, size_t held_out_bytes)
{
    if (check_new(r))
        return RNN_E_RANGE;
    rnn_recipe next = *r;
    texts t = {text, text_bytes, held_out, held_out_bytes};
    st_file *file = st_read(checkpoint, bytes);
    int failed = !file || adopt_pattern(&next, file) || take_network(&next, checkpoint, bytes) ||
                 find_texts(&next, file, &t) || recall_settings(&next, t.held_out != NULL);
    if (!failed)
        adopt_network(&next);
    failed = failed || read_material(&next, &t) || check_text(&next) || make_plan(&next) || check_place(&next, file) ||
             make_trainer(&next) || load_trainers(&next, checkpoint, bytes);
    free(file);
    return settle(r, &next, failed);
}

/* ---- questions ---- */

rnn_model *rnn_recipe_model(const rnn_recipe *r) { return missing(r) ? NULL : r->p.model; }
rnn_vocab *rnn_recipe_vocab(const rnn_recipe *r) { return missing(r) ? NULL : r->p.vocab; }
rnn_trainer *rnn_recipe_trainer(const rnn_recipe *r) { return missing(r) ? NULL : r->trainer; }
rnn_trainer *rnn_recipe_encoder(const rnn_recipe *r) { return missing(r) ? NULL : r->encoder; }

rnn_pattern *rnn_recipe_pattern(const rnn_recipe *r)
{
    if (missing(r))
        return NULL;
    if (r->trainer && answers(r))
        return (rnn_pattern *)(uintptr_t)&r->p;
    fail(RNN_E_RANGE, "this training is none of examples that has begun");
    return NULL;
}

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

static void shuffle_pass(rnn_recipe *r, uint32_t pass)
{
    shuffle(r, pass);
    if (r->laid)
        lay_lines(r, r->ids, r->laid);
}

/* The streams of a text go on from window to window. */
static void fill_text(rnn_recipe *r, uint32_t update)
{
    if (rnn_window(r->laid ? r->laid : r->ids, r->trained, number(r, BATCH), number(r, WINDOW), whole(r, SEED), update,
                   r->window.x, r->window.y))
        rnn_trainer_reset(r->trainer);
}

/* Every example begins from the zero state, or where its vector says. */
static void fill_examples(rnn_recipe *r, uint32_t update)
{
    int B = number(r, BATCH);
    const uint32_t *lines = r->order + (size_t)(update % r->windows) * (size_t)B;
    r->window.steps = window_steps(&r->examples, B, lines, &r->window.read_steps);
    fill_window(&r->examples, B, lines, &r->window);
    rnn_trainer_reset(r->trainer);
    if (r->encoder)
        rnn_trainer_reset(r->encoder);
}

int rnn_recipe_window(rnn_recipe *r, const int32_t **x, const int32_t **y)
{
    if (check_begun(r))
        return RNN_E_RANGE;
    if (!r->windows)
        return fail(RNN_E_RANGE, "this network was made by counting: there is nothing to train");
    uint32_t update = rnn_trainer_updates(r->trainer);
    example_window *w = &r->window;
    if (r->filled != update + 1) {
        if (r->ordered && (!r->filled || (r->filled - 1) / r->windows != update / r->windows))
            shuffle_pass(r, update / r->windows);
        if (answers(r))
            fill_examples(r, update);
        else
            fill_text(r, update);
        r->filled = update + 1;
    }
    if (x)
        *x = w->x;
    if (y)
        *y = w->y;
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

/* Forward and back. A loss that is not finite goes back too, so that the update finds it and refuses. */
static float there_and_back(rnn_recipe *r, int slice)
{
    float nats = rnn_trainer_forward(r->trainer, slice, r->window.steps, r->window.x, r->window.y);
    if (isnan(nats) && rnn_error_code() != RNN_E_NONFINITE)
        return NAN;
    rnn_trainer_back(r->trainer);
    return nats;
}

/* Encoder, decoder, and back: the state is handed over, then its gradient. */
static float sequence_slice(rnn_recipe *r, int slice)
{
    size_t part, own, others, carried;
    rnn_params(r->p.encoder, &own);
    rnn_params(r->p.model, &others);
    if (isnan(rnn_trainer_forward(r->encoder, slice, r->window.read_steps, r->window.read, NULL)))
        return NAN;
    const float *state = rnn_trainer_part(r->encoder, slice, &part) + own;
    float *begin = rnn_trainer_part(r->trainer, slice, &part) + others;
    memcpy(begin, state, sizeof(float) * (part - others));
    float nats = there_and_back(r, slice);
    const float *gradient = rnn_trainer_edge(r->trainer, 0, &carried);
    float *end = rnn_trainer_edge(r->encoder, 1, &carried);
    memcpy(end, gradient, sizeof(float) * carried);
    rnn_trainer_back(r->encoder);
    return nats;
}

float rnn_recipe_slice(rnn_recipe *r, int slice)
{
    if (check_window(r))
        return NAN;
    if (!answers(r))
        return rnn_trainer_slice(r->trainer, slice, r->window.x, r->window.y);
    if (r->encoder)
        return sequence_slice(r, slice);
    if (pattern_of(r) == ONE_TO_MANY && rnn_trainer_begin(r->trainer, slice, r->window.vectors))
        return NAN;
    return there_and_back(r, slice);
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
    float rate = (float)((double)planned * real(r, RATE_FACTOR)), clip = (float)real(r, CLIP);
    rnn_trainer *const trainers[] = {r->trainer, r->encoder};
    return rnn_trainers_update(r->encoder ? 2 : 1, trainers, number(r, OPTIMIZER), rate, clip) ? NAN : rate;
}

int rnn_recipe_score(const rnn_recipe *r, int held_out, double *figures)
{
    if (missing(r) || missing(figures) || check_begun(r))
        return RNN_E_RANGE;
    if (!answers(r))
        return fail(RNN_E_RANGE, "pattern is %s: only networks that answer are right or wrong",
                    r->settings[PATTERN].text);
    int trained = (int)r->trained;
    return score_examples(&r->p, &r->examples, held_out ? trained : 0, held_out ? r->examples.count : trained, figures);
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
    for (int i = 0; i < SETTINGS; i++) {
        int applies = i <= TARGETS ? answers(r) : i > VOCABULARY || !answers(r);
        if (applies && (i < HELD_OUT || (checkpoint && !(i == HELD_OUT && r->apart))))
            out = put_of_training(out, table[i].name, r->settings[i].text);
    }
    return out;
}

/* What a file says of its pattern, unless it is a text. */
static char *put_pattern(const rnn_recipe *r, char *out)
{
    example_rules rules = r->p.rules;
    if (pattern_of(r) != A_TEXT)
        out = put_text(put_text(out, "pattern"), r->settings[PATTERN].text);
    if (rules.side)
        out = put_digits(put_text(out, "side"), (uint32_t)rules.side);
    if (rules.delay)
        out = put_digits(put_text(out, "delay"), (uint32_t)rules.delay);
    return rules.reversed ? put_digits(put_text(out, "reversed"), 1) : out;
}

static char *put_network(const rnn_recipe *r, char *out)
{
    static const char *const specials[] = {"unknown", "pad", "end"};
    int level = number(r, LEVEL);
    if (level != RNN_CHARACTERS)
        out = put_text(put_text(out, "level"), level == RNN_WORDS ? "words" : "words, folded");
    for (int i = 0; i < 3; i++) {
        int id = rnn_special(r->p.model, specials[i]);
        if (id == RNN_NONE)
            continue;
        out = r->encoder ? put_text(out, stack_prefixes[1]) - 1 : out;
        out = put_digits(put_text(out, specials[i]), (uint32_t)id);
    }
    return put_pattern(r, out);
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
    static const char *const own[] = {"level", "unknown", "pad", "end", "pattern", "side", "delay", "reversed",
                                      "decoder.end", "decoder.pad", "decoder.unknown", old_page};
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

static size_t write_file(const rnn_recipe *r, int checkpoint, const char *list, void *out, size_t room)
{
    static const char *const no_prefix[] = {""};
    if (!checkpoint)
        return rnn_pattern_save(&r->p, list, out, room);
    const rnn_trainer *const trainers[] = {r->encoder ? r->encoder : r->trainer, r->trainer};
    return rnn_trainers_save(r->encoder ? 2 : 1, trainers, r->encoder ? stack_prefixes : no_prefix, r->p.vocab,
                             r->p.labels, list, out, room);
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
        bytes = write_file(r, checkpoint, list, out, room);
    }
    free(list);
    return bytes;
}
