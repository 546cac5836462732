// SPDX-License-Identifier: MIT
//
// What a server, a network and a browser can do to the page: rows B and C of docs/RELIABILITY.md. The site stands behind a server
// that goes wrong where a test says so; no test waits for a real timeout.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { serve } from "../../scripts/serve.mjs";
import { load } from "../../web/core/model.js";
import { ENGINES, launch } from "./engines.mjs";
import { missing, serveWith } from "./harness.mjs";
import { copyLink } from "./controls.mjs";

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
const withHeaders = headers => answer => ({ ...answer, headers: { ...answer.headers, ...headers } });
/** Another policy: in the header that comes with every file, and in the page. */
const policy = change => answer => {
  const { headers, body } = answer;
  const isPage = headers["content-type"].startsWith("text/html");
  return {
    ...answer,
    headers: { ...headers, "content-security-policy": change(headers["content-security-policy"]) },
    body: isPage ? change(body.toString()) : body,
  };
};
/** The notice of a page that does not start comes at once, not after seconds. */
const atOnce = { "/web/style.css": replaced("late 0s 5s", "late 0s 0s") };
/** An answer that is held back: open() lets it go. */
function gate() {
  const held = {};
  held.asked = new Promise(resolve => {
    held.fault = ({ status, headers, body }, response) => {
      held.open = () => response.writeHead(status, headers).end(body);
      resolve();
    };
  });
  return held;
}
const all = (paths, fault) => Object.fromEntries(paths.map(path => [path, fault]));

// ---- in the page ----

const see = {
  done: least => document.querySelector("#stop")?.hidden && document.querySelectorAll("#text .c:not(.given)").length >= least,
  text: () => document.querySelector("#text").textContent,
  trouble: () => document.querySelector("#trouble:not([hidden])")?.textContent,
  network: () => document.querySelector("#network").value,
};
/** All these parts of it, in whatever case: a message begins a sentence, or stands in one. */
const isSaid = parts => {
  const said = document.querySelector("#trouble:not([hidden])")?.textContent.toLowerCase();
  return parts.every(part => said?.includes(part.toLowerCase()));
};
/** The notice of a page that does not start is in sight, in both languages, with what to do in each case. */
const isToldWhy = () => {
  const said = document.body.innerText;
  const languages = [/nextchar has not started\..*web server/s, /nextchar не запустился\..*веб-сервер/s];
  const remedies = [/npm start/g, /allow-scripts allow-same-origin/g, /JavaScript/g, /nextchar\.html/g];
  return languages.every(each => each.test(said)) && remedies.every(each => said.match(each)?.length === 2);
};
const openFacts = () => {
  document.querySelector("[data-part=more]").open = true;
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
      await page.waitFor(isSaid, parts);
    };
    const written = async (least = 40) => {
      await page.waitFor(see.done, least);
      return page.run(see.text);
    };
    /** It fails no more, and the button is pressed. */
    const again = async () => {
      faults = {};
      await page.run(() => document.querySelector("#again").click()); // a pointer misses it where the sentence still moves it
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
        await page.waitFor(() => /WebAssembly$/.test(document.querySelector("#facts .facts")?.innerText.trim()));
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
      assert.match(await page.run(() => document.body.innerText), /The lesson[^]*Why this character\?/);
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
      await open();
      await written();
      let closed;
      const isClosed = new Promise(resolve => (closed = resolve));
      const [held, other] = [gate(), gate()];
      faults = {
        [weightsOf("alice-words")](answer, response) {
          response.once("close", closed);
          held.fault(answer, response);
        },
        [weightsOf("course")]: other.fault,
      };
      await page.select("#network", "alice-words");
      await held.asked;
      await page.select("#network", "course");
      await isClosed; // the older request was ended, and nobody waits for what it brings
      held.open();
      await other.asked;
      other.open();
      await page.waitFor(() => document.querySelector("#status").textContent.startsWith("40 characters"));
      assert.equal(await page.run(see.network), "course");
      assert.equal(await page.run(see.trouble), undefined);
      assert.deepEqual(page.problems, []);
    });

    test("where a policy forbids workers the page itself trains, as is said, and the rest goes on", async () => {
      faults = { "*": policy(text => text.replace("worker-src 'self' blob:", "worker-src 'none'")) };
      await open("&view=train");
      await page.waitFor(() => document.querySelector("#train-start")?.disabled === false);
      assert.match(await page.run(() => document.querySelector("#view-train").innerText), /^No worker can be started here/);
      await page.click("#tab-write");
      await page.waitFor(() => document.querySelector("#write")?.disabled === false);
      await page.click("#write");
      await written();
    });

    test("opened as a file, by a double click, the page says that it must come from a web server", async () => {
      page = await browser.newPage();
      await page.goto(new URL("../../web/index.html", import.meta.url).href);
      await page.waitFor(isToldWhy);
    });

    test("a browser that knows no modules gets that notice too, and one that starts the page has none", async () => {
      faults = { ...atOnce, "/web/": replaced('type="module"', 'type="of a later time"') };
      await open();
      await page.waitFor(isToldWhy);
      await page.close();
      faults = {};
      await open();
      await written();
      assert.equal(await page.run(() => document.querySelectorAll(".late").length), 0);
    });

    test("a policy without wasm-unsafe-eval is named as what stops the core", async () => {
      faults = { "*": policy(text => text.replace(" 'wasm-unsafe-eval'", "")) };
      await open();
      await says("does not run here", "Content-Security-Policy needs script-src 'wasm-unsafe-eval'");
      assert.match(await page.run(() => document.body.innerText), /The lesson[^]*Why this character\?/);
    });
  });

describe("in Chromium alone", () => {
  let browser;
  let page;
  before(async () => {
    browser = await launch("chromium");
  });
  afterEach(async () => {
    await page?.close();
    page = null;
  });
  after(() => browser?.close());

  const address = (path = hash()) => new URL(path, faulty.url).href;
  async function open(more, prepare = () => {}) {
    page = await browser.newPage();
    await prepare(page.page);
    await page.goto(address(hash(more)));
    return page;
  }
  const written = () => page.waitFor(see.done, 40);
  const devtools = () => page.page.createCDPSession();
  const says = (...parts) => page.waitFor(isSaid, parts);

  // ---- the network ----

  test("the policy is heeded: nothing comes from elsewhere, no string becomes code, no frame, no picture, no foreign worker", async () => {
    await open();
    await written();
    await page.run(async elsewhere => {
      window.violated = new Set();
      addEventListener("securitypolicyviolation", ({ effectiveDirective }) => window.violated.add(effectiveDirective));
      const trusting = trustedTypes.createPolicy("nextchar", { createScriptURL: url => url });
      const script = trusting.createScriptURL(URL.createObjectURL(new Blob([""], { type: "text/javascript" })));
      const add = (name, properties) => document.body.append(Object.assign(document.createElement(name), properties));
      for (const attempt of [
        () => fetch(elsewhere),
        () => new Worker(trusting.createScriptURL("data:text/javascript,")),
        () => add("script", { src: script }),
        () => (document.body.innerHTML = "<b>"),
        () => new Function("1"),
        () => trustedTypes.createPolicy("another", {}),
        () => add("img", { src: `${elsewhere}a.png` }),
        () => add("iframe", { src: location.href }),
        () => add("video", { src: `${elsewhere}a.webm` }),
        () => document.head.append(Object.assign(document.createElement("base"), { href: elsewhere })),
        () => add("style", { textContent: "a{}" }),
        () => document.body.setAttribute("style", "color: red"),
        () => document.body.appendChild(document.createElement("form")).submit(),
      ])
        try {
          await attempt();
        } catch {
          // refused at once
        }
    }, site.url);
    for (const directive of [
      "base-uri",
      "connect-src",
      "form-action",
      "frame-src",
      "img-src",
      "media-src",
      "require-trusted-types-for",
      "script-src-elem",
      "style-src-attr",
      "style-src-elem",
      "trusted-types",
      "worker-src",
    ])
      await page.waitFor(directive => window.violated.has(directive), directive);
  });

  test("weights of another origin whose server does not let the page read them are named, with what that server must send", async () => {
    faults = { "*": ({ headers: { "content-security-policy": _, ...headers }, ...answer }) => ({ ...answer, headers }) };
    page = await browser.newPage();
    await page.goto(address("weights/README.md"));
    const failure = await page.run(async url => {
      const { load } = await import("/web/core/model.js");
      return load(url).catch(({ code, message, hint }) => ({ code, message, hint }));
    }, `${site.url}weights/course.safetensors`);
    assert.equal(failure.code, "E_NETWORK");
    assert.ok(failure.message.startsWith(`${site.url}weights/course.safetensors did not answer`), failure.message);
    assert.match(failure.hint, /another origin.*Access-Control-Allow-Origin/);
  });

  test("offline the address that cannot be had is named, what is loaded goes on, and back online another try gets it", async () => {
    await open();
    await written();
    await page.page.setOfflineMode(true);
    await page.select("#network", "alice-words");
    await says(`${faulty.url}weights/alice-words.safetensors did not answer`, "Check the connection", "stays in use");
    await page.page.setOfflineMode(false);
    await page.click("#again");
    await page.waitFor(() => document.querySelector("#status").textContent.startsWith("40 words"));
    await page.page.setOfflineMode(true);
    await page.click("#one");
    await page.waitFor(see.done, 41);
  });

  test("at 50 KB a second the progress is shown, nothing blocks the page, and another choice ends the download at once", async () => {
    await open();
    await written();
    const session = await devtools();
    await session.send("Network.enable");
    await session.send("Network.emulateNetworkConditions", {
      offline: false,
      latency: 400,
      downloadThroughput: 50_000,
      uploadThroughput: 50_000,
    });
    await page.run(() => {
      window.shown = [];
      new MutationObserver(() => window.shown.push(document.querySelector("#status").textContent)).observe(
        document.querySelector("#status"),
        {
          childList: true,
        },
      );
      window.aborted = [];
      window.longest = 0;
      new PerformanceObserver(list => {
        for (const { duration } of list.getEntries()) window.longest = Math.max(window.longest, duration);
      }).observe({ type: "longtask" });
      const { fetch } = window;
      window.fetch = (url, options) => {
        options.signal.addEventListener("abort", () => window.aborted.push(new URL(url).pathname));
        return fetch(url, options);
      };
    });
    await page.select("#network", "alice-words");
    await page.waitFor(() => new Set(window.shown.filter(text => /^Loading Alice.*: [\d.]+%$/.test(text))).size >= 3);
    // A machine that is busy with other work stops any task; what the page itself does too long would be in each spell.
    let least = Infinity;
    for (let spell = 0; spell < 30 && least > 50; spell++) {
      await page.run(() => (window.longest = 0));
      const { length } = await page.run(() => window.shown);
      await page.waitFor(length => window.shown.length >= length + 2, length);
      least = Math.min(least, await page.run(() => window.longest));
    }
    assert.ok(least <= 50, `a task of ${least} ms in each spell`);
    const aborted = await page.run(() => {
      const list = document.querySelector("#network");
      const before = [...window.aborted];
      list.value = "course";
      list.dispatchEvent(new Event("change"));
      return new Promise(resolve => setTimeout(() => resolve([before, window.aborted])));
    });
    assert.deepEqual(aborted, [[], [weightsOf("alice-words")]], "before the choice, and when the page next does something else");
  });

  // ---- where the page is put ----

  const framed = (sandbox, url = address()) =>
    `<!doctype html><iframe ${sandbox === undefined ? "" : `sandbox="${sandbox}"`} src="${url}" width="900" height="700"></iframe>`;
  const html = (body, headers = {}) => ({ status: 200, headers: { "content-type": "text/html", ...headers }, body: Buffer.from(body) });
  /** The page in a frame of another one. */
  async function openFramed(body, headers, parent = faulty) {
    faults["/parent.html"] = () => html(body, headers);
    page = await browser.newPage();
    await page.goto(new URL("parent.html", parent.url).href);
    return page.page.waitForFrame(frame => frame.parentFrame() !== null);
  }
  const inFrame = (frame, fn, ...args) => frame.waitForFunction(fn, { timeout: 20_000 }, ...args);

  test("in a frame with a sandbox that keeps its origin the page writes", async () => {
    const frame = await openFramed(framed("allow-scripts allow-same-origin"));
    await inFrame(frame, see.done, 40);
  });

  test("in a frame whose sandbox takes its origin the page says that it cannot start, and what the frame needs", async () => {
    faults = { ...atOnce };
    const frame = await openFramed(framed("allow-scripts"));
    await inFrame(frame, isToldWhy);
  });

  test("in a frame whose sandbox lets no script run the page says so at once", async () => {
    const frame = await openFramed(framed("allow-same-origin"));
    assert.equal(await frame.evaluate(isToldWhy), true);
  });

  test("while the page starts its notice is not seen for 5 seconds, and goes as soon as it has started", async () => {
    const held = gate();
    faults = { "/web/app.js": held.fault };
    page = await browser.newPage();
    const opened = page.goto(address());
    await held.asked;
    const seen = await page.waitFor(() => {
      const notice = document.querySelector(".late");
      const isSeen = () => notice.checkVisibility({ visibilityProperty: true });
      const [animation] = notice.getAnimations();
      if (!animation) return null; // no styles yet
      const { delay } = animation.effect.getTiming();
      const before = isSeen();
      animation.finish();
      return { before, delay, after: isSeen() };
    });
    assert.deepEqual(seen, { before: false, delay: 5000, after: true });
    const words = gate();
    faults["/web/lang/en.json"] = words.fault;
    held.open();
    await words.asked;
    await page.waitFor(() => !document.querySelector(".late"));
    words.open();
    await opened;
    await written();
  });

  test("there, from a server that lets anybody read its files, it writes, and trains in a worker of a blob", async () => {
    faults = { "*": withHeaders({ "access-control-allow-origin": "*" }) };
    const frame = await openFramed(framed("allow-scripts"));
    await inFrame(frame, see.done, 40);
    await frame.click("#tab-train");
    await inFrame(frame, () => document.querySelector("#train-start")?.disabled === false);
    assert.equal(await frame.evaluate(() => /No worker can be started/.test(document.querySelector("#view-train").innerText)), false);
  });

  test("in a page with an embedder policy it is shown if its server sends the two headers, with its worker too", async () => {
    const headers = { "cross-origin-embedder-policy": "require-corp" };
    faults = { "*": withHeaders({ ...headers, "cross-origin-resource-policy": "cross-origin" }) };
    const parent = await serveWith(site.url, { "/parent.html": () => html(framed(undefined, address(hash("&view=train"))), headers) });
    try {
      const frame = await openFramed("", {}, parent);
      await inFrame(frame, () => document.querySelector("#train-start")?.disabled === false);
      await frame.click("#tab-write");
      await inFrame(frame, () => document.querySelector("#write").disabled === false);
      await page.close();
      faults = {};
      const bare = await openFramed("", {}, parent);
      await page.page.waitForNetworkIdle({ idleTime: 300 });
      assert.match(page.page.frames()[1].url(), /^chrome-error:/, `without them the browser refuses it: ${bare.url()}`);
    } finally {
      await parent.close();
    }
  });

  // ---- what the browser lacks ----

  test("an engine without a compiler, which has no WebAssembly, is told so, and the page can be read", async () => {
    const jitless = await launch("chromium", { args: ["--no-sandbox", "--js-flags=--jitless"] });
    try {
      const page = await jitless.newPage();
      await page.goto(address());
      await page.waitFor(() => /there is no WebAssembly here/i.test(document.querySelector("#trouble:not([hidden])")?.textContent));
      assert.match(await page.run(() => document.body.innerText), /The lesson[^]*Why this character\?/);
    } finally {
      await jitless.close();
    }
  });

  test("what only some browsers and addresses have is not needed: locks, clipboard, shared memory, segmenter, Trusted Types", async () => {
    await open("", page =>
      page.evaluateOnNewDocument(() => {
        for (const [owner, name] of [
          [Navigator.prototype, "locks"],
          [Navigator.prototype, "clipboard"],
          [window, "SharedArrayBuffer"],
          [window, "crossOriginIsolated"],
          [window, "trustedTypes"],
          [Intl, "Segmenter"],
          [Crypto.prototype, "subtle"],
        ])
          delete owner[name];
      }),
    );
    await written();
    await copyLink(page);
    await page.waitFor(() => {
      const box = document.querySelector("#share textarea"); // marked, for the reader to copy
      const isMarked = box === document.activeElement && box?.selectionEnd === box?.value.length;
      return isMarked && box.value.startsWith(`${location.origin}/web/#network=course`);
    });
    await page.run(() => (document.querySelector(".as-table").open = true));
    await page.click(".csv");
    await page.waitFor(() => /does not let the page copy/.test(document.querySelector("#trouble:not([hidden])")?.textContent));
    assert.deepEqual(page.problems, []);
  });

  test("without scripts the page says at once what it needs", async () => {
    page = await browser.newPage();
    await page.page.setJavaScriptEnabled(false);
    await page.goto(address());
    assert.equal(await page.run(isToldWhy), true);
  });

  // ---- how many, and how long ----

  /** Lays desks into the page, each with a seed of its own. */
  const lay = async (count, settings) => {
    const { mountDesk } = await import("/web/page/desk.js");
    /** How much one has written: a text that is out of sight has no elements to count. */
    window.writtenBy = i => {
      const text = document.querySelector(`#d${i}-text:not(:has(.nothing))`);
      return text ? text.textContent.length - "Today ".length : 0;
    };
    window.desks = Array.from({ length: count }, (_, i) => {
      const root = document.body.appendChild(document.createElement("div"));
      return mountDesk(root, { prefix: `d${i}-`, settings: { network: "course", prompt: "Today ", speed: 0, seed: i, ...settings } });
    });
  };

  test("ten instances on a page write at once, each its own text", async () => {
    await open("&length=0");
    await page.run(lay, 10, { length: 60 });
    const model = await load(new URL("../../weights/course.safetensors", import.meta.url));
    for (let i = 0; i < 10; i++) {
      await page.waitFor(i => window.writtenBy(i) === 60, i);
      const text = [...model.write("Today ", { temperature: 0.8, seed: i, length: 60 })].map(step => step.text).join("");
      assert.equal(await page.run(i => document.querySelector(`#d${i}-text`).textContent, i), `Today ${text}`);
    }
    assert.deepEqual(page.problems, []);
  });

  test("desks that are taken away while they write leave no memory of theirs behind", async () => {
    await open("&length=0", page =>
      page.evaluateOnNewDocument(() => {
        window.instances = [];
        const { instantiate } = WebAssembly;
        WebAssembly.instantiate = async (...given) => {
          const made = await instantiate(...given);
          window.instances.push(new WeakRef(made.exports.memory));
          return made;
        };
      }),
    );
    await page.waitFor(() => document.querySelector("#write")?.disabled === false);
    const session = await devtools();
    const alive = async () => {
      await session.send("HeapProfiler.collectGarbage");
      return page.run(() => window.instances.filter(each => each.deref()).length);
    };
    const before = await alive();
    await page.run(lay, 5, { length: 100_000 });
    for (let i = 0; i < 5; i++) await page.waitFor(i => window.writtenBy(i) > 20, i);
    assert.equal(await alive(), before + 5);
    await page.run(() => {
      for (const desk of window.desks) desk.free();
      window.desks = null;
    });
    for (let i = 0; i < 50 && (await alive()) > before; i++) await page.run(() => new Promise(requestAnimationFrame));
    assert.equal(await alive(), before);
  });

  // ---- how it is looked at ----

  const media = async (...features) =>
    (await devtools()).send("Emulation.setEmulatedMedia", { features: features.map(([name, value]) => ({ name, value })) });

  test("with reduced motion nothing moves", async () => {
    await open("&tint=surprisal");
    await media(["prefers-reduced-motion", "reduce"]);
    await written();
    const moving = await page.run(() =>
      [...document.querySelectorAll("*")]
        .filter(element => {
          const { transitionDuration, animationDuration, scrollBehavior } = getComputedStyle(element);
          return /[1-9]/.test(transitionDuration + animationDuration) || scrollBehavior !== "auto";
        })
        .map(element => element.outerHTML.slice(0, 80)),
    );
    assert.deepEqual(moving, []);
  });

  for (const scheme of ["light", "dark"])
    test(`with forced colours, ${scheme}, the text can be read on its tints, and bars and selection are seen`, async () => {
      await open("&tint=surprisal&at=10&temperature=1.5");
      await media(["forced-colors", "active"], ["prefers-color-scheme", scheme]);
      await written();
      await page.waitFor(() => document.querySelector("#text .selected"));
      const { contrasts, colours } = await page.run(() => {
        const parse = colour => colour.match(/[\d.]+/g).map(Number);
        const light = ([r, g, b]) => {
          const [R, G, B] = [r, g, b].map(x => ((x /= 255) <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4));
          return 0.2126 * R + 0.7152 * G + 0.0722 * B;
        };
        const contrast = (a, b) => {
          const [x, y] = [light(a), light(b)].sort((p, q) => q - p);
          return (x + 0.05) / (y + 0.05);
        };
        const behind = element => {
          for (; element; element = element.parentElement) {
            const colour = parse(getComputedStyle(element).backgroundColor);
            if (colour.length === 3 || colour[3] > 0) return colour;
          }
          return [255, 255, 255];
        };
        const backgroundOf = selector => String(behind(document.querySelector(selector)));
        return {
          contrasts: [...document.querySelectorAll("#text .c")].map(c => [
            c.className,
            contrast(parse(getComputedStyle(c).color), behind(c)),
          ]),
          colours: [".distribution", ".pair .before", ".pair .after"].map(backgroundOf),
        };
      });
      for (const [name, value] of contrasts) assert.ok(value >= 4.5, `${name}: ${value}`);
      assert.equal(new Set(colours).size, 3, colours.join("; "));
    });

  test("by touch a character is shown and another one taken, and no target is smaller than 24 px", async () => {
    page = await browser.newPage();
    await page.page.setViewport({ width: 390, height: 844, hasTouch: true, isMobile: true });
    await page.goto(address());
    await written();
    const tap = async selector => {
      const target = await page.page.waitForSelector(selector);
      await target.evaluate(element => element.scrollIntoView({ block: "center", behavior: "instant" }));
      await target.tap();
    };
    await tap('#text [data-place="20"]');
    await page.waitFor(() => document.querySelector("#text .selected")?.dataset.place === "20");
    const text = await page.run(see.text);
    await tap("button.bar:not(.chosen)");
    await page.waitFor(text => document.querySelector("#text").textContent !== text, text);
    const small = await page.run(() =>
      [...document.querySelectorAll("button, select, input:not([type=file]), summary")]
        .map(element => [element.id || element.textContent, element.getBoundingClientRect()])
        .filter(([, { width, height }]) => width && height && Math.min(width, height) < 24)
        .map(([name, { width, height }]) => `${name}: ${width} x ${height}`),
    );
    assert.deepEqual(small, []);
  });

  // ---- what comes late ----

  test("of two languages that are chosen one after the other the last one is spoken, whichever comes first", async () => {
    const held = gate();
    faults = { "/web/lang/ru.json": held.fault };
    await open();
    await written();
    await page.select("#language", "ru");
    await held.asked;
    await page.select("#language", "en");
    held.open();
    await page.page.waitForNetworkIdle({ idleTime: 300 });
    assert.deepEqual(await page.run(() => [document.documentElement.lang, document.querySelector("#write").textContent]), ["en", "Write"]);
  });

  test("an error that does not matter any more does not come back with the words that come late", async () => {
    const held = gate();
    faults = { "/web/lang/en.views.json": held.fault, [weightsOf("alice-words")]: cutShort };
    await open();
    await written();
    await page.select("#network", "alice-words");
    await says("stays in use");
    await held.asked;
    await page.click("#write");
    await page.waitFor(() => document.querySelector("#trouble").hidden);
    held.open();
    await page.page.waitForNetworkIdle({ idleTime: 300 });
    assert.equal(await page.run(see.trouble), undefined);
    assert.deepEqual(page.problems, []);
  });

  test("a view that does not come keeps nobody from another one", async () => {
    faults = { "/web/page/text/temperatures.js": () => {} }; // there is never an answer
    await open("&view=temperatures");
    await page.waitFor(() => document.querySelector("#view-temperatures")?.ariaBusy === "true");
    await page.click("#tab-write");
    await page.waitFor(() => document.querySelector("#write").disabled === false);
    await page.click("#write");
    await written();
  });

  test("a view that is left before it comes does not take the place of the one that is looked at", async () => {
    const [weights, view] = [gate(), gate()];
    faults = { [weightsOf("course")]: weights.fault, "/web/page/text/temperatures.js": view.fault };
    await open();
    await weights.asked;
    await page.click("#tab-temperatures");
    await view.asked;
    weights.open();
    await page.waitFor(() => document.querySelector("#write").disabled === false);
    await page.click("#tab-write");
    view.open();
    await written();
    assert.equal(await page.run(() => document.querySelectorAll(".stream").length), 0);
    assert.deepEqual(page.problems, []);
  });
});

test("in a private window of Firefox the page writes and trains, and says whether it keeps the training", async () => {
  const browser = await launch("firefox", { extraPrefsFirefox: { "browser.privatebrowsing.autostart": true } });
  try {
    const page = await browser.newPage();
    await page.goto(new URL(hash("&view=train"), faulty.url).href);
    await page.waitFor(() => document.querySelector("#train-start")?.disabled === false);
    await page.click("#train-start");
    await page.waitFor(() => /Kept in this browser|save a checkpoint/.test(document.querySelector("#view-train").innerText));
    await page.click("#tab-write");
    await page.waitFor(() => document.querySelector("#write").disabled === false);
    assert.deepEqual(page.problems, []);
  } finally {
    await browser.close();
  }
});
