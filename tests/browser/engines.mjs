// SPDX-License-Identifier: MIT
//
// Three engines behind one face, for tests of what a person does: Chromium, Firefox (both by puppeteer) and WebKitGTK (by
// the WebDriver protocol, in a virtual display).
//
//     const browser = await launch("webkit"), page = await browser.newPage({ width: 390 });
//     await page.goto(url); await page.click("button"); await page.run(() => document.title);
//
// page.problems collects console errors and warnings and uncaught exceptions; in WebKit only those after goto().
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import puppeteer from "puppeteer-core";
import { findProgram, launchChromium } from "./chromium.mjs";

/** All of them; for scripts/coverage_js.mjs the one whose counters it reads. */
export const ENGINES = process.env.NEXTCHAR_REACHED ? ["chromium"] : ["chromium", "firefox", "webkit"];
/** Those that are quick and steady enough for what takes long. */
export const TWO_ENGINES = ENGINES.filter(engine => engine !== "webkit");
const PATIENCE = 60_000; // milliseconds for something to become true
const POLL = 50;
const CLICKS = 5; // tries, where an element moves

/** Starts an engine. @param {string} engine @param {object} [options] of puppeteer's */
export function launch(engine, options) {
  if (engine === "webkit") return launchWebKit();
  return launchPuppeteer(engine, options);
}

/** What a page of any engine can do by those few things that its engine does. */
class Page {
  problems = [];

  /** Until fn is truthy in the page; its value. One that throws, as of an element that is not there yet, is asked again. */
  async waitFor(fn, ...args) {
    let said = "it is not true";
    for (const end = Date.now() + PATIENCE; Date.now() < end;) {
      const value = await this.run(fn, ...args).catch(({ message }) => void (said = message));
      if (value) return value;
      await new Promise(resolve => setTimeout(resolve, POLL));
    }
    const shown = await this.run(() => document.body.innerText.slice(0, 5000)).catch(({ message }) => message);
    throw new Error(`it did not become true (${said}): ${fn} of ${JSON.stringify(args)}. The page shows: ${shown}`);
  }

  /** Replaces what stands in a box, key by key. */
  async type(selector, text) {
    await this.click(selector);
    await this.run(selector => document.querySelector(selector).select(), selector);
    await this.press("Backspace");
    await this.typeKeys(text);
  }

  /** Chooses an option, as the browser would tell of it. */
  select(selector, value) {
    return this.run(
      (selector, value) => {
        const list = document.querySelector(selector);
        list.value = value;
        for (const type of ["input", "change"]) list.dispatchEvent(new Event(type, { bubbles: true }));
      },
      selector,
      value,
    );
  }
}

/** A panel that has just been opened may fill later. */
const isVisible = selector => [...document.querySelectorAll(selector)].some(element => element.getClientRects().length);

/** The first element that matches and is seen, in the middle of what is in sight. */
function findVisible(selector) {
  const found = [...document.querySelectorAll(selector)].find(element => element.getClientRects().length);
  found?.scrollIntoView({ block: "center", behavior: "instant" });
  return found ?? null;
}

/** Whether a click came to it, or to what is in it. */
function listenOnce(element) {
  const came = { isTrue: element.disabled === true }; // one that takes none
  element.addEventListener("click", () => (came.isTrue = true), { capture: true, once: true });
  return came;
}

// ---- Chromium and Firefox ----

async function launchPuppeteer(engine, options) {
  const browser =
    engine === "chromium"
      ? await launchChromium({ defaultViewport: null, ...options })
      : await puppeteer.launch({
          browser: "firefox",
          executablePath: findProgram(["firefox-esr", "firefox"]),
          defaultViewport: null,
          extraPrefsFirefox: { "security.fileuri.strict_origin_policy": true }, // its default, which puppeteer takes away
          ...options,
        });
  return {
    engine,
    async newPage(options) {
      const context = await browser.createBrowserContext();
      return PuppeteerPage.open(context, options);
    },
    close: () => browser.close(),
  };
}

class PuppeteerPage extends Page {
  static async open(context, { width = 1280, height = 900 } = {}) {
    const made = new PuppeteerPage();
    made.context = context;
    made.page = await context.newPage();
    await made.page.setViewport({ width, height });
    made.page.on("console", message => {
      if (["error", "warn"].includes(message.type())) made.problems.push(`console.${message.type()}: ${message.text()}`);
    });
    made.page.on("pageerror", error => made.problems.push(`uncaught: ${error.message ?? error}`));
    return made;
  }

  goto = url => this.page.goto(url, { waitUntil: "load" });
  run = (fn, ...args) => (this.frame ?? this.page).evaluate(fn, ...args);
  /** From now on what is run and clicked is in its first frame. */
  enterFrame = async () => (this.frame = await this.page.waitForFrame(frame => frame.parentFrame() !== null));
  press = key => this.page.keyboard.press(key);
  typeKeys = text => this.page.keyboard.type(text);
  screenshot = path => this.page.screenshot({ path });
  close = () => this.context.close();

  /** Where a text above it grows, an element may move away before the click comes: then it is clicked once more. */
  async click(selector) {
    for (let tries = 0; tries < CLICKS; tries++) {
      await this.waitFor(isVisible, selector);
      const handle = (await (this.frame ?? this.page).evaluateHandle(findVisible, selector)).asElement();
      if (!handle) continue; // it has just gone
      const came = await handle.evaluateHandle(listenOnce);
      await handle.click();
      if (await came.evaluate(came => came.isTrue).catch(() => true)) return; // where it led away, nobody is left to ask
    }
    throw new Error(`the click did not arrive: ${selector}`);
  }
}

// ---- WebKitGTK ----

const KEYS = {
  Enter: "\uE007",
  Tab: "\uE004",
  Escape: "\uE00C",
  Backspace: "\uE003",
  Home: "\uE011",
  End: "\uE010",
  ArrowLeft: "\uE012",
  ArrowUp: "\uE013",
  ArrowRight: "\uE014",
  ArrowDown: "\uE015",
};
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf"; // the key under which WebDriver names an element

/** A child process that is told apart from others by what it was started with, and ends with this one. */
function start(program, args, options) {
  const child = spawn(findProgram([program]), args, { stdio: ["ignore", "ignore", "ignore", "pipe"], ...options });
  const end = () => child.kill();
  process.once("exit", end);
  child.once("exit", () => process.off("exit", end));
  return child;
}

/** A virtual display; its number comes by the fourth stream. */
async function startDisplay() {
  const child = start("Xvfb", ["-displayfd", "3", "-screen", "0", "1600x1200x24", "-nolisten", "tcp"]);
  const number = await new Promise((resolve, reject) => {
    child.stdio[3].once("data", data => resolve(String(data).trim()));
    child.once("exit", code => reject(new Error(`Xvfb ended with ${code}`)));
  });
  return { child, name: `:${number}` };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer()
      .once("error", reject)
      .listen(0, "127.0.0.1", () => {
        const { port } = server.address();
        server.close(() => resolve(port));
      });
  });
}

/** MiniBrowser is in a folder of its version, which is not on PATH. */
function findMiniBrowser() {
  for (const library of ["/usr/lib", "/usr/libexec"])
    for (const folder of existsSync(library) ? readdirSync(library, { withFileTypes: true }) : [])
      for (const path of folder.isDirectory() ? [`${library}/${folder.name}`] : [])
        for (const version of readdirSync(path)
          .filter(name => name.startsWith("webkit2gtk"))
          .sort()
          .reverse())
          if (existsSync(`${path}/${version}/MiniBrowser`)) return `${path}/${version}/MiniBrowser`;
  throw new Error("There is no MiniBrowser of WebKitGTK: run scripts/setup.sh browsers.");
}

const SESSION = 20_000; // milliseconds to begin one: now and then the driver never answers

async function launchWebKit() {
  const display = await startDisplay();
  let driver = await startDriver(display.name);
  return {
    engine: "webkit",
    /** One at a time. */
    async newPage(options) {
      try {
        return await WebKitPage.open(driver.ask, options);
      } catch (error) {
        if (error.name !== "TimeoutError") throw error;
        driver.child.kill(); // with it the browser that hangs
        driver = await startDriver(display.name);
        return WebKitPage.open(driver.ask, options);
      }
    },
    close() {
      driver.child.kill();
      display.child.kill();
    },
  };
}

/** @param {string} display */
async function startDriver(display) {
  const port = await freePort();
  // Its sandbox cannot start as root; only our own page is opened.
  const env = { ...process.env, DISPLAY: display, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1", LIBGL_ALWAYS_SOFTWARE: "1" };
  const child = start("WebKitWebDriver", [`--port=${port}`], { env });
  const ask = webDriver(`http://127.0.0.1:${port}`);
  for (const end = Date.now() + PATIENCE; !(await ask("GET", "/status").catch(() => null));)
    if (Date.now() > end) throw new Error("WebKitWebDriver does not answer");
    else await new Promise(resolve => setTimeout(resolve, POLL));
  return { child, ask };
}

/** Asks a driver; its errors are thrown. */
const webDriver =
  base =>
  async (method, path, body, patience = PATIENCE) => {
    const signal = AbortSignal.timeout(patience);
    const response = await fetch(base + path, { method, signal, ...(body && { body: JSON.stringify(body) }) });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${value.error}: ${value.message}`);
    return value;
  };

class WebKitPage extends Page {
  static async open(ask, { width = 1280, height = 900 } = {}) {
    const made = new WebKitPage();
    const options = { binary: findMiniBrowser(), args: ["--automation"] };
    const wanted = { capabilities: { alwaysMatch: { "webkitgtk:browserOptions": options } } };
    const { sessionId } = await ask("POST", "/session", wanted, SESSION);
    made.ask = (method, path, body) => ask(method, `/session/${sessionId}${path}`, body);
    await made.ask("POST", "/window/rect", { width, height });
    return made;
  }

  async goto(url) {
    await this.ask("POST", "/url", { url });
    await this.run(() => {
      window.problems = [];
      for (const type of ["error", "unhandledrejection", "securitypolicyviolation"])
        addEventListener(type, event => window.problems.push(`${type}: ${event.message ?? event.reason ?? event.violatedDirective}`));
      for (const level of ["error", "warn"]) console[level] = (...said) => window.problems.push(`console.${level}: ${said.join(" ")}`);
    });
  }

  enterFrame = () => this.ask("POST", "/frame", { id: 0 });

  async run(fn, ...args) {
    const script = `const done = arguments[arguments.length - 1], args = [...arguments].slice(0, -1);
      Promise.resolve().then(() => (${fn})(...args))
        .then(value => done({ value, problems: window.problems }), error => done({ error: String(error) }));`;
    const { value, problems, error } = await this.ask("POST", "/execute/async", { script, args });
    if (error) throw new Error(error);
    this.problems = problems ?? [];
    return value ?? undefined;
  }

  async click(selector) {
    await this.waitFor(isVisible, selector);
    const element = await this.ask("POST", "/execute/sync", { script: `return (${findVisible})(arguments[0])`, args: [selector] });
    await this.ask("POST", `/element/${element[ELEMENT]}/click`, {});
  }

  press(...keys) {
    const actions = keys
      .map(key => KEYS[key] ?? key)
      .flatMap(value => [
        { type: "keyDown", value },
        { type: "keyUp", value },
      ]);
    return this.ask("POST", "/actions", { actions: [{ type: "key", id: "keyboard", actions }] });
  }

  typeKeys = text => this.press(...[...text].map(character => (character === "\n" ? "Enter" : character)));

  async screenshot(path) {
    await writeFile(path, Buffer.from(await this.ask("GET", "/screenshot"), "base64"));
  }

  close = () => this.ask("DELETE", "");
}
