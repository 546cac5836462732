// SPDX-License-Identifier: MIT
//
// filetypes.js - files of another kind than wanted: told from their first bytes, and what to do about each.
import { RnnError } from "./errors.js";

const SAVE =
  "In Python, with scripts/nextchar_notebook.py of nextchar beside it: from nextchar_notebook import save; " +
  'save("network.safetensors", network, vocabulary), where ';
const VOCABULARY = "the tokens in the order of their ids, which this file does not have.";
const FROM_PYTORCH = `${SAVE}network is the module, or torch.load(path) of its state_dict, and vocabulary ${VOCABULARY}`;
const FROM_KERAS = `${SAVE}network is keras.models.load_model(path), and vocabulary the Tokenizer or ${VOCABULARY}`;
const FROM_ZIP = `${SAVE}network is torch.load(path) or keras.models.load_model(path), and vocabulary ${VOCABULARY}`;

/** What other files begin with. @type {{ begins: RegExp, is: string, hint: string }[]} */
const KINDS = [
  { begins: /^PK\x03\x04[^]{26}[^]*\/(data\.pkl|\.format_version|byteorder)/, is: "a PyTorch file (.pt, .pth)", hint: FROM_PYTORCH },
  { begins: /^PK\x03\x04[^]{26}(metadata|config)\.json/, is: "a Keras file (.keras)", hint: FROM_KERAS },
  { begins: /^PK\x03\x04/, is: "a zip archive (PyTorch's .pt and Keras' .keras are such)", hint: FROM_ZIP },
  { begins: /^\x80[\x02-\x05]/, is: "a Python pickle (an older PyTorch .pt is one)", hint: FROM_PYTORCH },
  { begins: /^\x89HDF\r\n/, is: "an HDF5 file (Keras' .h5 is one)", hint: FROM_KERAS },
  {
    begins: /^(4\n[12]\n|\x04\0{3}[\x01-\xff]\0{3})/,
    is: "a Torch7 file (.t7)",
    hint: "Nothing takes its weights: train a network here, from the same text.",
  },
  {
    begins: /^\x08[\x03-\x0f]\x12/,
    is: "an ONNX model",
    hint: `Export the network from where it was trained. ${FROM_PYTORCH}`,
  },
  { begins: /^GGUF/, is: "a GGUF file, which holds a transformer", hint: "Choose a network of nextchar." },
  { begins: /^\x1f\x8b/, is: "compressed with gzip", hint: "Unpack it first, with gunzip." },
  {
    begins: /^version https:\/\/git-lfs/,
    is: "a Git LFS pointer, not the file it points to",
    hint: "Fetch the file itself: git lfs pull.",
  },
  {
    begins: /^\s*\{\s*"(format"\s*:\s*"(layers|graph)-model|modelTopology|weightsManifest)/,
    is: "the model.json of a TensorFlow.js model",
    hint: `First tensorflowjs_converter --input_format=tfjs_layers_model --output_format=keras model.json model.h5. ${FROM_KERAS}`,
  },
  {
    begins: /^\s*\{\s*"([^"]*basic_lstm_cell|[^"]*"\s*:\s*\{\s*"(filename|shape)")/,
    is: "the manifest of an ml5 charRNN",
    hint: "Nothing takes its weights: train a network here, from the same text.",
  },
  { begins: /^\s*[[{]/, is: "JSON", hint: "Choose the .safetensors file that belongs to it." },
];

/** Throws if it is a web page. @param {string} head a character per byte @param {string} about @param {string} wanted */
export function refuseHtml(head, about, wanted) {
  if (/^(\xef\xbb\xbf)?\s*</.test(head))
    throw new RnnError(
      "E_HTML",
      `${about} is a web page, not ${wanted}`,
      "Some servers answer with a page for a file that they do not have: check the address.",
    );
}

/** Throws if it is one of the kinds that are known. @param {string} head @param {string} about */
export function refuseForWeights(head, about) {
  refuseHtml(head, about, "a weights file");
  const kind = KINDS.find(({ begins }) => begins.test(head));
  if (kind) throw new RnnError("E_FILETYPE", `${about} is ${kind.is}, not a weights file (.safetensors)`, kind.hint);
}

/** Throws if it is a web page. A text may begin with "<" too. @param {string} head @param {string} about */
export function refuseForText(head, about) {
  if (/^\s*<(!doctype|html)/i.test(head)) refuseHtml(head, about, "a text");
}

/** Throws. @param {string} head @param {string} about */
export function refuseForWasm(head, about) {
  refuseHtml(head, about, "a WebAssembly module");
  throw new RnnError("E_FILETYPE", `${about} is not a WebAssembly module`);
}
