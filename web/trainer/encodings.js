// SPDX-License-Identifier: MIT
//
// encodings.js - which encoding the bytes of a text are in. What is told by its bytes alone (a mark at the beginning, UTF-8, zeros) is
// not guessed. The rest is read in each encoding, and where the most familiar letters come out it was the right one.

/** What a person may choose, of each script the most usual first; where two give the same text the first one is taken. */
export const ENCODINGS = Object.freeze([
  "utf-8",
  "windows-1252",
  "windows-1251",
  "windows-1250",
  "iso-8859-2",
  "windows-1253",
  "iso-8859-7",
  "koi8-r",
  "ibm866",
  "iso-8859-5",
  "gb18030",
  "big5",
  "shift_jis",
  "euc-jp",
  "euc-kr",
  "utf-16le",
  "utf-16be",
]);

/**
 * @typedef {object} Guess
 * @property {string} encoding a label of TextDecoder
 * @property {boolean} isSure whether no other encoding makes nearly as good a text of it
 */

// ---- what tells ----

const ZEROS = 0.2; // share of bytes on one side of each pair: UTF-16 of a European language
const DAMAGED = 0.5; // bytes that are no UTF-8 for each character of several bytes: more are in another encoding
const SLIGHTLY = 0.1; // so few leave no doubt
const SAMPLE = 2 ** 15; // bytes that are read in each encoding

/** What a character costs, in bits: the less likely it is in a text that is read right, the more. */
const COMMON_BITS = 4; // punctuation of any language
const STRANGE = 14; // a letter of no language that is written in this encoding, or a sign that is in few texts
const ODD_BITS = 6; // more for what is odd
const BROKEN = 20; // bytes that are no character
const DOUBT = 12; // so many bits less than in any other encoding are enough to be sure, if there are
const USUAL = 5; // bits at most for each byte beyond ASCII: what costs more is in no encoding that is known here
const RARER = 2; // an encoding costs so many bits more than the one before it in the list above

/**
 * The letters beyond ASCII of a language, the most frequent first: the letter of rank r is taken to be 1/r as likely as the first one.
 * @typedef {{ ranks: Map<string, number>, first: number, rest: RegExp | null, restBits: number }} Language first: bits of its first
 *   letter; rest: its other letters, of which there are thousands
 */

/** @param {string} letters @param {RegExp | null} [rest] @param {number} [restBits] @returns {Language} */
function language(letters, rest = null, restBits = STRANGE) {
  const ranks = new Map();
  let sum = 0;
  [...letters].forEach((letter, i) => {
    for (const each of [letter, letter.toUpperCase()]) ranks.set(each, Math.log2(i + 1));
    sum += 1 / (i + 1);
  });
  return { ranks, first: Math.log2(sum) + Number(Boolean(rest)), rest, restBits };
}

const WESTERN = [
  language("éèàêçâîôûùœëïüæÿ"), // French
  language("üäöß"), // German
  language("óíáéñúüªº"), // Spanish
  language("ãçáéíóêõâàúôüªº"), // Portuguese
  language("èàùòìéíóú"), // Italian
  language("àéèóíçïòúü"), // Catalan
  language("äåöéü"), // Swedish, Finnish
  language("øåæéèêòóôäö"), // Danish, Norwegian
  language("ëéïèáêíóöúü"), // Dutch
  language("áíðéóþæöúý"), // Icelandic
  language("äõüöšž"), // Estonian
];
const CENTRAL = [
  language("łęąóśżćźń"), // Polish
  language("íáéěřýčšžůúťňďó"), // Czech
  language("áíéčýžúšľťäďňôóĺŕ"), // Slovak
  language("áéöóőíüúű"), // Hungarian
  language("ăîşţâ"), // Romanian
  language("čšžćđ"), // Croatian, Slovene
];
const CYRILLIC = [
  language("оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё"), // Russian
  language("оанивіретслкудмпязьгбчйхїжєцшюфщґ"), // Ukrainian
  language("аеоитнрсвлкдпмзягучбъцжхщшйфюь"), // Bulgarian
  language("аиоенрсутјвкдмлпгзбшчњцхжљћђфџ"), // Serbian
];
const GREEK = [language("αοιετσνηυρπκμλςωάίδγόέήχύθφώβξζψϊϋΐΰ")];
const SIMPLIFIED =
  "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学" +
  "如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日者意无力它与长把十民第公此已工使情明性知全三又关点正外将两高间由问";
const TRADITIONAL =
  "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡用道行所然家種事成方多經麼去法學" +
  "如都同現當沒動面起看定天分還進好小部其些主樣理心她本前開但因只從想實日者意無力它與長把十民第公此已工使情明性知全三又關點正外將兩高間由問";
const KANA = "のいるしてとにはをたがかなでもっれすらりあこさまきくうだよけそどつせめみちわえおばーンスルトイクラリアドジレタロシフマグコテサメデプ";
const SYLLABLES =
  "이다는에의가을고하한지를로은도사기어인리그나서들시자대있해아일것정라수과게보으만적전니여장스부주원제면상구와마우성동었공조안모없말비유거내국" +
  "생소신문오경화러음년계무세회방할았선려위실관같진미개했던되";
const HAN = /\p{Script=Han}/u;

/** @type {Readonly<Record<string, Language[]>>} */
const LANGUAGES = {
  "windows-1252": WESTERN,
  "windows-1251": CYRILLIC,
  "windows-1250": CENTRAL,
  "windows-1253": GREEK,
  "koi8-r": CYRILLIC,
  ibm866: CYRILLIC,
  "iso-8859-2": CENTRAL,
  "iso-8859-5": CYRILLIC,
  "iso-8859-7": GREEK,
  gb18030: [language(SIMPLIFIED, HAN, 11), language(TRADITIONAL, HAN, 11)],
  big5: [language(TRADITIONAL, HAN, 11)],
  shift_jis: [language(KANA, /[\u3041-\u30fe\p{Script=Han}]/u, 11)],
  "euc-jp": [language(KANA, /[\u3041-\u30fe\p{Script=Han}]/u, 11)],
  "euc-kr": [language(SYLLABLES, /\p{Script=Hangul}/u, 10)],
};

const COMMON = /[\s«»“”„‘’‚‹›–—…•·§©®™°№€£¡¿\u00ad\u3000-\u303f\uff00-\uff0f\uff1a-\uff20\ufe30-\ufe4f]/; // in texts of any language
const BEYOND = /[^\x00-\x7f]/gu;
/** Inside a word: a capital behind a small letter, letters of two alphabets; a closing quotation mark in front of it. */
const ODD = /\p{Ll}(?![\x00-\x7f])\p{Lu}|[A-Za-z](?=[\u0370-\u04ff])|[\u0370-\u04ff](?=[A-Za-z])|(?<!\p{L})’\p{Ll}/gu;
const NO_CHARACTER = /[\ufffd\p{Co}]/u;

/**
 * In two steps: Node takes windows-1252 for Latin-1 where all is asked for in one.
 * @param {string} encoding @param {Uint8Array} bytes
 */
export function decodeAs(encoding, bytes) {
  const decoder = new TextDecoder(encoding);
  return decoder.decode(bytes, { stream: true }) + decoder.decode();
}

// ---- the guess ----

/** @param {Uint8Array} bytes of a whole file @returns {Guess} */
export function guessEncoding(bytes) {
  const told = marked(bytes) || withZeros(bytes);
  if (told) return { encoding: told, isSure: true };
  let bad = 0;
  const several = readUtf8(bytes, () => bad++);
  if (bad <= DAMAGED * several) return { encoding: "utf-8", isSure: bad <= SLIGHTLY * several };
  return guessByLetters(sampleOf(bytes));
}

/** By the mark at the beginning. @param {Uint8Array} bytes */
function marked([a, b, c]) {
  if (a === 0xff && b === 0xfe) return "utf-16le";
  if (a === 0xfe && b === 0xff) return "utf-16be";
  return a === 0xef && b === 0xbb && c === 0xbf ? "utf-8" : "";
}

/** @param {Uint8Array} bytes */
function withZeros(bytes) {
  const zeros = [0, 0]; // at even places, and at odd ones
  for (let i = 0; i < bytes.length; i++) if (bytes[i] === 0) zeros[i & 1]++;
  if (zeros[1] > ZEROS * bytes.length) return "utf-16le";
  return zeros[0] > ZEROS * bytes.length ? "utf-16be" : "";
}

/**
 * How many characters of several bytes there are in UTF-8.
 * @param {Uint8Array} bytes @param {(place: number) => void} heed is told of each byte that is no UTF-8
 */
export function readUtf8(bytes, heed) {
  let several = 0;
  for (let i = 0; i < bytes.length;) {
    const length = bytes[i] < 0x80 ? 1 : utf8Length(bytes, i);
    if (length > 1) several++;
    if (!length) heed(i);
    i += length || 1;
  }
  return several;
}

/** Bytes of the character beyond ASCII that begins there; 0: none does. @param {Uint8Array} bytes @param {number} i */
function utf8Length(bytes, i) {
  const [first, second] = [bytes[i], bytes[i + 1]];
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  const least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80; // less has a shorter form
  const most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf; // more is half of a surrogate pair, or beyond Unicode
  if (!length || !(second >= least && second <= most)) return 0;
  for (let k = 2; k < length; k++) if ((bytes[i + k] & 0xc0) !== 0x80) return 0;
  return length;
}

/** The first lines that have bytes beyond ASCII. @param {Uint8Array} bytes */
function sampleOf(bytes) {
  const sample = new Uint8Array(SAMPLE);
  let size = 0;
  for (let i = 0; i < bytes.length && size < SAMPLE;) {
    const end = bytes.indexOf(0x0a, i) + 1 || bytes.length;
    const line = bytes.subarray(i, end);
    i = end;
    if (!line.some(byte => byte >= 0x80)) continue;
    const part = line.subarray(0, SAMPLE - size);
    sample.set(part, size);
    size += part.length;
  }
  return sample.subarray(0, size);
}

/** @param {Uint8Array} sample @returns {Guess} */
function guessByLetters(sample) {
  const candidates = Object.keys(LANGUAGES)
    .map(encoding => ({ encoding, ...costIn(encoding, sample) }))
    .sort((a, b) => a.bits - b.bits); // of equal ones the first of the list stays the first
  const [best, ...others] = candidates;
  const next = others.find(({ text }) => text !== best.text);
  const isLess = !next || next.bits - best.bits >= DOUBT;
  return { encoding: best.encoding, isSure: isLess && best.bits <= USUAL * best.bytes };
}

/**
 * How many bits a sample costs if it is in an encoding, by the language that makes it the cheapest.
 * @param {string} encoding @param {Uint8Array} sample
 * @returns {{ text: string, bits: number, bytes: number }} bytes: of what is beyond ASCII
 */
function costIn(encoding, sample) {
  const text = decodeAs(encoding, sample);
  const counts = new Map();
  let beyond = 0;
  for (const [character] of text.matchAll(BEYOND)) {
    counts.set(character, (counts.get(character) ?? 0) + 1);
    beyond++;
  }
  const costs = LANGUAGES[encoding].map(language =>
    [...counts].reduce((sum, [character, count]) => sum + count * bitsOf(character, language), 0),
  );
  const odd = text.match(ODD)?.length ?? 0;
  const bits = Math.min(...costs) + ODD_BITS * odd + RARER * ENCODINGS.indexOf(encoding);
  return { text, bits, bytes: sample.length - (text.length - beyond) };
}

/** @param {string} character @param {Language} language */
function bitsOf(character, { ranks, first, rest, restBits }) {
  const rank = ranks.get(character);
  if (rank !== undefined) return first + rank;
  if (NO_CHARACTER.test(character)) return BROKEN;
  if (COMMON.test(character)) return COMMON_BITS;
  return rest?.test(character) ? restBits : STRANGE;
}
