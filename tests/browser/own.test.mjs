// SPDX-License-Identifier: MIT
//
// The reader's own networks: what is opened or trained stays in the browser, in its list and in its address; a link to one asks for
// its file where that is not; and what goes wrong with the storage is said, once, and takes nothing away.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { describe, test } from "node:test";
import { load } from "../../web/core/model.js";
import { Branch } from "../../web/story/story.js";
import { unfold } from "./controls.mjs";
import { ENGINES } from "./engines.mjs";
import { useEngine } from "./harness.mjs";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const weights = name => new URL(`../../weights/${name}.safetensors`, import.meta.url);
const LENGTH = 60,
  PROMPT = "Today ",
  FAST = `network=shakespeare&speed=0&seed=5&prompt=${encodeURIComponent(PROMPT)}&length=${LENGTH}`;

/** What a network writes to FAST, by the core alone. */
async function textOf(name, events = [{ place: 0, temperature: 0.8 }]) {
  const model = await load(weights(name));
  const branch = new Branch(model, model.encode(PROMPT), 5, events);
  for (const _ of branch.read());
  for (const _ of branch.write(() => LENGTH));
  return branch.steps.map(step => step.text).join("");
}
const [ofCourse, ofPushkin] = [await textOf("course"), await textOf("pushkin")];

const see = {
  shows: text => document.querySelector("#stop")?.hidden && document.querySelector("#text").textContent === text,
  notice: () => document.querySelector("#own-notice:not([hidden])")?.textContent ?? "",
  own: () => [...document.querySelectorAll("#network optgroup option")].map(option => option.textContent),
  rows: () => [...document.querySelectorAll(".own-rows input")].map(input => input.value),
};

/** Drops a file of the site on the page. */
const give = (page, file, name) =>
  page.run(
    async (file, name) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([await (await fetch(`../weights/${file}.safetensors`)).arrayBuffer()], name));
      document.querySelector("#status").dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
    },
    file,
    name,
  );

for (const engine of ENGINES)
  describe(engine, () => {
    const site = useEngine(engine);
    const address = hash => new URL(`web/#${hash}`, site.url).href;

    /** A page in a profile of its own. */
    const open = (hash, url = address(hash)) => site.visit(url);
    /** The page with a network from a file, and what it wrote. */
    async function openWith(file, name, text) {
      const page = await open(FAST);
      await page.waitFor(() => document.querySelector("#write")?.disabled === false);
      await give(page, file, name);
      await page.waitFor(see.shows, text);
      await page.waitFor(() => document.querySelector("#own-manage:not([hidden])") && localStorage.getItem("nextchar.own"));
      await page.waitFor(() => /network=own/.test(location.hash)); // it comes a little later
      return page;
    }
    const reload = async page => {
      const url = await page.run(() => location.href);
      await page.goto("about:blank");
      await page.goto(url);
    };
    const manage = async page => {
      await page.click("#own-manage");
      await page.waitFor(() => Boolean(document.querySelector("dialog[open]")));
    };
    const press = (page, name) => page.click(`dialog button[aria-label^="${name}"]`);

    test("a network from a file is in the list and in the address, and writes the same after a reload", async () => {
      const page = await openWith("course", "names-2026-11-25.safetensors", ofCourse);
      assert.deepEqual(await page.run(see.own), ["names"]);
      await page.waitFor(() => /[#&]network=own\.11c13ce3\.names&/.test(location.hash));
      await reload(page);
      await page.waitFor(see.shows, ofCourse);
      await page.waitFor(() => document.querySelector("#network").selectedOptions[0]?.textContent === "names");
      await page.select("#network", "course");
      await page.waitFor(() => /network=course/.test(location.hash));
      await page.waitFor(() => !document.querySelector("#network").selectedOptions[0].textContent.includes("names"));
      await page.select("#network", "own.11c13ce3.names"); // and is chosen like any other
      await page.waitFor(see.shows, ofCourse);
      assert.deepEqual(page.problems, []);
    });

    test("with a network from a file what was chosen on the way begins anew, and Back leads to the network before", async () => {
      const isLinked = () => document.querySelector("#stop")?.hidden && document.querySelector("#text .selected")?.dataset.place === "20";
      const page = await open(`${FAST}&path=0t0.8_12i9&at=20`);
      await page.waitFor(isLinked);
      await give(page, "course", "names.safetensors");
      await page.waitFor(see.shows, ofCourse);
      await page.waitFor(() => /network=own/.test(location.hash));
      assert.doesNotMatch(await page.run(() => location.hash), /path=|at=/);
      await page.run(() => history.back());
      await page.waitFor(() => /network=shakespeare.*path=.*at=20/.test(location.hash));
      await page.waitFor(() => document.querySelector("#network").value === "shakespeare");
      await page.waitFor(isLinked);
      assert.deepEqual(page.problems, []);
    });

    test("it is renamed, removed, brought back, and removed: then it stays in use, and a reload asks for its file", async () => {
      const page = await openWith("course", "names.safetensors", ofCourse);
      await manage(page);
      await page.type("dialog input", "  <b>Names</b>  of all");
      await page.press("Enter");
      const name = "<b>Names</b> of all";
      await page.waitFor(name => document.querySelector("#network").selectedOptions[0]?.textContent === name, name);
      assert.deepEqual(await page.run(see.rows), [name]);
      await press(page, "Remove");
      await page.waitFor(() => !document.querySelector("dialog input"));
      await press(page, "Undo");
      await page.waitFor(name => document.querySelector("dialog input")?.value === name, name);
      await press(page, "Remove");
      await page.waitFor(() => !document.querySelector("dialog input"));
      await page.press("Escape");
      await page.waitFor(() => !document.querySelector("dialog") && !localStorage.getItem("nextchar.own"));
      await page.waitFor(() => document.activeElement.id === "network"); // there is nothing left to manage
      assert.equal(await page.run(see.shows, ofCourse), true);
      await page.click("#write"); // it goes on being used
      await page.waitFor(see.shows, ofCourse);
      await reload(page);
      assert.match(await page.waitFor(see.notice), /“names”, a network that is not in this browser.*Choose the file/);
      assert.deepEqual(page.problems, []);
    });

    test("elsewhere a link to one asks for its file, then shows exactly what was linked; another file is taken, as is said", async () => {
      const path = "0t0.8_12i9_30t1.4";
      const events = [
        { place: 0, temperature: 0.8 },
        { place: 12, id: 9 },
        { place: 30, temperature: 1.4 },
      ];
      const link = `${FAST}&path=${path}&at=40`.replace("shakespeare", "own.11c13ce3.names");
      let page = await open(link);
      assert.match(await page.waitFor(see.notice), /“names”/);
      await page.type("#prompt", "typed while one waits");
      await page.select("#language", "ru");
      await page.waitFor(() => /файл/.test(document.querySelector("#own-notice").textContent));
      await give(page, "course", "from a colleague.safetensors");
      await page.waitFor(see.shows, await textOf("course", events));
      await page.waitFor(() => document.querySelector("#text .selected")?.dataset.place === "40");
      assert.equal(await page.run(see.notice), "");
      assert.equal(await page.run(() => document.querySelector("#language").value), "ru"); // it is the reader's, not the link's
      await page.waitFor(() => /language=ru/.test(location.hash));
      page = await open(link.replace(`&path=${path}&at=40`, ""));
      await page.waitFor(see.notice);
      await give(page, "pushkin", "another.safetensors");
      await page.waitFor(see.shows, ofPushkin);
      assert.match(await page.waitFor(see.notice), /“another” is another file than that of “names”/);
      assert.deepEqual(page.problems, []);
    });

    test("what version 1 of the database keeps of a training is there in version 2", async () => {
      const page = await open("", new URL("web/lang/en.json", site.url).href);
      const found = await page.run(async () => {
        const { crc32 } = await import("/web/trainer/crc32.js");
        await new Promise((resolve, reject) => {
          const request = indexedDB.open("nextchar", 1);
          request.onerror = reject;
          request.onupgradeneeded = () => request.result.createObjectStore("training");
          request.onsuccess = () => {
            const transaction = request.result.transaction("training", "readwrite");
            const training = transaction.objectStore("training");
            const checkpoint = Uint8Array.of(1, 2, 3);
            training.put({ text: "a text", id: "its id" }, "text");
            training.put({ checkpoint, best: null, about: { done: 7 }, textId: "its id", number: 1, sum: crc32(checkpoint) }, "a");
            transaction.oncomplete = () => resolve(); // the database stays open, as in another tab; it has to give way
            request.result.onversionchange = () => request.result.close();
          };
        });
        const { Storage } = await import("/web/trainer/storage.js");
        const { text, about, checkpoint } = await new Storage().newest();
        return [text, about.done, [...checkpoint]];
      });
      assert.deepEqual(found, ["a text", 7, [1, 2, 3]]);
    });

    if (engine !== "chromium") return;

    /** The same with something changed before any script runs. */
    async function openPrepared(hash, prepare) {
      const page = await open("");
      await page.goto("about:blank");
      await page.page.evaluateOnNewDocument(prepare);
      await page.goto(address(hash));
      await page.waitFor(() => document.querySelector("#write")?.disabled === false);
      return page;
    }

    for (const [what, prepare] of [
      [
        "a storage that is forbidden",
        () => {
          const get = () => {
            throw new DOMException("no", "SecurityError");
          };
          for (const name of ["indexedDB", "localStorage"]) Object.defineProperty(window, name, { get });
        },
      ],
      [
        "a storage that fails",
        () => {
          IDBFactory.prototype.open = () => {
            throw new DOMException("it is damaged", "UnknownError");
          };
        },
      ],
    ])
      test(`${what} is said once; the networks are there as long as the page, and can be saved`, async () => {
        const page = await openPrepared(FAST, prepare);
        await give(page, "course", "one.safetensors");
        await page.waitFor(see.shows, ofCourse);
        assert.match(await page.waitFor(see.notice), /“one” is in use, but not kept.*The browser keeps nothing here/);
        await page.click("#own-notice button:last-child");
        await give(page, "pushkin", "two.safetensors");
        await page.waitFor(see.shows, ofPushkin);
        await page.waitFor(() => document.querySelectorAll("#network optgroup option").length === 2);
        assert.equal(await page.run(see.notice), "");
        await page.select("#network", "own.11c13ce3.one");
        await page.waitFor(see.shows, ofCourse);
        await manage(page);
        assert.match(await page.run(() => document.querySelector("dialog").textContent), /not kept: it goes with the page/);
        assert.deepEqual(page.problems, []);
      });

    test("a full storage is said, with the file to save; where there is room again the next one is kept", async () => {
      const page = await open("");
      const devtools = await page.page.createCDPSession();
      const { origin } = new URL(site.url);
      await devtools.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 1000 });
      await page.goto("about:blank");
      await page.goto(address(FAST));
      await page.waitFor(() => document.querySelector("#write")?.disabled === false);
      await give(page, "course", "one.safetensors");
      await page.waitFor(see.shows, ofCourse);
      assert.match(await page.waitFor(see.notice), /“one” is in use, but not kept.*no room left to keep the network.*Save the file/);
      await devtools.send("Storage.overrideQuotaForOrigin", { origin });
      await give(page, "pushkin", "two.safetensors");
      await page.waitFor(see.shows, ofPushkin);
      await page.waitFor(() => localStorage.getItem("nextchar.own"));
      assert.deepEqual(await page.run(see.own), ["two", "one"]);
    });

    test("a damaged one is said and not opened, and can be removed or put right by its file; wrong facts are no markup", async () => {
      const page = await openWith("course", "one.safetensors", ofCourse);
      await page.run(
        () =>
          new Promise(resolve => {
            indexedDB.open("nextchar").onsuccess = ({ target: { result: database } }) => {
              const transaction = database.transaction(["networks", "files"], "readwrite");
              const files = transaction.objectStore("files");
              files.get("11c13ce3").onsuccess = ({ target: { result } }) => {
                result.bytes[1000] ^= 1;
                files.put(result, "11c13ce3");
              };
              const facts = { name: { toString: 1 }, when: "<img>", kind: "<b>", learnt: 7, input: [], bytes: -1 };
              transaction.objectStore("networks").put(facts, "00000000");
              transaction.objectStore("networks").put({}, "<img src=x>");
              transaction.oncomplete = () => resolve(database.close());
            };
          }),
      );
      await reload(page);
      assert.match(await page.waitFor(see.notice), /kept of “one” is damaged/);
      await page.waitFor(() => Boolean(document.querySelector("#own-manage:not([hidden])")));
      await manage(page);
      assert.deepEqual((await page.run(see.rows)).sort(), ["00000000", "one"]);
      await press(page, "Remove: 00000000");
      await page.waitFor(() => document.querySelectorAll("dialog input").length === 1);
      await press(page, "Open: one");
      await page.waitFor(() => /damaged/.test(document.querySelector("dialog [role=alert]:not([hidden])")?.textContent));
      await page.press("Escape");
      await page.waitFor(() => !document.querySelector("dialog"));
      await give(page, "course", "whole.safetensors");
      await page.waitFor(see.shows, ofCourse);
      await page.waitFor(async () => {
        const { OwnNetworks } = await import("./page/own/ownnetworks.js");
        return typeof (await new OwnNetworks().open("own.11c13ce3")) === "object";
      });
      await reload(page);
      await page.waitFor(see.shows, ofCourse);
      assert.equal(await page.run(see.notice), "");
      assert.equal(await page.run(() => document.querySelector("img")), null);
      assert.deepEqual(page.problems, []);
    });

    test("what another tab keeps is seen when the list is opened; where a link is copied its file is said to be needed", async () => {
      const page = await openWith("course", "one.safetensors", ofCourse);
      const tab = await page.context.newPage();
      await tab.goto(address(FAST));
      await tab.waitForFunction(text => [...document.querySelectorAll("#network option")].at(-1)?.textContent === text, {}, "one");
      await page.page.bringToFront();
      await give(page, "pushkin", "two.safetensors");
      await page.waitFor(see.shows, ofPushkin);
      await tab.bringToFront();
      await tab.focus("#network");
      await tab.waitForFunction(() => document.querySelectorAll("#network optgroup option").length === 2);
      await page.page.bringToFront();
      await unfold(page, "share", "#link");
      await page.click("#link");
      assert.match(await page.waitFor(see.notice), /needs the file of “two”.*Save the file/);
      assert.deepEqual(page.problems, []);
    });

    test("a network that answers is kept, too, and opened from its address, the list and the dialog", async () => {
      const page = await open(`${FAST}&view=patterns`);
      const asked = () => document.querySelector("#room textarea, #room input")?.value;
      await page.waitFor(() => Boolean(document.querySelector("#room .room")));
      await give(page, "patterns/roman", "years.safetensors");
      await page.waitFor(() => /pattern=own\.[0-9a-f]{8}\.years/.test(location.hash) && localStorage.getItem("nextchar.own"));
      await page.waitFor(() => document.querySelector("#pattern-network").selectedOptions[0].textContent === "years");
      await reload(page);
      await page.waitFor(() => document.querySelector("#pattern-network")?.selectedOptions[0]?.textContent === "years");
      await page.waitFor(() => Boolean(document.querySelector("#room .room")));
      assert.equal(await page.run(asked), "");
      await page.run(() => (location.hash = "#view=write&network=course&speed=0&length=9"));
      await page.waitFor(() => Boolean(document.querySelector("#own-manage:not([hidden])")));
      await manage(page);
      await press(page, "Open: years");
      await page.waitFor(() => /view=patterns/.test(location.hash) && /pattern=own/.test(location.hash));
      await page.waitFor(() => document.querySelector("#pattern-network").selectedOptions[0].textContent === "years");
      const link = await page.run(() => location.hash.slice(1));
      const other = await open(link);
      assert.match(await other.waitFor(see.notice), /“years”/);
      await give(other, "patterns/roman", "other name.safetensors");
      await other.waitFor(() => document.querySelector("#pattern-network").selectedOptions[0].textContent === "other name");
      assert.deepEqual([...page.problems, ...other.problems], []);
    });

    for (const scheme of ["light", "dark"])
      test(`${scheme}: axe finds nothing in the dialog and the notice, which are no wider than 280 px`, async () => {
        const page = await openWith("course", "one.safetensors", ofCourse);
        await page.page.setBypassCSP(true); // for axe itself
        await reload(page);
        await page.page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
        await page.page.setViewport({ width: 280, height: 700 });
        await page.waitFor(see.shows, ofCourse);
        await page.waitFor(() => Boolean(document.querySelector("#own-manage:not([hidden])")));
        const findings = async () => {
          await page.run(axe);
          const { violations } = await page.run(() => window.axe.run());
          return violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`);
        };
        await unfold(page, "share", "#link");
        await page.click("#link");
        await page.waitFor(see.notice);
        assert.deepEqual(await findings(), []);
        assert.ok(await page.run(() => document.documentElement.scrollWidth <= innerWidth));
        await manage(page);
        assert.deepEqual(await findings(), []);
        assert.ok(await page.run(() => document.querySelector("dialog").scrollWidth <= document.querySelector("dialog").clientWidth));
      });
  });
