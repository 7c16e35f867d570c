// The sound of a reply: no gap where none belongs, nothing left out, and a clock of what is heard.
import { check, near, same, test, throws, until } from "/tests/harness.js";
import { tone, wav } from "/tests/sounds.js";
import { Sound, soundTypes } from "/personify/live/sound.js";

const RATE_HZ = 48000;
const broken = { type: "audio/ogg", data: btoa("this is no sound") };

/** What a sound plays, without waiting for it: `fill` pushes pieces; the samples from the first on. */
async function rendered(seconds, fill, set = () => {}) {
  const context = new OfflineAudioContext(1, Math.round(seconds * RATE_HZ), RATE_HZ);
  const sound = new Sound(context);
  set(sound);
  await fill(sound);
  const samples = (await context.startRendering()).getChannelData(0);
  sound.close();
  return samples.subarray(Math.round(sound0(samples)));
}

/** Where the first sample is that isn't silent. */
const sound0 = (samples) => Math.max(0, samples.findIndex((x) => Math.abs(x) > 1e-4));

/** Plays for real; what was made is let go of in any case. */
async function playing(body) {
  const sound = new Sound();
  try {
    await body(sound);
  } finally {
    sound.close();
  }
}

test("this browser plays Opus", () => same(soundTypes(), "opus"));

/** The module as another page would have it: it has made and learnt nothing yet. */
const anew = (why) => import(`/personify/live/sound.js?${why}`);

test("once Opus couldn't be decoded here, WAV is asked for, whatever the browser says", async () => {
  const here = await anew("deaf");
  same(here.soundTypes(), "opus");
  const sound = new here.Sound();
  await throws(() => sound.push({ starts_s: 0, seconds: 0.1, audio: { ...broken, type: "audio/wav" } }));
  same(here.soundTypes(), "opus");
  await throws(() => sound.push({ starts_s: 0.1, seconds: 0.1, audio: broken }));
  same(here.soundTypes(), "wav");
  sound.close();
});

test("a touch readies the sound of what comes later", async () => {
  const made = [];
  const usual = globalThis.AudioContext;
  globalThis.AudioContext = class extends usual {
    constructor(...how) {
      super(...how);
      made.push(this);
    }
  };
  try {
    const { Sound, wakeOnTouch } = await anew("touched");
    wakeOnTouch();
    same(made.length, 0, "none is made before");
    window.dispatchEvent(new Event("pointerup"));
    window.dispatchEvent(new Event("pointerup"));
    same(made.length, 1);
    const sound = new Sound();
    await sound.push({ starts_s: 0, seconds: 0.1, audio: tone(0.1) });
    same(made.length, 1);
    check(sound.ears.context === made[0]);
    sound.close();
  } finally {
    globalThis.AudioContext = usual;
    for (const context of made) context.close();
  }
});

test("a browser without sound is told of, and the reply ends all the same", async () => {
  const usual = globalThis.AudioContext;
  try {
    delete globalThis.AudioContext;
    const { Sound, wakeOnTouch } = await anew("mute");
    wakeOnTouch();
    const sound = new Sound();
    let ended = false;
    sound.onend = () => (ended = true);
    await throws(() => sound.push({ starts_s: 0, seconds: 0.1, audio: tone(0.1) }), /plays no sound/);
    same([sound.heard_s, sound.stop()], [null, null]);
    sound.end();
    await until(() => ended, { limit_s: 2 });
    sound.close();
  } finally {
    globalThis.AudioContext = usual;
  }
});

test("two pieces are as one, to the sample", async () => {
  const wave = (t) => 0.5 * Math.cos(2 * Math.PI * 330 * t);
  const samples = await rendered(1, async (sound) => {
    await sound.push({ starts_s: 0, seconds: 0.25, audio: wav(0.25, wave, RATE_HZ) });
    await sound.push({ starts_s: 0.25, seconds: 0.25, audio: wav(0.25, (t) => wave(t + 0.25), RATE_HZ) });
  });
  let worst = 0;
  for (let i = 0; i < 0.49 * RATE_HZ; i++) worst = Math.max(worst, Math.abs(samples[i] - wave(i / RATE_HZ)));
  check(worst < 0.002, `differs by ${worst}`);
});

test("a pause between two pieces is kept", async () => {
  const samples = await rendered(1, async (sound) => {
    await sound.push({ starts_s: 0, seconds: 0.1, audio: wav(0.1, () => 0.5) });
    await sound.push({ starts_s: 0.3, seconds: 0.1, audio: wav(0.1, () => 0.5) });
  });
  const second = samples.findIndex((x, i) => i > 0.15 * RATE_HZ && x > 0.25);
  near(second / RATE_HZ, 0.3, 0.003);
});

test("no piece sounds longer than it says", async () => {
  const samples = await rendered(1, (sound) => sound.push({ starts_s: 0, seconds: 0.2, audio: wav(0.5, () => 0.5) }));
  check(samples.subarray(0.205 * RATE_HZ).every((x) => x === 0));
});

test("volume is that of what is heard", async () => {
  const loudest = async (volume) => {
    const push = (sound) => sound.push({ starts_s: 0, seconds: 0.4, audio: wav(0.4, () => 0.5, RATE_HZ) });
    return Math.max(...(await rendered(0.6, push, (sound) => (sound.volume = volume))));
  };
  near(await loudest(1), 0.5, 0.01);
  near(await loudest(0), 0, 0.001);
  const sound = new Sound();
  for (const [given, kept] of [[7, 1], [-1, 0], [NaN, 0], [0.25, 0.25]]) {
    sound.volume = given;
    same(sound.volume, kept);
  }
});

test("a piece that can't be decoded is told, and the others stay where they belong", async () => {
  const samples = await rendered(1, async (sound) => {
    await sound.push({ starts_s: 0, seconds: 0.1, audio: wav(0.1, () => 0.5) });
    await throws(() => sound.push({ starts_s: 0.1, seconds: 0.2, audio: broken }), /audio\/ogg/);
    await throws(() => sound.push({ starts_s: 0.3, seconds: 0.1, audio: undefined }), /can't be played/);
    await sound.push({ starts_s: 0.4, seconds: 0.1, audio: wav(0.1, () => 0.5) });
  });
  near(samples.findIndex((x, i) => i > 0.15 * RATE_HZ && x > 0.25) / RATE_HZ, 0.4, 0.003);
});

test("what is heard goes on with the sound and ends with it", () =>
  playing(async (sound) => {
    same(sound.heard_s, null);
    let ended = 0;
    sound.onend = () => ended++;
    const pushed = sound.push({ starts_s: 0, seconds: 0.3, audio: tone(0.3) });
    same(sound.heard_s, null, "before it is decoded");
    await pushed;
    sound.push({ starts_s: 0.3, seconds: 0.3, audio: tone(0.3) });
    sound.end();
    const heard = [];
    await until(() => {
      if (sound.heard_s !== null) heard.push([performance.now() / 1000, sound.heard_s]);
      return ended;
    });
    check(heard.every(([, at], i) => i === 0 || at >= heard[i - 1][1]), "it went back");
    near(sound.heard_s, 0.6, 1e-6, "at the end");
    const [[t0, h0], [t1, h1]] = [heard[3], heard.findLast(([, at]) => at < 0.58)];
    near((h1 - h0) / (t1 - t0), 1, 0.15, "seconds a second");
    await new Promise((done) => setTimeout(done, 50));
    same(ended, 1);
  }));

test("a late piece moves what follows, and nothing is left out", () =>
  playing(async (sound) => {
    let ended = false;
    sound.onend = () => (ended = true);
    await sound.push({ starts_s: 0, seconds: 0.15, audio: tone(0.15) });
    await until(() => sound.heard_s === 0.15);
    await new Promise((done) => setTimeout(done, 120));
    same(sound.heard_s, 0.15, "it waits");
    check(!ended);
    sound.push({ starts_s: 0.15, seconds: 0.2, audio: tone(0.2) });
    await sound.push({ starts_s: 0.35, seconds: 0.2, audio: tone(0.2) });
    sound.end();
    const seen = [];
    await until(() => seen.push(sound.heard_s) && ended);
    check(seen.some((at) => at > 0.16 && at < 0.3) && seen.some((at) => at > 0.37 && at < 0.5), "a part wasn't played");
    near(sound.heard_s, 0.55, 1e-6);
  }));

test("pieces stay in order, however long each takes to decode", () =>
  playing(async (sound) => {
    const order = [];
    const long = sound.push({ starts_s: 0, seconds: 3, audio: wav(3, Math.sin) }).then(() => order.push("long"));
    const short = sound.push({ starts_s: 3, seconds: 0.1, audio: tone(0.1) }).then(() => order.push("short"));
    await Promise.all([long, short]);
    same(order, ["long", "short"]);
    const [a, b] = sound.played;
    near(b.at_s - a.at_s, 3, 1e-6);
  }));

test("stopping is at once: it tells what was heard and falls silent within 20 ms of sound", () =>
  playing(async (sound) => {
    let ended = false;
    sound.onend = () => (ended = true);
    await sound.push({ starts_s: 0, seconds: 3, audio: wav(3, () => 0.5) });
    sound.end();
    await until(() => sound.heard_s > 0.2);
    const samples = new Float32Array(sound.ears.fftSize);
    const loudest = () => {
      sound.ears.getFloatTimeDomainData(samples);
      return Math.max(...samples);
    };
    await until(() => loudest() > 0.4);
    const before = sound.heard_s;
    const heard_s = sound.stop();
    near(heard_s, before, 0.05);
    same(sound.heard_s, null);
    const from = sound.ears.context.currentTime;
    await until(() => loudest() < 1e-3, { limit_s: 2 });
    // the analyser looks 21 ms back, and a page isn't asked more often than every 10 ms or so
    check(sound.ears.context.currentTime - from < 0.25, "it went on");
    check(!ended, "a stopped reply doesn't end");
  }));

test("the fade is shorter than 20 ms and has no click", async () => {
  const context = new OfflineAudioContext(1, RATE_HZ / 2, RATE_HZ);
  const sound = new Sound(context);
  await sound.push({ starts_s: 0, seconds: 0.4, audio: wav(0.4, () => 0.5, RATE_HZ) });
  context.suspend(0.1).then(() => {
    sound.stop();
    context.resume();
  });
  const samples = (await context.startRendering()).getChannelData(0);
  const stop = samples.findIndex((x, i) => i > 0.09 * RATE_HZ && x < 0.499);
  const silent = samples.findIndex((x, i) => i > stop && x === 0);
  check(silent - stop <= 0.02 * RATE_HZ, `${(silent - stop) / RATE_HZ} s`);
  for (let i = stop; i < silent; i++) check(samples[i - 1] - samples[i] < 0.01, "it clicks");
});

test("what was on its way when a reply was stopped isn't played", () =>
  playing(async (sound) => {
    const coming = sound.push({ starts_s: 0, seconds: 2, audio: wav(2, Math.sin) });
    same(sound.stop(), null);
    same(await coming, false);
    same(sound.played.length, 0);
    await sound.push({ starts_s: 0, seconds: 0.1, audio: tone(0.1) });
    same(sound.played.length, 1, "the next reply");
  }));

test("a reply without sound ends too", () =>
  playing(async (sound) => {
    let ended = false;
    sound.onend = () => (ended = true);
    sound.end();
    await until(() => ended, { limit_s: 2 });
  }));
