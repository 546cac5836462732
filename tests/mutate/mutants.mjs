// SPDX-License-Identifier: MIT
//
// The small mistakes that could be made in a C source: every place where one could be, and what could stand there instead. Tokens are
// enough for that; what does not compile is thrown away later.

const KEYWORDS = new Set(
  (
    "auto case const default do double else enum extern float for goto if int long return short signed sizeof static struct switch " +
    "typedef union unsigned void volatile while"
  ).split(" "),
);

/** What may stand for an operator with a space on both sides: `*` and `&` of a pointer have none behind. */
const OPERATORS = {
  "<": ["<=", ">="],
  "<=": ["<", ">"],
  ">": [">=", "<="],
  ">=": [">", "<"],
  "==": ["!="],
  "!=": ["=="],
  "&&": ["||"],
  "||": ["&&"],
  "+": ["-"],
  "-": ["+"],
  "*": ["+", "/"],
  "/": ["*"],
  "%": ["/"],
  "<<": [">>"],
  ">>": ["<<"],
  "&": ["|"],
  "|": ["&"],
  "^": ["|"],
  "+=": ["-=", "="],
  "-=": ["+=", "="],
  "*=": ["/=", "="],
  "/=": ["*="],
  "|=": ["&="],
  "&=": ["|="],
  "^=": ["|="],
  ">>=": ["<<="],
};

/** Tokens of C: what is left out, and the four kinds. */
const TOKEN = new RegExp(
  [
    /(?<skip>\s+|\/\*[^]*?\*\/|\/\/[^\n]*|(?<=^[ \t]*)#(?:\\\n|[^\n])*)/,
    /(?<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')/,
    /(?<number>(?:0[xX][\da-fA-F.]+(?:[pP][+-]?\d+)?|\d+\.?\d*(?:[eE][+-]?\d+)?)[uUlLfF]*)/,
    /(?<name>[A-Za-z_]\w*)/,
    /(?<sign><<=|>>=|\.\.\.|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|[^])/,
  ]
    .map(part => part.source)
    .join("|"),
  "gmy",
);

/** Tokens { text, from, to, kind } without comments, blanks and preprocessor lines. */
function tokensOf(source) {
  const tokens = [];
  for (const { 0: text, index, groups } of source.matchAll(TOKEN)) {
    const kind = ["string", "number", "name", "sign"].find(kind => groups[kind] !== undefined);
    if (kind) tokens.push({ text, from: index, to: index + text.length, kind });
  }
  return tokens;
}

/** For each token that is a bracket the index of its partner; for each the index of the bracket around it. */
function bracketsOf(tokens) {
  const partners = new Map();
  const open = [];
  const around = tokens.map(({ text }, i) => {
    const outer = open.at(-1);
    if ("([{".includes(text)) open.push(i);
    if (")]}".includes(text)) {
      const begin = open.pop();
      partners.set(begin, i);
      partners.set(i, begin);
    }
    return outer;
  });
  return { partners, around };
}

const numberMutants = text => {
  if (/^0[xX][\da-fA-F]+[uUlL]*$|^\d+[uUlL]*$/.test(text)) return [`(${text} + 1)`, `(${text} - 1)`];
  return [`(${text} + 1)`, `(${text} * 1.01f)`];
};

/** Every place of a source where one mistake could be: { from, to, kind, instead: [text, ...] }. */
export function sitesOf(source) {
  const tokens = tokensOf(source);
  const { partners, around } = bracketsOf(tokens);
  const sites = [];
  const textOf = (first, last) => source.slice(tokens[first].from, tokens[last].to);
  const add = (kind, first, last, instead) => sites.push({ kind, from: tokens[first].from, to: tokens[last].to, instead });
  const spaced = ({ from, to }) => /\s/.test(source[from - 1]) && /\s/.test(source[to]);
  const isControl = i => tokens[i]?.kind === "name" && ["if", "while", "for", "switch"].includes(tokens[i].text);

  /** The first token of the statement that ends at a semicolon; none in the header of a for. */
  function beginOf(end) {
    if (isControl(around[end] - 1)) return undefined;
    for (let i = end - 1; i >= 0; i--) {
      const { text } = tokens[i];
      if (text === "(") return undefined; // the first argument of a macro
      if (text === ")" && isControl(partners.get(i) - 1)) return i + 1;
      if (";{}".includes(text) || text === "else") return i + 1;
      if (partners.has(i)) i = partners.get(i);
    }
    return undefined;
  }

  function addStatement(end) {
    const begin = beginOf(end);
    if (begin === undefined || begin >= end) return;
    const [first, second, third] = tokens.slice(begin, begin + 3);
    if (first.text === "return") {
      if (begin + 1 === end) return;
      const value = textOf(begin + 1, end - 1);
      add("return", begin + 1, end - 1, ["0", "NULL"].includes(value) ? ["-1"] : value === "1" ? ["0"] : ["0", "1"]);
      return;
    }
    const isDeclaration = first.kind === "name" && (second.kind === "name" || (second.text === "*" && third.from === second.to));
    if (first.kind === "string" || KEYWORDS.has(first.text) || isDeclaration) return;
    add("drop", begin, end, [";"]);
  }

  /** f(a, b): f(b, a), for each two neighbours. */
  function addArguments(open) {
    const close = partners.get(open);
    const commas = [open];
    for (let i = open + 1; i < close; i++) {
      if (tokens[i].text === ";") return;
      if (tokens[i].text === ",") commas.push(i);
      if (partners.has(i)) i = partners.get(i);
    }
    commas.push(close);
    for (let k = 0; k + 2 < commas.length; k++) {
      const [a, b] = [textOf(commas[k] + 1, commas[k + 1] - 1), textOf(commas[k + 1] + 1, commas[k + 2] - 1)];
      if (a !== b) add("swap", commas[k] + 1, commas[k + 2] - 1, [`${b}, ${a}`]);
    }
  }

  let depth = 0; // of braces
  tokens.forEach((token, i) => {
    const { text, kind } = token;
    depth += text === "{" ? 1 : text === "}" ? -1 : 0;
    if (kind === "number") add("number", i, i, numberMutants(text));
    else if (kind === "sign" && OPERATORS[text] && spaced(token)) add("operator", i, i, OPERATORS[text]);
    else if (text === "++" || text === "--") add("operator", i, i, [text === "++" ? "--" : "++"]);
    else if (text === "!") add("operator", i, i, [""]);
    else if (text === ";" && depth) addStatement(i);
    else if (text === "if" || text === "while") add("negate", i + 1, partners.get(i + 1), [`(!${textOf(i + 1, partners.get(i + 1))})`]);
    else if (/^RNN_E_/.test(text)) add("code", i, i, [text === "RNN_E_RANGE" ? "RNN_E_MEMORY" : "RNN_E_RANGE"]);
    else if (text === "(" && depth && tokens[i - 1].kind === "name" && !KEYWORDS.has(tokens[i - 1].text)) addArguments(i);
  });
  return sites;
}

/** What a mutant is known by: its file and its lines, with the change in them. It stays the same when other lines change. */
export function nameOf(file, source, { from, to }, instead) {
  const begin = source.lastIndexOf("\n", from - 1) + 1;
  const end = (source.indexOf("\n", to) + source.length + 1) % (source.length + 1);
  const line = `${source.slice(begin, from)}[[${source.slice(from, to)} -> ${instead}]]${source.slice(to, end)}`;
  return `${file}: ${line.replace(/\s+/g, " ").trim()}`;
}
