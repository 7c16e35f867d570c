// What can be changed of a character that stands, each alone, and what can be taken away from it.

import { button, el, field, icon, select, setText } from "./dom.js";
import { toneGroups } from "./describe.js";

/** Another face, another voice, another character: each redoes only what depends on it. */
export class Change {
  /** @param {import("./main.js").App} app */
  constructor(app) {
    this.app = app;
    this.problem = el("p", { class: "trouble", role: "alert" });
    this.element = el(
      "section",
      { class: "change", "aria-labelledby": "personify-change" },
      el("h2", { id: "personify-change" }, "Change one thing"),
      this.problem,
      this.#face(),
      this.#voice(),
      this.#words(),
    );
  }

  #part(title, ...children) {
    return el("details", { class: "part", name: "personify-part" }, el("summary", {}, title), ...children);
  }

  #face() {
    this.expert = select([["", "The same style"], ...this.app.choices.experts.map(({ name, title }) => [name, title])]);
    const go = button("Draw another face", () => this.#ask({ face: true, ...(this.expert.value ? { expert: this.expert.value } : {}) }), {
      image: "dice",
    });
    return this.#part("Another face", field("Style", this.expert), el("div", { class: "row" }, go));
  }

  #voice() {
    this.tone = select([]);
    this.find = el("input", { type: "search", placeholder: "deep, robot, Scottish…", oninput: () => this.#tones() });
    this.about = el("p", { class: "about" });
    this.tone.addEventListener("change", () => this.#aboutTone());
    const hear = button("Hear it", () => this.app.hearTone(this.tone.value, hear), { image: "play", kind: "quiet" });
    const take = button("Use this voice", () => this.tone.value && this.#ask({ tone: this.tone.value }));
    return this.#part(
      "Another voice",
      field("Find a voice", this.find),
      field("Voice", this.tone),
      this.about,
      el("div", { class: "row" }, hear, take),
    );
  }

  #tones() {
    const wanted = this.find.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const fits = this.app.choices.tones.filter(({ title, about, group }) => {
      const told = `${title} ${about} ${group}`.toLowerCase();
      return wanted.every((word) => told.includes(word));
    });
    const chosen = this.tone.value;
    this.tone.replaceChildren(...select(fits.length ? toneGroups(fits) : [["", "None is like that"]]).childNodes);
    if (fits.some(({ name }) => name === chosen)) this.tone.value = chosen;
    this.#aboutTone();
  }

  #aboutTone() {
    setText(this.about, this.app.choices.tones.find(({ name }) => name === this.tone.value)?.about);
  }

  #words() {
    const line = (props = {}) => el("input", { type: "text", maxLength: 600, ...props });
    const lines = (rows) => el("textarea", { rows, maxLength: 4000 });
    this.words = { name: line({ maxLength: 80 }), greeting: lines(2), manner: lines(2), traits: lines(4), likes: lines(4), dislikes: lines(3), backstory: lines(5) };
    const { name, greeting, manner, traits, likes, dislikes, backstory } = this.words;
    const form = el(
      "form",
      { class: "fields", onsubmit: (event) => this.#submit(event) },
      field("Name", name),
      field("What it says first", greeting),
      field("How it talks", manner),
      field("Traits, one a line", traits, "Three at least."),
      field("Likes, one a line", likes),
      field("Dislikes, one a line", dislikes),
      field("Its story", backstory),
      el("div", { class: "row" }, el("button", { type: "submit", class: "button" }, el("span", {}, "Save"))),
    );
    return this.#part("Edit the character", form);
  }

  #submit(event) {
    event.preventDefault();
    const persona = {};
    for (const [name, input] of Object.entries(this.words)) {
      const value = Array.isArray(this.known[name]) ? input.value.split("\n").map((line) => line.trim()).filter(Boolean) : input.value.trim();
      if (JSON.stringify(value) !== JSON.stringify(this.known[name])) persona[name] = value;
    }
    if (Object.keys(persona).length) this.#ask({ persona });
    else this.trouble("Nothing has changed yet.");
  }

  #ask(asked) {
    this.trouble(null);
    this.app.revise(asked);
  }

  trouble(text) {
    setText(this.problem, text);
  }

  /** @param {Object} scene */
  show(scene) {
    const { persona, tone, redoing } = scene;
    this.trouble(scene.step === "meet" ? scene.trouble : null);
    for (const control of this.element.querySelectorAll("button, input, select, textarea")) control.disabled = Boolean(redoing);
    if (persona?.whole && JSON.stringify(persona) !== JSON.stringify(this.known)) {
      this.known = persona;
      for (const [name, input] of Object.entries(this.words)) {
        input.value = Array.isArray(persona[name]) ? persona[name].join("\n") : (persona[name] ?? "");
      }
    }
    if (tone && tone.name !== this.shown) {
      this.shown = tone.name;
      this.#tones();
      this.tone.value = tone.name;
      this.#aboutTone();
    }
  }
}

/** The files to take away: some are there, others are made when they are asked for. */
export class Downloads {
  /** @param {import("./main.js").App} app */
  constructor(app) {
    this.app = app;
    this.list = el("ul", { class: "downloads" });
    this.given = new Set();
    const make = (label, image, event) => {
      const made = button(label, () => this.#make(made, event), { image, kind: "quiet" });
      return made;
    };
    this.makers = [make("As a page of its own (HTML)", "file", "export"), make("Film the last reply (MP4)", "film", "film")];
    this.element = el(
      "section",
      { class: "keep", "aria-labelledby": "personify-keep" },
      el("h2", { id: "personify-keep" }, "Take it with you"),
      this.list,
      ...this.makers,
    );
  }

  #make(maker, event) {
    maker.disabled = true;
    this.app.send(event, {});
  }

  /** @param {Object} scene */
  show(scene) {
    for (const maker of this.makers) maker.disabled = false;
    const downloads = scene.downloads ?? [];
    const told = JSON.stringify(downloads);
    if (told === this.told) return;
    this.told = told;
    this.list.replaceChildren(...downloads.map((one) => el("li", {}, this.#link(one))));
    for (const [index, { asked }] of downloads.entries()) {
      if (!asked || this.given.has(asked)) continue;
      this.given.add(asked);
      this.list.children[index].firstChild.click(); // it was just asked for
    }
  }

  #link({ label, url, name }) {
    return el("a", { href: `${url}?download`, download: name, class: "button quiet" }, icon("down"), el("span", {}, label));
  }
}
