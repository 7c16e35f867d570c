// The microphone: pressed to talk or hands-free, what was said goes to the server as a WAV file and comes back as text.
//
// It is open only while it is used: `on` says so, and off means that every track of it was stopped.

import { cut, lengthOf, resampled, wav } from "./pcm.js";
import { VoiceActivity } from "./vad.js";

const RATE_HZ = 16000;
const LONGEST_S = 29;
/** What is kept from before a voice was noticed, and after it ended. */
const BEFORE_S = 0.7;
const AFTER_S = 0.25;
/** A key or button is let go of on the last syllable. */
const TAIL_S = 0.25;
const SHORTEST_S = 0.5;
const HOLD = "Hold the button while you speak.";

const TROUBLES = {
  NotAllowedError: "The browser may not use the microphone; allow it for this page, in the address bar.",
  NotFoundError: "There is no microphone; plug one in, or type instead.",
  NotReadableError: "The microphone can't be opened; another program may be using it.",
  SecurityError: "The browser may not use the microphone; allow it for this page, in the address bar.",
};

/** @typedef {"off"|"opening"|"listening"|"hearing"|"sending"} State */

export class Microphone {
  /**
   * @param {{server: {hear: (wav: Blob) => Promise<{text: string, language: ?string}>}, onstate?: (state: State) => void,
   *   ontext?: (heard: {text: string, language: ?string}) => void, onspeech?: () => void,
   *   ontrouble?: (line: string) => void, onlevel?: (level: number) => void}} how
   *   `onspeech`: the moment somebody begins to speak, to stop the avatar at once.
   */
  constructor(how) {
    const nothing = () => {};
    const heard = { onstate: nothing, ontext: nothing, onspeech: nothing, ontrouble: nothing, onlevel: nothing };
    Object.assign(this, heard, how);
    /** @type {State} */
    this.state = "off";
    this.free = false; // hands-free is wanted
    this.held = this.early = false; // the button is held, or was let go of too early
    this.sound = null; // the open microphone
    this.blocks = null; // what is being recorded
    this.byHand = false; // by the button
    this.before = [];
    this.sending = 0;
    this.asked = Promise.resolve();
    this.voice = null; // its VoiceActivity
    this.guarded = false;
  }

  /** Why there can be no microphone here, or "". */
  get why() {
    if (!globalThis.isSecureContext) return "Browsers lend the microphone only to pages from https or this machine.";
    const able = navigator.mediaDevices?.getUserMedia && globalThis.AudioWorkletNode;
    return able ? "" : "This browser can't use the microphone; type instead.";
  }

  get available() {
    return !this.why;
  }

  /** Whether it is really open. */
  get on() {
    return this.sound !== null;
  }

  /** The avatar speaks, or no longer: what is left of its voice in the microphone is to interrupt nothing. */
  guard(speaking) {
    this.guarded = speaking;
    if (this.voice) this.voice.guarded = speaking;
  }

  /** The button goes down: what is said until `release` is heard. */
  async press() {
    if (this.held) return;
    this.held = true;
    this.early = false; // it was let go of before the microphone was there, such as to answer the browser's question
    this.onspeech();
    if (await this.#open()) {
      if (this.held) this.#record();
      else this.#rest();
    }
    if (this.early) this.ontrouble(HOLD);
    this.early = false;
  }

  /** The button goes up: what was said is sent. */
  release() {
    if (!this.held) return;
    this.held = false;
    this.early = Boolean(this.opening);
    if (this.blocks) this.left_s = Math.min(this.left_s, TAIL_S);
    else if (this.on) this.#rest();
  }

  /** Listens all the time, or no longer; what is being said when it ends is dropped. Gives whether it listens now. */
  async handsFree(on) {
    this.free = on;
    if (on) {
      if (await this.#open()) this.#tell();
    } else if (!this.held) {
      if (!this.byHand) this.blocks = null;
      this.#rest();
    }
    return this.free;
  }

  /** Off, whatever it was doing. */
  close() {
    this.free = this.held = this.early = false;
    this.blocks = null;
    this.#shut();
  }

  /** Opens it, once; true if it is open and still wanted. */
  async #open() {
    if (this.on) return true;
    this.opening ??= this.#opened().finally(() => (this.opening = null));
    const sound = await this.opening;
    if (!sound || this.on) return this.on;
    if (!(this.held || this.free)) {
      stop(sound);
      this.#tell();
      return false;
    }
    this.sound = sound;
    this.rate_hz = sound.context.sampleRate;
    this.voice = new VoiceActivity({ rate_hz: this.rate_hz, guarded: this.guarded });
    this.before = [];
    sound.node.port.onmessage = ({ data }) => this.on && this.#heed(data);
    for (const track of sound.stream.getTracks()) track.onended = () => this.#fail("The microphone was unplugged.");
    return true;
  }

  async #opened() {
    if (this.why) return this.#fail(this.why);
    this.#become("opening");
    let [stream, context] = [null, null];
    try {
      const wanted = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };
      stream = await navigator.mediaDevices.getUserMedia({ audio: wanted });
      context = new AudioContext();
      await context.audioWorklet.addModule(new URL("./capture.js", import.meta.url));
      const node = new AudioWorkletNode(context, "personify-capture", { numberOfOutputs: 0 });
      context.createMediaStreamSource(stream).connect(node);
      if (context.state === "suspended") await context.resume();
      return { stream, context, node };
    } catch (error) {
      stop({ stream, context });
      return this.#fail(TROUBLES[error.name] ?? `The microphone can't be opened: ${error.message}`);
    }
  }

  /** A block of sound came. */
  #heed(block) {
    const { begun, ended, level } = this.voice.push(block);
    this.onlevel(level);
    if (!this.blocks) {
      this.before.push(block);
      while (lengthOf(this.before) > BEFORE_S * this.rate_hz) this.before.shift();
      if (!(begun && this.free)) return;
      this.onspeech();
      this.#record();
    } else {
      this.blocks.push(block);
      this.left_s -= block.length / this.rate_hz;
      if (this.left_s <= 0 || (ended && !this.byHand)) this.#finish(ended);
    }
  }

  #record() {
    this.byHand = this.held;
    this.blocks ??= this.before.splice(0);
    this.left_s = LONGEST_S - lengthOf(this.blocks) / this.rate_hz;
    this.#tell();
  }

  /** Sends what was recorded. */
  #finish(ended) {
    const { blocks, byHand, rate_hz } = this;
    this.blocks = null;
    if (ended && !byHand) cut(blocks, (this.voice.hangover_s - AFTER_S) * rate_hz);
    const short = lengthOf(blocks) < SHORTEST_S * rate_hz;
    if (!short) this.#send(blocks, rate_hz, byHand);
    if (this.held || (!byHand && !ended)) this.#record(); // it was only too long for one
    this.#rest();
    if (short && byHand) this.ontrouble(HOLD);
  }

  /** One after the other, so that texts come in the order in which they were said. */
  #send(blocks, rate_hz, byHand) {
    this.sending += 1;
    const asked = async () => {
      let tell = () => {};
      try {
        const heard = await this.server.hear(wav(resampled(blocks, rate_hz, RATE_HZ), RATE_HZ));
        if (heard.text) tell = () => this.ontext(heard);
        else if (byHand) tell = () => this.ontrouble("Nothing was understood; speak longer, or closer to the microphone.");
      } catch (error) {
        tell = () => this.ontrouble(error.message);
      }
      this.sending -= 1;
      this.#tell();
      tell();
    };
    this.asked = this.asked.then(asked).catch(globalThis.reportError); // of who is told: it stops nothing that follows
  }

  #fail(line) {
    this.close();
    this.ontrouble(line);
    return null;
  }

  /** Shuts it where nobody wants it open. */
  #rest() {
    if (this.held || this.free || this.blocks) this.#tell();
    else this.#shut();
  }

  #shut() {
    stop(this.sound);
    this.sound = null;
    this.onlevel(0);
    this.#tell();
  }

  #tell() {
    if (this.blocks) this.#become("hearing");
    else if (this.on) this.#become("listening");
    else this.#become(this.sending ? "sending" : "off");
  }

  #become(state) {
    if (state === this.state) return;
    this.state = state;
    this.onstate(state);
  }
}

/** Everything of an open microphone ends. */
function stop(sound) {
  for (const track of sound?.stream?.getTracks() ?? []) {
    track.onended = null;
    track.stop();
  }
  if (sound?.node) sound.node.port.onmessage = null;
  sound?.context?.close().catch(() => {}); // it was closed before
}
