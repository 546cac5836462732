// SPDX-License-Identifier: MIT
//
// The worker that trains, in Chromium and Firefox: its numbers, with one worker and two, across its death, and without storage.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { serve } from "../../scripts/serve.mjs";
import { launch } from "./engines.mjs";

const ENGINES = ["chromium", "firefox"];
const WORDS = ["the", "cat", "sees", "a small dog", "and", "naïve", "кот", "it’s", "so-called"];
const TEXT = Array.from(
  { length: 500 },
  (_, i) => `${Array.from({ length: 5 }, (_, k) => WORDS[(i * i * 7 + k * k * 3 + i * k) % WORDS.length]).join(" ")}.\n`,
).join("");
const SETTINGS = { hidden: 32, embedding: 8, batch: 4, window: 16, passes: 4, dropout: 0.1 };

let server;
before(async () => {
  server = await serve(0);
});
after(() => server.close());

/** In the page: a worker whose events are kept, and what is asked of it. */
async function prepare(page) {
  await page.goto(new URL("web/#length=0", server.url).href);
  await page.run(async () => {
    const { Pair } = await import("./trainer/pair.js");
    window.begin = () => {
      const events = [];
      let wake = () => {};
      const pair = new Pair(
        event => {
          events.push(event);
          wake();
        },
        message => events.push({ type: "trouble", message }),
      );
      return Object.assign(pair, {
        events,
        async until(...types) {
          for (;;) {
            const found = events.find(event => types.includes(event.type));
            if (found) return found;
            await new Promise(resolve => {
              wake = resolve;
            });
          }
        },
        ask(command, ...types) {
          events.length = 0;
          pair.post(command);
          return pair.until("trouble", ...types);
        },
      });
    };
    window.hash = async bytes => [...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))].slice(0, 8).join();
    /** A whole training; the hash of its last checkpoint, and how it was. */
    window.trainAll = async (text, settings, workers) => {
      const worker = window.begin();
      await worker.ask({ type: "read", text, settings }, "facts");
      const end = await worker.ask({ type: "start", workers, keep: false }, "end");
      const most = Math.max(...worker.events.filter(({ type }) => type === "progress").map(event => event.workers));
      const { bytes } = await worker.ask({ type: "checkpoint" }, "checkpoint");
      worker.end();
      return { end, most, hash: await window.hash(bytes) };
    };
  });
}

for (const engine of ENGINES)
  describe(engine, () => {
    let browser, page;
    before(async () => {
      browser = await launch(engine);
    });
    after(() => browser.close());
    const withPage = (name, run) =>
      test(name, async () => {
        page = await browser.newPage();
        try {
          await prepare(page);
          await run();
          assert.deepEqual(page.problems, []);
        } finally {
          await page.close();
        }
      });

    withPage("a training tells its facts, its figures, its samples, and ends with a network that learnt", async () => {
      const { facts, markov, progress, samples, end, file } = await page.run(
        async (text, settings) => {
          const worker = window.begin();
          const facts = await worker.ask({ type: "read", text, settings }, "facts");
          const end = await worker.ask({ type: "start", workers: 1, keep: false }, "end");
          const of = type => worker.events.filter(event => event.type === type);
          const [markov, progress, samples] = ["markov", "progress", "sample"].map(of);
          const { bytes } = await worker.ask({ type: "weights", quantized: true, use: "save" }, "weights");
          const { load } = await import("./core/model.js");
          const model = await load(bytes);
          return { facts, markov, progress, samples, end, file: [model.quantized, model.hidden, model.vocabulary.length] };
        },
        TEXT,
        SETTINGS,
      );
      assert.equal(facts.facts.characters, [...TEXT].length);
      assert.equal(facts.facts.tokens + facts.facts.heldOut, facts.facts.characters);
      assert.ok(facts.tokensPerSecond > 0);
      assert.equal(facts.example[0].inputs.slice(1).join(""), facts.example[0].targets.slice(0, -1).join(""));
      assert.deepEqual(
        markov.map(({ order }) => order),
        [1, 2, 3, 4, 5, 6],
      );
      assert.ok(progress.at(-1).bits < facts.uniform - 1, JSON.stringify(progress.at(-1)));
      assert.ok(progress.at(-1).heldOut < facts.uniform - 1);
      assert.equal(progress.at(-1).done, facts.updates);
      assert.ok(samples.length >= 2 && samples[0].done === 0 && samples.at(-1).text.length > 100);
      assert.equal(end.reason, "done");
      assert.ok(end.best.heldOut <= progress.at(-1).heldOut);
      assert.deepEqual(file, [true, 32, facts.facts.vocabulary]);
    });

    withPage("two workers have the bits of one", async () => {
      const [one, two] = await page.run(
        async (text, settings) => [await window.trainAll(text, settings, 1), await window.trainAll(text, settings, 2)],
        TEXT,
        { ...SETTINGS, passes: 12 },
      );
      assert.equal(one.most, 1);
      assert.equal(two.most, 2);
      assert.equal(two.hash, one.hash);
    });

    withPage("a worker that is killed goes on from what is kept, to the same numbers", async () => {
      const result = await page.run(
        async (text, settings) => {
          const { hash } = await window.trainAll(text, settings, 1);
          let worker = window.begin();
          await worker.ask({ type: "read", text, settings }, "facts");
          worker.post({ type: "start", workers: 1, keep: true });
          await worker.until("progress", "trouble");
          await worker.ask({ type: "pause" }, "saved", "end");
          worker.post({ type: "start", workers: 1, keep: true });
          await worker.until("progress", "trouble");
          worker.end();
          worker = window.begin();
          const facts = await worker.ask({ type: "resume" }, "facts");
          await worker.ask({ type: "start", workers: 1, keep: true }, "end");
          const { bytes } = await worker.ask({ type: "checkpoint" }, "checkpoint");
          worker.end();
          return {
            done: facts.done,
            updates: facts.updates,
            points: facts.history?.points.length,
            text: facts.text === text,
            expected: hash,
            actual: await window.hash(bytes),
          };
        },
        TEXT,
        { ...SETTINGS, passes: 60 },
      );
      assert.ok(result.done > 0 && result.done < result.updates, JSON.stringify(result));
      assert.ok(result.points > 0 && result.text);
      assert.equal(result.actual, result.expected);
    });

    withPage("of a damaged checkpoint the older one is taken, of two damaged ones none", async () => {
      const numbers = await page.run(async () => {
        const store = await import("./trainer/storage.js");
        await store.putText("a text");
        for (let i = 1; i <= 3; i++) await store.put({ checkpoint: Uint8Array.of(i, i, i), best: null, about: i });
        const read = async () => (await store.newest())?.about ?? null,
          seen = [await read()];
        const damage = () =>
          new Promise(resolve => {
            indexedDB.open("nextchar", 1).onsuccess = ({ target: { result: database } }) => {
              const training = database.transaction("training", "readwrite").objectStore("training");
              training.openCursor().onsuccess = ({ target: { result: cursor } }) => {
                if (!cursor) return;
                if (cursor.value.number === window.damaged) cursor.update({ ...cursor.value, checkpoint: Uint8Array.of(9, 9, 9) });
                cursor.continue();
              };
              training.transaction.oncomplete = () => {
                database.close();
                resolve();
              };
            };
          });
        for (window.damaged of [3, 2]) {
          await damage();
          seen.push(await read());
        }
        await store.clear();
        return [...seen, await read(), store.crc32(new TextEncoder().encode("123456789"))];
      });
      assert.deepEqual(numbers, [3, 2, null, null, 0xcbf43926]);
    });

    withPage("a second tab is told that another one keeps its training; commands are answered while it trains", async () => {
      const { second, answered } = await page.run(
        async (text, settings) => {
          const [one, two] = [window.begin(), window.begin()];
          for (const worker of [one, two]) await worker.ask({ type: "read", text, settings }, "facts");
          one.post({ type: "start", workers: 1, keep: true });
          await one.until("progress");
          two.post({ type: "start", workers: 1, keep: true });
          const second = await two.until("unsaved");
          await two.until("progress");
          two.end();
          const began = performance.now();
          await one.ask({ type: "ping" }, "pong");
          const answered = performance.now() - began;
          one.post({ type: "temperature", temperature: 0 });
          await one.ask({ type: "stop" }, "end");
          one.end();
          return { second, answered };
        },
        TEXT,
        { ...SETTINGS, passes: 1000 },
      );
      assert.equal(second.reason, "other tab");
      assert.ok(answered < 200, `${answered} ms`);
    });

    withPage("paused and gone on with at once, again and again, it has the bits of one that was never stopped", async () => {
      const [one, other] = await page.run(
        async (text, settings) => {
          const { hash } = await window.trainAll(text, settings, 1),
            worker = window.begin();
          await worker.ask({ type: "read", text, settings }, "facts");
          for (let i = 0; i < 20; i++) {
            worker.post({ type: "start", workers: 2, keep: false });
            await new Promise(resolve => setTimeout(resolve, 7 * (i % 4)));
            worker.post({ type: "pause" });
          }
          await worker.ask({ type: "start", workers: 2, keep: false }, "end");
          const { bytes } = await worker.ask({ type: "checkpoint" }, "checkpoint");
          worker.end();
          return [hash, await window.hash(bytes)];
        },
        TEXT,
        { ...SETTINGS, passes: 8 },
      );
      assert.equal(other, one);
    });

    withPage("a training that another one replaces says nothing more, and its network is gone", async () => {
      const { hidden, late, best } = await page.run(
        async (text, settings) => {
          const { load } = await import("./core/model.js"),
            worker = window.begin();
          await worker.ask({ type: "read", text, settings: { ...settings, hidden: 48 } }, "facts");
          worker.post({ type: "start", workers: 2, keep: false });
          await worker.until("progress");
          const facts = await worker.ask({ type: "read", text, settings }, "facts");
          worker.events.length = 0;
          await new Promise(resolve => setTimeout(resolve, 400));
          const late = worker.events.map(({ type }) => type),
            { bytes } = await worker.ask({ type: "weights", quantized: false, use: "" }, "weights");
          worker.end();
          return { hidden: (await load(bytes)).hidden, late, best: facts.history?.best };
        },
        TEXT,
        { ...SETTINGS, heldOut: 0.5, passes: 500 },
      );
      assert.equal(hidden, SETTINGS.hidden);
      assert.deepEqual(late, []);
      assert.equal(best, undefined);
    });

    withPage("what another tab trains with is not forgotten from here", async () => {
      const { peeked, trouble, kept } = await page.run(
        async (text, settings) => {
          const [one, two] = [window.begin(), window.begin()];
          await one.ask({ type: "read", text, settings }, "facts");
          await one.ask({ type: "start", workers: 1, keep: true }, "saved");
          const peeked = await two.ask({ type: "peek" }, "kept"),
            trouble = await two.ask({ type: "forget" }, "forgotten");
          one.end();
          await new Promise(resolve => setTimeout(resolve, 300));
          const kept = await two.ask({ type: "peek" }, "kept");
          two.end();
          return { peeked, trouble, kept };
        },
        TEXT,
        { ...SETTINGS, passes: 10_000 },
      );
      assert.equal(peeked.about, null);
      assert.equal(trouble.code, "E_STORAGE");
      assert.ok(kept.about.done > 0);
    });

    withPage("a loss that runs away is rolled back with half the rate, and given up in the end", async () => {
      const { diverged, trouble, file } = await page.run(
        async (text, settings) => {
          const worker = window.begin();
          await worker.ask({ type: "read", text, settings }, "facts");
          const trouble = await worker.ask({ type: "start", workers: 2, keep: false }, "trouble", "end");
          const diverged = worker.events.filter(({ type }) => type === "diverged");
          const { bytes } = await worker.ask({ type: "weights", quantized: false, use: "" }, "weights");
          const { load } = await import("./core/model.js");
          return { diverged, trouble, file: (await load(bytes)).hidden };
        },
        TEXT,
        { ...SETTINGS, rate: 1000, clip: 0, warmup: 0, passes: 40 },
      );
      assert.equal(trouble.code, "E_DIVERGED");
      assert.deepEqual(
        diverged.map(({ factor }) => factor),
        [0.5, 0.25],
      );
      assert.equal(file, 32); // the last good network is there
    });
  });
