// Measures how far the lips are from the sound: what an `AnalyserNode` hears at each drawn frame is looked for in the
// sound that was to be played. It takes no clock's word for it.

const HOP_S = 0.005;
const FARTHEST_S = 0.3;
const LEAST = 24; // so many frames tell something
const MOST = 900;

export class LagMeter {
  constructor() {
    /** The frames of this reply: the moment whose lips were drawn, how loud it was then, and the jaw that was drawn. */
    this.frames = [];
    this._levels = null;
    this._last_ms = null;
  }

  /** Notes a frame. @param {number} drawn_s the moment of the reply that it shows; `jaw`: how far down it is there. */
  add(ears, drawn_s, jaw) {
    if (!ears) return;
    if (this._samples?.length !== ears.fftSize) this._samples = new Float32Array(ears.fftSize);
    ears.getFloatTimeDomainData(this._samples);
    if (this.frames.length >= MOST) this.frames.shift();
    this.frames.push({ drawn_s, loud: rms(this._samples, 0, this._samples.length), jaw });
  }

  /** Forgets the frames, for another reply. */
  begin() {
    this.frames = [];
  }

  /**
   * How late the lips are, ms; below 0 they are early; null before enough was heard.
   * @param {{played: object[], ears: AnalyserNode, latency_s: number}} sound that played this reply
   * @param {number} shown_s how long a drawn frame takes to the screen
   */
  lag_ms({ played, ears, latency_s }, shown_s) {
    const { frames } = this;
    if (frames.length < LEAST || !ears || !played.length) return this._last_ms;
    const levels = levelsOf(played, ears, frames[0].drawn_s - FARTHEST_S, frames.at(-1).drawn_s + FARTHEST_S);
    let best = { likeness: 0.5, shift: null };
    const reach = Math.round(FARTHEST_S / HOP_S);
    for (let shift = -reach; shift <= reach; shift++) {
      const expected = frames.map(({ drawn_s }) => levels[Math.round(drawn_s / HOP_S) + shift] ?? 0);
      const likeness = correlation(expected, frames);
      if (likeness > best.likeness) best = { likeness, shift };
    }
    if (best.shift !== null) this._last_ms = 1000 * (best.shift * HOP_S - latency_s + shown_s);
    return this._last_ms;
  }
}

/** How loud the reply is in the analyser's window that ends at each multiple of `HOP_S` between two moments. */
function levelsOf(played, ears, from_s, to_s) {
  const levels = [];
  const window_s = ears.fftSize / ears.context.sampleRate;
  for (const { starts_s, seconds, buffer } of played) {
    if (!buffer) continue;
    const samples = buffer.getChannelData(0);
    const end_s = Math.min(to_s, starts_s + seconds);
    for (let i = Math.ceil(Math.max(from_s, starts_s) / HOP_S); i * HOP_S < end_s; i++) {
      const end = Math.round((i * HOP_S - starts_s) * buffer.sampleRate);
      levels[i] = rms(samples, Math.max(0, end - Math.round(window_s * buffer.sampleRate)), end);
    }
  }
  return levels;
}

function rms(samples, from, to) {
  let sum = 0;
  for (let i = from; i < to; i++) sum += samples[i] * samples[i];
  return Math.sqrt(sum / Math.max(1, to - from));
}

/** Pearson's coefficient of what was expected and what was heard. */
function correlation(expected, frames) {
  const n = frames.length;
  let [x, y, xx, yy, xy] = [0, 0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [a, b] = [expected[i], frames[i].loud];
    x += a;
    y += b;
    xx += a * a;
    yy += b * b;
    xy += a * b;
  }
  const spread = Math.sqrt((xx - (x * x) / n) * (yy - (y * y) / n));
  return spread > 0 ? (xy - (x * y) / n) / spread : 0;
}
