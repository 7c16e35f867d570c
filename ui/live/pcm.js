// Recorded sound: blocks of samples to another sample rate, and into a WAV file.

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

/** The blocks as one, at another rate, by the browser's own resampler. @returns {Promise<Float32Array>} */
export async function resampled(blocks, from_hz, to_hz) {
  const length = lengthOf(blocks);
  const context = new OfflineAudioContext(1, Math.max(1, Math.floor((length * to_hz) / from_hz)), to_hz);
  const source = new AudioBufferSourceNode(context, {
    buffer: new AudioBuffer({ length: Math.max(1, length), sampleRate: from_hz }),
  });
  let at = 0;
  for (const block of blocks) {
    source.buffer.copyToChannel(block, 0, at);
    at += block.length;
  }
  source.connect(context.destination);
  source.start();
  return (await context.startRendering()).getChannelData(0);
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
