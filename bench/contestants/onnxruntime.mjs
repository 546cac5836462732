// SPDX-License-Identifier: MIT
//
// ONNX Runtime Web, one thread: the LSTM operator, or its int8 form (DynamicQuantizeLSTM), and a product for
// the head. It cannot train.
import OnnxProto from "onnx-proto";
import * as ort from "onnxruntime-web/wasm";
import { V, draw, randomFloats } from "../work.mjs";

const { onnx } = OnnxProto;
const { FLOAT, INT8 } = onnx.TensorProto.DataType;
const PIECE = 10;

const bytesOf = array => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
const constant = (name, dims, dataType, array) => ({ name, dims, dataType, rawData: bytesOf(array) });
const floats = (name, dims, array) => constant(name, dims, FLOAT, array);
const value = (name, dims) => ({ name, type: { tensorType: { elemType: FLOAT, shape: { dim: dims.map(dimValue => ({ dimValue })) } } } });

/** The weights (rows, columns) turned, as DynamicQuantizeLSTM wants them: int8 (1, columns, rows) and a scale per row. */
function quantized(name, rows, columns, weights) {
  const turned = new Int8Array(rows * columns), scales = new Float32Array(rows);
  for (let r = 0; r < rows; r++) {
    const row = weights.subarray(r * columns, (r + 1) * columns);
    scales[r] = row.reduce((most, w) => Math.max(most, Math.abs(w)), 0) / 127;
    row.forEach((w, k) => (turned[k * rows + r] = Math.round(w / scales[r])));
  }
  return [constant(name, [1, columns, rows], INT8, turned), floats(`${name}_scale`, [1, rows], scales), constant(`${name}_zero`, [1, rows], INT8, new Int8Array(rows))];
}

/** The model's file: X (1, 1, V), h and c (1, 1, H) -> logits (1, V), the next h and c. */
function modelOf(H, int8) {
  const scale = 1 / Math.sqrt(H);
  const W = randomFloats(4 * H * V, scale, 1), R = randomFloats(4 * H * H, scale, 2);
  const common = ["X", "W", "R", "B", "", "h", "c"];
  const lstm = int8
    ? { opType: "DynamicQuantizeLSTM", domain: "com.microsoft", input: [...common, "", "W_scale", "W_zero", "R_scale", "R_zero"] }
    : { opType: "LSTM", input: common };
  const matrices = int8
    ? [...quantized("W", 4 * H, V, W), ...quantized("R", 4 * H, H, R)]
    : [floats("W", [1, 4 * H, V], W), floats("R", [1, 4 * H, H], R)];
  const model = {
    irVersion: 8,
    opsetImport: [{ domain: "", version: 14 }, { domain: "com.microsoft", version: 1 }],
    graph: {
      name: "char-rnn",
      node: [
        { ...lstm, output: ["Y", "h_next", "c_next"], attribute: [{ name: "hidden_size", type: onnx.AttributeProto.AttributeType.INT, i: H }] },
        { opType: "Reshape", input: ["h_next", "row"], output: ["y"] },
        { opType: "Gemm", input: ["y", "head", "head_bias"], output: ["logits"] },
      ],
      initializer: [
        ...matrices,
        floats("B", [1, 8 * H], randomFloats(8 * H, scale, 3)),
        constant("row", [2], onnx.TensorProto.DataType.INT64, BigInt64Array.of(1n, BigInt(H))),
        floats("head", [H, V], randomFloats(H * V, scale, 4)),
        floats("head_bias", [V], randomFloats(V, scale, 5)),
      ],
      input: [value("X", [1, 1, V]), value("h", [1, 1, H]), value("c", [1, 1, H])],
      output: [value("logits", [1, V]), value("h_next", [1, 1, H]), value("c_next", [1, 1, H])],
    },
  };
  return onnx.ModelProto.encode(onnx.ModelProto.fromObject(model)).finish();
}

/** @param {boolean} int8 */
export const onnxruntime = int8 => async (read, folder, isNode) => {
  ort.env.wasm.numThreads = 1;
  if (!isNode) ort.env.wasm.wasmPaths = `${folder}onnxruntime-web/dist/`;
  return {
    async write(H) {
      const session = await ort.InferenceSession.create(modelOf(H, int8));
      const input = new Float32Array(V), X = new ort.Tensor("float32", input, [1, 1, V]);
      const zeros = () => new ort.Tensor("float32", new Float32Array(H), [1, 1, H]);
      let h = zeros(), c = zeros(), token = 0;
      return async () => {
        for (let n = 0; n < PIECE; n++) {
          input[token] = 1;
          const out = await session.run({ X, h, c });
          input[token] = 0;
          [h, c] = [out.h_next, out.c_next];
          token = draw(out.logits.data);
        }
        return PIECE;
      };
    },
  };
};
