// SPDX-License-Identifier: MIT
//
// The element <nextchar-text> in a page of somebody else's, in each engine: two of them on one page, moved, changed and removed in the
// midst of their work, from another origin and from the built page.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { buildPage } from "../../scripts/build_page.mjs";
import { serve } from "../../scripts/serve.mjs";
import { load } from "../../web/core/model.js";
import { ENGINES, launch } from "./engines.mjs";
import { serveWith } from "./harness.mjs";

/** The attributes of two elements that have nothing in common. */
const ONE = { id: "one", network: "course", prompt: "Today ", temperature: "0.5", seed: "5", length: "200", speed: "0", language: "en" };
const TWO = {
  id: "two",
  network: "pushkin",
  prompt: "Мой дядя ",
  temperature: "1.2",
  seed: "3",
  length: "200",
  speed: "0",
  language: "ru",
};
const models = {};
for (const network of ["course", "pushkin"]) models[network] = await load(new URL(`../../weights/${network}.safetensors`, import.meta.url));

/** The text that attributes mean, by the library alone. */
function textOf({ network, prompt, temperature, seed, length }) {
  const steps = models[network].write(prompt, { temperature: Number(temperature), seed: Number(seed), length: Number(length) });
  return prompt + [...steps].map(({ text }) => text).join("");
}

const tag = attributes =>
  `<nextchar-text ${Object.entries(attributes)
    .map(([name, value]) => `${name}="${value}"`)
    .join(" ")}></nextchar-text>`;
/** A course's page, whose styles are to stay its own. */
const course = (elements, { origin = "", policy } = {}) => ({
  status: 200,
  headers: { "content-type": "text/html; charset=utf-8", ...(policy && { "content-security-policy": policy }) },
  body: `<!doctype html><html lang="de"><title>A course</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/course.css">
    <p id="own">Text of the course</p><main>${elements.map(tag).join("\n")}</main><footer></footer>
    <script type="module" src="${origin}/web/nextchar-text.js"></script></html>`,
});
const courseStyles = () => ({
  status: 200,
  headers: { "content-type": "text/css" },
  body: `body { margin: 0; font: italic 30px/3 cursive; color: rgb(200, 0, 200); letter-spacing: 3px; text-align: right }
    * { text-transform: uppercase } button, p { background: rgb(0, 255, 0) !important } h2 { color: red } main { width: 100% }`,
});

// ---- in the page: all of it looks into the shadow root of an element ----

const see = {
  written: (id, text) => {
    const shadow = document.querySelector(`#${id}`).shadowRoot;
    return shadow.querySelector("#stop")?.hidden && shadow.querySelector("#text").textContent === text;
  },
  /** It is at it, and far from its end. */
  writing: id => {
    const shadow = document.querySelector(`#${id}`).shadowRoot;
    return shadow.querySelector("#stop")?.hidden === false && shadow.querySelector("#text").textContent.length > 20;
  },
  style: (id, selector, property) => getComputedStyle(document.querySelector(`#${id}`).shadowRoot.querySelector(selector))[property],
  focus: id => document.querySelector(`#${id}`).shadowRoot.activeElement?.id,
};
const set = (id, attributes) => {
  for (const [name, value] of Object.entries(attributes)) document.querySelector(`#${id}`).setAttribute(name, value);
};
/** Has something in an element pressed, focused, … */
const call = (id, selector, method) => document.querySelector(`#${id}`).shadowRoot.querySelector(selector)[method]();

for (const engine of ENGINES)
  describe(engine, () => {
    let site, server, browser, page;
    before(async () => {
      site = await serve(0);
      browser = await launch(engine);
    });
    after(async () => {
      await browser?.close();
      await site?.close();
    });
    afterEach(async () => {
      await page?.close();
      await server?.close();
      page = server = null;
    });

    async function open(elements, size = {}) {
      server = await serveWith(site.url, { "/course.html": () => course(elements), "/course.css": courseStyles });
      page = await browser.newPage(size);
      await page.goto(`${server.url}course.html`);
    }

    test("two on a page write at once, each what its own attributes mean; nothing else of the page changes", async () => {
      await open([ONE, TWO]);
      for (const each of [ONE, TWO]) await page.waitFor(see.written, each.id, textOf(each));
      const names = await page.run(() =>
        [...document.querySelectorAll("nextchar-text")].map(({ shadowRoot }) => shadowRoot.querySelector("#write, #again").textContent),
      );
      assert.deepEqual(names, ["Write", "Сгенерировать"]);
      const around = await page.run(() => [document.title, document.documentElement.lang, location.hash, document.styleSheets.length]);
      assert.deepEqual(around, ["A course", "de", "", 1]);
      for (const path of ["/web/style.css", "/web/print.css", "/web/page/host.css"])
        assert.equal(server.asked.filter(asked => asked === path).length, 1, `${path} is fetched once for both`);
      assert.deepEqual(page.problems, []);
    });

    test("the styles of the page stay outside, and its own inside", async () => {
      await open([ONE]);
      await page.waitFor(see.written, "one", textOf(ONE));
      const inside = await page.run(() => {
        const { shadowRoot } = document.querySelector("#one");
        const { fontStyle, letterSpacing, textTransform, textAlign, backgroundColor } = getComputedStyle(
          shadowRoot.querySelector("#write"),
        );
        return { fontStyle, letterSpacing, textTransform, textAlign, isGreen: backgroundColor === "rgb(0, 255, 0)" };
      });
      assert.deepEqual(inside, {
        fontStyle: "normal",
        letterSpacing: "normal",
        textTransform: "none",
        textAlign: "center",
        isGreen: false,
      });
      const paper = await page.run(see.style, "one", ".nextchar", "backgroundColor");
      assert.match(paper, /^rgb\((250, 247, 241|23, 22, 26)\)$/);
      const outside = await page.run(() => {
        const { color, fontStyle, marginTop } = getComputedStyle(document.querySelector("#own"));
        return [color, fontStyle, marginTop, getComputedStyle(document.body).backgroundColor];
      });
      assert.deepEqual(outside, ["rgb(200, 0, 200)", "italic", "30px", "rgba(0, 0, 0, 0)"]);
    });

    test("text and bars lie side by side or one below the other as the element is wide, not the window", async () => {
      await open([ONE]);
      await page.waitFor(see.written, "one", textOf(ONE));
      await page.run(() => void (document.querySelector("#one").shadowRoot.querySelector("#more").closest("details").open = true));
      const seen = [];
      for (const width of ["75rem", "40rem", "20rem"])
        seen.push(
          await page.run(width => {
            document.querySelector("main").style.width = width;
            const one = document.querySelector("#one");
            const boxesOf = selector => [...one.shadowRoot.querySelectorAll(selector)].map(element => element.getBoundingClientRect());
            const [[text], [why]] = [".texts", "#why"].map(boxesOf);
            const { left, right } = one.getBoundingClientRect();
            const boxes = boxesOf(".top > *, .top .sheet, .drive > *, .acts > *, .guide");
            const isWithin = boxes.every(box => box.left >= left && box.right <= right);
            return { isBeside: why.top < text.bottom && why.left >= text.right, isWithin };
          }, width),
        );
      assert.deepEqual(
        seen,
        [true, false, false].map(isBeside => ({ isBeside, isWithin: true })),
      );
      const widthIn = style => {
        document.querySelector("main").style = style;
        return document.querySelector("#one").offsetWidth;
      };
      assert.equal(await page.run(widthIn, "display: flex; width: 20rem"), 320);
      assert.equal(await page.run(widthIn, "display: inline-block; width: auto"), 720, "also where its content would have a say");
    });

    test("where attributes change, the element follows: temperature, prompt and network, also before it has begun", async () => {
      await open([ONE, TWO]);
      const first = { ...ONE, length: "30" };
      await page.run(set, "one", first); // as a script does that makes one
      await page.waitFor(see.written, "one", textOf(first));
      const hotter = { ...first, temperature: "1.5", topP: "1" };
      await page.run(set, "one", hotter);
      await page.waitFor(see.written, "one", textOf(hotter));
      const other = { ...hotter, network: "pushkin", prompt: "Онегин " };
      await page.run(set, "one", other);
      await page.waitFor(see.written, "one", textOf(other));
      await page.run(set, "one", { temperature: "much", style: "color: red" }); // as in the address: what is wrong is the default
      await page.waitFor(see.written, "one", textOf({ ...other, temperature: "0.8" }));
      await page.waitFor(see.written, "two", textOf(TWO));
      assert.deepEqual(page.problems, []);
    });

    test("one that is moved writes on; one that is removed ends, and begins anew where it is put back", async () => {
      await open([{ ...ONE, length: "100000", speed: "60" }]);
      await page.waitFor(see.writing, "one");
      const isSame = await page.run(() => {
        const one = document.querySelector("#one");
        const before = one.shadowRoot.querySelector("#text");
        document.querySelector("footer").append(one);
        return Promise.resolve().then(() => before === one.shadowRoot.querySelector("#text"));
      });
      assert.ok(isSame);
      const length = await page.run(() => document.querySelector("#one").shadowRoot.querySelector("#text").textContent.length);
      await page.waitFor(
        length => document.querySelector("#one").shadowRoot.querySelector("#text").textContent.length > length + 5,
        length,
      );
      const left = await page.run(async () => {
        const one = (window.kept = document.querySelector("#one"));
        const nextFrame = window.requestAnimationFrame.bind(window);
        const frames = async () => {
          for (let i = 0; i < 5; i++) await new Promise(resolve => nextFrame(resolve));
        };
        let asked = 0;
        window.requestAnimationFrame = callback => (asked++, nextFrame(callback));
        await frames();
        const askedBefore = asked;
        one.remove();
        await frames(); // what was seen of it until then is told in the next one
        asked = 0;
        await frames();
        return [one.shadowRoot.querySelectorAll("*").length, askedBefore > 0, asked];
      });
      assert.deepEqual(left, [1, true, 0], "an empty root, and nobody asks for a frame any more");
      await page.run(() => {
        window.kept.setAttribute("length", "200");
        window.kept.setAttribute("speed", "0");
        document.querySelector("main").append(window.kept);
      });
      await page.waitFor(see.written, "one", textOf(ONE));
      assert.deepEqual(page.problems, []);
    });

    test("what is fetched late has its styles there; by the keys one goes from tab to tab, and from Write to Stop", async () => {
      await open([{ ...ONE, speed: "10" }]);
      await page.waitFor(see.writing, "one");
      await page.run(call, "one", "#stop", "click");
      await page.run(call, "one", "#write", "focus");
      await page.press("Enter");
      await page.waitFor(() => document.querySelector("#one").shadowRoot.activeElement?.id === "stop"); // it has taken the place of Write
      await page.run(call, "one", "#tab-write", "focus");
      await page.press("ArrowRight");
      assert.equal(await page.run(see.focus, "one"), "tab-temperatures");
      await page.waitFor(see.style, "one", ".streams", "containerType");
      await page.waitFor(
        () => getComputedStyle(document.querySelector("#one").shadowRoot.querySelector(".streams")).containerType === "inline-size",
      );
      assert.equal(await page.run(() => document.querySelectorAll("head link").length), 2, "none is put into the page");
      assert.deepEqual(page.problems, []);
    });

    test("what is copied of a text is the text", async () => {
      await open([ONE]);
      await page.waitFor(see.written, "one", textOf(ONE));
      const copied = await page.run(() => {
        const { shadowRoot } = document.querySelector("#one");
        const characters = shadowRoot.querySelectorAll("#text [data-place]");
        getSelection().setBaseAndExtent(characters[0].firstChild, 0, characters[9].firstChild, 1);
        const event = new Event("copy", { bubbles: true, composed: true, cancelable: true });
        const copied = [];
        event.clipboardData = { setData: (...given) => copied.push(...given) };
        characters[0].dispatchEvent(event);
        return [event.defaultPrevented, ...copied];
      });
      assert.deepEqual(copied, [true, "text/plain", textOf(ONE).slice(0, 10)]);
    });
  });

describe("Chromium", () => {
  let site, browser, page, folder;
  let servers = [];
  before(async () => {
    site = await serve(0);
    browser = await launch("chromium");
    folder = await mkdtemp(join(tmpdir(), "nextchar-element-"));
  });
  after(async () => {
    await browser?.close();
    await site?.close();
    if (folder) await rm(folder, { recursive: true });
  });
  afterEach(async () => {
    await page?.close();
    for (const server of servers) await server.close();
    page = null;
  });

  async function open(elements, { url = site.url, ...more } = {}) {
    const server = await serveWith(url, { "/course.html": () => course(elements, more), "/course.css": courseStyles });
    servers = [server];
    page = await browser.newPage();
    await page.goto(`${server.url}course.html`);
    return server;
  }

  test("elements that are removed while they load, write and train leave no object, worker, listener or node behind", async () => {
    await open([]);
    const session = await page.page.createCDPSession();
    const { page: tab } = page;
    let workers = 0;
    tab.on("workercreated", () => workers++);
    await page.run(() => {
      window.gone = [];
      /** Adds one, removes it as soon as that is so, and keeps nothing of it but what does not hold it. */
      window.visit = async (attributes, isReached) => {
        const element = document.createElement("nextchar-text");
        for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
        document.querySelector("main").append(element);
        while (!isReached(element.shadowRoot)) await new Promise(requestAnimationFrame);
        window.gone.push(new WeakRef(element), new WeakRef(element.shadowRoot.firstChild));
        element.remove();
      };
      window.reached = {
        loading: () => true,
        writing: shadow => shadow.querySelector("#stop")?.hidden === false,
        training: shadow => {
          const start = shadow.querySelector("#train-start");
          if (start && !start.hidden && !start.disabled) start.click();
          return shadow.querySelector("#train-pause")?.checkVisibility();
        },
      };
    });
    const visits = times =>
      page.run(
        async (times, one) => {
          for (let i = 0; i < times; i++) {
            await window.visit(one, window.reached.loading);
            await window.visit({ ...one, length: "100000" }, window.reached.writing);
            await window.visit({ ...one, view: "train" }, window.reached.training);
          }
        },
        times,
        ONE,
      );
    const count = async () => {
      for (let i = 0; i < 3; i++) await session.send("HeapProfiler.collectGarbage");
      const { metrics } = await session.send("Performance.getMetrics");
      return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
    };
    await session.send("Performance.enable");
    await session.send("HeapProfiler.enable");
    await visits(1); // what is kept for all that come later
    const before = await count();
    await visits(3);
    const wait = async isTrue => {
      for (const end = Date.now() + 20_000; !(await isTrue()) && Date.now() < end;) await new Promise(resolve => setTimeout(resolve, 50));
    };
    await wait(async () => tab.workers().length === 0);
    assert.deepEqual([tab.workers().length, workers >= 4], [0, true]);
    let now;
    await wait(async () => {
      now = await count();
      return page.run(() => window.gone.every(each => !each.deref()));
    });
    assert.equal(await page.run(() => window.gone.filter(each => each.deref()).length), 0, "elements and desks that are still there");
    assert.ok(now.Nodes <= before.Nodes + 20, `${before.Nodes} nodes before, ${now.Nodes} after`);
    assert.ok(
      now.JSEventListeners <= before.JSEventListeners,
      `${before.JSEventListeners} listeners before, ${now.JSEventListeners} after`,
    );
    assert.deepEqual(page.problems, []);
  });

  test("a pointer that marks a character does not choose it; a click does", async () => {
    await open([ONE]);
    await page.waitFor(see.written, "one", textOf(ONE));
    const chosen = () => document.querySelector("#one").shadowRoot.querySelector("#text .selected").dataset.place;
    const [from, to] = await page.run(() => {
      const { x, y, width, height } = document
        .querySelector("#one")
        .shadowRoot.querySelector("#text [data-place='9']")
        .getBoundingClientRect();
      return [x + 1, x + width - 1].map(x => ({ x, y: y + height / 2 }));
    });
    const last = await page.run(chosen);
    const { mouse } = page.page;
    await mouse.move(from.x, from.y);
    await mouse.down();
    await mouse.move(to.x, to.y, { steps: 3 });
    await mouse.up();
    assert.equal(await page.run(() => String(getSelection())), textOf(ONE)[9]);
    assert.equal(await page.run(chosen), last);
    await mouse.click(to.x, to.y); // takes the mark away
    await mouse.click(to.x, to.y);
    await page.waitFor(() => document.querySelector("#one").shadowRoot.querySelector("#text .selected").dataset.place === "9");
  });

  test("from another origin it writes, in a page with a strict policy that names that origin alone", async () => {
    const cors = ({ headers, ...rest }) => ({ ...rest, headers: { ...headers, "access-control-allow-origin": "*" } });
    const other = await serveWith(site.url, { "*": cors });
    const origin = new URL(other.url).origin;
    const policy = `default-src 'none'; style-src 'self'; img-src data:; script-src ${origin} 'wasm-unsafe-eval'; connect-src ${origin}`;
    const server = await open([ONE, TWO], { origin, policy });
    servers.push(other);
    for (const each of [ONE, TWO]) await page.waitFor(see.written, each.id, textOf(each));
    assert.deepEqual(server.asked, ["/course.html", "/course.css"]);
    assert.deepEqual(page.problems, []);
  });

  test("from another origin it trains too: in a worker of a blob, or where the policy forbids that, in the page itself", async () => {
    const cors = ({ headers: { "content-security-policy": _, ...headers }, ...rest }) => ({
      ...rest,
      headers: { ...headers, "access-control-allow-origin": "*" },
    });
    const other = await serveWith(site.url, { "*": cors });
    const origin = new URL(other.url).origin;
    const [blob, none] = ["blob:", "'none'"].map(
      workers => `script-src ${origin} 'wasm-unsafe-eval'; connect-src ${origin}; worker-src ${workers}`,
    );
    for (const [policy, isInPage] of [
      [blob, false],
      [none, true],
    ]) {
      const server = await open([{ ...ONE, view: "train" }], { origin, policy });
      const inPage = await page.waitFor(() => {
        const { shadowRoot } = document.querySelector("nextchar-text");
        const isReady = shadowRoot?.querySelector("#train-start")?.disabled === false;
        return isReady && { isSaid: /No worker can be started/.test(shadowRoot.querySelector("#view-train").innerText) };
      });
      assert.equal(inPage.isSaid, isInPage);
      await server.close?.();
    }
    servers.push(other);
  });

  test("attributes that change back while another network is on its way end with the network that they name", async () => {
    let send = () => {};
    const late = new Promise(resolve => (send = resolve));
    const slow = await serveWith(site.url, {
      "/weights/pushkin.safetensors": ({ status, headers, body }, response) => {
        late.then(() => response.writeHead(status, headers).end(body));
      },
    });
    await open([ONE], { url: slow.url });
    servers.push(slow);
    await page.waitFor(see.written, "one", textOf(ONE));
    const loading = () => /%|KB/.test(document.querySelector("#one").shadowRoot.querySelector("#status").textContent);
    await page.run(set, "one", { network: "pushkin" });
    for (const end = Date.now() + 20_000; !slow.asked.includes("/weights/pushkin.safetensors") && Date.now() < end;)
      await new Promise(resolve => setTimeout(resolve, 20));
    await page.run(set, "one", { network: "course", seed: "6" });
    await page.waitFor(see.written, "one", textOf({ ...ONE, seed: "6" }));
    send();
    await page.run(() => new Promise(resolve => setTimeout(resolve, 300)));
    assert.equal(await page.run(loading), false);
    assert.equal(await page.run(see.written, "one", textOf({ ...ONE, seed: "6" })), true);
  });

  test("of the built page it fetches each module once, and those of the first text as one", async () => {
    await buildPage(folder);
    const built = await serve(0, folder);
    const server = await open([ONE], { url: built.url });
    servers.push(built);
    await page.waitFor(see.written, "one", textOf(ONE));
    const modules = server.asked.filter(path => path.endsWith(".js"));
    const first = modules.filter(path => !/ahead|pace/.test(path)); // which are fetched when the text rests
    const own = ["/web/nextchar-text.js", "/web/page/adopt.js"];
    const handingOn = ["/web/core/sources.js", "/web/page/desk.js", "/web/page/settings.js"]; // what first.js has
    assert.deepEqual(first.sort(), ["/web/first.js", ...own, ...handingOn].sort());
    assert.equal(new Set(modules).size, modules.length);
    assert.deepEqual(page.problems, []);
  });
});
