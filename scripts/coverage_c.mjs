// SPDX-License-Identifier: MIT
//
// node scripts/coverage_c.mjs LIBRARY.json [COMMAND.json]: a table of lines and branches of src/ from two exports of llvm-cov, that of
// the C tests and that of the command's; then every branch that no test takes. tests/unreachable.txt lists the branches of the
// library that cannot be taken, with why. Exit code 1 if another one is missing, if a listed one is taken or gone, or if the command
// has less than its bound.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";

const COMMAND_BOUND = 95; // percent of branches
const at = path => fileURLToPath(new URL(`../${path}`, import.meta.url));
const isCommand = file => file === "main.c" || /^cli[._]/.test(file);
const lines = new Map(); // file -> its lines

/** The source between two places, on one line. */
function textOf(path, [fromLine, fromColumn, toLine, toColumn]) {
  if (!lines.has(path)) lines.set(path, readFileSync(path, "utf8").split("\n"));
  const part = lines.get(path).slice(fromLine - 1, toLine);
  part[part.length - 1] = part.at(-1).slice(0, toColumn - 1);
  part[0] = part[0].slice(fromColumn - 1);
  return part.join(" ").replace(/\s+/g, " ");
}

/** Where a function's "file" is used: llvm-cov counts each use of a macro as one. Its own file is used nowhere. */
function usesOf({ regions }) {
  const EXPANSION = 1;
  return new Map(regions.filter(region => region[7] === EXPANSION).map(region => [region[6], { place: region, file: region[5] }]));
}

/** Every side of every condition: file -> (place and side -> { line, name, taken }). A condition that the compiler knows is none. One
 * in a header is taken if it is in one of the sources that include it; one in a macro counts once for each use. */
function branchesOf({ functions }, wanted) {
  const files = new Map();
  for (const f of functions) {
    const uses = usesOf(f);
    for (const [...branch] of f.branches) {
      let [place, file] = [branch, branch[6]];
      const condition = textOf(f.filenames[file], place);
      let key = `${place.slice(0, 4)}`;
      for (let use = uses.get(file); use; use = uses.get(file)) {
        ({ place, file } = use);
        key = `${place.slice(0, 4)} ${key}`;
      }
      const name = basename(f.filenames[file]);
      if (!f.filenames[file].startsWith(at("src/")) || !wanted(name)) continue;
      if (!files.has(name)) files.set(name, new Map());
      for (const [side, count] of [
        ["true", branch[4]],
        ["false", branch[5]],
      ]) {
        // prettier-ignore
        const sides = files.get(name);
        const within = f.name.split(":").at(-1);
        const entry = sides.get(`${key} ${side}`) ?? { line: place[0], name: `${name} | ${within} | ${condition} | ${side}`, taken: false };
        sides.set(`${key} ${side}`, { ...entry, taken: entry.taken || count > 0 });
      }
    }
  }
  return files;
}

const percent = (part, all) => (all ? ((100 * part) / all).toFixed(1) : "100.0");

/** Prints a file a row and their sum. Returns the branches that were not taken, and the percentage. */
function table(title, report, wanted) {
  const { files } = report.data[0];
  const branches = branchesOf(report.data[0], wanted);
  const sum = { lines: 0, linesRun: 0, all: 0, taken: 0 };
  console.log(`\n| ${title} | lines | branches taken / all | % |\n| --- | --- | --- | --- |`);
  for (const { filename, summary } of files) {
    const name = basename(filename);
    if (!filename.startsWith(at("src/")) || !wanted(name)) continue;
    const sides = [...(branches.get(name)?.values() ?? [])];
    const taken = sides.filter(side => side.taken).length;
    console.log(
      `| ${name} | ${summary.lines.covered} / ${summary.lines.count} | ${taken} / ${sides.length} | ${percent(taken, sides.length)} |`,
    );
    sum.lines += summary.lines.count;
    sum.linesRun += summary.lines.covered;
    sum.all += sides.length;
    sum.taken += taken;
  }
  console.log(`| all | ${sum.linesRun} / ${sum.lines} | ${sum.taken} / ${sum.all} | ${percent(sum.taken, sum.all)} |`);
  const missed = [...branches.values()].flatMap(sides => [...sides.values()]).filter(side => !side.taken);
  return { missed, reached: (100 * sum.taken) / sum.all };
}

/** "file | function | condition | side | why" a line. */
function unreachable() {
  const rows = readFileSync(at("tests/unreachable.txt"), "utf8").split("\n");
  return rows.filter(row => row && !row.startsWith("#")).map(row => row.split(" | ").slice(0, 4).join(" | "));
}

const [ofTests, ofCommand] = process.argv.slice(2).map(path => JSON.parse(readFileSync(path, "utf8")));
const library = table("src/ without the command, by the C tests", ofTests, name => !isCommand(name));
const command = ofCommand && table("the command, by its tests", ofCommand, isCommand);

const listed = unreachable();
const unlisted = library.missed.filter(({ name }) => !listed.includes(name));
const stale = listed.filter(name => !library.missed.some(side => side.name === name));
const show = (title, sides) => {
  if (sides.length) console.log(`\n${title}:\n${sides.map(({ line, name }) => `  ${line}: ${name}`).join("\n")}`);
};
console.log(`\nIn tests/unreachable.txt: ${listed.length} branches`);
if (command) show("Not taken by the command's tests", command.missed);
show("FAILED: not taken by the C tests", unlisted);
if (stale.length) console.log(`\nFAILED: taken or gone, but in tests/unreachable.txt:\n  ${stale.join("\n  ")}`);
const low = command?.reached < COMMAND_BOUND;
if (low) console.log(`\nFAILED: the command has ${command.reached.toFixed(1)} %, less than ${COMMAND_BOUND} %`);
process.exitCode = unlisted.length || stale.length || low ? 1 : 0;
