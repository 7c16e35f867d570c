// Tells when a voice begins and ends in a stream of sound. Pure: knows nothing of microphones or pages.
//
// Every 10 ms the power in bands of speech is held against the room without a voice, as a likelihood ratio (Sohn, Kim
// and Sung 1999); what is loud is a voice if it has a pitch, or if it lasts. The room is learnt all the time: from what
// holds no voice and, so that a fan that is switched on is none for ever, from the least of the last 1.5 s (Martin 2001).

const HOP_S = 0.01;
const WINDOW_S = 0.032;
const BANDS = 16;
const [LOWEST_HZ, HIGHEST_HZ] = [120, 4000];
const [LOWEST_PITCH_HZ, HIGHEST_PITCH_HZ, HARMONICS_HZ] = [75, 420, 1800];
/** Below this power (-84 dBFS) nothing is learnt: the microphone isn't running yet. */
const NOTHING = 4e-9;
const LEARN_FRAMES = 15;
/** While the avatar speaks, for `TAIL_S` after it and with none in the first `GRACE_S`, a voice is what is so many times
 * louder than the loudest that was heard of the avatar until `APART_S` ago. */
const [TAIL_S, GRACE_S, APART_S, LOUDER] = [0.3, 0.4, 0.3, 8];
/** The least is kept for this many stretches of so many frames. */
const [STRETCHES, STRETCH_FRAMES] = [8, 19];

/** @typedef {{begun: boolean, ended: boolean, voice: boolean, level: number}} Activity
 * A voice `begun` or `ended` within these samples; `voice`: one is there; `level`: loudness, 0 to 1. */

export class VoiceActivity {
  /**
   * `begin`, `end`: the ratios above which a voice begins and below which it ends; `shortest_s`: how long it must hold;
   * `pitched`: how regular it is, 0 to 1, for at least `pitched_s`, unless it holds for `unpitched_s`; `hangover_s`: how
   * long it may pause. `guarded`, which may be set at any time, says that the avatar itself speaks.
   * @param {{rate_hz: number}} how
   */
  constructor(how) {
    const usual = { begin: 0.75, end: 0.4, shortest_s: 0.07, pitched: 0.5, pitched_s: 0.03, unpitched_s: 0.45 };
    Object.assign(this, usual, { hangover_s: 0.65, guarded: false }, how);
    const { rate_hz } = this;
    if (!(rate_hz >= 8000 && rate_hz <= 192000)) throw new Error(`${rate_hz} Hz is no sample rate; 8000 to 192000 are`);
    this.hop = Math.round(HOP_S * rate_hz);
    this.span = Math.round(WINDOW_S * rate_hz);
    this.size = 2 ** Math.ceil(Math.log2(this.span)); // what is more is silence
    this.window = Float32Array.from({ length: this.span }, (_, i) => Math.sin((Math.PI * (i + 0.5)) / this.span));
    this.overlap = overlap(this.window);
    this.edges = edges(this.size, rate_hz);
    this.fft = new Fourier(this.size);
    this.reset();
  }

  /** Forgets the room and the voice. */
  reset() {
    const bands = (value) => new Float32Array(BANDS).fill(value);
    this.sound = new Float32Array(this.span);
    this.past = []; // of the avatar: the powers that don't count yet
    [this.powers, this.room, this.smooth] = [bands(0), bands(0), bands(0)];
    this.least = Array.from({ length: STRETCHES }, () => bands(Infinity));
    this.waiting = this.frames = this.ratio = this.level = this.loud_s = this.tuned_s = this.quiet_s = 0;
    this.guard_s = this.own_s = this.own = 0;
    this.voice = this.whispered = false;
  }

  /** @param {Float32Array} samples mono, within [-1, 1], any number @returns {Activity} */
  push(samples) {
    let [begun, ended] = [false, false];
    for (let at = 0; at < samples.length; ) {
      const part = samples.subarray(at, at + this.hop - this.waiting);
      this.sound.set(part, this.span - this.hop + this.waiting);
      this.waiting += part.length;
      at += part.length;
      if (this.waiting < this.hop) break;
      const was = this.voice;
      this.#frame();
      begun ||= this.voice && !was;
      ended ||= was && !this.voice;
      this.sound.copyWithin(0, this.hop);
      this.waiting = 0;
    }
    return { begun, ended, voice: this.voice, level: this.level };
  }

  #frame() {
    const total = this.#measure();
    const loudness = total > NOTHING ? Math.min(1, Math.max(0, 1 + Math.log10(total) / 6)) : 0;
    this.level += (loudness - this.level) * 0.3;
    this.#guard(total);
    if (total < NOTHING) return this.#decide(0);
    if (this.frames++ < LEARN_FRAMES) {
      // the first moments are taken for the room
      for (let k = 0; k < BANDS; k++) this.smooth[k] = this.room[k] += (this.powers[k] - this.room[k]) / this.frames;
      return;
    }
    let sum = 0;
    for (let k = 0; k < BANDS; k++) {
      const times = Math.min(40, this.powers[k] / this.room[k]); // one loud band says no more than that
      if (times > 1) sum += times - Math.log(times) - 1;
    }
    this.#decide(sum / BANDS);
    this.#learn();
  }

  /** The power in each band; gives their sum. */
  #measure() {
    const { real, imaginary } = this.fft.of(this.sound, this.window);
    let total = 0;
    for (let k = 0; k < BANDS; k++) {
      let power = 0;
      for (let i = this.edges[k]; i < this.edges[k + 1]; i++) power += real[i] ** 2 + imaginary[i] ** 2;
      power *= 4 / (this.size * this.span);
      total += power;
      this.powers[k] = power / (this.edges[k + 1] - this.edges[k]);
    }
    return total;
  }

  #decide(likelihood) {
    this.ratio += (Math.min(likelihood, 8) - this.ratio) * 0.35;
    if (this.voice) {
      const goesOn = this.ratio > this.end && (this.whispered || this.#periodicity() > this.pitched);
      this.quiet_s = goesOn ? 0 : this.quiet_s + HOP_S;
      this.voice = this.quiet_s < this.hangover_s;
      return;
    }
    const loud = this.ratio > this.begin && !this.#isOwn();
    this.loud_s = loud ? this.loud_s + HOP_S : Math.max(0, this.loud_s - 2 * HOP_S);
    if (!this.loud_s) this.tuned_s = 0;
    if (loud && this.#periodicity() > this.pitched) this.tuned_s += HOP_S;
    const tuned = this.tuned_s >= this.pitched_s;
    if (this.loud_s >= this.shortest_s && (tuned || this.loud_s >= this.unpitched_s)) {
      this.voice = true;
      this.whispered = !tuned;
      this.quiet_s = this.loud_s = this.tuned_s = 0;
    }
  }

  /** Learns how loud the avatar is in this microphone, while it speaks. */
  #guard(total) {
    this.total = total;
    if (this.guarded) this.guard_s = TAIL_S;
    else this.guard_s = Math.max(0, this.guard_s - HOP_S);
    this.own_s = this.guard_s ? this.own_s + HOP_S : 0;
    if (!this.guard_s || this.voice) this.past = [];
    else if (this.past.push(total) > APART_S / HOP_S) this.own = Math.max(this.own * 0.9995, this.past.shift());
  }

  /** Whether what is heard may be the avatar's own voice. */
  #isOwn() {
    return this.guard_s > 0 && (this.own_s < GRACE_S || this.total < LOUDER * this.own);
  }

  /** How far the moment repeats itself at some pitch, 0 to 1: voices do, keys and doors don't. Its autocorrelation. */
  #periodicity() {
    const { size, fft, rate_hz } = this;
    const power = new Float32Array(size);
    for (let i = this.edges[0]; i <= (HARMONICS_HZ * size) / rate_hz; i++) {
      power[i] = power[size - i] = fft.real[i] ** 2 + fft.imaginary[i] ** 2;
    }
    const again = fft.of(power).real;
    let best = 0;
    for (let lag = Math.round(rate_hz / HIGHEST_PITCH_HZ); lag <= rate_hz / LOWEST_PITCH_HZ; lag++) {
      best = Math.max(best, again[lag] / again[0] / this.overlap[lag]);
    }
    return best;
  }

  /** Moves the picture of the room: down quickly, up slowly where no voice is, and up to what never goes away. */
  #learn() {
    const { room, smooth, powers, least } = this;
    if (this.frames % STRETCH_FRAMES === 0) least.push(least.shift().fill(Infinity));
    const long = this.frames > STRETCHES * STRETCH_FRAMES;
    for (let k = 0; k < BANDS; k++) {
      smooth[k] += (powers[k] - smooth[k]) * 0.2;
      least[STRETCHES - 1][k] = Math.min(least[STRETCHES - 1][k], smooth[k]);
      if (this.ratio < this.end) room[k] += (powers[k] - room[k]) * 0.03;
      const floor = long ? 1.3 * Math.min(...least.map((past) => past[k])) : 0;
      if (floor > room[k]) room[k] += (floor - room[k]) * 0.1;
      if (smooth[k] < room[k]) room[k] += (smooth[k] - room[k]) * 0.1;
      room[k] = Math.max(room[k], NOTHING / 100);
    }
  }
}

/** Where the bands begin, in bins: narrow where harmonics lie, as the ear has them. */
function edges(size, rate_hz) {
  const mel = (hz) => Math.log(1 + hz / 700);
  const at = [];
  for (let k = 0; k <= BANDS; k++) {
    const hz = 700 * (Math.exp(mel(LOWEST_HZ) + ((mel(HIGHEST_HZ) - mel(LOWEST_HZ)) * k) / BANDS) - 1);
    at.push(Math.max(Math.round((hz * size) / rate_hz), k ? at[k - 1] + 1 : 1));
  }
  return at;
}

/** How much of itself the window covers after each lag, 1 at none. */
function overlap(window) {
  const covered = (lag) => window.reduce((sum, value, i) => sum + (i < lag ? 0 : value * window[i - lag]), 0);
  const whole = covered(0);
  return window.map((_, lag) => covered(lag) / whole);
}

/** A fast Fourier transform of a power of two (Cooley and Tukey 1965). */
class Fourier {
  constructor(size) {
    const table = (wave) => Float32Array.from({ length: size / 2 }, (_, i) => wave((2 * Math.PI * i) / size));
    Object.assign(this, { size, cos: table(Math.cos), sin: table(Math.sin) });
    this.real = new Float32Array(size);
    this.imaginary = new Float32Array(size);
    this.order = new Uint16Array(size);
    for (let i = 1; i < size; i++) this.order[i] = (this.order[i >> 1] >> 1) | (i & 1 ? size >> 1 : 0);
  }

  /** The spectrum of `sound`, times `window` if any; the next call uses both arrays again. */
  of(sound, window) {
    const { size, real, imaginary, cos, sin, order } = this;
    const at = (i) => (window ? (i < window.length ? sound[i] * window[i] : 0) : sound[i]);
    for (let i = 0; i < size; i++) real[i] = at(order[i]);
    imaginary.fill(0);
    for (let half = 1; half < size; half *= 2) {
      const step = size / (2 * half);
      for (let a = 0; a < size; a += (a + 1) % half ? 1 : half + 1) {
        const [b, w] = [a + half, (a % half) * step];
        const re = real[b] * cos[w] + imaginary[b] * sin[w];
        const im = imaginary[b] * cos[w] - real[b] * sin[w];
        real[b] = real[a] - re;
        imaginary[b] = imaginary[a] - im;
        real[a] += re;
        imaginary[a] += im;
      }
    }
    return this;
  }
}
