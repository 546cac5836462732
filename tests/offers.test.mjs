// SPDX-License-Identifier: MIT
//
// How a network would go on with what is being typed, without a page: offers.js against a state that reads the text anew.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "../web/core/model.js";
import { Offers } from "../web/page/text/offers.js";

const weights = name => load(new URL(`../weights/${name}.safetensors`, import.meta.url));
const course = await weights("course");
const alice = await weights("alice-words");

/** The offers, and how much was done for them. */
function ask(offers, text) {
  const steps = [...offers.behind(text)];
  return { found: steps.filter(Boolean), work: steps.length };
}
const wholes = found => found.map(({ first, rest }) => first + rest);

test("the offers are the three most probable tokens, each followed greedily to the end of a word", () => {
  const { found } = ask(new Offers(course), "Today I w");
  const state = course.start();
  state.read("Today I w");
  const probs = state.probs();
  const best = [...probs.keys()].sort((a, b) => probs[b] - probs[a]).slice(0, 3);
  assert.deepEqual(
    found.map(({ first, p }) => [first, p]),
    best.map(id => [course.vocabulary[id], probs[id]]),
  );
  for (const offer of found) {
    const greedy = [...course.write(`Today I w${offer.first}`, { temperature: 0, length: 24 })].map(step => step.text).join("");
    assert.ok(greedy.startsWith(offer.rest), `${offer.rest} is not the beginning of ${greedy}`);
    assert.match(offer.first + offer.rest, /^\P{L}*[\p{L}'’-]+$/u);
    assert.match(greedy.slice(offer.rest.length), /^[^\p{L}'’-]/u); // there the word ends
  }
});

test("a text that grows, shrinks or changes in its middle is read as if it were new, and only what is new is read", () => {
  const long = "It was a bright cold day in April, and the clocks were striking thirteen. ".repeat(20);
  const offers = new Offers(course);
  const first = ask(offers, long);
  assert.ok(first.work > long.length);
  for (const [text, most] of [
    [`${long}W`, 1],
    [`${long}Wh`, 1],
    [long, 256],
    [`${long.slice(0, 700)}!${long.slice(700)}`, long.length - 512 + 1],
    ["", 0],
    ["Wh", 2],
  ]) {
    const { found, work } = ask(offers, text);
    assert.deepEqual(found, ask(new Offers(course), text).found, text.slice(-10));
    assert.ok(work <= most + 3 * 25, `${work} steps for ${text.length} characters`);
  }
});

test("work that is left halfway is gone on with", () => {
  const text = "The quick brown fox jumps over the lazy dog, and th";
  const offers = new Offers(course);
  for (const _ of offers.behind(text)) break;
  for (const step of offers.behind("The quick red ")) if (step) break;
  assert.deepEqual(ask(offers, text).found, ask(new Offers(course), text).found);
});

test("a network of words offers words: a begun one is completed, behind a whole one comes the next", () => {
  const offers = new Offers(alice);
  const state = alice.start();
  state.read("said the");
  const probs = state.probs();
  const { found } = ask(offers, "said the Mo");
  assert.ok(found.length > 0 && found.length <= 3);
  const begun = alice.vocabulary.reduce((sum, word, id) => (/^Mo./.test(word) ? sum + probs[id] : sum), 0);
  for (const { first, p, rest } of found) {
    assert.equal(rest, "");
    assert.ok(Math.abs(p - probs[alice.vocabulary.indexOf(`Mo${first}`)] / begun) < 1e-6);
  }
  assert.deepEqual(
    found.slice(0, 1).map(({ typed, first }) => [typed, first]),
    [["Mo", "ck"]],
  );
  for (const [text, blank] of [
    ["said the", " "],
    ["said the ", ""],
  ]) {
    const { found } = ask(offers, text);
    assert.equal(found.length, 3);
    for (const whole of wholes(found)) assert.match(whole, new RegExp(`^${blank}[\\p{L}]`, "u"));
  }
  assert.deepEqual(wholes(ask(offers, "I don'").found), wholes(ask(new Offers(alice), "I don’").found));
  assert.equal(ask(offers, "said the Zarath").found.length, 3); // nothing that it could be: the next word behind an unknown one
});

test("the word that is typed already is told with what goes on with it, and a huge one takes no time to find", () => {
  const offers = new Offers(course);
  for (const { typed, first } of ask(offers, "Today I w").found) assert.equal(typed, /^\p{L}/u.test(first) ? "w" : "");
  for (const { typed } of ask(offers, "Today ").found) assert.equal(typed, "");
  assert.ok(ask(offers, "a".repeat(20_000)).found.every(({ typed }) => typed.length <= 48));
});
