// The conversation: what is said on both sides, by typing or by voice, and how either is interrupted.

import { button, el, icon, setText } from "./dom.js";

const MOST_LINES = 200;
const STREAM_ENDS_MS = 1500; // how long an interrupted reply may take to tell what was heard of it

export class Chat {
  /** @param {import("./main.js").App} app @param {import("./hero.js").Hero} hero */
  constructor(app, hero) {
    this.app = app;
    this.hero = hero;
    this.lines = []; // {who, text, cut}
    this.reply = null; // the one that is coming or being heard
    this.#build();
    hero.addEventListener("touch", () => this.interrupt());
    hero.addEventListener("avatar", ({ detail: avatar }) => {
      avatar.addEventListener("quiet", () => this.#heard(avatar));
      avatar.addEventListener("state", () => this.mic?.guard(avatar.state === "speaking"));
      avatar.addEventListener("trouble", ({ detail }) => this.#hint(detail.message));
      avatar.addEventListener("blocked", ({ detail }) => this.#hint(detail.blocked ? "Click anywhere to hear it." : ""));
    });
  }

  #build() {
    this.title = el("h2", { tabIndex: -1 });
    this.nature = el("p", { class: "nature" });
    this.engine = el("p", { class: "engine" });
    this.log = el("div", { class: "log", role: "log", "aria-live": "polite", "aria-label": "Conversation", tabIndex: 0 });
    this.text = el("textarea", {
      rows: 1,
      class: "say",
      placeholder: "Say something",
      "aria-label": "What you say",
      maxLength: this.app.choices.said_chars,
      onkeydown: (event) => this.#key(event),
      oninput: () => this.#grow(),
    });
    this.send = el("button", { type: "submit", class: "button round main", title: "Send", "aria-label": "Send" }, icon("send"));
    this.talk = button("Hold to talk", null, { image: "mic", iconOnly: true });
    this.hands = button("Talk hands-free", () => this.#handsFree(), { image: "wave", iconOnly: true, "aria-pressed": "false" });
    this.hint = el("p", { class: "hint", role: "status" });
    this.form = el(
      "form",
      { class: "composer", onsubmit: (event) => this.#submit(event) },
      this.talk,
      this.hands,
      this.text,
      this.send,
    );
    this.element = el(
      "section",
      { class: "chat", "aria-label": "Talk" },
      el("header", {}, el("div", {}, this.title, this.nature), this.engine),
      this.log,
      this.hint,
      this.form,
    );
    this.#voice();
  }

  /** @param {Object} scene */
  show(scene) {
    setText(this.title, scene.persona?.name);
    setText(this.nature, [scene.persona?.nature, scene.persona?.occupation].filter(Boolean).join(", "));
    const { engine, hearing } = scene;
    this.language = scene.persona?.language ?? "";
    setText(this.engine, engine.is_language_model ? `Words by ${engine.name}` : "Words by built-in rules, no language model");
    this.hearing = hearing;
    const first = scene.persona?.greeting;
    if (first && scene.greeting && this.greeting !== scene.greeting.id) {
      this.greeting = scene.greeting.id;
      if (scene.greeting.log) this.hello = this.#add("them", scene.greeting.sentence);
    }
    this.talk.classList.toggle("off", !hearing.available);
    this.hands.hidden = !hearing.available;
  }

  /** What was said so far, for after a reload. */
  get transcript() {
    return this.lines.map(({ who, text, cut }) => ({ who, text, cut })).slice(-MOST_LINES);
  }

  /** Puts back what was said. */
  restore(lines) {
    this.clear();
    for (const { who, text, cut } of lines) this.#add(who, text, cut);
  }

  clear() {
    this.lines = [];
    this.hello = null;
    this.log.replaceChildren();
    this.#hint("");
  }

  #add(who, text, cut = false) {
    const words = el("p", { class: "words", dir: "auto", lang: who === "note" ? "en" : this.language }, text);
    const name = who === "you" ? "You" : who === "them" ? this.title.textContent : "Note";
    const bubble = el("div", { class: `line ${who}` }, el("span", { class: "sr" }, `${name}: `), words);
    const line = { who, text, cut: false, words, bubble };
    this.lines.push(line);
    this.log.append(bubble);
    while (this.lines.length > MOST_LINES) this.lines.shift().bubble.remove();
    if (cut) this.#cut(line);
    this.#scroll();
    return line;
  }

  #write(line, text) {
    line.text = text;
    setText(line.words, text);
    this.#scroll();
  }

  #cut(line) {
    if (line.cut) return;
    line.cut = true;
    line.bubble.append(el("span", { class: "cut" }, "interrupted"));
  }

  #scroll() {
    this.log.scrollTop = this.log.scrollHeight;
  }

  /** One line beside the talk, of what went wrong or what to do. */
  tell(text) {
    this.#hint(text);
  }

  #hint(text) {
    setText(this.hint, text);
  }

  #key(event) {
    if (event.key === "Escape") this.interrupt();
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.form.requestSubmit();
  }

  #grow() {
    this.text.style.height = "auto";
    const wanted = this.text.scrollHeight + 2; // its border
    this.text.style.height = `${Math.min(wanted, 140)}px`;
    this.text.style.overflowY = wanted > 140 ? "auto" : "hidden";
  }

  #submit(event) {
    event.preventDefault();
    const said = this.text.value.trim();
    if (!said) {
      this.interrupt();
      return;
    }
    this.text.value = "";
    this.#grow();
    this.say(said);
  }

  /** Says something to the character; what it is saying is interrupted. */
  async say(said) {
    const stopped = this.interrupt();
    this.#hint("");
    this.#add("you", said);
    const line = this.#add("them", "");
    line.bubble.classList.add("waiting");
    line.bubble.setAttribute("aria-busy", "true");
    const reply = { line, abort: new AbortController(), done: false, cut: false };
    this.reply = reply;
    await stopped;
    this.hero.avatar?.think();
    try {
      for await (const piece of this.app.server.reply(said, { signal: reply.abort.signal, sound: await this.app.sound() })) {
        this.#take(piece, reply);
      }
    } catch (error) {
      if (error.name !== "AbortError") this.#failed(error, reply);
    } finally {
      this.#over(reply);
    }
  }

  #take(piece, reply) {
    const { line } = reply;
    const avatar = this.hero.avatar;
    if (piece.piece === "text") {
      line.bubble.classList.remove("waiting");
      if (!reply.cut) this.#write(line, line.text + piece.text);
    } else if (piece.piece === "speech" || piece.piece === "face") {
      if (reply.cut || this.reply !== reply) return;
      reply.spoke ||= piece.piece === "speech";
      if (avatar) avatar.piece(piece);
      else if (piece.sentence) this.hero.tell(piece.sentence);
    } else if (piece.piece === "trouble" || piece.error) {
      this.#add("note", piece.message ?? piece.error);
    } else if (piece.piece === "said") {
      if (piece.cut_off) this.#cut(line);
      if (piece.text || piece.cut_off) this.#write(line, piece.text || "…");
      for (const note of piece.notes ?? []) this.#hint(note);
      reply.done = true;
    }
  }

  #failed(error, reply) {
    this.#add("note", error.message);
    if (!reply.line.text) this.#drop(reply.line);
    if (error.status === 401) this.app.lost();
  }

  #drop(line) {
    line.bubble.remove();
    this.lines = this.lines.filter((other) => other !== line);
  }

  /** Nothing more comes of a reply; it may still be heard. */
  #over(reply) {
    const { line } = reply;
    reply.done = true;
    line.bubble.classList.remove("waiting");
    line.bubble.removeAttribute("aria-busy");
    if (!line.text && line.bubble.isConnected) this.#drop(line);
    if (this.reply === reply && !reply.cut) {
      if (this.hero.avatar && reply.spoke) this.hero.avatar.end();
      else {
        this.hero.avatar?.listen();
        this.reply = null;
      }
    }
    this.app.remember();
  }

  #heard(avatar) {
    if (this.reply?.done && avatar === this.hero.avatar) {
      this.reply = null;
      avatar.listen();
    }
  }

  /** Stops what the character is saying, at once; the server learns how much of it was heard. */
  async interrupt() {
    const avatar = this.hero.avatar;
    const speaking = avatar?.speaking ?? false;
    const reply = this.reply;
    this.reply = null;
    const heard_s = avatar && (speaking || reply) ? avatar.interrupt() : null;
    if (!reply) {
      if (speaking && this.hello && this.lines.at(-1) === this.hello) this.#cut(this.hello);
      return;
    }
    reply.cut = true;
    if (speaking || !reply.done) this.#cut(reply.line);
    avatar?.listen();
    if (!reply.done) setTimeout(() => reply.abort.abort(), STREAM_ENDS_MS);
    try {
      await this.app.server.interrupt(avatar ? (heard_s ?? 0) : null);
    } catch (error) {
      reply.abort.abort();
      if (error.status === 401) this.app.lost();
    }
  }

  /** The microphone, once somebody wants it: it is asked for at the first press, never before. */
  #voice() {
    let held = false;
    const press = async (event) => {
      event.preventDefault();
      if (held) return;
      held = true;
      if (!this.hearing?.available) {
        this.#hint(this.hearing?.how || "Nothing here can hear; type instead.");
        return;
      }
      const mic = await this.#microphone();
      if (!mic || !held) return;
      await mic.press();
      if (!held) mic.release();
    };
    const release = () => {
      if (!held) return;
      held = false;
      this.mic?.release();
    };
    this.talk.addEventListener("pointerdown", (event) => {
      this.talk.setPointerCapture?.(event.pointerId);
      press(event);
    });
    for (const name of ["pointerup", "pointercancel", "blur"]) this.talk.addEventListener(name, release);
    this.talk.addEventListener("keydown", (event) => (event.key === " " || event.key === "Enter") && press(event));
    this.talk.addEventListener("keyup", release);
    this.talk.addEventListener("contextmenu", (event) => event.preventDefault());
  }

  async #microphone() {
    if (this.mic) return this.mic;
    try {
      const { Microphone } = await import("./mic.js");
      this.mic = new Microphone({
        server: { hear: (wav) => this.app.server.hear(wav) }, // the session's of then
        onstate: (state) => this.#micState(state),
        ontext: ({ text }) => this.say(text),
        onspeech: () => this.interrupt(),
        ontrouble: (line) => this.#hint(line),
        onlevel: (level) => this.form.style.setProperty("--level", level.toFixed(2)),
      });
      this.mic.guard(this.hero.avatar?.state === "speaking");
    } catch (error) {
      this.#hint(`The microphone can't be used: ${error.message}`);
    }
    return this.mic ?? null;
  }

  #micState(on) {
    this.form.dataset.mic = on;
    if (on === "off") this.hands.setAttribute("aria-pressed", "false");
    const free = this.mic?.free;
    const told = { opening: "Opening the microphone…", listening: free ? "Just talk; it is listening." : "", hearing: "Listening to you…", sending: "Understanding…" };
    this.#hint(told[on] ?? "");
    if (on === "hearing") this.hero.avatar?.listen();
  }

  async #handsFree() {
    const on = this.hands.getAttribute("aria-pressed") !== "true";
    const mic = await this.#microphone();
    if (!mic) return;
    this.hands.setAttribute("aria-pressed", String(await mic.handsFree(on)));
  }

  /** Ends what is going on, for another character. */
  leave() {
    this.interrupt();
    this.mic?.close();
    this.hands.setAttribute("aria-pressed", "false");
    this.clear();
  }
}
