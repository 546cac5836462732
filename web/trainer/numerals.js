// SPDX-License-Identifier: MIT
//
// numerals.js - whole numbers as Roman numerals, and in English and Russian words.

const ROMAN = { M: 1000, CM: 900, D: 500, CD: 400, C: 100, XC: 90, L: 50, XL: 40, X: 10, IX: 9, V: 5, IV: 4, I: 1 };

/** 1 to 3999. @param {number} number */
export function roman(number) {
  let text = "";
  for (const [sign, value] of Object.entries(ROMAN)) for (; number >= value; number -= value) text += sign;
  return text;
}

const EN_SMALL =
  " one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(
    " ",
  );
const EN_TENS = "  twenty thirty forty fifty sixty seventy eighty ninety".split(" ");

/** 1 to 999 in English words. @param {number} n */
function englishBelowThousand(n) {
  const [hundreds, rest] = [Math.floor(n / 100), n % 100];
  const tens = rest < 20 ? EN_SMALL[rest] : EN_TENS[Math.floor(rest / 10)] + (rest % 10 ? `-${EN_SMALL[rest % 10]}` : "");
  return [hundreds && `${EN_SMALL[hundreds]} hundred`, tens].filter(Boolean).join(" ");
}

/** 1 to 999,999. @param {number} n */
export function english(n) {
  const [thousands, rest] = [Math.floor(n / 1000), n % 1000];
  return [thousands && `${englishBelowThousand(thousands)} thousand`, rest && englishBelowThousand(rest)].filter(Boolean).join(" ");
}

const RU_SMALL = (
  " один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать четырнадцать " +
  "пятнадцать шестнадцать семнадцать восемнадцать девятнадцать"
).split(" ");
const RU_TENS = "  двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто".split(" ");
const RU_HUNDREDS = " сто двести триста четыреста пятьсот шестьсот семьсот восемьсот девятьсот".split(" ");

/** 1 to 999 in Russian words; a thousand is feminine: одна, две. @param {number} n @param {boolean} feminine */
function russianBelowThousand(n, feminine) {
  const rest = n % 100;
  const last = rest < 20 ? rest : rest % 10;
  const one = feminine && last === 1 ? "одна" : feminine && last === 2 ? "две" : RU_SMALL[last];
  return [RU_HUNDREDS[Math.floor(n / 100)], rest >= 20 && RU_TENS[Math.floor(rest / 10)], one].filter(Boolean).join(" ");
}

/** The form that a counted word has behind n: 1 тысяча, 2 тысячи, 5 тысяч. @param {number} n */
function thousandBehind(n) {
  const [last, lastTwo] = [n % 10, n % 100];
  if (lastTwo > 10 && lastTwo < 20) return "тысяч";
  return last === 1 ? "тысяча" : last > 1 && last < 5 ? "тысячи" : "тысяч";
}

/** 1 to 999,999. @param {number} n */
export function russian(n) {
  const [thousands, rest] = [Math.floor(n / 1000), n % 1000];
  const first = thousands && `${russianBelowThousand(thousands, true)} ${thousandBehind(thousands)}`;
  return [first, rest && russianBelowThousand(rest, false)].filter(Boolean).join(" ");
}

/** The names of the digits, 0 to 9. */
export const digitNames = Object.freeze({
  en: ["zero", ...EN_SMALL.slice(1, 10)],
  ru: ["ноль", ...RU_SMALL.slice(1, 10)],
});
