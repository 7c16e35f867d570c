// A voice is told from a room: synthetic vowels, noise, keys and a fan, made here; real speech is in test_web_voice.py.
import { VoiceActivity } from "/personify/live/vad.js";
import { check, near, same, test, throws } from "/tests/harness.js";

const RATE_HZ = 16000;

/** Numbers between -1 and 1, the same every time. */
function chance(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2147483648 - 1;
  };
}

function noise(seconds, loud, { seed = 1, rate_hz = RATE_HZ } = {}) {
  const next = chance(seed);
  return Float32Array.from({ length: seconds * rate_hz }, () => loud * (next() + next() + next()));
}

/** Something like a vowel: harmonics of a wandering pitch under three formants, in syllables. */
function vowel(seconds, loud, { rate_hz = RATE_HZ, pitch_hz = 140 } = {}) {
  let phase = 0;
  return Float32Array.from({ length: seconds * rate_hz }, (_, i) => {
    const t = i / rate_hz;
    const now_hz = pitch_hz * (1 + 0.1 * Math.sin(2 * Math.PI * 1.5 * t));
    phase += (2 * Math.PI * now_hz) / rate_hz;
    let sum = 0;
    for (let h = 1; h < 24; h++) {
      const near = [600, 1200, 2500].reduce((most, f) => Math.max(most, Math.exp(-(((h * now_hz - f) / 250) ** 2))), 0);
      sum += (near + 0.02) * Math.sin(h * phase);
    }
    return loud * sum * (0.55 + 0.45 * Math.sin(2 * Math.PI * 4 * t));
  });
}

function mixed(...parts) {
  const sum = new Float32Array(Math.max(...parts.map(([at, part]) => at + part.length)));
  for (const [at, part] of parts) part.forEach((value, i) => (sum[at + i] += value));
  return sum;
}

/** When voices begin and end, in seconds, as blocks of a size come. */
function heard(sound, { size = 512, rate_hz = RATE_HZ, ...how } = {}) {
  const voice = new VoiceActivity({ rate_hz, ...how });
  const [begun, ended, levels] = [[], [], []];
  for (let at = 0; at < sound.length; at += size) {
    const told = voice.push(sound.subarray(at, at + size));
    if (told.begun) begun.push((at + size) / rate_hz);
    if (told.ended) ended.push((at + size) / rate_hz);
    levels.push(told.level);
  }
  return { begun, ended, levels };
}

test("a voice begins soon after it does and ends once it pauses", () => {
  for (const rate_hz of [16000, 44100, 48000]) {
    const sound = mixed([0, noise(5, 0.003, { rate_hz })], [2 * rate_hz, vowel(1, 0.05, { rate_hz })]);
    const { begun, ended } = heard(sound, { rate_hz });
    same([begun.length, ended.length], [1, 1], `${rate_hz} Hz`);
    near(begun[0], 2.1, 0.12, `${rate_hz} Hz`);
    near(ended[0], 3.65, 0.2, `${rate_hz} Hz`);
  }
});

test("a pause within a sentence ends nothing", () => {
  const sound = mixed([0, noise(6, 0.003)], [32000, vowel(0.8, 0.05)], [32000 + 1.2 * RATE_HZ, vowel(0.8, 0.05)]);
  same(heard(sound).begun.length, 1);
});

test("a steady room is no voice, however loud", () => {
  for (const loud of [0.0005, 0.01, 0.2]) same(heard(noise(20, loud)).begun, [], `${loud}`);
});

test("a fan that is switched on is no voice for long", () => {
  const sound = mixed([0, noise(12, 0.001)], [3 * RATE_HZ, noise(9, 0.03, { seed: 5 })]);
  const { begun, ended } = heard(sound);
  check(begun.length <= 1 && ended.length === begun.length, `${begun} to ${ended}`);
  check(!ended.length || ended[0] < 7, `still a voice ${ended[0] - 3} s later`);
});

test("keys are no voice, and don't keep one from ending", () => {
  const click = noise(0.03, 0.15, { seed: 9 }).map((value, i) => value * Math.exp(-i / 90));
  const clicks = Array.from({ length: 40 }, (_, i) => [Math.round((2 + i * 0.21) * RATE_HZ), click]);
  const typing = [[0, noise(12, 0.002)], ...clicks];
  same(heard(mixed(...typing)).begun, []);
  const { begun, ended } = heard(mixed(...typing, [5 * RATE_HZ, vowel(1, 0.08)]));
  same([begun.length, ended.length], [1, 1]);
  near([begun[0], ended[0]], [5.1, 6.7], 0.35);
});

test("a whisper is a voice, if it lasts", () => {
  const hiss = noise(1.2, 0.02, { seed: 4 }).map((value, i) => value * (0.6 + 0.4 * Math.sin(i / 500)));
  const { begun, ended } = heard(mixed([0, noise(6, 0.002)], [2 * RATE_HZ, hiss]));
  same([begun.length, ended.length], [1, 1]);
  near([begun[0], ended[0]], [2.5, 3.9], 0.25);
});

/** What a voice from the loudspeaker leaves, from the second second on, and perhaps somebody who interrupts at 4.5 s. */
function spokenOver(echo, other) {
  const parts = [[0, noise(8, 0.0005)], [2 * RATE_HZ, vowel(5, echo, { pitch_hz: 210 })]];
  return mixed(...parts, [4.5 * RATE_HZ, vowel(1, other)]);
}

test("the avatar's own voice interrupts nothing, and somebody else's does at once", () => {
  const sound = (echo, other) => {
    const voice = new VoiceActivity({ rate_hz: RATE_HZ });
    const begun = [];
    const samples = spokenOver(echo, other);
    for (let at = 0; at < samples.length; at += 512) {
      voice.guarded = at > 1.95 * RATE_HZ && at < 7 * RATE_HZ;
      if (voice.push(samples.subarray(at, at + 512)).begun) begun.push(at / RATE_HZ);
    }
    return begun;
  };
  for (const echo of [0.001, 0.005, 0.02]) {
    same(sound(echo, 0), [], `echo ${echo}`);
    const begun = sound(echo, 0.15);
    same(begun.length, 1, `echo ${echo}`);
    near(begun[0], 4.6, 0.12, `echo ${echo}`);
  }
});

test("how sound is cut into blocks changes nothing", () => {
  const sound = mixed([0, noise(5, 0.003)], [2 * RATE_HZ, vowel(1, 0.05)]);
  const one = heard(sound, { size: 1 });
  for (const size of [128, 1000, sound.length]) {
    const other = heard(sound, { size });
    same(other.begun.length, 1);
    check(other.begun[0] >= one.begun[0] && other.begun[0] - one.begun[0] <= size / RATE_HZ, `${size}`);
  }
});

test("nothing is learnt from a microphone that doesn't run yet", () => {
  const sound = mixed([3 * RATE_HZ, noise(5, 0.01)], [5 * RATE_HZ, vowel(1, 0.08)]);
  const { begun } = heard(sound);
  same(begun.length, 1);
  check(begun[0] > 5, `${begun[0]}`);
});

test("the level follows the loudness and stays between 0 and 1", () => {
  const { levels } = heard(mixed([0, new Float32Array(16000)], [16000, noise(1, 0.3)], [32000, noise(1, 0.003)]));
  check(levels.every((level) => level >= 0 && level <= 1));
  const [silent, loud, quiet] = [20, 60, 92].map((i) => levels[i]);
  check(silent < 0.01 && loud > 0.7 && quiet > 0.1 && quiet < loud - 0.2, `${silent} ${loud} ${quiet}`);
});

test("a nonsense rate is refused", async () => {
  for (const rate_hz of [0, NaN, undefined, 1e9]) await throws(() => new VoiceActivity({ rate_hz }), /no sample rate/);
});
