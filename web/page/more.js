// SPDX-License-Identifier: MIT
//
// more.js - what few visits change or ask: seed, length, cuts, speed, a network from a file, colours, keys, and facts of the network.
import { EXACT, numberBox } from "./controls.js";
import { elementsOf, fill, make } from "./elements.js";
import { mount as mountFacts } from "./facts.js";
import { mostOf } from "./settings.js";
import { learning } from "./learnswitch.js";
import { tint } from "./legend.js";

const NUMBERS = /** @type {const} */ (["seed", "length", "topK", "topP"]);
const SPEEDS = /** @type {const} */ ([
  [5, "speed.slow"],
  [30, "speed.reading"],
  [200, "speed.fast"],
  [0, "speed.most"],
]);

/** @type {import("./contract.js").Mount} */
export async function mount(root, desk) {
  await Promise.all([desk.words.more("suggest"), desk.words.more("learn")]);
  const { id, settings, words } = desk;
  const { button, field, worded } = elementsOf(desk);
  const note = make("p", { id: id("more-note"), className: "note", ariaLive: "polite" });
  const boxes = NUMBERS.map(name => ({
    name,
    box: numberBox(
      desk,
      name,
      value => tell(refusal(desk, name, value)),
      () => tell(""),
    ),
  }));
  const speed = make("select", { onchange: () => desk.change({ speed: Number(speed.value) }) });
  const accept = ".safetensors,.checkpoint,.txt,.md,text/*";
  const file = make("input", { type: "file", id: id("file"), accept, multiple: true, hidden: true, onchange: take });
  const speedField = field("speed", speed);
  const fields = [...boxes.map(({ name, box }) => field(name, box)), speedField];
  speedField.classList.add("grow");
  const suggest = make("input", { type: "checkbox", id: id("suggest"), onchange: () => desk.change({ suggest: Number(suggest.checked) }) });
  const learn = learning(desk, "learn.write");
  const open = button("network.open", () => file.click(), "", "open");
  const colours = tint(desk);
  const list = make("div", { id: id("facts") });
  const facts = mountFacts(list, desk);
  root.replaceChildren(
    make("div", { className: "row wrap" }, ...fields, open, file),
    note,
    make("label", { className: "small", "data-part": "suggest" }, suggest, worded("span", "suggest")),
    learn.element,
    colours.element,
    make("div", { "data-part": "help" }, worded("p", "text.help", { className: "note" })),
    make("div", { "data-part": "facts" }, worded("h2", "facts"), list),
  );

  /** @param {string} sentence */
  function tell(sentence) {
    note.textContent = sentence;
  }

  function take() {
    const files = [.../** @type {FileList} */ (file.files)];
    if (files.length) desk.openFile(...files).catch(desk.trouble);
    file.value = "";
  }

  return {
    show() {
      for (const { name, box } of boxes) box.value = words.number(settings.now[name], EXACT);
      const options = SPEEDS.map(([value, key]) => /** @type {[string, string]} */ ([String(value), words.say(key)]));
      const chosen = String(settings.now.speed);
      if (!options.some(([value]) => value === chosen)) options.push([chosen, `${words.number(settings.now.speed)}/s`]);
      fill(speed, options, chosen);
      suggest.checked = settings.now.suggest > 0;
      learn.show();
      colours.show();
      facts.show();
    },
    free: () => root.replaceChildren(),
  };
}

/** Why a number is not taken. @param {import("./contract.js").Desk} desk @param {typeof NUMBERS[number]} name @param {string} value */
function refusal({ settings, words }, name, value) {
  const { say, number } = words;
  const kept = number(settings.now[name], { useGrouping: false });
  return say("number.wrong", { name: say(name), least: 0, most: number(mostOf(name)), value, kept });
}
