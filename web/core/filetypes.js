// SPDX-License-Identifier: MIT
//
// filetypes.js - files of another kind than wanted: told from their first bytes, and what to do about each.
import { RnnError } from "./errors.js";

const TO_SAFETENSORS = "In Python, safetensors.torch.save_file(network.state_dict(), path) writes a file that is taken here.";
/** What other files begin with. @type {{ begins: RegExp, is: string, hint: string }[]} */
const KINDS = [
  { begins: /^PK\x03\x04/, is: "a zip archive (PyTorch's .pt and Keras' .keras are such)", hint: TO_SAFETENSORS },
  { begins: /^\x80[\x02-\x05]/, is: "a Python pickle (an older PyTorch .pt is one)", hint: TO_SAFETENSORS },
  { begins: /^\x89HDF\r\n/, is: "an HDF5 file (Keras' .h5 is one)", hint: TO_SAFETENSORS },
  { begins: /^\x08[\x03-\x0f]\x12/, is: "an ONNX model", hint: "Export the network from where it was trained, as safetensors." },
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

/** Throws. @param {string} head @param {string} about */
export function refuseForWasm(head, about) {
  refuseHtml(head, about, "a WebAssembly module");
  throw new RnnError("E_FILETYPE", `${about} is not a WebAssembly module`);
}
