// What a face does over time, as personify-track tells it: a loop for who waits, and a reply that comes in pieces.

/** The channels that a face has; see docs/talking-head.md for what each means. */
export const CHANNELS = [
  "jaw", "press", "wide", "round", "upper_lip", "tuck", "tongue", "blink", "squint", "gaze_x", "gaze_y", "lift", "inner",
  "smile", "yaw", "pitch", "roll", "shift_x", "shift_y", "breath",
];

/** A track of which the first frame follows the last. */
export class Loop {
  /** @param {object} track a personify-track of version 1; throws an `Error` for anything else. */
  constructor(track) {
    if (track?.format !== "personify-track" || track.version !== 1) {
      throw new Error(`this is no personify-track of version 1, but ${track?.format} of version ${track?.version}`);
    }
    this._fps = rate(track.fps);
    this._rows = rowsOf(track);
    if (!this._rows.length) throw new Error("the idle track has no frames");
  }

  /** Writes the values of the moment into `into`. */
  at(now_s, into) {
    const count = this._rows.length;
    const at = (((now_s * this._fps - 0.5) % count) + count) % count;
    const low = Math.floor(at) % count;
    mix(this._rows[low], this._rows[(low + 1) % count], at - Math.floor(at), into);
  }
}

/** The track of one reply, whose pieces come while it is spoken. */
export class Reply {
  constructor() {
    this._fps = 25;
    this._rows = [];
  }

  /** @param {{fps: number, first: number, channels: string[], values: number[][]}} piece `first`: its first frame. */
  push(piece) {
    this._fps = rate(piece.fps);
    const first = piece.first;
    if (!Number.isInteger(first) || first < 0 || first > this._rows.length) {
      throw new Error(`a piece of the face begins with frame ${first}, but ${this._rows.length} are there`);
    }
    this._rows.length = first;
    for (const row of rowsOf(piece)) this._rows.push(row);
  }

  /** Whether it is known what the face does then. */
  covers(heard_s) {
    return this._rows.length > 0 && heard_s >= 0 && heard_s <= (this._rows.length + 0.5) / this._fps;
  }

  /** Writes the values of the moment into `into`. */
  at(heard_s, into) {
    const last = this._rows.length - 1;
    const at = Math.min(last, Math.max(0, heard_s * this._fps - 0.5));
    const low = Math.floor(at);
    mix(this._rows[low], this._rows[Math.min(last, low + 1)], at - low, into);
  }
}

function mix(one, other, share, into) {
  for (let i = 0; i < CHANNELS.length; i++) into[CHANNELS[i]] = one[i] + share * (other[i] - one[i]);
}

function rate(fps) {
  if (!(fps >= 1 && fps <= 240)) throw new Error(`a track can't have ${fps} frames a second`);
  return fps;
}

/** A row of `CHANNELS` for each frame; what isn't named is 0, and so is what is no number. */
function rowsOf({ channels, values }) {
  if (!Array.isArray(channels) || !Array.isArray(values)) throw new Error("a track needs channels and values");
  const places = CHANNELS.map((name) => channels.indexOf(name));
  return values.map((row) => Float32Array.from(places, (place) => (Number.isFinite(row?.[place]) ? row[place] : 0)));
}
