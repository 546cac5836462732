// SPDX-License-Identifier: MIT
//
// The view Train as a person uses it, in Chromium and Firefox: a text in, a network out.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { serve } from "../../scripts/serve.mjs";
import { load } from "../../web/core/model.js";
import { Training } from "../../web/core/recipe.js";
import { TWO_ENGINES, launch } from "./engines.mjs";
import { missing, serveWith } from "./harness.mjs";

const WORDS = ["the", "cat", "sees", "a small dog", "and", "it’s", "so-called"];
const TEXT = Array.from(
  { length: 400 },
  (_, i) => `${Array.from({ length: 5 }, (_, k) => WORDS[(i * i * 7 + k * k * 3 + i * k) % WORDS.length]).join(" ")}.\n`,
).join("");

let site;
before(async () => {
  site = await serve(0);
});
after(() => site.close());

const russian = JSON.parse(readFileSync(new URL("../../web/lang/ru.train.json", import.meta.url)));
/** The view Train of a site. */
const address = ({ url }) => new URL("web/#view=train&network=course&speed=0&length=40&language=en", url).href;

/** Pastes a text in place of the box's, as Ctrl+A and Ctrl+V would. */
const paste = text => {
  const box = window.trainView().querySelector("textarea");
  box.select();
  const event = new Event("paste", { bubbles: true, cancelable: true });
  event.clipboardData = { getData: () => text };
  box.dispatchEvent(event);
  if (event.defaultPrevented) return;
  box.value = text;
  box.dispatchEvent(new Event("change"));
};
const press = name => {
  const buttons = [...window.trainView().querySelectorAll("button")];
  const button = buttons.find(each => each.getClientRects().length && each.textContent === name);
  if (!button || button.disabled) return false;
  button.click();
  return true;
};
const set = (name, value) => {
  const fields = [...window.trainView().querySelectorAll("label.field")];
  const box = fields.find(each => each.firstElementChild.textContent === name)?.lastElementChild;
  if (!box) return false;
  box.value = value;
  box.dispatchEvent(new Event("change"));
  return true;
};
const size = [...TEXT].length.toLocaleString("en");
const shows = pattern => new RegExp(pattern).test(window.trainView()?.innerText);
/** The same of the note below the text, which is folded away while it learns. */
const read = pattern => new RegExp(pattern).test(window.trainView().querySelector(".note[id$=train-read]").textContent);
/** Gives files to the box for files; each is a name and its bytes, or its text. */
const choose = files => {
  const input = window.trainView().querySelector("input[type=file]");
  const transfer = new DataTransfer();
  for (const [name, content] of files)
    transfer.items.add(new File([typeof content === "string" ? content : Uint8Array.from(content)], name));
  input.files = transfer.files;
  input.dispatchEvent(new Event("change"));
};
/** Before the page's scripts: every worker is kept, so that it can be killed, and every download. */
const watch = () => {
  /** The view that the others of these functions look at. */
  window.trainView = () => document.querySelector("#view-train");
  window.workers = [];
  window.Worker = class extends Worker {
    constructor(...given) {
      super(...given);
      window.workers.push({ worker: this, name: given[1].name, isAlive: true });
    }
    terminate() {
      super.terminate();
      window.workers.find(({ worker }) => worker === this).isAlive = false;
    }
  };
  window.downloads = [];
  URL.createObjectURL = blob => (window.downloads.push(blob), "#");
  HTMLAnchorElement.prototype.click = () => {};
};
/** Kills the worker of that name that was started last. */
const kill = wanted => window.workers.findLast(({ name }) => name === wanted).worker.terminate();
const lastDownload = async () => [...new Uint8Array(await window.downloads.at(-1).arrayBuffer())];

for (const engine of TWO_ENGINES)
  describe(engine, () => {
    let browser;
    before(async () => {
      browser = await launch(engine);
    });
    after(() => browser.close());

    const onPage = (name, run) =>
      test(name, async () => {
        const page = await browser.newPage();
        try {
          await page.page.evaluateOnNewDocument(watch);
          await page.goto(address(site));
          await page.waitFor(() => Boolean(document.querySelector("#view-train textarea")));
          await run(page);
          assert.deepEqual(page.problems, []);
        } finally {
          await page.close();
        }
      });
    const pasted = async page => {
      await page.run(paste, TEXT);
      await page.waitFor(shows, `${size} characters[^]*updates take about`);
    };
    /** Sets the page to a small network and begins. */
    const begin = async (page, passes) => {
      await pasted(page);
      for (const [name, value] of [
        ["Units", "32"],
        ["Passes", String(passes)],
        ["Streams at once", "4"],
        ["Window (nchars)", "16"],
      ]) {
        assert.ok(await page.run(set, name, value), name);
        await page.waitFor(shows, "updates take about");
      }
      await page.waitFor(press, "Train");
    };
    const small = passes => ({ hidden: 32, batch: 4, window: 16, passes });
    /** The network that the page would save. */
    const saved = async page => {
      const before = await page.run(() => window.downloads.length);
      await page.waitFor(press, "Save the network");
      await page.waitFor(before => window.downloads.length > before, before);
      return load(Uint8Array.from(await page.run(lastDownload)));
    };

    onPage("without a text of one's own a ready one is there, and how a network reads it", async page => {
      await page.waitFor(shows, "English, like Shakespeare\\.\\W+120,00\\d characters[^]*updates take about");
      const [inputs, targets] = await page.run(() =>
        [...document.querySelectorAll(".windows table:first-child tr")].map(row =>
          [...row.querySelectorAll("td")].map(cell => cell.textContent),
        ),
      );
      assert.ok(inputs.length === 40 && targets.length === 40);
      assert.deepEqual(inputs.slice(1), targets.slice(0, -1));
    });

    onPage("a pasted text is learnt, paused, gone on with, ended, and written with", async page => {
      await begin(page, 400);
      assert.ok(await page.run(read, `${size} characters`));
      assert.ok(await page.run(read, "That is little"));
      await page.waitFor(shows, "Pass .*bits in training");
      await page.waitFor(press, "Pause");
      await page.waitFor(press, "Go on");
      const { bits } = await page.waitFor(() => {
        const [, bits] = /: ([\d.]+)\sbits in training/.exec(document.querySelector("#view-train").innerText) ?? [];
        return Number(bits) < 2.5 && { bits: Number(bits) };
      });
      assert.ok(bits > 0);
      await page.waitFor(() => document.querySelectorAll(".curve line.reference").length === 7); // at random, and orders 1 to 6
      await page.waitFor(() => document.querySelector("#train-replay").max >= 1);
      assert.equal(await page.run(() => document.querySelectorAll(".windows table").length), 3);
      await page.waitFor(press, "End here");
      await page.waitFor(shows, "It has learnt");
      assert.ok(await page.run(() => /nn\.LSTM\(64, 32, num_layers=1/.test(document.querySelector("#view-train pre").textContent)));
      await page.waitFor(press, "Write with it");
      await page.waitFor(
        () => document.querySelector("#view-write").hidden === false && document.querySelectorAll("#text .c:not(.given)").length === 40,
      );
      assert.match(await page.run(() => document.querySelector("#network").selectedOptions[0].textContent), /your network/);
    });

    onPage("the focus stays where it is while parts are made anew; what is over begins anew", async page => {
      await page.waitFor(shows, "updates take about");
      await page.run(() => {
        document.querySelector("#train-cell").closest("details").open = true;
        document.querySelector("#train-cell").focus();
      });
      await page.run(set, "Cell", "gru");
      assert.equal(await page.run(() => document.activeElement.id), "train-cell");
      await begin(page, 80);
      await page.waitFor(() => Boolean(document.querySelector(".curve + .as-table > summary")));
      await page.run(() => document.querySelector(".curve + .as-table > summary").focus());
      await page.waitFor(shows, "It has learnt");
      assert.equal(await page.run(() => document.activeElement.localName), "summary");
      const first = await saved(page);
      await page.waitFor(press, "Train anew");
      await page.waitFor(() => document.querySelector("#view-train progress").value < 1);
      await page.waitFor(shows, "It has learnt");
      assert.equal((await saved(page)).fingerprint, first.fingerprint);
    });

    onPage("a text that is too long for its box is not cut by it", async page => {
      await page.waitFor(shows, "120,007 characters");
      assert.equal(await page.run(() => document.querySelector("#view-train textarea").readOnly), true);
      await page.waitFor(press, "Clear");
      await page.waitFor(shows, "Paste a text, drop files here");
      assert.equal(await page.run(() => document.querySelector("#train-start").disabled), true);
      await page.run(() => {
        const box = document.querySelector("#view-train textarea");
        box.value = "typed by hand, letter for letter";
        box.dispatchEvent(new Event("change"));
      });
      await page.waitFor(shows, "32 characters\\.");
    });

    onPage("a page that is closed in the midst of it offers to go on", async page => {
      await begin(page, 2000);
      await page.waitFor(shows, "Kept in this browser");
      // another document in the same profile
      await page.goto(new URL("web/index.html#view=train&network=course&language=en", site.url).href);
      await page.waitFor(shows, "A training is kept here, at update");
      await page.waitFor(press, "Go on with it");
      await page.waitFor(read, `${size} characters`);
      await page.waitFor(shows, "Pass .*bits in training");
      await page.waitFor(press, "End here");
    });

    onPage("what nothing can be learnt from gets a sentence, and the next text is taken", async page => {
      for (const [text, sentence] of [
        ["a".repeat(5000), "one and the same token"],
        ["b".repeat(300), "one and the same token"],
      ]) {
        await page.run(paste, text);
        const isSaid = sentence => document.querySelector("#trouble:not([hidden])")?.textContent.includes(sentence);
        await page.waitFor(isSaid, sentence);
      }
      await pasted(page);
      assert.equal(await page.run(() => document.querySelector("#trouble").hidden), true);
      await page.run(() => {
        document.querySelector("#train-rate").closest("details").open = true;
      });
      assert.ok(await page.run(set, "Learning rate", "NaN"));
      assert.ok(await page.run(shows, "Learning rate: a number from 0 to"));
    });

    onPage("words are learnt too, with their perplexity", async page => {
      await pasted(page);
      await page.run(set, "It reads and writes", "words");
      await page.waitFor(shows, "updates take about");
      await page.waitFor(press, "Train");
      await page.waitFor(shows, "perplexity [\\d.]+\\) held out");
    });

    onPage("a worker that dies in the midst of it is replaced, and the network is the same", async page => {
      await begin(page, 150);
      await page.waitFor(shows, "Kept in this browser");
      await page.run(kill, "trainer");
      await page.waitFor(() => /a new one goes on from update [\d,]+/.test(document.querySelector("#status").textContent));
      await page.waitFor(shows, "It has learnt");
      assert.ok(await page.run(() => window.workers.filter(({ name }) => name === "trainer").length >= 2));
      const model = await saved(page);
      const best = Number(model.metadata["train.updates"]);
      const training = await Training.begin(TEXT, small(150));
      while (training.done < best) training.update();
      assert.equal(model.fingerprint, (await load(training.weights())).fingerprint);
    });

    onPage("a second worker that dies is done without, and the network is the same", async page => {
      await begin(page, 100);
      await page.waitFor(shows, "Pass .*bits in training");
      await page.run(kill, "partner");
      await page.waitFor(shows, "It has learnt");
      assert.equal(await page.run(() => window.workers.filter(({ name }) => name === "trainer").length), 1);
      const model = await saved(page);
      const training = await Training.begin(TEXT, small(100));
      while (training.done < Number(model.metadata["train.updates"])) training.update();
      assert.equal(model.fingerprint, (await load(training.weights())).fingerprint);
    });

    onPage("a checkpoint that was downloaded goes on with its text; a network's file is opened to write with", async page => {
      await begin(page, 60);
      await page.waitFor(shows, "Pass .*bits in training");
      await page.waitFor(press, "Pause");
      await page.waitFor(press, "Save a checkpoint");
      await page.waitFor(() => window.downloads.length === 1);
      const file = await page.run(lastDownload);
      // not thrown away by mistake
      assert.ok(await page.run(() => [...document.querySelectorAll(".setup fieldset")].every(part => part.disabled)));
      await page.waitFor(press, "End here");
      await page.run(choose, [["other.txt", "Another text, to forget the first one. ".repeat(100)]]);
      await page.waitFor(shows, "3,900 characters[^]*updates take about");
      await page.run(choose, [["checkpoint.safetensors", file]]);
      await page.waitFor(read, `${size} characters`);
      await page.waitFor(press, "Go on");
      await page.waitFor(shows, "It has learnt");
      const model = await saved(page);
      const training = await Training.begin(TEXT, small(60));
      while (training.done < Number(model.metadata["train.updates"])) training.update();
      assert.equal(model.fingerprint, (await load(training.weights())).fingerprint);
      await page.run(choose, [["course.safetensors", [...readFileSync(new URL("../../weights/course.safetensors", import.meta.url))]]]);
      await page.waitFor(() => /^course$/.test(document.querySelector("#network").selectedOptions[0].textContent));
    });

    onPage("files are read by their encoding; what is no text or too long gets a sentence", async page => {
      const trouble = pattern =>
        page.waitFor(pattern => new RegExp(pattern, "i").test(document.querySelector("#trouble:not([hidden])")?.textContent), pattern);
      const cyrillic = "Шла Саша по шоссе и сосала сушку. ".repeat(50);
      const byte = c => (c >= "А" && c <= "я" ? c.charCodeAt(0) - 0x350 : c.charCodeAt(0));
      await page.run(choose, [
        ["саша.txt", [...cyrillic].map(byte)],
        ["more.txt", "plain\r\n"],
      ]);
      await page.waitFor(shows, "саша\\.txt \\(windows-1251\\), more\\.txt \\(utf-8\\)\\.");
      assert.ok(await page.run(() => document.querySelector("#view-train textarea").value.startsWith("Шла Саша по шоссе")));
      await page.run(choose, [["photo.jpg", Array.from({ length: 5000 }, (_, i) => (i * i * 7) % 256)]]);
      await trouble("photo\\.jpg is no text");
      await page.run(() => {
        const input = document.querySelector("#view-train input[type=file]");
        const transfer = new DataTransfer();
        transfer.items.add(new File([new Uint8Array(100 * 2 ** 20)], "huge.txt"));
        input.files = transfer.files;
        input.dispatchEvent(new Event("change"));
      });
      await trouble("huge\\.txt has 104857600 bytes");
      await page.run(choose, [["broken.safetensors", "not at all"]]);
      await trouble("broken\\.safetensors");
    });

    onPage("a network too large for the memory is refused, and a smaller one is taken", async page => {
      await page.run(paste, TEXT.repeat(30));
      await page.waitFor(shows, `${([...TEXT].length * 30).toLocaleString("en")} characters[^]*updates take about`);
      for (const [name, value] of [
        ["Layers", "4"],
        ["Units", "512"],
        ["Streams at once", "256"],
        ["Window (nchars)", "1024"],
      ])
        await page.run(set, name, value);
      await page.waitFor(() => /not enough memory.*No memory to train/.test(document.querySelector("#trouble:not([hidden])")?.textContent));
      for (const [name, value] of [
        ["Layers", "1"],
        ["Units", "32"],
        ["Streams at once", "16"],
        ["Window (nchars)", "64"],
      ])
        await page.run(set, name, value);
      await page.waitFor(shows, "updates take about");
      assert.equal(await page.run(() => document.querySelector("#trouble").hidden), true);
    });

    onPage("two desks on a page have each their own trainer; the second is told that another one keeps its training", async page => {
      await pasted(page);
      await page.run(async () => {
        const { mountDesk } = await import("./page/desk.js");
        const root = document.body.appendChild(document.createElement("div"));
        window.views = ["#view-train", "#other-view-train"].map(each => () => document.querySelector(each));
        window.lookAt = i => void (window.trainView = window.views[i]);
        window.second = mountDesk(root, { prefix: "other-", settings: { view: "train", network: "course", language: "ru", length: 40 } });
        window.secondRoot = root;
      });
      const lookAt = i => page.run(i => window.lookAt(i), i);
      await begin(page, 2000);
      await page.waitFor(shows, "Kept in this browser");
      await page.waitFor(() => /[а-я]/.test(window.views[1]()?.querySelector("textarea")?.value)); // a ready text in its own language
      await lookAt(1);
      assert.equal(await page.run(shows, russian["train.forget"]), false); // what the first one keeps is not offered here
      await page.run(paste, `${TEXT}${TEXT}`);
      await page.waitFor(shows, (2 * [...TEXT].length).toLocaleString("ru"));
      await page.waitFor(press, russian["train.start"]);
      await page.waitFor(shows, russian["train.unsaved.other"]);
      await page.waitFor(() => window.trainView().querySelector("input[type=range]").max >= 1);
      await lookAt(0);
      assert.ok(await page.run(read, `${size} characters`));
      await page.run(() => window.second.free());
      assert.equal(await page.run(() => window.secondRoot.childNodes.length), 0);
      const alive = () => window.workers.filter(({ isAlive }) => isAlive).map(({ name }) => name);
      assert.deepEqual(await page.run(alive), ["trainer", "partner"]); // those of the first one
      const before = await page.run(() => window.trainView().querySelector("progress").value);
      await page.waitFor(before => window.trainView().querySelector("progress").value > before, before);
      await page.waitFor(press, "End here");
      await page.waitFor(shows, "It has learnt");
      const model = await saved(page);
      const training = await Training.begin(TEXT, small(2000));
      while (training.done < Number(model.metadata["train.updates"])) training.update();
      assert.equal(model.fingerprint, (await load(training.weights())).fingerprint);
    });

    onPage("it goes on learning in a tab that is hidden", async page => {
      await begin(page, 10_000);
      await page.waitFor(shows, "Pass .*bits in training");
      const other = await page.context.newPage();
      await other.bringToFront();
      await page.waitFor(() => document.visibilityState === "hidden");
      const value = () => document.querySelector("#view-train progress").value;
      const before = await page.run(value);
      await page.waitFor(before => document.querySelector("#view-train progress").value > before + 0.002, before);
      await other.close();
      await page.waitFor(press, "End here");
    });
  });

// ---- where no worker can be started ----

/** The view says it in its own place, and the page goes on: another view writes. */
async function showsTrouble(page) {
  const alert = await page.waitFor(() => document.querySelector("#view-train > [role=alert]:not([hidden])")?.textContent);
  assert.match(alert, /^What trains a network could not be loaded\. .*The worker could not be started/);
  assert.equal(await page.run(() => document.querySelector("#train-start").disabled), true);
  await page.click("#tab-write");
  await writes(page);
  await page.click("#tab-train");
}

async function writes(page) {
  await page.waitFor(() => document.querySelector("#write")?.checkVisibility() && !document.querySelector("#write").disabled);
  await page.click("#write");
  await page.waitFor(() => document.querySelectorAll("#text .c:not(.given)").length === 40);
}

for (const engine of TWO_ENGINES) {
  test(`${engine}: without workers the page itself learns, says so, and writes meanwhile`, async () => {
    const browser = await launch(engine);
    const page = await browser.newPage();
    try {
      await page.page.evaluateOnNewDocument(watch);
      await page.page.evaluateOnNewDocument(() => {
        delete window.Worker;
        delete Object.getPrototypeOf(window).Worker;
      });
      await page.goto(address(site));
      await page.waitFor(() => document.querySelector("#train-start")?.disabled === false);
      await page.run(paste, TEXT);
      await page.waitFor(shows, `${size} characters[^]*updates take about`);
      await page.waitFor(shows, "No worker can be started here");
      await page.click("#train-start");
      await page.waitFor(shows, "Pass .*bits in training");
      await page.click("#tab-write");
      await writes(page);
      await page.click("#tab-train");
      await page.waitFor(() => {
        const stop = document.querySelector("#train-stop");
        if (stop?.checkVisibility()) stop.click(); // it may be over by itself
        return document.querySelector(".outcome")?.checkVisibility();
      });
      assert.deepEqual(page.problems, []);
    } finally {
      await browser.close();
    }
  });

  test(`${engine}: where the worker's file is missing the view Train says so, and the page goes on`, async () => {
    const without = await serveWith(site.url, { "/web/trainer/worker.js": missing });
    const browser = await launch(engine);
    const page = await browser.newPage();
    try {
      await page.goto(address(without));
      await showsTrouble(page);
    } finally {
      await browser.close();
      await without.close();
    }
  });
}

// ---- where the browser keeps nothing ----

/** Trains to the end where nothing is kept: it is said, a checkpoint can be saved, and the network is there. */
async function trainUnkept(page, sentence) {
  await page.run(paste, TEXT);
  await page.waitFor(shows, `${size} characters[^]*updates take about`);
  for (const [name, value] of [
    ["Units", "32"],
    ["Passes", "3000"],
    ["Streams at once", "4"],
    ["Window (nchars)", "16"],
  ]) {
    await page.run(set, name, value);
    await page.waitFor(shows, "updates take about");
  }
  await page.waitFor(press, "Train");
  await page.waitFor(shows, `save a checkpoint before you close the page\\. ${sentence}`);
  await page.waitFor(press, "Save a checkpoint");
  await page.waitFor(press, "End here");
  await page.waitFor(shows, "It has learnt");
}

test("chromium: a full storage is said, and the training goes on without it", async () => {
  const browser = await launch("chromium");
  const page = await browser.newPage();
  try {
    const devtools = await page.page.createCDPSession();
    await page.page.evaluateOnNewDocument(watch);
    await page.goto(address(site));
    await devtools.send("Storage.overrideQuotaForOrigin", { origin: new URL(site.url).origin, quotaSize: 1000 });
    await page.waitFor(() => Boolean(document.querySelector("#view-train textarea")));
    await trainUnkept(page, "The browser has no room left");
  } finally {
    await browser.close();
  }
});

test("firefox: a storage that is forbidden is said, and the training goes on without it", async () => {
  const browser = await launch("firefox", { extraPrefsFirefox: { "network.cookie.cookieBehavior": 2 } });
  const page = await browser.newPage();
  try {
    await page.page.evaluateOnNewDocument(watch);
    await page.goto(address(site));
    await page.waitFor(() => Boolean(document.querySelector("#view-train textarea")));
    await trainUnkept(page, "The browser keeps nothing here");
  } finally {
    await browser.close();
  }
});
