// Soft edges where a mesh ends and moves, as the lips do: a rim of one pixel around them that fades out.
// For a rasterizer that fills whole pixels; WebGL has its own way.
import { drawTriangles } from "./raster.js";

/** The rims of one layer. */
export class Fringe {
  /**
   * @param {Uint16Array} triangles  the layer's
   * @param {Set<number>} moving  the vertices that move by themselves
   */
  constructor(triangles, moving) {
    const edges = openEdges(triangles).filter(([a, b]) => moving.has(a) && moving.has(b));
    this._vertices = Uint16Array.from(new Set(edges.flatMap(([a, b]) => [a, b])));
    const at = new Map(Array.from(this._vertices, (vertex, i) => [vertex, i]));
    const count = this._vertices.length;
    // Each vertex is there twice: on the edge, covering all, and a pixel away, covering nothing.
    this._places = new Float32Array(4 * count);
    this._sources = new Float32Array(4 * count);
    this._alpha = new Float32Array(2 * count).fill(1, 0, count);
    this._outward = new Float32Array(2 * count);
    this._edges = Uint16Array.from(edges.flatMap((edge) => [...edge, at.get(edge[0]), at.get(edge[1])]));
    this._triangles = Uint16Array.from(edges.flatMap(([a, b]) => {
      const [i, j] = [at.get(a), at.get(b)];
      return [i, j, i + count, j, j + count, i + count];
    }));
  }

  /** Draws the rims; the rest is as for `drawTriangles`. */
  draw(frame, texture, places, sources) {
    const vertices = this._vertices;
    this._face(places);
    for (let i = 0, out = 2 * vertices.length; i < vertices.length; i++) {
      const length = Math.hypot(this._outward[2 * i], this._outward[2 * i + 1]) || 1;
      for (let k = 0; k < 2; k++) {
        const away = this._outward[2 * i + k] / length;
        this._places[2 * i + k] = places[2 * vertices[i] + k];
        this._sources[2 * i + k] = sources[2 * vertices[i] + k];
        this._places[out + 2 * i + k] = this._places[2 * i + k] + away;
        this._sources[out + 2 * i + k] = this._sources[2 * i + k] + away;
      }
    }
    drawTriangles(frame, texture, this._triangles, this._places, this._sources, this._alpha);
  }

  /** Which way is out at each vertex: the mean of its edges' own, away from what they are an edge of. */
  _face(places) {
    const outward = this._outward.fill(0);
    for (let e = 0; e < this._edges.length; e += 5) {
      const [a, b, c] = [this._edges[e], this._edges[e + 1], this._edges[e + 2]];
      const x = places[2 * b + 1] - places[2 * a + 1];
      const y = places[2 * a] - places[2 * b];
      const inward = x * (places[2 * c] - places[2 * a]) + y * (places[2 * c + 1] - places[2 * a + 1]);
      const length = Math.hypot(x, y) * (inward > 0 ? -1 : 1) || 1;
      for (let k = e + 3; k < e + 5; k++) {
        outward[2 * this._edges[k]] += x / length;
        outward[2 * this._edges[k] + 1] += y / length;
      }
    }
  }
}

/** Edges that only one triangle has: its two vertices, and the triangle's third. */
function openEdges(triangles) {
  const found = new Map();
  for (let i = 0; i < triangles.length; i += 3) {
    for (let k = 0; k < 3; k++) {
      const [a, b, c] = [0, 1, 2].map((n) => triangles[i + ((k + n) % 3)]);
      const key = Math.min(a, b) * 65536 + Math.max(a, b);
      found.set(key, found.has(key) ? null : [a, b, c]);
    }
  }
  return [...found.values()].filter(Boolean);
}
