// A rig as small as one can be, for the tests: a square of 4 vertices over 8 x 8 pixels, and what to change in it.

/** What of a file is drawn; `layer`, `head` and `more` replace what is in it. */
export function smallRig({ layer = {}, head = {}, ...more } = {}) {
  return {
    format: "personify-rig",
    version: 1,
    width: 8,
    height: 8,
    pictures: { character: "character.png", plate: "plate.png", parts: "parts.png" },
    head: { columns: 2, rows: 2, turns: [], ...head },
    layers: [
      {
        name: "square",
        paint: "character",
        vertices: [[2, 2], [5, 2], [2, 5], [5, 5]],
        triangles: [[0, 1, 2], [1, 3, 2]],
        ...layer,
      },
    ],
    ...more,
  };
}

/** A movement of the first vertex to the right. */
export function moving(channel, value, by, more = {}) {
  return { channel, value, vertices: [0], by: [[by, 0]], scaled_by: null, yields_to: null, ...more };
}

/** A canvas as a picture: `paint(page, width, height)` draws on it. */
export function picture(width, height, paint) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  paint(canvas.getContext("2d"), width, height);
  return canvas;
}

/** A pixel of a canvas 2D: red, green, blue, alpha. */
export function pixelOf(canvas, x, y) {
  return [...canvas.getContext("2d").getImageData(x, y, 1, 1).data];
}
