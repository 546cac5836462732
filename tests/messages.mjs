// SPDX-License-Identifier: MIT
//
// The messages and hints of errors, collected from the sources as templates: what is filled in is {a}, {b} and so on, in its order.
// It reads C and JavaScript as they are written here, not all that they allow.
import { readFileSync, readdirSync } from "node:fs";
import { root } from "./helpers.mjs";

const read = path => readFileSync(new URL(path, root), "utf8");
const PLACE = "\0"; // what is filled in

/** @param {string} said with PLACE where something is filled in @returns {string} "" if nothing else is said */
function templateOf(said) {
  let places = 0;
  if (!/[a-z]{2}/i.test(said)) return "";
  return said.replaceAll(PLACE, () => `{${String.fromCharCode(97 + places++)}}`);
}

// ---- expressions, in both languages ----

/** Where the string or the template ends that begins there. @param {string} source @param {number} from */
function endOfString(source, from) {
  const mark = source[from];
  let at = from + 1;
  for (; at < source.length && source[at] !== mark; at++)
    if (source[at] === "\\") at++;
    else if (mark === "`" && source.startsWith("${", at)) at = endOf(source, at + 2, "}");
  return at + 1;
}

/** Where the first of these is, outside of brackets and strings. @param {string} source @param {number} from @param {string} ends */
function endOf(source, from, ends) {
  let depth = 0;
  for (let at = from; at < source.length; at++) {
    if (!depth && ends.includes(source[at])) return at;
    if ('"`'.includes(source[at])) at = endOfString(source, at) - 1;
    else if ("([{".includes(source[at])) depth++;
    else if (")]}".includes(source[at])) depth--;
  }
  return source.length;
}

/** An expression's parts between these. @param {string} source @param {string} separators */
function split(source, separators) {
  const parts = [];
  for (let at = 0; at <= source.length; at = parts.end + 1) {
    parts.end = endOf(source, at, separators);
    parts.push(source.slice(at, parts.end).trim());
  }
  return parts;
}

/** The arguments of a call, of which the name and "(" are matched. @param {RegExpMatchArray} call */
function argumentsOf(call) {
  const from = call.index + call[0].length;
  return split(call.input.slice(from, endOf(call.input, from, ")")), ",");
}

// ---- C ----

/** The strings that an argument may be: literals side by side are one, those of a condition are several. @param {string} argument */
const stringsOf = argument =>
  split(argument, "?:").map(part => [...part.matchAll(/"(?:\\.|[^"\\])*"/g)].map(([literal]) => JSON.parse(literal)).join(""));

/** Of C's misuse the page is not capable: its ids, handles and sizes are its own. Settings are the reader's: see recipe.c. */
const isMisuse = (name, code) => code === "RNN_E_RANGE" && name !== "recipe.c";

function* messagesOfC() {
  for (const name of readdirSync(new URL("src/", root)).filter(name => /^(?!main|cli_).*\.c$/.test(name))) {
    const source = read(`src/${name}`).replace(/\/\*[^]*?\*\/|'"'/g, ""); // without comments
    for (const call of source.matchAll(/\b(?:fail|bad)\(/g)) {
      const [code, format, ...values] = argumentsOf(call);
      if (isMisuse(name, code)) continue;
      yield* stringsOf(format).map(text => text.replace(/%[sdu]/g, PLACE));
      yield* values.flatMap(stringsOf); // what is said in a place
    }
  }
}

// ---- JavaScript ----

const MISUSE = ["E_ARGUMENT", "E_FREED", "E_STATE"]; // whoever writes a program is told these, not who uses the page

/** All that an expression may say. @param {string} expression @param {string} source of its module @returns {string[]} */
function sayings(expression, source) {
  const all = (/** @type {string[]} */ each) => each.flatMap(one => sayings(one, source));
  const [condition, ...branches] = split(expression.replaceAll("?.", ". ").replaceAll("??", "||"), "?:");
  if (branches.length) return all(branches);
  const added = split(condition, "+");
  if (added.length > 1) return added.map(each => sayings(each, source)).reduce(joined);
  const [first, second] = split(condition, "&").filter(Boolean);
  if (second) return first && ["", ...sayings(second, source)];
  if (/^"/.test(first)) return [JSON.parse(first)];
  if (/^'/.test(first)) return [first.slice(1, -1)];
  if (/^`/.test(first)) return saidBy(first.slice(1, -1), source);
  const constant = /^[A-Z_]+$/.test(first) && new RegExp(`^const ${first} =\\s*`, "m").exec(source);
  if (constant) return sayings(source.slice(constant.index + constant[0].length, endOf(source, constant.index, ";")), source);
  const called = /^(\w+)\(/.exec(first) && new RegExp(`^function ${/^\w+/.exec(first)[0]}\\([^]*?^}`, "m").exec(source);
  if (called)
    return [...called[0].matchAll(/\breturn /g)].flatMap(({ index }) => {
      const from = index + "return ".length;
      return sayings(called[0].slice(from, endOf(called[0], from, ";")), source);
    });
  return [PLACE];
}

const joined = (as, bs) => as.flatMap(a => bs.map(b => a + b));

/** @param {string} template between its marks @param {string} source */
function saidBy(template, source) {
  let said = [""];
  for (let at = 0; at < template.length; ) {
    const place = template.indexOf("${", at);
    const end = place < 0 ? template.length : place;
    said = joined(said, [template.slice(at, end).replaceAll('\\"', '"')]);
    if (place < 0) break;
    at = endOf(template, place + 2, "}") + 1;
    said = joined(said, sayings(template.slice(place + 2, at - 1), source));
  }
  return said;
}

function* messagesOfJavaScript() {
  for (const name of readdirSync(new URL("web/", root), { recursive: true }).filter(name => name.endsWith(".js"))) {
    const source = read(`web/${name}`).replace(/^ *\/\*\*[^]*?\*\/$|^ *\/\/.*$/gm, "");
    for (const call of source.matchAll(/new (?:RnnError|BrokenOff)\(/g)) {
      const [code, ...said] = argumentsOf(call);
      if (!MISUSE.includes(code.slice(1, -1))) yield* said.slice(0, 2).flatMap(each => sayings(each, source));
    }
    for (const call of source.matchAll(/new Error\(/g)) yield* sayings(argumentsOf(call)[0], source);
    for (const row of source.matchAll(/\b(?:hint|is): |\[\s*"E_[A-Z]+",\s*(?="(?!E_))/g)) {
      const from = row.index + row[0].length;
      yield* sayings(source.slice(from, endOf(source, from, ",}]")), source);
    }
  }
}

/** All of them, each once. @returns {string[]} */
export const messages = () => [...new Set([...messagesOfC(), ...messagesOfJavaScript()].map(templateOf))].filter(Boolean).sort();
