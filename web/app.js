// SPDX-License-Identifier: MIT
//
// app.js - the page: one desk.
import { mountDesk } from "./page/desk.js";

const root = globalThis.document?.getElementById("desk");
if (root) mountDesk(root, { isPage: true });
