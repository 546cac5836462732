// SPDX-License-Identifier: MIT
//
// The worker that trains, in Chromium and Firefox: its numbers, with one worker and two, across its death, and without storage.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { serve } from "../../scripts/serve.mjs";
import { Training } from "../../web/core/recipe.js";
import { unpackCheckpoint } from "../../web/core/checkpoint.js";
import { TWO_ENGINES, launch } from "./engines.mjs";

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
      const pair = new Pair({
        hear(event) {
          events.push(event);
          wake();
        },
        failed(error) {
          events.push({ type: "trouble", message: error.message });
          wake();
        },
      });
      return Object.assign(pair, {
        events,
        next: () =>
          new Promise(resolve => {
            wake = resolve;
          }),
        async until(...types) {
          for (;;) {
            const found = events.find(event => types.includes(event.type));
            if (found) return found;
            await this.next();
          }
        },
        ask(command, ...types) {
          events.length = 0;
          pair.post(command);
          return pair.until("trouble", ...types);
        },
      });
    };
    /** Changes some of what the browser keeps, record by record. */
    window.changeRecords = changesOf =>
      new Promise(resolve => {
        indexedDB.open("nextchar").onsuccess = ({ target: { result: database } }) => {
          const training = database.transaction("training", "readwrite").objectStore("training");
          training.openCursor().onsuccess = ({ target: { result: cursor } }) => {
            if (!cursor) return;
            const changes = changesOf(cursor.value);
            if (changes) cursor.update({ ...cursor.value, ...changes });
            cursor.continue();
          };
          training.transaction.oncomplete = () => {
            database.close();
            resolve();
          };
        };
      });
    window.hash = async bytes => [...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))].slice(0, 8).join();
    /** A whole training; the hash of its last checkpoint, and how it was. */
    window.trainAll = async (text, settings, workers) => {
      const worker = window.begin();
      await worker.ask({ type: "read", text, settings }, "prepared");
      const end = await worker.ask({ type: "start", workers, keep: false }, "end");
      const most = Math.max(...worker.events.filter(({ type }) => type === "progress").map(event => event.workers));
      const { bytes } = await worker.ask({ type: "checkpoint" }, "checkpoint");
      worker.end();
      return { end, most, hash: await window.hash(bytes) };
    };
  });
}

for (const engine of TWO_ENGINES)
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
      const { prepared, markov, progress, samples, end, file } = await page.run(
        async (text, settings) => {
          const worker = window.begin();
          const prepared = await worker.ask({ type: "read", text, settings }, "prepared");
          const end = await worker.ask({ type: "start", workers: 1, keep: false }, "end");
          const of = type => worker.events.filter(event => event.type === type);
          const [markov, progress, samples] = ["markov", "progress", "sample"].map(of);
          const { bytes } = await worker.ask({ type: "weights", quantized: true, use: "save" }, "weights");
          const { load } = await import("./core/model.js");
          const model = await load(bytes);
          return { prepared, markov, progress, samples, end, file: [model.quantized, model.hidden, model.vocabulary.length] };
        },
        TEXT,
        SETTINGS,
      );
      assert.equal(prepared.facts.characters, [...TEXT].length);
      assert.equal(prepared.facts.tokens + prepared.facts.heldOut, prepared.facts.characters);
      assert.ok(prepared.tokensPerSecond > 0);
      assert.equal(prepared.example[0].inputs.slice(1).join(""), prepared.example[0].targets.slice(0, -1).join(""));
      assert.deepEqual(
        markov.map(({ order }) => order),
        [1, 2, 3, 4, 5, 6],
      );
      assert.ok(progress.at(-1).bits < prepared.uniform - 1, JSON.stringify(progress.at(-1)));
      assert.ok(progress.at(-1).heldOut < prepared.uniform - 1);
      assert.equal(progress.at(-1).done, prepared.updates);
      assert.ok(samples.length >= 2 && samples[0].done === 0 && samples.at(-1).text.length > 100);
      assert.equal(end.reason, "done");
      assert.ok(end.best.heldOut <= progress.at(-1).heldOut);
      assert.deepEqual(file, [true, 32, prepared.facts.vocabulary]);
    });

    withPage("examples that are made with what the project ships are learnt, and those of a file", async () => {
      const heard = await page.run(async () => {
        const worker = window.begin();
        const invented = await worker.ask({ type: "practise", task: "surname-language" }, "lesson");
        const struck = await worker.ask({ type: "practise", task: "vowels-en" }, "lesson");
        const lines = Array.from({ length: 100 }, (_, i) => `${i};${i % 3 ? "no" : "yes"}`).join("\r\n");
        const table = await worker.ask({ type: "practise", text: [new File([lines], "table.csv")] }, "lesson");
        const end = await worker.ask({ type: "start", workers: 1, keep: false }, "end");
        const { accuracy } = worker.events.findLast(({ type }) => type === "accuracy");
        worker.end();
        return { lessons: [invented, struck, table], end, accuracy };
      });
      assert.deepEqual(
        heard.lessons.map(({ type, pattern, name, facts: { labels } }) => [type, pattern, name, labels]),
        [
          ["lesson", "many-to-one", "surname-language", 18],
          ["lesson", "synchronous", "vowels-en", heard.lessons[1].facts.labels],
          ["lesson", "many-to-one", null, 2],
        ],
      );
      assert.deepEqual([heard.end.reason, heard.end.best.accuracy >= heard.accuracy], ["done", true]);
    });

    withPage("two workers have the bits of one", async () => {
      const [one, two] = await page.run(
        async (text, settings) => [await window.trainAll(text, settings, 1), await window.trainAll(text, settings, 2)],
        TEXT,
        { ...SETTINGS, passes: 40 },
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
          await worker.ask({ type: "read", text, settings }, "prepared");
          worker.post({ type: "start", workers: 1, keep: true });
          await worker.until("progress", "trouble");
          await worker.ask({ type: "pause" }, "kept", "end");
          worker.post({ type: "start", workers: 1, keep: true });
          await worker.until("progress", "trouble");
          worker.end();
          worker = window.begin();
          const { done, updates, resumed } = await worker.ask({ type: "resume" }, "prepared");
          await worker.ask({ type: "start", workers: 1, keep: true }, "end");
          const { bytes } = await worker.ask({ type: "checkpoint" }, "checkpoint");
          worker.end();
          return {
            done,
            updates,
            points: resumed.history.points.length,
            text: resumed.text === text,
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

    withPage("of a damaged checkpoint the older one is taken, of two damaged ones none; whatever of it is damaged", async () => {
      const [sum, ...seen] = await page.run(async () => {
        const { Storage } = await import("./trainer/storage.js");
        const { crc32 } = await import("./trainer/crc32.js");
        const storage = new Storage();
        const newest = async () => (await storage.newest())?.about.done ?? null;
        const fill = async () => {
          await storage.clear();
          for (let done = 1; done <= 3; done++)
            await storage.put("a text", { checkpoint: Uint8Array.of(done), best: Uint8Array.of(done), about: { done } });
          return newest();
        };
        const seen = [];
        for (const changes of [
          { checkpoint: Uint8Array.of(9) },
          { checkpoint: Uint8Array.of() },
          { best: Uint8Array.of(9) },
          { best: null },
          { about: { done: 9 } },
        ]) {
          const found = [await fill()];
          for (const damaged of [3, 2]) {
            await window.changeRecords(record => record.number === damaged && changes);
            found.push(await newest());
          }
          seen.push(found);
        }
        for (const changes of [{ text: "a test" }, { id: "another" }]) {
          await fill();
          await window.changeRecords(record => "text" in record && changes);
          seen.push(await newest());
        }
        await fill();
        await window.changeRecords(record => record.number === 2 && { number: 9 }); // it is not the newest
        seen.push(await newest());
        await storage.clear();
        return [crc32(new TextEncoder().encode("123456789")), ...seen, await newest()];
      });
      assert.equal(sum, 0xcbf43926);
      assert.deepEqual(seen, [...Array(5).fill([3, 2, null]), null, null, 3, null]);
    });

    withPage("what version 0.2 kept is opened, and goes on being kept", async () => {
      const seen = await page.run(async () => {
        const { Storage } = await import("./trainer/storage.js");
        const { crc32 } = await import("./trainer/crc32.js");
        const storage = new Storage();
        await storage.put("a text", { checkpoint: Uint8Array.of(1), best: null, about: { done: 1 } });
        await window.changeRecords(record => {
          const { all, ...older } = record;
          return "text" in record ? { sum: undefined } : { ...older, all: undefined, sum: crc32(record.checkpoint) };
        });
        const later = new Storage();
        const found = [await later.newest()];
        await later.put("a text", { checkpoint: Uint8Array.of(2), best: null, about: { done: 2 } });
        found.push(await later.newest());
        await window.changeRecords(record => record.number === 2 && { about: { done: 9 } });
        found.push(await later.newest());
        await later.clear();
        return found.map(({ text, about }) => [text, about.done]);
      });
      assert.deepEqual(seen, [
        ["a text", 1],
        ["a text", 2],
        ["a text", 1],
      ]);
    });

    withPage("a checkpoint that is asked for amid the updates of two workers goes on to the same numbers", async () => {
      const files = await page.run(
        async (text, settings) => {
          const worker = window.begin();
          await worker.ask({ type: "read", text, settings }, "prepared");
          worker.post({ type: "start", workers: 2, keep: false });
          while (!worker.events.some(event => event.workers === 2)) await worker.next();
          const files = [];
          for (let i = 0; i < 4; i++) files.push([...(await worker.ask({ type: "checkpoint" }, "checkpoint")).bytes]);
          worker.end();
          return files;
        },
        TEXT,
        { ...SETTINGS, passes: 10_000 },
      );
      const training = await Training.begin(TEXT, { ...SETTINGS, passes: 10_000 });
      for (const file of files) {
        const bytes = Uint8Array.from(file);
        const { text } = await unpackCheckpoint(bytes);
        const resumed = await Training.resume(bytes, text);
        while (training.done < resumed.done) training.update();
        assert.deepEqual(resumed.save(), training.save());
      }
    });

    withPage("where no worker can be started the page itself trains, to the same weights", async () => {
      const { types, weights } = await page.run(
        async (text, settings) => {
          const { Client } = await import("./trainer/client.js");
          const { Worker } = window;
          window.Worker = class {
            constructor() {
              throw new DOMException("not here", "SecurityError");
            }
          };
          const types = [];
          const bytes = await new Promise((resolve, reject) => {
            const then = {
              here: event => types.push(event.isInPage),
              prepared: () => client.post({ type: "start", workers: 2, keep: false }),
              end: () => client.post({ type: "weights", quantized: false, use: "save", which: "last" }),
              weights: event => resolve(event.bytes),
              trouble: reject,
            };
            const client = new Client({ hear: event => (types.push(event.type), then[event.type]?.(event)), failed: reject });
            client.post({ type: "read", text, settings });
          });
          window.Worker = Worker;
          return { types, weights: [...bytes] };
        },
        TEXT,
        SETTINGS,
      );
      assert.deepEqual(types.slice(0, 2), ["here", true]);
      const training = await Training.begin(TEXT, SETTINGS);
      while (training.done < training.updates) training.update();
      assert.deepEqual(Uint8Array.from(weights), training.weights());
    });

    withPage("a second tab is told that another one keeps its training; commands are answered while it trains", async () => {
      const { second, answered } = await page.run(
        async (text, settings) => {
          const [one, two] = [window.begin(), window.begin()];
          for (const worker of [one, two]) await worker.ask({ type: "read", text, settings }, "prepared");
          one.post({ type: "start", workers: 1, keep: true });
          await one.until("progress");
          two.post({ type: "start", workers: 1, keep: true });
          const second = await two.until("unkept");
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
          const { hash } = await window.trainAll(text, settings, 1);
          const worker = window.begin();
          await worker.ask({ type: "read", text, settings }, "prepared");
          for (let i = 0; i < 20; i++) {
            worker.post({ type: "start", workers: 2, keep: false });
            for (let k = 0; k < i % 4; k++) await worker.ask({ type: "ping" }, "pong"); // each lets it run an update or none
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
      const { hidden, late, resumed } = await page.run(
        async (text, settings) => {
          const { load } = await import("./core/model.js");
          const worker = window.begin();
          await worker.ask({ type: "read", text, settings: { ...settings, hidden: 48 } }, "prepared");
          worker.post({ type: "start", workers: 2, keep: false });
          await worker.until("progress");
          const { resumed } = await worker.ask({ type: "read", text, settings }, "prepared");
          const late = [];
          for (let i = 0; i < 100; i++) {
            await worker.ask({ type: "ping" }, "pong"); // a turn of the older one's loop, if it had not ended
            late.push(...worker.events.map(({ type }) => type).filter(type => type !== "pong"));
          }
          const { bytes } = await worker.ask({ type: "weights", quantized: false, use: "" }, "weights");
          worker.end();
          return { hidden: (await load(bytes)).hidden, late, resumed };
        },
        TEXT,
        { ...SETTINGS, heldOut: 0.5, passes: 500 },
      );
      assert.equal(hidden, SETTINGS.hidden);
      assert.deepEqual(late, []);
      assert.equal(resumed, undefined);
    });

    withPage("what another tab trains with is not forgotten from here", async () => {
      const { found, trouble, later } = await page.run(
        async (text, settings) => {
          const [one, two] = [window.begin(), window.begin()];
          await one.ask({ type: "read", text, settings }, "prepared");
          await one.ask({ type: "start", workers: 1, keep: true }, "kept");
          const found = await two.ask({ type: "look" }, "found");
          const trouble = await two.ask({ type: "forget" }, "forgotten");
          one.end();
          await navigator.locks.request("nextchar training", () => {}); // granted when the worker has ended
          let later;
          // our own lock may be seen a moment longer
          for (let i = 0; i < 100 && !later?.training; i++) later = await two.ask({ type: "look" }, "found");
          two.end();
          return { found, trouble, later };
        },
        TEXT,
        { ...SETTINGS, passes: 10_000 },
      );
      assert.equal(found.training, null);
      assert.equal(trouble.code, "E_STORAGE");
      assert.ok(later.training.done > 0);
    });

    withPage("a loss that runs away is rolled back with half the rate, and given up in the end", async () => {
      const { diverged, trouble, file } = await page.run(
        async (text, settings) => {
          const worker = window.begin();
          await worker.ask({ type: "read", text, settings }, "prepared");
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
