/* SPDX-License-Identifier: MIT
 *
 * rnn.h - recurrent networks that read and write text, small enough to watch. This header is the manual.
 *
 *     rnn_model *m = rnn_model_load(file, bytes, NULL);
 *     rnn_state *s = rnn_state_new(m, 1);                  // zeros; its logits are the head's bias
 *     for (uint32_t i = 0; i < 100; i++) {
 *         rnn_probs(rnn_logits(s), V, 0.8f, 0, 1.0f, p);   // temperature 0.8
 *         int32_t t = rnn_pick(p, V, rnn_dice(seed, i));   // the dice depend on seed and position only
 *         rnn_step(m, s, &t);                              // the logits now say what may follow t
 *     }
 *
 * Dimensions: V tokens in a vocabulary (V_in are read, V_out are written), E numbers of an embedding (0 = one-hot
 * input), H hidden units, L layers, B parallel streams, T steps of a training window. The shape of an array stands
 * beside its pointer, the slowest index first. Floats are float32. Token ids are 0 .. V-1. Two ids are no tokens, and
 * carry every pattern (see below). RNN_NONE means "no input here"; as a target, "no loss here". RNN_CLEAR, an input
 * only, means "forget": the state behind this step is the zero state, and no gradient passes it.
 *
 * The same inputs give the same bits on every build (see vec.h). No function prints, exits or aborts.
 *
 * Ownership: what *_new, *_load, *_build and *_quantize return is yours. Free it with *_free; NULL is fine. Every other
 * pointer that is returned is borrowed, and valid until the next call with the same handle. Nothing that you pass in is
 * kept, except that a state and a trainer refer to their model: it must outlive them.
 *
 * Errors: constructors return NULL. Functions that return int return 0 (or what they say), or a negative RNN_E_ code.
 * Then rnn_error() says why in one English sentence, and rnn_error_code() gives the code. One handle belongs to one
 * thread at a time. A handle or an address that is NULL is RNN_E_RANGE, unless NULL has a meaning that is said here:
 * the function then returns its kind of error, NULL, NaN, 0 (of an unsigned number) or the code, and does nothing.
 */
#ifndef RNN_H
#define RNN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __wasm__
#define RNN_API __attribute__((used, visibility("default")))
#else
#define RNN_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef struct rnn_model rnn_model;     /* weights; read-only while states and other threads use it */
typedef struct rnn_state rnn_state;     /* h, c, gates and logits of B parallel streams */
typedef struct rnn_trainer rnn_trainer; /* gradients, optimizer moments and the tape of one window */
typedef struct rnn_reader rnn_reader;   /* a network that learns as it reads */
typedef struct rnn_recipe rnn_recipe;   /* a training: settings, text, model, trainer */
typedef struct rnn_pattern rnn_pattern; /* a network that answers: its stacks and vocabularies */
typedef struct rnn_vocab rnn_vocab;     /* text <-> token ids */
typedef struct rnn_markov rnn_markov;   /* how often what follows what, the baseline */
typedef struct rnn_index rnn_index;     /* a text in which others are looked up */

enum { RNN_NONE = -1, RNN_CLEAR = -2 };
enum { RNN_CELL_TANH = 1, RNN_CELL_GRU = 3, RNN_CELL_LSTM = 4 }; /* = number of gate blocks */
enum { RNN_PART_H = 0, RNN_PART_C = 1, RNN_PART_GATES = 2, RNN_PART_MAPS = 3 };
enum { RNN_CHARACTERS = 0, RNN_WORDS = 1, RNN_WORDS_FOLDED = 2 };
enum { RNN_ADAM = 0, RNN_RMSPROP = 1 };
enum { RNN_ONE_TO_MANY = 2, RNN_MANY_TO_ONE = 3, RNN_SYNCHRONOUS = 4, RNN_SEQUENCE = 5 };
enum { RNN_KIND, RNN_SIDE, RNN_DELAY, RNN_REVERSED };
enum { RNN_EXAMPLES, RNN_RIGHT, RNN_TARGETS, RNN_TARGETS_RIGHT, RNN_BITS, RNN_FIGURES };
enum {
    RNN_E_MEMORY = -1,     /* no room; nothing changed */
    RNN_E_TRUNCATED = -2,  /* a weights file ends too early */
    RNN_E_TRAILING = -3,   /* bytes after the end of the last tensor */
    RNN_E_HEADER = -4,     /* the header is not the JSON that safetensors prescribes */
    RNN_E_OFFSETS = -5,    /* tensors overlap, leave a hole, or differ from shape x type */
    RNN_E_SHAPE = -6,      /* the tensors make no network: missing, wrong type or shape */
    RNN_E_VALUE = -7,      /* a weight is NaN or infinite, or -128 in int8 */
    RNN_E_VOCAB = -8,      /* the vocabulary is not V different, non-empty UTF-8 tokens */
    RNN_E_VERSION = -9,    /* written for a later version of this format */
    RNN_E_RANGE = -10,     /* an argument is out of its range */
    RNN_E_NONFINITE = -11, /* a number that must be finite is not (loss, logits) */
    RNN_E_TEXT = -12,      /* a text that cannot be trained on: too short, too long */
    RNN_E_CHECKPOINT = -13, /* no checkpoint, or one of another text or plan */
    RNN_E_DAMAGED = -14     /* a checkpoint's bytes are not those that were written */
};

RNN_API const char *rnn_error(void);   /* the last failure, "" if there was none */
RNN_API int rnn_error_code(void);      /* its RNN_E_ code, 0 if there was none */
RNN_API int rnn_version(void);         /* 10203 is 1.2.3 */
RNN_API const char *rnn_isa(void);     /* "relaxed", "simd128", "avx512", "avx2", "sse2", "gnu-vector" or "scalar" */
RNN_API uint32_t rnn_self_test(void);  /* a hash of a fixed small run, equal on every right build; 0 = no memory */
RNN_API void *rnn_alloc(size_t bytes); /* room in wasm memory for a caller without malloc */
RNN_API void rnn_free(void *p);

/* ---- what a file may hold ----
 * Any bytes load or are an error, and what is refused takes no more memory than a few times its file. At most:
 *     1 MiB of header, with all metadata in it; 256 tensors; 256 entries of metadata
 *     4 dimensions of a tensor, each below 2^31; 32 bytes of a prefix
 *     4 layers; 4096 units, and an embedding as wide; 65536 tokens of 255 bytes each
 *     512 texts of 1024 tokens of a beam; 64 steps of delay; 65,536 tokens of an example on either side
 *     4096 numbers that a state begins from, a picture's side of 10 to 64, 64 maps
 *     256 MiB for the table of what each token adds to the gates, 1 GiB for a network, 2 GiB for its training
 *     31 bytes for a setting of a training; 2 GiB for its text
 * A tensor that is not understood is RNN_E_SHAPE, as the numbers would be others without it. Understood are
 *     those of the stack below (F32, F64, F16, BF16, or I8 with F32 scales)
 *     of a checkpoint, under the stack's prefix: trainer.m, .v, .updates, and .h_l0, .c_l0 to .h_l3, .c_l3
 *     of plain bytes (U8), without a prefix: vocab, labels, text, held_out, best, trainer.sum
 *     those of other stacks, whose rnn.weight_hh_l0 is there, where one was asked for by its prefix; a sequence has
 *     encoder. and decoder. alone
 *
 * ---- model: a stack of layers; cell, layers and sizes follow from the tensor shapes in the file ----
 * meta is a list of NUL-terminated UTF-8 strings "key", "value", "key", "value", ..., closed by an empty key. NULL is
 * an empty list. Four keys have a meaning here: "pad", "unknown" and "end", as decimal ids, and "nonlinearity", which
 * can be tanh alone: another one is refused, and not written.
 *
 * A file may hold several stacks, each with a prefix in front of its names. With the prefix "encoder.", the tensors are
 * encoder.rnn.weight_ih_l0, ..., encoder.fc.bias and the keys encoder.pad, encoder.unknown and so on. "" is the
 * stack without a prefix; NULL is that stack of a file that has no other. Each stack is one rnn_model, and all that
 * follows is the same for it. */
RNN_API rnn_model *rnn_model_new(int cell, int layers, int V_in, int E, int H, int V_out, uint32_t seed);
/* With a source: its states can begin from N numbers or, if maps1 > 0, from a picture of N = side * side places that
 * two convolutions read, which make maps1 and maps2 maps (see source.h). */
RNN_API rnn_model *rnn_model_new_from(int cell, int layers, int V_in, int E, int H, int V_out, int N, int maps1,
                                      int maps2, uint32_t seed);
RNN_API rnn_model *rnn_model_load(const void *safetensors, size_t bytes, const char *prefix);
/* The one stack of a file, without a prefix, and the file's vocabulary, which has just the tokens that it reads and
 * writes. Both are yours. A file that rnn_file_answers is refused. */
RNN_API rnn_model *rnn_network_load(const void *safetensors, size_t bytes, rnn_vocab **vocab);
/* A copy with its weights rounded to int8, times a scale for each row; it is saved as I8. Its steps round h too, to
 * 63rds, so that every sum is of integers. */
RNN_API rnn_model *rnn_model_quantize(const rnn_model *m);
/* Returns the bytes of the file, and writes it if they fit into room. 0 on error. v may be NULL. Of a network that
 * reads pictures meta must say "side", how many places wide they are. */
RNN_API size_t rnn_model_save(const rnn_model *m, const rnn_vocab *v, const char *meta, void *out, size_t room);
/* The same for 1 to 4 stacks in one file. Each has a prefix of its own, of at most 32 bytes; "" is one. labels: the
 * vocabulary of what is written, where it is not what is read; it may be NULL. */
RNN_API size_t rnn_models_save(int count, const rnn_model *const *m, const char *const *prefixes, const rnn_vocab *v,
                               const rnn_vocab *labels, const char *meta, void *out, size_t room);
RNN_API void rnn_model_free(rnn_model *m);
RNN_API int rnn_cell(const rnn_model *m);             /* RNN_CELL_ */
RNN_API int rnn_layers(const rnn_model *m);           /* L */
RNN_API int rnn_inputs(const rnn_model *m);           /* V_in */
RNN_API int rnn_embedding(const rnn_model *m);        /* E, 0 = one-hot */
RNN_API int rnn_hidden(const rnn_model *m);           /* H */
RNN_API int rnn_outputs(const rnn_model *m);          /* V_out, 0 = no head */
RNN_API int rnn_vector(const rnn_model *m);           /* N, 0 = its state begins from zero alone */
RNN_API int rnn_maps(const rnn_model *m, int which); /* of convolution 0 or 1 that reads its pictures; 0: none does */
RNN_API int rnn_quantized(const rnn_model *m);        /* 1 if its weights are int8 */
/* A hash of shape and weights. Who keeps a state keeps it too, to know whose the state is. */
RNN_API uint32_t rnn_fingerprint(const rnn_model *m);
RNN_API const char *rnn_meta(const rnn_model *m);     /* the metadata of its file, as a list */
RNN_API int rnn_special(const rnn_model *m, const char *name); /* the id of "pad", "unknown" or "end", or RNN_NONE */
/* For a new network. Whoever saves it writes the id into the metadata too. */
RNN_API int rnn_set_special(rnn_model *m, const char *name, int id);
/* The parameters: flat, the tensors in file order. Call rnn_pack after you write to them. */
RNN_API float *rnn_params(rnn_model *m, size_t *floats);
/* Lays the weights out as a step reads them. Matrices of int8 weights become again what their integers say. */
RNN_API void rnn_pack(rnn_model *m);

/* ---- patterns ----
 * The lesson's five patterns are five ways to lay out x, what is read, and y, what is written; "." is RNN_NONE and "-"
 * is RNN_CLEAR.
 *     one-to-one     0 layers: logits = fc(token); nothing is carried     x  a b c          y  b c d
 *     one-to-many    the state begins from a vector or a picture          x  . d v a        y  d v a end
 *     many-to-one    the answer at the last token, or at each             x  - - S a t o    y  . . . . . Japanese
 *     synchronous    an answer for each token, some steps later           x  b r d . .      y  . . b i r d
 *     sequence       an encoder (0 outputs) hands its state to a decoder  x  - - 2 4        its state:
 *                                                                         x  . f o r        y  f o r end
 * Sequences of different lengths stand side by side in a window: RNN_CLEAR before what is read, so that all end
 * together; RNN_NONE behind what is written, as all begin together. The answer is the same, bit for bit, alone and in
 * any company.
 *
 * ---- state: B streams advance together ----
 * A state is one flat block: per layer h (B, H), c (B, H) if LSTM, gates (B, cell*H); then logits (B, V_out). A copy of
 * the block is a snapshot. The logits of the ids "pad" and "unknown" are -infinity: they are never drawn. */
RNN_API rnn_state *rnn_state_new(const rnn_model *m, int B);
RNN_API void rnn_state_free(rnn_state *s);
RNN_API void rnn_state_reset(rnn_state *s); /* h = c = 0; logits = the head's bias */
RNN_API float *rnn_state_data(rnn_state *s, size_t *floats);
/* A part of a layer: RNN_PART_H and _C are (B, H); _GATES are (B, cell*H), after their sigmoid or tanh. RNN_PART_MAPS,
 * where pictures are read, is what convolution 0 or 1 made of those that the streams began from: (B, places, maps). */
RNN_API float *rnn_state_part(rnn_state *s, int layer, int part);
/* All streams begin from vectors (B, N) of the model's source. */
RNN_API int rnn_state_begin(rnn_state *s, const float *vectors);
/* Stream a of one state becomes stream b of another: from encoder to decoder, a branch, a beam. Cell, layers and units
 * must be equal. Its logits are those of the network of `to`. */
RNN_API int rnn_state_copy(rnn_state *to, int b, const rnn_state *from, int a);
/* Every stream reads its token; tokens (B). An error changes nothing. */
RNN_API int rnn_step(const rnn_model *m, rnn_state *s, const int32_t *tokens);
RNN_API const float *rnn_logits(const rnn_state *s); /* (B, V_out) */
/* Reads tokens (T, B). Returns the sum of their surprisals in bits, each taken before its token is read; NaN on error.
 * RNN_NONE and what is never drawn are read but not counted. counted gets how many tokens were counted. */
RNN_API double rnn_score(const rnn_model *m, rnn_state *s, const int32_t *tokens, int T, uint32_t *counted);

/* ---- sampling: pure functions, so both sides of the temperature can be shown ---- */
/* probs (n) = softmax(logits / temperature), cut to the top_k most probable (0 = all), then to the fewest of them that
 * reach top_p (1 = all; Holtzman et al. 2019). Of equals the lower id stays. Temperature 0 is exactly argmax. A logit
 * of -infinity gets 0 at any temperature. */
RNN_API int rnn_probs(const float *logits, int n, float temperature, int top_k, float top_p, float *probs);
RNN_API int rnn_pick(const float *probs, int n, float u);        /* u in [0, 1); never an id of probability 0 */
RNN_API float rnn_dice(uint32_t seed, uint32_t position);        /* in [0, 1); there is no hidden generator state */
RNN_API float rnn_surprisal(const float *logits, int n, int id); /* -log2 softmax(logits)[id], bits */
/* A step of beam search, of at most 512 streams. Each of B streams has written something that costs so many bits (B),
 * and its logits (B, n) say what may follow. Of all (stream, token) the `keep` cheapest go on: best first; of equals
 * the lower stream, then the lower id. An ended stream (ended[b] not 0) has no token to come: it competes as it is, as
 * RNN_NONE. Returns how many there are, at most keep; from, tokens and new_bits (keep) say which. */
RNN_API int rnn_beam(const float *logits, int B, int n, const float *bits, const unsigned char *ended, int keep,
                     int32_t *from, int32_t *tokens, float *new_bits);

/* ---- training: truncated backpropagation through time over B streams with carried state ----
 * slices: the streams are in so many equal groups. Each slice has gradients of its own, and an update joins them in
 * their order. So workers can share a window, each with a trainer of its own, and the bits do not depend on how many
 * workers there are.
 * dropout: the share of each layer's outputs that becomes zero on the way up (to the next layer or the head).
 * recurrent: the share of the weights of each weight_hh that is zero for an update (Merity et al. 2018). What is left
 * is divided by what is kept, in both. */
RNN_API rnn_trainer *rnn_trainer_new(rnn_model *m, int B, int T, int slices, float dropout, float recurrent,
                                     uint32_t seed);
RNN_API void rnn_trainer_free(rnn_trainer *t);
RNN_API void rnn_trainer_reset(rnn_trainer *t); /* the streams start again from the zero state */
/* Runs x (T, B) forward and back against y (T, B), and adds to the gradients of the mean loss (the mean of the slices'
 * means). What is never drawn (pad, unknown) has no loss, as RNN_NONE has none. Returns nats per target. Returns NaN on
 * error; a loss that is not finite is one. The streams then stay where they were. */
RNN_API float rnn_trainer_window(rnn_trainer *t, const int32_t *x, const int32_t *y);
/* The same of one slice alone; x and y are those of the whole window. */
RNN_API float rnn_trainer_slice(rnn_trainer *t, int slice, const int32_t *x, const int32_t *y);
/* The two halves of rnn_trainer_slice, so that another network can run between them. Forward returns the loss and moves
 * the slice's streams on. Back adds to the gradients; it works once, on the slice that went forward last. y NULL: there
 * is no head and no loss (an encoder); forward then returns 0. steps: of this window, 1 to T; x and y are
 * (steps, B). */
RNN_API float rnn_trainer_forward(rnn_trainer *t, int slice, int steps, const int32_t *x, const int32_t *y);
RNN_API int rnn_trainer_back(rnn_trainer *t);
/* The slice's streams begin from their rows of vectors (B, N), through the model's source. If the slice goes forward
 * and back next, the source gets its gradients too. */
RNN_API int rnn_trainer_begin(rnn_trainer *t, int slice, const float *vectors);
/* The gradient of a state of the slice that went forward last: per layer h (B / slices, H), then c if LSTM.
 *     end = 1   of its last state. It is 0 after forward; what you write there goes in when you call back.
 *     end = 0   of its first state. Read it after back. */
RNN_API float *rnn_trainer_edge(rnn_trainer *t, int end, size_t *floats);
/* What a window leaves behind in a slice, to copy to another trainer of this shape: its gradients, laid out as the
 * weights; then the state that its streams carry on, per layer h (B / slices, H), then c if LSTM. NULL on error. */
RNN_API float *rnn_trainer_part(rnn_trainer *t, int slice, size_t *floats);
/* Clips the gradients to the global norm clip (0 = not), updates the model, zeroes the gradients. */
RNN_API int rnn_trainer_update(rnn_trainer *t, int optimizer, float rate, float clip);
/* The same of 1 to 4 trainers that learn together, each clipped by itself: all of them, or on error none. */
RNN_API int rnn_trainers_update(int count, rnn_trainer *const *t, int optimizer, float rate, float clip);
RNN_API uint32_t rnn_trainer_updates(const rnn_trainer *t); /* how many so far */
/* A checkpoint is the weights file with the moments, the streams' state and the count of updates in it, and a sum of
 * all its bytes: where one has changed since, nothing reads it. Those of version 0.2 have no sum, and are read as they
 * are. */
RNN_API size_t rnn_trainer_save(const rnn_trainer *t, const rnn_vocab *v, const char *meta, void *out, size_t room);
/* The same of 1 to 4 trainers, as rnn_models_save of their models. */
RNN_API size_t rnn_trainers_save(int count, const rnn_trainer *const *t, const char *const *prefixes,
                                 const rnn_vocab *v, const rnn_vocab *labels, const char *meta, void *out, size_t room);
/* Into a trainer of equal shape, whose model was loaded from the same file with that prefix: the weights are the
 * model's. */
RNN_API int rnn_trainer_load(rnn_trainer *t, const void *safetensors, size_t bytes, const char *prefix);

/* How a text becomes windows: B streams, evenly spaced. Each pass starts at a random offset below T. rnn_window fills
 * x, y (T, B) for update number `update`. It returns 1 if a pass begins there (reset the trainer), else 0. */
RNN_API int rnn_windows(size_t n, int B, int T); /* of a pass; 0 if the text is too short */
RNN_API int rnn_window(const int32_t *tokens, size_t n, int B, int T, uint32_t seed, uint32_t update, int32_t *x,
                       int32_t *y);
/* The learning rate: it rises in a line, then falls in a half cosine from peak to peak * last at the end. */
RNN_API float rnn_rate(uint32_t update, uint32_t updates, uint32_t warmup, float peak, float last);

/* ---- reader: a network that learns as it reads (dynamic evaluation: Mikolov et al. 2010, Krause et al. 2018) ----
 * A reader has a copy of a network, in float32, and one stream that reads with it. After each 20 tokens that it has
 * read the copy takes a step of the size rate on them:
 *     v = 0.99 v + 0.01 g^2      w = w - rate g / (sqrt(v / (1 - 0.99^n)) + 1e-8) + 0.001 (w0 - w)
 * where g is the gradient of their mean loss by the weight w, which was w0 in the beginning, and this is step n. So it
 * follows the text, and is drawn back to what it was. With rate 0 it is the network as it was. */
RNN_API rnn_reader *rnn_reader_new(const rnn_model *m, float rate); /* rate: from 0 to 1; 0.0007 is a good one */
RNN_API void rnn_reader_free(rnn_reader *r);
/* Reads a token. RNN_E_NONFINITE: it was read, but no step was taken: the gradients are no finite numbers. */
RNN_API int rnn_reader_take(rnn_reader *r, int32_t token);
/* Borrowed: the copy as it is now, for other states too; and where it stands, whose logits say what may follow. */
RNN_API rnn_model *rnn_reader_model(const rnn_reader *r);
RNN_API rnn_state *rnn_reader_state(const rnn_reader *r);

/* ---- recipe: what a training is, from the text to the last update ----
 * A recipe owns settings, vocabulary, tokens, model, trainer and the place in the plan. The same settings and the same
 * text give the same weights, wherever the recipe runs:
 *
 *     rnn_recipe *r = rnn_recipe_new();
 *     rnn_recipe_set(r, "hidden", "128");
 *     rnn_recipe_begin(r, text, bytes, NULL, 0, NULL, 0);
 *     while (rnn_trainer_updates(rnn_recipe_trainer(r)) < rnn_recipe_updates(r)) {
 *         rnn_recipe_window(r, NULL, NULL);
 *         for (int slice = 0; slice < slices; slice++)
 *             rnn_recipe_slice(r, slice);
 *         rnn_recipe_update(r);
 *     }
 *     rnn_recipe_save(r, NULL, 0, file, room);
 *
 * The settings are texts and stay as they were given. Of a text those marked * follow from it when it begins, unless
 * they were given: rnn_recipe_get then says what was chosen. Their names, limits and defaults:
 *     pattern      text; or one-to-one, a table of what follows each token, made by counting at once; or one-to-many,
 *                  many-to-one, synchronous, sequence: the text is examples, see rnn_pattern_score; text
 *     side         one-to-many: of the pictures that are read, 10 to 64, or 0: classes are read; 0
 *     maps         of the first convolution, 1 to 32; the second one has twice as many; 8
 *     delay        synchronous: steps from a token to its answer, 0 to 64; 0
 *     reversed     sequence: 1: the encoder reads from the end; 1
 *     targets      many-to-one: each: every token has the answer for target; last: the last one alone; each
 *                  These five are as they are by themselves where the pattern is another one.
 *     kind       * text; or list: its lines are items, as names, words or towns, whose order says nothing. Each pass
 *                  reads them in another order; text. A text of characters is a list if it has 8 lines or more and
 *                  nine of ten have at most 64 bytes, letters and digits, three blanks, hyphens, points or apostrophes
 *                  within, and no mark at the end
 *     level        characters, words or folded (words in small letters); characters
 *     vocabulary * of words: the most frequent so many alone, 2 to 65536, or 0: all; 0. Of a text 5000
 *     cell         lstm, gru or tanh; lstm
 *     layers       0 to 4; 1
 *     hidden     * units of a layer, 1 to 4096; 256. Of a text of more than 300,000 characters that are trained on
 *                  384, of at most 100,000 128; of at most 300,000 words 128; of a list of at most 300,000 128, at most
 *                  10,000 64, at most 1,000 32
 *     embedding  * width of the learnt input, 1 to 4096, or 0: one-hot; 64. Of words 128
 *     batch      * streams of text, 1 to 65536; 20. Of a text 1 to 16, of words 8, so that each has 32 windows
 *     window     * steps back through time, 1 to 65536; 64. Of words 32, of a shorter text as many as it has. Of
 *                  examples all steps of the longest one
 *     slices     * equal groups of streams, see rnn_trainer_new; 1. Of a text 2, where the streams are even
 *     passes     * times through the text, 1 to 1000000000; 10. Of a text with w windows a pass so many that there are
 *                  400 sqrt(w) updates or, if those are fewer, 4000 + 2.8 w; of words, of a list, and where nothing is
 *                  held out, 100 sqrt(w) + 12 w; at least 300, or 1000 if it is no list and nothing is held out; at
 *                  most some 40,000
 *     rate       * highest learning rate, 0 to 1e6; 0.004. Of a text 0.01, above 256 units 0.007, above 384 0.005, of
 *                  words 0.003
 *     final-rate   the share of it that is left at the end, 0 to 1; 0.02
 *     warmup     * updates until the highest rate; 100. Of a text a tenth of all, if that is less
 *     clip         largest norm of the gradients, 0 (any) to 1e6; 1
 *     dropout    * see rnn_trainer_new, 0 to below 1; 0. Of a text of which something is held out 0.5; of more than
 *                  300,000 characters that are trained on 0.4, more than 800,000 0.3, of words 0.6. Of a list 0.5, of
 *                  more than 300,000 characters 0.3
 *     recurrent-dropout  * see rnn_trainer_new, 0 to below 1; 0. Of a text of at most 300,000 characters, of which
 *                  something is held out, 0.3
 *     optimizer    adam or rmsprop; adam
 *     seed         of weights, offsets, dropout, and the order of a list's lines; 1
 *     held-out   * the share that is never trained on, 0 to below 1: of the text's end, or of a list's lines, any of
 *                  them; 0. Of a text 0.1, below 5,000 bytes, of a list below 1,000 bytes, 0
 *     rate-factor  the learning rate is the schedule's times it, 0 to 1000; 1 */
RNN_API rnn_recipe *rnn_recipe_new(void);
RNN_API void rnn_recipe_free(rnn_recipe *r);
/* Takes any texts; on error the sentence says what is possible. After the beginning only rate-factor can change. */
RNN_API int rnn_recipe_set(rnn_recipe *r, const char *name, const char *value);
RNN_API const char *rnn_recipe_get(const rnn_recipe *r, const char *name); /* as text; NULL for an unknown name */
/* Begins a training, one for each recipe. held_out: a text to measure with; NULL: the share "held-out" of the text.
 * from: a weights file whose network and vocabulary it begins with, and whose pattern, level, cell and sizes
 * become the settings; NULL: a network drawn from the seed. On error the recipe is as it was before. */
RNN_API int rnn_recipe_begin(rnn_recipe *r, const char *text, size_t bytes, const char *held_out, size_t held_out_bytes,
                             const void *from, size_t from_bytes);
/* Goes on from a checkpoint, to the weights that it would have had without a stop. The settings are the checkpoint's,
 * except those that were set before; level, cell and sizes are always the network's. text NULL: the checkpoint's
 * tensor "text"; held_out NULL: its tensor "held_out", if it has one. On error the recipe is as it was before. */
RNN_API int rnn_recipe_resume(rnn_recipe *r, const void *checkpoint, size_t bytes, const char *text, size_t text_bytes,
                              const char *held_out, size_t held_out_bytes);
/* What a recipe that has begun is made of, borrowed until it is freed; NULL or 0 before. */
RNN_API rnn_model *rnn_recipe_model(const rnn_recipe *r);
RNN_API rnn_vocab *rnn_recipe_vocab(const rnn_recipe *r);
RNN_API rnn_trainer *rnn_recipe_trainer(const rnn_recipe *r);
RNN_API rnn_trainer *rnn_recipe_encoder(const rnn_recipe *r); /* of a sequence the encoder's; else NULL */
RNN_API rnn_pattern *rnn_recipe_pattern(const rnn_recipe *r); /* of examples the network that answers; else NULL */
/* held_out 0: to train on. Of examples: NULL, and how many there are. */
RNN_API const int32_t *rnn_recipe_tokens(const rnn_recipe *r, int held_out, size_t *count);
RNN_API uint32_t rnn_recipe_unknown(const rnn_recipe *r); /* of both texts: characters left out, or "<unknown>" words */
RNN_API uint32_t rnn_recipe_windows(const rnn_recipe *r); /* updates of a pass */
RNN_API uint32_t rnn_recipe_updates(const rnn_recipe *r); /* updates in all */
/* An update is: the window; each slice once, here or in another recipe whose rnn_trainer_part is copied to this one;
 * the update. None of them allocates.
 * The window of the next update; x and y, unless NULL, get the addresses of its tokens (window, batch); of examples
 * (steps of this window, batch). Where a pass begins the streams start anew. A second call before the update changes
 * nothing. */
RNN_API int rnn_recipe_window(rnn_recipe *r, const int32_t **x, const int32_t **y);
RNN_API float rnn_recipe_slice(rnn_recipe *r, int slice); /* nats per target; NaN on error, see rnn_trainer_window */
RNN_API float rnn_recipe_update(rnn_recipe *r);           /* the learning rate that was used; NaN on error */
/* Of the examples that are held out, or trained on, what rnn_pattern_score says of them. */
RNN_API int rnn_recipe_score(const rnn_recipe *r, int held_out, double *figures);
/* The network as it is now: a weights file; or a checkpoint, with all that rnn_recipe_resume needs except the text.
 * meta is a list as everywhere: what else the file says. It cannot say what the recipe says itself: level, unknown,
 * pad, end, the settings as "train.hidden". Returns the bytes needed, writes if they fit; 0 on error. */
RNN_API size_t rnn_recipe_save(const rnn_recipe *r, const char *meta, int checkpoint, void *out, size_t room);

/* ---- pattern: a network that answers, whole ----
 * Its file has the metadata "pattern": one-to-many, many-to-one, synchronous or sequence; and what shapes cannot say:
 *     delay      synchronous: how many steps later a token has its answer
 *     reversed   sequence: 1 if what is read is read from its end
 *     side       one-to-many: of a picture, which is given as the base64 of its side * side bytes, 0 to 255
 * vocab is what is read (also the names of classes that a state begins from), labels what is written. A sequence has
 * the stacks "encoder." and "decoder."; the others have one without a prefix. */
RNN_API rnn_pattern *rnn_pattern_load(const void *safetensors, size_t bytes);
RNN_API void rnn_pattern_free(rnn_pattern *p);
/* 1 if the file says a pattern that rnn_pattern_load is meant for, 0 if not; an error if it is no such file at all. */
RNN_API int rnn_file_answers(const void *safetensors, size_t bytes);
/* What the file says: RNN_KIND is RNN_ONE_TO_MANY and so on; the others as above. */
RNN_API int rnn_pattern_rule(const rnn_pattern *p, int which);
RNN_API rnn_pattern *rnn_pattern_quantize(const rnn_pattern *p); /* as rnn_model_quantize of its stacks */
/* As rnn_model_save. meta: the rules too, as rnn_meta of its model has them. */
RNN_API size_t rnn_pattern_save(const rnn_pattern *p, const char *meta, void *out, size_t room);
/* Borrowed until it is freed; NULL where the pattern has none. */
RNN_API rnn_model *rnn_pattern_encoder(const rnn_pattern *p);
RNN_API rnn_model *rnn_pattern_model(const rnn_pattern *p);
RNN_API rnn_vocab *rnn_pattern_vocab(const rnn_pattern *p);
RNN_API rnn_vocab *rnn_pattern_labels(const rnn_pattern *p);
/* What the first stack reads, in its order: at most 65,536 tokens and the delay. Returns how many, and writes them if
 * they fit into room. Of one-to-many they are none; then rnn_pattern_vector gives what the state begins from (N), and
 * returns N. */
RNN_API int rnn_pattern_read(const rnn_pattern *p, const char *input, size_t bytes, int32_t *tokens, int room);
RNN_API int rnn_pattern_vector(const rnn_pattern *p, const char *input, size_t bytes, float *vector);
/* The answer as text: the most probable label at each unit that has one; or, of what is written, the best of a beam of
 * `width` texts (1: the most probable token each time) of at most `most` tokens. Above temperature 0 what is written is
 * drawn, with the dice of seed and place. Where nothing is read it is empty. Returns its bytes; writes it with a NUL if
 * they fit into room. */
RNN_API int rnn_pattern_answer(const rnn_pattern *p, const char *input, size_t bytes, int width, float temperature,
                               uint32_t seed, int most, char *out, size_t room);
/* Of examples, a line each (what is read, a tab, what is written): figures (RNN_FIGURES). A target is a label that the
 * network should write; an example is right if each of its labels is the most probable one after those before it. */
RNN_API int rnn_pattern_score(const rnn_pattern *p, const char *lines, size_t bytes, double *figures);

/* ---- vocabulary: a token is one Unicode code point, or a word ----
 * words.h has the rules of words. In a vocabulary of words, token 0 is "<unknown>": it stands for all words that the
 * vocabulary lacks. A file of words has the metadata "level": "words" (or "words, folded") and "unknown": "0". Whoever
 * saves such a file writes them. */
/* Of characters: all that the text has, by code point. Of words: the most frequent ones first, and at most so many
 * tokens (0 = all). */
RNN_API rnn_vocab *rnn_vocab_build(const char *utf8, size_t bytes, int level, int most);
RNN_API rnn_vocab *rnn_vocab_load(const void *safetensors, size_t bytes);
/* Labels are a vocabulary too: of what is written where that is not what is read, as the names of classes. From a
 * file's tensor "labels", or from tokens that are each ended by a NUL. */
RNN_API rnn_vocab *rnn_labels_load(const void *safetensors, size_t bytes);
RNN_API rnn_vocab *rnn_labels_new(const char *tokens, size_t bytes);
RNN_API void rnn_vocab_free(rnn_vocab *v);
RNN_API int rnn_vocab_size(const rnn_vocab *v);
RNN_API int rnn_vocab_level(const rnn_vocab *v);
RNN_API int rnn_vocab_unknown(const rnn_vocab *v); /* the id of "<unknown>"; RNN_NONE if there is none */
/* Returns the count of tokens and writes at most room of them. ends, unless it is NULL, gets for each token the byte of
 * the text behind it. A character that the vocabulary lacks, and each byte that is not UTF-8, becomes RNN_NONE: the
 * caller says what to do with it. A word that it lacks becomes "<unknown>", if there is one; a token of several parts
 * ("x" ".com", see words.h) becomes its parts first. */
RNN_API int rnn_encode(const rnn_vocab *v, const char *utf8, size_t bytes, int32_t *tokens, uint32_t *ends, int room);
RNN_API int rnn_find_token(const rnn_vocab *v, const char *token); /* the id of a whole token, or RNN_NONE */
RNN_API const char *rnn_token(const rnn_vocab *v, int id); /* NUL-terminated UTF-8; NULL if there is none */
/* 1 if a space parts two tokens in a text. before = RNN_NONE is the text's beginning. */
RNN_API int rnn_space(const rnn_vocab *v, int before, int id);

/* ---- files: further tensors of plain bytes (U8) in a weights file; a checkpoint carries its text so ---- */
/* The bytes of the tensor, in the file; NULL if there is none of that name and type. */
RNN_API const void *rnn_file_find(const void *file, size_t bytes, const char *name, size_t *size);
/* The file with one tensor more; all else in it stays, but that a checkpoint's sum is of this tensor too. A network
 * with a tensor of a name that is not understood does not load. Returns the bytes needed, writes if they fit; 0 on
 * error. What is passed in must not overlap out. */
RNN_API size_t rnn_file_add(const void *file, size_t bytes, const char *name, const void *data, size_t data_bytes,
                            void *out, size_t room);

/* ---- markov: what may follow the last few tokens, by counting (Kneser-Ney, see markov.c) ---- */
/* Contexts have 0 to order tokens; order is 1 to 6. never: an id that is read but cannot follow, as the unknown word,
 * or RNN_NONE. most: how many different grams are counted, 12,582,912 at the very most. Each takes 48 bytes, in a
 * table that is up to 2.7 times as large. */
RNN_API rnn_markov *rnn_markov_new(int V, int order, int never, uint32_t most);
RNN_API void rnn_markov_free(rnn_markov *m);
/* Counts, and goes on where the last call ended. RNN_NONE ends a text. Returns how many tokens it read. They are fewer
 * than n where the room for grams ended, or the memory did (rnn_error() says so). All later tokens are passed over. */
RNN_API int rnn_markov_read(rnn_markov *m, const int32_t *tokens, size_t n);
/* logits (V) = the natural logarithms of p of what follows the last `order` tokens of context (n); -infinity for
 * never. */
RNN_API int rnn_markov_logits(const rnn_markov *m, int order, const int32_t *context, size_t n, float *logits);
/* The sum of the surprisals of tokens from .. to-1 in bits, each after those before it. RNN_NONE and never are not
 * counted. NaN on error. */
RNN_API double rnn_markov_score(const rnn_markov *m, int order, const int32_t *tokens, size_t from, size_t to,
                                uint32_t *counted);

/* ---- index: where a text stands in another ---- */
RNN_API rnn_index *rnn_index_new(const int32_t *tokens, size_t n);
RNN_API void rnn_index_free(rnn_index *x);
/* From each of the tokens (n) on: lengths (n) = how many of them stand in the text as they are, at (n) = one of the
 * places, RNN_NONE where it is none. Takes time by n and the logarithm of the text, however long they are. */
RNN_API int rnn_index_find(const rnn_index *x, const int32_t *tokens, int n, int32_t *lengths, int32_t *at);

#ifdef __cplusplus
}
#endif
#endif
