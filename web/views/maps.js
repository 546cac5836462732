// SPDX-License-Identifier: MIT
//
// maps.js - pictures of few places as canvases of so many pixels, which CSS enlarges: what a network reads, and its feature maps.

/** @typedef {{ side: number, maps: ArrayLike<number>[] }} Layer maps: side * side numbers each, row after row, 0 or more */

/**
 * Each layer's maps in a row, brightest where the number is the layer's largest.
 * @param {HTMLElement} target @param {Layer[]} layers @param {string[]} labels what each layer is
 */
export function draw(target, layers, labels) {
  while (target.children.length > layers.length) target.lastElementChild?.remove();
  while (target.children.length < layers.length) target.append(document.createElement("div"));
  layers.forEach(({ side, maps }, i) => {
    const row = /** @type {HTMLElement} */ (target.children[i]);
    const most = Math.max(1e-6, ...maps.map(map => Math.max(...Array.from(map))));
    row.className = "maps-row";
    row.setAttribute("role", "img");
    row.setAttribute("aria-label", labels[i]);
    while (row.children.length > maps.length) row.lastElementChild?.remove();
    while (row.children.length < maps.length) row.append(document.createElement("canvas"));
    maps.forEach((map, k) => paint(/** @type {HTMLCanvasElement} */ (row.children[k]), map, side, most));
  });
}

/**
 * Light on dark, as MNIST has it, in any theme.
 * @param {HTMLCanvasElement} canvas @param {ArrayLike<number>} map @param {number} side @param {number} most
 */
function paint(canvas, map, side, most) {
  canvas.width = canvas.height = side;
  const context = canvas.getContext("2d");
  if (!context) return;
  const image = context.createImageData(side, side);
  for (let i = 0; i < side * side; i++) {
    const light = Math.round((255 * Math.max(0, map[i])) / most);
    image.data.set([light, light, light, 255], 4 * i);
  }
  context.putImageData(image, 0, 0);
}
