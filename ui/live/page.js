// The exported page: wakes the avatar that the page holds, and lets it say its greeting and its other lines.

import { LiveAvatar } from "./avatar.js";

const byId = (id) => document.getElementById(id);
const told = JSON.parse(byId("avatar").textContent);
const [face, play, caption, lines] = ["face", "play", "caption", "lines"].map(byId);
const stage = face.parentElement;
const buttons = [];
let avatar = null;
let current = null; // the line that is being said, by its number

function say(number) {
  avatar.interrupt();
  current = number;
  caption.textContent = "";
  avatar.say(told.lines[number]);
  show();
}

function hush() {
  current = null;
  avatar.interrupt();
  avatar.rest();
  show();
}

function show() {
  const speaking = current !== null;
  stage.classList.toggle("speaking", speaking);
  play.lastElementChild.textContent = speaking ? "Stop" : "Play";
  play.setAttribute("aria-label", speaking ? "Stop speaking" : `Play: ${told.lines[0].sentence}`);
  buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(current === i + 1)));
}

function fail(error) {
  byId("trouble").textContent = error.message;
  byId("trouble").hidden = false;
}

async function wake() {
  avatar = await LiveAvatar.load(face, told);
  avatar.addEventListener("sentence", ({ detail }) => (caption.textContent = detail.sentence));
  avatar.addEventListener("trouble", ({ detail }) => fail(new Error(detail.message)));
  avatar.addEventListener("quiet", () => {
    current = null;
    show();
  });
  for (const [i, line] of told.lines.entries()) {
    if (i === 0) continue; // the greeting has the large button
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = line.sentence;
    button.addEventListener("click", () => (current === i ? hush() : say(i)));
    buttons.push(button);
    lines.append(button);
  }
  play.addEventListener("click", () => (current === null ? say(0) : hush()));
  face.addEventListener("click", () => (current === null ? say(0) : hush()));
  document.addEventListener("keydown", (event) => event.key === "Escape" && current !== null && hush());
  play.disabled = false;
  stage.classList.add("alive");
  show();
  globalThis.avatar = avatar; // for whoever opens the console
}

stage.style.setProperty("--shape", `${told.rig.width} / ${told.rig.height}`);
caption.textContent = told.lines[0].sentence;
wake().catch(fail);
