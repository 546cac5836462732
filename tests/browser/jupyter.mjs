// SPDX-License-Identifier: MIT
//
// show() of scripts/nextchar_notebook.py in a real Jupyter server: a cell is run in JupyterLab and in Notebook, in Chromium, and the page
// under it writes what the network itself writes. `npm run notebook` runs this; it has what it needs in the folder NEXTCHAR_NOTEBOOK.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { launchChromium } from "./chromium.mjs";

const programs = process.env.NEXTCHAR_NOTEBOOK;
const scripts = fileURLToPath(new URL("../../scripts/", import.meta.url));
const PATIENCE = 120_000; // milliseconds: a kernel imports TensorFlow
const POLL = 200;

/** Each makes a network whose greedy text is no circle soon, writes that text with it, and shows it. */
const CELLS = {
  torch: `
import torch
from lesson_torch import LSTMGenerator
torch.manual_seed(1)
net = LSTMGenerator(len(letters), 64)
for weights in net.parameters():
    weights.data *= 6
after = lambda ids: net(torch.tensor([ids]))[0][0, -1]`,
  keras: `
import keras, numpy
keras.utils.set_random_seed(1)
V = len(letters)
layers = [keras.layers.LSTM(64, return_sequences=True), keras.layers.Dense(V, activation="softmax")]
net = keras.Sequential([keras.Input((None, V)), *layers])
net.set_weights([3 * weights for weights in net.get_weights()])
one_hot = lambda ids: numpy.eye(V, dtype="float32")[[ids + [0] * (100 - len(ids))]]
after = lambda ids: net.predict(one_hot(ids), verbose=0)[0, len(ids) - 1]`,
};
const LETTERS = "abcdefghijklmnopqrstuvwxyz";
const [PROMPT, LENGTH] = ["today", 60];
const cellOf = program => `from nextchar_notebook import show
letters = "${LETTERS}"
${CELLS[program]}
ids = [letters.index(letter) for letter in "${PROMPT}"]
for _ in range(${LENGTH}):
    ids.append(int(after(ids).argmax()))
open("${program}.txt", "w").write("".join(letters[id] for id in ids[${PROMPT.length}:]))
show(net, letters, prompt="${PROMPT}", temperature=0)`;

const notebookOf = program => ({
  cells: [{ cell_type: "code", execution_count: null, id: "cell", metadata: {}, outputs: [], source: cellOf(program) }],
  metadata: { kernelspec: { name: program, display_name: program, language: "python" } },
  nbformat: 4,
  nbformat_minor: 5,
});

const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer()
      .once("error", reject)
      .listen(0, "127.0.0.1", () => {
        const { port } = server.address();
        server.close(() => resolve(port));
      });
  });

let folder, server, browser, url, log;
const token = randomBytes(16).toString("hex");

/** The notebooks with what they need, and a kernel for each: PyTorch is the system's own Python's. */
async function lay() {
  folder = await mkdtemp(join(tmpdir(), "nextchar-jupyter-"));
  for (const path of [join(scripts, "nextchar_notebook.py"), join(scripts, "lesson_torch.py"), join(programs, "nextchar.html")])
    await copyFile(path, join(folder, basename(path)));
  for (const [program, python] of Object.entries({ torch: "torch", keras: "venv" })) {
    await writeFile(join(folder, `${program}.ipynb`), JSON.stringify(notebookOf(program)));
    const kernel = join(folder, "home/.local/share/jupyter/kernels", program);
    const argv = [join(programs, python, "bin/python"), "-m", "ipykernel_launcher", "-f", "{connection_file}"];
    await mkdir(kernel, { recursive: true });
    await writeFile(join(kernel, "kernel.json"), JSON.stringify({ argv, display_name: program, language: "python" }));
  }
}

/** On this machine alone, with nothing of the user's; it asks nobody for news, and ends by itself if nobody ends it. */
async function serve() {
  const port = await freePort();
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(JUPYTER|IPYTHON|XDG_)/.test(name)));
  const options = [
    "--no-browser",
    "--allow-root",
    "--ip=127.0.0.1",
    `--ServerApp.port=${port}`,
    "--ServerApp.port_retries=0",
    `--ServerApp.root_dir=${folder}`,
    "--ServerApp.shutdown_no_activity_timeout=600",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
  ];
  server = spawn(join(programs, "venv/bin/jupyter"), ["lab", ...options], {
    env: { ...env, HOME: join(folder, "home"), JUPYTER_TOKEN: token },
    stdio: ["ignore", "pipe", "pipe"],
  });
  log = "";
  for (const stream of [server.stdout, server.stderr]) stream.on("data", data => (log += data));
  process.once("exit", () => server.kill());
  url = `http://127.0.0.1:${port}`;
  for (const end = Date.now() + PATIENCE; !(await fetch(`${url}/api/status?token=${token}`).catch(() => null))?.ok;) {
    assert.ok(Date.now() < end && server.exitCode === null, `Jupyter does not answer: ${log}`);
    await new Promise(resolve => setTimeout(resolve, POLL));
  }
}

before(
  async () => {
    await lay();
    await serve();
    browser = await launchChromium({ defaultViewport: { width: 1280, height: 1000 } });
  },
  { timeout: 2 * PATIENCE },
);
after(
  async () => {
    await browser?.close();
    if (server && server.exitCode === null) {
      const ended = new Promise(resolve => server.once("exit", resolve));
      server.kill(); // its kernels end with it
      const killing = setTimeout(() => server.kill("SIGKILL"), PATIENCE / 4);
      await ended;
      clearTimeout(killing);
    }
    if (folder) await rm(folder, { recursive: true, maxRetries: 5 });
  },
  { timeout: PATIENCE },
);

const OUTPUT = ".jp-OutputArea :is(iframe[srcdoc], [data-mime-type*=error])";

/** Runs the notebook's cell by the button of its bar; its output. While the page lays itself out it may not heed the button yet. */
async function run(page, path) {
  await page.goto(`${url}/${path}?token=${token}`);
  await page.waitForSelector(".jp-Notebook-ExecutionIndicator[data-status=idle]");
  const isUntouched = () => document.querySelector(".jp-InputPrompt").textContent === "[ ]:";
  for (const end = Date.now() + PATIENCE; Date.now() < end;) {
    if (await page.evaluate(isUntouched)) {
      await page.click(".jp-CodeCell");
      await page.click('.jp-NotebookPanel-toolbar [data-command="notebook:run-cell-and-select-next"]');
    }
    const output = await page.waitForSelector(OUTPUT, { timeout: 5 * POLL }).catch(() => null);
    if (output) return output;
  }
  throw new Error(`the cell has no output: ${log}`);
}

for (const [name, path] of Object.entries({ JupyterLab: "doc/tree", Notebook: "notebooks" }))
  for (const program of Object.keys(CELLS))
    test(`in ${name} a network of ${program} writes under its cell what it writes itself`, { timeout: 3 * PATIENCE }, async t => {
      const context = await browser.createBrowserContext();
      t.after(() => context.close());
      const page = await context.newPage();
      page.setDefaultTimeout(PATIENCE);
      const output = await run(page, `${path}/${program}.ipynb`);
      const frame = await output.contentFrame();
      assert.ok(frame, await page.$$eval(".jp-OutputArea", areas => areas.map(area => area.innerText).join("\n")));
      await output.scrollIntoView(); // what is out of sight is not drawn
      const written = () => [...document.querySelectorAll("#text .c:not(.given)")].map(c => c.textContent).join("");
      const isWritten = length => document.querySelectorAll("#text .c:not(.given)").length >= length;
      await frame.waitForFunction(isWritten, { polling: POLL }, LENGTH);
      const itself = await readFile(join(folder, `${program}.txt`), "utf8");
      assert.ok(new Set(itself).size > 3, itself);
      assert.equal((await frame.evaluate(written)).slice(0, LENGTH), itself);
      assert.equal(await frame.evaluate(() => origin), "null"); // it reaches nothing of the notebook's
    });
