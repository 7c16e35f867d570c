// What is recorded comes out at another rate and as a WAV file, unharmed.
import { cut, lengthOf, resampled, wav } from "/personify/live/pcm.js";
import { check, near, same, test } from "/tests/harness.js";

const wave = (hz, seconds, rate_hz) =>
  Float32Array.from({ length: seconds * rate_hz }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hz * i) / rate_hz));
const loudness = (sound) => Math.sqrt(sound.reduce((sum, value) => sum + value * value, 0) / sound.length);

test("a tone that fits is kept and one that doesn't is not folded down", () => {
  for (const rate_hz of [44100, 48000, 96000]) {
    const kept = resampled([wave(440, 1, rate_hz)], rate_hz, 16000);
    near(kept.length, 16000, 1);
    const middle = kept.slice(4000, 12000);
    near(middle, wave(440, 1, 16000).slice(4000, 12000), 0.002, `${rate_hz} Hz`);
    const folded = resampled([wave(11000, 1, rate_hz)], rate_hz, 16000);
    check(loudness(folded.slice(4000, 12000)) < 0.003, `${rate_hz} Hz: ${loudness(folded)}`);
  }
});

test("blocks are one sound", () => {
  const whole = wave(300, 0.5, 48000);
  const blocks = [whole.slice(0, 512), whole.slice(512, 513), whole.slice(513)];
  near(resampled(blocks, 48000, 16000), resampled([whole], 48000, 16000), 1e-7);
  same(lengthOf(blocks), 24000);
});

test("a WAV file is what its header says", async () => {
  const blob = wav(Float32Array.of(0, 0.5, -0.5, 1, -1, 2, -2), 16000);
  same(blob.type, "audio/wav");
  const view = new DataView(await blob.arrayBuffer());
  const word = (at) => String.fromCharCode(...new Uint8Array(view.buffer, at, 4));
  same([word(0), word(8), word(12), word(36)], ["RIFF", "WAVE", "fmt ", "data"]);
  same([4, 16, 24, 28, 40].map((at) => view.getUint32(at, true)), [50, 16, 16000, 32000, 14]);
  same([20, 22, 32, 34].map((at) => view.getUint16(at, true)), [1, 1, 2, 16]);
  const samples = Array.from({ length: 7 }, (_, i) => view.getInt16(44 + 2 * i, true));
  same(samples, [0, 16384, -16383, 32767, -32767, 32767, -32767]);
});

test("the browser itself decodes it", async () => {
  const blob = wav(wave(440, 0.25, 16000), 16000);
  const context = new OfflineAudioContext(1, 1, 16000);
  const decoded = await context.decodeAudioData(await blob.arrayBuffer());
  near(decoded.getChannelData(0), wave(440, 0.25, 16000), 1e-4);
});

test("the end is cut off across blocks", () => {
  const blocks = [1, 2, 3].map((value) => new Float32Array(4).fill(value));
  cut(blocks, 5);
  same(blocks.map((block) => [...block]), [[1, 1, 1, 1], [2, 2, 2]]);
  cut(blocks, 100);
  same(blocks, []);
  same(lengthOf(blocks), 0);
});
