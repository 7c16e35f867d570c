// What the face does at a moment: idle, listening, thinking or speaking, and no jump between them. Pure: it has no DOM,
// no clock and no sound of its own.

import { Lids } from "./lids.js";
import { CHANNELS, Loop, Reply } from "./tracks.js";

/**
 * How channels come over to what they are to do next: in `seconds`, or longer where they have so far to go that they
 * would be quicker than `most` units a second. `soft_s` rounds off what is left of corners. The mouth is quick; the eyes
 * go ahead of the head, which never turns faster than 40 degrees a second.
 */
const GROUPS = [
  { seconds: 0.09, most: Infinity, soft_s: 0, names: ["jaw", "press", "wide", "round", "upper_lip", "tuck", "tongue"] },
  { seconds: 0.14, most: Infinity, soft_s: 0, names: ["look_x", "look_y"] },
  { seconds: 0.2, most: 3, soft_s: 0, names: ["squint", "lift", "inner", "smile"] },
  { seconds: 0.25, most: 34, soft_s: 0.04, names: ["yaw", "pitch", "roll"] },
  { seconds: 0.3, most: 0.4, soft_s: 0.04, names: ["shift_x", "shift_y"] },
  { seconds: 0.5, most: 2, soft_s: 0, names: ["breath"] },
];
const LIPS = GROUPS[0].names;
const EASED = GROUPS.flatMap(({ names }) => names);
const PEAK = 1.875; // the highest speed of a minimum-jerk movement, in its mean speeds
const STANDS_S = 0.2; // a sound that hasn't gone on for so long isn't heard any more
const LEFT_WHEN_CALM = 0.3; // of the movements of those who want little of it:
const CALMED = ["lift", "yaw", "pitch", "roll", "shift_x", "shift_y", "breath"];
const NOD = { seconds: 0.75, degrees: 3.2 };

/** A face with four states. It is asked for what to draw with `at`, again and again, by a clock that goes on. */
export class Face {
  /**
   * @param {object} how
   * @param {object} how.idle a personify-track, a loop: somebody who waits. An `Error` is thrown if it is none.
   * @param {number} how.seed the same one nods and looks away at the same times
   * @param {string} how.expression what the track was made with; at "sleepy" and "sad" nods are slow and small
   * @param {boolean} how.calm whether little is to move, but for lips, lids and eyes
   */
  constructor({ idle, seed = 0, expression = "neutral", calm = false } = {}) {
    this.calm = calm;
    this.state = "idle";
    this.values = zeros(CHANNELS);
    this._idle = new Loop(idle);
    this._reply = new Reply();
    this._lids = new Lids();
    this._random = randomFrom(seed);
    this._vigour = { sleepy: 0.5, sad: 0.6, shy: 0.8, happy: 1.15 }[expression] ?? 1;
    this._waits = "idle"; // what it does while nothing is heard
    this._now_s = null;
    this._heard = { at_s: null, since_s: 0, replies: 0 };
    this._who = "idle"; // what moves the face
    this._want = { ...zeros(CHANNELS), look_x: 0, look_y: 0 };
    this._seen = zeros(EASED);
    this._away = zeros(EASED); // how far a channel was from what it is to do, when that changed
    this._from_s = zeros(EASED);
    this._lasts_s = zeros(EASED);
  }

  /** Somebody talks to it. */
  listen() {
    this._wait("listening");
  }

  /** It looks for words. */
  think() {
    this._wait("thinking");
  }

  /** Nothing goes on. */
  rest() {
    this._wait("idle");
  }

  /** A reply begins, whose pieces follow by `push`. Until it is heard the face goes on with what it did. */
  speak() {
    this.state = "speaking";
    this._reply = new Reply();
    this._heard = { at_s: null, since_s: this._now_s, replies: this._heard.replies + 1 };
  }

  /** @param {{fps: number, first: number, channels: string[], values: number[][]}} piece of the reply's track. */
  push(piece) {
    if (this.state === "speaking") this._reply.push(piece);
  }

  /** The reply ends here, unfinished: the mouth shuts, and the face listens. `heard_s`: how much of it was heard. */
  cut(heard_s) {
    if (this.state === "speaking") this._heard.at_s = heard_s;
    this.listen();
  }

  /**
   * What the face does.
   * @param {number} now_s the time of the page; it doesn't go back
   * @param {number|null} heard_s how far the reply has been heard; null if nothing of it is
   * @returns {Object<string, number>} every channel's value; it is the same object each time
   */
  at(now_s, heard_s = null) {
    const step_s = this._now_s === null ? Infinity : Math.max(0, now_s - this._now_s);
    this._now_s = now_s;
    const heard = this._hears(heard_s);
    const who = heard ? `reply ${this._heard.replies}` : this._waits;
    const other = who !== this._who;
    this._who = who;
    if (other) this._begin(who);
    if (heard) this._reply.at(heard_s, this._want);
    else this._idle.at(now_s, this._want);
    const turned = this._act(heard);
    if (other || turned) this._comeOver();
    this._settle(step_s);
    return this._tell(who);
  }

  _wait(state) {
    this.state = state;
    this._waits = state;
  }

  /** Whether the reply is heard now, and what the face does then is known. */
  _hears(heard_s) {
    const heard = this._heard;
    if (this.state !== "speaking" || heard_s === null) return false;
    if (heard_s !== heard.at_s) {
      heard.at_s = heard_s;
      heard.since_s = this._now_s;
    }
    const hears = this._now_s - heard.since_s < STANDS_S && this._reply.covers(heard_s);
    if (hears) this._waits = "idle"; // between two sentences, and afterwards
    return hears;
  }

  _begin(who) {
    if (who === "listening") this._nod = { at_s: this._now_s + 0.7 + this._random(), twice: false };
    if (who === "thinking") this._glance = { x: 0, y: 0, until_s: this._now_s };
  }

  /** What a state adds to the track; true where the face is to turn to something else. */
  _act(heard) {
    const want = this._want;
    if (!heard) for (const name of LIPS) want[name] = 0;
    want.look_x = want.gaze_x + want.yaw; // where the eyes look in the room; they stay there while the head turns
    want.look_y = want.gaze_y - want.pitch;
    let turned = false;
    if (this._who === "listening") this._attend(want);
    else if (this._who === "thinking") turned = this._ponder(want);
    if (this.calm) for (const name of CALMED) want[name] *= LEFT_WHEN_CALM;
    return turned;
  }

  /** Attentive: the eyes on who talks, the head a little aside, a nod now and then. */
  _attend(want) {
    for (const name of ["yaw", "pitch", "roll"]) want[name] *= 0.6;
    for (const name of ["look_x", "look_y"]) want[name] *= 0.25;
    want.yaw -= 1.4;
    want.roll += 3.2;
    want.lift += 0.24;
    want.smile += 0.06;
    const nod = this._nod;
    const seconds = NOD.seconds / Math.sqrt(this._vigour);
    const share = (this._now_s - nod.at_s) / seconds;
    want.pitch -= NOD.degrees * this._vigour * (bump(share) + (nod.twice ? 0.7 * bump(share - 0.7) : 0));
    if (share > 1.8) {
      nod.at_s = this._now_s + (1 + 2.4 * this._random()) / this._vigour;
      nod.twice = this._random() < 0.35;
    }
  }

  /** Thoughtful: the eyes up and aside, mostly to the other side after a while, the head slowly after them. */
  _ponder(want) {
    const glance = this._glance;
    const turned = this._now_s >= glance.until_s;
    if (turned) {
      const side = glance.x ? Math.sign(glance.x) : Math.sign(this._random() - 0.5);
      glance.x = (this._random() < 0.6 ? -side : side) * (9 + 5 * this._random());
      glance.y = -8 - 4 * this._random();
      glance.until_s = this._now_s + 1.3 + 1.5 * this._random();
    }
    for (const name of ["yaw", "pitch", "roll"]) want[name] *= 0.5;
    want.look_x = glance.x + 0.3 * want.look_x;
    want.look_y = glance.y + 0.3 * want.look_y;
    want.yaw += 0.32 * glance.x;
    want.pitch += 1 - 0.18 * glance.y;
    want.roll += 0.2 * glance.x;
    want.lift += 0.22;
    want.inner += 0.14;
    want.squint += 0.06;
    return turned;
  }

  /** From now on each channel comes over from what was seen last to what is wanted. */
  _comeOver() {
    for (const { seconds, most, names } of GROUPS) {
      for (const name of names) {
        this._away[name] = this._seen[name] - this._want[name];
        this._from_s[name] = this._now_s;
        this._lasts_s[name] = Math.max(seconds, (PEAK * Math.abs(this._away[name])) / most);
      }
    }
  }

  _settle(step_s) {
    for (const { soft_s, names } of GROUPS) {
      const share = soft_s ? 1 - Math.exp(-step_s / soft_s) : 1;
      for (const name of names) {
        const left = 1 - minJerk((this._now_s - this._from_s[name]) / this._lasts_s[name]);
        const value = this._want[name] + left * this._away[name];
        this._seen[name] += share * (value - this._seen[name]);
      }
    }
  }

  _tell(who) {
    const { values, _seen: seen } = this;
    for (const name of CHANNELS) if (name in seen) values[name] = seen[name];
    values.gaze_x = within(seen.look_x - seen.yaw, 25);
    values.gaze_y = within(seen.look_y + seen.pitch, 25);
    values.blink = this._lids.at(this._now_s, who, this._want.blink);
    for (const name of LIPS) values[name] = Math.min(1, Math.max(0, values[name]));
    return values;
  }
}

/** From 0 at 0 to 1 at 1 with neither speed nor acceleration at the ends (Flash and Hogan 1985). */
function minJerk(x) {
  if (!(x > 0)) return 0;
  return x >= 1 ? 1 : x * x * x * (10 + x * (6 * x - 15));
}

/** Down and up again, from 0 at 0 over 1 to 0 at 1; the way back takes longer. */
function bump(x) {
  return x < 0.38 ? minJerk(x / 0.38) : 1 - minJerk((x - 0.38) / 0.62);
}

function within(value, limit) {
  return Math.max(-limit, Math.min(limit, value));
}

function zeros(names) {
  return Object.fromEntries(names.map((name) => [name, 0]));
}

/** Numbers from 0 to 1, always the same for a seed (mulberry32, by Tommy Ettinger, public domain). */
function randomFrom(seed) {
  let state = Number(seed) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
