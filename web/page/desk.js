// SPDX-License-Identifier: MIT
//
// desk.js - what all parts of the page share: the settings in the address, the network in use, and where to say something.
import { say } from "./words.js";
import { RnnError } from "../core/model.js";
import { fromHash, toHash } from "./settings.js";

/** @template {HTMLElement} T @param {string} id @param {new () => T} type @returns {T} */
export function at(id, type) {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new Error(`the page has no ${id}`);
  return element;
}

export const page = {
  /** @type {import("./settings.js").Settings} */
  settings: fromHash(location.hash),
  /** @type {import("../core/model.js").Model | null} */
  model: null,
  /** what the network is called */
  name: "",
  /** what the network in use learnt from, where that is known */
  trainingText: "",
};

/** @type {ReturnType<typeof setTimeout> | undefined} */
let hashTimer;

/** @param {Partial<import("./settings.js").Settings>} changes */
export function set(changes) {
  page.settings = { ...page.settings, ...changes };
  clearTimeout(hashTimer); // a slider changes faster than browsers let an address change
  hashTimer = setTimeout(() => history.replaceState(null, "", toHash(page.settings)), 200);
}

/** The address of the page with other settings. @param {Partial<import("./settings.js").Settings>} changes */
export function link(changes) {
  return new URL(toHash({ ...page.settings, ...changes }), location.href).href;
}

/** Takes the settings of the address; says whether they are others than before. */
export function readAddress() {
  const before = toHash(page.settings);
  page.settings = fromHash(location.hash);
  return toHash(page.settings) !== before;
}

/** Whether a teacher has taken this part of the page away. @param {string} part */
export const isHidden = part => page.settings.hide.split(",").includes(part);

/** Whether a teacher has fixed it. @param {string} part */
export const isLocked = part => page.settings.lock.split(",").includes(part);

const places = { status: at("status", HTMLElement), spoken: at("spoken", HTMLElement), trouble: at("trouble", HTMLElement) };

/** @param {string} sentence */
export function status(sentence) {
  places.status.textContent = sentence;
}

/** For screen readers alone. @param {string} text */
export function speak(text) {
  places.spoken.textContent = text;
}

/** @param {unknown} error */
export function sentencesOf(error) {
  if (!(error instanceof RnnError)) return error instanceof Error ? error.message : String(error);
  return [say(`error.${error.code}`), error.message, error.hint].filter(Boolean).join(" ");
}

/** @param {unknown} error */
export function trouble(error) {
  const kept = page.model ? say("error.kept", { name: page.name }) : "";
  places.trouble.textContent = [say("error.title"), sentencesOf(error), kept].filter(Boolean).join(" ");
  places.trouble.hidden = false;
}

export function noTrouble() {
  places.trouble.hidden = true;
}

/** The reader's wish for the next character. */
export function sampling() {
  const { temperature, topK, topP } = page.settings;
  return { temperature, topK, topP };
}
