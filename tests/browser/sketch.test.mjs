// SPDX-License-Identifier: MIT
//
// The control on which a digit is drawn, in Chromium: what the mouse draws comes out as strokes and as a picture; ready digits, undo,
// clear.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { digitStrokes } from "../../web/core/digits.js";
import { loadPattern } from "../../web/core/pattern.js";
import { pictureOf } from "../../web/core/picture.js";
import { useSite } from "./harness.mjs";

const site = useSite();
const drawn = JSON.parse(readFileSync(new URL("../drawn-digits.json", import.meta.url)));
const FOUR = drawn.find(({ digit }) => digit === 4).strokes; // two strokes
/** A stroke of x, y, x, y ... */
const stroke = (...numbers) => Array.from({ length: numbers.length / 2 }, (_, i) => numbers.slice(2 * i, 2 * i + 2));
const placed = strokes => strokes.map(stroke => stroke.map(([x, y]) => [Math.round(40 + 2 * x), Math.round(40 + 2 * y)]));

/** A browser asks for the icon of a page that names none: it is not there. */
const isNotIcon = problem => !/^console\.error: Failed to load resource: .* 404 \(Not Found\)$|\/favicon\.ico/.test(problem);

/** Mounts the control on a stand-in of a desk; window.heard are the drawings that it told of, a frame's each. */
async function mount() {
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: "/web/style.css" });
  document.head.append(link);
  await new Promise(resolve => (link.onload = resolve));
  const [{ sketch }, { style }] = await Promise.all([import("/web/page/patterns/sketch.js"), import("/web/page/elements.js")]);
  const say = (key, values = {}) => [key, ...Object.values(values)].join(" ");
  window.heard = [];
  window.troubles = [];
  const desk = {
    id: name => `a-${name}`,
    words: { say, number: String },
    style,
    trouble: (error, again) => window.troubles.push({ error, again }),
  };
  window.control = sketch(desk, { drawn: strokes => window.heard.push(strokes) });
  document.body.replaceChildren(window.control.element);
}
/** The control, as soon as its styles are there. */
async function open(prepare) {
  const visit = await site.visit("weights/README.md", { prepare });
  await visit.page.evaluate(mount);
  await visit.page.waitForSelector(".sketch .sheet", { visible: true });
  await visit.page.waitForFunction(() => document.querySelector(".sketch .sheet").clientWidth === 224);
  return visit;
}
const frames = page => page.evaluate(() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve))));
const strokesOf = page => page.evaluate(() => window.control.strokes);
const labelOf = page => page.$eval(".sketch .sheet", canvas => canvas.ariaLabel);

/** Draws strokes of a field of 280 x 280 with the mouse. */
async function draw(page, strokes) {
  const { x, y, width } = await page.$eval(".sketch .sheet", canvas => canvas.getBoundingClientRect().toJSON());
  const at = point => point.map((each, axis) => [x, y][axis] + (each / 280) * width);
  for (const [first, ...others] of strokes) {
    await page.mouse.move(...at(first));
    await page.mouse.down();
    for (const point of others) await page.mouse.move(...at(point));
    await page.mouse.up();
  }
  await frames(page);
}
/** How much ink there is in each of the canvas's pixels, 0 to 255, and its colour where it is most. */
const inkOn = (page, selector) =>
  page.$eval(selector, canvas => {
    const { width, height } = canvas;
    const copy = Object.assign(document.createElement("canvas"), { width, height }).getContext("2d", { willReadFrequently: true });
    copy.drawImage(canvas, 0, 0);
    const { data } = copy.getImageData(0, 0, width, height);
    const ink = Array.from({ length: width * height }, (_, i) => data[4 * i + 3]);
    const most = ink.indexOf(ink.reduce((a, b) => Math.max(a, b)));
    return { width, ink, colour: [...data.slice(4 * most, 4 * most + 3)] };
  });

test("what the mouse draws comes out as those strokes, and the network names it", async () => {
  const { page, problems } = await open();
  assert.equal(await labelOf(page), "sketch.label 0");
  await draw(page, FOUR);
  const strokes = await strokesOf(page);
  assert.equal(String(strokes.map(points => points.length)), String(FOUR.map(points => points.length)));
  const expected = FOUR.flat(2);
  const farthest = Math.max(...strokes.flat(2).map((each, i) => Math.abs(each - expected[i])));
  assert.ok(farthest <= 1, `a point is ${farthest} units away`);
  assert.equal(await labelOf(page), "sketch.label 2");
  assert.deepEqual(await page.evaluate(() => window.heard.at(-1)), strokes);
  const network = await loadPattern(new URL("../../weights/patterns/digits-en.safetensors", import.meta.url));
  assert.equal(network.answer(pictureOf(strokes)), "four");
  const { ink } = await inkOn(page, ".sketch figure canvas");
  const picture = pictureOf(strokes);
  const isPicture = ink.every((dark, at) => Math.abs(dark - picture[at]) <= 1);
  assert.ok(isPicture, "the preview is the picture");
  assert.equal(await page.$eval(".sketch figure canvas", canvas => getComputedStyle(canvas).imageRendering), "pixelated");
  assert.deepEqual(problems.filter(isNotIcon), []);
});

test("drawn() is called once a frame, however many points there are", async () => {
  const { page } = await open();
  const { heard, asked } = await page.evaluate(async () => {
    const canvas = document.querySelector(".sketch .sheet");
    canvas.setPointerCapture = () => {}; // these events are made by hand
    const tell = (type, x, y) => canvas.dispatchEvent(new PointerEvent(type, { pointerId: 7, clientX: x, clientY: y }));
    const { left, top } = canvas.getBoundingClientRect();
    tell("pointerdown", left + 10, top + 10);
    for (let i = 1; i <= 50; i++) tell("pointermove", left + 10 + 4 * i, top + 10);
    const heard = window.heard.length;
    await new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    return { heard, asked: window.heard.map(strokes => strokes[0].length) };
  });
  assert.equal(heard, 0);
  assert.deepEqual(asked, [51]);
});

test("a press that trembles is a dot; another button of the mouse draws nothing; what leaves the canvas stays at its edge", async () => {
  const { page } = await open();
  await draw(page, [stroke(100, 100, 101, 100, 100, 101)]);
  assert.deepEqual(await strokesOf(page), [[[100, 100]]]);
  const { ink, width } = await inkOn(page, ".sketch .sheet");
  assert.equal(ink[width * 80 + 80], 255);
  await page.mouse.down({ button: "right" });
  await page.mouse.up({ button: "right" });
  assert.equal((await strokesOf(page)).length, 1);
  await draw(page, [stroke(200, 200, 400, 240)]);
  assert.deepEqual((await strokesOf(page))[1], stroke(200, 200, 280, 240));
  await page.mouse.move(50, 50);
  assert.equal((await strokesOf(page))[1].length, 2, "the pen was lifted outside");
});

test("by the keyboard: ready digits, each press another way of it; undo takes the last stroke, clear all", async () => {
  const { page } = await open();
  const press = async (name, key = "Enter") => {
    await page.focus(`#a-sketch-${name}`);
    await page.keyboard.press(key);
    await frames(page);
    return strokesOf(page);
  };
  for (const way of [0, 1, 2, 3, 0]) assert.deepEqual(await press(7), placed(digitStrokes[7][way]), `way ${way}`);
  assert.deepEqual(await press(4, "Space"), placed(digitStrokes[4][0]));
  assert.equal(await labelOf(page), "sketch.label 2");
  assert.deepEqual(await press("undo"), placed([digitStrokes[4][0][0]]));
  assert.deepEqual(await press("clear"), []);
  assert.deepEqual(await press("undo"), []);
  assert.deepEqual(await page.evaluate(() => window.heard.at(-1)), []);
  assert.equal(await labelOf(page), "sketch.label 0");
  assert.ok((await inkOn(page, ".sketch .sheet")).ink.every(each => each === 0));
});

test("a drawing that is undone while the pen is down does not go on", async () => {
  const { page } = await open();
  const { x, y } = await page.$eval(".sketch .sheet", canvas => canvas.getBoundingClientRect().toJSON());
  await page.mouse.move(x + 20, y + 20);
  await page.mouse.down();
  await page.mouse.move(x + 60, y + 20);
  await page.$eval("#a-sketch-undo", button => button.click());
  await page.mouse.move(x + 60, y + 90);
  await page.mouse.up();
  assert.deepEqual(await strokesOf(page), []);
});

test("set() takes a drawing, and refuses what is none; what it gives away is the caller's", async () => {
  const { page } = await open();
  const { code, strokes } = await page.evaluate(four => {
    window.control.set(four);
    let code = "";
    try {
      window.control.set([[[NaN, 1]]]);
    } catch (error) {
      ({ code } = error);
    }
    window.control.strokes[0].length = 0;
    return { code, strokes: window.control.strokes };
  }, FOUR);
  assert.equal(code, "E_ARGUMENT");
  assert.deepEqual(strokes, FOUR);
});

test("a finger draws, and does not scroll the canvas away", async () => {
  const { page } = await open(page => page.setViewport({ width: 390, height: 800, hasTouch: true, isMobile: true, deviceScaleFactor: 3 }));
  const { x, y } = await page.$eval(".sketch .sheet", canvas => canvas.getBoundingClientRect().toJSON());
  await page.touchscreen.touchStart(x + 40, y + 40);
  for (const to of [80, 120, 160]) await page.touchscreen.touchMove(x + 40, y + to);
  await page.touchscreen.touchEnd();
  await frames(page);
  const [points] = await strokesOf(page);
  assert.deepEqual([...points[0], ...points.at(-1)], [50, 50, 50, 200]);
  assert.equal(await page.$eval(".sketch .sheet", canvas => getComputedStyle(canvas).touchAction), "none");
  assert.equal(await page.$eval(".sketch", element => getComputedStyle(element).touchAction), "auto");
  assert.equal((await inkOn(page, ".sketch .sheet")).width, 3 * 224, "as many pixels as the device has");
});

test("it is drawn in the ink of the scheme, and again when that changes; when it is freed nothing listens", async () => {
  const scheme = value => page => page.emulateMediaFeatures([{ name: "prefers-color-scheme", value }]);
  const { page, problems } = await open(scheme("light"));
  await page.evaluate(four => window.control.set(four), FOUR);
  await frames(page);
  const colours = async () => [(await inkOn(page, ".sketch .sheet")).colour, (await inkOn(page, ".sketch figure canvas")).colour];
  assert.deepEqual(await colours(), Array(2).fill([0x1d, 0x1b, 0x18]));
  await scheme("dark")(page);
  await frames(page);
  assert.deepEqual(await colours(), Array(2).fill([0xec, 0xe7, 0xdd]));
  await page.evaluate(() => {
    window.heard.length = 0;
    window.control.set([]);
    window.control.free();
    window.painted = 0;
    HTMLCanvasElement.prototype.getContext = () => void window.painted++;
    dispatchEvent(new Event("resize"));
  });
  await scheme("light")(page);
  await frames(page);
  const after = await page.evaluate(() => [window.heard.length, window.painted, document.querySelectorAll(".sketch").length]);
  assert.deepEqual(after, [0, 0, 0]);
  assert.deepEqual(problems.filter(isNotIcon), []);
});

test("without its styles it is not shown; it is said, and can be tried again", async () => {
  let isThere = false;
  const { page } = await site.visit("weights/README.md", {
    async prepare(page) {
      await page.setRequestInterception(true);
      page.on("request", request =>
        request.url().endsWith("/sketch.css") && !isThere ? request.respond({ status: 404 }) : request.continue(),
      );
    },
  });
  await page.evaluate(mount);
  await page.waitForFunction(() => window.troubles.length === 1);
  assert.match(await page.evaluate(() => window.troubles[0].error.message), /sketch\.css could not be fetched/);
  assert.ok(await page.$eval(".sketch", element => element.hidden));
  isThere = true;
  await page.evaluate(() => window.troubles[0].again());
  await page.waitForSelector(".sketch .sheet", { visible: true });
});
