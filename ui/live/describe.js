// The first step: say who it shall be. Holds what was typed, whatever happens afterwards.

import { button, el, field, icon, select, setText } from "./dom.js";

const GUIDANCES = [
  ["", "Whatever fits best"],
  ["both", "Sketch and its lines"],
  ["pixel", "Sketch as the beginning"],
  ["control", "Lines of a face"],
  ["none", "None"],
];
const ANSWERED_MS = 4000; // after so long one may ask again, whatever became of it
const DEPTHS = [
  ["brief", "The essentials"],
  ["full", "Several hundred details"],
];

/** The form that a description is typed into, examples to click, and the settings folded away. */
export class Describe {
  /** @param {import("./main.js").App} app */
  constructor(app) {
    this.app = app;
    this.picture = null; // a File
    this.#build(app.choices);
  }

  #build(choices) {
    this.text = el("textarea", {
      class: "wish",
      rows: 2,
      maxLength: choices.description_chars,
      placeholder: `For example: ${choices.examples[0]}`,
      "aria-labelledby": "personify-ask",
      "aria-describedby": "personify-trouble",
      required: true,
      onkeydown: (event) => {
        if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
        event.preventDefault();
        this.form.requestSubmit();
      },
      oninput: () => this.trouble(null),
    });
    this.create = el("button", { type: "submit", class: "button main" }, el("span", {}, "Create"), icon("arrow"));
    this.problem = el("p", { class: "trouble", id: "personify-trouble", role: "alert" });
    this.form = el(
      "form",
      { class: "describe-form", noValidate: true, onsubmit: (event) => this.#submit(event) },
      el("div", { class: "wish-box" }, this.text, this.create),
      this.problem,
      this.#examples(choices.examples),
      this.#settings(choices),
    );
    this.title = el("h1", { id: "personify-ask", tabIndex: -1 }, "Who would you like to meet?");
    this.element = el(
      "section",
      { class: "describe" },
      this.title,
      el("p", { class: "lead" }, "Describe anyone or anything. It gets a character, a voice and a face, and talks with you."),
      this.form,
    );
  }

  #examples(examples) {
    const chips = examples.map((example) =>
      el("li", {}, el("button", { type: "button", class: "chip", onclick: () => this.#take(example) }, example)),
    );
    return el("ul", { class: "chips", "aria-label": "Examples" }, ...chips);
  }

  #take(example) {
    this.text.value = example;
    this.trouble(null);
    this.text.focus();
  }

  #settings(choices) {
    this.fields = {
      expert: select([["", "Whatever fits best"], ...choices.experts.map(({ name, title }) => [name, title])]),
      tone: select([["", "Whatever fits best"], ...toneGroups(choices.tones)]),
      guidance: select(GUIDANCES),
      depth: select(DEPTHS),
      seed: el("input", { type: "number", min: 0, max: 2 ** 32 - 1, step: 1, inputMode: "numeric", placeholder: "Any" }),
      llm: choices.own_model
        ? el("input", { type: "text", autocomplete: "off", spellcheck: false, placeholder: choices.engine.name, maxLength: 300 })
        : null,
    };
    const { expert, tone, guidance, depth, seed, llm } = this.fields;
    return el(
      "details",
      { class: "settings" },
      el("summary", {}, "Settings"),
      el(
        "div",
        { class: "fields" },
        field("Style of the picture", expert),
        field("Voice", tone),
        this.#pictureField(choices.picture_mb),
        field("How the picture is guided", guidance, "What keeps the face where a face can move."),
        field("How much is written", depth),
        field("Seed", seed, "The same seed and words give the same character."),
        llm
          ? field("Language model", llm, 'URL#MODEL of an OpenAI-compatible server, or "builtin". Keys come from the server\'s settings.')
          : null,
      ),
    );
  }

  #pictureField(limit_mb) {
    this.shown = el("img", { class: "picked", alt: "", hidden: true });
    this.file = el("input", {
      type: "file",
      accept: "image/png,image/jpeg,image/webp",
      onchange: () => this.#pick(this.file.files[0] ?? null, limit_mb),
    });
    const clear = button("Remove the picture", () => this.#pick(null, limit_mb), { image: "close", iconOnly: true, hidden: true });
    this.clear = clear;
    const row = el("div", { class: "picker" }, this.file, this.shown, clear);
    const labelled = field("A picture of your own", this.file, `Guides the style above; PNG, JPEG or WebP up to ${limit_mb} MB.`);
    labelled.insertBefore(row, labelled.lastChild);
    row.prepend(this.file);
    return labelled;
  }

  #pick(file, limit_mb) {
    if (this.shown.src) URL.revokeObjectURL(this.shown.src);
    if (file && file.size > limit_mb * 2 ** 20) {
      this.trouble(`That picture has ${(file.size / 2 ** 20).toFixed(1)} MB; up to ${limit_mb} MB are read.`);
      file = null;
    } else this.trouble(null);
    this.picture = file;
    if (!file) this.file.value = "";
    this.shown.hidden = this.clear.hidden = !file;
    if (file) this.shown.src = URL.createObjectURL(file);
    else this.shown.removeAttribute("src");
  }

  async #submit(event) {
    event.preventDefault();
    const description = this.text.value.trim();
    if (!description) {
      this.trouble("Say who it is first, or choose an example below.");
      this.text.focus();
      return;
    }
    const { expert, tone, guidance, depth, seed, llm } = this.fields;
    const asked = { description, depth: depth.value };
    if (expert.value) asked.expert = expert.value;
    if (tone.value) asked.tone = tone.value;
    if (guidance.value) asked.guidance = guidance.value;
    if (seed.value !== "") asked.seed = Number(seed.value);
    if (llm?.value.trim()) asked.llm = llm.value.trim();
    if (this.create.disabled) return; // asked already
    this.create.disabled = true;
    try {
      if (this.picture) asked.picture = (await this.app.upload(this.picture)).path;
      this.trouble(null);
      await this.app.create(asked);
    } catch (error) {
      this.trouble(`The picture could not be sent: ${error.message}`);
    }
    setTimeout(() => (this.create.disabled = false), ANSWERED_MS);
  }

  /** One line of what went wrong, or null. */
  trouble(text) {
    setText(this.problem, text);
    this.text.setAttribute("aria-invalid", text ? "true" : "false");
  }

  /** @param {Object} scene */
  show(scene) {
    this.create.disabled = false;
    if (scene.step !== "describe") return;
    if (scene.trouble) this.trouble(scene.trouble);
    if (!this.text.value && scene.description) this.text.value = scene.description;
  }
}

/** The tones for a select, in groups that people know: women, men, children, and other beings. */
export function toneGroups(tones) {
  const groups = new Map();
  for (const { name, title, group } of tones) {
    if (!groups.has(group)) groups.set(group, []);
    groups.get(group).push([name, title]);
  }
  return [...groups].map(([label, options]) => ({ label, options }));
}
