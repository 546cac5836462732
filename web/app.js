// SPDX-License-Identifier: MIT
//
// app.js - the page: one desk.
import { mountDesk } from "./page/desk.js";

globalThis.document?.querySelector(".late")?.remove(); // the notice of a page that does not start
const root = globalThis.document?.getElementById("desk");
if (root) mountDesk(root, { isPage: true });
