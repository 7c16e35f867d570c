// The microphone's states and what it sends; only the device is made up here: a stream of Web Audio's own. A device that
// Chromium itself provides is in test_web_voice.py.
import { Microphone } from "/personify/live/mic.js";
import { check, near, same, test, until } from "/tests/harness.js";

const devices = navigator.mediaDevices;

/** A device that plays `say(seconds)`: a vowel over faint noise; `opened` counts, `tracks` are all it ever gave. */
function device({ wait = Promise.resolve() } = {}) {
  const context = new AudioContext();
  const noise = new AudioBuffer({ length: context.sampleRate, sampleRate: context.sampleRate });
  noise.getChannelData(0).forEach((_, i, data) => (data[i] = (Math.random() - 0.5) * 0.002));
  const room = new AudioBufferSourceNode(context, { buffer: noise, loop: true });
  const voice = new GainNode(context, { gain: 0 });
  const wave = new OscillatorNode(context, { type: "sawtooth", frequency: 130 });
  wave.connect(new BiquadFilterNode(context, { type: "lowpass", frequency: 1500 })).connect(voice);
  room.start();
  wave.start();
  const made = { opened: 0, asked: [], tracks: [], say, end: () => context.close() };
  devices.getUserMedia = async (wanted) => {
    made.asked.push(wanted.audio);
    await wait;
    made.opened += 1;
    const to = context.createMediaStreamDestination();
    room.connect(to);
    voice.connect(to);
    made.tracks.push(...to.stream.getTracks());
    return to.stream;
  };
  async function say(seconds) {
    voice.gain.value = 0.2;
    await pause(seconds);
    voice.gain.value = 0;
  }
  return made;
}

const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

/** A microphone that writes down all it tells; `server` hears `text`. */
function microphone({ text = "Who are you?", hear = async () => ({ text, language: "en" }) } = {}) {
  const told = { states: [], texts: [], troubles: [], after: [], levels: [], speech: 0, sent: [] };
  const mic = new Microphone({
    server: { hear: (blob) => (told.sent.push(blob), hear(told.sent.length)) },
    onstate: (state) => told.states.push(state),
    ontext: (heard) => told.texts.push(heard.text),
    ontrouble: (line) => told.troubles.push(line) && told.after.push(mic.state),
    onlevel: (level) => told.levels.push(level),
    onspeech: () => (told.speech += 1),
  });
  return { mic, told };
}

async function secondsOf(blob) {
  const view = new DataView(await blob.arrayBuffer());
  same([view.getUint16(22, true), view.getUint32(24, true)], [1, 16000]);
  return view.getUint32(40, true) / 32000;
}

const ended = (made) => made.tracks.every((track) => track.readyState === "ended");

test("what is said while the button is held is sent when it is let go", async () => {
  const made = device();
  const { mic, told } = microphone();
  check(mic.available && !mic.on);
  await mic.press();
  same([told.speech, mic.on, told.states], [1, true, ["opening", "hearing"]]);
  await made.say(1);
  mic.release();
  await until(() => told.texts.length);
  same(told.texts, ["Who are you?"]);
  near(await secondsOf(told.sent[0]), 1.4, 0.4);
  await until(() => mic.state === "off");
  same(told.states, ["opening", "hearing", "sending", "off"]);
  check(ended(made) && !mic.on, "it is still open");
  check(made.asked[0].echoCancellation && Math.max(...told.levels) > 0.4 && told.levels.at(-1) === 0);
  made.end();
});

test("a button that is only touched sends nothing", async () => {
  let open;
  const made = device({ wait: new Promise((done) => (open = done)) });
  const { mic, told } = microphone();
  const pressed = mic.press();
  mic.release();
  open();
  await pressed;
  same([told.sent.length, mic.on, mic.state, ended(made)], [0, false, "off", true]);
  const hold = "Hold the button while you speak.";
  same([told.troubles, told.after], [[hold], ["off"]], "who let go to answer the browser's question");
  await mic.press();
  mic.release();
  await until(() => mic.state === "off");
  same([told.sent.length, told.troubles], [0, [hold, hold]]);
  check(ended(made));
  made.end();
});

test("hands-free sends each thing that is said, in order, and goes on listening", async () => {
  const made = device();
  let first;
  const hear = (n) => (n === 1 ? new Promise((done) => (first = done)) : Promise.resolve({ text: "two" }));
  const { mic, told } = microphone({ hear });
  same(await mic.handsFree(true), true);
  same(mic.state, "listening");
  await pause(0.5);
  await made.say(0.8);
  same([told.speech, mic.state], [1, "hearing"]);
  await until(() => told.sent.length === 1);
  same(mic.state, "listening");
  await made.say(0.8);
  same(told.speech, 2);
  await until(() => mic.state === "listening");
  first({ text: "one" });
  await until(() => told.texts.length === 2);
  same(told.texts, ["one", "two"]);
  for (const blob of told.sent) near(await secondsOf(blob), 1.5, 0.65); // what was said, with some of the room around it
  same([await mic.handsFree(false), mic.on, mic.state, ended(made), made.opened], [false, false, "off", true, 1]);
  made.end();
});

test("silence is not sent, and what is being said when hands-free ends is dropped", async () => {
  const made = device();
  const { mic, told } = microphone();
  await mic.handsFree(true);
  await pause(1);
  same([told.speech, told.sent.length], [0, 0]);
  const saying = made.say(0.8);
  await until(() => mic.state === "hearing");
  await mic.handsFree(false);
  await saying;
  same([told.sent.length, mic.on], [0, false]);
  made.end();
});

test("the button works in hands-free too, and leaves it on", async () => {
  const made = device();
  const { mic, told } = microphone();
  await Promise.all([mic.handsFree(true), mic.press()]);
  await made.say(0.6);
  mic.release();
  await until(() => told.texts.length);
  same([made.opened, mic.on, mic.state, mic.free], [1, true, "listening", true]);
  mic.close();
  check(ended(made) && mic.state === "off");
  made.end();
});

test("what the server refuses and what it doesn't understand is told", async () => {
  const made = device();
  const refused = microphone({ hear: async () => Promise.reject(new Error("Slow down.")) });
  const empty = microphone({ text: "" });
  for (const { mic } of [refused, empty]) {
    await mic.press();
    await made.say(0.7);
    mic.release();
    await until(() => mic.state === "off");
  }
  await until(() => empty.told.troubles.length);
  same(refused.told.troubles, ["Slow down."]);
  check(/Nothing was understood/.test(empty.told.troubles[0]) && !empty.told.texts.length);
  same([refused.told.after, empty.told.after], [["off"], ["off"]], "told last, so that no state covers it:");
  made.end();
});

test("a microphone that can't be had is told plainly", async () => {
  const lines = { NotAllowedError: /allow it/, NotFoundError: /no microphone/, NotReadableError: /another program/, Odd: /odd thing/ };
  for (const [name, line] of Object.entries(lines)) {
    devices.getUserMedia = async () => Promise.reject(new DOMException("an odd thing", name));
    const { mic, told } = microphone();
    const pressed = mic.press();
    mic.release();
    await pressed;
    same(await mic.handsFree(true), false);
    check(told.troubles.length === 2 && line.test(told.troubles[0]), `${name}: ${told.troubles}`);
    same([mic.state, mic.on, told.sent.length], ["off", false, 0]);
  }
});

test("a microphone that is unplugged ends hands-free", async () => {
  const made = device();
  const { mic, told } = microphone();
  await mic.handsFree(true);
  made.tracks[0].dispatchEvent(new Event("ended"));
  same([mic.on, mic.free, mic.state, told.troubles], [false, false, "off", ["The microphone was unplugged."]]);
  made.end();
});
