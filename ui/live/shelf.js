// The shelf: characters met before, as cards to open or remove, and one from a file.

import { button, el, icon, setText } from "./dom.js";

export class Shelf {
  /** @param {import("./main.js").App} app */
  constructor(app) {
    this.app = app;
    this.cards = new Map();
    this.list = el("ul", { class: "cards", "aria-labelledby": "personify-shelf" });
    this.file = el("input", { type: "file", accept: ".zip,.png,.json,.charx,application/zip,image/png,application/json", hidden: true, onchange: () => this.#fromFile() });
    this.problem = el("p", { class: "trouble", role: "alert" });
    this.title = el("h2", { id: "personify-shelf" }, "Met before");
    const open = button("Open from a file", () => this.file.click(), { image: "file", kind: "quiet" });
    this.element = el(
      "section",
      { class: "shelf" },
      el("div", { class: "row spread" }, this.title, open, this.file),
      this.problem,
      this.list,
    );
    this.dialog = this.#dialog();
    this.element.append(this.dialog);
  }

  #dialog() {
    this.question = el("p", { id: "personify-remove" });
    const choose = (value) => () => this.dialog.close(value);
    return el(
      "dialog",
      { class: "ask", "aria-labelledby": "personify-remove", onclose: () => this.#removed() },
      this.question,
      el(
        "div",
        { class: "row end" },
        button("Keep", choose("keep"), { autofocus: true }),
        button("Remove", choose("remove"), { kind: "danger" }),
      ),
    );
  }

  async #fromFile() {
    const file = this.file.files[0];
    this.file.value = "";
    if (!file) return;
    const limit_mb = this.app.choices.bundle_mb;
    if (file.size > limit_mb * 2 ** 20) {
      this.trouble(`That file has ${(file.size / 2 ** 20).toFixed(1)} MB; up to ${limit_mb} MB are read.`);
      return;
    }
    this.trouble(null);
    try {
      const { path } = await this.app.upload(file);
      this.app.send("read", { path, sound: await this.app.sound() });
    } catch (error) {
      this.trouble(`The file could not be sent: ${error.message}`);
    }
  }

  /** One line of what went wrong, or null. */
  trouble(text) {
    setText(this.problem, text);
  }

  #removed() {
    if (this.dialog.returnValue === "remove") this.app.send("remove", { key: this.asked });
    this.dialog.returnValue = "";
  }

  #ask(entry) {
    this.asked = entry.key;
    this.question.replaceChildren("Remove ", el("bdi", {}, entry.name), " for good? Its picture, voice and clip are deleted.");
    this.dialog.showModal();
  }

  #card(entry) {
    const picture = el("img", { src: entry.picture ?? "", alt: "", loading: "lazy", width: 240, height: 240 });
    return el(
      "li",
      { class: "card" },
      el(
        "button",
        { type: "button", class: "open", onclick: () => this.app.open(entry.key) },
        picture,
        el("strong", { dir: "auto" }, entry.name),
        el("span", { dir: "auto" }, entry.description),
      ),
      el(
        "button",
        { type: "button", class: "button round remove", title: "Remove", "aria-label": `Remove ${entry.name}`, onclick: () => this.#ask(entry) },
        icon("close"),
      ),
    );
  }

  /** @param {Object} scene */
  show(scene) {
    const entries = scene.shelf ?? [];
    const keys = new Set(entries.map(({ key }) => key));
    for (const [key, { card }] of this.cards) {
      if (!keys.has(key)) {
        card.remove();
        this.cards.delete(key);
      }
    }
    for (const [index, entry] of entries.entries()) {
      const told = JSON.stringify(entry);
      const known = this.cards.get(entry.key);
      if (known?.told !== told) {
        const card = this.#card(entry);
        if (known) known.card.replaceWith(card);
        this.cards.set(entry.key, { card, told });
      }
      const { card } = this.cards.get(entry.key);
      if (this.list.children[index] !== card) this.list.insertBefore(card, this.list.children[index] ?? null);
    }
    this.list.hidden = entries.length === 0;
    setText(this.title, entries.length ? "Met before" : "Made one elsewhere?");
  }
}
