// SPDX-License-Identifier: MIT
//
// What a server, a network and a browser can do to the page: rows B and C of docs/RELIABILITY.md. The site stands behind a server
// that goes wrong where a test says so; no test waits for a real timeout.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, afterEach, before, describe, test } from "node:test";
import { serve } from "../../scripts/serve.mjs";
import { ENGINES, launch } from "./engines.mjs";
import { missing, serveWith } from "./harness.mjs";

const CORE = "/web/core";
const BUILDS = ["relaxed", "scalar"].map(name => `${CORE}/rnn-${name}.wasm`).concat(`${CORE}/rnn.wasm`);
const SIMD = BUILDS.filter(path => !path.includes("scalar"));
const weightsOf = name => `/weights/${name}.safetensors`;
const hash = (more = "") => `web/#network=course&speed=0&length=40&language=en${more}`;

// ---- faults ----

const webPage = answer => ({
  ...answer,
  headers: { ...answer.headers, "content-type": "text/html" },
  body: Buffer.from("<!doctype html><title>App</title>"),
});
/** Of a wrong type, and without the header that forbids to guess a better one. */
const typed = answer => ({ ...answer, headers: { ...answer.headers, "content-type": "text/html" } });
const changed = change => answer => ({ ...answer, body: Buffer.from(change(answer.body)) });
const cutShort = changed(body => body.subarray(0, 5000));
/** Breaks off in the middle. */
const breaking = ({ body }, response) => {
  response.writeHead(200, { "content-length": body.length });
  response.write(body.subarray(0, 5000), () => setTimeout(() => response.destroy(), 50));
};
/** Begins, and never goes on. */
const silent = ({ body }, response) => void response.writeHead(200, { "content-length": body.length }).write(body.subarray(0, 5000));
/** The module with log2(e) changed: it runs, and computes wrong numbers. */
const miscomputing = changed(body => {
  const at = [...body.keys()].filter(i => body.readUIntBE(i, Math.min(4, body.length - i)) === 0x3baab83f);
  assert.ok(at.length > 0, "the module has no constant log2(e)");
  for (const i of at) body[i + 2] ^= 32;
  return body;
});
/** A script with something in front of it that runs after what it imports. */
const prefixed = line => changed(body => `${line}\n${body}`);
const replaced = (from, to) =>
  changed(body => {
    assert.ok(body.includes(from), from);
    return body.toString().replace(from, to);
  });
const policy = change => answer => {
  const changedPolicy = change(answer.headers["content-security-policy"]);
  const body = answer.headers["content-type"].startsWith("text/html")
    ? Buffer.from(
        answer.body
          .toString()
          .replace(
            /(Content-Security-Policy" content=")[^"]+/,
            `$1${change(answer.headers["content-security-policy"].replace(/; frame-ancestors.*/, ""))}`,
          ),
      )
    : answer.body;
  return { ...answer, headers: { ...answer.headers, "content-security-policy": changedPolicy }, body };
};
const all = (paths, fault) => Object.fromEntries(paths.map(path => [path, fault]));

// ---- in the page ----

const see = {
  done: least => document.querySelector("#stop")?.hidden && document.querySelectorAll("#text .c:not(.given)").length >= least,
  text: () => document.querySelector("#text").textContent,
  trouble: () => document.querySelector("#trouble:not([hidden])")?.textContent,
  network: () => document.querySelector("#network").value,
  build: () => [...document.querySelectorAll("#facts dd")].at(-1)?.textContent,
};
const openFacts = () => {
  document.querySelector("[data-part=facts]").open = true;
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
});
after(async () => {
  await faulty?.close();
  await site?.close();
});

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

    async function open(more) {
      page = await browser.newPage();
      await page.goto(new URL(hash(more), faulty.url).href);
    }
    /** Something fails; it is said with all of those parts. */
    const says = async (...parts) => {
      await page.waitFor(parts => parts.every(part => document.querySelector("#trouble:not([hidden])")?.textContent.includes(part)), parts);
    };
    const written = async (least = 40) => {
      await page.waitFor(see.done, least);
      return page.run(see.text);
    };
    /** It fails no more, and the button is pressed. */
    const again = async () => {
      faults = {};
      await page.click("#again");
      await page.waitFor(() => document.querySelector("#trouble").hidden);
      return written();
    };

    for (const [what, fault, part] of [
      ["is missing", missing, "404"],
      ["is a web page", webPage, "no JSON"],
    ])
      test(`a list of networks that ${what} is named with its address, with what can still be done; then all goes on`, async () => {
        faults = { "/weights/index.json": fault };
        await open();
        await says(`${faulty.url}weights/index.json`, part, "A network of your own still opens");
        assert.equal(await page.run(() => document.querySelector("#write").disabled), true);
        assert.equal((await again()).length, "Today ".length + 40);
      });

    test("weights that fail are named with their address, the network in use stays, and another try gets them", async () => {
      await open();
      const text = await written();
      const before = faulty.asked.length;
      for (const [fault, ...parts] of [
        [missing, "404"],
        [webPage, "web page"],
        [breaking, "broke off"],
        [cutShort, "cut short"],
      ]) {
        faults = { [weightsOf("alice-words")]: fault };
        await page.select("#network", "alice-words");
        await says(`${faulty.url}weights/alice-words.safetensors`, ...parts, "stays in use");
        assert.equal(await page.run(see.network), "course");
        assert.equal(await page.run(see.text), text);
      }
      const asked = faulty.asked.slice(before).filter(path => path === weightsOf("alice-words"));
      assert.equal(asked.length, 1 + 1 + 2 + 1, "what breaks off is asked for once more, nothing else is");
      await again();
      assert.equal(await page.run(see.network), "alice-words");
    });

    test("a core that is missing or a web page is named with its address, and another try gets it", async () => {
      for (const [fault, part] of [
        [missing, "404"],
        [webPage, "web page"],
      ]) {
        faults = all(BUILDS, fault);
        await open();
        await says(`${faulty.url}web/core/rnn.wasm`, part, "does not run here");
        assert.equal((await again()).length, "Today ".length + 40);
        await page.close();
      }
      page = null;
    });

    test("wrong types of the weights, the core and the lists do not matter", async () => {
      faults = all([...BUILDS, weightsOf("course"), "/weights/index.json", "/web/lang/en.json"], typed);
      await open();
      await written();
      assert.deepEqual(page.problems, []);
    });

    test("builds with SIMD that the engine finds invalid, or that compute wrong numbers, give way to the one without", async () => {
      await open();
      const text = await written();
      await page.close();
      for (const fault of [cutShort, miscomputing]) {
        faults = all(SIMD, fault);
        await open();
        assert.equal(await written(), text);
        await page.run(openFacts);
        await page.waitFor(() => /WebAssembly$/.test(document.querySelector("#facts")?.innerText.trim()));
        await page.close();
      }
      page = null;
    });

    test("a core of which no build runs right is said, and so is one of another version", async () => {
      for (const [broken, ...parts] of [
        [all(BUILDS, cutShort), "rnn-scalar.wasm", "does not run here"],
        [all(BUILDS, miscomputing), "wrong numbers"],
        [{ [`${CORE}/wasm.js`]: replaced("const VERSION = ", "const VERSION = 1") }, "another version", "reload"],
      ]) {
        faults = broken;
        await open();
        await says(...parts);
        assert.equal(await page.run(() => document.querySelector("#tab-train").checkVisibility()), true);
        await page.close();
      }
      page = null;
    });

    test("without WebAssembly the page says so and can be read", async () => {
      faults = { "/web/app.js": prefixed("delete globalThis.WebAssembly;") };
      await open();
      await says("there is no WebAssembly here", "Use a current browser");
      assert.match(await page.run(() => document.body.innerText), /A recurrent network writes/);
      assert.deepEqual(page.problems, []);
    });

    test("a server that falls silent, or sends a byte now and then, is given up; another try gets the network", async () => {
      const slowly = ({ body }, response) => {
        response.writeHead(200, { "content-length": body.length });
        const timer = setInterval(() => response.write(body.subarray(0, 1)), 20);
        response.once("close", () => clearInterval(timer));
      };
      for (const fault of [silent, slowly]) {
        faults = { [`${CORE}/sources.js`]: replaced("30_000", "3000"), [weightsOf("course")]: fault };
        await open();
        await says(`${faulty.url}weights/course.safetensors sent`, "in 3 seconds", "try again");
        await again();
        await page.close();
      }
      page = null;
    });

    test("of two networks that are chosen one after the other the last one is used, whichever comes first", async () => {
      let release;
      let isClosed = false;
      faults = {
        [weightsOf("alice-words")]: ({ body }, response) => {
          response.once("close", () => {
            isClosed = !response.writableFinished;
          });
          release = () => response.end(body);
        },
      };
      await open();
      await written();
      await page.select("#network", "alice-words");
      for (const end = Date.now() + 20_000; !release && Date.now() < end;) await new Promise(resolve => setTimeout(resolve, 20));
      await page.select("#network", "course");
      await page.waitFor(() => document.querySelector("#network").value === "course" && document.querySelector("#stop").hidden);
      await written();
      for (const end = Date.now() + 20_000; !isClosed && Date.now() < end;) await new Promise(resolve => setTimeout(resolve, 20));
      assert.ok(isClosed, "the older request was ended");
      release();
      assert.equal(await page.run(see.network), "course");
      assert.equal(await page.run(see.trouble), undefined);
      assert.equal(await page.run(() => document.querySelectorAll(".facts").length), 0);
      assert.deepEqual(page.problems, []);
    });

    test("workers that a policy forbids are said under Train, and the rest goes on", async () => {
      faults = { "*": policy(text => text.replace("worker-src 'self'", "worker-src 'none'")) };
      await open("&view=train");
      await page.waitFor(() =>
        /none can be started here/.test(document.querySelector("#view-train > [role=alert]:not([hidden])")?.textContent),
      );
      await page.click("#tab-write");
      await page.waitFor(() => document.querySelector("#write")?.disabled === false);
      await page.click("#write");
      await written();
    });

    test("a policy without wasm-unsafe-eval is named as what stops the core", async () => {
      faults = { "*": policy(text => text.replace(" 'wasm-unsafe-eval'", "")) };
      await open();
      await says("does not run here", "Content-Security-Policy needs script-src 'wasm-unsafe-eval'");
      assert.match(await page.run(() => document.body.innerText), /A recurrent network writes/);
    });
  });
