// What the face does: continuous in every state, lips only while something is heard, and whole blinks.
import { check, near, same, test, throws } from "/tests/harness.js";
import { track } from "/tests/tiny.js";
import { Face } from "/personify/live/face.js";
import { CHANNELS, Loop, Reply } from "/personify/live/tracks.js";

const LIPS = ["jaw", "press", "wide", "round", "upper_lip", "tuck", "tongue"];
const HEAD = ["yaw", "pitch", "roll"];
const STEP_S = 1 / 60;

const piece = (seconds, value, first = 0) => ({ piece: "face", first, ...track(seconds, value) });

/** Idle motion that can be told from others: head off centre, blinking from 1 s to 1.3 s of every 4 s. */
const blinkAt = (t, from) => Math.max(0, 1 - Math.abs(t - from - 0.15) / 0.15);
const idle = track(4, (name, t) => ({ yaw: 5, pitch: -2, smile: 0.2, blink: blinkAt(t, 1) })[name]);
/** A reply whose mouth is wide open and whose head is on the other side. */
const loud = (name) => ({ jaw: 0.8, wide: 0.5, yaw: -5, gaze_x: 5, lift: 0.4 })[name];

const newFace = (more = {}) => new Face({ idle, seed: 3, ...more });

/** Asks the face for `seconds` of frames from `now` on; `heard(t)` gives what is heard after `t` seconds. */
function watch(face, now, seconds, heard = () => null) {
  const frames = [];
  for (let i = 0; i * STEP_S < seconds; i++) {
    frames.push({ t: i * STEP_S, ...face.at(now + i * STEP_S, heard(i * STEP_S)) });
  }
  return frames;
}

/** The largest change of a channel from frame to frame. */
const leap = (frames, name) =>
  frames.slice(1).reduce((most, frame, i) => Math.max(most, Math.abs(frame[name] - frames[i][name])), 0);

test("a loop goes on from its last frame to its first, whenever it is asked", () => {
  const values = {};
  const loop = new Loop(track(4, (name, t) => (name === "yaw" ? 10 * Math.sin((t / 4) * 2 * Math.PI) : 0)));
  for (const t of [0, 0.013, 2.2, 3.99, 4, 401.2]) {
    loop.at(t, values);
    near(values.yaw, 10 * Math.sin((t / 4) * 2 * Math.PI), 0.05);
  }
  new Loop(track(0.04, () => 1)).at(7, values);
  near(values.jaw, 1);
});

test("tracks of another kind are refused by name", async () => {
  await throws(() => new Face({ idle: { format: "personify-rig", version: 1 } }), /personify-rig/);
  await throws(() => new Face({ idle: { ...idle, version: 2 } }), /version 2/);
  await throws(() => new Face({}), /personify-track/);
  await throws(() => new Face({ idle: { ...idle, values: [] } }), /no frames/);
  await throws(() => new Face({ idle: { ...idle, fps: 1e9 } }), /frames a second/);
  await throws(() => new Face({ idle: { ...idle, channels: null } }), /channels/);
});

test("pieces join to one track, later ones replace what they overlap, and gaps are refused", async () => {
  const reply = new Reply();
  check(!reply.covers(0));
  reply.push(piece(1, (name) => (name === "jaw" ? 0.2 : 0)));
  reply.push(piece(1, (name) => (name === "jaw" ? 0.6 : 0), 20));
  const values = {};
  reply.at(0.5, values);
  near(values.jaw, 0.2);
  reply.at(1.7, values);
  near(values.jaw, 0.6);
  check(reply.covers(1.75) && !reply.covers(2) && !reply.covers(-1));
  await throws(() => reply.push(piece(1, () => 0, 99)), /frame 99, but 45/);
  await throws(() => reply.push({ ...piece(1, () => 0), first: "x" }), /frame x/);
});

test("what is no number in a track counts as nothing", () => {
  const reply = new Reply();
  reply.push({ fps: 25, first: 0, channels: ["jaw", "evil"], values: [[NaN, 1], ["9", 1], null, [0.5, 1]] });
  const values = {};
  reply.at(0, values);
  same(values.jaw, 0);
  check(!("evil" in values));
  reply.at(1, values);
  near(values.jaw, 0.5);
});

test("it begins idle, with every channel named and finite", () => {
  const face = newFace();
  same(face.state, "idle");
  const values = face.at(10, null);
  same(Object.keys(values).sort(), [...CHANNELS].sort());
  check(Object.values(values).every(Number.isFinite));
  near(watch(face, 10, 2).at(-1).yaw, 5, 0.1);
});

test("lips rest in every state while nothing is heard", () => {
  const face = newFace();
  for (const state of ["rest", "listen", "think", "speak"]) {
    face[state]();
    if (state === "speak") face.push(piece(3, loud));
    for (const frame of watch(face, face._now_s + STEP_S, 2)) same(LIPS.map((name) => frame[name]), LIPS.map(() => 0));
  }
});

test("while it is heard the reply's track is drawn, lips within a frame of it", () => {
  const face = newFace();
  watch(face, 0, 1);
  face.think();
  watch(face, 1, 1);
  face.speak();
  const open = (name, t) => (name === "jaw" ? 0.5 - 0.5 * Math.cos(2 * Math.PI * 2 * t) : 0);
  face.push(piece(3, open));
  const frames = watch(face, 2, 2.9, (t) => t);
  for (const frame of frames.filter(({ t }) => t > 0.15)) near(frame.jaw, open("jaw", frame.t), 0.04);
});

test("no state begins with a leap", () => {
  const face = newFace();
  const frames = watch(face, 0, 2);
  let now = 2;
  const go = (what, seconds, heard) => {
    what();
    frames.push(...watch(face, now, seconds, heard));
    now += seconds;
  };
  go(() => face.listen(), 1.5);
  go(() => face.think(), 3);
  go(() => (face.speak(), face.push(piece(2, loud))), 1, (t) => t);
  go(() => face.cut(1), 0.15);
  go(() => face.think(), 0.1);
  go(() => (face.speak(), face.push(piece(2, loud))), 2.6, (t) => Math.min(t, 2));
  go(() => face.rest(), 1);
  for (const name of LIPS) check(leap(frames, name) <= 0.32, `${name} leaps by ${leap(frames, name)}`);
  for (const name of HEAD) check(leap(frames, name) <= 45 * STEP_S, `${name} leaps by ${leap(frames, name)} degrees`);
  for (const name of ["lift", "smile"]) check(leap(frames, name) < 0.08, `${name} leaps by ${leap(frames, name)}`);
  for (const name of ["shift_x", "shift_y"]) check(leap(frames, name) < 0.02, `${name} leaps`);
});

test("the mouth is shut a tenth of a second after an interruption, and it listens", () => {
  const face = newFace();
  face.speak();
  face.push(piece(3, loud));
  check(watch(face, 5, 1, (t) => t).at(-1).jaw > 0.7);
  face.cut(1);
  same(face.state, "listening");
  const after = watch(face, 6, 0.3, () => 1);
  for (const name of LIPS) check(after.find(({ t }) => t >= 0.1)[name] < 0.02, `${name} is still open`);
  face.push(piece(3, loud));
  check(watch(face, 6.3, 0.5, () => 1.2).every(({ jaw }) => jaw < 0.01), "pieces that come afterwards move it");
});

test("a blink that has begun is finished, whatever comes between", () => {
  for (const at of [1.05, 1.12, 1.2, 1.27]) {
    for (const change of ["listen", "think", "heard"]) {
      const face = newFace();
      watch(face, 0, at - STEP_S);
      if (change === "heard") {
        face.speak();
        face.push(piece(3, (name, t) => (name === "blink" ? blinkAt(t, 1.5) : 0)));
      } else face[change]();
      const shut = watch(face, at, 1.2, change === "heard" ? (t) => t : undefined).map(({ blink }) => blink);
      check(shut[0] > 0.1, "the blink hadn't begun");
      check(at > 1.15 || Math.max(...shut) > 0.93, `at ${at} ${change} leaves it half shut: ${Math.max(...shut)}`);
      near(shut.at(-1), 0, 0.001);
      const turns = shut.filter((v, i) => i > 1 && (v - shut[i - 1]) * (shut[i - 1] - shut[i - 2]) < -1e-9).length;
      check(turns <= 1, `at ${at} ${change} the lids flutter`);
      check(shut.every((v, i) => i === 0 || Math.abs(v - shut[i - 1]) < 0.35), "lids leap");
    }
  }
});

test("lids that a track holds shut stay shut", () => {
  const face = new Face({ idle: track(2, (name) => (name === "blink" ? 1 : 0)) });
  face.at(0, null);
  same(watch(face, 0.1, 3).every(({ blink }) => blink === 1), true);
});

test("who listens looks at you and nods now and then", () => {
  const face = newFace();
  watch(face, 0, 1);
  face.listen();
  const frames = watch(face, 1, 12).filter(({ t }) => t > 1);
  for (const { gaze_x, yaw, gaze_y, pitch } of frames) check(Math.hypot(gaze_x + yaw, gaze_y - pitch) < 3.5);
  const chin = frames.map(({ pitch }) => pitch);
  const nods = chin.filter((v, i) => v < Math.max(...chin) - 1.5 && v < chin[i - 1] && v <= chin[i + 1]).length;
  check(nods >= 2 && nods <= 10, `${nods} nods`);
});

test("who thinks looks up and aside", () => {
  const face = newFace();
  face.think();
  const frames = watch(face, 0, 8).filter(({ t }) => t > 0.5);
  const up = frames.map(({ gaze_y, pitch }) => gaze_y - pitch);
  const aside = frames.map(({ gaze_x, yaw }) => Math.abs(gaze_x + yaw));
  check(Math.max(...up) < -2, `looks down to ${Math.max(...up)}`);
  check(aside.filter((v) => v > 4).length > 0.8 * aside.length, "looks straight ahead");
});

test("where a piece is late it waits with its mouth shut, and goes on without a leap", () => {
  const face = newFace();
  face.speak();
  face.push(piece(1, loud));
  const frames = watch(face, 0, 2, (t) => Math.min(t, 1.25));
  check(frames.filter(({ t }) => t > 1.2).every(({ jaw }) => jaw < 0.02));
  face.push(piece(1, loud, 25));
  frames.push(...watch(face, 2, 0.7, (t) => 1.25 + t));
  check(frames.at(-1).jaw > 0.7);
  for (const name of HEAD) check(leap(frames, name) <= 45 * STEP_S, name);
  check(leap(frames, "jaw") < 0.32);
});

test("a sound that stands still is not spoken to", () => {
  const face = newFace();
  face.speak();
  face.push(piece(3, loud));
  watch(face, 0, 0.5, (t) => t);
  check(watch(face, 0.5, 0.5, () => 0.5).at(-1).jaw < 0.01);
});

test("who wants calm gets a third of the head's movement, and whole lips", () => {
  const [lively, calm] = [newFace(), newFace({ calm: true })].map((face) => {
    const still = watch(face, 0, 2).at(-1);
    face.speak();
    face.push(piece(3, loud));
    return { still, spoken: watch(face, 2, 1.5, (t) => t).at(-1) };
  });
  near(calm.still.yaw, 0.3 * lively.still.yaw, 0.02);
  near(calm.spoken.jaw, lively.spoken.jaw, 1e-6);
});

test("the same seed nods and glances alike", () => {
  const seen = [3, 3, 4].map((seed) => {
    const face = new Face({ idle, seed });
    face.think();
    return watch(face, 0, 4).map(({ gaze_x }) => gaze_x);
  });
  same(seen[0], seen[1]);
  check(Math.max(...seen[0].map((v, i) => Math.abs(v - seen[2][i]))) > 0.5);
});

test("a page that slept goes on where it is", () => {
  const face = newFace();
  face.listen();
  watch(face, 0, 1);
  const values = face.at(5000, null);
  check(Object.values(values).every(Number.isFinite));
  check(watch(face, 5000.02, 3).every((frame) => Object.values(frame).every(Number.isFinite)));
});
