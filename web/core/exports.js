// SPDX-License-Identifier: MIT
//
// exports.js - the functions of src/rnn.h as rnn.wasm exports them. Made by scripts/make_exports.mjs; not to be edited.
// Types alone: no program imports it.

/** An opaque handle of src/rnn.h: its address. @template {string} Name @typedef {number & { readonly handle: Name }} Handle */

/**
 * An address is a number; as a result it is an int32, which `>>> 0` makes the uint32 that it is.
 * @typedef {object} Exports
 * @property {{ readonly buffer: ArrayBuffer }} memory
 * @property {() => void} [_initialize]
 * @property {() => number} rnn_error
 * @property {() => number} rnn_error_code
 * @property {() => number} rnn_version
 * @property {() => number} rnn_isa
 * @property {() => number} rnn_self_test
 * @property {(bytes: number) => number} rnn_alloc
 * @property {(p: number) => void} rnn_free
 * @property {(cell: number, layers: number, V_in: number, E: number, H: number, V_out: number,
 *   seed: number) => Handle<"rnn_model">} rnn_model_new
 * @property {(cell: number, layers: number, V_in: number, E: number, H: number, V_out: number, N: number, maps1: number, maps2: number,
 *   seed: number) => Handle<"rnn_model">} rnn_model_new_from
 * @property {(safetensors: number, bytes: number, prefix: number) => Handle<"rnn_model">} rnn_model_load
 * @property {(safetensors: number, bytes: number, vocab: number) => Handle<"rnn_model">} rnn_network_load
 * @property {(m: Handle<"rnn_model">) => Handle<"rnn_model">} rnn_model_quantize
 * @property {(m: Handle<"rnn_model">, v: Handle<"rnn_vocab">, meta: number, out: number, room: number) => number} rnn_model_save
 * @property {(count: number, m: number, prefixes: number, v: Handle<"rnn_vocab">, labels: Handle<"rnn_vocab">, meta: number, out: number,
 *   room: number) => number} rnn_models_save
 * @property {(m: Handle<"rnn_model">) => void} rnn_model_free
 * @property {(m: Handle<"rnn_model">) => number} rnn_cell
 * @property {(m: Handle<"rnn_model">) => number} rnn_layers
 * @property {(m: Handle<"rnn_model">) => number} rnn_inputs
 * @property {(m: Handle<"rnn_model">) => number} rnn_embedding
 * @property {(m: Handle<"rnn_model">) => number} rnn_hidden
 * @property {(m: Handle<"rnn_model">) => number} rnn_outputs
 * @property {(m: Handle<"rnn_model">) => number} rnn_vector
 * @property {(m: Handle<"rnn_model">, which: number) => number} rnn_maps
 * @property {(m: Handle<"rnn_model">) => number} rnn_quantized
 * @property {(m: Handle<"rnn_model">) => number} rnn_fingerprint
 * @property {(m: Handle<"rnn_model">) => number} rnn_meta
 * @property {(m: Handle<"rnn_model">, name: number) => number} rnn_special
 * @property {(m: Handle<"rnn_model">, name: number, id: number) => number} rnn_set_special
 * @property {(m: Handle<"rnn_model">, floats: number) => number} rnn_params
 * @property {(m: Handle<"rnn_model">) => void} rnn_pack
 * @property {(m: Handle<"rnn_model">, B: number) => Handle<"rnn_state">} rnn_state_new
 * @property {(s: Handle<"rnn_state">) => void} rnn_state_free
 * @property {(s: Handle<"rnn_state">) => void} rnn_state_reset
 * @property {(s: Handle<"rnn_state">, floats: number) => number} rnn_state_data
 * @property {(s: Handle<"rnn_state">, layer: number, part: number) => number} rnn_state_part
 * @property {(s: Handle<"rnn_state">, vectors: number) => number} rnn_state_begin
 * @property {(to: Handle<"rnn_state">, b: number, from: Handle<"rnn_state">, a: number) => number} rnn_state_copy
 * @property {(m: Handle<"rnn_model">, s: Handle<"rnn_state">, tokens: number) => number} rnn_step
 * @property {(s: Handle<"rnn_state">) => number} rnn_logits
 * @property {(m: Handle<"rnn_model">, s: Handle<"rnn_state">, tokens: number, T: number, counted: number) => number} rnn_score
 * @property {(logits: number, n: number, temperature: number, top_k: number, top_p: number, probs: number) => number} rnn_probs
 * @property {(probs: number, n: number, u: number) => number} rnn_pick
 * @property {(seed: number, position: number) => number} rnn_dice
 * @property {(logits: number, n: number, id: number) => number} rnn_surprisal
 * @property {(logits: number, B: number, n: number, bits: number, ended: number, keep: number, from: number, tokens: number,
 *   new_bits: number) => number} rnn_beam
 * @property {(m: Handle<"rnn_model">, B: number, T: number, slices: number, dropout: number, recurrent: number,
 *   seed: number) => Handle<"rnn_trainer">} rnn_trainer_new
 * @property {(t: Handle<"rnn_trainer">) => void} rnn_trainer_free
 * @property {(t: Handle<"rnn_trainer">) => void} rnn_trainer_reset
 * @property {(t: Handle<"rnn_trainer">, x: number, y: number) => number} rnn_trainer_window
 * @property {(t: Handle<"rnn_trainer">, slice: number, x: number, y: number) => number} rnn_trainer_slice
 * @property {(t: Handle<"rnn_trainer">, slice: number, steps: number, x: number, y: number) => number} rnn_trainer_forward
 * @property {(t: Handle<"rnn_trainer">) => number} rnn_trainer_back
 * @property {(t: Handle<"rnn_trainer">, slice: number, vectors: number) => number} rnn_trainer_begin
 * @property {(t: Handle<"rnn_trainer">, end: number, floats: number) => number} rnn_trainer_edge
 * @property {(t: Handle<"rnn_trainer">, slice: number, floats: number) => number} rnn_trainer_part
 * @property {(t: Handle<"rnn_trainer">, optimizer: number, rate: number, clip: number) => number} rnn_trainer_update
 * @property {(count: number, t: number, optimizer: number, rate: number, clip: number) => number} rnn_trainers_update
 * @property {(t: Handle<"rnn_trainer">) => number} rnn_trainer_updates
 * @property {(t: Handle<"rnn_trainer">, v: Handle<"rnn_vocab">, meta: number, out: number, room: number) => number} rnn_trainer_save
 * @property {(count: number, t: number, prefixes: number, v: Handle<"rnn_vocab">, labels: Handle<"rnn_vocab">, meta: number, out: number,
 *   room: number) => number} rnn_trainers_save
 * @property {(t: Handle<"rnn_trainer">, safetensors: number, bytes: number, prefix: number) => number} rnn_trainer_load
 * @property {(n: number, B: number, T: number) => number} rnn_windows
 * @property {(tokens: number, n: number, B: number, T: number, seed: number, update: number, x: number, y: number) => number} rnn_window
 * @property {(update: number, updates: number, warmup: number, peak: number, last: number) => number} rnn_rate
 * @property {(m: Handle<"rnn_model">, rate: number) => Handle<"rnn_reader">} rnn_reader_new
 * @property {(r: Handle<"rnn_reader">) => void} rnn_reader_free
 * @property {(r: Handle<"rnn_reader">, token: number) => number} rnn_reader_take
 * @property {(r: Handle<"rnn_reader">) => Handle<"rnn_model">} rnn_reader_model
 * @property {(r: Handle<"rnn_reader">) => Handle<"rnn_state">} rnn_reader_state
 * @property {() => Handle<"rnn_recipe">} rnn_recipe_new
 * @property {(r: Handle<"rnn_recipe">) => void} rnn_recipe_free
 * @property {(r: Handle<"rnn_recipe">, name: number, value: number) => number} rnn_recipe_set
 * @property {(r: Handle<"rnn_recipe">, name: number) => number} rnn_recipe_get
 * @property {(r: Handle<"rnn_recipe">, text: number, bytes: number, held_out: number, held_out_bytes: number, from: number,
 *   from_bytes: number) => number} rnn_recipe_begin
 * @property {(r: Handle<"rnn_recipe">, checkpoint: number, bytes: number, text: number, text_bytes: number, held_out: number,
 *   held_out_bytes: number) => number} rnn_recipe_resume
 * @property {(r: Handle<"rnn_recipe">) => Handle<"rnn_model">} rnn_recipe_model
 * @property {(r: Handle<"rnn_recipe">) => Handle<"rnn_vocab">} rnn_recipe_vocab
 * @property {(r: Handle<"rnn_recipe">) => Handle<"rnn_trainer">} rnn_recipe_trainer
 * @property {(r: Handle<"rnn_recipe">) => Handle<"rnn_trainer">} rnn_recipe_encoder
 * @property {(r: Handle<"rnn_recipe">) => Handle<"rnn_pattern">} rnn_recipe_pattern
 * @property {(r: Handle<"rnn_recipe">, held_out: number, count: number) => number} rnn_recipe_tokens
 * @property {(r: Handle<"rnn_recipe">) => number} rnn_recipe_unknown
 * @property {(r: Handle<"rnn_recipe">) => number} rnn_recipe_windows
 * @property {(r: Handle<"rnn_recipe">) => number} rnn_recipe_updates
 * @property {(r: Handle<"rnn_recipe">, x: number, y: number) => number} rnn_recipe_window
 * @property {(r: Handle<"rnn_recipe">, slice: number) => number} rnn_recipe_slice
 * @property {(r: Handle<"rnn_recipe">) => number} rnn_recipe_update
 * @property {(r: Handle<"rnn_recipe">, held_out: number, figures: number) => number} rnn_recipe_score
 * @property {(r: Handle<"rnn_recipe">, meta: number, checkpoint: number, out: number, room: number) => number} rnn_recipe_save
 * @property {(safetensors: number, bytes: number) => Handle<"rnn_pattern">} rnn_pattern_load
 * @property {(p: Handle<"rnn_pattern">) => void} rnn_pattern_free
 * @property {(safetensors: number, bytes: number) => number} rnn_file_answers
 * @property {(p: Handle<"rnn_pattern">, which: number) => number} rnn_pattern_rule
 * @property {(p: Handle<"rnn_pattern">) => Handle<"rnn_pattern">} rnn_pattern_quantize
 * @property {(p: Handle<"rnn_pattern">, meta: number, out: number, room: number) => number} rnn_pattern_save
 * @property {(p: Handle<"rnn_pattern">) => Handle<"rnn_model">} rnn_pattern_encoder
 * @property {(p: Handle<"rnn_pattern">) => Handle<"rnn_model">} rnn_pattern_model
 * @property {(p: Handle<"rnn_pattern">) => Handle<"rnn_vocab">} rnn_pattern_vocab
 * @property {(p: Handle<"rnn_pattern">) => Handle<"rnn_vocab">} rnn_pattern_labels
 * @property {(p: Handle<"rnn_pattern">, input: number, bytes: number, tokens: number, room: number) => number} rnn_pattern_read
 * @property {(p: Handle<"rnn_pattern">, input: number, bytes: number, vector: number) => number} rnn_pattern_vector
 * @property {(p: Handle<"rnn_pattern">, input: number, bytes: number, width: number, temperature: number, seed: number, most: number,
 *   out: number, room: number) => number} rnn_pattern_answer
 * @property {(p: Handle<"rnn_pattern">, lines: number, bytes: number, figures: number) => number} rnn_pattern_score
 * @property {(utf8: number, bytes: number, level: number, most: number) => Handle<"rnn_vocab">} rnn_vocab_build
 * @property {(safetensors: number, bytes: number) => Handle<"rnn_vocab">} rnn_vocab_load
 * @property {(safetensors: number, bytes: number) => Handle<"rnn_vocab">} rnn_labels_load
 * @property {(tokens: number, bytes: number) => Handle<"rnn_vocab">} rnn_labels_new
 * @property {(v: Handle<"rnn_vocab">) => void} rnn_vocab_free
 * @property {(v: Handle<"rnn_vocab">) => number} rnn_vocab_size
 * @property {(v: Handle<"rnn_vocab">) => number} rnn_vocab_level
 * @property {(v: Handle<"rnn_vocab">) => number} rnn_vocab_unknown
 * @property {(v: Handle<"rnn_vocab">, utf8: number, bytes: number, tokens: number, ends: number, room: number) => number} rnn_encode
 * @property {(v: Handle<"rnn_vocab">, token: number) => number} rnn_find_token
 * @property {(v: Handle<"rnn_vocab">, id: number) => number} rnn_token
 * @property {(v: Handle<"rnn_vocab">, before: number, id: number) => number} rnn_space
 * @property {(file: number, bytes: number, name: number, size: number) => number} rnn_file_find
 * @property {(file: number, bytes: number, name: number, data: number, data_bytes: number, out: number,
 *   room: number) => number} rnn_file_add
 * @property {(V: number, order: number, never: number, most: number) => Handle<"rnn_markov">} rnn_markov_new
 * @property {(m: Handle<"rnn_markov">) => void} rnn_markov_free
 * @property {(m: Handle<"rnn_markov">, tokens: number, n: number) => number} rnn_markov_read
 * @property {(m: Handle<"rnn_markov">, order: number, context: number, n: number, logits: number) => number} rnn_markov_logits
 * @property {(m: Handle<"rnn_markov">, order: number, tokens: number, from: number, to: number,
 *   counted: number) => number} rnn_markov_score
 * @property {(tokens: number, n: number) => Handle<"rnn_index">} rnn_index_new
 * @property {(x: Handle<"rnn_index">) => void} rnn_index_free
 * @property {(x: Handle<"rnn_index">, tokens: number, n: number, lengths: number, at: number) => number} rnn_index_find
 */

export {};
