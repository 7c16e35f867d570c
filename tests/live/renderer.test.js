// renderer.js with both ways of drawing: what is on the canvas, to the pixel.
import { createRenderer, loadPictures } from "/personify/live/renderer.js";
import { readRig } from "/personify/live/rig.js";
import { check, near, same, test, throws, until } from "/tests/harness.js";
import { moving, picture, pixelOf, smallRig } from "/tests/small_rig.js";

const KINDS = ["webgl", "canvas2d"];
const SQUARE = { vertices: [[0, 0], [7, 0], [0, 7], [7, 7]] };

function filled(...colours) {
  const [character, plate, parts] = colours.map((colour) =>
    picture(8, 8, (page) => {
      page.fillStyle = colour;
      page.fillRect(0, 0, 8, 8);
    }));
  return { character, plate, parts: parts ?? character };
}

/** Draws with each kind in turn; `look(canvas, renderer, kind)` sees the first frame. */
function eachKind(rig, pictures, values, look, options = {}) {
  for (const prefer of KINDS) {
    const canvas = document.createElement("canvas");
    const renderer = createRenderer(canvas, readRig(rig), pictures, { prefer, emulated: true, ...options });
    same(renderer.kind, prefer);
    renderer.draw(values);
    look(canvas, renderer, prefer);
    renderer.dispose();
  }
}

test("the plate is drawn, and each layer over it in its place", () => {
  eachKind(smallRig(), filled("#204060", "#ff8000"), {}, (canvas, _, kind) => {
    same([canvas.width, canvas.height], [8, 8]);
    same(pixelOf(canvas, 0, 0), [255, 128, 0, 255], kind);
    same(pixelOf(canvas, 3, 3), [32, 64, 96, 255], kind);
    same(pixelOf(canvas, 6, 6), [255, 128, 0, 255], kind);
  });
});

test("a mesh over the whole picture leaves no border", () => {
  eachKind(smallRig({ layer: SQUARE }), filled("#204060", "#ff8000"), {}, (canvas, _, kind) => {
    for (const [x, y] of [[0, 0], [7, 0], [0, 7], [7, 7], [3, 7], [7, 3]]) {
      same(pixelOf(canvas, x, y), [32, 64, 96, 255], `${kind} ${x} ${y}`);
    }
  });
});

test("a layer may be a colour, covering as much as its vertices say", () => {
  const layer = { ...SQUARE, texture: SQUARE.vertices, paint: "#c80000", alpha: [0, 1, 0, 1] };
  eachKind(smallRig({ layer }), filled("#000", "#0000c8"), {}, (canvas, _, kind) => {
    for (const x of [1, 3, 5]) {
      near(pixelOf(canvas, x, 4), [(200 * x) / 7, 0, 200 - (200 * x) / 7, 255], 2, `${kind} ${x}`);
    }
  });
});

test("a picture's own alpha counts, times that of the vertices", () => {
  const pictures = filled("rgb(200 100 0 / 50%)", "#fff");
  eachKind(smallRig({ layer: { ...SQUARE, alpha: Array(4).fill(0.5) } }), pictures, {}, (canvas, _, kind) => {
    near(pixelOf(canvas, 4, 4), [0.25 * 200 + 0.75 * 255, 0.25 * 100 + 0.75 * 255, 0.75 * 255, 255], 2, kind);
  });
});

test("what is transparent lends its colour to no edge", () => {
  const character = picture(8, 8, (page) => {
    page.fillStyle = "#fff";
    page.fillRect(0, 0, 4, 8); // beside it is transparent black
  });
  const pictures = { ...filled("#000", "#fff"), character };
  eachKind(smallRig({ layer: SQUARE, head: tilted() }), pictures, { roll: 1 }, (canvas, _, kind) => {
    for (let x = 0; x < 8; x++) near(pixelOf(canvas, x, 4), [255, 255, 255, 255], 1, `${kind} ${x}`);
  });
});

/** A head that moves everything by a third of a pixel to the right. */
function tilted() {
  return { turns: [{ factors: [["roll", 1]], by: Array(4).fill([1 / 3, 0]) }] };
}

test("between a picture's pixels colours are mixed", () => {
  const character = picture(8, 8, (page) => {
    for (let x = 0; x < 8; x++) {
      page.fillStyle = `rgb(${x * 30} 0 0)`;
      page.fillRect(x, 0, 1, 8);
    }
  });
  eachKind(smallRig({ layer: SQUARE, head: tilted() }), { ...filled("#000", "#000"), character }, { roll: 1 }, (canvas, _, kind) => {
    for (const x of [1, 4, 6]) near(pixelOf(canvas, x, 3), [30 * (x - 1 / 3), 0, 0, 255], 2, `${kind} ${x}`);
  });
});

test("a texture is that of the file, and slides", () => {
  const parts = picture(20, 10, (page) => {
    page.fillStyle = "#00ff00";
    page.fillRect(0, 0, 10, 10);
    page.fillStyle = "#0000ff";
    page.fillRect(10, 0, 10, 10);
  });
  const texture = [[1, 1], [4, 1], [1, 4], [4, 4]];
  const slides = [moving("gaze_x", 10, 12, { vertices: [0, 1, 2, 3], by: Array(4).fill([12, 2]) })];
  const rig = smallRig({ layer: { paint: "parts", texture, slides } });
  eachKind(rig, { ...filled("#000", "#fff"), parts }, {}, (canvas, renderer, kind) => {
    same(pixelOf(canvas, 3, 3), [0, 255, 0, 255], kind);
    renderer.draw({ gaze_x: 10 });
    same(pixelOf(canvas, 3, 3), [0, 0, 255, 255], kind);
    renderer.draw({});
    same(pixelOf(canvas, 3, 3), [0, 255, 0, 255], kind);
  });
});

test("triangles cover every pixel between them once, however they are moved", () => {
  const columns = 9;
  const side = 32;
  let state = 7;
  const random = () => ((state = (state * 16807) % 2147483647) / 2147483647);
  const vertices = [];
  const triangles = [];
  for (let row = 0; row < columns; row++) {
    for (let column = 0; column < columns; column++) {
      const inner = row > 0 && column > 0 && row < columns - 1 && column < columns - 1;
      const moved = (at) => (at * (side - 1)) / (columns - 1) + (inner ? 1.8 * (random() - 0.5) : 0);
      vertices.push([moved(column), moved(row)]);
      const n = row * columns + column;
      if (row && column) triangles.push([n, n - 1, n - columns], [n - 1, n - columns - 1, n - columns]);
    }
  }
  const rig = smallRig({ width: side, height: side, layer: { vertices, triangles } });
  const solid = (colour) => picture(side, side, (page) => {
    page.fillStyle = colour;
    page.fillRect(0, 0, side, side);
  });
  // Half transparent: a pixel drawn twice would be darker, one left out lighter.
  const pictures = { character: solid("rgb(0 0 0 / 50%)"), plate: solid("#fff"), parts: solid("#000") };
  eachKind(rig, pictures, {}, (canvas, _, kind) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, side, side);
    for (let i = 0; i < data.length; i += 4) check(Math.abs(data[i] - 127) <= 2, `${kind}: pixel ${i / 4} is ${data[i]}`);
  });
});

test("an edge that moves is soft without WebGL, and changes nothing at rest", () => {
  const moves = { vertices: [1, 3], by: [[-2.5, 0], [-4, 0]] };
  const rig = smallRig({ layer: { ...SQUARE, movements: [moving("jaw", 1, 0, moves)] } });
  const canvas = document.createElement("canvas");
  const renderer = createRenderer(canvas, readRig(rig), filled("#000", "#fff"), { prefer: "canvas2d" });
  const row = (y) => [0, 1, 2, 3, 4, 5, 6, 7].map((x) => pixelOf(canvas, x, y)[0]);
  renderer.draw({});
  same(row(4), Array(8).fill(0));
  renderer.draw({ jaw: 1 });
  // The edge goes from (5, -0.5) to (3.5, 7.5), a mesh over the whole picture being half a pixel wider on each side.
  for (let y = 1; y < 7; y++) {
    const edge = 5 - (1.5 * (y + 0.5)) / 8;
    const seen = row(y);
    for (let x = 0; x < 8; x++) near(seen[x], 255 * Math.min(1, Math.max(0, x - edge)), 8, `row ${y}, pixel ${x}`);
  }
});

test("triangles far outside or without area draw nothing and cost nothing", () => {
  const layer = { vertices: [[-9e4, -9e4], [-8e4, -9e4], [9e4, 9e4], [4, 4]], triangles: [[0, 1, 0], [3, 3, 3], [0, 1, 1]] };
  eachKind(smallRig({ layer }), filled("#000", "#fff"), {}, (canvas) => same(pixelOf(canvas, 4, 4), [255, 255, 255, 255]));
});

test("values beyond all numbers leave a canvas that is drawn again", () => {
  const head = { turns: [{ factors: [["yaw", 1]], by: Array(4).fill([2, 1]) }] };
  eachKind(smallRig({ head }), filled("#204060", "#fff"), { yaw: 1e308 }, (canvas, renderer, kind) => {
    renderer.draw({});
    same(pixelOf(canvas, 3, 3), [32, 64, 96, 255], kind);
  });
});

test("at a larger scale the canvas is larger; canvas 2D draws small and stretches", () => {
  eachKind(smallRig({ layer: SQUARE }), filled("#204060", "#fff"), {}, (canvas) => {
    same([canvas.width, canvas.height], [16, 16]);
    same(pixelOf(canvas, 0, 15), [32, 64, 96, 255]);
  }, { scale: 2 });
  eachKind(smallRig({ layer: { ...SQUARE, paint: "#00ff00" } }), filled("#000", "#fff"), {}, (canvas) => {
    same([canvas.width, canvas.height], [4, 4]);
    same(pixelOf(canvas, 2, 2), [0, 255, 0, 255]);
  }, { scale: 0.5 });
});

test("a scale that can't be drawn is refused", async () => {
  for (const scale of [0, -1, NaN, 513]) {
    const canvas = document.createElement("canvas");
    await throws(() => createRenderer(canvas, readRig(smallRig()), filled("#000", "#fff"), { scale }), /scale/);
  }
});

test("without a GPU it is the rasterizer that draws", () => {
  const canvas = document.createElement("canvas");
  const renderer = createRenderer(canvas, readRig(smallRig()), filled("#204060", "#fff"));
  same(renderer.kind, "canvas2d");
  renderer.draw({});
  same(pixelOf(canvas, 3, 3), [32, 64, 96, 255]);
});

test("a lost WebGL context is drawn on without, and used again when it is back", async () => {
  const asked = HTMLCanvasElement.prototype.getContext;
  let gl;
  HTMLCanvasElement.prototype.getContext = function (...what) {
    const found = asked.apply(this, what);
    if (what[0] === "webgl" && found) gl = found;
    return found;
  };
  const canvas = document.createElement("canvas");
  let renderer;
  try {
    const rig = readRig(smallRig({ layer: { movements: [moving("jaw", 1, 0, { vertices: [1, 3], by: [[-3, 0], [-3, 0]] })] } }));
    renderer = createRenderer(canvas, rig, filled("#204060", "#fff"), { emulated: true });
  } finally {
    HTMLCanvasElement.prototype.getContext = asked;
  }
  const extension = gl.getExtension("WEBGL_lose_context");
  const expect = (kind) => {
    same(renderer.kind, kind);
    renderer.draw({});
    same(pixelOf(canvas, 3, 3), [32, 64, 96, 255], kind);
    renderer.draw({ jaw: 1 });
    same(pixelOf(canvas, 3, 3), [255, 255, 255, 255], kind);
  };
  expect("webgl");
  extension.loseContext();
  expect("canvas2d");
  await new Promise((resolve) => setTimeout(resolve)); // the event that it is lost
  expect("canvas2d");
  extension.restoreContext();
  await until(() => renderer.kind === "webgl");
  expect("webgl");
  renderer.dispose();
});

test("pictures are loaded from beside the rig or from within it", async () => {
  const source = filled("#204060", "#fff").character.toDataURL();
  const rig = readRig(smallRig({ pictures: { character: source, plate: source, parts: source } }));
  const pictures = await loadPictures(rig);
  same(Object.keys(pictures), ["character", "plate", "parts"]);
  const canvas = document.createElement("canvas");
  createRenderer(canvas, rig, pictures).draw({});
  same(pixelOf(canvas, 3, 3), [32, 64, 96, 255]);
});

test("a picture that doesn't load or fit is named", async () => {
  await throws(() => loadPictures(readRig(smallRig()), "/nowhere/"), /picture "(character|plate|parts)" can't be loaded/);
  const small = filled("#204060", "#fff").plate.toDataURL();
  const wide = picture(9, 8, () => {}).toDataURL();
  const pictures = { character: small, plate: wide, parts: small };
  await throws(() => loadPictures(readRig(smallRig({ pictures }))), /picture "plate" has 9 x 8 pixels/);
  const broken = { character: small, plate: small, parts: "data:image/png;base64,AAAA" };
  await throws(() => loadPictures(readRig(smallRig({ pictures: broken }))), /picture "parts" can't be loaded/);
});
