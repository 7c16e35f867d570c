// Checks a personify-rig file, version 1 (docs/talking-head.md): what comes out can be drawn without further questions.

/** What a rig may hold; more is refused, so that a broken or hostile file costs little. */
const MOST = { size: 4096, layers: 64, vertices: 65000, triangles: 131072, moved: 2e6, nodes: 16384, turns: 64, px: 1e5 };
const FILE = /^[A-Za-z0-9_-][A-Za-z0-9._-]*\.png$/;
const DATA = "data:image/png;base64,";

/** A file that isn't a rig which can be drawn; its message names what and where. */
export class RigError extends Error {
  name = "RigError";
}

/**
 * @typedef {object} Movement
 * @property {string} channel
 * @property {number} value  of the channel, at which the vertices have moved so far; never 0
 * @property {string|null} scaled_by
 * @property {string|null} yields_to
 * @property {number[]} vertices  numbers within the layer
 * @property {Float32Array} by  x and y in turn, px
 */

/**
 * What is drawn of a file, checked, its pairs flat: x and y in turn, px.
 * @param {string|object} json  the file's text, or what it holds
 * @returns {object} as in the file; `layers[i].vertices`, `.texture` (null if empty), `.alpha` (null if empty) and all
 *   `by` as Float32Array, `.triangles` as Uint16Array, `.paint` a name or [red, green, blue]
 * @throws {RigError} for another format or version, and for a file that doesn't hold together
 */
export function checkedRig(json) {
  let file = json;
  if (typeof json === "string") {
    try {
      file = JSON.parse(json);
    } catch {
      fail("the rig", "isn't JSON");
    }
  }
  object(file, "the rig");
  if (file.format !== "personify-rig") fail("format", `is ${told(file.format)}, not "personify-rig"`);
  if (file.version !== 1) fail("version", `is ${told(file.version)}; only personify-rig 1 is known`);
  const left = { vertices: MOST.vertices, triangles: MOST.triangles, moved: MOST.moved };
  return {
    width: whole(file.width, "width", 2, MOST.size),
    height: whole(file.height, "height", 2, MOST.size),
    pictures: picturesOf(object(file.pictures, "pictures")),
    head: headOf(object(file.head, "head")),
    layers: list(file.layers, "layers", MOST.layers).map((layer, i) => layerOf(layer, `layers[${i}]`, left)),
  };
}

function layerOf(layer, at, left) {
  object(layer, at);
  const count = spend(left, "vertices", layer.vertices, `${at}.vertices`);
  const triangles = new Uint16Array(3 * spend(left, "triangles", layer.triangles, `${at}.triangles`));
  layer.triangles.forEach((triangle, i) => {
    if (list(triangle, `${at}.triangles[${i}]`, 3).length !== 3) fail(`${at}.triangles[${i}]`, "hasn't three corners");
    triangle.forEach((n, k) => (triangles[3 * i + k] = whole(n, `${at}.triangles[${i}]`, 0, count - 1)));
  });
  const [texture, alpha, movements, slides] = ["texture", "alpha", "movements", "slides"].map((key) =>
    list(layer[key] ?? [], `${at}.${key}`, MOST.vertices));
  if (alpha.length && alpha.length !== count) fail(`${at}.alpha`, `has ${alpha.length} values for ${count} vertices`);
  const moved = (movement, i) => movementOf(object(movement, `a movement of ${at}`), `${at}, movement ${i}`, count, left);
  return {
    name: text(layer.name, `${at}.name`),
    paint: paintOf(layer.paint, `${at}.paint`),
    vertices: points(layer.vertices, `${at}.vertices`, count),
    triangles,
    texture: texture.length ? points(texture, `${at}.texture`, count) : null,
    alpha: alpha.length ? Float32Array.from(alpha, (value) => number(value, `${at}.alpha`, 0, 1)) : null,
    movements: movements.map(moved),
    slides: slides.map(moved),
  };
}

/** @returns {Movement} */
function movementOf(movement, at, count, left) {
  const [scaled_by, yields_to] = ["scaled_by", "yields_to"].map((key) =>
    movement[key] == null ? null : text(movement[key], `${at}: ${key}`));
  if (number(movement.value, `${at}: value`) === 0) fail(`${at}: value`, "is 0, where nothing moves");
  const moved = spend(left, "moved", movement.vertices, `${at}: vertices`);
  movement.vertices.forEach((n) => whole(n, `${at}: vertices`, 0, count - 1));
  return {
    channel: text(movement.channel, `${at}: channel`),
    value: movement.value,
    scaled_by,
    yields_to,
    vertices: movement.vertices,
    by: points(movement.by, `${at}: by`, moved),
  };
}

function headOf(head) {
  const [columns, rows] = ["columns", "rows"].map((key) => whole(head[key], `head.${key}`, 2, MOST.nodes / 2));
  if (columns * rows > MOST.nodes) fail("head", `has ${columns} x ${rows} nodes, more than ${MOST.nodes}`);
  const turns = list(head.turns, "head.turns", MOST.turns).map((turn, i) => {
    const at = `head.turns[${i}]`;
    const factors = list(object(turn, at).factors, `${at}.factors`, 8).map((factor) => {
      const [name, unit] = list(factor, `${at}.factors`, 2);
      if (number(unit, `${at}.factors`) === 0) fail(`${at}.factors`, "has the unit 0");
      return [text(name, `${at}.factors`), unit];
    });
    return { factors, by: points(turn.by, `${at}.by`, columns * rows) };
  });
  return { columns, rows, turns };
}

function picturesOf({ character, plate, parts }) {
  const pictures = { character, plate, parts };
  for (const [name, source] of Object.entries(pictures)) {
    const good = typeof source === "string" && (source.startsWith(DATA) || (source.length < 256 && FILE.test(source)));
    if (!good) fail(`pictures.${name}`, "is neither the name of a PNG file nor a PNG as a data URI");
  }
  return pictures;
}

function paintOf(paint, at) {
  if (paint === "character" || paint === "parts") return paint;
  if (typeof paint !== "string" || !/^#[0-9a-f]{6}$/.test(paint)) {
    fail(at, `is ${told(paint)}, neither "character", "parts" nor a colour like "#a64444"`);
  }
  return [1, 3, 5].map((i) => parseInt(paint.slice(i, i + 2), 16));
}

/** Pairs of numbers, flat. */
function points(pairs, at, count) {
  if (list(pairs, at, count).length !== count) fail(at, `has ${pairs.length} of ${count} pairs`);
  const flat = new Float32Array(2 * count);
  pairs.forEach((pair, i) => {
    if (!Array.isArray(pair) || pair.length !== 2) fail(`${at}[${i}]`, "isn't a pair of numbers");
    flat[2 * i] = number(pair[0], at, -MOST.px, MOST.px);
    flat[2 * i + 1] = number(pair[1], at, -MOST.px, MOST.px);
  });
  return flat;
}

/** The length of a list, taken off what is left for all lists of its kind. */
function spend(left, kind, value, at) {
  const count = list(value, at, left[kind]).length;
  left[kind] -= count;
  return count;
}

function object(value, at) {
  if (value === null || typeof value !== "object" || Array.isArray(value)) fail(at, "isn't an object");
  return value;
}

function list(value, at, most) {
  if (!Array.isArray(value)) fail(at, "isn't a list");
  if (value.length > most) fail(at, `has ${value.length} entries, more than the ${most} there may be`);
  return value;
}

function text(value, at) {
  if (typeof value !== "string" || value.length > 100) fail(at, "isn't a short text");
  return value;
}

function number(value, at, least = -Number.MAX_VALUE, most = Number.MAX_VALUE) {
  if (!(value >= least && value <= most) || typeof value !== "number") {
    fail(at, `is ${told(value)}, not a number from ${least} to ${most}`);
  }
  return value;
}

function whole(value, at, least, most) {
  return Number.isInteger(value) ? number(value, at, least, most) : fail(at, `is ${told(value)}, not a whole number`);
}

function fail(at, what) {
  throw new RigError(`${at} ${what}`);
}

/** A value within a message: short, whatever it is. */
function told(value) {
  const words = value !== null && typeof value === "object" ? typeof value : String(JSON.stringify(value) ?? value);
  return words.length > 40 ? `${words.slice(0, 40)}...` : words;
}
