// SPDX-License-Identifier: MIT
//
// contract.js - what a view and the desk that it lies on know of each other: types alone, nothing that runs.

/** @typedef {import("../core/model.js").Model} Model */
/** @typedef {import("../story/story.js").Branch} Branch */

/**
 * What mount(root, desk) of a view or a panel returns. It builds what it needs inside root and looks nothing up outside it.
 * @typedef {object} View
 * @property {() => void} show draws it as the settings and the words are now
 * @property {() => void} [stop] another view is looked at from now on: what is done for the eye ends, a training goes on
 * @property {() => void} free ends all that it does, frees what it holds, leaves root empty and no listener outside root
 * @property {() => unknown} [begin] does what its main button does
 * @property {() => void} [clear] forgets what it has of the network in use, which another one replaces
 * @property {(...files: File[]) => Promise<boolean>} [openFile] opens what the desk has no use for; false: it has none either
 * @property {() => Taken[]} [texts] those that it shows, to be taken away
 * @property {(place: number) => void} [choosePlace] selects a place of the text that it has shown the panels
 */

/**
 * A promise where something has to be there first, such as a style sheet.
 * @typedef {(root: HTMLElement, desk: Desk) => View | Promise<View>} Mount
 */

/**
 * The desk, as views and panels see it. Its functions are bound: they can be taken out of it.
 * @typedef {object} Desk
 * @property {SettingsInUse} settings
 * @property {Words} words
 * @property {{ model: Model | null, name: string, trainingText: string, about: string }} network the one in use (null before the first),
 *   how it is called, and what it learnt from where that is known ("" elsewhere): the text, and what is said of it
 * @property {() => Promise<Uint8Array>} file that of the network in use, as soon as there is one
 * @property {(path: string) => Promise<void>} style the styles of a view that few visits need; path: from web/page/
 * @property {(name: string) => string} id the id of an element on this desk: another desk on the page has others
 * @property {() => string} prompt how the text is to begin
 * @property {() => Promise<void>} begin has the view in use do what its main button does
 * @property {(changes: Partial<Settings>) => void} change the reader changes settings: what depends on them follows
 * @property {(sentence: string) => void} status says what goes on, below the view
 * @property {(view: string, sign: string) => void} mark shows in a view's tab, and in the page's title, that it is at work; "": no more
 * @property {(text: string) => void} speak says it to screen readers alone
 * @property {(error: unknown, again?: () => void, otherwise?: string) => void} trouble says what failed, and offers to try it again;
 *   otherwise: the key of what else one may do
 * @property {() => void} noTrouble what failed before does not matter any more
 * @property {(branch: Branch | null, place: number, canChoose: boolean) => void} show what the panels show: a place of a whole text, and
 *   whether another token may be chosen there
 * @property {Shown | null} shown what they show now
 * @property {(place: number) => void} choosePlace another place of that text
 * @property {import("./text/write.js").Write} writing the view Write: its text, its branches, and what can be done with them
 * @property {(view: string) => void} go has another view looked at
 * @property {(changes: Partial<Settings>) => Promise<void>} setUp takes the desk to other settings, as their address would; what they
 *   do not say is as at first, but language, layout, pace, suggestions and what a teacher has hidden or fixed
 * @property {(key: string) => void} visitStop sets the desk up for a stop of the guided story
 * @property {() => void} showFolded what is folded away, but open, shows the settings as they are now
 * @property {() => void} showGuide draws the story's strip anew
 * @property {() => [name: string, title: string][]} listed the networks that come with the page
 * @property {(text: string) => [name: string, title: string] | undefined} otherFor another of them that reads a text's script
 * @property {(name: string, prompt: string | null, model?: Model) => void} choose takes one of them; prompt: null: its own; model: where it
 *   is loaded already, which is the desk's from then on
 * @property {() => Larger | undefined} larger one that learnt from the same text as the chosen one, where that one is in use, there is a
 *   larger one and it may be chosen
 * @property {(name: string, options?: Lending) => Promise<Model>} load one of them, for the caller, who frees it; a signal of the caller's
 *   takes the place of the desk's
 * @property {(...files: File[]) => Promise<void>} openFile takes a network from a file, and offers to learn from texts
 * @property {() => Promise<View | undefined>} view the one in use, as soon as it is there
 * @property {() => Promise<import("./own/owndesk.js").OwnDesk>} own what has the reader's own networks
 * @property {() => Promise<import("./own/owndesk.js").OwnDesk | null>} ownIfKept the same, with what is kept now; null: nothing is
 * @property {(bytes: Uint8Array, name: string, prompt: string, text: string) => Promise<void>} useNetwork writes with a network that was
 *   trained here; text is what it learnt from
 */

/** @typedef {{ branch: Branch, place: number, canChoose: boolean }} Shown */
/** @typedef {{ name: string, title: string, bytes: number }} Larger */
/** @typedef {Pick<import("../core/types.js").LoadOptions, "signal" | "onProgress">} Lending */
/** @typedef {{ branch: Branch, name: string, data: import("../views/data.js").TextData }} Taken name: of the network */

/**
 * @typedef {object} Settings
 * @property {string} network name of a network of weights/index.json, or one of the reader's own, see keyOf() of catalog.js
 * @property {string | null} prompt null: the network's own
 * @property {number} temperature 0 or more
 * @property {number} topK only the most probable so many; 0: all
 * @property {number} topP only the fewest that reach this probability together; 1: all
 * @property {number} learn the rate at which the network learns what it reads as it reads it, 0 to 1; 0: it does not
 * @property {number} seed 0 to 2^32 - 1
 * @property {number} length characters to write
 * @property {number} speed characters a second; 0: as fast as it can
 * @property {number} suggest 1: how the prompt may go on is offered while it is typed; 0: it is not
 * @property {string} path what was changed and chosen on the way, see eventsToText(); "": nothing
 * @property {number} at place of the whole text that is shown; -1: the last one
 * @property {string} view a name of VIEWS in settings.js
 * @property {string} panel "why", "chain", "cell", "branches" or "guess"
 * @property {string} tint what colours the text: "surprisal", "entropy", "rank", "unit", "copied" or "none"
 * @property {number} unit the hidden unit that is looked at
 * @property {string} temperatures of the streams that are written together, by commas
 * @property {string} text to score
 * @property {string} pattern of the view "Five patterns": the name of a network that answers, or of its pattern
 * @property {string | null} input what that network reads; null: its example
 * @property {string} handover temperature_mix_scrambled_other: what was changed of the state that is handed over; "": nothing
 * @property {string} guide key of the stop of the guided story that is looked at; "": none
 * @property {string} case of the view "Where the samples go wrong": the mistake that is open; "": none
 * @property {string} language tag of a language of lang/
 * @property {string} layout "embed": text, bars, temperature and one button, for a small frame; "": all
 * @property {string} hide parts that a teacher takes away, by commas: the data-part of the page's elements
 * @property {string} lock parts whose boxes, lists and sliders a teacher fixes, likewise; those that are buttons alone cannot be
 */

/**
 * The settings as they are. On the page's own desk they stand in the address.
 * @typedef {object} SettingsInUse
 * @property {Settings} now
 * @property {string[]} tooLong what of the address was too long to be taken, and was not told yet
 * @property {(changes: Partial<Settings>) => void} set keeps them; nothing is drawn
 * @property {(changes: Partial<Settings>) => void} step the same, as a step of the history: Back leads to what was before
 * @property {(some: Partial<Settings>) => void} complete takes what is as at first from these
 * @property {(part: string) => boolean} isHidden whether a teacher has taken this part of the page away
 * @property {(part: string) => boolean} isLocked whether a teacher has fixed it
 * @property {(changes: Partial<Settings>) => string} link the address of a page with other settings
 * @property {boolean} hasAddress whether there can be one
 */

/**
 * What the page says, in the reader's language. Its functions are bound.
 * @typedef {object} Words
 * @property {(part?: string) => Promise<Record<string, string>>} more from then on it has the words of what is mounted late, too: these;
 *   part: a file's ending
 * @property {(key: string, values?: Record<string, string | number>, level?: string) => string} say a sentence of lang/ with its {places}
 *   filled in (numbers as they are written here, with the form that fits one, see words.js), and of [characters|words] what the network
 *   reads; a key without a sentence is ""
 * @property {(value: number, options?: Intl.NumberFormatOptions) => string} number
 * @property {(share: number) => string} percent of a share from 0 to 1
 * @property {string} language its tag
 * @property {string} level "characters", or what else the network in use reads and writes
 */

/**
 * @template T
 * @typedef {object} Job
 * @property {Iterator<T>} steps each next() is a little work
 * @property {() => number} [pace] steps a second; 0 (default): as fast as it can
 * @property {number} [most] steps a frame, where drawing one takes more than usual
 * @property {(steps: T[], isWhole: boolean) => void} onSteps what one frame did; isWhole: there is time to draw all that comes of it, not
 *   only what grows
 * @property {(error?: unknown) => void} [onEnd] called once: done, failed (with the error), but not when stopped
 */

export {};
