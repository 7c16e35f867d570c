// The smallest character that can be drawn: a face of 64 px whose mouth is a square that opens, red where it is open.
import { CHANNELS } from "/personify/live/tracks.js";

export const SIZE = 64;

function picture(colour) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE;
  const page = canvas.getContext("2d");
  page.fillStyle = colour;
  page.fillRect(0, 0, SIZE, SIZE);
  return canvas.toDataURL("image/png");
}

const square = (left, top, right, bottom) => [[left, top], [right, top], [right, bottom], [left, bottom]];
const TRIANGLES = [[0, 1, 2], [0, 2, 3]];

/** A personify-rig. */
export function tinyRig() {
  const end = SIZE - 1;
  return {
    format: "personify-rig",
    version: 1,
    width: SIZE,
    height: SIZE,
    frame: { origin: [32, 24], right: [1, 0], down: [0, 1], unit_px: 20 },
    landmarks: [],
    depth: null,
    pictures: { character: picture("#3060c0"), plate: picture("#ffffff"), parts: picture("#000000") },
    curves: {},
    head: { columns: 2, rows: 2, turns: [{ factors: [["yaw", 10]], by: Array(4).fill([3, 0]) }] },
    layers: [
      { name: "character", paint: "character", vertices: square(0, 0, end, end), triangles: TRIANGLES },
      {
        name: "mouth",
        paint: "#ff0000",
        vertices: square(22, 40, 42, 40),
        triangles: TRIANGLES,
        movements: [{ channel: "jaw", value: 1, vertices: [2, 3], by: [[0, 20], [0, 20]] }],
      },
    ],
  };
}

/** A personify-track of `value(name, seconds)`. */
export const track = (seconds, value, fps = 25) => ({
  format: "personify-track",
  version: 1,
  fps,
  channels: CHANNELS,
  values: Array.from({ length: Math.round(seconds * fps) }, (_, i) =>
    CHANNELS.map((name) => value(name, (i + 0.5) / fps) ?? 0),
  ),
});

/** How many rows of the canvas are red down the middle of the mouth. */
export function openRows(canvas) {
  const { data } = canvas.getContext("2d").getImageData(canvas.width / 2, 0, 1, canvas.height);
  let rows = 0;
  for (let i = 0; i < data.length; i += 4) if (data[i] > 180 && data[i + 2] < 80) rows++;
  return rows;
}
