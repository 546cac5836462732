// SPDX-License-Identifier: MIT
//
// start.js - the page that is one file: one desk, as app.js has it; and in its worker, worker.js.
import { work } from "./enclosed.js";
import { mountDesk } from "../page/desk.js";
import { fromHash } from "../page/settings.js";
import "../trainer/worker.js";

globalThis.document?.querySelector(".late")?.remove(); // the notice of a page that does not start
const root = globalThis.document?.getElementById("desk");
const settings = work && !location.hash ? fromHash(work.settings) : {};
if (root) mountDesk(root, { isPage: true, settings, style: async () => {} }); // its styles are in it
