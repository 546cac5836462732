// SPDX-License-Identifier: MIT
//
// TensorFlow.js by its core operations, which are faster than its layers: the recurrent product fused with
// the addition, the input half of a window as one product. An embedding is a product with one-hot rows,
// because the wasm back end has no gradient of gather.
import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { E, V, WINDOW, drawer, lossCheck, randomFloats, windowOf } from "../work.mjs";

const PIECE = 10;

/** shape (rows, columns) */
const weights = (shape, H) => tf.tensor2d(randomFloats(shape[0] * shape[1], 1 / Math.sqrt(H)), shape);

/** gates (B, 4H) in PyTorch's order -> h, c. */
function cell(gates, c, H) {
  const [i, f, g, o] = tf.split(gates, 4, 1);
  const next = tf.add(tf.mul(tf.sigmoid(f), c), tf.mul(tf.sigmoid(i), tf.tanh(g)));
  return [tf.mul(tf.sigmoid(o), tf.tanh(next)), next];
}

const writer = draw => H => {
  const table = weights([V, 4 * H], H), recurrent = weights([H, 4 * H], H), head = weights([H, V], H), bias = tf.zeros([V]);
  let h = tf.zeros([1, H]), c = tf.zeros([1, H]), token = 0;
  return () => {
    for (let n = 0; n < PIECE; n++) {
      const [next, cells, logits] = tf.tidy(() => {
        const gates = tf.add(tf.matMul(h, recurrent), tf.slice(table, [token, 0], [1, 4 * H]));
        const [next, cells] = cell(gates, c, H);
        return [next, cells, tf.fused.matMul({ a: next, b: head, bias })];
      });
      tf.dispose([h, c]);
      [h, c] = [next, cells];
      token = draw(logits.dataSync());
      logits.dispose();
    }
    return PIECE;
  };
};

/**
 * a b, whose gradients turn a factor before they multiply: the wasm back end has fast code only for products
 * without a transposed factor, and the gradients of tf.matMul have one.
 */
const productOfOurs = tf.customGrad((a, b, save) => {
  save([a, b]);
  return {
    value: tf.matMul(a, b),
    gradFunc: (slope, [a, b]) => [tf.matMul(slope, tf.transpose(b)), tf.matMul(tf.transpose(a), slope)],
  };
});

const trainer = (shape, product) => H => {
  const { B, T } = shape;
  const variable = (...shape) => tf.variable(weights(shape, H));
  const embedding = variable(V, E), input = variable(E, 4 * H), recurrent = variable(H, 4 * H), head = variable(H, V);
  const bias = tf.variable(tf.zeros([4 * H])), headBias = tf.variable(tf.zeros([V]));
  const { x, y } = windowOf(shape);
  const inputs = tf.cast(tf.oneHot(tf.tensor1d(x, "int32"), V), "float32"),
    targets = tf.cast(tf.oneHot(tf.tensor1d(y, "int32"), V), "float32");
  const optimizer = tf.train.adam(0.001);
  const loss = () => {
    const ofInput = tf.split(tf.add(product(product(inputs, embedding), input), bias), T);
    const outputs = [];
    let h = tf.zeros([B, H]), c = tf.zeros([B, H]);
    for (const gates of ofInput) {
      [h, c] = cell(tf.add(gates, product(h, recurrent)), c, H);
      outputs.push(h);
    }
    const logits = tf.add(product(tf.concat(outputs), head), headBias);
    return tf.neg(tf.mean(tf.sum(tf.mul(targets, tf.logSoftmax(logits)), 1)));
  };
  const check = lossCheck();
  return () => {
    check(tf.tidy(() => optimizer.minimize(loss, true)).dataSync()[0]);
    return B * T;
  };
};

/** @param {"cpu" | "wasm"} backend @param {boolean} [improved] by a gradient of ours; it trains only */
export const tfjs =
  (backend, improved = false) =>
  async (read, folder) => {
    tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
    setWasmPaths(`${folder}@tensorflow/tfjs-backend-wasm/dist/`);
    if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js has no back end ${backend} here`);
    const product = improved ? productOfOurs : tf.matMul;
    return {
      write: improved ? undefined : writer(await drawer(read)),
      train: trainer(WINDOW.train, product),
      lesson: trainer(WINDOW.lesson, product),
    };
  };
