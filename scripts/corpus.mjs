// SPDX-License-Identifier: MIT
// Makes the texts that the networks are trained on and scored on:
//     node scripts/corpus.mjs NAME SOURCE_DIR OUT_DIR [--trial]
// checks the sha256 of every source file, cleans it and writes OUT_DIR/NAME.train.txt and OUT_DIR/NAME.held-out.txt;
// for tolstoy also OUT_DIR/NAME.before.txt, for a first training: other books and then the training text;
// for pushkin also the verse alone, OUT_DIR/NAME.fine-tune.txt: what the held-out text is like.
//   --trial    for choosing settings, which nobody does on the held-out text: the training text without its last twentieth, and
//              that twentieth (of war-and-peace and tolstoy the whole training text, and their validation part), as
//              OUT_DIR/NAME.trial.train.txt and so on
// The sources are not part of the project; `sources` below says where each can be had and where in SOURCE_DIR it is looked for.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

// ---- Where the texts come from --------------------------------------------------------------------------------------

// titleLines: how many lines that are not blank stand above the text (author, title, subtitle).
// endsBefore: the first line that no longer belongs to the work.
// headings: what stands within the text and is not the work.
const annaKarenina = {
  file: "russian/tolstoy-anna-karenina.txt",
  from: "github.com/d0rj/RusLit, prose/Tolstoy/Анна Каренина.txt",
  titleLines: 2,
  endsBefore: "Конец\n", // an essay about the novel and notes follow
  sha256: "d2e7edc4ff420826de3c73307722deaf2b5905879a0a1cd95c5f87e3ae483a22",
};
const gogolAndChekhov = [
  {
    file: "russian/gogol-dead-souls.txt",
    from: "github.com/d0rj/RusLit, prose/Gogol/Мёртвые души.txt",
    titleLines: 0,
    endsBefore: "Примечания\n",
    sha256: "58947d05bbe3cc49dd18204d852a525c656974c3e6b2c2213d1ffb7882b1828d",
  },
  {
    file: "russian/chekhov-prose.txt",
    from: "github.com/d0rj/RusLit, the files of prose/Chekhov one after another, in the order of their names",
    titleLines: 0,
    headings: /Антон (?:Павлович )?Чехов\.?|^ *Примечания *$/gm,
    sha256: "319965fa1e8c838378b7c28fa210f30b94f87ad70211a21babbe181531267fea",
  },
];
const pushkinProse = [
  { name: "Арап Петра Великого", titleLines: 2, sha256: "8ae9c187bfc1c8e023ead0407bc2e74531719e471629efef1f7d72092ff18e94" },
  { name: "Дубровский", titleLines: 1, sha256: "d8e71528cf0c7813db7878160e5c6b20199f20f41b73f7a8e6e59502be7cf371" },
  { name: "Египетские ночи", titleLines: 2, sha256: "ae849e84d80c9816dc0a5ee09a33c71e67ee20dbd163174bef9b70fa896e7d3c" },
  { name: "История Пугачёва", titleLines: 2, sha256: "9cf98ad69bdc15f1016aaab9a0313bcbec019f49eb87f2555e5fdcdfe1088264" },
  { name: "История села Горюхина", titleLines: 2, sha256: "42f84c5d182cc2764334f5875dba0da3b3e4ee17cfcdddf60598251581408ac0" },
  { name: "Капитанская дочка", titleLines: 2, sha256: "515adac7fc6d756fc941820ce9071c5e7a2a3f1417d4cfadc0b89cdd35a83f0f" },
  { name: "Кирджали", titleLines: 3, sha256: "10fb22885bb9549bb5877d84b2654f4c38663f68b7cb3f3e0cfd58cd85ee701d" },
  { name: "Пиковая дама", titleLines: 2, sha256: "cbe14b989c4799fe99af572a3986937bac70f283d218499aa1ab75d0c4c6ecdb" },
  { name: "Повести Белкина", titleLines: 1, sha256: "540d5d7b11936a435d31596d0963f972aed63ab324ba97728d86a93d03c5bce2" },
  { name: "Рославлев", titleLines: 2, sha256: "d502bb648bb080dea51b037177f7f3a7ea44b30ad998c03d3d1de7d28de59d97" },
];
const pushkinVerse = [
  { name: "19 октября", titleLines: 2, sha256: "878ccc390aef039003312e34a17d23a7e52e15af6dd6dc5988295eb8e78a6048" },
  { name: "Анчар", titleLines: 2, sha256: "f5a51d8d777e85c62c7f81f157448d05c45b150e8602199ca931083b91c73416" },
  {
    name: "Борис Годунов",
    titleLines: 2,
    endsBefore: "Моцарт и Сальери",
    sha256: "9208ce89c4bf3ff32b5164053d250b1a5f57566d6d5cf76d8701ab71fc58c24c",
  },
  { name: "Во глубине сибирских руд...", titleLines: 2, sha256: "ea75b26bb768327c0d50c41bfd68053e121846a2002a8c7cb628d7201f665892" },
  { name: "Деревня", titleLines: 2, sha256: "4aa34b5828bf6ae47de3a4f7eb54a20dd86426a3cb1eee4818d9f3495449f579" },
  { name: "Евгений Онегин", titleLines: 3, sha256: "c78228fc6aaebb2a3cfe84d9ab08473192a02bfa6cb635f5e5927a2b759ae5cb" },
  { name: "Зимнее утро", titleLines: 2, sha256: "333c8d7c08d848bfaaec7d8ab7fcb5af813ff4e7f4f5c7e00e9e4d6cbe18999c" },
  { name: "К Чаадаеву", titleLines: 2, sha256: "1a2c1dc563d44de2a8c74e1132a356e1aa4ee9cde35d99e73972b468c364fbb8" },
  { name: "К морю", titleLines: 2, sha256: "690a68fc47a0c75cc0b1d197bf37d7b0d74af167e704b663b03f8fc8db121bcc" },
  { name: "К", titleLines: 2, sha256: "b5f65d47f37b99f38ec8940ac77153a4a50088b03e8bca3c49a0e47b249e9b14" },
  { name: "Каменный гость", titleLines: 2, sha256: "6d018bfd5e2f602cf739a476f7f706e25011402b8b47130dafe6260be1e44849" },
  {
    name: "Медный всадник",
    titleLines: 3,
    strophes: "by indent",
    sha256: "7daabcd6394b1e4953dc0951b13dbd59d24f93e6e5fc5ed0b703090d1b8f8a48",
  },
  { name: "Моцарт и Сальери", titleLines: 2, sha256: "e7f842954ad0866e8decc976a104b179e42d140013b7d9c9fcdc928f8094ac07" },
  {
    name: "На холмах Грузии лежит ночная мгла...",
    titleLines: 2,
    sha256: "5cf4c841111f349bb6f76420977c7cd93f6fac2909d4958dabb1349f8bfe02db",
  },
  { name: "Песнь о вещем Олеге", titleLines: 2, sha256: "8854daaae70c17476ecc2ccc03a7e73c1d2f6fa54d0276ae8ae4fffd1d8ff9c8" },
  { name: "Пир во время чумы", titleLines: 3, sha256: "3f07f46470856fee9b04df084c66cad93cea11061f045d50427f805ebbf55498" },
  { name: "Поэт", titleLines: 2, sha256: "437121935f4df00f09f79d847de8dda996efe91c939fa515293bcdbd1b6ad866" },
  { name: "Пророк", titleLines: 2, sha256: "668b3d412f60d78d2a0e7c45bf5d68373c0ba3afd6005adf7f2dc431c5bd2a93" },
  {
    name: "Руслан и Людмила",
    titleLines: 2,
    encoding: "windows-1251",
    strophes: "by indent",
    sha256: "02608e58db9d15cd51b02d4d56eb407a32f3f8c33e59525f572652b4d5078a30",
  },
  { name: "Сказка о золотом петушке", titleLines: 3, sha256: "a704be7563bfdbb2f9b84003ef50e2f001540e752c149908eade8ac2a2dfe21e" },
  { name: "Сказка о медведихе", titleLines: 2, sha256: "0f46d11e577cbe26422a1c74a22779e8d68907b18488a222f0ad3bd143c17949" },
  { name: "Сказка о мёртвой царевне", titleLines: 4, sha256: "35474c4062624cfcefaa7b00d386da138f2528248886e71d7a9c1da2ba7827de" },
  {
    name: "Сказка о попе и работнике его Балде",
    titleLines: 3,
    sha256: "6e0038b644cf88f664c7a47ca9965c4de8c86caaf30ee3d1434dd576dc2b0fee",
  },
  { name: "Сказка о рыбаке и рыбке", titleLines: 3, sha256: "92fe63b02cedaa7b05e565c2286eb8f529ca73123128e3a34af8c2ce7a41f91f" },
  { name: "Сказка о царе Салтане", titleLines: 5, sha256: "73973ce33ddd2046a3d6d158b7e9c7dc9efc877f00e638489d9b894a4a5e7923" },
  { name: "Скупой рыцарь", titleLines: 3, sha256: "ebab68d5026cc5895fd96a7cc1ee8142ce909e503d1615b6e94af2204da49898" },
  { name: "Узник", titleLines: 2, sha256: "31cc6ab0895f7634c2ecf9b81df143c8f779847f23b405831599b97529c9ac89" },
  {
    name: "Элегия (Безумных лет угасшее веселье...)",
    titleLines: 2,
    sha256: "d4650bac47ba181863820caa8149ad68a408bb48a56141a7b6ab35b860537068",
  },
  { name: "Элегия (Воспоминаньем упоенный...)", titleLines: 2, sha256: "d69f5d50e03313b17040fbdd4f5140d36ca01776eb715bd9cd967448b8b47594" },
  {
    name: "Элегия (Опять я ваш, о юные друзья...)",
    titleLines: 2,
    sha256: "ce10ab38d97d2a28cf58bc7fc588094160ec55328f9b892d463d62addfe86bfe",
  },
  {
    name: "Элегия (Счастлив, кто в страсти сам себе...)",
    titleLines: 2,
    sha256: "3173c7fb45f5525d711bf46cb1570b382322b1ed48a4a57c61de9de42cef5f0a",
  },
  {
    name: "Элегия (Я думал, что любовь погасла навсегда...)",
    titleLines: 2,
    sha256: "249de27160189e7d8015153b840a3baf62a8bfbb27b2ff4c33421ad57646508f",
  },
  { name: "Элегия на смерть Анны Львовны", titleLines: 2, sha256: "dfbeef71376841cda3d5ff6cfe9d73dd6a20b0d74ec7278cb8880eea68ee2134" },
  {
    name: "Я вас любил любовь ещё, быть может,...",
    titleLines: 2,
    sha256: "0def304cbcf2fc77f55b0bde0081e7f5877897d645b84345e007e4cd1c0c5a23",
  },
  {
    name: "Я памятник себе воздвиг нерукотворный",
    titleLines: 2,
    sha256: "03a9152ab9d064bead552edea0771a81233563d4e4aafc20bdafc731f845cd18",
  },
];

const books = {
  alice: {
    file: "books/alice-in-wonderland.txt",
    from: "Project Gutenberg's book 11 (11-0.txt; GITenberg keeps it on GitHub)",
    sha256: "49a0b2726606e1290ac03a63978fa1dd1bd38a8d805704d98265f393533ea094",
  },
  holmes: {
    file: "books/sherlock-holmes.txt",
    from: "Project Gutenberg's book 1661 (1661.txt; GITenberg keeps it on GitHub)",
    sha256: "2a0ce5568625a304f54fbb6bfdeeadf527a1437254b5f0e06b5a9e233d4784a2",
  },
  warAndPeace: {
    file: "war_and_peace/warpeace_input.txt",
    from: "github.com/MrHereward/machine_learning_sandbox, warpeace_input.txt",
    sha256: "b0fc81c399971eaf738c8be89809e6a0d95c151749112b04f06b6af648d8a39f",
  },
};

const pushkinProseSources = pushkinProse.map(work => pushkinSource(work, "russian/pushkin-prose", "prose/Pushkin"));

/** For each file: where it lies in SOURCE_DIR, where it can be had, its sha256 (null: any). */
export const sources = {
  shakespeare: [
    {
      file: "shakespeare/input.txt",
      from: "github.com/karpathy/char-rnn, data/tinyshakespeare/input.txt",
      sha256: "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
    },
  ],
  pushkin: [...pushkinProseSources, ...pushkinVerse.map(work => pushkinSource(work, "russian/pushkin-verse", "poems/Pushkin"))],
  "war-and-peace": [books.warAndPeace],
  tolstoy: [annaKarenina],
  course: [books.holmes, books.alice],
  "alice-words": [books.alice],
  // Terms of AG News: research and other non-commercial use. A network trained on it stays on the machine that trained it.
  "course-news": [
    {
      file: "ag_news/test.csv",
      from: "github.com/mhjabreel/CharCnn_Keras, data/ag_news_csv/test.csv",
      sha256: "521465c2428ed7f02f8d6db6ffdd4b5447c1c701962353eb2c40d548c3c85699",
    },
  ],
};
// The lesson itself uses the train part; where it is present it is taken in place of the test part.
const newsTrainPart = { file: "ag_news/train.csv", from: "the same folder, train.csv", sha256: null };

/** The other books of a first training: nothing of them is held out from the network of that name. */
export const sourcesBefore = {
  tolstoy: [...pushkinProseSources, ...gogolAndChekhov],
};

function pushkinSource(work, folder, repositoryFolder) {
  return { ...work, file: `${folder}/${work.name}.txt`, from: `github.com/d0rj/RusLit, ${repositoryFolder}/${work.name}.txt` };
}

// ---- Steps of cleaning that several corpora share -------------------------------------------------------------------

/** Blanks at the ends of lines removed, runs of blanks inside a line made one, at most one empty line in a row. */
export function tidyBlanks(text) {
  return (
    text
      .replace(/[ \t]+/g, " ")
      .replace(/^ | $/gm, "")
      .replace(/\n{3,}/g, "\n\n")
      .trim() + "\n"
  );
}

/** Lines that hold a character seen fewer than `least` times in all texts together are dropped, until no such character is left. */
export function withoutRareCharacters(texts, least) {
  const counts = new Map();
  for (const text of texts) for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  if ([...counts.values()].every(count => count >= least)) return texts;
  const isCommon = line => [...line].every(character => counts.get(character) >= least);
  return withoutRareCharacters(
    texts.map(text => tidyBlanks(text.split("\n").filter(isCommon).join("\n"))),
    least,
  );
}

/** Splits a text at the start of the line in which the last `share` of its characters begins. */
export function splitTail(text, share) {
  const characters = [...text];
  let at = Math.round(characters.length * (1 - share));
  while (at > 0 && characters[at - 1] !== "\n") at--;
  return [characters.slice(0, at).join(""), characters.slice(at).join("")];
}

const TRIAL = 0.05;

/** The beginnings and the ends of texts, to train on and to score on; in a trial both are of the beginnings. */
export function splitTails(texts, share, isTrial) {
  const parts = texts.map(text => splitTail(text, share));
  return isTrial ? parts.map(([head]) => splitTail(head, TRIAL)) : parts;
}

/** Lines of `text` that hold a character which `known` lacks are dropped: a network has no token for it. */
export function onlyKnownCharacters(text, known) {
  const vocabulary = new Set(known);
  return text
    .split("\n")
    .filter(line => [...line].every(character => vocabulary.has(character)))
    .join("\n");
}

// ---- Tiny Shakespeare -----------------------------------------------------------------------------------------------

const SHAKESPEARE_HELD_OUT_BYTES = 111540; // the customary last tenth; the file is ASCII, so bytes are characters

export function shakespeare([{ bytes }], isTrial = false) {
  const text = bytes.toString("latin1");
  const parts = [text.slice(0, -SHAKESPEARE_HELD_OUT_BYTES), text.slice(-SHAKESPEARE_HELD_OUT_BYTES)];
  const [train, heldOut] = isTrial ? splitTail(parts[0], TRIAL) : parts;
  return { train, heldOut };
}

// ---- Pushkin --------------------------------------------------------------------------------------------------------

const LETTER = "A-Za-zА-Яа-яЁё";
const LOOKALIKES = {
  A: "А",
  B: "В",
  C: "С",
  E: "Е",
  H: "Н",
  K: "К",
  M: "М",
  O: "О",
  P: "Р",
  T: "Т",
  X: "Х",
  a: "а",
  c: "с",
  e: "е",
  o: "о",
  p: "р",
  x: "х",
  y: "у",
};

/** Names set with a no-break space after each letter ("П у ш к и н", "Д о н Г у а н") become words again. */
export function joinSpacedLetters(text) {
  const spaced = new RegExp(`(?<![${LETTER}])[А-ЯЁа-яё](?:\u00a0[А-ЯЁа-яё])+(?![${LETTER}])`, "g");
  return text.replace(spaced, run => run.replaceAll("\u00a0", "").replace(/(?<=[а-яё])(?=[А-ЯЁ])/g, " "));
}

/** One sign for each thing: blanks, dashes, quotes, ellipses; no accents of stress (U+0301, or "€" after a Russian letter). */
export function plainPunctuation(text) {
  return text
    .replaceAll("\u00a0", " ")
    .replace(/–/g, "—")
    .replace(/…/g, "...")
    .replace(/[„“]/g, "«")
    .replace(/”/g, "»")
    .replace(/’/g, "'")
    .replace(/\u0301/g, "")
    .replace(/(?<=[А-Яа-яЁё])€/g, "");
}

/** Latin letters in Russian words ("Cевер") and Russian letters in Roman numerals ("ХVII") become what they look like. */
export function oneAlphabetPerWord(text) {
  return text.replace(new RegExp(`[${LETTER}]+`, "g"), word => {
    if (!/[A-Za-z]/.test(word) || !/[А-Яа-яЁё]/.test(word)) return word;
    if (/^[ХIVXLC]+$/.test(word)) return word.replaceAll("Х", "X");
    return word.replace(/[A-Za-z]/g, letter => LOOKALIKES[letter] ?? letter);
  });
}

/** Where the source lost a line break ("БаратынскийЯ поклялся", "* * *Итак", a note's number before a capital) it is put back. */
export function restoreLineBreaks(text) {
  return text
    .replace(/(?<=[а-яё\d])(?=[А-ЯЁ])/g, "\n")
    .replace(/(?<=^\* \* \*)(?=[^\s*])/gm, "\n")
    .replace(/(?<=\[\d+\])(?=[А-ЯЁHA])/g, "\n");
}

const MOST_NOTES = 99; // of a block: their numbers have two digits

/**
 * Footnotes are dropped in both forms that the sources have: "[7]" in the text, and a block of pairs of lines (number, note) at
 * the end of a chapter, the n-th of which is called by a blank and the number n in the text above it.
 */
export function withoutFootnotes(text) {
  const block = /^1\n\S.*(?:\n(?:\d{1,2}|\*)\n\S.*)*$/gm;
  let clean = "";
  let from = 0;
  for (const notes of text.matchAll(block)) {
    const count = Math.min(MOST_NOTES, notes[0].split("\n").filter(line => /^\d{1,2}$/.test(line)).length);
    clean += withoutCalls(text.slice(from, notes.index), count);
    from = notes.index + notes[0].length;
  }
  return (clean + text.slice(from))
    .replace(/\n\*\n\S.*\s*$/, "\n") // a last note, called by an asterisk
    .replace(new RegExp(`(?<=[${LETTER}.,!?»)])\\*(?!\\*)`, "g"), "")
    .replace(/(?<=[A-Za-z][?!.]?)\d{1,2}(?=[\s.,!?)]|$)/gm, "")
    .replace(/\[\d+\]/g, "");
}

function withoutCalls(text, count) {
  let at = 0;
  for (let number = 1; number <= count; number++) {
    const call = new RegExp(` ${number}(?![\\d${LETTER}%])`, "g");
    call.lastIndex = at;
    const found = call.exec(text);
    if (!found) continue;
    text = text.slice(0, found.index) + text.slice(call.lastIndex);
    at = found.index;
  }
  return text;
}

/** From a heading of editors' matter ("Примечания", "Из ранних редакций") up to the next chapter, or to the end. */
export function withoutAppendices(text) {
  return text.replace(/^ *(?:Примечания|Из ранних редакций)(?: .*)?\n[^]*?(?=^Глава |(?![^]))/gm, "");
}

/** Lines that are not the work: French and Latin, dates, the author's name, dots for what was left out. */
export function isRussianLine(line) {
  const words = line.replace(/\b[IVXLC]+\b/g, ""); // Roman numerals are no foreign words
  const latin = words.match(/[A-Za-zÀ-ÿ€]/g)?.length ?? 0;
  const russian = words.match(/[А-Яа-яЁё]/g)?.length ?? 0;
  if (latin > 0 && latin >= russian) return false;
  if (/[A-Za-z][€^`]|€|[A-Za-z][А-Яа-яЁё]|[А-Яа-яЁё][A-Za-z]/.test(line)) return false; // "Pe€tri", "derriиres": broken accents
  return !/^\d{4}(—\d{4})?$/.test(line) && !/^Александр (Сергеевич )?Пушкин$/.test(line) && !/^[. ]+$/.test(line);
}

/** A strophe that the source marks by a deeper indent (10 to 19 blanks) gets an empty line before it. */
function strophesByIndent(text) {
  return text.replace(/^ {10,19}(?=\S)/gm, "\n");
}

export function cleanRussian({ bytes, titleLines, endsBefore, encoding = "utf-8", strophes }) {
  let text = new TextDecoder(encoding, { fatal: true }).decode(bytes).replace(/\r\n?/g, "\n");
  if (endsBefore) text = text.slice(0, text.indexOf(`\n${endsBefore}`) + 1);
  text = plainPunctuation(joinSpacedLetters(text));
  text = withoutAppendices(strophes === "by indent" ? strophesByIndent(text) : text);
  text = tidyBlanks(text).replace(new RegExp(`^(?:\\S.*\\n+){${titleLines}}`), "");
  text = oneAlphabetPerWord(withoutFootnotes(restoreLineBreaks(text)));
  text = text
    .replace(/^He мысля/m, "Не мысля")
    .replaceAll("Гр игорий", "Григорий")
    .replaceAll("Ш уйский", "Шуйский")
    .replaceAll("Друг ой", "Другой");
  return tidyBlanks(tidyBlanks(text).split("\n").filter(isRussianLine).join("\n"));
}

const RARE_PUSHKIN = 10;
const HELD_OUT_PUSHKIN = 0.1;

export function pushkin(files, isTrial = false) {
  const works = withoutRareCharacters(files.map(cleanRussian), RARE_PUSHKIN);
  const prose = works.filter((_, i) => files[i].file.includes("prose"));
  const verse = works.filter((_, i) => files[i].file.includes("verse"));
  const parts = splitTails(verse, HELD_OUT_PUSHKIN, isTrial);
  const joined = texts => texts.map(text => text.trim()).join("\n\n") + "\n";
  const heads = parts.map(([head]) => head);
  const train = joined([...prose, ...heads]);
  const heldOut = joined(parts.map(([, tail]) => tail));
  return { train, fineTune: joined(heads), heldOut: onlyKnownCharacters(heldOut, train) };
}

// ---- Tolstoy, and other Russian prose -------------------------------------------------------------------------------

const ACUTE = { á: "а", é: "е", ó: "о", ý: "у" };

/** An accent of stress that is written as a Latin letter in a Russian word ("бóльшая") goes. */
export function withoutStress(text) {
  return text.replace(/(?<=[А-Яа-яЁё])[áéóý]|[áéóý](?=[А-Яа-яЁё])/g, letter => ACUTE[letter]);
}

/** Russian prose, a paragraph a line, without translations of foreign words and without the marks of what editors added. */
export function cleanProse(work) {
  let text = withoutStress(new TextDecoder("utf-8", { fatal: true }).decode(work.bytes));
  text = text.replaceAll("“", "»").replace(/[<>]/g, ""); // here, unlike in Pushkin's files, “ closes
  if (work.headings) text = text.replace(work.headings, "\n");
  const isTranslation = line => /^.{0,120}\((?:искаж\. )?(?:франц|фр|нем|лат|итал|англ)\.[^)]{0,40}\)\.?$/.test(line);
  const isNumber = line => /^\d*$/.test(line);
  const lines = cleanRussian({ ...work, bytes: Buffer.from(text) }).split("\n");
  return lines.filter(line => !isNumber(line) && !isTranslation(line)).join("\n") + "\n";
}

const RARE_TOLSTOY = 10;
const HELD_OUT_TOLSTOY = 0.1;

/** The last tenth is held out, the tenth before it is for trials. */
export function tolstoy([file], isTrial = false) {
  const [text] = withoutRareCharacters([cleanProse(file)], RARE_TOLSTOY);
  const [rest, last] = splitTail(text, HELD_OUT_TOLSTOY);
  const [train, validation] = splitTail(rest, HELD_OUT_TOLSTOY / (1 - HELD_OUT_TOLSTOY));
  return { train, heldOut: onlyKnownCharacters(isTrial ? validation : last, train) };
}

// ---- War and Peace, cut as it was for published figures -------------------------------------------------------------

const STREAMS = 100;
const BLOCK = 100;

/**
 * As char-rnn cuts it: the file with CR LF as line ends is 100 streams of whole blocks of 100 bytes, the rest is left out; the first
 * 80 % of the blocks of each stream are for training, the next 10 % for trials, the last are held out. The parts of the streams
 * follow one another. CR is dropped, because a network reads and writes no CR: who compares bits with published ones divides by
 * two bytes for each line end.
 */
export function warAndPeace([{ bytes }], isTrial = false) {
  const file = Buffer.from(bytes.toString("latin1").replaceAll("\n", "\r\n"), "latin1");
  const blocks = Math.floor(file.length / (STREAMS * BLOCK));
  const firstTrial = Math.floor(blocks * 0.8);
  const firstHeldOut = firstTrial + Math.floor(blocks * 0.1);
  const part = (from, to) => {
    const pieces = Array.from({ length: STREAMS }, (_, stream) =>
      file.subarray((stream * blocks + from) * BLOCK, (stream * blocks + to) * BLOCK),
    );
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(pieces)).replaceAll("\r", "");
  };
  return { train: part(0, firstTrial), heldOut: isTrial ? part(firstTrial, firstHeldOut) : part(firstHeldOut, blocks) };
}

// ---- English prose for the lesson's network -------------------------------------------------------------------------

/** The text between Project Gutenberg's header and footer, from the first chapter on. */
export function gutenbergBody(text) {
  const start = text.search(/^(?:ADVENTURE I\. |CHAPTER I\. )/m);
  const end = text.search(/^(?:\*\*\* ?END OF|End of (?:the )?Project Gutenberg)/m);
  if (start < 0 || end < start) throw new Error("the book has no first chapter or no Project Gutenberg footer");
  return text.slice(start, end);
}

/** Typewriter quotes and dashes, so that every character can be typed into a prompt. */
export function asciiPunctuation(text) {
  return text.replace(/[‘’]/g, "'").replace(/[“”]/g, '"').replace(/—/g, "--").replace(/…/g, "...");
}

/** Wrapped lines of a paragraph become one line; paragraphs that are indented throughout (verse, letters' ends) keep their lines. */
export function joinWrappedLines(text) {
  const paragraphs = text.split(/\n\s*\n/).filter(paragraph => /[A-Za-z]/.test(paragraph));
  const isIndented = paragraph =>
    paragraph
      .replace(/^\n+/, "")
      .split("\n")
      .every(line => /^ {2,}|^\s*$/.test(line));
  return paragraphs.map(paragraph => (isIndented(paragraph) ? paragraph : paragraph.replace(/\s+/g, " "))).join("\n");
}

/** @param {{ bytes: Buffer }} file @param {(text: string) => string} [punctuation] */
export function cleanBook({ bytes }, punctuation = asciiPunctuation) {
  const text = punctuation(bytes.toString("utf8").replace(/\r\n/g, "\n"));
  return tidyBlanks(joinWrappedLines(gutenbergBody(text)).replaceAll("_", ""));
}

const RARE_COURSE = 10;
const HELD_OUT_COURSE = 0.05;

export function course(files, isTrial = false) {
  const texts = withoutRareCharacters(
    files.map(file => cleanBook(file)),
    RARE_COURSE,
  );
  const parts = splitTails(texts, HELD_OUT_COURSE, isTrial);
  const train = parts.map(([head]) => head).join("");
  return { train, heldOut: onlyKnownCharacters(parts.map(([, tail]) => tail).join(""), train) };
}

// ---- The lab's book, for words --------------------------------------------------------------------------------------

const HELD_OUT_ALICE = 0.1;

/** Its quotation marks stay as they are printed: they say on which side of a word they belong. */
export function aliceWords([file], isTrial = false) {
  const text = cleanBook(file, text => text);
  const [[train, heldOut]] = splitTails([text], HELD_OUT_ALICE, isTrial);
  return { train, heldOut };
}

// ---- News for the lesson's network, on a person's own machine -------------------------------------------------------

/** Rows of "class","title","description" (RFC 4180) become lines of "title description"; nothing else is changed. */
export function newsLines(csv) {
  const field = '"((?:[^"]|"")*)"';
  const rows = csv.matchAll(new RegExp(`^${field},${field},${field}\\r?$`, "gm"));
  return [...rows].map(([, , title, description]) => `${title} ${description}`.replaceAll('""', '"').replaceAll("\n", " "));
}

const HELD_OUT_NEWS = 0.1;

export function courseNews([{ bytes }], isTrial = false) {
  const lines = newsLines(bytes.toString("utf8"));
  const firstHeldOut = Math.round(lines.length * (1 - HELD_OUT_NEWS));
  const text = (from, to) => lines.slice(from, to).join("\n") + "\n";
  const parts = [text(0, firstHeldOut), text(firstHeldOut)];
  const [train, heldOut] = isTrial ? splitTail(parts[0], TRIAL) : parts;
  return { train, heldOut: onlyKnownCharacters(heldOut, train) };
}

// ---- The command ----------------------------------------------------------------------------------------------------

const makers = {
  shakespeare,
  pushkin,
  "war-and-peace": warAndPeace,
  tolstoy,
  course,
  "alice-words": aliceWords,
  "course-news": courseNews,
};

/** Other books of the same language, without the lines that have characters which `train` lacks, then `train` itself. */
export function textBefore(train, files) {
  return onlyKnownCharacters(files.map(cleanProse).join(""), train) + train;
}

function readSource(source, folder) {
  const path = join(folder, source.file);
  if (!existsSync(path)) throw new Error(`${path} is missing; it can be had from ${source.from}`);
  const bytes = readFileSync(path);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  if (source.sha256 && sha256 !== source.sha256)
    throw new Error(`${path} has sha256 ${sha256}, expected ${source.sha256}; the file wanted is ${source.from}`);
  return { ...source, bytes };
}

function sourcesOf(name, folder) {
  return name === "course-news" && existsSync(join(folder, newsTrainPart.file)) ? [newsTrainPart] : sources[name];
}

/** Who reads it meanwhile, for another network of the same text, has the whole of it. */
function writeWhole(path, text) {
  const part = `${path}.${process.pid}.part`;
  writeFileSync(part, text);
  renameSync(part, path);
}

function main(args) {
  const options = { trial: { type: "boolean" } };
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const [name, sourceFolder, outFolder] = positionals;
  if (!Object.hasOwn(makers, name ?? "") || !outFolder) {
    console.error("usage: node scripts/corpus.mjs NAME SOURCE_DIR OUT_DIR [--trial]");
    console.error(`NAME is one of: ${Object.keys(makers).join(", ")}`);
    const files = [...Object.values(sources), ...Object.values(sourcesBefore)].flat();
    for (const [file, from] of new Map(files.map(source => [source.file, source.from]))) console.error(`SOURCE_DIR/${file}  <-  ${from}`);
    return 2;
  }
  const read = list => list.map(source => readSource(source, sourceFolder));
  const { train, fineTune, heldOut } = makers[name](read(sourcesOf(name, sourceFolder)), values.trial);
  const texts = { train, "fine-tune": fineTune, "held-out": heldOut };
  if (sourcesBefore[name]) texts.before = textBefore(train, read(sourcesBefore[name]));
  mkdirSync(outFolder, { recursive: true });
  const prefix = join(outFolder, values.trial ? `${name}.trial` : name);
  for (const [part, text] of Object.entries(texts)) if (text) writeWhole(`${prefix}.${part}.txt`, text);
  const characters = text => [...text].length.toLocaleString("en");
  console.log(`${name}: ${characters(train)} characters to train on, ${new Set(train).size} different; ${characters(heldOut)} held out`);
  return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    process.exitCode = main(process.argv.slice(2));
  } catch (error) {
    console.error(`corpus: ${error.message}`);
    process.exitCode = 1;
  }
}
