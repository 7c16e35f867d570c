// Draws textured triangles into pixels, in plain JavaScript: bilinear, without seams, blended by alpha.
// A pixel is 32 bits, its colours multiplied by their alpha; the middle of the first is at (0, 0).

const FLAT = 1e-3; // px²: triangles with less than half this area show nothing
const ONE = 65536; // places in a texture are counted in 65536ths of a pixel along a row
const HALVES = 0x00ff00ff; // two of a pixel's four channels, with room above each
const ROUND = 0x00800080;

/** @typedef {{pixels: Int32Array, width: number, height: number}} Bitmap */

/**
 * Draws those pixels of triangles whose middles are inside; one on a shared edge belongs to one of the two.
 * @param {Bitmap} frame
 * @param {Bitmap} texture
 * @param {Uint16Array} triangles  three numbers of vertices each
 * @param {Float32Array} places  of the vertices in the frame, x and y in turn
 * @param {Float32Array} sources  in the texture, likewise
 * @param {Float32Array|null} alpha  how much each vertex covers, 0 to 1; null for 1
 */
export function drawTriangles(frame, texture, triangles, places, sources, alpha) {
  for (let i = 0; i < triangles.length; i += 3) {
    let a = triangles[i];
    let b = triangles[i + 1];
    let c = triangles[i + 2];
    let swap = a;
    if (places[2 * b + 1] < places[2 * a + 1]) (a = b), (b = swap);
    swap = b;
    if (places[2 * c + 1] < places[2 * b + 1]) (b = c), (c = swap);
    swap = a;
    if (places[2 * b + 1] < places[2 * a + 1]) (a = b), (b = swap);
    drawTriangle(frame, texture, places, sources, alpha, a, b, c);
  }
}

/** One triangle whose corners go from the top to the bottom. */
function drawTriangle(frame, texture, places, sources, alpha, a, b, c) {
  const ax = places[2 * a], ay = places[2 * a + 1];
  const bx = places[2 * b], by = places[2 * b + 1];
  const cx = places[2 * c], cy = places[2 * c + 1];
  const area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay);
  if (!(Math.abs(area) >= FLAT)) return;
  const top = Math.max(0, Math.ceil(ay));
  const bottom = Math.min(frame.height, Math.ceil(cy));
  // What a value at the corners goes up by from pixel to pixel is linear in these four.
  const rightB = (cy - ay) / area, rightC = (ay - by) / area;
  const downB = (ax - cx) / area, downC = (bx - ax) / area;
  const u = sources[2 * a], ub = sources[2 * b] - u, uc = sources[2 * c] - u;
  const v = sources[2 * a + 1], vb = sources[2 * b + 1] - v, vc = sources[2 * c + 1] - v;
  const uRight = ub * rightB + uc * rightC, uDown = ub * downB + uc * downC;
  const vRight = vb * rightB + vc * rightC, vDown = vb * downB + vc * downC;
  let cover = 1, coverRight = 0, coverDown = 0;
  if (alpha) {
    cover = alpha[a];
    coverRight = (alpha[b] - cover) * rightB + (alpha[c] - cover) * rightC;
    coverDown = (alpha[b] - cover) * downB + (alpha[c] - cover) * downC;
  }
  for (let y = top; y < bottom; y++) {
    const long = ax + ((y - ay) * (cx - ax)) / (cy - ay);
    const short = y < by ? ax + ((y - ay) * (bx - ax)) / (by - ay) : bx + ((y - by) * (cx - bx)) / (cy - by);
    const left = Math.max(0, Math.ceil(Math.min(long, short)));
    const right = Math.min(frame.width, Math.ceil(Math.max(long, short)));
    if (left >= right) continue;
    const dx = left - ax, dy = y - ay;
    const uHere = u + dx * uRight + dy * uDown, vHere = v + dx * vRight + dy * vDown;
    const coverHere = cover + dx * coverRight + dy * coverDown;
    const start = y * frame.width + left;
    drawSpan(frame.pixels, start, right - left, texture, uHere, vHere, uRight, vRight, coverHere, coverRight);
  }
}

/** Some pixels of a row, with a place in the texture and a cover that go up from pixel to pixel. */
function drawSpan(pixels, start, count, texture, u, v, uRight, vRight, cover, coverRight) {
  const colours = texture.pixels, width = texture.width;
  const lastX = (width - 1) * ONE, lastY = (texture.height - 1) * ONE;
  let x = Math.round(u * ONE), y = Math.round(v * ONE);
  const xStep = Math.round(uRight * ONE), yStep = Math.round(vRight * ONE);
  for (let at = start, end = start + count; at < end; at++, x += xStep, y += yStep, cover += coverRight) {
    const cx = x < 0 ? 0 : x > lastX ? lastX : x;
    const cy = y < 0 ? 0 : y > lastY ? lastY : y;
    const first = (cy >> 16) * width + (cx >> 16);
    const right = cx < lastX ? 1 : 0;
    const below = cy < lastY ? width : 0;
    const p = colours[first], q = colours[first + right];
    const r = colours[first + below], s = colours[first + below + right];
    let halves = p & HALVES, others = (p >>> 8) & HALVES;
    if (p !== q || p !== r || p !== s) {
      // Bilinear, two channels at a time: the four weights are 256 together.
      const fx = (cx >> 8) & 255, fy = (cy >> 8) & 255;
      const ws = (fx * fy + 128) >> 8, wq = fx - ws, wr = fy - ws, wp = 256 - fx - wr;
      halves = Math.imul(halves, wp) + Math.imul(q & HALVES, wq) + Math.imul(r & HALVES, wr);
      halves = ((halves + Math.imul(s & HALVES, ws) + ROUND) >>> 8) & HALVES;
      others = Math.imul(others, wp) + Math.imul((q >>> 8) & HALVES, wq) + Math.imul((r >>> 8) & HALVES, wr);
      others = ((others + Math.imul((s >>> 8) & HALVES, ws) + ROUND) >>> 8) & HALVES;
    }
    if (cover < 0.998) {
      const share = cover < 0 ? 0 : Math.round(cover * 256);
      halves = ((Math.imul(halves, share) + ROUND) >>> 8) & HALVES;
      others = ((Math.imul(others, share) + ROUND) >>> 8) & HALVES;
    }
    const opaque = others >>> 16;
    if (opaque === 255) {
      pixels[at] = halves | (others << 8);
    } else if (opaque > 0) {
      const rest = 256 - opaque - (opaque >> 7), behind = pixels[at];
      halves += ((Math.imul(behind & HALVES, rest) + ROUND) >>> 8) & HALVES;
      others += ((Math.imul((behind >>> 8) & HALVES, rest) + ROUND) >>> 8) & HALVES;
      pixels[at] = halves | (others << 8);
    }
  }
}
