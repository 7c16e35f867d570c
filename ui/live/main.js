// The app's page: shows the scene that the server tells, and tells the server what is asked for.

import { Change, Downloads } from "./change.js";
import { Chat } from "./chat.js";
import { Describe } from "./describe.js";
import { button, el, isolated, setText } from "./dom.js";
import { DOING, Hero } from "./hero.js";
import { Cards } from "./scene.js";
import { Server } from "./server.js";
import { Shelf } from "./shelf.js";
import { soundTypes, wakeOnTouch } from "./sound.js";

const SAVED = "personify";
const CHANGED = { face: "has another face now.", voice: "has another voice now.", character: "has changed." };

/**
 * Builds the page in a Gradio HTML component; its value is the scene.
 * @param {HTMLElement} element @param {Object} props `value`: the scene, `choices`: what can be chosen; see `unfold`
 * @param {Function} watch Gradio's @param {Function} trigger Gradio's @param {(file: File) => Promise<{path: string}>} upload
 */
export function mount(element, props, watch, trigger, upload) {
  const app = new App(unfold(props.choices), trigger, upload);
  element.replaceChildren(app.element);
  wakeOnTouch();
  watch("value", () => app.show(unfold(props.value)));
  app.show(unfold(props.value));
  window.personify = app; // for who looks into the page: tests, measuring, the console
}

export class App {
  constructor(choices, trigger, upload) {
    this.choices = choices;
    this.upload = upload;
    this.scene = null;
    this.server = null;
    this.saved = load();
    this.send = (name, told) => trigger(name, told);
    this.#build();
    this.#comeBack();
    addEventListener("popstate", () => this.#back());
  }

  /** What was typed before a reload; what was being made then is not made any further. */
  #comeBack() {
    if (!this.saved?.wish) return;
    this.describe.text.value = this.saved.wish;
    this.describe.trouble("The page was loaded anew, which stopped the making. Create begins it again.");
    this.saved = null;
  }

  /** The browser's way back leads from a character to the first step. */
  #back() {
    const { step } = this.scene ?? {};
    if (history.state?.personify || !step || step === "describe") return;
    this.send(step === "making" ? "stop" : "home", {});
  }

  #build() {
    this.describe = new Describe(this);
    this.shelf = new Shelf(this);
    this.hero = new Hero(this);
    this.cards = new Cards(this);
    this.chat = new Chat(this, this.hero);
    this.change = new Change(this);
    this.downloads = new Downloads(this);
    this.hero.addEventListener("still", () => this.announce("The live face can't be shown here; its picture and its voice are."));
    this.home = el("div", { class: "home" }, this.describe.element, this.shelf.element);
    this.making = el("div", { class: "side" }, this.cards.element);
    this.below = el("div", { class: "below" }, this.change.element, this.downloads.element);
    this.stage = el("div", { class: "stage" }, this.hero.element, this.making, this.chat.element, this.below);
    this.another = button("Someone new", () => this.send("home", {}), { image: "plus", kind: "quiet" });
    this.brand = button("Personify", () => this.send("home", {}), { kind: "brand" });
    const out = this.choices.login ? el("a", { class: "button quiet", href: "/logout" }, "Log out") : null;
    this.bar = el("header", { class: "bar" }, this.brand, el("div", { class: "row" }, this.another, out));
    this.wait = el("p", { class: "wait", role: "status" }, "One moment…");
    this.gone = el(
      "div",
      { class: "gone", role: "alert", hidden: true },
      el("p", {}, "The connection to this page's session was lost."),
      button("Reload", () => location.reload(), { kind: "main" }),
    );
    this.status = el("p", { class: "sr", role: "status", "aria-live": "polite" });
    this.main = el("main", {}, this.wait, this.home, this.stage);
    this.element = el("div", { class: "personify", lang: "en" }, this.bar, this.gone, this.main, this.status, foot(this.choices));
    this.home.hidden = this.stage.hidden = this.another.hidden = true;
  }

  /** @param {?Object} scene what to show; older ones than the last are passed over */
  show(scene) {
    if (!scene?.session) {
      if (scene?.trouble) setText(this.wait, scene.trouble);
      return;
    }
    const before = this.scene;
    if (before && before.session === scene.session && scene.serial < before.serial) return;
    this.scene = scene;
    if (this.server?.session !== scene.session) this.server = new Server(scene.session);
    if (this.saved && scene.step === "describe" && !scene.trouble) {
      const { key } = this.saved;
      if (!this.asked) this.send("open", { key, back: true });
      this.asked = true;
      return; // back to who was here before the reload; until then the page waits
    }
    this.#between(before, scene);
    const step = scene.step === "making" || scene.step === "meet" ? "stage" : "home";
    this.element.dataset.step = scene.step;
    this.wait.hidden = true;
    this.home.hidden = step !== "home";
    this.stage.hidden = step !== "stage";
    this.another.hidden = step === "home";
    for (const part of [this.describe, this.shelf, this.hero, this.cards, this.chat, this.change, this.downloads]) part.show(scene);
    this.chat.element.hidden = scene.step !== "meet";
    this.below.hidden = scene.step !== "meet";
    document.title = scene.persona?.name ? `${isolated(scene.persona.name)} · Personify` : "Personify";
    if (before?.step !== scene.step) this.#arrive(scene, before);
    else this.#tellStage(scene, before);
    if (scene.step === "meet" && scene.trouble && scene.trouble !== before?.trouble) this.chat.tell(scene.trouble);
    this.remember();
  }

  /** What has to end, or to come back, on the way from one scene to the next. */
  #between(before, scene) {
    const begins = scene.step === "making" && before?.step !== "making";
    const other = scene.step === "meet" && before?.step === "meet" && scene.key !== before.key;
    if (begins || other || scene.step === "describe") {
      this.chat.leave();
      this.hero.leave();
    }
    if (this.saved && scene.step === "meet" && scene.key === this.saved.key) {
      this.chat.show(scene); // names first, for the lines
      this.chat.restore(this.saved.lines ?? []);
    }
    if (scene.step !== "describe" || scene.trouble) this.saved = null;
  }

  #arrive(scene, before) {
    const heading = { describe: this.describe.title, making: this.hero.doing, meet: this.chat.title }[scene.step];
    if (before) heading?.focus({ preventScroll: true });
    if (scene.step !== "describe" && !history.state?.personify) history.pushState({ personify: true }, "");
    else if (scene.step === "describe" && history.state?.personify) history.back();
    if (before && (scene.step !== "meet" || before.step === "describe")) window.scrollTo({ top: 0 });
    if (scene.step === "making") this.announce("Your character is coming to life.");
    if (scene.step === "meet") this.announce(`${scene.persona?.name} is here. Talk by typing below.`);
  }

  /** How the work goes on, for who can't see it. */
  #tellStage(scene, before) {
    if (scene.stage && scene.stage !== before.stage) this.announce(`${DOING[scene.stage]}…`);
    if (scene.redoing && !before.redoing) this.stood = looks(before);
    if (!before.redoing || scene.redoing || scene.trouble || looks(scene) === this.stood) return;
    this.chat.tell(`${isolated(scene.persona?.name)} ${CHANGED[before.redoing]}`);
  }

  /** Says something to screen readers. */
  announce(text) {
    setText(this.status, text);
  }

  async create(asked) {
    this.send("create", { ...asked, sound: await this.sound() });
  }

  async open(key) {
    this.send("open", { key, sound: await this.sound() });
  }

  async revise(asked) {
    this.chat.interrupt();
    this.send("revise", { ...asked, sound: await this.sound() });
  }

  stop() {
    this.send("stop", {});
  }

  /** What this browser decodes. @returns {Promise<"opus"|"wav">} */
  async sound() {
    return soundTypes();
  }

  /** Plays the greeting in another tone. @param {string} name @param {HTMLButtonElement} by its button */
  async hearTone(name, by) {
    if (!name) return;
    this.chat.interrupt();
    this.playing?.pause();
    by.disabled = true;
    try {
      const { audio, note } = await this.server.tryTone(name, await this.sound());
      this.playing = new Audio(`data:${audio.type};base64,${audio.data}`);
      this.playing.volume = Number(this.hero.volume.value);
      await this.playing.play();
      if (note) this.announce(note);
    } catch (error) {
      this.announce(error.message);
      this.change.trouble(error.message);
    } finally {
      by.disabled = false;
    }
  }

  /** The session is gone: the server was restarted, or the page slept too long. */
  lost() {
    this.gone.hidden = false;
  }

  /** Keeps who was here and what was said, until the tab is closed. */
  remember() {
    if (!this.scene || this.saved) return;
    try {
      const { step, key } = this.scene;
      if (step === "meet" && key) sessionStorage.setItem(SAVED, JSON.stringify({ key, lines: this.chat.transcript }));
      else if (step === "making") sessionStorage.setItem(SAVED, JSON.stringify({ wish: this.scene.description }));
      else if (step === "describe") sessionStorage.removeItem(SAVED);
    } catch {
      // private windows may keep nothing: then a reload begins anew
    }
  }
}

/** What comes as JSON texts by their names. @param {?Object<string, string>} told */
function unfold(told) {
  return told && Object.fromEntries(Object.entries(told).map(([name, text]) => [name, JSON.parse(text)]));
}

/** What of a character can be made anew. */
function looks({ persona, tone, live }) {
  return JSON.stringify([persona, tone?.name, live?.rig_url]);
}

function load() {
  try {
    const saved = JSON.parse(sessionStorage.getItem(SAVED));
    return typeof (saved?.key ?? saved?.wish) === "string" ? saved : null;
  } catch {
    return null;
  }
}

function foot({ engine }) {
  const words = engine.is_language_model ? `Words by ${engine.name}.` : "Words by built-in rules, not a language model.";
  return el("footer", { class: "foot" }, el("p", {}, `Characters, faces and voices are made by a machine. ${words}`));
}
