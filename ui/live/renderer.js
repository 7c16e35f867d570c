// Shows a rig on a canvas: with WebGL where a GPU draws and as long as it lasts, otherwise with canvas 2D.
import { canvas2dDrawer } from "./canvas2d.js";
import { webglDrawer } from "./webgl.js";

const MOST_PX = 4096;

/**
 * @typedef {object} Renderer
 * @property {"webgl"|"canvas2d"} kind  what draws now; a lost WebGL context may come back
 * @property {function(Object<string, number>): void} draw  a frame for values by channel; what isn't named is at rest
 * @property {function(): void} dispose  frees what it holds; the canvas keeps its last frame
 */

/**
 * Sizes the canvas to the rig's pixels times `scale`. The canvas is only painted on, so that it stays the same
 * whatever draws: WebGL has a canvas of its own behind it.
 * @param {HTMLCanvasElement} canvas
 * @param {import("./rig.js").Rig} rig
 * @param {{character: HTMLImageElement, plate: HTMLImageElement, parts: HTMLImageElement}} pictures
 * @param {{prefer?: "webgl"|"canvas2d", scale?: number, emulated?: boolean}} options  `scale`: pixels drawn for each of
 *   the portrait's, along a side; `emulated`: take a WebGL that the browser computes without a GPU, though canvas 2D is
 *   several times as quick then
 * @returns {Renderer}
 */
export function createRenderer(canvas, rig, pictures, { prefer = "webgl", scale = 1, emulated = false } = {}) {
  if (!(scale > 0 && Math.max(rig.width, rig.height) * scale <= MOST_PX)) {
    throw new Error(`a scale of ${scale} makes ${rig.width} x ${rig.height} pixels none, or more than ${MOST_PX}`);
  }
  canvas.width = Math.max(1, Math.round(rig.width * scale));
  canvas.height = Math.max(1, Math.round(rig.height * scale));
  const page = canvas.getContext("2d", { alpha: false });
  const webgl = prefer === "webgl" ? webglDrawer(rig, pictures, scale, emulated) : null;
  let canvas2d = null;
  return {
    get kind() {
      return webgl?.usable ? "webgl" : "canvas2d";
    },
    draw(values) {
      const drawer = webgl?.usable ? webgl : (canvas2d ??= canvas2dDrawer(rig, pictures, scale));
      drawer.draw(values);
      page.drawImage(drawer.canvas, 0, 0, canvas.width, canvas.height);
    },
    dispose() {
      webgl?.dispose();
      canvas2d?.dispose();
    },
  };
}

/**
 * A rig's pictures, decoded.
 * @param {import("./rig.js").Rig} rig
 * @param {string} base  what the names of its files are relative to; of no use to pictures within the rig
 * @returns {Promise<{character: HTMLImageElement, plate: HTMLImageElement, parts: HTMLImageElement}>}
 * @throws {Error} naming a picture that doesn't load, or hasn't the rig's size
 */
export async function loadPictures(rig, base = "") {
  const load = async ([name, source]) => {
    const image = new Image();
    image.src = source.startsWith("data:") ? source : base + source;
    await image.decode().catch(() => {
      throw new Error(`the rig's picture "${name}" can't be loaded`);
    });
    const { width, height } = image;
    const fits = name === "parts" ? Math.max(width, height) <= MOST_PX : width === rig.width && height === rig.height;
    if (!fits) throw new Error(`the rig's picture "${name}" has ${width} x ${height} pixels`);
    return [name, image];
  };
  return Object.fromEntries(await Promise.all(Object.entries(rig.pictures).map(load)));
}
