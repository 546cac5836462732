// SPDX-License-Identifier: MIT
//
// npm run mutate [-- --count 400 --seed 1 --file markov.c --match REGEXP --jobs 2]: does a test fail for each small mistake? Mutants
// of src/ without the command are drawn by dice, spread over the files; the C tests run against each until one fails, that of its own
// file first; what survives is tried with the sanitizers. A mutant that does not compile, or compiles to what was there, is drawn
// again. equivalent.txt lists those that no test can tell apart in the baseline build, with why. Exit code 1 if too many survive, or
// if a listed one is killed.
import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { nameOf, sitesOf } from "./mutants.mjs";

const BOUND = 97; // percent of those that are not equivalent
const FEWEST = 6; // mutants of a file, if it has so many places
const LONGEST = 60; // seconds for a test where nothing is wrong
const LIMIT = { timeout: 180_000, killSignal: "SIGKILL", maxBuffer: 1 << 26 };

const at = path => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const { values } = parseArgs({
  options: {
    count: { type: "string", default: "400" },
    seed: { type: "string", default: "1" },
    jobs: { type: "string", default: `${availableParallelism()}` },
    file: { type: "string" },
    match: { type: "string", default: "" },
  },
});

/** Without the command, and without the public header: it holds no code. */
const isMutated = name => /\.[ch]$/.test(name) && !/^(cli[._]|main\.c|rnn\.h)/.test(name) && (!values.file || name === values.file);
const files = readdirSync(at("src")).filter(isMutated);
const sources = new Map(files.map(name => [name, readFileSync(at(`src/${name}`), "utf8")]));

/** The dice of a text. So a mutant is drawn or not whatever is changed elsewhere. */
const dice = text => createHash("sha256").update(`${values.seed} ${text}`).digest().readUInt32BE();
const byDice = (list, textOf) =>
  list
    .map(item => ({ item, at: dice(textOf(item)) }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);

/** The mutants of a file in the order of the dice, one a place. */
function mutantsOf(file, source) {
  const mutants = sitesOf(source).map(site => {
    const instead = site.instead[dice(nameOf(file, source, site, "")) % site.instead.length];
    const text = source.slice(0, site.from) + instead + source.slice(site.to);
    return { file, text, line: source.slice(0, site.from).split("\n").length, name: nameOf(file, source, site, instead) };
  });
  return byDice(
    mutants.filter(({ name }) => new RegExp(values.match).test(name)),
    ({ name }) => name,
  );
}

/** For each file its mutants, and for each mutant that is wanted its file. */
function draw(count) {
  const mutants = new Map([...sources].map(([file, source]) => [file, mutantsOf(file, source)]));
  const all = [...mutants.values()].flat().length;
  const share = file => Math.max(FEWEST, Math.round((count * mutants.get(file).length) / all));
  const slots = files.flatMap(file => Array.from({ length: share(file) }, (_, i) => ({ file, i })));
  return { mutants, wanted: byDice(slots, ({ file, i }) => `${file} ${i}`).map(({ file }) => file) };
}

/** Runs a program; its exit code, 0 or not. */
const run = (program, args, cwd) => new Promise(done => execFile(program, args, { ...LIMIT, cwd }, error => done(error ? 1 : 0)));
const shell = (line, cwd) => run("sh", ["-c", line], cwd);

/** A copy of the sources and the tests, built with the sanitizers or without. */
class Workshop {
  constructor(folder, sanitize) {
    this.folder = folder;
    this.build = join(folder, "build");
    this.limits = sanitize ? "ASAN_OPTIONS=hard_rss_limit_mb=4000" : `ulimit -v ${4 << 20};`; // a length gone wild ends there
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const path of ["CMakeLists.txt", "src", "tests", "bench"])
      cpSync(at(path), join(folder, path), { recursive: true, filter: source => !source.includes("node_modules") });
    const options = [
      "-DNEXTCHAR_ISA=baseline",
      "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON",
      "-DCMAKE_BUILD_TYPE=Mutants",
      "-DCMAKE_C_FLAGS=-O1",
      `-DNEXTCHAR_SANITIZE=${sanitize ? "ON" : "OFF"}`,
    ];
    execFileSync("cmake", ["-S", folder, "-B", this.build, ...options], LIMIT);
    execFileSync("cmake", ["--build", this.build, "--parallel"], { ...LIMIT, timeout: 1_200_000 });
    this.objects = JSON.parse(readFileSync(join(this.build, "compile_commands.json"), "utf8"))
      .filter(({ file }) => /\/(src|tests)\/(?!cli[._]|main\.c)\w+\.c$/.test(file) && !/golden_\w+\.c$/.test(file))
      .map(({ file, command, directory }) => {
        const object = join(directory, command.match(/ -o (\S+)/)[1]);
        const includes = execFileSync("cc", ["-MM", `-I${join(folder, "src")}`, `-I${join(folder, "tests")}`, file], { encoding: "utf8" });
        copyFileSync(object, `${object}.right`);
        const strict = "-Werror=int-conversion -Werror=incompatible-pointer-types -Werror=implicit-function-declaration -w";
        return {
          object,
          directory,
          command: `${command} ${strict}`,
          right: readFileSync(object),
          includes: includes.match(/[^\s\\]+\.[ch]\b/g).map(path => basename(path)),
        };
      });
  }

  /** Puts a mutant in the place of its file: "broken" if it does not compile, "same" if that makes no difference. */
  async set({ file, text }) {
    writeFileSync(join(this.folder, "src", file), text);
    this.changed = this.objects.filter(({ includes }) => includes.includes(file));
    for (const { command, directory } of this.changed) if (await shell(command, directory)) return "broken";
    if (this.changed.every(({ object, right }) => readFileSync(object).equals(right))) return "same";
    await this.archive();
    return "other";
  }

  /** As it was. */
  async restore(file) {
    writeFileSync(join(this.folder, "src", file), sources.get(file));
    for (const { object } of this.changed) copyFileSync(`${object}.right`, object);
    await this.archive();
  }

  archive() {
    const objects = this.changed.map(({ object }) => object).filter(object => object.includes("/rnn.dir/"));
    return objects.length ? run("ar", ["r", join(this.build, "librnn.a"), ...objects]) : 0;
  }

  /** Whether a test passes within so many seconds of the processor's time. */
  async passes(test, seconds) {
    const folder = join(this.build, "tests");
    if (await shell(readFileSync(join(folder, `CMakeFiles/${test}.dir/link.txt`), "utf8"), folder))
      throw new Error(`${test} does not link`);
    return !(await shell(`ulimit -t ${seconds}; ${this.limits} ./${test} >/dev/null 2>&1`, folder));
  }

  /** Lists the tests but that of time, the quickest first, each with its limit: a hang ends there. All must pass without a mistake. */
  async measure() {
    const names = readdirSync(join(this.build, "tests/CMakeFiles")).flatMap(name => name.match(/^(?!linear)(\w+_test)\.dir$/)?.[1] ?? []);
    const tests = [];
    for (const name of names) {
      if (!(await this.passes(name, LONGEST))) throw new Error(`${name} fails without a mistake`);
      const times = execFileSync("sh", ["-c", `./${name} >/dev/null; times`], { cwd: join(this.build, "tests"), encoding: "utf8" });
      const [, minutes, seconds] = times.split("\n")[1].match(/^(\d+)m([\d.]+)s/);
      tests.push({ name, took: 60 * minutes + Number(seconds) });
    }
    return tests.sort((a, b) => a.took - b.took).map(({ name, took }) => ({ name, seconds: Math.ceil(1 + 5 * took) }));
  }

  /** The test that kills the mutant that is set; undefined if none does. */
  async killer(file) {
    const own = `${file.replace(/\.[ch]$/, "")}_test`;
    for (const { name, seconds } of this.tests.toSorted((a, b) => (b.name === own) - (a.name === own)))
      if (!(await this.passes(name, seconds))) return name;
    return undefined;
  }
}

/** Takes the next mutant that is wanted, until there is none. What survives the plain build is tried with the sanitizers. */
async function work([plain, sanitized], { mutants, wanted }, results) {
  for (let file; (file = wanted.pop());) {
    let mutant, state;
    while (state !== "other" && (mutant = mutants.get(file).shift())) {
      state = await plain.set(mutant);
      if (state === "other") mutant.killer = await plain.killer(file);
      await plain.restore(file);
    }
    if (!mutant) continue;
    if (!mutant.killer) {
      await sanitized.set(mutant);
      mutant.killer = await sanitized.killer(file);
      await sanitized.restore(file);
    }
    results.push(mutant);
    console.error(`${results.length} ${mutant.killer ?? "SURVIVED"} ${mutant.line} ${mutant.name}`);
  }
}

/** "file: line with [[what -> instead]]", and under it, indented, why no test can tell it from the right one. */
const equivalent = new Set(
  readFileSync(at("tests/mutate/equivalent.txt"), "utf8")
    .split("\n")
    .filter(line => /^\w+\.[ch]: /.test(line)),
);

const percent = (part, all) => (all ? ((100 * part) / all).toFixed(1) : "100.0");

function report(results) {
  console.log("| file | mutants | equivalent | killed | survived | % killed |\n| --- | --- | --- | --- | --- | --- |");
  const row = (title, part) => {
    const same = part.filter(({ name, killer }) => !killer && equivalent.has(name)).length;
    const killed = part.filter(({ killer }) => killer).length;
    const share = percent(killed, part.length - same);
    console.log(`| ${title} | ${part.length} | ${same} | ${killed} | ${part.length - same - killed} | ${share} |`);
    return Number(share);
  };
  for (const file of files) row(file, results.filter(mutant => mutant.file === file)); // prettier-ignore
  const share = row("all", results);
  const survivors = results.filter(({ name, killer }) => !killer && !equivalent.has(name));
  const wrong = results.filter(({ name, killer }) => killer && equivalent.has(name));
  if (survivors.length) console.log(`\nSurvived:\n${survivors.map(({ line, name }) => `  ${line}: ${name}`).join("\n")}`);
  if (wrong.length) console.log(`\nKilled, but in equivalent.txt:\n${wrong.map(({ killer, name }) => `  ${killer}: ${name}`).join("\n")}`);
  process.exitCode = share < BOUND || wrong.length ? 1 : 0;
}

const benches = Array.from({ length: Number(values.jobs) }, (_, i) => [
  new Workshop(at(`build/mutate/${i}`), false),
  new Workshop(at(`build/mutate/${i}-sanitized`), true),
]);
for (const kind of [0, 1]) {
  const tests = await benches[0][kind].measure();
  for (const bench of benches) bench[kind].tests = tests;
}
const drawn = draw(Number(values.count));
const results = [];
await Promise.all(benches.map(bench => work(bench, drawn, results)));
report(results);
