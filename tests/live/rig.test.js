// rig.js and rigfile.js: what channels do to vertices, and which files are refused.
import { readRig } from "/personify/live/rig.js";
import { RigError } from "/personify/live/rigfile.js";
import { check, near, same, test, throws } from "/tests/harness.js";
import { moving, smallRig } from "/tests/small_rig.js";

/** How far the first vertex has moved to the right. */
function right(rig, values) {
  rig.pose(values);
  return rig.places[0] - 2;
}

test("at rest every vertex is where the file says, and has its colour from there", () => {
  const rig = readRig(smallRig());
  rig.pose({});
  same(rig.places, [2, 2, 5, 2, 2, 5, 5, 5]);
  same(rig.sources, rig.places);
  same(rig.alpha, [1, 1, 1, 1]);
  const [{ name, paint, triangles, soft, slides, moving: moved }] = rig.layers;
  same([name, paint, triangles, soft, slides, [...moved]], ["square", "character", [0, 1, 2, 1, 3, 2], false, false, []]);
});

test("a file may come as text", () => {
  same(readRig(JSON.stringify(smallRig())).places, readRig(smallRig()).places);
});

test("between the values of a channel, and 0, movements are linear, and stay beyond them", () => {
  const movements = [moving("jaw", 1, 3), moving("jaw", -1, 5), moving("jaw", 0.25, 1)]; // in no order
  const rig = readRig(smallRig({ layer: { movements } }));
  const seen = [-9, -1, -0.5, 0, 0.125, 0.25, 0.625, 1, 7].map((jaw) => right(rig, { jaw }));
  near(seen, [5, 5, 2.5, 0, 0.5, 1, 2, 3, 3]);
});

test("a layer knows which vertices its channels move", () => {
  const movements = [moving("jaw", 1, 3), moving("smile", 1, 1, { vertices: [3, 0], by: [[1, 1], [0, 1]] })];
  const layers = [smallRig().layers[0], { ...smallRig().layers[0], movements }];
  same(readRig(smallRig({ layers })).layers.map((layer) => [...layer.moving]), [[], [4, 7]]);
});

test("movements of several channels add up", () => {
  const rig = readRig(smallRig({ layer: { movements: [moving("jaw", 1, 3), moving("smile", 1, -1)] } }));
  near(right(rig, { jaw: 1, smile: 0.5 }), 2.5);
});

test("one channel scales a movement, another holds it back, both within 0 and 1", () => {
  const scaled = readRig(smallRig({ layer: { movements: [moving("tongue", 1, 4, { scaled_by: "jaw" })] } }));
  near([{ tongue: 1 }, { tongue: 1, jaw: 0.5 }, { tongue: 1, jaw: 3 }, { tongue: 1, jaw: -1 }].map((v) => right(scaled, v)), [0, 2, 4, 0]);
  const yielding = readRig(smallRig({ layer: { movements: [moving("gaze_y", 10, 4, { yields_to: "blink" })] } }));
  near([{ gaze_y: 5 }, { gaze_y: 10, blink: 0.25 }, { gaze_y: 10, blink: 2 }].map((v) => right(yielding, v)), [2, 3, 0]);
});

test("movements with different scales are groups of their own", () => {
  const movements = [moving("tongue", 1, 4, { scaled_by: "jaw" }), moving("tongue", 0.5, 1)];
  near(right(readRig(smallRig({ layer: { movements } })), { tongue: 1, jaw: 0.5 }), 3);
});

test("slides move where colours come from, and nothing else", () => {
  const rig = readRig(smallRig({ layer: { texture: [[0, 0], [1, 0], [0, 1], [1, 1]], slides: [moving("gaze_x", 25, 0.5)] } }));
  rig.pose({ gaze_x: 25 });
  same(rig.places, [2, 2, 5, 2, 2, 5, 5, 5]);
  same(rig.sources, [0.5, 0, 1, 0, 0, 1, 1, 1]);
  same(rig.layers[0].slides, true);
});

test("the head moves places by a polynomial of its channels", () => {
  const by = Array(4).fill([2, 1]);
  const turn = (...factors) => readRig(smallRig({ head: { turns: [{ factors, by }] } }));
  near(right(turn(["yaw", 15]), { yaw: 7.5 }), 1);
  near(right(turn(["yaw", 15], ["yaw", 15]), { yaw: -30 }), 8);
  near(right(turn(["yaw", 15], ["roll", 5]), { yaw: 15, roll: -5 }), -2);
  near(right(turn(["yaw", 15], ["roll", 5]), { yaw: 15 }), 0);
});

test("between its nodes the head is bilinear, at the place where a vertex has already moved to", () => {
  const by = [[0, 0], [7, 0], [0, 0], [7, 14]];
  const layer = { movements: [moving("jaw", 1, 3)] };
  const rig = readRig(smallRig({ layer, head: { turns: [{ factors: [["yaw", 1]], by }] } }));
  rig.pose({ yaw: 1, jaw: 1 });
  near(rig.places.slice(0, 2), [5 + 5, 2 + (14 * 5 * 2) / 49], 1e-5);
});

test("beyond the picture the head moves as at its border", () => {
  const layer = { vertices: [[-20, -3], [5, 2], [2, 5], [30, 90]] };
  const by = [[1, 2], [3, 4], [5, 6], [7, 8]];
  const rig = readRig(smallRig({ layer, head: { turns: [{ factors: [["roll", 1]], by }] } }));
  rig.pose({ roll: 1 });
  near([...rig.places.slice(0, 2), ...rig.places.slice(6)], [-19, -1, 37, 98]);
});

test("a mesh that ends in the middle of the outermost pixels covers them", () => {
  const vertices = [[0, 0], [7, 0], [0, 7], [7, 7]];
  const bare = readRig(smallRig({ layer: { vertices } }));
  same(bare.places, [-0.5, -0.5, 7.5, -0.5, -0.5, 7.5, 7.5, 7.5]);
  same(bare.sources, bare.places);
  same(readRig(smallRig({ layer: { vertices, texture: vertices } })).places, vertices.flat());
});

test("what isn't a number is at rest", () => {
  const head = { turns: [{ factors: [["yaw", 15]], by: Array(4).fill([2, 1]) }] };
  const rig = readRig(smallRig({ layer: { movements: [moving("jaw", 1, 3), moving("toString", 1, 3)] }, head }));
  for (const odd of [NaN, Infinity, -Infinity, "1", null, undefined, {}]) near(right(rig, { jaw: odd, yaw: odd }), 0);
  rig.pose({ yaw: 1e308, jaw: 1 }); // beyond any number a vertex can have: it may be anywhere, but nothing hangs
});

const REFUSED = [
  [{ format: "personify-track" }, /format is "personify-track", not "personify-rig"/],
  [{ version: 2 }, /version is 2; only personify-rig 1/],
  [{ version: "1" }, /version is "1"/],
  [{ width: 1e9 }, /width is 1000000000, not a number from 2 to 4096/],
  [{ height: 7.5 }, /height is 7.5, not a whole number/],
  [{ layers: null }, /layers isn't a list/],
  [{ layers: Array(65).fill({}) }, /layers has 65 entries/],
  [{ pictures: [] }, /pictures isn't an object/],
  [{ pictures: { character: "../secret.png", plate: "plate.png", parts: "parts.png" } }, /pictures.character is neither/],
  [{ pictures: { character: "a.png", plate: "https://example.org/b.png", parts: "parts.png" } }, /pictures.plate is neither/],
  [{ pictures: { character: "a.png", plate: "b.png", parts: "data:image/svg+xml;base64,AAAA" } }, /pictures.parts is neither/],
  [{ head: { columns: 1 } }, /head.columns is 1/],
  [{ head: { columns: 8000, rows: 8000 } }, /8000 x 8000 nodes/],
  [{ head: { turns: [{ factors: [["yaw", 15]], by: [[0, 0]] }] } }, /head.turns\[0\].by has 1 of 4 pairs/],
  [{ head: { turns: [{ factors: [["yaw", 0]], by: Array(4).fill([0, 0]) }] } }, /unit 0/],
  [{ layer: { paint: "url(#a)" } }, /layers\[0\].paint is "url\(#a\)", neither/],
  [{ layer: { vertices: [[0, null]] } }, /layers\[0\].*not a/],
  [{ layer: { vertices: [[0, 0], [1, 1], [2, NaN], [3, 3]] } }, /layers\[0\].vertices is null|layers\[0\].vertices is NaN/],
  [{ layer: { vertices: [[0, 0], [1, 1], [2, 1e7], [3, 3]] } }, /layers\[0\].vertices is 10000000/],
  [{ layer: { triangles: [[0, 1, 4]] } }, /layers\[0\].triangles\[0\] is 4, not a number from 0 to 3/],
  [{ layer: { triangles: [[0, 1, -1]] } }, /is -1/],
  [{ layer: { triangles: [[0, 1]] } }, /hasn't three corners/],
  [{ layer: { alpha: [1, 1] } }, /layers\[0\].alpha has 2 values for 4 vertices/],
  [{ layer: { alpha: [1, 1, 1, 1.5] } }, /layers\[0\].alpha is 1.5/],
  [{ layer: { texture: [[0, 0]] } }, /layers\[0\].texture has 1 of 4 pairs/],
  [{ layer: { movements: [moving("jaw", 0, 1)] } }, /value is 0/],
  [{ layer: { movements: [moving("jaw", 1, 1, { vertices: [9] })] } }, /vertices is 9/],
  [{ layer: { slides: [moving("jaw", 1, 1, { by: [] })] } }, /by has 0 of 1 pairs/],
  [{ layer: { slides: [moving("jaw", 1, 1, { scaled_by: 3 })] } }, /scaled_by isn't a short text/],
  [{ layer: { movements: [moving("x".repeat(101), 1, 1)] } }, /channel isn't a short text/],
];

test("a file that doesn't hold together is refused, and the message says where", async () => {
  for (const [change, pattern] of REFUSED) {
    const error = await throws(() => readRig(smallRig(change)), pattern);
    check(error instanceof RigError && error.name === "RigError", `${pattern} is a ${error.name}`);
    check(error.message.length < 200, `${error.message.length} characters are too many`);
  }
  for (const wrong of ["", "{", "[1]", "null", 7, undefined]) await throws(() => readRig(wrong), /the rig isn't/);
});

test("a huge file is refused before anything is made of it", async () => {
  const started = performance.now();
  const pairs = Array(66000).fill([0, 0]);
  await throws(() => readRig(smallRig({ layer: { vertices: pairs } })), /66000 entries/);
  await throws(() => readRig(smallRig({ layer: { triangles: Array(200000).fill([0, 1, 2]) } })), /200000 entries/);
  const heavy = { ...moving("jaw", 1, 1), vertices: Array(60000).fill(0), by: Array(60000).fill([0, 0]) };
  await throws(() => readRig(smallRig({ layer: { movements: Array(60).fill(heavy) } })), /vertices has 60000 entries/);
  await throws(() => readRig("[".repeat(100000)), /isn't JSON/);
  check(performance.now() - started < 10000, `it took ${performance.now() - started} ms`);
});
