/* SPDX-License-Identifier: MIT
 *
 * calls.c - all functions of rnn.h in any order, with any handles that are alive, or none, and odd numbers. Each byte
 * of the input chooses: a function, then its arguments. What a function is promised is kept: arrays have the room that
 * it asks for, what a handle refers to outlives it, and no handle is used after it was freed.
 */
#include "fuzz.h"

enum { ROOM = 4096, SLOTS = 2, MOST_CALLS = 64 };

/* The handles that are alive. A state and a trainer are of the model beside them, which may be a recipe's, a pattern's
 * or a reader's. */
static struct {
    rnn_model *models[SLOTS];
    rnn_state *states[SLOTS];
    rnn_trainer *trainers[SLOTS];
    rnn_reader *readers[SLOTS];
    const rnn_model *of_state[SLOTS], *of_trainer[SLOTS];
    rnn_recipe *recipes[SLOTS];
    rnn_vocab *vocabs[SLOTS];
    rnn_pattern *patterns[SLOTS];
    rnn_markov *markovs[SLOTS];
    rnn_index *indexs[SLOTS]; /* the name as SET makes it */
    void *room; /* of rnn_alloc */
} alive;

static unsigned char file[1 << 16]; /* what was saved last */
static size_t file_bytes;
static float floats[ROOM];
static int32_t ids[ROOM], written[ROOM], places[ROOM];
static uint32_t words[ROOM];

/* ---- arguments ---- */

/* A slot's handle, or NULL. */
#define ANY(handles) pick_handle((void *const *)(handles), take(in, SLOTS + 1))
#define NUMBER take_number(in)
#define NUMBERS(...) take_of(in, (const int[]){__VA_ARGS__}, sizeof((const int[]){__VA_ARGS__}) / sizeof(int))
/* The address, or NULL. */
#define OR_NULL(address) (take(in, 8) ? (address) : NULL)
#define LENGTH(of) (take(in, 4) ? sizeof(of) - 1 : (size_t)take(in, sizeof(of)))

static void *pick_handle(void *const *handles, int slot) { return slot < SLOTS ? handles[slot] : NULL; }

static int take_of(input *in, const int *of, size_t count) { return of[take(in, (int)count)]; }

static int take_number(input *in)
{
    return NUMBERS(0, 1, 2, 3, 4, 5, 7, 8, -1, -2, 65536, 65537, INT32_MIN, INT32_MAX);
}

static float take_odd(input *in)
{
    static const float odd[] = {0.0f, 1.0f, 0.5f, -1.0f, 1e-3f, 1e30f, -1e30f, 1e-45f, INFINITY, -INFINITY, NAN};
    return odd[take(in, sizeof odd / sizeof *odd)];
}

/* ---- texts ---- */

static const char text[] = "the cat sat on the mat. the dog sat on the log.\n"
                           "the cat and the dog sat on \xD1\x8F and 3.14!";
static const char list[] = LIST, examples[] = EXAMPLES, pictures[] = PICTURES;

typedef struct { const char *bytes; size_t size; } piece;

/* Bytes of just that size, so that a sanitizer sees a read beyond them. A call has room for two of them. */
static piece exact(const char *bytes, size_t size)
{
    static char *rooms[2];
    static int which;
    which = !which;
    free(rooms[which]);
    rooms[which] = malloc(size);
    MUST(rooms[which]);
    memcpy(rooms[which], bytes, size);
    return (piece){rooms[which], size};
}

/* One of the texts, or what its beginning says. */
static piece take_piece(input *in)
{
    static const piece all[] = {{text, sizeof text - 1}, {list, sizeof list - 1}, {examples, sizeof examples - 1},
                                {pictures, sizeof pictures - 1}, {pictures, PICTURE_BYTES}, {examples, 2}};
    piece p = all[take(in, sizeof all / sizeof *all)];
    p = exact(p.bytes, take(in, 4) ? p.size : (size_t)take(in, (int)p.size + 1));
    return (piece){OR_NULL(p.bytes), p.size};
}

static piece no_piece(void) { return (piece){NULL, 0}; }

/* ---- settings: the library itself says which there are, so that none is forgotten here ---- */

enum { MOST_SETTINGS = 64, MOST_VALUES = 8, SETTING_ROOM = 32 };

static struct {
    char name[SETTING_ROOM];
    char values[MOST_VALUES][SETTING_ROOM]; /* its names; or its least and greatest number, and a few */
    int count;
} settings[MOST_SETTINGS];
static int setting_count;

/* Trainings of this size are quick. */
static rnn_recipe *small_recipe(void)
{
    static const char *const small[][2] = {{"hidden", "4"}, {"embedding", "2"}, {"batch", "2"}, {"window", "4"}};
    rnn_recipe *r = rnn_recipe_new();
    for (int i = 0; r && i < 4; i++)
        MUST(rnn_recipe_set(r, small[i][0], small[i][1]) == 0);
    return r;
}

/* If it is taken. */
static void learn_value(int i, rnn_recipe *r, const char *value)
{
    int known = 0;
    for (int k = 0; k < settings[i].count; k++)
        known |= strcmp(settings[i].values[k], value) == 0;
    if (known || rnn_recipe_set(r, settings[i].name, value) != 0)
        return;
    MUST(settings[i].count < MOST_VALUES);
    strcpy(settings[i].values[settings[i].count++], value);
}

/* What is refused is told what is possible: a value may be any part of that sentence. */
static void learn_values(int i)
{
    static const char *const few[] = {"1", "2", "3", "0.25", "0.5"};
    char sentence[256];
    rnn_recipe *r = rnn_recipe_new();
    MUST(rnn_recipe_set(r, settings[i].name, "?") == RNN_E_RANGE);
    snprintf(sentence, sizeof sentence, "%s", rnn_error());
    for (char *word = strtok(sentence, " ,;"); word; word = strtok(NULL, " ,;"))
        learn_value(i, r, word);
    for (size_t k = 0; k < sizeof few / sizeof *few; k++)
        learn_value(i, r, few[k]);
    MUST(settings[i].count);
    rnn_recipe_free(r);
}

static void learn_setting(const char *name)
{
    for (int i = 0; i < setting_count; i++)
        if (strcmp(settings[i].name, name) == 0)
            return;
    MUST(setting_count < MOST_SETTINGS && strlen(name) < SETTING_ROOM);
    strcpy(settings[setting_count].name, name);
    learn_values(setting_count++);
}

/* A checkpoint has all settings of its training, as "train.NAME". */
static void learn_settings_of(const char *pattern, const char *lines)
{
    rnn_recipe *r = small_recipe();
    MUST(rnn_recipe_set(r, "pattern", pattern) == 0);
    MUST(rnn_recipe_begin(r, lines, strlen(lines), NULL, 0, NULL, 0) == 0);
    saved checkpoint = save_recipe(r, 1);
    rnn_model *m = rnn_model_load(checkpoint.bytes, checkpoint.size, NULL);
    MUST(m);
    for (const char *key = rnn_meta(m); *key; key += strlen(key) + 1, key += strlen(key) + 1)
        if (strncmp(key, "train.", 6) == 0 && rnn_recipe_get(r, key + 6))
            learn_setting(key + 6);
    rnn_model_free(m);
    free(checkpoint.bytes);
    rnn_recipe_free(r);
}

static void learn_settings(void)
{
    learn_settings_of("text", text);
    learn_settings_of("many-to-one", examples);
    MUST(setting_count > 20);
}

static const char *take_text(input *in)
{
    static const char *const others[] = {"", "pad", "unknown", "end", "encoder.", "decoder.", "text", "held_out",
                                         "vocab", "labels", "\xFF", "nothing of the kind"};
    enum { OTHERS = sizeof others / sizeof *others };
    int i = take(in, OTHERS + setting_count);
    return OR_NULL(i < OTHERS ? others[i] : settings[i - OTHERS].name);
}

static const char *take_value(input *in)
{
    static const char *const values[] = {"0", "1", "2", "3", "4", "0.5", "0.25", "1e3", "-1", "1e999", "nan", "", "10",
                                         "a text that is longer than any value may be"};
    return OR_NULL(values[take(in, sizeof values / sizeof *values)]);
}

/* A setting gets a value of its own, or any. */
static void set_setting(input *in, rnn_recipe *r)
{
    int i = take(in, setting_count), value = take(in, settings[i].count + 1);
    rnn_recipe_set(r, settings[i].name, value < settings[i].count ? settings[i].values[value] : take_value(in));
}

/* ---- other arguments ---- */

static const char *take_meta(input *in)
{
    static const char *const lists[] = {"\0", "key\0value\0", "unknown\0" "1\0pad\0" "0\0", "end\0" "99999\0",
                                        "level\0words\0unknown\0" "0\0", "key\0value\0key\0value\0",
                                        "pattern\0many-to-one\0",
                                        "pattern\0one-to-many\0end\0" "1\0", "side\0" "10\0",
                                        "key\0\xFF\0", "train.batch\0" "3\0", "nextchar.format\0" "2\0"};
    return OR_NULL(lists[take(in, sizeof lists / sizeof *lists)]);
}

static int32_t *take_ids(input *in)
{
    int V = NUMBERS(1, 2, 8, 30), odd = take(in, 16);
    for (int i = 0; i < 64; i++)
        ids[i] = i * 7 % V;
    if (!odd)
        ids[take(in, 8)] = NUMBER;
    return OR_NULL(ids);
}

/* Floats that the library lends may be written to. */
static void write_odd(input *in, float *to, size_t count)
{
    if (to && count && take(in, 2))
        to[take_word(in) % count] = take_odd(in);
}

/* ---- handles ---- */

static void drop_state(int slot)
{
    rnn_state_free(alive.states[slot]);
    alive.states[slot] = NULL;
}

static void drop_trainer(int slot)
{
    rnn_trainer_free(alive.trainers[slot]);
    alive.trainers[slot] = NULL;
}

/* What refers to a model goes before it. */
static void drop_users(const rnn_model *m)
{
    for (int i = 0; i < SLOTS && m; i++) {
        if (alive.states[i] && alive.of_state[i] == m)
            drop_state(i);
        if (alive.trainers[i] && alive.of_trainer[i] == m)
            drop_trainer(i);
    }
}

static void set_model(int slot, rnn_model *m)
{
    drop_users(alive.models[slot]);
    rnn_model_free(alive.models[slot]);
    alive.models[slot] = m;
}

static void drop_users_of_pattern(const rnn_pattern *p)
{
    if (!p)
        return;
    drop_users(rnn_pattern_model(p));
    drop_users(rnn_pattern_encoder(p));
}

static void set_recipe(int slot, rnn_recipe *r)
{
    if (alive.recipes[slot]) {
        drop_users(rnn_recipe_model(alive.recipes[slot]));
        drop_users_of_pattern(rnn_recipe_pattern(alive.recipes[slot]));
    }
    rnn_recipe_free(alive.recipes[slot]);
    alive.recipes[slot] = r;
}

static void set_reader(int slot, rnn_reader *r)
{
    if (alive.readers[slot])
        drop_users(rnn_reader_model(alive.readers[slot]));
    rnn_reader_free(alive.readers[slot]);
    alive.readers[slot] = r;
}

static void set_pattern(int slot, rnn_pattern *p)
{
    drop_users_of_pattern(alive.patterns[slot]);
    rnn_pattern_free(alive.patterns[slot]);
    alive.patterns[slot] = p;
}

#define SET(kind, slot, value) (rnn_##kind##_free(alive.kind##s[slot]), alive.kind##s[slot] = (value))

/* Of a slot, or of a recipe that has begun. */
static rnn_pattern *any_pattern(input *in)
{
    return take(in, 2) ? ANY(alive.patterns) : rnn_recipe_pattern(ANY(alive.recipes));
}

/* Of a slot, of a recipe, of a pattern or of a reader. */
static rnn_model *any_model(input *in)
{
    switch (take(in, 8)) {
    case 0:
    case 4: return rnn_recipe_model(ANY(alive.recipes));
    case 1: return rnn_pattern_model(any_pattern(in));
    case 2: return rnn_pattern_encoder(any_pattern(in));
    case 5: return rnn_reader_model(ANY(alive.readers));
    default: return ANY(alive.models);
    }
}

static rnn_vocab *any_vocab(input *in)
{
    switch (take(in, 8)) {
    case 0:
    case 4: return rnn_recipe_vocab(ANY(alive.recipes));
    case 1: return rnn_pattern_vocab(any_pattern(in));
    case 2: return rnn_pattern_labels(any_pattern(in));
    default: return ANY(alive.vocabs);
    }
}

static rnn_trainer *any_trainer(input *in)
{
    switch (take(in, 8)) {
    case 0:
    case 4: return rnn_recipe_trainer(ANY(alive.recipes));
    case 1: return rnn_recipe_encoder(ANY(alive.recipes));
    default: return ANY(alive.trainers);
    }
}

static void keep_file(input *in, size_t bytes)
{
    file_bytes = bytes <= sizeof file ? bytes : 0;
    if (file_bytes && !take(in, 4))
        file[take_word(in) % file_bytes] ^= (unsigned char)(1 << take(in, 8));
}

/* ---- calls ---- */

static void call_model(input *in)
{
    int slot = take(in, SLOTS);
    size_t n = 0;
    rnn_model *m;
    switch (take(in, 26)) {
    case 24:
        set_model(slot, rnn_model_new_from(NUMBERS(4, 3, 1, 0, 2), NUMBERS(1, 2, 0, 5), NUMBERS(8, 30, 1),
                                           NUMBERS(0, 2), NUMBERS(4, 1, 9, 0), NUMBERS(8, 30, 1, 0),
                                           NUMBERS(4, 100, 0, 4097, -1), NUMBERS(0, 2, 65), NUMBERS(0, 3, -1),
                                           take_word(in)));
        break;
    case 23: rnn_vector(any_model(in)); break;
    case 0:
        set_model(slot, rnn_model_new(NUMBERS(4, 3, 1, 0, 2), NUMBERS(1, 2, 4, 5, 0, -1), NUMBERS(8, 30, 1, 65537, 0),
                                      NUMBERS(0, 2, 5, 4097, -1), NUMBERS(4, 1, 9, 16, 4097, 0), NUMBERS(8, 30, 1, 0),
                                      take_word(in)));
        break;
    case 1: set_model(slot, rnn_model_load(OR_NULL(file), file_bytes, take_text(in))); break;
    case 2: m = rnn_model_quantize(any_model(in)); set_model(slot, m); break;
    case 3:
        keep_file(in, rnn_model_save(any_model(in), OR_NULL(any_vocab(in)), take_meta(in), file, sizeof file));
        break;
    case 4: {
        const rnn_model *const models[] = {alive.models[0], alive.models[1], alive.models[0], alive.models[1]};
        const char *const prefixes[] = {take_text(in), take_text(in), "third.", "fourth."};
        keep_file(in, rnn_models_save(NUMBERS(1, 2, 3, 4, 5, 0, -1), OR_NULL(models), OR_NULL(prefixes), any_vocab(in),
                                      any_vocab(in), take_meta(in), file, sizeof file));
        break;
    }
    case 5: set_model(slot, NULL); break;
    case 6: rnn_cell(any_model(in)); break;
    case 7: rnn_layers(any_model(in)); break;
    case 8: rnn_inputs(any_model(in)); break;
    case 9: rnn_embedding(any_model(in)); break;
    case 10: rnn_hidden(any_model(in)); break;
    case 11: rnn_outputs(any_model(in)); break;
    case 12: rnn_quantized(any_model(in)); break;
    case 13: rnn_fingerprint(any_model(in)); break;
    case 14: rnn_meta(any_model(in)); break;
    case 15: rnn_special(any_model(in), take_text(in)); break;
    case 16: rnn_set_special(any_model(in), take_text(in), NUMBER); break;
    case 17: {
        float *params = rnn_params(any_model(in), OR_NULL(&n));
        write_odd(in, params, n);
        break;
    }
    case 18: rnn_pack(any_model(in)); break;
    case 19: rnn_version(); break;
    case 20: MUST(rnn_isa()); break;
    case 21: rnn_error(); rnn_error_code(); break;
    case 22: rnn_free(alive.room); alive.room = rnn_alloc((size_t)take(in, 64)); break;
    default: rnn_special(any_model(in), NULL); rnn_maps(any_model(in), NUMBER);
    }
}

static void call_state(input *in)
{
    int slot = take(in, SLOTS);
    size_t n = 0;
    uint32_t counted;
    const rnn_model *m;
    float *data;
    switch (take(in, 15)) {
    case 14:
        rnn_beam(OR_NULL(floats), NUMBERS(2, 1, 0, -1), NUMBERS(8, 1, 0, -1), OR_NULL(floats + 16),
                 OR_NULL((const unsigned char *)text), NUMBERS(3, 1, 8, 0, -1), OR_NULL(written), OR_NULL(ids + 64),
                 OR_NULL(floats + 32));
        break;
    case 13: rnn_state_begin(ANY(alive.states), OR_NULL(floats)); break;
    case 12: rnn_state_copy(ANY(alive.states), NUMBER, ANY(alive.states), NUMBER); break;
    case 0:
        m = any_model(in);
        drop_state(slot);
        alive.states[slot] = rnn_state_new(m, NUMBERS(1, 2, 3, 0, -1, 65537, INT32_MAX));
        alive.of_state[slot] = m;
        break;
    case 1: drop_state(slot); break;
    case 2: rnn_state_reset(ANY(alive.states)); break;
    case 3: data = rnn_state_data(ANY(alive.states), OR_NULL(&n)); write_odd(in, data, n); break;
    case 4: rnn_state_part(ANY(alive.states), NUMBER, NUMBER); break;
    case 5:
    case 6: m = any_model(in); rnn_step(m, ANY(alive.states), take_ids(in)); break;
    case 7: rnn_logits(ANY(alive.states)); break;
    case 8:
        m = any_model(in);
        rnn_score(m, ANY(alive.states), take_ids(in), NUMBERS(1, 4, 16, 0, -1), OR_NULL(&counted));
        break;
    case 9:
        for (int i = 0; i < 8; i++)
            floats[i] = take_odd(in);
        rnn_probs(OR_NULL(floats), NUMBERS(8, 1, 0, -1), take_odd(in), NUMBER, take_odd(in), OR_NULL(floats + 8));
        break;
    case 10: rnn_pick(OR_NULL(floats), NUMBERS(8, 1, 0, -1), take_odd(in)); break;
    default: rnn_surprisal(OR_NULL(floats), NUMBERS(8, 1, 0, -1), NUMBER); rnn_dice(take_word(in), take_word(in));
    }
}

static void call_trainer(input *in)
{
    int slot = take(in, SLOTS);
    size_t n = 0;
    rnn_model *m;
    float *part;
    switch (take(in, 19)) {
    case 18: {
        rnn_trainer *const trainers[] = {alive.trainers[0], alive.trainers[1]};
        rnn_trainers_update(NUMBERS(1, 2, 0, 5, -1), OR_NULL(trainers), NUMBER, take_odd(in), take_odd(in));
        break;
    }
    case 17: rnn_trainer_begin(any_trainer(in), NUMBER, OR_NULL(floats)); break;
    case 16: {
        const rnn_trainer *const trainers[] = {alive.trainers[0], alive.trainers[1]};
        const char *const prefixes[] = {take_text(in), "second."};
        keep_file(in, rnn_trainers_save(NUMBERS(1, 2, 0, -1), OR_NULL(trainers), OR_NULL(prefixes), any_vocab(in),
                                        any_vocab(in), take_meta(in), file, sizeof file));
        break;
    }
    case 0:
        m = any_model(in);
        drop_trainer(slot);
        alive.trainers[slot] = rnn_trainer_new(m, NUMBERS(2, 1, 4, 6, 0, -1, 65537), NUMBERS(4, 1, 7, 0, -1, 65537),
                                               NUMBERS(1, 2, 3, 0, -1), take(in, 4) ? 0.25f : take_odd(in), 0.0f, 1);
        alive.of_trainer[slot] = m;
        break;
    case 1: drop_trainer(slot); break;
    case 2: rnn_trainer_reset(any_trainer(in)); break;
    case 3: rnn_trainer_window(any_trainer(in), take_ids(in), take_ids(in)); break;
    case 4: rnn_trainer_slice(any_trainer(in), NUMBER, take_ids(in), take_ids(in)); break;
    case 5: rnn_trainer_forward(any_trainer(in), NUMBER, NUMBER, take_ids(in), take_ids(in)); break;
    case 6: rnn_trainer_back(any_trainer(in)); break;
    case 7: part = rnn_trainer_edge(any_trainer(in), NUMBER, OR_NULL(&n)); write_odd(in, part, n); break;
    case 8: part = rnn_trainer_part(any_trainer(in), NUMBER, OR_NULL(&n)); write_odd(in, part, n); break;
    case 9:
    case 10: rnn_trainer_update(any_trainer(in), NUMBER, take_odd(in), take_odd(in)); break;
    case 11: rnn_trainer_updates(any_trainer(in)); break;
    case 12:
        keep_file(in, rnn_trainer_save(any_trainer(in), any_vocab(in), take_meta(in), file, sizeof file));
        break;
    case 13: rnn_trainer_load(any_trainer(in), OR_NULL(file), file_bytes, take_text(in)); break;
    case 14: rnn_windows((size_t)take_word(in), NUMBER, NUMBER); break;
    default:
        rnn_window(take_ids(in), 64, NUMBER, NUMBER, take_word(in), take_word(in), OR_NULL(written), OR_NULL(ids + 64));
        rnn_rate(take_word(in), take_word(in), take_word(in), take_odd(in), take_odd(in));
    }
}

/* Enough tokens for a step or two, or any one. */
static void call_reader(input *in)
{
    int slot = take(in, SLOTS);
    const rnn_model *m;
    rnn_reader *r;
    switch (take(in, 6)) {
    case 0:
        m = any_model(in);
        r = rnn_reader_new(m, take(in, 4) ? 0.01f : take_odd(in));
        set_reader(slot, r);
        break;
    case 1: set_reader(slot, NULL); break;
    case 2: rnn_reader_take(ANY(alive.readers), NUMBER); break;
    case 3:
        r = ANY(alive.readers);
        for (int i = 0; i < 45; i++)
            rnn_reader_take(r, i % 8);
        break;
    default: rnn_logits(rnn_reader_state(ANY(alive.readers)));
    }
}

static void begin_recipe(input *in, rnn_recipe *r)
{
    piece own = take_piece(in), held_out = take(in, 4) ? no_piece() : take_piece(in);
    rnn_recipe_begin(r, own.bytes, own.size, held_out.bytes, held_out.size, take(in, 4) ? NULL : file, file_bytes);
}

static void resume_recipe(input *in, rnn_recipe *r)
{
    piece own = take_piece(in), held_out = take(in, 4) ? no_piece() : take_piece(in);
    rnn_recipe_resume(r, OR_NULL(file), file_bytes, own.bytes, own.size, held_out.bytes, held_out.size);
}

/* All of an update. */
static void update_recipe(rnn_recipe *r)
{
    rnn_recipe_window(r, NULL, NULL);
    for (int slice = 0; slice < 2; slice++)
        rnn_recipe_slice(r, slice);
    rnn_recipe_update(r);
}

static void call_recipe(input *in)
{
    int slot = take(in, SLOTS);
    size_t n = 0;
    const int32_t *x, *y;
    double figures[RNN_FIGURES];
    switch (take(in, 22)) {
    case 20: update_recipe(ANY(alive.recipes)); break;
    case 19: rnn_recipe_score(ANY(alive.recipes), NUMBER, OR_NULL(figures)); break;
    case 18: rnn_trainer_updates(rnn_recipe_encoder(ANY(alive.recipes))); break;
    case 0: set_recipe(slot, small_recipe()); break;
    case 1: set_recipe(slot, NULL); break;
    case 2:
    case 21: set_setting(in, ANY(alive.recipes)); break;
    case 3: rnn_recipe_set(ANY(alive.recipes), take_text(in), take_value(in)); break;
    case 4: rnn_recipe_get(ANY(alive.recipes), take_text(in)); break;
    case 5: begin_recipe(in, ANY(alive.recipes)); break;
    case 6: resume_recipe(in, ANY(alive.recipes)); break;
    case 7: rnn_recipe_tokens(ANY(alive.recipes), NUMBER, OR_NULL(&n)); break;
    case 8: rnn_recipe_unknown(ANY(alive.recipes)); break;
    case 9: rnn_recipe_windows(ANY(alive.recipes)); break;
    case 10: rnn_recipe_updates(ANY(alive.recipes)); break;
    case 11:
    case 12: rnn_recipe_window(ANY(alive.recipes), OR_NULL(&x), OR_NULL(&y)); break;
    case 13: rnn_recipe_slice(ANY(alive.recipes), NUMBER); break;
    case 14: rnn_recipe_update(ANY(alive.recipes)); break;
    default: keep_file(in, rnn_recipe_save(ANY(alive.recipes), take_meta(in), NUMBER, file, sizeof file));
    }
}

/* What a pattern makes of an input. */
static void ask_pattern(input *in, const rnn_pattern *p)
{
    static char answer[64];
    piece asked = take_piece(in);
    double figures[RNN_FIGURES];
    switch (take(in, 4)) {
    case 0: rnn_pattern_score(p, asked.bytes, asked.size, OR_NULL(figures)); break;
    case 1: rnn_pattern_read(p, asked.bytes, asked.size, OR_NULL(written), NUMBERS(64, 200, 1, 0)); break;
    case 2: rnn_pattern_vector(p, asked.bytes, asked.size, OR_NULL(floats)); break;
    default:
        rnn_pattern_answer(p, asked.bytes, asked.size, NUMBER, take(in, 4) ? 0.0f : take_odd(in), take_word(in),
                           NUMBERS(1, 9, 0, 1025), OR_NULL(answer), (size_t)NUMBERS(64, 1, 0));
    }
}

static void call_pattern(input *in)
{
    int slot = take(in, SLOTS);
    switch (take(in, 8)) {
    case 0: set_pattern(slot, NULL); break;
    case 1: set_pattern(slot, rnn_pattern_load(OR_NULL(file), file_bytes)); break;
    case 2: {
        rnn_pattern *p = rnn_pattern_quantize(any_pattern(in));
        set_pattern(slot, p);
        break;
    }
    case 3:
        rnn_file_answers(OR_NULL(file), file_bytes);
        keep_file(in, rnn_pattern_save(any_pattern(in), take_meta(in), file, sizeof file));
        break;
    case 4: rnn_pattern_rule(any_pattern(in), NUMBER); break;
    default: ask_pattern(in, any_pattern(in));
    }
}

static void build_vocab(input *in, int slot)
{
    piece p = take_piece(in);
    SET(vocab, slot, rnn_vocab_build(p.bytes, p.size, NUMBERS(1, 2, 0, 3, -1), NUMBER));
}

static void add_to_file(input *in)
{
    static unsigned char longer[sizeof file];
    piece p = take_piece(in);
    size_t n = rnn_file_add(OR_NULL(file), file_bytes, take_text(in), p.bytes, p.size, longer, sizeof longer);
    memcpy(file, longer, n <= sizeof file ? n : 0);
    keep_file(in, n);
}

static void call_text(input *in)
{
    static float logits[65536]; /* V */
    int slot = take(in, SLOTS);
    size_t n = 0;
    uint32_t counted;
    switch (take(in, 23)) {
    case 22: SET(vocab, slot, rnn_labels_load(OR_NULL(file), file_bytes)); break;
    case 21: SET(vocab, slot, rnn_labels_new(OR_NULL("a\0b\0"), (size_t)NUMBERS(4, 2, 1, 0))); break;
    case 20: rnn_find_token(any_vocab(in), take_text(in)); break;
    case 0: build_vocab(in, slot); break;
    case 1: SET(vocab, slot, rnn_vocab_load(OR_NULL(file), file_bytes)); break;
    case 2: SET(vocab, slot, NULL); break;
    case 3: rnn_vocab_size(any_vocab(in)); break;
    case 4: rnn_vocab_level(any_vocab(in)); break;
    case 5: rnn_vocab_unknown(any_vocab(in)); break;
    case 6:
        rnn_encode(any_vocab(in), OR_NULL(text), LENGTH(text), OR_NULL(ids), OR_NULL(words), NUMBERS(0, 1, 64, -1));
        break;
    case 7: rnn_token(any_vocab(in), NUMBER); break;
    case 8: rnn_space(any_vocab(in), NUMBER, NUMBER); break;
    case 9: rnn_file_find(OR_NULL(file), file_bytes, take_text(in), OR_NULL(&n)); break;
    case 10: add_to_file(in); break;
    case 11:
        SET(markov, slot,
            rnn_markov_new(NUMBERS(8, 30, 1, 65536, 65537, 0, -1), NUMBER, NUMBER, (uint32_t)NUMBER));
        break;
    case 12: SET(markov, slot, NULL); break;
    case 13: rnn_markov_read(ANY(alive.markovs), take_ids(in), (size_t)take(in, 64)); break;
    case 14:
        rnn_markov_logits(ANY(alive.markovs), NUMBER, take_ids(in), (size_t)take(in, 64), OR_NULL(logits));
        break;
    case 15:
        rnn_markov_score(ANY(alive.markovs), NUMBER, take_ids(in), (size_t)take(in, 64), (size_t)take(in, 64),
                         OR_NULL(&counted));
        break;
    case 16: SET(index, slot, rnn_index_new(take_ids(in), (size_t)take(in, 64))); break;
    case 17: SET(index, slot, NULL); break;
    case 18: {
        rnn_vocab *v = NULL;
        set_model(slot, rnn_network_load(OR_NULL(file), file_bytes, OR_NULL(&v)));
        SET(vocab, slot, v);
        break;
    }
    default:
        rnn_index_find(ANY(alive.indexs), take_ids(in), NUMBERS(8, 64, 0, -1), OR_NULL(written), OR_NULL(places));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const groups[])(input *in) = {call_model,  call_state, call_trainer,
                                                call_recipe, call_text,  call_pattern, call_reader};
    static uint32_t hash; /* slow: once */
    input in = {data, data + size};
    if (!hash) {
        MUST(hash = rnn_self_test());
        learn_settings();
    }
    file_bytes = 0;
    for (int calls = 0; left(&in) && calls < MOST_CALLS; calls++)
        groups[take(&in, sizeof groups / sizeof *groups)](&in);
    for (int i = 0; i < SLOTS; i++) {
        drop_state(i);
        drop_trainer(i);
        set_reader(i, NULL);
        set_model(i, NULL);
        set_recipe(i, NULL);
        set_pattern(i, NULL);
        SET(vocab, i, NULL);
        SET(markov, i, NULL);
        SET(index, i, NULL);
    }
    rnn_free(alive.room);
    alive.room = NULL;
    return 0;
}
