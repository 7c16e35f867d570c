// Plays the pieces of a reply without a gap between them, and tells how much of it has been heard. A piece that comes
// late moves what follows it; nothing is left out.

const LEAD_S = 0.03; // from a piece being ready to its first sample, so that it is scheduled in time
const FADE_S = 0.015; // shorter than 20 ms, longer than a click
const BLOCKED_MS = 250; // a context that hasn't begun by then waits for the user
const GESTURES = ["pointerdown", "pointerup", "keydown"]; // after these a page may make sounds

let shared = null; // one context for the page: browsers count them, and what a click has woken stays awake
let watched = false; // whether gestures wake it
let fails = false; // whether Opus couldn't be decoded here, whatever the browser says of it

/** What to ask a server for: "opus" (in Ogg) where this browser plays it, else "wav". */
export function soundTypes() {
  return !fails && new Audio().canPlayType('audio/ogg; codecs="opus"') ? "opus" : "wav";
}

/** From now on a click or a key readies the page's sound: Safari lets what is first played later begin in no other way. */
export function wakeOnTouch() {
  if (watched || !globalThis.AudioContext) return;
  watched = true;
  for (const name of GESTURES) window.addEventListener(name, () => wake(pageContext()), { capture: true, passive: true });
}

/** One reply after the other: `push` its pieces, `end` it, then `reset` for the next; `stop` at any time. */
export class Sound {
  /** @param {AudioContext} [context] the page's own, made when the first piece comes, if left out */
  constructor(context = null) {
    /** Called once all of a reply was heard. */
    this.onend = null;
    /** Called with true when the browser won't play before the user does something, and with false once it does. */
    this.onblocked = null;
    /** Whether it waits for that; what was pushed is then played from its beginning. */
    this.blocked = false;
    /** An `AnalyserNode` that hears all that is played, once there is a context. */
    this.ears = null;
    this._context = null;
    this._volume = 1;
    if (context) this._use(context);
    this._forget();
  }

  /** 0 to 1. */
  get volume() {
    return this._volume;
  }

  set volume(volume) {
    this._volume = Math.min(1, Math.max(0, Number(volume) || 0));
    const gain = this._loudness?.gain;
    if (this._pieces.length) gain.setTargetAtTime(this._volume, this._context.currentTime, 0.01);
    else if (gain) gain.value = this._volume;
  }

  /** How long a sound takes from the graph to the ear, seconds. */
  get latency_s() {
    const told = this._context ? this._context.outputLatency || this._context.baseLatency : 0;
    return Math.min(0.5, told || 0);
  }

  /** How much of the reply has been heard by now, seconds on its own time line; null before anything has. */
  get heard_s() {
    if (!this._context) return null;
    return this._heardAt(this._context.currentTime - this.latency_s);
  }

  /** What of the reply was scheduled: `{starts_s, seconds, buffer}` each, `buffer` null where it couldn't be decoded. */
  get played() {
    return this._pieces;
  }

  /**
   * Plays a piece where it belongs.
   * @param {{starts_s: number, seconds: number, audio: {type: string, data: string}}} piece `starts_s`: on the reply's
   *   time line; `data`: a file in base64. Pieces come in order.
   * @returns {Promise<boolean>} once it is scheduled: false if the reply was stopped meanwhile. Rejected, with silence
   *   in its place, where this browser can't decode it; and where it has no sound at all.
   */
  push({ starts_s, seconds, audio }) {
    const reply = this._reply;
    try {
      if (!this._context) this._use(pageContext());
    } catch (error) {
      return Promise.reject(new Error(`this browser plays no sound: ${error.message}`));
    }
    wake(this._context);
    const decoding = decode(this._context, audio).catch((error) => error);
    const placing = this._last.then(async () => {
      const made = await decoding;
      if (reply !== this._reply) return false;
      const trouble = made instanceof Error ? made : null;
      if (trouble && /ogg/.test(audio?.type)) fails = true;
      this._place(starts_s, seconds, trouble ? null : made);
      if (trouble) throw new Error(`a sound (${audio?.type}) can't be played here: ${trouble.message}`);
      return true;
    });
    this._last = placing.catch(() => {});
    return placing;
  }

  /** No more pieces come; `onend` follows once all was heard, at once if nothing was pushed. */
  end() {
    const reply = this._reply;
    this._last.then(() => reply === this._reply && this._endSoon());
  }

  /** Fades out at once. @returns {number|null} how much was heard. */
  stop() {
    const heard_s = this.heard_s;
    if (this._out) {
      const now_s = this._context.currentTime;
      this._out.gain.setValueAtTime(1, now_s);
      this._out.gain.linearRampToValueAtTime(0, now_s + FADE_S);
      for (const { source } of this._pieces) source?.stop(now_s + FADE_S);
    }
    this._forget();
    this._tellBlocked();
    return heard_s;
  }

  /** Ready for the next reply; what is still playing stops. */
  reset() {
    this.stop();
  }

  /** Stops, and lets go of what was made here. */
  close() {
    this.stop();
    this._context?.removeEventListener("statechange", this._changed);
    this._context = this._loudness = this.ears = null;
  }

  _forget() {
    this._reply = {}; // what was begun for another reply is told by it
    this._pieces = []; // {starts_s, seconds, at_s (the context's time), source, buffer}
    this._origin_s = null; // the context's time at which the reply begins, of the piece that was placed last
    this._last = Promise.resolve();
    this._out = null;
    clearTimeout(this._timer);
  }

  _use(context) {
    this._context = context;
    this._loudness = context.createGain();
    this._loudness.gain.value = this._volume;
    this._loudness.connect(context.destination);
    this.ears = context.createAnalyser();
    this.ears.fftSize = 1024;
    this._changed = () => this._tellBlocked();
    context.addEventListener("statechange", this._changed);
  }

  _place(starts_s, seconds, buffer) {
    const context = this._context;
    const soonest_s = context.currentTime + LEAD_S;
    let at_s = this._origin_s === null ? soonest_s : this._origin_s + starts_s;
    const before = this._pieces.at(-1);
    if (at_s < context.currentTime + 0.003) at_s = soonest_s; // it is late, and all that follows with it
    if (before) at_s = Math.max(at_s, before.at_s + before.seconds);
    this._origin_s = at_s - starts_s;
    let source = null;
    if (buffer) {
      if (!this._out) {
        this._out = context.createGain();
        this._out.connect(this._loudness);
        this._out.connect(this.ears);
      }
      source = context.createBufferSource();
      source.buffer = buffer;
      source.connect(this._out);
      source.start(at_s, 0, seconds);
    }
    this._pieces.push({ starts_s, seconds, at_s, source, buffer });
    if (!before) setTimeout(() => this._tellBlocked(), BLOCKED_MS);
  }

  /** How much of the reply is over at a time of the context. */
  _heardAt(time_s) {
    for (let i = this._pieces.length - 1; i >= 0; i--) {
      const { starts_s, seconds, at_s } = this._pieces[i];
      if (time_s >= at_s) return starts_s + Math.min(seconds, time_s - at_s);
    }
    return null;
  }

  /** Calls `onend` when the last sample has been heard; looks again, for a context may stand still. */
  _endSoon() {
    const last = this._pieces.at(-1);
    const left_s = last ? last.at_s + last.seconds + this.latency_s - this._context.currentTime : 0;
    const reply = this._reply;
    if (left_s <= 0.002) {
      this._timer = setTimeout(() => reply === this._reply && this.onend?.(), 0);
    } else {
      this._timer = setTimeout(() => this._endSoon(), Math.max(10, 1000 * Math.min(left_s, 0.25)));
    }
  }

  _tellBlocked() {
    const blocked = this._pieces.length > 0 && this._context.state !== "running";
    if (blocked === this.blocked) return;
    this.blocked = blocked;
    this.onblocked?.(blocked);
  }
}

function pageContext() {
  wakeOnTouch();
  return (shared ??= new AudioContext({ latencyHint: "interactive" }));
}

function wake(context) {
  if (context.state !== "running") context.resume().catch(() => {});
}

async function decode(context, audio) {
  const text = atob(audio.data);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return context.decodeAudioData(bytes.buffer);
}
