// The hero: the character's picture while it comes to be, then the live avatar in its place, its state and captions.

import { button, el, icon, lasted, setText } from "./dom.js";

const STATES = { idle: "Here", listening: "Listening", thinking: "Thinking", speaking: "Speaking" };
const STEPS = [
  ["persona", "Character"],
  ["tone", "Voice"],
  ["portrait", "Face"],
  ["speech", "Hello"],
];
const STAGES = ["persona", "tone", "portrait", "speech", "clip", "bundle"];
/** What is done at each stage, for people. */
export const DOING = {
  persona: "Finding out who it is",
  tone: "Choosing a voice",
  portrait: "Drawing the face",
  speech: "Learning to speak",
  clip: "Filming the greeting",
  bundle: "Putting it on the shelf",
};
const CAPTION_STAYS_MS = 1800;

/** Shows one character. Emits `avatar` once a live one is there, and `touch` when it is clicked. */
export class Hero extends EventTarget {
  /** @param {import("./main.js").App} app */
  constructor(app) {
    super();
    this.app = app;
    this.avatar = null;
    this.loading = null; // the address of the rig that is being loaded, or was
    this.greeted = null;
    this.#build();
  }

  #build() {
    this.sketch = el("img", { class: "layer", alt: "", hidden: true });
    this.image = el("img", { class: "layer", alt: "", hidden: true });
    this.canvasPlace = el("div", { class: "layer stage-canvas", hidden: true });
    this.points = el("canvas", { class: "layer points", hidden: true, "aria-hidden": "true" });
    this.state = el("p", { class: "state", role: "status" });
    this.toggle = button("Show the landmarks", (event) => this.#togglePoints(event), {
      image: "points",
      iconOnly: true,
      kind: "corner over",
      "aria-pressed": "false",
      hidden: true,
    });
    this.frame = el(
      "div",
      {
        class: "frame",
        onpointerdown: () => (this.wakes = Boolean(this.avatar?.blocked)), // it lets the words be heard, and doesn't stop them
        onclick: () => this.wakes || this.dispatchEvent(new Event("touch")),
      },
      el("div", { class: "layer blank", "aria-hidden": "true" }, icon("face")),
      this.sketch,
      this.image,
      this.canvasPlace,
      this.points,
      this.state,
      this.toggle,
    );
    this.caption = el("p", { class: "caption", "aria-hidden": "true" }); // the log tells the same to screen readers
    this.volume = el("input", { type: "range", min: 0, max: 1, step: 0.05, value: 1, "aria-label": "Volume", oninput: () => this.#loud() });
    this.mute = button("Mute", () => this.#muted(), { image: "sound", iconOnly: true, "aria-pressed": "false" });
    this.halt = button("Stop speaking", () => this.dispatchEvent(new Event("touch")), { image: "stop", iconOnly: true, hidden: true });
    const quiet = (event) => event.stopPropagation(); // a click on the picture interrupts
    this.controls = el("div", { class: "controls over", hidden: true, onclick: quiet }, this.mute, this.volume, this.halt);
    this.frame.append(this.controls);
    this.progress = this.#progress();
    this.element = el("div", { class: "hero" }, this.frame, this.caption, this.progress);
  }

  #progress() {
    this.steps = STEPS.map(([name, label]) => el("li", { "data-step": name }, icon("check"), el("span", {}, label)));
    this.doing = el("p", { class: "doing", tabIndex: -1 });
    this.seconds = el("p", { class: "seconds", "aria-hidden": "true" });
    this.cancel = button("Cancel", () => this.app.stop(), { kind: "quiet" });
    return el(
      "div",
      { class: "progress", hidden: true },
      el("ol", { class: "steps" }, ...this.steps),
      el("div", { class: "row spread" }, el("div", {}, this.doing, this.seconds), this.cancel),
    );
  }

  /** @param {Object} scene */
  show(scene) {
    const { portrait, persona } = scene;
    const name = persona?.name ?? "the character";
    this.#picture(this.sketch, portrait?.sketch_url, `A sketch of ${name}`);
    this.#picture(this.image, portrait?.url, `A portrait of ${name}`);
    this.sketch.hidden ||= !this.image.hidden;
    this.#landmarks(portrait);
    this.#progressOf(scene);
    this.#liveOf(scene);
    this.#greet(scene);
    this.caption.lang = persona?.language ?? "";
    if (scene.redoing && !this.redoing) this.frame.scrollIntoView({ block: "nearest" }); // what is asked for is seen here
    this.redoing = scene.redoing;
  }

  #picture(image, url, alt) {
    if (!url) {
      image.hidden = true;
      image.removeAttribute("src");
    } else if (image.getAttribute("src") !== url) {
      image.onload = () => (image.hidden = image === this.sketch && !this.image.hidden);
      image.src = url;
    }
    image.alt = url ? alt : "";
  }

  #progressOf(scene) {
    const busy = scene.step === "making" || Boolean(scene.redoing);
    this.element.dataset.busy = busy;
    this.progress.hidden = !busy;
    this.progress.classList.toggle("short", Boolean(scene.redoing));
    this.began = busy ? (this.began ?? performance.now() - scene.seconds * 1000) : null;
    if (busy && !this.ticking) this.#tick();
    if (busy) import("./avatar.js").catch(() => {}); // so that it is there when the face is
    const at = STAGES.indexOf(scene.stage);
    for (const step of this.steps) {
      const mine = STAGES.indexOf(step.dataset.step);
      const doing = mine === at || (mine === 3 && at > 3);
      step.className = doing ? "doing" : at > mine ? "done" : "";
      if (doing) step.setAttribute("aria-current", "step");
      else step.removeAttribute("aria-current");
    }
    const waiting = scene.waiting ? `${scene.waiting} before you` : null;
    const share = scene.share > 0.01 && scene.share < 1 ? ` · ${Math.round(scene.share * 100)} %` : "";
    setText(this.doing, waiting ?? (DOING[scene.stage] ?? "Beginning") + share);
    this.progress.style.setProperty("--share", `${Math.round((scene.share || 0) * 100)}%`);
    if (busy && !this.avatar?.speaking) this.#state(null);
  }

  #tick() {
    this.ticking = true;
    const turn = () => {
      if (this.began === null || !this.element.isConnected) {
        this.ticking = false;
        return;
      }
      setText(this.seconds, lasted((performance.now() - this.began) / 1000));
      setTimeout(turn, 250);
    };
    turn();
  }

  #landmarks(portrait) {
    const points = portrait?.landmarks;
    this.toggle.hidden = !points;
    if (!points) this.#showPoints(false);
    if (!points || this.drawn === points) return;
    this.drawn = points;
    this.points.width = portrait.width;
    this.points.height = portrait.height;
    const pen = this.points.getContext("2d");
    pen.clearRect(0, 0, portrait.width, portrait.height);
    pen.fillStyle = "#fff";
    pen.strokeStyle = "#0008";
    for (const [x, y] of points) {
      pen.beginPath();
      pen.arc(x, y, portrait.width / 300, 0, 7);
      pen.stroke();
      pen.fill();
    }
  }

  #togglePoints(event) {
    event.stopPropagation(); // the picture below interrupts
    this.#showPoints(this.points.hidden);
  }

  /** The picture holds still under the landmarks, which were found in it. */
  #showPoints(on) {
    this.points.hidden = !on;
    this.frame.toggleAttribute("data-points", on);
    this.toggle.setAttribute("aria-pressed", String(on));
  }

  #loud() {
    const value = Number(this.volume.value);
    if (this.avatar) this.avatar.volume = value;
    this.#showLoud(value);
  }

  #muted() {
    if (Number(this.volume.value) > 0) {
      this.before = this.volume.value;
      this.volume.value = 0;
    } else this.volume.value = this.before ?? 1;
    this.#loud();
  }

  #showLoud(value) {
    this.mute.firstChild.replaceWith(icon(value > 0 ? "sound" : "mute"));
    this.mute.setAttribute("aria-pressed", String(value === 0));
  }

  async #liveOf(scene) {
    const live = scene.live;
    this.controls.hidden = !live;
    if (!live) {
      if (scene.step !== "meet") this.leave();
      return;
    }
    if (this.loading === live.rig_url) return;
    this.loading = live.rig_url;
    try {
      await this.#load(live, scene);
    } catch (error) {
      console.warn("no live avatar:", error.message); // the picture stays, sound and text go on
      if (this.loading === live.rig_url) this.dispatchEvent(new CustomEvent("still", { detail: error.message }));
    }
  }

  async #load(live, scene) {
    const { LiveAvatar } = await import("./avatar.js");
    const canvas = el("canvas", { role: "img", "aria-label": `${scene.persona?.name ?? "The character"}, alive` });
    const { rig_url: rig, idle, expression, seed } = live;
    const avatar = await LiveAvatar.load(canvas, { rig, idle, expression, seed });
    if (this.loading !== live.rig_url) {
      avatar.dispose();
      return;
    }
    const before = this.avatar;
    this.avatar = avatar;
    avatar.volume = Number(this.volume.value);
    this.canvasPlace.replaceChildren(canvas);
    this.canvasPlace.hidden = false;
    before?.dispose();
    avatar.addEventListener("state", () => this.avatar === avatar && this.#state(avatar.state));
    avatar.addEventListener("sentence", ({ detail }) => this.avatar === avatar && this.#say(detail.sentence));
    avatar.addEventListener("quiet", () => this.avatar === avatar && this.#quiet());
    this.#state(avatar.state);
    this.dispatchEvent(new CustomEvent("avatar", { detail: avatar }));
    this.#greet(this.app.scene);
  }

  /** The greeting is spoken once, when both its sound and who speaks it are there. */
  #greet({ greeting, live }) {
    if (!greeting || !this.avatar || this.loading !== live?.rig_url || this.greeted === greeting.id) return;
    this.greeted = greeting.id;
    this.avatar.say(greeting);
  }

  #state(state) {
    setText(this.state, state ? (STATES[state] ?? "") : "");
    this.frame.dataset.state = state ?? "";
    this.halt.hidden = state !== "speaking";
  }

  #say(sentence) {
    clearTimeout(this.fading);
    setText(this.caption, sentence);
  }

  #quiet() {
    clearTimeout(this.fading);
    this.fading = setTimeout(() => setText(this.caption, ""), CAPTION_STAYS_MS);
  }

  /** The words of a reply that has no live face to say them. */
  tell(text) {
    if (!this.avatar) this.#say(text);
  }

  /** Forgets the character. */
  leave() {
    this.avatar?.dispose();
    this.avatar = null;
    this.loading = null;
    this.canvasPlace.replaceChildren();
    this.canvasPlace.hidden = true;
    this.#showPoints(false);
    setText(this.caption, "");
    this.#state(null);
  }
}

