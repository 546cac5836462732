// SPDX-License-Identifier: MIT
//
// The view Train as a person uses it, in Chromium and Firefox: a text in, a network out.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { serve } from "../../scripts/serve.mjs";
import { launch } from "./engines.mjs";

const WORDS = ["the", "cat", "sees", "a small dog", "and", "it’s", "so-called"];
const TEXT = Array.from({ length: 400 }, (_, i) => `${Array.from({ length: 5 }, (_, k) => WORDS[(i * i * 7 + k * k * 3 + i * k) % WORDS.length]).join(" ")}.\n`).join("");

let server;
before(async () => { server = await serve(0); });
after(() => server.close());

/** Pastes a text into the box, as Ctrl+V would. */
const paste = text => {
  const box = document.querySelector("#view-train textarea");
  const event = new Event("paste", { bubbles: true, cancelable: true });
  event.clipboardData = { getData: () => text };
  box.dispatchEvent(event);
  if (event.defaultPrevented) return;
  box.value = text;
  box.dispatchEvent(new Event("change"));
};
const press = name => {
  const button = [...document.querySelectorAll("#view-train button")].find(each => each.getClientRects().length && each.textContent === name);
  if (!button || button.disabled) return false;
  button.click();
  return true;
};
const set = (name, value) => {
  const field = [...document.querySelectorAll("#view-train label.field")].find(each => each.firstElementChild.textContent === name), box = field?.lastElementChild;
  if (!box) return false;
  box.value = value;
  box.dispatchEvent(new Event("change"));
  return true;
};
const size = [...TEXT].length.toLocaleString("en");
const shows = pattern => new RegExp(pattern).test(document.querySelector("#view-train").innerText);

for (const engine of ["chromium", "firefox"])
  describe(engine, () => {
    let browser;
    before(async () => { browser = await launch(engine); });
    after(() => browser.close());

    const onPage = (name, run) => test(name, async () => {
      const page = await browser.newPage();
      try {
        await page.goto(new URL("web/#view=train&network=course&speed=0&length=40&language=en", server.url).href);
        await page.waitFor(() => Boolean(document.querySelector("#view-train textarea")));
        await run(page);
        assert.deepEqual(page.problems, []);
      } finally {
        await page.close();
      }
    });
    /** Sets the page to a small network and begins. */
    const begin = async (page, passes = "40") => {
      await page.run(paste, TEXT);
      await page.waitFor(shows, "updates take about");
      for (const [name, value] of [["Units", "32"], ["Passes", passes], ["Streams at once", "4"], ["Window (nchars)", "16"]]) {
        assert.ok(await page.run(set, name, value), name);
        await page.waitFor(shows, "updates take about");
      }
      await page.waitFor(press, "Train");
    };

    onPage("a pasted text is learnt, paused, gone on with, ended, and written with", async page => {
      await begin(page, "400");
      assert.ok(await page.run(shows, `${size} characters`));
      assert.ok(await page.run(shows, "That is little"));
      await page.waitFor(shows, "Pass .* bits in training");
      await page.waitFor(press, "Pause");
      await page.waitFor(press, "Go on");
      const { bits } = await page.waitFor(() => {
        const [, bits] = /: ([\d.]+) bits in training/.exec(document.querySelector("#view-train").innerText) ?? [];
        return Number(bits) < 2.5 && { bits: Number(bits) };
      });
      assert.ok(bits > 0);
      await page.waitFor(() => document.querySelectorAll(".curve line.reference").length === 7); // at random, and orders 1 to 6
      await page.waitFor(() => document.querySelectorAll(".samples li").length >= 2);
      assert.equal(await page.run(() => document.querySelectorAll(".windows table").length), 3);
      await page.waitFor(press, "End here");
      await page.waitFor(shows, "The best network is that of update");
      assert.ok(await page.run(() => /nn\.LSTM\(64, 32, num_layers=1/.test(document.querySelector("#view-train pre").textContent)));
      await page.waitFor(press, "Write with it");
      await page.waitFor(() => document.querySelector("#view-write").hidden === false && document.querySelectorAll("#text .c:not(.given)").length === 40);
      assert.match(await page.run(() => document.querySelector("#network").selectedOptions[0].textContent), /your network/);
    });

    onPage("a page that is closed in the midst of it offers to go on", async page => {
      await begin(page, "2000");
      await page.waitFor(shows, "Kept in this browser");
      await page.goto(new URL("web/index.html#view=train&network=course&language=en", server.url).href); // another document in the same profile
      await page.waitFor(shows, "A training is kept here, at update");
      await page.waitFor(press, "Go on with it");
      await page.waitFor(shows, `${size} characters`);
      await page.waitFor(press, "Go on");
      await page.waitFor(shows, "Pass .* bits in training");
      await page.waitFor(press, "End here");
    });

    onPage("what nothing can be learnt from gets a sentence, and the next text is taken", async page => {
      for (const [text, sentence] of [["aaaaaaaa", "one and the same token"], ["short", "streams of 64 need"]]) {
        await page.run(paste, text);
        await page.waitFor(pattern => new RegExp(pattern).test(document.querySelector("#trouble:not([hidden])")?.textContent), sentence);
      }
      await page.run(paste, TEXT);
      await page.waitFor(shows, "updates take about");
      assert.equal(await page.run(() => document.querySelector("#trouble").hidden), true);
      await page.run(() => { document.querySelector("#view-train details").open = true; });
      assert.ok(await page.run(set, "Learning rate", "NaN"));
      assert.ok(await page.run(shows, "Learning rate: a number from 0 to"));
    });

    onPage("words are learnt too, with their perplexity", async page => {
      await page.run(paste, TEXT);
      await page.waitFor(shows, "updates take about");
      await page.run(set, "It reads and writes", "words");
      await page.waitFor(shows, "updates take about");
      await page.waitFor(press, "Train");
      await page.waitFor(shows, "perplexity [\\d.]+\\) held out");
    });
  });
