// The hero's picture: a click on it stops who speaks, but not who waits for a click to be heard.
import { same, test } from "/tests/harness.js";
import { Hero } from "/personify/live/hero.js";

test("a click stops who speaks, unless the browser waited for it to play anything", () => {
  const hero = new Hero({});
  let touches = 0;
  hero.addEventListener("touch", () => touches++);
  const click = (blocked) => {
    hero.avatar = { blocked };
    hero.frame.dispatchEvent(new Event("pointerdown"));
    hero.avatar = { blocked: false }; // the gesture woke it
    hero.frame.dispatchEvent(new Event("click"));
  };
  click(true);
  same(touches, 0);
  click(false);
  same(touches, 1);
});
