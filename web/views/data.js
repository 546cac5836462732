// SPDX-License-Identifier: MIT
//
// data.js - what the first views draw. Types alone: no program imports it, no page fetches it.

/**
 * @typedef {object} Candidate
 * @property {number} id
 * @property {string} name how the token is called
 * @property {boolean} described the name is no part of a text, but says what cannot be seen
 * @property {number} before probability as learnt
 * @property {number} after after temperature and cuts; 0 if it was cut away
 * @property {string} beforeText
 * @property {string} afterText
 * @property {string} label how what is seen of it is read out
 * @property {string} more what else a button says that chooses it
 */

/**
 * @typedef {object} DistributionData
 * @property {Candidate[]} top the most probable, most probable first
 * @property {{ before: number, after: number, beforeText: string, afterText: string }} rest all others together
 * @property {{ id: number, p: number }[]} strip all tokens of probability > 0 in id order, narrow neighbours as one: the dice falls on one
 * @property {() => Candidate[]} all every character, most probable first
 * @property {number} chosen id of the character that came
 * @property {number | null} u the dice, 0 to 1; null: there was none
 * @property {boolean} canChoose whether another character may be taken here
 * @property {Map<number, string> | null} [ahead] by id, as far as it is known: what would be written behind it
 * @property {{ came: string, of: string, before: string, after: string, dice: string, whatIf: string, rest: string, table: string,
 *   character: string, csv: string }} words
 * @property {{ name: string, before: string, after: string }[]} numbers
 */

/**
 * @typedef {Pick<DistributionData, "top" | "rest" | "strip" | "chosen" | "u" | "canChoose" | "ahead">
 *   & { words: Pick<DistributionData["words"], "rest" | "dice"> }} SmallDistribution what is drawn of one where there is little room
 */

/**
 * @typedef {object} TextData
 * @property {unknown} text another one: everything is drawn anew
 * @property {string} look another one: the characters in sight get their classes anew
 * @property {number} count characters
 * @property {(place: number) => string} textAt
 * @property {(place: number) => string} classAt how a character is tinted and marked
 * @property {number} selected a place, or -1
 * @property {boolean} follow keep the end in sight, unless the reader has scrolled away from it
 * @property {string} empty what to show when there is no text
 */

export {};
