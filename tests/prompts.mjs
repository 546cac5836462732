// SPDX-License-Identifier: MIT
//
// What a network of words makes of a prompt, the same in the command and in the library: the person's own text, and behind it a token.
import { makeWeights, readTensors, vocabTensor, writeTensors } from "./helpers.mjs";

const MARKS = ["-", " — ", "( ", "(", ")", "[", ".", ",", ":", "“", "”", "\n", "@"];
const KNOWN = ["the", "cat", "mat", "see", "don’t", "joe", "x", "com", "10", ...MARKS];
const LEVELS = { words: "words", folded: "words, folded", lacking: "words" };

/** A network that always writes that token; its vocabulary has an unknown word, or lacks it. @param {keyof typeof LEVELS} level */
export function writerOf(level, token) {
  const vocabulary = level === "lacking" ? KNOWN : ["<unknown>", ...KNOWN];
  const { metadata, tensors } = readTensors(makeWeights({ text: String.fromCharCode(...vocabulary.map((_, i) => 0x100 + i)) }));
  tensors["fc.bias"].data = new Uint8Array(Float32Array.from(vocabulary, each => (each === token ? 1000 : 0)).buffer);
  tensors.vocab = vocabTensor(vocabulary);
  const ofWords = { level: LEVELS[level], ...(level !== "lacking" && { unknown: "0" }) };
  return writeTensors({ metadata: { ...metadata, ...ofWords }, tensors });
}

/**
 * The level, the prompt, the token that is written behind it, and the text of both.
 * @type {[keyof typeof LEVELS, string, string, string][]}
 */
export const PROMPTS = [
  ["words", "", "cat", "cat"],
  ["words", "the cat", "mat", "the cat mat"],
  ["words", "mat(cat)", "cat", "mat(cat) cat"],
  ["words", "mat ( cat )", "cat", "mat ( cat ) cat"],
  ["words", "see:the", "cat", "see:the cat"],
  ["words", "see the:", "cat", "see the: cat"],
  ["words", "the cat.see", ".", "the cat.see."],
  ["words", "the mat(", "cat", "the mat(cat"],
  ["words", "the mat (", "cat", "the mat (cat"],
  ["words", "the ( ", "cat", "the ( cat"],
  ["words", "joe@x.com at 10:30 … U.S.A.", "cat", "joe@x.com at 10:30 … U.S.A. cat"],
  ["words", "the  cat\tsee\u00a0 the", ",", "the  cat\tsee\u00a0 the,"],
  ["words", "  the cat", ")", "  the cat)"],
  ["words", "the cat  \n \n the", "cat", "the cat  \n \n the cat"],
  ["words", "the\r\ncat", "\n", "the\r\ncat\n"],
  ["words", "the\r\n", "cat", "the\r\ncat"],
  ["words", "don't [don’t", "cat", "don't [don’t cat"],
  ["words", "cat-cat - cat—cat — ", "cat", "cat-cat - cat—cat — cat"],
  ["words", "“the”cat“", "cat", "“the”cat“cat"],
  ["words", "Zarathustra,the :unicorn", "cat", "Zarathustra,the :unicorn cat"],
  ["words", `${"a".repeat(50)}.........cat`, "cat", `${"a".repeat(50)}.........cat cat`],
  ["words", "naïve猫の\ufeffcat\u0301", "cat", "naïve猫の\ufeffcat\u0301 cat"],
  ["folded", "The CAT(Mat)", "cat", "The CAT(Mat) cat"],
  // No token has the blanks at a text's end, and the rule says what stands in their place.
  ["words", "the cat  ", "mat", "the cat mat"],
  ["words", "the cat ", ",", "the cat,"],
  ["words", " \t", "cat", "cat"],
  // What is no token at all is left out, and what is behind it joined by the rule.
  ["lacking", "mat(cat) unicorn(cat).the", "cat", "mat(cat) (cat).the cat"],
  ["lacking", "unicorn", "cat", "cat"],
  ["lacking", "unicorn cat", "cat", "cat cat"],
  ["lacking", "see unicorn,the   cat", ",", "see,the   cat,"],
];
