// SPDX-License-Identifier: MIT
//
// A larger network of the same text, fetched at a press while the small one writes, in each engine. The site stands behind a server that
// holds the larger one's file back until a test lets it go.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { serve } from "../../scripts/serve.mjs";
import { load } from "../../web/core/model.js";
import { Branch } from "../../web/story/story.js";
import { said } from "./controls.mjs";
import { ENGINES, launch } from "./engines.mjs";
import { missing, serveWith } from "./harness.mjs";

const LARGER = "/weights/shakespeare.safetensors";
const PROMPT = "ROMEO:\n";
const [first, shakespeare] = await Promise.all(
  ["first", "shakespeare"].map(name => load(new URL(`../../weights/${name}.safetensors`, import.meta.url))),
);

/** What a network makes of a prompt, by the library alone. */
function textBy(model, prompt, length, { seed = 5, temperature = 0.8 } = {}) {
  const branch = new Branch(model, model.encode(prompt), seed, [{ place: 0, temperature }]);
  for (const _ of branch.read());
  for (const _ of branch.write(() => length));
  return branch.steps.map(step => step.text).join("");
}

/** An answer of which a part comes, and the rest when open() is called; givenUp: whether nobody waited for it. */
function gate(part = 0.65) {
  const held = {};
  held.asked = new Promise(resolve => {
    held.fault = ({ status, headers, body }, response) => {
      const cut = Math.round(part * body.length);
      response.writeHead(status, { ...headers, "content-length": body.length }).write(body.subarray(0, cut));
      held.open = () => response.end(body.subarray(cut));
      held.breakOff = () => response.destroy();
      held.givenUp = new Promise(given => response.on("close", () => given(!response.writableFinished)));
      resolve();
    };
  });
  return held;
}

// ---- in the page ----

const see = {
  offer: (id = "") => {
    const button = document.querySelector(`#${id}enlarge`);
    return button?.checkVisibility() ? button.textContent : "";
  },
  note: (id = "") => document.querySelector(`#${id}larger-note`)?.textContent,
  isSaid: (pattern, id = "") => new RegExp(pattern).test(document.querySelector(`#${id}larger-note`)?.textContent),
  text: (id = "") => document.querySelector(`#${id}text`).textContent,
  isText: text => document.querySelector("#text").textContent === text,
  network: (id = "") => document.querySelector(`#${id}network`).value,
  prompt: () => document.querySelector("#prompt").value,
  isNetwork: (name, id = "") => document.querySelector(`#${id}network`)?.value === name,
  isDone: (least, id = "") => {
    const text = document.querySelector(`#${id}text`);
    const written = text.textContent.length - document.querySelector(`#${id}prompt`).value.length;
    return document.querySelector(`#${id}stop`).hidden && !text.querySelector(".nothing") && written >= least;
  },
  hasWritten: least => document.querySelectorAll("#text .c:not(.given)").length >= least,
  focus: () => document.activeElement.id,
  trouble: () => document.querySelector("#trouble:not([hidden])")?.textContent,
};

let site;
let faults = {};
let faulty;
before(async () => {
  site = await serve(0);
  faulty = await serveWith(site.url, new Proxy({}, { get: (_, path) => faults[path] }));
});
afterEach(() => {
  faults = {};
  faulty.asked.length = 0;
});
after(async () => {
  await faulty?.close();
  await site?.close();
});
const asked = path => faulty.asked.filter(each => each === path).length;

for (const engine of ENGINES)
  describe(engine, () => {
    let browser;
    let page;
    before(async () => {
      browser = await launch(engine);
    });
    afterEach(async () => {
      await page?.close();
      page = null;
    });
    after(() => browser?.close());

    /** The page in English, with the network that it begins with unless told otherwise. */
    async function open(hash, path = "web/") {
      await page?.close();
      page = await browser.newPage();
      await page.goto(new URL(`${path}#language=en&seed=5&${hash}`, faulty.url).href);
    }

    /** Holds the larger network back, presses, and waits until a part of it has come. */
    async function pressHeld() {
      const held = gate();
      faults = { [LARGER]: held.fault };
      await page.click("#enlarge");
      await held.asked;
      await page.waitFor(see.isSaid, said("larger.coming", { percent: "60%" }));
      return held;
    }

    test("it is offered with its size where there is one, and nowhere else", async () => {
      await open("length=20&speed=0");
      await page.waitFor(see.isDone, 20);
      assert.equal(await page.run(see.network), "first");
      assert.equal(await page.run(see.offer), "A larger network of the same text: 1.25 MB");
      await page.select("#network", "course");
      await page.waitFor(() => document.querySelector("#text").textContent.startsWith("Today "));
      assert.equal(await page.run(see.offer), "");
      for (const without of ["hide=network", "lock=network", "hide=prompt", "lock=prompt", "layout=embed"]) {
        await open(`length=20&speed=0&${without}`);
        await page.waitFor(see.isDone, 20);
        assert.equal(await page.run(see.offer), "", without);
      }
      assert.equal(asked(LARGER), 0, "nobody has pressed");
    });

    test("the small one writes on while it comes; the text so far is its prompt; Back and Forward lead where they say", async () => {
      await open("length=300&speed=60");
      await page.waitFor(see.hasWritten, 5);
      const held = await pressHeld();
      await page.run(() => document.querySelector("#enlarge").click()); // once more: nothing
      const before = (await page.run(see.text)).length;
      await page.waitFor(least => document.querySelectorAll("#text .c").length > least, before + 20);
      assert.equal(await page.run(see.focus), "enlarge");
      faults = {};
      held.open();
      await page.waitFor(see.isNetwork, "shakespeare");
      await page.waitFor(see.isDone, 300);
      assert.equal(asked(LARGER), 1);
      const prompt = await page.run(see.prompt);
      assert.ok(prompt.length > before + 20 && prompt.length < 307, `${prompt.length}`);
      assert.equal(prompt, textBy(first, PROMPT, prompt.length - PROMPT.length), "nothing of the small one's text is lost");
      const text = textBy(shakespeare, prompt, 300);
      assert.equal(await page.run(see.text), text);
      assert.match(await page.run(see.note), new RegExp(said("larger.since", { place: prompt.length + 1, name: "Shakespeare" })));
      assert.equal(await page.run(see.offer), "");
      assert.equal(await page.run(see.focus), "larger-note", "the focus is not lost with the button");
      await page.run(() => history.back());
      await page.waitFor(see.isText, textBy(first, PROMPT, 300));
      assert.equal(await page.run(see.network), "first");
      assert.equal(await page.run(see.note), "");
      assert.notEqual(await page.run(see.offer), "");
      await page.run(() => history.forward());
      await page.waitFor(see.isText, text);
      assert.equal(await page.run(see.network), "shakespeare");
      assert.deepEqual(page.problems, []);
    });

    test("if it cannot be fetched that is said, the small one writes on, and it can be tried again", async () => {
      await open("length=300&speed=60");
      await page.waitFor(see.hasWritten, 5);
      faults = { [LARGER]: missing };
      await page.click("#enlarge");
      await page.waitFor(see.trouble);
      assert.match(await page.run(see.trouble), /shakespeare\.safetensors answered 404.*“Shakespeare, small” stays in use\. *Try again/s);
      assert.equal(await page.run(see.note), "");
      assert.notEqual(await page.run(see.offer), "");
      await page.waitFor(see.isDone, 300);
      assert.equal(await page.run(see.text), textBy(first, PROMPT, 300), "nothing has stopped");
      faults = {};
      await page.click("#trouble button");
      await page.waitFor(see.isNetwork, "shakespeare");
      await page.waitFor(see.isDone, 300);
      assert.equal(await page.run(see.text), textBy(shakespeare, textBy(first, PROMPT, 300), 300));
      assert.equal(await page.run(see.trouble), undefined);
    });

    test("another network that is chosen while it comes stays in use, and it is not fetched to its end", async () => {
      await open("length=20&speed=0");
      await page.waitFor(see.isDone, 20);
      const held = await pressHeld();
      await page.select("#network", "course");
      await page.waitFor(see.isSaid, "^$");
      assert.equal(await held.givenUp, true);
      await page.waitFor(see.isDone, 20);
      assert.equal(await page.run(see.network), "course");
      await page.select("#network", "first");
      await page.waitFor(() => !document.querySelector("#larger-note").textContent && document.querySelector("#enlarge").checkVisibility());
      assert.equal(await page.run(() => document.querySelector("#enlarge").ariaDisabled), "false");
    });

    test("one that comes while another choice fails takes over after all", async () => {
      await open("length=20&speed=0");
      await page.waitFor(see.isDone, 20);
      const held = await pressHeld();
      const other = gate(0);
      faults["/weights/pushkin.safetensors"] = other.fault;
      await page.select("#network", "pushkin");
      await other.asked;
      held.open();
      await page.waitFor(see.isSaid, said("larger.coming", { percent: "100%" }));
      assert.equal(await page.run(see.network), "pushkin", "the choice goes before");
      faults["/weights/pushkin.safetensors"] = missing; // is asked once more where it breaks off
      other.breakOff();
      await page.waitFor(see.isNetwork, "shakespeare");
      await page.waitFor(see.isDone, 20);
      assert.equal(await page.run(see.text), textBy(shakespeare, textBy(first, PROMPT, 20), 20));
    });

    test("one that comes while the small one is loaded anew ends that load", async () => {
      await open("length=20&speed=0");
      await page.waitFor(see.isDone, 20);
      const held = await pressHeld();
      const others = ["course", "first"].map(name => [`/weights/${name}.safetensors`, gate(0)]);
      for (const [path, { fault }] of others) faults[path] = fault;
      await page.select("#network", "course");
      await others[0][1].asked;
      await page.select("#network", "first");
      await others[1][1].asked;
      held.open();
      await page.waitFor(see.isNetwork, "shakespeare");
      await page.waitFor(see.isDone, 20);
      assert.equal(await others[1][1].givenUp, true);
      assert.equal(await page.run(see.network), "shakespeare");
      assert.equal(await page.run(see.text), textBy(shakespeare, textBy(first, PROMPT, 20), 20));
    });

    test("it goes on coming when another view is looked at, and takes over in Write", async () => {
      await open("length=20&speed=0");
      await page.waitFor(see.isDone, 20);
      const held = await pressHeld();
      await page.click("#tab-score");
      await page.waitFor(() => document.querySelector("#view-score textarea")?.checkVisibility());
      held.open();
      await page.waitFor(see.isSaid, said("larger.coming", { percent: "100%" }));
      assert.equal(await page.run(see.network), "first");
      await page.click("#tab-write");
      await page.waitFor(see.isNetwork, "shakespeare");
      await page.waitFor(see.isDone, 20);
      assert.equal(await page.run(see.text), textBy(shakespeare, textBy(first, PROMPT, 20), 20));
      assert.deepEqual(page.problems, []);
    });

    test("a prompt that was typed while it came is what it begins with", async () => {
      await open("length=20&speed=0");
      await page.waitFor(see.isDone, 20);
      const held = await pressHeld();
      await page.type("#prompt", "O, my ");
      held.open();
      await page.waitFor(see.isNetwork, "shakespeare");
      await page.waitFor(see.isDone, 20);
      assert.equal(await page.run(see.text), textBy(shakespeare, "O, my ", 20));
    });

    test("a long text is read again bit by bit, and the page says how far", async () => {
      await open("length=1200&speed=0&tint=none");
      await page.waitFor(see.isDone, 1200);
      await page.run(() => {
        window.percents = new Set();
        const status = document.querySelector("#status");
        new MutationObserver(() => /^Reading/.test(status.textContent) && window.percents.add(status.textContent)).observe(status, {
          childList: true,
        });
      });
      await page.click("#enlarge");
      await page.waitFor(see.isNetwork, "shakespeare");
      await page.waitFor(see.isDone, 1200);
      const slices = await page.run(() => window.percents.size);
      assert.ok(slices >= 2, `${slices} slices`); // a frame has 400 characters at most
    });

    test("of two desks on a page each has its own; one that is freed while its network comes gives it up", async () => {
      await open("", "weights/README.md");
      await page.run(async () => {
        const { mountDesk } = await import("/web/page/desk.js");
        window.desks = {};
        for (const name of ["a", "b"]) {
          const root = document.body.appendChild(document.createElement("div"));
          const settings = { network: "first", seed: 5, length: 20, speed: 0, language: "en" };
          window.desks[name] = { root, ...mountDesk(root, { prefix: `${name}-`, settings }) };
        }
      });
      for (const name of ["a-", "b-"]) await page.waitFor(see.isDone, 20, name);
      const [a, b] = [gate(), gate()];
      for (const [name, held] of [
        ["a-", a],
        ["b-", b],
      ]) {
        faults = { [LARGER]: held.fault };
        await page.run(name => document.querySelector(`#${name}enlarge`).click(), name);
        await held.asked;
        await page.waitFor(see.isSaid, "60%", name);
      }
      await page.run(() => window.desks.a.free());
      assert.equal(await a.givenUp, true);
      b.open();
      await page.waitFor(see.isNetwork, "shakespeare", "b-");
      await page.waitFor(see.isDone, 20, "b-");
      assert.equal(await page.run(see.text, "b-"), textBy(shakespeare, textBy(first, PROMPT, 20), 20));
      assert.equal(await page.run(() => window.desks.a.root.childNodes.length), 0);
      await page.run(() => window.desks.b.free());
      assert.equal(await page.run(() => window.desks.b.root.childNodes.length), 0);
    });
  });
