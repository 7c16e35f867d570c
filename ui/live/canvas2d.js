// Draws a rig without WebGL: raster.js into the pixels of a canvas 2D, at most one for each of the portrait's.
import { Fringe } from "./fringe.js";
import { drawTriangles } from "./raster.js";

/**
 * @param {import("./rig.js").Rig} rig
 * @param {{character: CanvasImageSource, plate: CanvasImageSource, parts: CanvasImageSource}} pictures
 * @param {number} scale  pixels drawn for each of the portrait's, along a side; above 1 it is 1
 * @returns {import("./webgl.js").Drawer}
 */
export function canvas2dDrawer(rig, pictures, scale) {
  const share = Math.min(1, scale);
  const [width, height] = [rig.width, rig.height].map((side) => Math.max(1, Math.round(side * share)));
  const [canvas, page] = canvasOf(width, height);
  const image = page.createImageData(width, height);
  const frame = { pixels: new Int32Array(image.data.buffer), width, height };
  const plate = bitmapOf(pictures.plate, width, height).pixels;
  const known = { character: bitmapOf(pictures.character), parts: bitmapOf(pictures.parts) };
  const layers = rig.layers.map((layer) => {
    const texture = known[layer.paint] ?? colourOf(layer.paint);
    const triangles = layer.slides ? layer.triangles : shown(layer.triangles, rig.sources, texture);
    // Beside a part, other parts may lie in their picture; what ends there is soft by its own alpha.
    const fringe = layer.soft || layer.paint === "parts" ? null : new Fringe(layer.triangles, layer.moving);
    return { texture, triangles, fringe, alpha: layer.soft ? rig.alpha : null };
  });
  const places = new Float32Array(rig.places.length);
  const [right, down] = [width / rig.width, height / rig.height];
  return {
    canvas,
    usable: true,
    draw(values) {
      rig.pose(values);
      for (let i = 0; i < places.length; i += 2) {
        places[i] = (rig.places[i] + 0.5) * right - 0.5;
        places[i + 1] = (rig.places[i + 1] + 0.5) * down - 0.5;
      }
      frame.pixels.set(plate);
      for (const { texture, triangles, alpha, fringe } of layers) {
        drawTriangles(frame, texture, triangles, places, rig.sources, alpha);
        fringe?.draw(frame, texture, places, rig.sources);
      }
      page.putImageData(image, 0, 0);
    },
    dispose() {
      canvas.width = canvas.height = 0;
    },
  };
}

/** A canvas, and what draws on it and reads from it. */
function canvasOf(width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  return [canvas, canvas.getContext("2d", { willReadFrequently: true })];
}

/** A picture's pixels, at its own size or another. @returns {import("./raster.js").Bitmap} */
function bitmapOf(picture, width = picture.width, height = picture.height) {
  const [, page] = canvasOf(width, height);
  page.drawImage(picture, 0, 0, width, height);
  const { data } = page.getImageData(0, 0, width, height);
  for (let i = 0; i < data.length; i += 4) {
    const alpha = data[i + 3] / 255;
    if (alpha < 1) for (let k = i; k < i + 3; k++) data[k] *= alpha; // rounds by itself
  }
  return { pixels: new Int32Array(data.buffer), width, height };
}

/** A colour as a picture of one pixel. */
function colourOf([red, green, blue]) {
  return { pixels: new Int32Array(Uint8Array.of(red, green, blue, 255).buffer), width: 1, height: 1 };
}

/** Triangles without those on whose part of the picture nothing is. */
function shown(triangles, sources, { pixels, width, height }) {
  const range = (corners, axis, size) => {
    const at = Array.from(corners, (vertex) => sources[2 * vertex + axis]);
    return [Math.max(0, Math.floor(Math.min(...at))), Math.min(size - 1, Math.ceil(Math.max(...at)))];
  };
  const seen = [];
  for (let i = 0; i < triangles.length; i += 3) {
    const corners = triangles.subarray(i, i + 3);
    const [left, right] = range(corners, 0, width);
    const [top, bottom] = range(corners, 1, height);
    let any = left > right || top > bottom; // outside, where the outermost pixels go on
    for (let y = top; y <= bottom && !any; y++) {
      for (let x = left; x <= right && !any; x++) any = pixels[y * width + x] !== 0;
    }
    if (any) seen.push(...corners);
  }
  return Uint16Array.from(seen);
}
