// SPDX-License-Identifier: MIT
//
// ONNX Runtime Web, one thread: the LSTM operator, its int8 form (DynamicQuantizeLSTM) or a cell of basic
// operators, in float32 or with products of int8; and a product for the head. It cannot train.
import OnnxProto from "onnx-proto";
import * as ort from "onnxruntime-web/wasm";
import { V, drawer, randomFloats } from "../work.mjs";

const { onnx } = OnnxProto;
const { FLOAT, INT8, INT64 } = onnx.TensorProto.DataType, { INT } = onnx.AttributeProto.AttributeType;
const PIECE = 10;

const bytesOf = array => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
const constant = (name, dims, dataType, array) => ({ name, dims, dataType, rawData: bytesOf(array) });
const floats = (name, dims, array) => constant(name, dims, FLOAT, array);
const value = (name, elemType, dims) => ({
  name,
  type: { tensorType: { elemType, shape: { dim: dims.map(dimValue => ({ dimValue })) } } },
});

/** The weights (rows, columns) turned, as its int8 operators want them: int8 (...before, columns, rows) and a scale per row. */
function quantized(name, rows, columns, weights, before) {
  const turned = new Int8Array(rows * columns), scales = new Float32Array(rows);
  for (let r = 0; r < rows; r++) {
    const row = weights.subarray(r * columns, (r + 1) * columns);
    scales[r] = row.reduce((most, w) => Math.max(most, Math.abs(w)), 0) / 127;
    row.forEach((w, k) => (turned[k * rows + r] = Math.round(w / scales[r])));
  }
  return [constant(name, [...before, columns, rows], INT8, turned), floats(`${name}_scale`, [...before, rows], scales),
    constant(`${name}_zero`, [...before, rows], INT8, new Int8Array(rows))];
}

/** The LSTM operator, or its int8 form. Its input is one-hot. */
function lstm(H, opType) {
  const scale = 1 / Math.sqrt(H), int8 = opType === "DynamicQuantizeLSTM";
  const W = randomFloats(4 * H * V, scale, 1), R = randomFloats(4 * H * H, scale, 2);
  const matrices = int8
    ? [...quantized("W", 4 * H, V, W, [1]), ...quantized("R", 4 * H, H, R, [1])]
    : [floats("W", [1, 4 * H, V], W), floats("R", [1, 4 * H, H], R)];
  return {
    input: value("X", FLOAT, [1, 1, V]),
    initializer: [
      ...matrices,
      floats("B", [1, 8 * H], randomFloats(8 * H, scale, 3)),
      constant("row", [2], INT64, BigInt64Array.of(1n, BigInt(H))),
    ],
    node: [
      {
        opType,
        domain: int8 ? "com.microsoft" : "",
        input: ["X", "W", "R", "B", "", "h", "c", ...(int8 ? ["", "W_scale", "W_zero", "R_scale", "R_zero"] : [])],
        output: ["Y", "h_next", "c_next"],
        attribute: [{ name: "hidden_size", type: INT, i: H }],
      },
      { opType: "Reshape", input: ["h_next", "row"], output: ["y"] },
    ],
  };
}

function node(opType, input, output, attribute = [], domain = "") {
  return { opType, input: input.split(" "), output: output.split(" "), attribute, domain };
}

/** output = x times the int8 matrix + bias: DynamicQuantizeLinear, MatMulInteger, Cast, Mul and Add in one. */
const int8Product = (x, matrix, bias, output) =>
  node("DynamicQuantizeMatMul", `${x} ${matrix} ${matrix}_scale ${matrix}_zero ${bias}`, output, [], "com.microsoft");

/** The same cell of basic operators, a row of a table for the input: faster from H = 256 on. */
function basic(H, int8) {
  const scale = 1 / Math.sqrt(H), R = randomFloats(4 * H * H, scale, 2);
  return {
    input: value("id", INT64, [1]),
    initializer: [
      floats("table", [V, 4 * H], randomFloats(4 * H * V, scale, 1)),
      ...(int8 ? quantized("R", 4 * H, H, R, []) : [floats("R", [H, 4 * H], R)]),
      constant("row", [2], INT64, BigInt64Array.of(1n, BigInt(H))),
      constant("state", [3], INT64, BigInt64Array.of(1n, 1n, BigInt(H))),
    ],
    node: [
      node("Gather", "table id", "x"), node("Reshape", "h row", "h_row"), node("Reshape", "c row", "c_row"),
      int8 ? int8Product("h_row", "R", "x", "gates") : node("Gemm", "h_row R x", "gates"),
      node("Split", "gates", "i_sum f_sum g_sum o_sum", [{ name: "axis", type: INT, i: 1 }]),
      node("Sigmoid", "i_sum", "i"),
      node("Sigmoid", "f_sum", "f"),
      node("Tanh", "g_sum", "g"),
      node("Sigmoid", "o_sum", "o"),
      node("Mul", "f c_row", "kept"),
      node("Mul", "i g", "new"),
      node("Add", "kept new", "c_new"),
      node("Tanh", "c_new", "squashed"),
      node("Mul", "o squashed", "y"),
      node("Reshape", "y state", "h_next"),
      node("Reshape", "c_new state", "c_next"),
    ],
  };
}

/** The model's file: a token, h and c (1, 1, H) -> logits (1, V), the next h and c. */
function modelOf(H, form) {
  const scale = 1 / Math.sqrt(H), int8 = form === "basic int8";
  const { input, initializer, node: cell } = form.startsWith("basic") ? basic(H, int8) : lstm(H, form);
  const head = randomFloats(H * V, scale, 4);
  const model = {
    irVersion: 8,
    opsetImport: [{ domain: "", version: 12 }, { domain: "com.microsoft", version: 1 }],
    graph: {
      name: "char-rnn",
      node: [...cell, int8 ? int8Product("y", "head", "head_bias", "logits") : node("Gemm", "y head head_bias", "logits")],
      initializer: [
        ...initializer,
        ...(int8 ? quantized("head", V, H, head, []) : [floats("head", [H, V], head)]),
        floats("head_bias", [V], randomFloats(V, scale, 5)),
      ],
      input: [input, value("h", FLOAT, [1, 1, H]), value("c", FLOAT, [1, 1, H])],
      output: [value("logits", FLOAT, [1, V]), value("h_next", FLOAT, [1, 1, H]), value("c_next", FLOAT, [1, 1, H])],
    },
  };
  return onnx.ModelProto.encode(onnx.ModelProto.fromObject(model)).finish();
}

/** The token as the form wants it: set(token) and the tensor. */
function inputOf(form) {
  if (form.startsWith("basic")) {
    const ids = new BigInt64Array(1);
    return { name: "id", tensor: new ort.Tensor("int64", ids, [1]), set: token => (ids[0] = BigInt(token)) };
  }
  const oneHot = new Float32Array(V);
  return { name: "X", tensor: new ort.Tensor("float32", oneHot, [1, 1, V]), set: token => oneHot.fill(0)[token] = 1 };
}

/** @param {"LSTM" | "DynamicQuantizeLSTM" | "basic" | "basic int8"} form */
export const onnxruntime = form => async (read, folder, isNode) => {
  ort.env.wasm.numThreads = 1;
  const draw = await drawer(read);
  if (!isNode) ort.env.wasm.wasmPaths = `${folder}onnxruntime-web/dist/`;
  return {
    async write(H) {
      const session = await ort.InferenceSession.create(modelOf(H, form));
      const { name, tensor, set } = inputOf(form);
      const zeros = () => new ort.Tensor("float32", new Float32Array(H), [1, 1, H]);
      let h = zeros(), c = zeros(), token = 0;
      return async () => {
        for (let n = 0; n < PIECE; n++) {
          set(token);
          const out = await session.run({ [name]: tensor, h, c }); // outputs given in advance would stay as they were
          [h, c] = [out.h_next, out.c_next];
          token = draw(out.logits.data);
        }
        return PIECE;
      };
    },
  };
};
