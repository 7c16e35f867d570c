// A rig in motion: turns values of channels into moved vertices. Knows nothing of a page: no DOM, pictures or clock.
import { checkedRig } from "./rigfile.js";

/**
 * Reads a personify-rig file.
 * @param {string|object} json  the file's text, or what it holds
 * @returns {Rig}
 * @throws {RigError} (rigfile.js) for another format or version, and for a file that doesn't hold together
 */
export function readRig(json) {
  return new Rig(checkedRig(json));
}

/**
 * @typedef {object} Layer  a mesh of the rig
 * @property {string} name
 * @property {"character"|"parts"|number[]} paint  a picture, or red, green and blue, 0 to 255
 * @property {Uint16Array} triangles  three numbers each, among the vertices of all layers
 * @property {boolean} soft  whether its vertices have alpha
 * @property {boolean} slides  whether its vertices' places in the picture move
 * @property {Set<number>} moving  the vertices that a channel moves, the head aside
 */

/**
 * One portrait's rig: meshes over pictures, in one flat list of vertices. `pose` moves them.
 * Places are px, x and y in turn, the middle of a picture's first pixel being (0, 0).
 */
export class Rig {
  /** @param {object} file  see `checkedRig` */
  constructor(file) {
    /** @type {number} px */
    this.width = file.width;
    /** @type {number} px */
    this.height = file.height;
    /** Names of files, or data URIs. @type {{character: string, plate: string, parts: string}} */
    this.pictures = file.pictures;
    const count = file.layers.reduce((sum, layer) => sum + layer.vertices.length / 2, 0);
    /** How much each vertex covers, 0 to 1. */
    this.alpha = new Float32Array(count).fill(1);
    /** Where the vertices are as of the last `pose`. */
    this.places = new Float32Array(2 * count);
    /** Where in their pictures they have their colour from, likewise. */
    this.sources = new Float32Array(2 * count);
    this._rest = new Float32Array(2 * count);
    this._texture = new Float32Array(2 * count);
    this._movements = [];
    this._slides = [];
    let first = 0;
    /** In the order of drawing. @type {Layer[]} */
    this.layers = file.layers.map((layer) => {
      const start = first;
      first += layer.vertices.length / 2;
      return this._layer(layer, start);
    });
    this._head = { ...file.head, nodes: new Float32Array(2 * file.head.columns * file.head.rows) };
    this.pose({});
  }

  /**
   * Moves the vertices: `places` and `sources` are those for these values afterwards. Allocates nothing.
   * @param {Object<string, number>} values  by channel; what isn't named, or isn't a number, is at rest
   */
  pose(values) {
    this.places.set(this._rest);
    this.sources.set(this._texture);
    for (const group of this._movements) move(group, values, this.places);
    for (const group of this._slides) move(group, values, this.sources);
    if (bend(this._head, values)) turn(this._head, this.places, this.width - 1, this.height - 1);
  }

  /** Takes a layer of the file into the flat lists, its first vertex having the number `first`. */
  _layer(layer, first) {
    const rest = layer.vertices;
    if (!layer.texture) widen(rest, this.width - 1, this.height - 1);
    this._rest.set(rest, 2 * first);
    this._texture.set(layer.texture ?? rest, 2 * first);
    if (layer.alpha) this.alpha.set(layer.alpha, first);
    this._movements.push(...groups(layer.movements, first));
    this._slides.push(...groups(layer.slides, first));
    const triangles = layer.triangles.map((vertex) => first + vertex);
    const { name, paint } = layer;
    const moving = new Set(layer.movements.flatMap((movement) => movement.vertices.map((vertex) => first + vertex)));
    return { name, paint, triangles, soft: layer.alpha !== null, slides: layer.slides.length > 0, moving };
  }
}

/** A mesh that ends in the middle of the picture's outermost pixels covers the whole of them. */
function widen(places, right, bottom) {
  for (let i = 0; i < places.length; i++) {
    if (places[i] === 0) places[i] = -0.5;
    else if (places[i] === (i & 1 ? bottom : right)) places[i] += 0.5;
  }
}

/** Movements by what drives them, each group with its samples, and their values in order, 0 among them. */
function groups(movements, first) {
  const found = new Map();
  for (const { channel, scaled_by, yields_to, value, vertices, by } of movements) {
    const key = JSON.stringify([channel, scaled_by, yields_to]);
    if (!found.has(key)) found.set(key, { channel, scaled_by, yields_to, samples: [] });
    found.get(key).samples.push({ value, vertices: Uint16Array.from(vertices, (n) => first + n), by });
  }
  for (const group of found.values()) {
    group.at = Float64Array.from(new Set([0, ...group.samples.map((sample) => sample.value)])).sort();
  }
  return [...found.values()];
}

/** A channel's value; 0, at rest, where it isn't given or isn't a number. */
function valueOf(values, channel) {
  const value = values[channel];
  return Number.isFinite(value) ? value : 0;
}

function within(value, least, most) {
  return Math.min(most, Math.max(least, value));
}

/** Adds what a group of movements does to places: each sample counts by a hat function over `at`. */
function move({ channel, scaled_by, yields_to, samples, at }, values, places) {
  let strength = scaled_by === null ? 1 : within(valueOf(values, scaled_by), 0, 1);
  if (yields_to !== null) strength *= 1 - within(valueOf(values, yields_to), 0, 1);
  const value = within(valueOf(values, channel), at[0], at[at.length - 1]);
  if (value === 0 || strength === 0) return;
  let upper = 1;
  while (at[upper] < value) upper++;
  const share = (value - at[upper - 1]) / (at[upper] - at[upper - 1]);
  for (const { value: here, vertices, by } of samples) {
    const weight = strength * (here === at[upper] ? share : here === at[upper - 1] ? 1 - share : 0);
    if (weight === 0) continue;
    for (let i = 0; i < vertices.length; i++) {
      places[2 * vertices[i]] += weight * by[2 * i];
      places[2 * vertices[i] + 1] += weight * by[2 * i + 1];
    }
  }
}

/** Moves the nodes of the head's grid, a polynomial of the channels each; whether any has moved. */
function bend({ nodes, turns }, values) {
  let moved = false;
  nodes.fill(0);
  for (const { factors, by } of turns) {
    let weight = 1;
    for (let i = 0; i < factors.length; i++) weight *= valueOf(values, factors[i][0]) / factors[i][1];
    if (weight === 0) continue;
    moved = true;
    for (let i = 0; i < by.length; i++) nodes[i] += weight * by[i];
  }
  return moved;
}

/** Moves places on as the head's nodes have moved, bilinear between four of them. */
function turn({ columns, rows, nodes }, places, right, bottom) {
  for (let i = 0; i < places.length; i += 2) {
    const x = within((places[i] * (columns - 1)) / right, 0, columns - 1);
    const y = within((places[i + 1] * (rows - 1)) / bottom, 0, rows - 1);
    const column = Math.min(columns - 2, x | 0);
    const row = Math.min(rows - 2, y | 0);
    const above = 2 * (row * columns + column);
    const below = above + 2 * columns;
    for (let k = 0; k < 2; k++) {
      const up = nodes[above + k] + (x - column) * (nodes[above + k + 2] - nodes[above + k]);
      const down = nodes[below + k] + (x - column) * (nodes[below + k + 2] - nodes[below + k]);
      places[i + k] += up + (y - row) * (down - up);
    }
  }
}
