// SPDX-License-Identifier: MIT
//
// unison.js - boxes that scroll as one. While they grow each keeps its end in sight, until the reader scrolls away from it.

const NEAR = 4; // pixels: so near to its end a box is at its end
const FAR = 1e7; // farther than any text is long; WebKit takes no number that is much greater

export class Unison {
  /** whether the boxes keep their ends in sight */
  follows = false;
  /** @type {HTMLElement[]} */
  #boxes = [];
  /** @type {number[]} how far each is scrolled, as far as that is known here */
  #tops = [];

  /** @param {HTMLElement[]} boxes their scroll events go to moved() */
  set(boxes) {
    if (boxes.length === this.#boxes.length && boxes.every((box, i) => box === this.#boxes[i])) return;
    this.#boxes = boxes;
    this.#tops = boxes.map(({ scrollTop }) => scrollTop);
  }

  /** The ends come into sight, if they are followed. A scroll of the reader's may have no event yet. */
  toEnds() {
    const left = this.#boxes.find((box, i) => box.scrollTop < this.#tops[i] - 1);
    if (this.follows && left) this.moved(left, true);
    if (!this.follows) return;
    for (const box of this.#boxes) box.scrollTop = FAR; // the first one lays the page out, no other
    this.settle();
  }

  toStart() {
    for (const box of this.#boxes) box.scrollTop = 0;
    this.settle();
  }

  /** The page itself has scrolled them. */
  settle() {
    this.#tops = this.#boxes.map(({ scrollTop }) => scrollTop);
  }

  /**
   * A box has scrolled. If it was the reader, the others scroll as far.
   * @param {EventTarget | null} target @param {boolean} isGrowing @returns {boolean} whether it was the reader
   */
  moved(target, isGrowing) {
    const at = this.#boxes.indexOf(/** @type {HTMLElement} */ (target));
    if (at < 0) return false;
    const { scrollTop, scrollHeight, clientHeight } = this.#boxes[at];
    const by = scrollTop - this.#tops[at];
    if (Math.abs(by) < 1) return false;
    this.follows = isGrowing && scrollTop + clientHeight > scrollHeight - NEAR;
    if (!this.follows) this.#boxes.forEach((box, i) => i !== at && (box.scrollTop += by));
    this.settle();
    return true;
  }
}
