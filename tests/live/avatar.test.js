// The live avatar: what it is given is heard and drawn together, in its states, and it stops at once.
import { check, near, same, test, throws, until } from "/tests/harness.js";
import { tone } from "/tests/sounds.js";
import { openRows, SIZE, tinyRig, track } from "/tests/tiny.js";
import { LiveAvatar } from "/personify/live/avatar.js";

const SHUT = 1; // a renderer may soften the line where the lips meet
const idle = track(2, () => 0);
/** Loud and open for 0.15 s of every 0.4 s, so that where it is can be told. */
const syllable = (t) => (t % 0.4 < 0.15 ? 1 : 0);

/** The pieces of a reply of sentences, each so long; face and sound go together. */
function reply(...lengths_s) {
  const pieces = [];
  let starts_s = 0;
  lengths_s.forEach((seconds, index) => {
    const from_s = starts_s;
    const audio = tone(seconds, syllable, from_s);
    pieces.push({ piece: "speech", index, sentence: `Sentence ${index}.`, starts_s, seconds, audio });
    const face = track(seconds, (name, t) => (name === "jaw" ? syllable(from_s + t) : 0));
    pieces.push({ ...face, piece: "face", first: Math.round(25 * starts_s) });
    starts_s += seconds;
  });
  return pieces;
}

/** Loads a tiny avatar, hands it to `body` with all that it tells, and takes it away again. */
async function live(body, more = {}) {
  const canvas = document.createElement("canvas");
  document.body.append(canvas);
  let avatar = null;
  try {
    avatar = await LiveAvatar.load(canvas, { rig: tinyRig(), idle, ...more });
    const told = [];
    for (const name of ["state", "sentence", "quiet", "trouble"]) {
      avatar.addEventListener(name, ({ detail }) =>
        told.push(detail.state ?? detail.sentence ?? detail.message ?? "quiet"),
      );
    }
    await body(avatar, told, canvas);
  } finally {
    avatar?.dispose();
    canvas.remove();
  }
}

test("it is drawn as soon as it is loaded, and goes on", () =>
  live(async (avatar, told, canvas) => {
    same([canvas.width, canvas.height], [SIZE, SIZE]);
    const blue = canvas.getContext("2d").getImageData(10, 10, 1, 1).data;
    near([...blue], [0x30, 0x60, 0xc0, 255], 3);
    same([avatar.state, avatar.speaking], ["idle", false]);
    await until(() => avatar.stats.fps > 5);
    check(["webgl", "canvas2d"].includes(avatar.stats.kind));
    same(avatar.stats.lag_ms, null);
  }));

test("what can't be drawn is refused by name", async () => {
  const load = (what) => LiveAvatar.load(document.createElement("canvas"), { rig: tinyRig(), idle, ...what });
  await throws(() => load({ rig: { ...tinyRig(), version: 9 } }), /version/);
  await throws(() => load({ rig: "/nowhere/rig.json" }), /rig can't be loaded: 404/);
  await throws(() => load({ idle: null }), /personify-track/);
});

test("states are told once, and shown", () =>
  live(async (avatar, told) => {
    avatar.listen();
    avatar.listen();
    avatar.think();
    avatar.rest();
    same(told, ["listening", "thinking", "idle"]);
  }));

test("a reply is heard sentence by sentence, its mouth moves, and then it is quiet", () =>
  live(async (avatar, told, canvas) => {
    avatar.think();
    for (const piece of [{ piece: "text", text: "..." }, ...reply(0.8, 0.4)]) avatar.piece(piece);
    avatar.end();
    check(avatar.speaking);
    const rows = [];
    await until(() => rows.push(openRows(canvas)) && told.includes("quiet"));
    same(told, ["thinking", "speaking", "Sentence 0.", "Sentence 1.", "idle", "quiet"]);
    check(Math.max(...rows) > 12, `the mouth opened by ${Math.max(...rows)} rows`);
    check(rows.filter((n) => n < 2).length > 3, "the mouth never shut");
    check(!avatar.speaking);
    await until(() => openRows(canvas) <= SHUT, { limit_s: 2 });
  }));

test("the lips that are drawn are those of the sound that is heard", () =>
  live(async (avatar, told) => {
    for (const piece of reply(2.2)) avatar.piece(piece);
    avatar.end();
    await until(() => told.includes("quiet"));
    const { lag_ms } = avatar.stats;
    check(lag_ms !== null && Math.abs(lag_ms) <= 60, `${lag_ms} ms`);
    check(avatar.drawn.length > 20 && avatar.drawn.some(({ jaw }) => jaw > 0.9));
  }));

test("a second sentence that comes late is waited for, and the lips with it", () =>
  live(async (avatar, told, canvas) => {
    const pieces = reply(0.4, 1.6);
    pieces.slice(0, 2).forEach((piece) => avatar.piece(piece));
    await until(() => avatar._sound.heard_s === 0.4);
    await until(() => openRows(canvas) <= SHUT);
    same(told, ["speaking", "Sentence 0."]);
    await new Promise((done) => setTimeout(done, 150));
    pieces.slice(2).forEach((piece) => avatar.piece(piece));
    avatar.end();
    await until(() => told.includes("quiet"));
    same(told.slice(2), ["Sentence 1.", "idle", "quiet"]);
    check(Math.abs(avatar.stats.lag_ms) <= 60, `${avatar.stats.lag_ms} ms`);
  }));

test("while the sound stands still the mouth is shut, and goes on with it", () =>
  live(async (avatar, told, canvas) => {
    const face = { ...track(0.8, (name) => (name === "jaw" ? 1 : 0)), first: 0 };
    avatar.say({ sentence: "Aah.", seconds: 0.8, audio: tone(0.8), face });
    await until(() => openRows(canvas) > 12);
    const { context } = avatar._sound.ears;
    await context.suspend();
    await until(() => openRows(canvas) <= SHUT, { limit_s: 3 });
    check(avatar.speaking && !told.includes("quiet"));
    await context.resume();
    await until(() => openRows(canvas) > 12);
    await until(() => told.includes("quiet"));
  }));

test("an interruption is at once: silent, mouth shut, listening; what still comes is let pass", () =>
  live(async (avatar, told, canvas) => {
    const pieces = reply(0.8, 0.8);
    pieces.slice(0, 2).forEach((piece) => avatar.piece(piece));
    await until(() => avatar._sound.heard_s > 0.1);
    const heard_s = avatar.interrupt();
    near(heard_s, 0.15, 0.1);
    same([avatar.state, avatar.speaking], ["listening", false]);
    pieces.slice(2).forEach((piece) => avatar.piece(piece));
    avatar.end();
    await new Promise((done) => setTimeout(done, 130));
    await new Promise(requestAnimationFrame);
    check(openRows(canvas) <= SHUT);
    same(told, ["speaking", "Sentence 0.", "listening"]);
    same(avatar.interrupt(), null);
    avatar.say({ sentence: "Anew.", seconds: 0.2, audio: tone(0.2), face: { ...track(0.2, () => 0), first: 0 } });
    await until(() => told.at(-1) === "quiet");
    same(told.slice(3), ["speaking", "Anew.", "idle", "quiet"]);
  }));

test("who hears a sentence may interrupt there and then", () =>
  live(async (avatar, told) => {
    avatar.addEventListener("sentence", ({ detail }) => detail.index === 1 && avatar.interrupt());
    for (const piece of reply(0.2, 0.02, 0.02, 0.02)) avatar.piece(piece);
    avatar.end();
    await until(() => avatar.state === "listening");
    await new Promise((done) => setTimeout(done, 150));
    same(told, ["speaking", "Sentence 0.", "Sentence 1.", "listening"]);
  }));

test("a new reply takes the place of one that goes on", () =>
  live(async (avatar, told) => {
    reply(1.5).forEach((piece) => avatar.piece(piece));
    await until(() => told.includes("Sentence 0."));
    const [speech, face] = reply(0.3);
    avatar.piece({ ...speech, sentence: "Other." });
    avatar.piece(face);
    avatar.end();
    await until(() => told.includes("quiet"));
    same(told.filter((what) => /\./.test(what)), ["Sentence 0.", "Other."]);
  }));

test("what to do after a reply can be said during it", () =>
  live(async (avatar, told) => {
    reply(0.3).forEach((piece) => avatar.piece(piece));
    await until(() => avatar.state === "speaking");
    avatar.listen();
    same(avatar.state, "speaking");
    avatar.end();
    await until(() => told.includes("quiet"));
    same(avatar.state, "listening");
  }));

test("a sound that can't be played is told, and its words still come", () =>
  live(async (avatar, told) => {
    const [first, face, second] = reply(0.2, 0.2);
    avatar.piece({ ...first, audio: { type: "audio/ogg", data: btoa("nothing") } });
    avatar.piece(face);
    avatar.piece(second);
    avatar.end();
    await until(() => told.includes("quiet"));
    check(told.some((what) => /can't be played/.test(what)));
    check(told.includes("Sentence 0.") && told.includes("Sentence 1."));
  }));

test("unseen it draws nothing, and still tells what is heard", () =>
  live(async (avatar, told, canvas) => {
    await until(() => avatar.stats.fps > 0);
    canvas.style.display = "none";
    await until(() => avatar.stats.fps === 0);
    reply(0.3, 0.3).forEach((piece) => avatar.piece(piece));
    avatar.end();
    await until(() => told.includes("quiet"));
    same(told.filter((what) => /Sentence/.test(what)), ["Sentence 0.", "Sentence 1."]);
    same(avatar.stats.fps, 0);
    canvas.style.display = "";
    await until(() => avatar.stats.fps > 0);
  }));

test("what was seen last counts where the browser tells of several changes at once", async () => {
  const usual = globalThis.IntersectionObserver;
  let tell = null;
  globalThis.IntersectionObserver = class {
    constructor(call) {
      tell = (...seen) => call(seen.map((isIntersecting) => ({ isIntersecting })));
    }
    observe() {}
    disconnect() {}
  };
  try {
    await live(async (avatar) => {
      tell(true, false);
      await new Promise(requestAnimationFrame);
      same(avatar.stats.fps, 0);
      tell(false, true);
      await until(() => avatar.stats.fps > 0, { limit_s: 2 });
    });
  } finally {
    globalThis.IntersectionObserver = usual;
  }
});

test("nothing goes on once it is let go of", () =>
  live(async (avatar, told) => {
    reply(1).forEach((piece) => avatar.piece(piece));
    await until(() => avatar.state === "speaking");
    avatar.dispose();
    const count = told.length;
    await new Promise((done) => setTimeout(done, 120));
    same(told.length, count);
    same(avatar.speaking, false);
  }));
