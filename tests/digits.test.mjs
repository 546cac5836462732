// SPDX-License-Identifier: MIT
//
// Digits made to learn from: their ways, the same examples of a seed everywhere, and what a network learns from them alone.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { digitExamples, digitStrokes } from "../web/core/digits.js";
import { ExampleTraining } from "../web/core/examples.js";
import { loadPattern } from "../web/core/pattern.js";
import { pictureOf } from "../web/core/picture.js";

const NAMES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
const SHA = "e4752a9c058be3250beb4340f328c084ec82b316cb533635bfa3984985584e44"; // of the first 100 examples of seed 7

test("each digit has two to four ways, and the network that learnt MNIST names each", async () => {
  assert.equal(digitStrokes.length, 10);
  const network = await loadPattern(new URL("../weights/patterns/digits-en.safetensors", import.meta.url));
  for (const [digit, ways] of digitStrokes.entries()) {
    assert.ok(ways.length >= 2 && ways.length <= 4, `${digit} has ${ways.length} ways`);
    for (const [way, strokes] of ways.entries()) {
      for (const [x, y] of strokes.flat()) assert.ok(x >= 0 && x <= 100 && y >= 0 && y <= 100, `${digit}, way ${way}: ${x}, ${y}`);
      assert.equal(network.answer(pictureOf(strokes)), NAMES[digit], `way ${way} of ${digit}`);
    }
  }
  network.free();
});

test("a way is smooth but for its corners, and so is a ring where it is closed", () => {
  /** The cosine of the turn from a to b to c. */
  const turn = ([ax, ay], [bx, by], [cx, cy]) => {
    const [ux, uy, vx, vy] = [bx - ax, by - ay, cx - bx, cy - by];
    return (ux * vx + uy * vy) / Math.hypot(ux, uy) / Math.hypot(vx, vy);
  };
  const cornersOf = stroke => stroke.slice(2).filter((c, i) => turn(stroke[i], stroke[i + 1], c) < 0.7).length; // 45 degrees
  const corners = digit => digitStrokes[digit].map(strokes => strokes.map(cornersOf).reduce((a, b) => a + b));
  assert.deepEqual(corners(0), [0, 0, 0]);
  assert.deepEqual(corners(1), [0, 1, 1]);
  assert.deepEqual(corners(7), [1, 1, 2, 0]);
  const rings = digitStrokes.flat(2).filter(stroke => String(stroke[0]) === String(stroke.at(-1)));
  assert.equal(rings.length, 4);
  for (const ring of rings) assert.ok(turn(ring.at(-2), ring[0], ring[1]) > 0.94, "20 degrees"); // between two of its points
});

test("the same seed gives the same examples, another one others; each digit is as frequent", () => {
  const hash = createHash("sha256");
  for (const { picture, digit } of digitExamples(100, 7)) hash.update(picture).update(String(digit));
  assert.equal(hash.digest("hex"), SHA);
  const [a] = digitExamples(1, 8);
  const [b] = digitExamples(1, 9);
  assert.notDeepEqual(a.picture, b.picture);
  assert.deepEqual([...digitExamples(2, 8)][0], a, "the first are those of a shorter run");
  const counts = new Array(10).fill(0);
  for (const { digit } of digitExamples(2000, 1)) counts[digit]++;
  for (const [digit, count] of counts.entries()) assert.ok(count > 160 && count < 240, `${count} of ${digit}`);
});

test("a count or a seed that is none is refused", () => {
  assert.deepEqual([...digitExamples(0, 1)], []);
  for (const [count, seed] of [
    [-1, 1],
    [1.5, 1],
    [1, 2 ** 32],
    ["9", 1],
    [1, undefined],
  ])
    assert.throws(() => [...digitExamples(count, seed)], { name: "RnnError" });
});

test("a network learns digits from examples alone: others of them, and those that were drawn with a mouse", async () => {
  const lines = examples => examples.map(({ picture, digit }) => `${Buffer.from(picture).toString("base64")}\t${NAMES[digit]}`).join("\n");
  const settings = { pattern: "one-to-many", side: 28, maps: 8, cell: "gru", hidden: 64, embedding: 8, batch: 32, rate: 0.003 };
  const training = await ExampleTraining.begin(lines([...digitExamples(4000, 1)]), { ...settings, passes: 4, heldOut: 0 });
  while (training.done < training.updates) training.update();
  const drawn = JSON.parse(readFileSync(new URL("drawn-digits.json", import.meta.url)));
  const others = training.network.score(lines([...digitExamples(500, 2)]));
  const mouse = training.network.score(lines(drawn.map(({ digit, strokes }) => ({ picture: pictureOf(strokes), digit }))));
  assert.ok(others.right >= 420, `${others.right} of 500`);
  assert.ok(mouse.right >= 95, `${mouse.right} of 100`);
});
