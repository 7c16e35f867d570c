// The least that tests of ES modules need: `test`, a few assertions, and `run`, which tells each test's failure.

const tests = new Map();

/** Names a test: write `test("what holds", () => { ... })` at the start of a line; `body` may be async. */
export function test(name, body) {
  if (tests.has(name)) throw new Error(`two tests are called "${name}"`);
  tests.set(name, body);
}

/** Runs all, one after the other; gives name -> the failure's text, or null. */
export async function run({ limit_s = 20 } = {}) {
  const outcomes = {};
  for (const [name, body] of tests) {
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`not done after ${limit_s} s`)), limit_s * 1000);
    });
    try {
      await Promise.race([(async () => body())(), late]);
      outcomes[name] = null;
    } catch (error) {
      outcomes[name] = String((error && error.stack) || error);
    }
    clearTimeout(timer);
  }
  return outcomes;
}

export function check(holds, message = "it doesn't hold") {
  if (!holds) throw new Error(message);
}

/** Deep equality of plain values, by their JSON; NaN and typed arrays count as what they are. */
export function same(seen, wanted, message = "") {
  const [one, other] = [seen, wanted].map(told);
  if (one !== other) throw new Error(`${message} seen ${one}, wanted ${other}`.trim());
}

/** Numbers, or arrays of them, that differ by no more than `within`. */
export function near(seen, wanted, within = 1e-6, message = "") {
  const [a, b] = [seen, wanted].map((value) => (typeof value === "number" ? [value] : Array.from(value)));
  const close = a.length === b.length && a.every((value, i) => Math.abs(value - b[i]) <= within);
  if (!close) throw new Error(`${message} seen ${told(a)}, wanted ${told(b)} within ${within}`.trim());
}

/** That `body` throws an `Error` whose message `pattern` finds; awaits it if it is async. Returns the error. */
export async function throws(body, pattern = /./) {
  let error;
  try {
    await body();
  } catch (caught) {
    error = caught;
  }
  if (!(error instanceof Error)) throw new Error(`no Error was thrown, ${told(error)} was`);
  if (!pattern.test(error.message)) throw new Error(`"${error.message}" isn't like ${pattern}`);
  return error;
}

/** Waits until `holds()` is true, looking every frame or so. */
export async function until(holds, { limit_s = 10, what = String(holds) } = {}) {
  const end = performance.now() + limit_s * 1000;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`still not after ${limit_s} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function told(value) {
  return JSON.stringify(value, (_, part) => {
    if (ArrayBuffer.isView(part)) return Array.from(part);
    return typeof part === "number" && !Number.isFinite(part) ? String(part) : part;
  });
}
