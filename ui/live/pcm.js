// Recorded sound: blocks of samples to another sample rate, and into a WAV file.

/** Of the sinc, on each side. */
const ZEROS = 16;

/** Samples in all. @param {Float32Array[]} blocks */
export const lengthOf = (blocks) => blocks.reduce((sum, block) => sum + block.length, 0);

/** Takes so many samples off the end. @param {Float32Array[]} blocks @param {number} samples */
export function cut(blocks, samples) {
  for (let left = Math.round(samples); left > 0 && blocks.length; ) {
    const last = blocks.pop();
    if (last.length > left) blocks.push(last.slice(0, last.length - left));
    left -= last.length;
  }
}

/**
 * The blocks as one, at another rate: through a sinc under a Hann window, so that nothing is folded down from above what
 * a lower rate can hold, as browsers' own converters let happen.
 * @param {Float32Array[]} blocks @param {number} from_hz @param {number} to_hz @returns {Float32Array}
 */
export function resampled(blocks, from_hz, to_hz) {
  const step = from_hz / to_hz;
  const slow = Math.max(1, step) * 1.1;
  const reach = step === 1 ? 0 : Math.ceil(ZEROS * slow);
  const length = lengthOf(blocks);
  const sound = new Float32Array(length + 2 * reach + 1); // silence before and after
  let filled = reach;
  for (const block of blocks) {
    sound.set(block, filled);
    filled += block.length;
  }
  if (step === 1) return sound.slice(0, length);
  const curves = new Map(); // one for each place between two samples that comes up
  const made = new Float32Array(Math.floor(length / step));
  for (let n = 0; n < made.length; n++) {
    const at = Math.floor(n * step + 1e-9);
    const between = Math.round((n * step - at) * 1e6);
    let taps = curves.get(between);
    if (!taps) curves.set(between, (taps = curve(between / 1e6, reach, slow)));
    let sum = 0;
    for (let k = 0; k < taps.length; k++) sum += sound[at + k] * taps[k];
    made[n] = sum;
  }
  return made;
}

function curve(between, reach, slow) {
  return Float32Array.from({ length: 2 * reach + 1 }, (_, k) => {
    const x = (k - reach - between) / slow;
    if (Math.abs(x) >= ZEROS) return 0;
    const sinc = x ? Math.sin(Math.PI * x) / (Math.PI * x) : 1;
    return (sinc * Math.cos((Math.PI * x) / 2 / ZEROS) ** 2) / slow;
  });
}

/** A WAV file, 16 bit, mono. @param {Float32Array} samples within [-1, 1] @param {number} rate_hz @returns {Blob} */
export function wav(samples, rate_hz) {
  const size = 2 * samples.length;
  const view = new DataView(new ArrayBuffer(44 + size));
  const [RIFF, WAVE, FMT, DATA] = [0x52494646, 0x57415645, 0x666d7420, 0x64617461];
  const words = [[RIFF], 36 + size, [WAVE], [FMT], 16, 0x10001, rate_hz, 2 * rate_hz, 0x100002, [DATA], size];
  words.forEach((word, i) => view.setUint32(4 * i, Array.isArray(word) ? word[0] : word, !Array.isArray(word)));
  samples.forEach((value, i) => view.setInt16(44 + 2 * i, Math.round(Math.max(-1, Math.min(1, value)) * 32767), true));
  return new Blob([view], { type: "audio/wav" });
}
