// SPDX-License-Identifier: MIT
import { write } from "./write.js";

write().then(postMessage, error => postMessage(String(error)));
