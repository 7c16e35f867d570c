// The live avatar: one canvas on which a character is drawn all the time, waits, listens, thinks, and speaks what it is
// given, with its sound.

import { Face } from "./face.js";
import { LagMeter } from "./lag.js";
import { createRenderer, loadPictures } from "./renderer.js";
import { readRig } from "./rig.js";
import { Sound, wakeOnTouch } from "./sound.js";

const UNSEEN_MS = 150; // how often it looks what is heard while nobody sees it

/**
 * Events: `state` (`detail.state`), `sentence` (`{sentence, index}`, when it begins to be heard, or at once while the
 * browser allows no sound), `quiet` (all of a reply was heard), `blocked` (`{blocked}`: the browser plays nothing before
 * a click or a key), `trouble` (`{message}`: a sound that can't be played, whose words go on silently).
 */
export class LiveAvatar extends EventTarget {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {object} what
   * @param {object|string} what.rig a personify-rig, or where it is
   * @param {string} [what.base] where the rig's pictures are; by default beside it
   * @param {object} what.idle a personify-track, a loop
   * @param {string} [what.expression]
   * @param {number} [what.seed]
   * @param {"webgl"|"canvas2d"} [what.prefer]
   * @returns {Promise<LiveAvatar>} once it is drawn. Rejected with what is wrong with the rig or what can't be loaded.
   */
  static async load(canvas, { rig, base, idle, expression = "neutral", seed = 0, prefer = "webgl" }) {
    if (typeof rig === "string") {
      const url = new URL(rig, document.baseURI);
      base ??= new URL(".", url).href;
      const answer = await fetch(url);
      if (!answer.ok) throw new Error(`the rig can't be loaded: ${answer.status} ${answer.statusText}`);
      rig = await answer.json();
    }
    const read = readRig(rig);
    const pictures = await loadPictures(read, base ?? "");
    const still = matchMedia("(prefers-reduced-motion: reduce)");
    const face = new Face({ idle, seed, expression, calm: still.matches });
    const renderer = createRenderer(canvas, read, pictures, { prefer });
    return new LiveAvatar(canvas, renderer, face, still);
  }

  /** For `load`. */
  constructor(canvas, renderer, face, still) {
    super();
    this._renderer = renderer;
    this._face = face;
    this._sound = new Sound();
    this._lag = new LagMeter();
    this._state = "idle";
    this._reply = null; // what is being said: {sentences, told, over}
    this._frame_s = 1 / 60; // how long a frame takes, smoothed
    this._drawn_s = null;
    this._heard_s = this._shown_s = null; // how much was heard at the last frame, and what it showed
    this._seen = true;
    this._still = still;
    this._calms = () => (face.calm = still.matches);
    still.addEventListener("change", this._calms);
    this._watch = new IntersectionObserver((entries) => this._show(entries.at(-1).isIntersecting));
    this._watch.observe(canvas);
    this._turned = () => this._wake();
    document.addEventListener("visibilitychange", this._turned);
    wakeOnTouch();
    this._draw();
    this._wake();
  }

  /** "idle", "listening", "thinking" or "speaking". */
  get state() {
    return this._state;
  }

  /** Whether a reply is being said, or about to be. */
  get speaking() {
    return this._reply !== null;
  }

  /** 0 to 1. */
  get volume() {
    return this._sound.volume;
  }

  set volume(volume) {
    this._sound.volume = volume;
  }

  /** Whether the browser waits for a click or a key before it plays anything. */
  get blocked() {
    return this._sound.blocked;
  }

  /** @returns {{fps: number, kind: string, lag_ms: number|null}} what it draws a second, with what, and how late the
   *  lips are against the sound: of the last reply, or of this one so far. */
  get stats() {
    return {
      fps: this._drawn_s === null ? 0 : 1 / this._frame_s,
      kind: this._renderer.kind,
      lag_ms: this._lag.lag_ms(this._sound, this._frame_s),
    };
  }

  /** The frames of this reply as they were drawn, for who measures: `{drawn_s, loud, jaw}` each. */
  get drawn() {
    return this._lag.frames;
  }

  listen() {
    this._wait("listening");
  }

  think() {
    this._wait("thinking");
  }

  rest() {
    this._wait("idle");
  }

  /**
   * Takes a piece of a reply; those that are neither sound nor face are let pass. A sound with `index` 0 begins a new
   * reply, and interrupts one that still goes on; what comes after an interruption is let pass until then.
   */
  piece(piece) {
    if (piece.piece === "speech") this._hear(piece);
    else if (piece.piece === "face" && this._reply && !this._reply.over) this._face.push(piece);
  }

  /** The reply is complete; `quiet` follows once it was heard. */
  end() {
    if (!this._reply || this._reply.over) return;
    this._reply.over = true;
    this._sound.end();
  }

  /**
   * Says something whole, such as a greeting.
   * @param {{sentence: string, seconds: number, audio: {type: string, data: string}, face: object}} what
   */
  say({ sentence, seconds, audio, face }) {
    this.piece({ piece: "speech", index: 0, starts_s: 0, sentence, seconds, audio });
    this.piece({ piece: "face", ...face });
    this.end();
  }

  /** Stops the reply at once and listens. @returns {number|null} how much of it was heard, seconds; null if nothing. */
  interrupt() {
    if (!this._reply) return null;
    const heard_s = this._stop();
    this._face.cut(heard_s);
    this._tell("listening");
    return heard_s;
  }

  /** Lets go of the canvas, the sound and everything else. */
  dispose() {
    this._stop();
    this._gone = true;
    cancelAnimationFrame(this._next);
    clearInterval(this._timer);
    this._watch.disconnect();
    document.removeEventListener("visibilitychange", this._turned);
    this._still.removeEventListener("change", this._calms);
    this._sound.close();
    this._renderer.dispose();
  }

  _wait(state) {
    this._waits = state;
    if (this._reply) return; // it is said to its end; `interrupt` would stop it
    this._face[{ listening: "listen", thinking: "think", idle: "rest" }[state]]();
    this._tell(state);
  }

  _hear(piece) {
    if (piece.index === 0) this._begin();
    const reply = this._reply;
    if (!reply || reply.over) return;
    reply.sentences.push(piece);
    this._sound.push(piece).catch((error) => this._send("trouble", { message: error.message }));
  }

  _begin() {
    this._stop();
    this._reply = { sentences: [], told: -1, over: false };
    this._waits = "idle";
    this._lag.begin();
    this._sound.reset();
    this._sound.onend = () => this._quiet();
    this._sound.onblocked = (blocked) => {
      this._send("blocked", { blocked });
      if (blocked) this._caption(this._reply, 0);
    };
    this._face.speak();
  }

  /** Ends what is being said; returns how much was heard. */
  _stop() {
    if (!this._reply) return null;
    this._reply = null;
    const { played, ears, latency_s } = this._sound;
    const heard_s = this._sound.stop();
    this._lag.lag_ms({ played, ears, latency_s }, this._frame_s);
    return heard_s;
  }

  _quiet() {
    const reply = this._reply;
    if (!reply) return;
    this._hears(Infinity);
    if (reply !== this._reply) return; // whoever heard the last sentence did something else
    this._reply = null;
    this._wait(this._waits);
    this._send("quiet", {});
  }

  /** How much of the reply the user hears by now; a browser's clock may go on before it tells that it plays. */
  _heard() {
    return this._reply && !this._sound.blocked ? this._sound.heard_s : null;
  }

  /** Tells which sentence is heard now. */
  _hears(heard_s) {
    const reply = this._reply;
    if (!reply || heard_s === null) return;
    if (this._state !== "speaking") this._tell("speaking");
    for (let i = reply.told + 1; i < reply.sentences.length && heard_s >= reply.sentences[i].starts_s; i++) {
      this._caption(reply, i);
    }
  }

  _caption(reply, i) {
    if (!reply || reply !== this._reply || i <= reply.told) return;
    reply.told = i;
    const { sentence, index } = reply.sentences[i];
    if (sentence) this._send("sentence", { sentence, index });
  }

  _tell(state) {
    if (state === this._state) return;
    this._state = state;
    this._send("state", { state });
  }

  _send(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  _show(seen) {
    this._seen = seen;
    this._wake();
  }

  /** Draws while it is seen; otherwise only looks, now and then, what is heard. */
  _wake() {
    cancelAnimationFrame(this._next);
    clearInterval(this._timer);
    if (this._gone) return;
    this._drawn_s = null;
    if (this._seen && !document.hidden) this._next = requestAnimationFrame(() => this._turn());
    else this._timer = setInterval(() => this._hears(this._heard()), UNSEEN_MS);
  }

  _turn() {
    this._next = requestAnimationFrame(() => this._turn());
    this._draw();
  }

  _draw() {
    const now_s = performance.now() / 1000;
    if (this._drawn_s !== null) {
      const step_s = now_s - this._drawn_s;
      this._frame_s += 0.08 * (Math.min(step_s, 0.5) - this._frame_s);
    }
    this._drawn_s = now_s;
    const heard_s = this._heard();
    this._hears(heard_s);
    if (heard_s === null) this._shown_s = null;
    else if (heard_s !== this._heard_s) this._shown_s = heard_s + Math.min(this._frame_s, 0.05); // it is seen a frame later
    this._heard_s = heard_s; // where it stands still the face is to know
    const values = this._face.at(now_s, this._shown_s);
    this._renderer.draw(values);
    if (heard_s !== null) this._lag.add(this._sound.ears, this._shown_s, values.jaw);
  }
}
