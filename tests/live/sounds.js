// Sounds for tests, made on the spot: WAV files in base64, as pieces of a reply carry them.

/** A WAV, 16 bit mono, of `value(seconds)` within -1 and 1. */
export function wav(seconds, value, rate_hz = 24000) {
  const count = Math.round(seconds * rate_hz);
  const view = new DataView(new ArrayBuffer(44 + 2 * count));
  const text = (at, word) => [...word].forEach((c, i) => view.setUint8(at + i, c.charCodeAt(0)));
  text(0, "RIFF");
  view.setUint32(4, 36 + 2 * count, true);
  text(8, "WAVEfmt ");
  [16, 0x10001, rate_hz, 2 * rate_hz, 0x100002].forEach((n, i) => view.setUint32(16 + 4 * i, n, true));
  text(36, "data");
  view.setUint32(40, 2 * count, true);
  for (let i = 0; i < count; i++) view.setInt16(44 + 2 * i, Math.round(32767 * value(i / rate_hz)), true);
  let binary = "";
  for (const byte of new Uint8Array(view.buffer)) binary += String.fromCharCode(byte);
  return { type: "audio/wav", data: btoa(binary) };
}

/** A tone of 220 Hz that is loud where `loud(seconds)` says so, 0 to 1. */
export const tone = (seconds, loud = () => 0.5, from_s = 0) =>
  wav(seconds, (t) => loud(from_s + t) * Math.sin(2 * Math.PI * 220 * (from_s + t)));
