// SPDX-License-Identifier: MIT
//
// TensorFlow.js by its layers: networks that answer. They begin with nextchar's weights and must have its first loss.
//
// Three things are not as they come. An embedding is a dense layer on one-hot rows, zeros where nothing is read: the wasm
// back end has no gradient of gather. Its GRU resets before the product, which is another network: the cell here resets
// after it. And the wasm back end gets the gradient of a convolution's filter, which it has in three dimensions alone.
import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { BATCH, CLIP, EXAMPLES, RATE, SETTINGS, SIDE, begin } from "../examples.mjs";
import { lossCheck } from "../work.mjs";

// Nats between its losses and ours: of the first, and after some updates. An LSTM's two biases learn twice as fast as its one.
const AGREED = { first: 1e-5, last: 1e-2 };
const COMPARED = 5; // updates

// ---- kernels for the wasm back end ----

const addKernel = (kernelName, kernelFunc) => tf.registerKernel({ kernelName, backendName: "wasm", kernelFunc });

/** The gradient of a convolution's filter, by that in three dimensions: a map is one layer deep there. */
function addFilterGradient() {
  const deep = map => tf.reshape(map, [map.shape[0], 1, ...map.shape.slice(1)]);
  addKernel("Conv2DBackpropFilter", ({ inputs: { x, dy }, attrs: { strides, pad, filterShape } }) => {
    const attrs = { strides: [1, ...strides], pad, filterShape: [1, ...filterShape] };
    return tf.reshape(tf.engine().runKernel("Conv3DBackpropFilterV2", { x: deep(x), dy: deep(dy) }, attrs), filterShape);
  });
}

/** Its products are fast only if no factor is to be transposed, as one is in each gradient: that is done before. */
function turnFirst() {
  const { kernelFunc } = tf.getKernel("BatchMatMul", "wasm");
  const turned = (factor, wanted) => (wanted ? tf.transpose(factor, factor.rank === 2 ? [1, 0] : [0, 2, 1]) : factor);
  tf.unregisterKernel("BatchMatMul", "wasm");
  addKernel("BatchMatMul", ({ inputs: { a, b }, attrs: { transposeA, transposeB }, backend }) =>
    kernelFunc({
      inputs: { a: turned(a, transposeA), b: turned(b, transposeB) },
      attrs: { transposeA: false, transposeB: false },
      backend,
    }),
  );
}

// ---- examples as tensors ----

const tokensOf = texts => [...new Set(texts.join(""))].sort();
const written = work => EXAMPLES[work].map(([, text]) => text);

/** ids (B, T) -> (B, T, V); -1 becomes a row of zeros. */
const oneHot = (ids, V) => tf.cast(tf.oneHot(tf.tensor2d(ids, undefined, "int32"), V), "float32");

/** What is written: x reads the label before, y is the label, both -1 behind the end; V counts the end too. */
function labels(work) {
  const tokens = tokensOf(written(work));
  const all = written(work).map(text => [...[...text].map(c => tokens.indexOf(c)), tokens.length]);
  const T = Math.max(...all.map(ids => ids.length));
  const row = at => all.map(ids => Array.from({ length: T }, (_, t) => at(ids, t) ?? -1));
  const V = tokens.length + 1;
  const count = all.reduce((sum, ids) => sum + ids.length, 0);
  const x = row((ids, t) => (t < ids.length ? ids[t - 1] : -1));
  const y = row((ids, t) => ids[t]);
  return { V, T, x: oneHot(x, V), y: tf.div(oneHot(y, V), count) };
}

/** What is read, from its end. */
function reversed(work) {
  const texts = EXAMPLES[work].map(([text]) => text);
  const tokens = tokensOf(texts);
  const ids = texts.map(text => [...text].map(c => tokens.indexOf(c)).reverse());
  return { V: tokens.length, T: ids[0].length, x: oneHot(ids, tokens.length) };
}

// ---- nextchar's weights ----

/** The next tensor of a stack in file order, as PyTorch has it, at each call. */
function tensorsOf(core, model) {
  const size = core.rnn_alloc(4);
  const address = core.rnn_params(model, size);
  const floats = new Float32Array(core.memory.buffer, address, new Uint32Array(core.memory.buffer, size, 1)[0]).slice();
  let at = 0;
  return (...shape) => tf.tensor(floats.subarray(at, (at += shape.reduce((a, b) => a * b))), shape);
}

const setDense = (layer, next, rows, columns) => layer.setWeights([tf.transpose(next(rows, columns)), next(rows)]);
const setEmbedding = (layer, next, V, E) => layer.setWeights([next(V, E)]);

/** Gates are i f g o in both; of the two biases it has the sum. */
function setLstm(layer, next, E, H) {
  const [kernel, recurrent] = [tf.transpose(next(4 * H, E)), tf.transpose(next(4 * H, H))];
  layer.setWeights([kernel, recurrent, tf.add(next(4 * H), next(4 * H))]);
}

function setGru(layer, next, E, H) {
  layer.setWeights([tf.transpose(next(3 * H, E)), tf.transpose(next(3 * H, H)), next(3 * H), next(3 * H)]);
}

// ---- layers ----

/** As PyTorch's: gates r z n, a bias for each product. */
class Gru extends tf.layers.RNNCell {
  static className = "GruThatResetsAfter";

  constructor(units) {
    super({});
    this.stateSize = units;
  }

  build([, inputs]) {
    const H = this.stateSize;
    const weight = (name, ...shape) => this.addWeight(name, shape, "float32", tf.initializers.zeros());
    this.own = [weight("kernel", inputs, 3 * H), weight("recurrent", H, 3 * H), weight("bias", 3 * H), weight("recurrentBias", 3 * H)];
    this.built = true;
  }

  call([x, before]) {
    return tf.tidy(() => {
      const [kernel, recurrent, bias, recurrentBias] = this.own.map(weight => weight.read());
      const ofInput = tf.split(tf.add(tf.matMul(x, kernel), bias), 3, 1);
      const ofState = tf.split(tf.add(tf.matMul(before, recurrent), recurrentBias), 3, 1);
      const [r, z] = [0, 1].map(k => tf.sigmoid(tf.add(ofInput[k], ofState[k])));
      const n = tf.tanh(tf.add(ofInput[2], tf.mul(r, ofState[2])));
      const h = tf.add(n, tf.mul(z, tf.sub(before, n)));
      return [h, h];
    });
  }
}

const embeddingOf = units => tf.layers.dense({ units, useBias: false });
const lstmOf = (units, more) => tf.layers.lstm({ units, recurrentActivation: "sigmoid", recurrentInitializer: "zeros", ...more });

function sequence(core, { recipe }, H) {
  const E = SETTINGS.sequence.embedding;
  const read = reversed("sequence");
  const { V, T, x, y } = labels("sequence");

  const inputs = [tf.input({ shape: [read.T, read.V] }), tf.input({ shape: [T, V] })];
  const encoder = [embeddingOf(E), lstmOf(H, { returnState: true })];
  const decoder = [embeddingOf(E), lstmOf(H, { returnSequences: true }), tf.layers.dense({ units: V })];
  const [, ...state] = encoder[1].apply(encoder[0].apply(inputs[0]));
  const outputs = decoder[2].apply(decoder[1].apply(decoder[0].apply(inputs[1]), { initialState: state }));

  const ofEncoder = tensorsOf(core, core.rnn_pattern_encoder(core.rnn_recipe_pattern(recipe)));
  setEmbedding(encoder[0], ofEncoder, read.V, E);
  setLstm(encoder[1], ofEncoder, E, H);
  const ofDecoder = tensorsOf(core, core.rnn_recipe_model(recipe));
  setEmbedding(decoder[0], ofDecoder, V, E);
  setLstm(decoder[1], ofDecoder, E, H);
  setDense(decoder[2], ofDecoder, V, H);
  return { model: tf.model({ inputs, outputs }), stacks: [encoder, decoder], x: [read.x, x], y };
}

function caption(core, { recipe }, H) {
  const { embedding: E, maps } = SETTINGS.caption;
  const { V, T, x, y } = labels("caption");
  const pictures = EXAMPLES.caption.map(([bytes]) => Array.from(bytes, byte => byte / 255));

  const inputs = [tf.input({ shape: [SIDE, SIDE, 1] }), tf.input({ shape: [T, V] })];
  const convolve = filters => tf.layers.conv2d({ filters, kernelSize: 3, activation: "relu" });
  const halve = () => tf.layers.maxPooling2d({ poolSize: 2 });
  const stages = [convolve(maps), halve(), convolve(2 * maps), halve(), tf.layers.flatten()];
  const init = tf.layers.dense({ units: H, activation: "tanh" });
  const decoder = [embeddingOf(E), tf.layers.rnn({ cell: new Gru(H), returnSequences: true }), tf.layers.dense({ units: V })];
  const features = stages.reduce((map, stage) => stage.apply(map), inputs[0]);
  const outputs = decoder[2].apply(decoder[1].apply(decoder[0].apply(inputs[1]), { initialState: [init.apply(features)] }));

  const next = tensorsOf(core, core.rnn_recipe_model(recipe));
  setEmbedding(decoder[0], next, V, E);
  setGru(decoder[1], next, E, H);
  setDense(decoder[2], next, V, H);
  for (const [stage, from, to] of [
    [stages[0], 1, maps],
    [stages[2], maps, 2 * maps],
  ])
    stage.setWeights([tf.transpose(next(to, from, 3, 3), [2, 3, 1, 0]), next(to)]);
  const side = Math.sqrt(features.shape[1] / (2 * maps)); // PyTorch flattens map by map, TensorFlow place by place
  const weight = tf.reshape(tf.transpose(next(H, 2 * maps, side, side), [2, 3, 1, 0]), [features.shape[1], H]);
  init.setWeights([weight, next(H)]);
  return {
    model: tf.model({ inputs, outputs }),
    stacks: [[...stages, init, ...decoder]],
    x: [tf.tensor(pictures.flat(), [BATCH, SIDE, SIDE, 1]), x],
    y,
  };
}

// ---- training ----

/** The gradients, of global norm CLIP at most. */
function clipped(grads) {
  const norm = tf.sqrt(tf.addN(grads.map(grad => tf.sum(tf.square(grad)))));
  const factor = tf.minimum(1, tf.div(CLIP, norm));
  return grads.map(grad => tf.mul(grad, factor));
}

/** update() gives the loss before it. Each stack is clipped by itself, as nextchar's are. */
function updates({ model, stacks, x, y }) {
  const optimizer = tf.train.adam(RATE, 0.9, 0.999, 1e-8);
  const variables = stacks.map(layers => layers.flatMap(layer => layer.trainableWeights.map(weight => weight.val)));
  const lossOf = () => tf.neg(tf.sum(tf.mul(y, tf.logSoftmax(model.apply(x, { training: true })))));
  return () => {
    const loss = tf.tidy(() => {
      const { value, grads } = tf.variableGrads(lossOf, variables.flat());
      const scaled = variables.flatMap(own => clipped(own.map(({ name }) => grads[name])));
      optimizer.applyGradients(variables.flat().map(({ name }, i) => ({ name, tensor: scaled[i] }))); // Adam knows them by their order
      return value;
    });
    const [nats] = loss.dataSync();
    loss.dispose();
    return nats;
  };
}

/** The first updates are nextchar's too, or it is another network; says the losses. */
function compare(work, theirs, ours) {
  const digits = losses => [losses[0], losses.at(-1)].map(nats => nats.toFixed(6)).join(" and ");
  console.error(`bench: ${work}: losses ${digits(theirs)} by tfjs ${tf.getBackend()}, ${digits(ours)} by nextchar, ${COMPARED} updates`);
  const agree = (at, most) => Math.abs(theirs.at(at) - ours.at(at)) <= most;
  if (!agree(0, AGREED.first) || !agree(-1, AGREED.last)) throw new Error(`${work}: TensorFlow.js and nextchar do not compute the same`);
}

function trainer(core, work, make) {
  return H => {
    const ours = begin(core, work, H);
    const update = updates(make(core, ours, H));
    const losses = of => Array.from({ length: COMPARED }, of);
    compare(work, losses(update), losses(ours.update));
    const check = lossCheck();
    return () => {
      check(update());
      return BATCH;
    };
  };
}

/** @param {"cpu" | "wasm"} backend @param {boolean} [improved] by products of ours */
export const layers =
  (backend, improved = false) =>
  async (read, folder) => {
    tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
    setWasmPaths(`${folder}@tensorflow/tfjs-backend-wasm/dist/`);
    if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js has no back end ${backend} here`);
    if (backend === "wasm") addFilterGradient();
    if (improved) turnFirst();
    const { instance } = await WebAssembly.instantiate(await read("web/core/rnn.wasm"), { env: { emscripten_notify_memory_growth() {} } });
    const core = instance.exports;
    core._initialize();
    return { sequence: trainer(core, "sequence", sequence), caption: trainer(core, "caption", caption) };
  };
