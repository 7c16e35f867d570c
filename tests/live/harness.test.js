// The harness itself: what it lets pass and what it catches.
import { check, near, same, test, throws, until } from "/tests/harness.js";

test("assertions catch what is wrong", async () => {
  await throws(() => check(false, "no"), /^no$/);
  await throws(() => same({ a: [1] }, { a: [2] }), /seen {"a":\[1\]}/);
  await throws(() => same(NaN, null), /NaN/);
  await throws(() => near([1, 2], [1, 2.1], 0.05), /within 0.05/);
  await throws(() => near(NaN, 0), /wanted/);
  await throws(() => throws(() => {}), /no Error/);
  await throws(() => throws(() => check(false, "one"), /other/), /isn't like/);
  await throws(() => until(() => false, { limit_s: 0.05 }), /still not/);
});

test("assertions let pass what is right", async () => {
  same({ a: [1, Infinity] }, { a: [1, Infinity] });
  same(new Float32Array([1, 2]), [1, 2]);
  near(0.1 + 0.2, 0.3);
  const start = performance.now();
  await until(() => performance.now() > start + 20);
});
