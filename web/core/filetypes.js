// SPDX-License-Identifier: MIT
//
// filetypes.js - files of another kind than wanted: told from their first bytes, and what to do about each.
import { RnnError } from "./errors.js";

const FROM_PYTORCH =
  "In Python, with scripts/export_torch.py of nextchar beside it: from export_torch import export; " +
  'export(network, tokens, "network.safetensors"), where network is the module or what torch.load() gives of its state_dict, and ' +
  "tokens are the vocabulary in the order of the ids, which this file does not have.";
const FROM_KERAS =
  "In Python, save model.get_weights() as safetensors: each matrix but an embedding transposed, under PyTorch's names " +
  "(embedding.weight, rnn.weight_ih_l0, rnn.weight_hh_l0, rnn.bias_ih_l0, rnn.bias_hh_l0, fc.weight, fc.bias), of a GRU the gates " +
  "z r h in the order r z h, and a tensor vocab of U8: the tokens in the order of the ids as UTF-8, each ended by a NUL. " +
  "src/model.h of nextchar lists names and shapes.";
const FROM_ZIP = `Of PyTorch (.pt, .pth): ${FROM_PYTORCH} Of Keras (.keras): ${FROM_KERAS}`;

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
    hint: "Its network has to be written anew as safetensors, under the names that src/model.h of nextchar lists.",
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
