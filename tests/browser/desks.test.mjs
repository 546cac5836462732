// SPDX-License-Identifier: MIT
//
// Two desks on one page, in each engine: each has its own network, language, settings and text, and neither disturbs the other.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { load } from "../../web/core/model.js";
import { Branch } from "../../web/story/story.js";
import { ENGINES } from "./engines.mjs";
import { useEngine } from "./harness.mjs";

/** The settings of two desks that have nothing in common. */
const DESKS = {
  a: { network: "course", prompt: "Today ", temperature: 0.5, seed: 5, length: 200, speed: 60, language: "en" },
  b: { network: "pushkin", prompt: "Мой дядя ", temperature: 1.2, seed: 3, length: 200, speed: 60, language: "ru" },
};
const models = {};
for (const { network } of Object.values(DESKS))
  models[network] = await load(new URL(`../../weights/${network}.safetensors`, import.meta.url));

/** The text that settings mean, by the library alone. */
function textOf({ network, prompt, temperature, seed, length }) {
  const model = models[network];
  const branch = new Branch(model, model.encode(prompt), seed, [{ place: 0, temperature }]);
  for (const _ of branch.read());
  for (const _ of branch.write(() => length));
  return branch.steps.map(step => step.text).join("");
}

// ---- in the page ----

/** Lays desks side by side; counts the frames that they ask for, and the times that the address is changed. */
async function lay(desks) {
  const { mountDesk } = await import(new URL("/web/page/desk.js", location.href).href);
  const link = document.createElement("link");
  Object.assign(link, { rel: "stylesheet", href: "/web/style.css" });
  document.head.append(link);
  window.asked = 0;
  window.nextFrame = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = callback => (window.asked++, window.nextFrame(callback));
  window.changes = 0;
  const { replaceState } = history;
  history.replaceState = (...given) => (window.changes++, replaceState.apply(history, given));
  /** How much stands behind the prompt: a text that is out of sight has no elements to count. */
  window.writtenBy = name => {
    const text = document.querySelector(`#${name}-text`);
    return text.querySelector(".nothing") ? 0 : text.textContent.length - document.querySelector(`#${name}-prompt`).value.length;
  };
  window.desks = {};
  window.roots = {};
  for (const [name, settings] of Object.entries(desks)) {
    window.roots[name] = document.body.appendChild(document.createElement("div"));
    window.desks[name] = mountDesk(window.roots[name], { prefix: `${name}-`, settings });
  }
}
const see = {
  writing: (name, least = 5) => document.querySelector(`#${name}-stop`)?.checkVisibility() && window.writtenBy(name) >= least,
  done: (name, least) => document.querySelector(`#${name}-stop`)?.hidden && window.writtenBy(name) >= least,
  /** All that its bars offer is written. */
  rested: name => {
    const ahead = [...document.querySelectorAll(`#${name}-distribution button.bar .ahead`)];
    return ahead.length > 0 && ahead.every(each => each.textContent.length === 24);
  },
  text: name => document.querySelector(`#${name}-text`).textContent,
  words: selector => document.querySelector(selector).textContent,
  value: selector => document.querySelector(selector).value,
  shown: selector => document.querySelector(selector).checkVisibility(),
};
/** Every reference from one element to another that does not stay in its own desk. */
const strays = () =>
  ["for", "aria-controls", "aria-labelledby", "aria-describedby"].flatMap(name =>
    Object.values(window.roots).flatMap(root =>
      [...root.querySelectorAll(`[${name}]`)]
        .filter(element => !root.contains(document.getElementById(element.getAttribute(name))))
        .map(element => `${element.id} ${name}=${element.getAttribute(name)}`),
    ),
  );
const doubles = () => {
  const ids = [...document.querySelectorAll("[id]")].map(element => element.id);
  return ids.filter((id, i) => ids.indexOf(id) !== i);
};
/** What went wrong, but for the icon that a browser asks for of a page that names none: it is not there, and the policy forbids it. */
const problemsOf = page =>
  page.problems.filter(problem => !/^console\.error: Failed to load resource: .* 404 \(Not Found\)$|\/favicon\.ico/.test(problem));
/** Opens a desk's menu, which fetches what lies in it, or closes it. */
const openMenu = (name, isOpen = true) => void (document.querySelector(`#${name}-language`).closest("details").open = isOpen);
const setTemperature = (name, T) => {
  const slider = document.querySelector(`#${name}-temperature`);
  slider.value = T;
  slider.dispatchEvent(new Event("input"));
};

for (const engine of ENGINES)
  describe(engine, () => {
    const site = useEngine(engine);
    let page;

    /** A page of the site with desks on it. */
    async function open(path, desks) {
      page = await site.visit(path);
      await page.run(lay, desks);
    }

    test("two desks on one page write at once, each what its own settings mean, in its own language", async () => {
      await open("weights/README.md", DESKS);
      for (const name of ["a", "b"]) await page.waitFor(see.writing, name);
      assert.ok((await page.run(see.writing, "a")) && (await page.run(see.writing, "b")), "both at once");
      for (const [name, settings] of Object.entries(DESKS)) {
        await page.waitFor(see.done, name, settings.length);
        assert.equal(await page.run(see.text, name), textOf(settings));
        assert.equal(await page.run(see.value, `#${name}-network`), settings.network);
        assert.equal(await page.run(name => window.roots[name].lang, name), settings.language);
      }
      assert.equal(await page.run(see.words, "#a-write"), "Write");
      assert.equal(await page.run(see.words, "#b-write"), "Сгенерировать");
      assert.equal(await page.run(see.value, "#b-temperature-number"), "1,2");
      assert.deepEqual(await page.run(strays), []);
      assert.deepEqual(await page.run(doubles), []);
      assert.deepEqual(problemsOf(page), []);
    });

    test("what changes on one desk changes nothing of the other, and nothing of the page", async () => {
      await open("weights/README.md", { a: { ...DESKS.a, speed: 0 }, b: { ...DESKS.b, speed: 0 } });
      for (const [name, { length }] of Object.entries(DESKS)) await page.waitFor(see.done, name, length);
      const address = await page.run(() => location.href);
      await page.waitFor(see.rested, "b");
      const panel = await page.run(() => document.querySelector("#b-distribution").innerText);
      await page.run(setTemperature, "a", 1.8);
      for (const name of ["a", "b"]) {
        await page.run(openMenu, name);
        await page.waitFor(name => document.querySelectorAll(`#${name}-tint option`).length > 1, name);
      }
      await page.select("#a-tint", "rank");
      await page.select("#a-language", "ru");
      await page.waitFor(() => document.querySelector("#a-write").textContent === "Сгенерировать");
      await page.select("#b-language", "en");
      await page.waitFor(() => document.querySelector("#b-write").textContent === "Write");
      for (const name of ["a", "b"]) await page.run(openMenu, name, false);
      await page.run(() => document.querySelector("#a-tab-cell").click()); // a pointer misses it where a text still moves it
      await page.waitFor(() => Boolean(document.querySelector("#a-panel-cell[aria-busy=false] canvas")));
      await page.click("#a-tab-temperatures");
      await page.waitFor(() => document.querySelector("#a-together")?.disabled === false);
      await page.click("#a-together");
      await page.waitFor(() => document.querySelectorAll("#a-streams .stream").length === 5);
      assert.equal(await page.run(see.value, "#b-temperature"), "1.2");
      assert.equal(await page.run(see.value, "#b-tint"), "surprisal");
      assert.ok(await page.run(see.shown, "#b-text"));
      assert.ok(await page.run(see.shown, "#b-distribution"));
      assert.equal(await page.run(see.text, "b"), textOf(DESKS.b));
      await page.select("#b-language", "ru");
      await page.waitFor(() => document.querySelector("#b-write").textContent === "Сгенерировать");
      await page.waitFor(panel => document.querySelector("#b-distribution").innerText === panel, panel);
      const streams = await page.run(() => document.querySelector("#a-streams").textContent);
      await page.select("#a-network", "shakespeare");
      await page.waitFor(before => {
        const { textContent } = document.querySelector("#a-streams");
        return document.querySelector("#a-network").value === "shakespeare" && textContent !== before;
      }, streams);
      assert.equal(await page.run(see.value, "#b-network"), "pushkin");
      assert.equal(await page.run(() => location.href), address);
      assert.equal(await page.run(() => window.changes), 0);
      assert.equal(await page.run(() => document.documentElement.lang), "");
      assert.deepEqual(problemsOf(page), []);
    });

    test("a desk that is freed leaves its root empty and nothing running; the other one writes on", async () => {
      await open("weights/README.md", { a: { ...DESKS.a, length: 100_000 }, b: { ...DESKS.b, speed: 0 } });
      await page.waitFor(see.writing, "a");
      await page.waitFor(see.done, "b", DESKS.b.length);
      await page.waitFor(see.rested, "b");
      await page.run(() => window.desks.a.free());
      assert.deepEqual(await page.run(() => [window.roots.a.childNodes.length, window.roots.a.lang]), [0, ""]);
      const frames = await page.run(async () => {
        const before = window.asked;
        for (let i = 0; i < 5; i++) await new Promise(resolve => window.nextFrame(resolve));
        return window.asked - before;
      });
      assert.equal(frames, 0);
      await page.click("#b-one");
      await page.waitFor(see.done, "b", DESKS.b.length + 1);
      assert.equal(await page.run(see.text, "b"), textOf({ ...DESKS.b, length: DESKS.b.length + 1 }));
      await page.run(() => window.desks.b.free());
      assert.equal(await page.run(() => document.querySelectorAll("[id^=a-], [id^=b-]").length), 0);
      assert.deepEqual(problemsOf(page), []);
    });

    test("a desk that is freed at a stop of the story watches nothing any more", async () => {
      page = await site.visit("weights/README.md");
      await page.run(() => {
        window.watching = new Set();
        const { observe, disconnect } = MutationObserver.prototype;
        MutationObserver.prototype.observe = function (...given) {
          window.watching.add(this);
          observe.apply(this, given);
        };
        MutationObserver.prototype.disconnect = function () {
          window.watching.delete(this);
          disconnect.call(this);
        };
      });
      await page.run(lay, { a: { ...DESKS.a, length: 20, guide: "greedy" } });
      await page.waitFor(() => document.querySelector("#a-stop-title")?.textContent && window.watching.size > 0);
      await page.run(() => window.desks.a.free());
      assert.deepEqual(await page.run(() => [window.watching.size, window.roots.a.attributes.length]), [0, 0]);
    });

    test("a desk that is freed while it still loads comes to nothing", async () => {
      await open("weights/README.md", DESKS);
      await page.run(() => window.desks.a.free());
      await page.waitFor(see.writing, "b");
      assert.equal(await page.run(() => window.roots.a.childNodes.length), 0);
      await page.run(() => window.desks.b.free());
      assert.equal(await page.run(() => window.roots.b.childNodes.length), 0);
      assert.deepEqual(problemsOf(page), []);
    });

    test("beside the page's own desk another one leaves the address alone; its link leads to a page of its own", async () => {
      await open("web/#network=course&speed=0&length=30&language=en&prompt=Today%20", { b: { ...DESKS.b, length: 30, speed: 0 } });
      await page.waitFor(() => document.querySelector("#stop")?.hidden && document.querySelectorAll("#text .c:not(.given)").length === 30);
      await page.waitFor(see.done, "b", 30);
      await page.run(setTemperature, "b", 0.3);
      await page.run(() => {
        const slider = document.querySelector("#temperature");
        slider.value = "1.4";
        slider.dispatchEvent(new Event("input"));
      });
      await page.waitFor(() => /temperature=1.4/.test(location.hash));
      await page.waitFor(() => document.querySelector("#stop")?.hidden && document.querySelectorAll("#text .c:not(.given)").length === 30);
      assert.doesNotMatch(await page.run(() => location.hash), /pushkin|0\.3/);
      assert.equal(await page.run(see.value, "#b-temperature"), "0.3");
      assert.equal(await page.run(() => document.documentElement.lang), "en");
      await page.run(() => {
        const clipboard = { writeText: async text => (window.copied = text) };
        Object.defineProperty(navigator, "clipboard", { value: clipboard, configurable: true });
      });
      await page.run(() => void (document.querySelector("#b-share").closest("details").open = true));
      await page.waitFor(() => document.querySelector("#b-link") !== null);
      await page.run(() => document.querySelector("#b-link").click()); // a pointer misses it where a text still moves it
      const { pathname, hash } = new URL(await page.waitFor(() => window.copied));
      assert.equal(pathname, "/web/");
      assert.match(hash, /network=pushkin/);
      await page.run(() => window.desks.b.free());
      await page.click("#one");
      await page.waitFor(() => document.querySelector("#stop").hidden && document.querySelectorAll("#text .c:not(.given)").length === 31);
      assert.deepEqual(problemsOf(page), []);
    });
  });
