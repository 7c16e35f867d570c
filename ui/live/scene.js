// The cards that tell of a character: who it is, as it is written, its voice and why, and how it was drawn.

import { button, el, setText } from "./dom.js";

/** Three cards that fill while a character comes to be; the same ones tell of it afterwards. */
export class Cards {
  /** @param {import("./main.js").App} app */
  constructor(app) {
    this.app = app;
    this.persona = el("article", { class: "tell persona", "aria-label": "Who it is" });
    this.tone = el("article", { class: "tell", "aria-label": "Its voice" });
    this.portrait = el("article", { class: "tell", "aria-label": "Its face" });
    this.notes = el("ul", { class: "notes", "aria-label": "Notes" });
    this.element = el("div", { class: "tells" }, this.persona, this.tone, this.portrait, this.notes);
    this.told = new Map();
  }

  /** @param {Object} scene */
  show(scene) {
    this.#put(this.persona, scene.persona, personaCard);
    this.persona.lang = scene.persona?.language ?? "";
    this.#put(this.tone, scene.tone, (tone) => this.#toneCard(tone));
    this.#put(this.portrait, scene.portrait?.whole ? scene.portrait : null, portraitCard);
    this.#put(this.notes, scene.notes?.length ? scene.notes : null, (notes) => notes.map((note) => el("li", {}, note)));
  }

  /** Draws a card anew only when what it tells has changed. */
  #put(card, value, draw) {
    const told = JSON.stringify(value ?? null);
    if (this.told.get(card) === told) return;
    const fresh = !this.told.get(card) || this.told.get(card) === "null";
    this.told.set(card, told);
    card.replaceChildren(...(value ? draw(value) : []));
    card.hidden = !value;
    card.classList.toggle("fresh", fresh);
  }

  #toneCard(tone) {
    return [
      el("h3", {}, "Voice"),
      el("p", { class: "big" }, tone.title),
      el("p", {}, tone.reason),
      tone.note ? el("p", { class: "note" }, tone.note) : null,
      tone.runners_up.length ? el("p", { class: "label" }, "Others that would suit") : null,
      tone.runners_up.length ? el("div", { class: "row" }, ...tone.runners_up.map((other) => this.#hear(other))) : null,
    ].filter(Boolean);
  }

  #hear(other) {
    const made = button(other.title, () => this.app.hearTone(other.name, made), { image: "play", kind: "quiet small" });
    made.title = other.reason;
    made.setAttribute("aria-label", `Hear ${other.title}`);
    return made;
  }
}

function personaCard(persona) {
  const { name, nature, occupation, home, traits, likes, dislikes, backstory, manner, greeting, writer } = persona;
  return [
    el("h3", { lang: "en" }, "Character"),
    name ? el("p", { class: "name", dir: "auto" }, name) : null,
    nature ? el("p", { class: "nature" }, [nature, occupation].filter(Boolean).join(", ")) : null,
    greeting ? el("blockquote", { dir: "auto" }, greeting) : null,
    list("Like this", traits),
    manner ? el("p", {}, manner) : null,
    home ? pair("At home in", home) : null,
    likes?.length ? pair("Likes", likes.join("; ")) : null,
    dislikes?.length ? pair("Doesn't like", dislikes.join("; ")) : null,
    backstory ? story(backstory) : null,
    persona.whole && writer
      ? el("p", { class: "by", lang: "en" }, writer === "builtin" ? "Written by built-in rules, not by a language model." : `Written by ${writer}.`)
      : null,
  ].filter(Boolean);
}

function list(label, items) {
  return items?.length ? el("ul", { class: "traits", "aria-label": label }, ...items.map((item) => el("li", { dir: "auto" }, item))) : null;
}

function pair(label, text) {
  return el("p", { class: "pair" }, el("span", { class: "label", lang: "en" }, label), " ", el("bdi", {}, text));
}

function story(text) {
  return el("details", { class: "story" }, el("summary", { lang: "en" }, "Its story"), el("p", {}, text));
}

function portraitCard({ expert, reason, attempts }) {
  const made = el("p", { class: "by" });
  setText(made, attempts > 1 ? `The face was found at attempt ${attempts}.` : "The face was found at once.");
  return [el("h3", {}, "Face"), el("p", { class: "big" }, expert), reason ? el("p", {}, reason) : null, made].filter(Boolean);
}
