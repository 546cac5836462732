// SPDX-License-Identifier: MIT
//
// The worker that trains, its partner, and the page's end of both, without a browser: what each says and does when a command, the
// other one, or the storage fails. Their threads are left out: a message is copied as a thread's would be, and comes a turn later.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { RnnError, load } from "../web/core/model.js";
import { Training } from "../web/core/recipe.js";
import { Client } from "../web/trainer/client.js";
import { Trainer } from "../web/trainer/commands.js";
import { addPoint, addSample, emptyHistory, lastHeldOut } from "../web/trainer/history.js";
import { PartnerWork } from "../web/trainer/partner.js";
import { Session } from "../web/trainer/session.js";
import { spawn } from "../web/trainer/spawn.js";
import { Storage } from "../web/trainer/storage.js";

const WORDS = ["the", "cat", "sees", "a small dog", "and", "naïve", "кот", "it’s"];
const TEXT = Array.from(
  { length: 300 },
  (_, i) => `${Array.from({ length: 5 }, (_, k) => WORDS[(i * i * 7 + k * k * 3 + i * k) % WORDS.length]).join(" ")}.\n`,
).join("");
const SMALL = { hidden: 8, embedding: 4, batch: 4, window: 16, slices: 2, passes: 1, warmup: 100, dropout: 0, heldOut: 0.2 };

const turn = () => new Promise(resolve => setImmediate(resolve));
const until = async isTrue => {
  while (!isTrue()) await turn();
};

// ---- workers without threads ----

/** What the browser refuses to start, by its name; and who hears nothing. */
const refused = new Set();
const deaf = new Set();
/** All that were started since the test began. @type {InThisThread[]} */
let workers = [];

class InThisThread {
  isAlive = true;

  constructor(url, { type, name }) {
    this.url = String(url);
    assert.match(this.url, type === "module" ? /\/web\/trainer\/worker\.js$/ : /^blob:/);
    if (refused.has(name) || (refused.has("address") && !this.url.startsWith("blob:"))) throw new DOMException("not here", "SecurityError");
    this.name = name;
    const say = (message, transfer) => this.#later(message, transfer, data => this.onmessage({ data }));
    this.worker = name === "partner" ? new PartnerWork(say) : new Trainer(say);
    say({ type: "here" });
    workers.push(this);
  }

  postMessage(message, transfer) {
    this.#later(message, transfer, data => deaf.has(this.name) || this.worker.hear(data));
  }

  terminate() {
    this.isAlive = false;
  }

  #later(message, transfer, hear) {
    const copy = structuredClone(message, { transfer });
    setImmediate(() => this.isAlive && hear(copy));
  }
}

beforeEach(() => {
  workers = [];
  refused.clear();
  deaf.clear();
  globalThis.Worker = InThisThread;
  Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true }); // without locks; there is no storage at all
});

/** A client, all that it heard, and how it asks and waits. */
function begin() {
  const heard = [];
  const failures = [];
  const client = new Client({ hear: event => heard.push(event), failed: (error, hasStarted) => failures.push({ error, hasStarted }) });
  const until = async (...types) => {
    for (;;) {
      const found = heard.find(({ type }) => types.includes(type));
      if (found) return found;
      await turn();
    }
  };
  const ask = (command, ...types) => {
    heard.length = 0;
    client.post(command);
    return until("trouble", ...types);
  };
  return { client, heard, failures, until, ask, of: type => heard.filter(event => event.type === type) };
}

const same = (a, b) => assert.deepEqual(Buffer.from(a), Buffer.from(b));

/** The weights after a training of one worker that nothing disturbs. */
async function weightsOf(settings) {
  const training = await Training.begin(TEXT, settings);
  while (training.done < training.updates) training.update();
  return training.weights();
}

// ---- the page's end ----

test("a worker that answers lives; one that is silent for ten questions, or three updates, is given up", t => {
  const each = new Set(); // what is called every second
  t.mock.method(globalThis, "setInterval", (call, milliseconds) => (assert.equal(milliseconds, 1000), each.add(call), call));
  t.mock.method(globalThis, "clearInterval", call => each.delete(call));
  const pass = seconds => {
    for (let i = 0; i < seconds; i++) for (const call of each) call();
  };
  globalThis.Worker = class {
    asked = 0;
    constructor() {
      workers.push(this);
    }
    postMessage({ type }) {
      if (type !== "ping") return;
      this.asked++;
      if (this.answers) this.onmessage({ data: { type: "pong" } });
    }
    terminate() {
      this.isEnded = true;
    }
  };
  for (const [seconds, questions] of [
    [0, 10],
    [2, 10],
    [7, 21],
  ]) {
    const { client, heard, failures } = begin();
    client.post({ type: "look" });
    const worker = workers.at(-1);
    worker.onmessage({ data: { type: "here" } });
    heard.length = 0;
    worker.answers = true;
    client.watch(seconds);
    pass(60);
    assert.equal(worker.asked, 60);
    assert.deepEqual([heard, failures], [[], []]); // pongs are nobody's business
    worker.answers = false;
    pass(questions);
    assert.equal(failures.length, 0, `${questions} questions`);
    pass(1);
    assert.equal(failures.length, 1);
    assert.deepEqual([failures[0].error.code, failures[0].error.message], ["E_WORKER", "the worker was silent"]);
    assert.equal(failures[0].hasStarted, true);
    assert.equal(worker.isEnded, true);
    pass(60);
    assert.equal(failures.length, 1, "it is told once");
  }
});

test("a worker that fails says why; an ended one says nothing any more", async () => {
  const { client, heard, failures } = begin();
  client.post({ type: "look" });
  const [first] = workers;
  const fail = (worker, message) => worker.onerror({ message, preventDefault() {} });
  await until(() => heard.length);
  fail(first, "out of memory");
  assert.deepEqual(
    failures.map(({ error, hasStarted }) => [error.code, error.message, hasStarted]),
    [["E_WORKER", "the worker ended: out of memory", true]],
  );
  assert.equal(first.isAlive, false);
  client.post({ type: "look" });
  client.end();
  heard.length = 0;
  for (const worker of workers) {
    worker.onmessage({ data: { type: "forgotten" } });
    fail(worker, "too late");
  }
  await turn();
  assert.deepEqual([heard, failures.length, workers.length], [[], 1, 2]);
});

// ---- where the browser refuses a worker ----

for (const [how, refuse] of [
  ["throws", () => refused.add("address")],
  ["tells of it later", () => queueMicrotask(() => workers[0].onerror({ preventDefault() {} }))], // as for a file that is not there
])
  test(`where the browser refuses the worker's address and ${how}, a blob imports it, and is told what was asked`, async () => {
    const { client, failures, ask, of } = begin();
    refuse();
    await ask({ type: "index", text: TEXT }, "index");
    const hello = of("here");
    const answer = await ask({ type: "copies", text: TEXT.slice(7, 60), least: 20 }, "copies");
    assert.equal(answer.novelty, 0);
    const { url } = workers.at(-1);
    assert.match(await (await fetch(url)).text(), /^import\("file:.*\/web\/trainer\/worker\.js"\)\.catch/);
    assert.deepEqual(
      workers.map(({ isAlive }) => isAlive),
      workers.map(worker => worker === workers.at(-1)),
    );
    assert.deepEqual([failures, hello.length], [[], 1]);
    client.end();
  });

test("where no worker can be started the page itself trains to the same weights, says so, and ends at once", async () => {
  delete globalThis.Worker;
  const settings = { ...SMALL, passes: 2 };
  const { client, failures, heard, ask, until: heardOf } = begin();
  await ask({ type: "read", text: TEXT, settings }, "prepared");
  assert.equal(heard.find(({ type }) => type === "here").isInPage, true);
  client.post({ type: "start", workers: 2, keep: false });
  await heardOf("end");
  const { bytes } = await ask({ type: "weights", quantized: false, use: "save", which: "last" }, "weights");
  same(bytes, await weightsOf(settings));
  await ask({ type: "read", text: TEXT, settings: { ...settings, passes: 1000 } }, "prepared");
  client.post({ type: "start", workers: 1, keep: false });
  await heardOf("progress");
  client.end();
  heard.length = 0;
  for (let i = 0; i < 50; i++) await turn();
  assert.deepEqual([heard, failures], [[], []]);
});

test("where a training rests, the last that was told of it is of the update at which it rests", async () => {
  const { ask, client, of, until: heardOf } = begin();
  await ask({ type: "read", text: TEXT, settings: { ...SMALL, passes: 1000 } }, "prepared");
  client.post({ type: "start", workers: 1, keep: false });
  await heardOf("progress");
  for (let i = 0; i < 20; i++) await turn();
  const { done } = await ask({ type: "pause" }, "paused");
  assert.equal(of("progress").at(-1)?.done, done);
  client.end();
});

test("a worker that tells of several errors before it is here is given up once", async () => {
  const started = [];
  globalThis.Worker = class {
    constructor() {
      started.push(this);
      for (let i = 0; i < 3; i++) queueMicrotask(() => this.onerror?.({ preventDefault() {} }));
    }
    postMessage() {}
    terminate() {}
  };
  const { client, ask, of } = begin();
  await ask({ type: "look" }, "found");
  assert.deepEqual([started.length, of("here").length], [2, 1]);
  client.end();
});

test("a training in the page gives the storage back when it ends", async () => {
  delete globalThis.Worker;
  let released = 0;
  navigator.locks = {
    query: async () => ({ held: [] }),
    request: async (_name, _options, call) => {
      await call({});
      released++;
    },
  };
  const { client, ask, until: heardOf } = begin();
  await ask({ type: "read", text: TEXT, settings: SHARED }, "prepared");
  client.post({ type: "start", workers: 1, keep: true });
  await heardOf("end");
  assert.equal(released, 0);
  client.end();
  await until(() => released === 1);
});

test("a network that knows another text well learns on from one that it does not know; of words it must know one", async () => {
  const settings = { hidden: 16, embedding: 0, batch: 4, window: 16, passes: 60, rate: 0.02, heldOut: 0, dropout: 0 };
  const sure = await Training.begin("the cat sees a small dog. ".repeat(120), settings);
  while (sure.done < sure.updates) sure.update();
  const foreign = "gosh, mad old teeth: tame, doll, test, sod, hat, cheese; ".replace(/[^a-z. ]/g, "").repeat(60);
  const { ask, client, until: heardOf } = begin();
  await ask({ type: "read", text: foreign, settings: { passes: 6, heldOut: 0 }, from: sure.weights() }, "prepared");
  client.post({ type: "start", workers: 1, keep: false });
  const { type, message } = await heardOf("end", "trouble");
  assert.equal(type, "end", message);
  client.end();
  const words = await Training.begin("the cat sees a small dog and runs. ".repeat(60), { ...settings, level: "words", passes: 2 });
  await assert.rejects(Training.begin("les chats voient ".repeat(100), {}, words.weights()), { code: "E_TEXT", message: /knows no word/ });
});

test("where the page cannot do it either that is said, and the next try begins anew", async () => {
  const { MessageChannel } = globalThis;
  const { client, failures, ask } = begin();
  refused.add("trainer");
  delete globalThis.MessageChannel;
  try {
    client.post({ type: "look" });
    await until(() => failures.length);
  } finally {
    globalThis.MessageChannel = MessageChannel;
  }
  const [{ error, hasStarted }] = failures;
  assert.deepEqual([error.code, hasStarted], ["E_WORKER", false]);
  assert.match(error.message, /^the worker could not be started: MessageChannel is not/);
  refused.clear();
  assert.equal((await ask({ type: "look" }, "found")).training, null);
  client.end();
});

test("what cannot be sent to a worker is thrown where it was asked for", () => {
  const { client, failures } = begin();
  assert.throws(() => client.post({ type: "text", given: () => {} }), { name: "DataCloneError" });
  assert.deepEqual(failures, []);
});

test("where Trusted Types are required one policy is made, which lets the worker's address through and no other", () => {
  const made = [];
  globalThis.trustedTypes = {
    createPolicy(name, rules) {
      made.push({ name, rules });
      return { createScriptURL: url => Object.assign(new String(rules.createScriptURL(url)), { isTrusted: true }) };
    },
  };
  const given = [];
  globalThis.Worker = class {
    constructor(url) {
      given.push(url);
    }
  };
  try {
    for (const name of ["trainer", "partner"]) spawn(name);
    assert.deepEqual(
      made.map(({ name }) => name),
      ["nextchar"],
    );
    assert.ok(given.length === 2 && given.every(({ isTrusted }) => isTrusted));
    assert.throws(() => made[0].rules.createScriptURL("https://example.org/worker.js"), /is no worker of nextchar/);
  } finally {
    delete globalThis.trustedTypes;
  }
});

// ---- two at one training ----

const SHARED = { ...SMALL, passes: 3, heldOut: 0 };

/** Trains to the end with a partner, if there can be one; how many were at it in the end, and its weights. */
async function trainWithPartner() {
  const { client, ask, of, until: heardOf } = begin();
  await ask({ type: "read", text: TEXT, settings: SHARED }, "prepared");
  client.post({ type: "start", workers: 2, keep: false });
  assert.equal((await heardOf("end", "trouble")).reason, "done");
  const count = of("progress").at(-1).workers;
  const { bytes } = await ask({ type: "weights", quantized: false, use: "" }, "weights");
  client.end();
  return { count, bytes };
}

test("two workers have the weights of one", async () => {
  const { count, bytes } = await trainWithPartner();
  assert.equal(count, 2);
  same(bytes, await weightsOf(SHARED));
  assert.deepEqual(
    workers.map(({ name, isAlive }) => [name, isAlive]),
    [
      ["trainer", false],
      ["partner", false],
    ],
  );
});

test("where a second worker cannot be started one has both slices", async () => {
  refused.add("partner");
  const { count, bytes } = await trainWithPartner();
  assert.equal(count, 1);
  same(bytes, await weightsOf(SHARED));
});

test("a second worker that falls silent is waited for five seconds, and done without", async t => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  deaf.add("partner");
  let seconds = 0;
  const ticking = setInterval(() => t.mock.timers.tick(1000 * Number(workers.length > 1 && ++seconds > 0)), 1);
  try {
    const { count, bytes } = await trainWithPartner();
    assert.equal(count, 1);
    assert.ok(seconds >= 5, `${seconds} s`);
    same(bytes, await weightsOf(SHARED));
  } finally {
    clearInterval(ticking);
  }
});

test("a second worker that fails says so, and is done without", async () => {
  const heard = [];
  globalThis.Worker = class extends InThisThread {
    constructor(url, options) {
      super(url, options);
      if (options.name !== "partner") return;
      const hear = this.worker.hear.bind(this.worker);
      this.worker.hear = message => {
        heard.push(message.type);
        hear(heard.length === 5 ? { ...message, part: new Float32Array(3) } : message); // no part of this network
      };
    }
  };
  const { count, bytes } = await trainWithPartner();
  assert.equal(count, 1);
  assert.ok(heard.length >= 5 && heard.length < 10, heard.join());
  same(bytes, await weightsOf(SHARED));
});

test("a partner answers a join with a part, and what is of no training, of another round, or over, with nothing", async () => {
  const said = [];
  const partner = new PartnerWork(message => said.push(message));
  const training = await Training.begin(TEXT, SHARED);
  const utf8 = new TextEncoder().encode(TEXT);
  const parts = round => ({ type: "parts", round, nats: [1, 1], part: training.part(0), factor: 1 });
  partner.hear(parts(1)); // it has joined none yet
  partner.hear({ type: "join", round: 2, checkpoint: training.save(), utf8 });
  partner.hear(parts(1)); // late
  partner.hear({ type: "join", round: 3, checkpoint: training.save().subarray(9), utf8 });
  await until(() => said.length === 2);
  assert.deepEqual(
    said.map(({ type, round }) => [type, round]),
    [
      ["part", 2],
      ["failed", 3],
    ],
  );
  while (training.done < training.updates) training.update();
  partner.hear({ type: "join", round: 4, checkpoint: training.save(), utf8 });
  partner.hear({ type: "join", round: 5, checkpoint: new Uint8Array(), utf8 });
  await until(() => said.length === 3);
  assert.deepEqual([said[2].type, said[2].round], ["failed", 5]); // to round 4 there was nothing to say
});

test("an error of a second worker is not the page's, and one that was not invited is not listened to", async () => {
  const prevented = [];
  globalThis.Worker = class extends InThisThread {
    constructor(url, options) {
      super(url, options);
      if (options.name === "partner")
        setImmediate(() => this.onerror({ message: "lost", preventDefault: () => prevented.push("partner") }));
    }
  };
  const { bytes } = await trainWithPartner();
  assert.deepEqual(prevented, ["partner"]);
  same(bytes, await weightsOf(SHARED));

  const said = [];
  const trainer = new Trainer(event => said.push(event));
  await trainer.hear({ type: "read", text: TEXT, settings: SHARED });
  await trainer.hear({ type: "relay", message: { type: "here" } });
  await trainer.hear({ type: "start", workers: 1, keep: false });
  assert.deepEqual([...new Set(said.filter(({ type }) => type === "progress").map(event => event.workers))], [1]);
  assert.ok(!said.some(({ type }) => type === "relay"));
});

// ---- commands ----

test("a command that cannot be done is answered with its name, a code and a sentence", async () => {
  const { client, ask } = begin();
  const refuses = async (command, code, message) => {
    const trouble = await ask(command, "none");
    assert.deepEqual([trouble.command, trouble.code], [command.type, code]);
    assert.match(trouble.message, message);
  };
  for (const type of ["start", "pause", "stop", "checkpoint"]) await refuses({ type }, "E_ARGUMENT", /^no network is there yet$/);
  await refuses({ type: "copies", text: TEXT, least: 20 }, "E_ARGUMENT", /^no text is there yet to look in$/);
  await refuses({ type: "read", text: "x", settings: {} }, "E_TEXT", /has 1 characters to train on/);
  await refuses({ type: "open", file: new Blob(["no checkpoint"]) }, "E_CHECKPOINT", /no checkpoint/);
  await refuses({ type: "resume" }, "E_STORAGE", /^the browser keeps nothing here: indexedDB is not defined$/);
  await refuses({ type: "forget" }, "E_STORAGE", /keeps nothing here/);
  client.end();

  // what a browser throws is no error of ours
  const said = [];
  const trainer = new Trainer(event => said.push(event));
  for (const reason of [new DOMException("the file is gone", "NotFoundError"), "it is gone"])
    await trainer.hear({ type: "open", file: { arrayBuffer: () => Promise.reject(reason) } });
  assert.deepEqual(
    said.map(({ type, code, message }) => [type, code, message]),
    [
      ["trouble", "E_WORKER", "the file is gone"],
      ["trouble", "E_WORKER", "it is gone"],
    ],
  );
});

test("a text is read, looked in, learnt from, and its network comes as a file, whole or in bytes", async () => {
  const { client, ask } = begin();
  const read = await ask({ type: "text", given: TEXT.replaceAll("\n", "\r\n"), id: 7 }, "text");
  assert.deepEqual([read.id, read.text], [7, TEXT]);
  await ask({ type: "index", text: TEXT }, "index");
  const { spans, novelty } = await ask({ type: "copies", text: TEXT.slice(100, 200), least: 20 }, "copies");
  assert.deepEqual(
    [novelty, ...spans.map(({ from, to, at }) => [from, to, TEXT.slice(at, at + 100) === TEXT.slice(100, 200)])],
    [0, [0, 100, true]],
  );
  const prepared = await ask({ type: "read", text: TEXT, settings: SMALL }, "prepared");
  assert.ok(prepared.tokensPerSecond > 0);
  assert.equal((await ask({ type: "stop" }, "end")).reason, "stopped"); // before it began
  assert.equal((await ask({ type: "look" }, "found")).training, null);
  for (const quantized of [false, true]) {
    const { bytes, use } = await ask({ type: "weights", quantized, use: "save" }, "weights");
    assert.deepEqual([(await load(bytes)).quantized, use], [quantized, "save"]);
  }
  client.end();
});

test("where the browser keeps nothing that is said once, and the training goes on to the same weights", async () => {
  const { client, ask, of, until: heardOf } = begin();
  await ask({ type: "read", text: TEXT, settings: SHARED }, "prepared");
  client.post({ type: "start", workers: 1, keep: true });
  assert.equal((await heardOf("end", "trouble")).reason, "done");
  assert.deepEqual(
    of("unkept").map(({ reason, message }) => [reason, message]),
    [["refused", "the browser keeps nothing here: indexedDB is not defined"]],
  );
  same((await ask({ type: "weights", quantized: false, use: "" }, "weights")).bytes, await weightsOf(SHARED));
  client.end();
});

test("a training that fails after another one has taken its place says nothing", async () => {
  const said = [];
  const trainer = new Trainer(event => said.push(event));
  await trainer.hear({ type: "read", text: TEXT, settings: { ...SMALL, passes: 50, rate: 1000, clip: 0, warmup: 0 } });
  const started = trainer.hear({ type: "start", workers: 1, keep: false });
  await trainer.hear({ type: "read", text: TEXT, settings: SMALL });
  await started;
  assert.deepEqual(
    said.map(({ type }) => type).filter(type => type === "trouble"),
    [],
  );
  assert.equal(said.at(-1).type, "prepared");
});

test("nor does one that breaks after its place was taken", async t => {
  const said = [];
  const trainer = new Trainer(event => said.push(event));
  await trainer.hear({ type: "read", text: TEXT, settings: SMALL });
  let next;
  t.mock.method(Training.prototype, "update", () => {
    t.mock.restoreAll();
    next = trainer.hear({ type: "read", text: TEXT, settings: SMALL });
    throw new RnnError("E_MEMORY", "no room");
  });
  await trainer.hear({ type: "start", workers: 1, keep: false });
  await next;
  assert.deepEqual(
    said.filter(({ type }) => type === "trouble"),
    [],
  );
});

// ---- where locks and storage are there, and refuse ----

/** Trains to the end, to be kept; why it was not. */
async function whyUnkept() {
  const { client, ask, of, until: heardOf } = begin();
  await ask({ type: "read", text: TEXT, settings: SHARED }, "prepared");
  client.post({ type: "start", workers: 1, keep: true });
  assert.equal((await heardOf("end", "trouble")).reason, "done");
  client.end();
  return of("unkept").map(({ reason, message }) => [reason, message]);
}

test("locks that are forbidden are done without; one that another tab holds is heeded", async () => {
  const refuse = () => Promise.reject(new DOMException("no locks", "SecurityError"));
  navigator.locks = { query: refuse, request: refuse };
  assert.deepEqual(await whyUnkept(), [["refused", "the browser keeps nothing here: indexedDB is not defined"]]);
  const { client, ask } = begin();
  assert.equal((await ask({ type: "look" }, "found")).training, null);
  assert.equal((await ask({ type: "forget" }, "forgotten")).code, "E_STORAGE");
  client.end();

  navigator.locks = {
    query: async () => ({ held: [{ name: "nextchar training" }] }),
    request: async (name, { ifAvailable }, call) => (assert.ok(ifAvailable && name === "nextchar training"), call(null)),
  };
  assert.deepEqual(await whyUnkept(), [["other tab", ""]]);
  const other = begin();
  assert.match((await other.ask({ type: "forget" }, "forgotten")).message, /^another tab is training/);
  other.client.end();
});

test("a storage that cannot be opened is said with the browser's reason; one that is full with what to do", async () => {
  try {
    for (const [error, message] of [
      [new DOMException("it is damaged", "UnknownError"), "the browser keeps nothing here: it is damaged"],
      [new DOMException("full", "QuotaExceededError"), "the browser has no room left to keep the training"],
      [null, "the browser keeps nothing here: null"],
    ]) {
      globalThis.indexedDB = {
        open() {
          const request = { error };
          setImmediate(() => request.onerror());
          return request;
        },
      };
      assert.deepEqual(await whyUnkept(), [["refused", message]]);
    }
  } finally {
    delete globalThis.indexedDB;
  }
});

// ---- a session ----

/** A session whose clock goes on by a second an update, and whose storage and updates are the test's. */
async function beginSession(t, { settings = {}, storage = {}, update = training => training.update() } = {}) {
  const said = [];
  let seconds = 0;
  t.mock.method(performance, "now", () => 1000 * seconds);
  const tools = {
    post: event => said.push(event),
    storage: { lock: async () => true, put: async () => {}, newest: async () => null, ...storage },
    partner: {
      invite() {},
      dismiss() {},
      isAt: () => false,
      async update(training) {
        seconds++;
        return update(training);
      },
    },
  };
  const session = await Session.begin(tools, TEXT, { ...SMALL, ...settings });
  return { session, said, of: type => said.filter(event => event.type === type), tools };
}

test("it tells how it goes four times a second at most, keeps itself every five, and samples ever more seldom", async t => {
  const kept = [];
  const { session, of } = await beginSession(t, { storage: { put: async (text, { about }) => kept.push([text === TEXT, about.done]) } });
  await session.start(1, true);
  const { updates } = session.describe();
  assert.ok(updates > 20, String(updates));
  assert.deepEqual(
    of("progress").map(({ done }) => done),
    Array.from({ length: updates }, (_, i) => i + 1),
  );
  assert.deepEqual(kept, [...Array.from({ length: Math.floor(updates / 5) }, (_, i) => [true, 5 * (i + 1)]), [true, updates]]);
  assert.deepEqual(
    of("kept").map(({ done }) => done),
    kept.map(([, done]) => done),
  );
  const sampled = of("sample").map(({ done }) => done);
  const gaps = sampled.slice(1, -1).map((done, i) => done - sampled[i]);
  assert.deepEqual([sampled[0], sampled.at(-1)], [0, updates]);
  assert.ok(gaps.length > 4 && gaps.every((gap, i) => !i || gap >= gaps[i - 1]) && gaps.at(-1) > 1, gaps.join());
  assert.equal(of("end")[0].reason, "done");
});

test("without a partner's word it learns alone; commands out of range change nothing", async t => {
  const rates = [];
  const { session, of } = await beginSession(t, {
    update(training) {
      if (training.done === 3) session.setRate(0.5);
      if (training.done === 4) for (const factor of [0, -1, 1001, NaN]) session.setRate(factor);
      if (training.done === 5) session.setTemperature(0);
      if (training.done === 6) for (const temperature of [-1, NaN]) session.setTemperature(temperature);
      rates.push(training.rateFactor);
      return training.update();
    },
  });
  await session.start(1, false);
  assert.deepEqual(rates.slice(0, 8), [1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.5]);
  assert.equal(rates.at(-1), 0.5);
  assert.deepEqual([of("sample")[0].temperature, of("sample").at(-1).temperature], [0.8, 0]);
  assert.deepEqual(of("kept"), []);
});

test("it starts once, pauses, goes on and stops when it is told to, and says each time that it rests", async t => {
  let amid = () => {};
  const { session, of, said } = await beginSession(t, { update: training => (amid(training), training.update()) });
  amid = () => {
    session.start(1, false); // it runs already
    session.pause();
  };
  await session.start(1, false);
  assert.deepEqual(of("paused"), [{ type: "paused", done: 1 }]);
  assert.equal(session.isRunning, false);
  amid = () => session.stop();
  await session.start(1, false);
  assert.deepEqual(
    of("end").map(({ reason }) => reason),
    ["stopped"],
  );
  amid = () => {};
  const both = [session.start(1, false), session.start(1, false)]; // the second one waits for what ends, and sees that it runs again
  await Promise.all(both);
  assert.equal(of("sample").filter(({ done }) => done === 0).length, 1);
  assert.equal(of("end").at(-1).reason, "done");
  assert.equal(new Set(of("markov").map(({ order }) => order)).size, of("markov").length, "n-grams are counted once");
  assert.equal(said.at(-1).type, "end");
});

test("what the storage refuses is said once, with its sentence; the training goes on and is not offered to it again", async t => {
  for (const [reason, message] of [
    [new RnnError("E_STORAGE", "no room"), "no room"],
    ["no room", "no room"],
  ]) {
    let asked = 0;
    const put = async () => {
      asked++;
      throw reason;
    };
    const { session, of } = await beginSession(t, { storage: { put } });
    await session.start(1, true);
    assert.deepEqual(of("unkept"), [{ type: "unkept", reason: "refused", message }]);
    assert.deepEqual([asked, of("kept").length, of("end").length], [1, 0, 1]);
    t.mock.restoreAll();
  }
  const { session, of } = await beginSession(t, { storage: { lock: async () => false, put: () => assert.fail("it is another tab's") } });
  await session.start(1, true);
  assert.deepEqual(of("unkept"), [{ type: "unkept", reason: "other tab", message: "" }]);
  assert.equal(of("end").length, 1);
});

test("where nothing is kept there is nothing to go on with", async t => {
  const { tools } = await beginSession(t);
  await assert.rejects(Session.resume(tools), error => error.code === "E_CHECKPOINT" && error.message === "no training is kept here");
});

test("numbers that are none lead back to what was kept last, with half the rate; the third time it is given up", async t => {
  let failures = 0;
  const { session, of } = await beginSession(t, {
    update(training) {
      if (training.done === 7 && failures++ < 2) throw new RnnError("E_NONFINITE", "no number");
      return training.update();
    },
  });
  await session.start(2, true);
  assert.deepEqual(of("diverged"), [
    { type: "diverged", done: 7, back: 5, factor: 0.5 },
    { type: "diverged", done: 7, back: 7, factor: 0.25 }, // five seconds had passed
  ]);
  assert.equal(of("end")[0].reason, "done");
  assert.deepEqual(
    of("progress")
      .map(({ done }) => done)
      .slice(4, 11),
    [5, 6, 7, 6, 7, 8, 9],
  );

  const { session: lost } = await beginSession(t, {
    update(training) {
      if (training.done === 7) throw new RnnError("E_NONFINITE", "no number");
      return training.update();
    },
  });
  await assert.rejects(lost.start(1, true), error => error.code === "E_DIVERGED" && /at update 7$/.test(error.message));
  const { session: broken } = await beginSession(t, {
    update() {
      throw new RnnError("E_MEMORY", "no room");
    },
  });
  await assert.rejects(broken.start(1, true), { code: "E_MEMORY" });
});

test("one that another one replaces says nothing more, at whatever moment it happens", async t => {
  /** Replaced when the storage, or an update, is asked for the n-th time; what it says from then on. */
  const replaced = async (where, count) => {
    let left = count;
    let begun;
    let silentFrom;
    const retire = () => {
      if (--left) return;
      begun.session.retire();
      silentFrom = begun.said.length;
    };
    begun = await beginSession(t, {
      storage: {
        lock: async () => (where === "lock" && retire(), true),
        put: async () => void (where === "put" && retire()),
      },
      update(training) {
        if (where === "update") retire();
        if (where === "failure" && training.done === 3) {
          retire();
          throw new RnnError("E_NONFINITE", "no number");
        }
        return training.update();
      },
    });
    await begun.session.start(2, true);
    t.mock.restoreAll();
    assert.ok(silentFrom !== undefined, `${where} ${count}`);
    assert.deepEqual(begun.said.slice(silentFrom), [], `${where} ${count}`);
    assert.equal(begun.session.isRunning, false);
    return silentFrom;
  };
  for (const [where, count] of [
    ["lock", 1],
    ["put", 1],
    ["update", 1],
    ["update", 9],
    ["failure", 1],
  ])
    await replaced(where, count);
  const { updates } = await Training.begin(TEXT, SMALL);
  await replaced("update", updates); // amid the last measurement
  await replaced("put", Math.floor(updates / 5) + 1); // when the last update is kept
});

test("without memory for n-grams there is nothing to compare with, and it learns", async t => {
  t.mock.method(Training.prototype, "markov", async function* () {
    yield { order: 1, bits: 2 };
    throw new RnnError("E_MEMORY", "no room");
  });
  const { session, of } = await beginSession(t);
  await session.start(1, false);
  assert.deepEqual(of("markov"), [{ type: "markov", order: 1, bits: 2 }]);
  assert.equal(of("end")[0].reason, "done");
});

// ---- its course ----

test("a course stays small: of many points every second one goes, those with a held-out figure last", () => {
  const history = emptyHistory();
  for (let done = 1; done <= 5000; done++) addPoint(history, { done, seconds: done, bits: 1, heldOut: done % 50 ? null : done });
  const { points } = history;
  assert.ok(points.length <= 500 && points.length > 200, String(points.length));
  assert.equal(points.filter(({ heldOut }) => heldOut !== null).length, 100);
  assert.equal(lastHeldOut(history), 5000);
  assert.ok(points.every(({ done }, i) => !i || done > points[i - 1].done));

  const measured = emptyHistory();
  for (let done = 1; done <= 5000; done++) addPoint(measured, { done, seconds: done, bits: 1, heldOut: done });
  assert.ok(measured.points.length <= 500 && measured.points.length > 200, String(measured.points.length));
  assert.equal(lastHeldOut(emptyHistory()), null);

  for (let done = 0; done < 1000; done++) addSample(history, { done, temperature: 1, text: String(done) });
  assert.ok(history.samples.length <= 100 && history.samples.length >= 50);
  assert.equal(history.samples[0].done, 0);
});

// ---- who has the storage ----

test("a page that was just left may have the storage for a moment longer; who waits finds it free, who does not is told", async t => {
  const { navigator } = globalThis;
  t.after(() => Object.defineProperty(globalThis, "navigator", { value: navigator, configurable: true }));
  let asked = 0;
  const query = async () => ({ held: asked++ < 3 ? [{ name: "nextchar training" }] : [{ name: "another" }] });
  Object.defineProperty(globalThis, "navigator", { value: { locks: { query } }, configurable: true });
  const storage = new Storage();
  assert.equal(await storage.isTaken(), true);
  assert.equal(await storage.isTaken(1000), false);
  assert.equal(asked, 4);
  asked = -1000; // another tab trains on
  assert.equal(await storage.isTaken(100), true);
});
