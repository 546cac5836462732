// SPDX-License-Identifier: MIT
//
// start.js - the page that is one file: one desk, as app.js has it; and in its worker, worker.js.
import { archive, work } from "./enclosed.js";
import { mountDesk } from "../page/desk.js";
import { fromHash } from "../page/settings.js";
import { languages } from "../page/words.js";
import "../trainer/worker.js";

globalThis.document?.querySelector(".late")?.remove(); // the notice of a page that does not start
const root = globalThis.document?.getElementById("desk");
if (root) {
  for (const tag of Object.keys(languages)) if (!archive.lengths[`web/lang/${tag}.json`]) Reflect.deleteProperty(languages, tag);
  if (work) document.title = `${work.listed.title.en} · nextchar`;
  mountDesk(root, { isPage: true, settings: savedSettings(), style: async () => {} }); // its styles are in it
}

/** What the page was saved with, where its address says nothing else. An address that names a network says all. */
function savedSettings() {
  const given = new URLSearchParams(location.hash.slice(1));
  const saved = work && !given.has("network") ? Object.entries(fromHash(work.settings)) : [];
  return Object.fromEntries(saved.filter(([name]) => !given.has(name)));
}
