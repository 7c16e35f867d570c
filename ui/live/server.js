// Asks the server on behalf of one session: replies piece by piece, interruptions, hearing, and other voices.

const ROOT = "/personify";

/** What went wrong, in the server's own line; `status` is HTTP's, `after_s` how long it wants to be left alone. */
export class ServerError extends Error {
  constructor(message, status, after_s = null) {
    super(message);
    this.status = status;
    this.after_s = after_s;
  }
}

export class Server {
  /** @param {string} session its token @param {string} [base] where the server is, "" for where the page came from */
  constructor(session, base = "") {
    this.session = session;
    this.base = base;
  }

  /**
   * The reply to what was said: its pieces as they come.
   * @param {string} said @param {{signal?: AbortSignal, sound?: "opus"|"wav"}} [how]
   */
  async *reply(said, { signal, sound = "opus" } = {}) {
    const response = await this.#ask("reply", { said, sound }, signal);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    try {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        const lines = (rest + value).split("\n");
        rest = lines.pop();
        for (const line of lines) if (line.trim()) yield JSON.parse(line);
      }
      if (rest.trim()) yield JSON.parse(rest);
    } finally {
      reader.cancel().catch(() => {}); // whoever stops reading hangs up
    }
  }

  /** Stops the reply at once. @param {?number} spoken_s how much of its sound was heard */
  async interrupt(spoken_s) {
    await this.#ask("interrupt", { spoken_s });
  }

  /** What is said in a recording. @param {Blob} wav @returns {Promise<{text: string, language: string}>} */
  async hear(wav) {
    return (await this.#send("hear", wav, "audio/wav")).json();
  }

  /** The greeting in another tone. @param {string} tone @param {"opus"|"wav"} [sound] */
  async tryTone(tone, sound = "wav") {
    return (await this.#ask("try", { tone, sound })).json();
  }

  #ask(what, told, signal) {
    return this.#send(what, JSON.stringify(told), "application/json", signal);
  }

  async #send(what, body, type, signal) {
    let response;
    try {
      response = await fetch(`${this.base}${ROOT}/${what}`, {
        method: "POST",
        headers: { "Content-Type": type, "X-Personify-Session": this.session },
        body,
        signal,
      });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new ServerError("The server can't be reached; is it still running?", 0);
    }
    if (response.ok) return response;
    throw new ServerError(await oneLine(response), response.status, Number(response.headers.get("Retry-After")) || null);
  }
}

async function oneLine(response) {
  try {
    const { error } = await response.json();
    if (typeof error === "string" && error) return error;
  } catch {
    // not ours: a proxy's page, say
  }
  return response.status === 401
    ? "This page's session has ended; reload the page."
    : `The server refused (${response.status}); try again.`;
}
