// Draws a rig with WebGL, on a canvas of its own; with a draw call for each run of layers that share a picture.

const VERTEX = `
attribute vec2 place;
attribute vec2 source;
attribute float alpha;
uniform vec2 size;
uniform vec2 picture_size;
varying vec2 at;
varying float cover;
void main() {
  vec2 clip = (place + 0.5) / size * 2.0 - 1.0;
  gl_Position = vec4(clip.x, -clip.y, 0.0, 1.0);
  at = (source + 0.5) / picture_size;
  cover = alpha;
}`;
const FRAGMENT = `
#ifdef GL_FRAGMENT_PRECISION_HIGH
precision highp float;
#else
precision mediump float;
#endif
uniform sampler2D picture;
varying vec2 at;
varying float cover;
void main() {
  gl_FragColor = texture2D(picture, at) * cover;
}`;
const PLAIN = { alpha: false, depth: false, stencil: false, antialias: false };
const QUICK = { ...PLAIN, antialias: true, failIfMajorPerformanceCaveat: true };
const WITHOUT_GPU = /swiftshader|llvmpipe|softpipe|software|basic render/i;

/**
 * @typedef {object} Drawer  draws a rig on a canvas of its own
 * @property {HTMLCanvasElement} canvas
 * @property {boolean} usable  false while WebGL's context is lost
 * @property {function(Object<string, number>): void} draw  a frame for values by channel
 * @property {function(): void} dispose
 */

/**
 * @param {import("./rig.js").Rig} rig
 * @param {{character: TexImageSource, plate: TexImageSource, parts: TexImageSource}} pictures
 * @param {number} scale  pixels drawn for each of the portrait's, along a side
 * @param {boolean} emulated  whether a WebGL that the browser computes without a GPU will do
 * @returns {Drawer|null}  null where there is no such WebGL
 */
export function webglDrawer(rig, pictures, scale, emulated) {
  const size = [rig.width, rig.height].map((side) => Math.max(1, Math.round(side * scale)));
  const gl = contextOf(size, QUICK, false) ?? (emulated ? contextOf(size, PLAIN, true) : null);
  if (!gl) return null;
  const canvas = gl.canvas;
  let made = null;
  const make = () => {
    try {
      made = prepare(gl, rig, pictures);
    } catch (error) {
      if (!gl.isContextLost()) throw error;
      made = null;
    }
  };
  canvas.addEventListener("webglcontextlost", (event) => {
    event.preventDefault(); // so that it may come back
    made = null;
  });
  canvas.addEventListener("webglcontextrestored", make);
  make();
  return {
    canvas,
    get usable() {
      return made !== null && !gl.isContextLost();
    },
    draw(values) {
      rig.pose(values);
      paint(gl, rig, made);
    },
    dispose() {
      made = null;
      canvas.removeEventListener("webglcontextrestored", make);
      release(gl);
    },
  };
}

/** A canvas' WebGL, or null; where it isn't told by itself that there is no GPU, its name does. */
function contextOf([width, height], asked, emulated) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const gl = canvas.getContext("webgl", asked);
  if (!gl || emulated) return gl;
  const names = gl.getExtension("WEBGL_debug_renderer_info");
  if (!WITHOUT_GPU.test(gl.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : gl.RENDERER))) return gl;
  release(gl);
  return null;
}

/** Browsers keep few contexts at a time; this one isn't needed any more. */
function release(gl) {
  gl.getExtension("WEBGL_lose_context")?.loseContext();
}

/** Everything that stays from frame to frame: program, textures, buffers, and what to draw in which order. */
function prepare(gl, rig, pictures) {
  const program = link(gl);
  gl.useProgram(program);
  gl.uniform2f(gl.getUniformLocation(program, "size"), rig.width, rig.height);
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA); // colours are multiplied by their alpha already
  gl.viewport(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight);
  const count = rig.alpha.length;
  const [right, bottom] = [rig.width - 0.5, rig.height - 0.5];
  const corners = [-0.5, -0.5, right, -0.5, -0.5, bottom, right, bottom]; // of the plate: four more vertices
  const places = attribute(gl, program, "place", 2, [...rig.places, ...corners]);
  const sources = attribute(gl, program, "source", 2, [...rig.sources, ...corners]);
  attribute(gl, program, "alpha", 1, [...rig.alpha, 1, 1, 1, 1]);
  const plate = { paint: "plate", triangles: [0, 1, 2, 1, 3, 2].map((corner) => count + corner) };
  const runs = [];
  const elements = [];
  for (const { paint, triangles } of [plate, ...rig.layers]) {
    const last = runs[runs.length - 1];
    const run = last && String(last.paint) === String(paint) ? last : { paint, start: 2 * elements.length, count: 0 };
    if (run !== last) runs.push(run);
    run.count += triangles.length;
    for (const vertex of triangles) elements.push(vertex);
  }
  gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, gl.createBuffer());
  gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, new Uint16Array(elements), gl.STATIC_DRAW);
  for (const run of runs) Object.assign(run, texture(gl, pictures[run.paint] ?? run.paint));
  return { runs, places, sources, pictureSize: gl.getUniformLocation(program, "picture_size") };
}

function paint(gl, rig, { runs, places, sources, pictureSize }) {
  gl.bindBuffer(gl.ARRAY_BUFFER, places);
  gl.bufferSubData(gl.ARRAY_BUFFER, 0, rig.places);
  gl.bindBuffer(gl.ARRAY_BUFFER, sources);
  gl.bufferSubData(gl.ARRAY_BUFFER, 0, rig.sources);
  for (const { texture, width, height, start, count } of runs) {
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.uniform2f(pictureSize, width, height);
    gl.drawElements(gl.TRIANGLES, count, gl.UNSIGNED_SHORT, start);
  }
}

function link(gl) {
  const program = gl.createProgram();
  for (const [kind, text] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(`WebGL: ${gl.getProgramInfoLog(program)}`);
  return program;
}

/** A buffer with an attribute of each vertex, `size` numbers each. */
function attribute(gl, program, name, size, values) {
  const buffer = gl.createBuffer();
  gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
  gl.bufferData(gl.ARRAY_BUFFER, new Float32Array(values), gl.DYNAMIC_DRAW);
  const place = gl.getAttribLocation(program, name);
  gl.enableVertexAttribArray(place);
  gl.vertexAttribPointer(place, size, gl.FLOAT, false, 0, 0);
  return buffer;
}

/** A picture, or a colour as a picture of one pixel. */
function texture(gl, picture) {
  const found = gl.createTexture();
  const colour = Array.isArray(picture);
  gl.bindTexture(gl.TEXTURE_2D, found);
  gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, true);
  gl.pixelStorei(gl.UNPACK_COLORSPACE_CONVERSION_WEBGL, gl.NONE);
  const kind = [gl.TEXTURE_2D, 0, gl.RGBA];
  if (colour) gl.texImage2D(...kind, 1, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, Uint8Array.of(...picture, 255));
  else gl.texImage2D(...kind, gl.RGBA, gl.UNSIGNED_BYTE, picture);
  for (const side of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, side, gl.CLAMP_TO_EDGE);
  for (const way of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, way, gl.LINEAR);
  return { texture: found, width: colour ? 1 : picture.width, height: colour ? 1 : picture.height };
}
