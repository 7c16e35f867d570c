"""What is put into a page before it loads, to see and hear from outside what its scripts do.

`window.probe` listens to whatever goes to the speakers, notes what changes on screen, and when Enter is pressed. Times
are the page's own milliseconds (`performance.now()`), at which a thing is heard or seen.
"""

PROBE = """
window.probe = (() => {
  const QUIET = 0.004; // as loud as the faintest that counts as a sound
  const probe = { sent_ms: null, onsets: [], loud_ms: 0, frames: [], changes: [], starts: [], canvas: null };
  const taps = [];

  // What goes to the speakers also goes to an ear.
  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (to, ...rest) {
    if (to instanceof AudioDestinationNode && to.context instanceof AudioContext) {
      const ear = new AnalyserNode(to.context, { fftSize: 8192 });
      connect.call(this, ear);
      taps.push({ ear, context: to.context, samples: new Float32Array(ear.fftSize), quiet_s: -1 });
    }
    return connect.call(this, to, ...rest);
  };

  // When each sound is to be played, and how much silence it begins with.
  const start = AudioBufferSourceNode.prototype.start;
  AudioBufferSourceNode.prototype.start = function (when_s = 0, offset_s = 0, seconds) {
    const samples = this.buffer.getChannelData(0);
    const first = samples.findIndex((sample) => Math.abs(sample) > QUIET);
    const { sampleRate, duration } = this.buffer;
    probe.starts.push({
      context: this.context, at_s: when_s, lead_s: Math.max(0, first) / sampleRate, seconds: seconds ?? duration,
    });
    return seconds === undefined ? start.call(this, when_s, offset_s) : start.call(this, when_s, offset_s, seconds);
  };

  // A context's time as the page's time at which it is heard.
  probe.heard_ms = (context, time_s) => {
    const { contextTime, performanceTime } = context.getOutputTimestamp();
    if (performanceTime > 0) return performanceTime + 1000 * (time_s - contextTime);
    const late_s = context.outputLatency || context.baseLatency || 0;
    return performance.now() + 1000 * (time_s + late_s - context.currentTime);
  };

  function listen() {
    for (const tap of taps) {
      tap.ear.getFloatTimeDomainData(tap.samples);
      const { samples, context } = tap;
      const end_s = context.currentTime;
      const at_s = (i) => end_s - (samples.length - i) / context.sampleRate;
      for (let i = 0; i < samples.length; i++) {
        if (Math.abs(samples[i]) <= QUIET || at_s(i) <= tap.quiet_s) continue;
        if (at_s(i) > tap.quiet_s + 0.4) {
          probe.onsets.push({ ms: probe.heard_ms(context, at_s(i)), at_s: at_s(i), context });
        }
        tap.quiet_s = at_s(i);
        probe.loud_ms = performance.now();
      }
    }
    requestAnimationFrame(listen);
  }
  requestAnimationFrame(listen);

  addEventListener("keydown", (event) => {
    if (event.key === "Enter") probe.sent_ms = performance.now();
  }, { capture: true });

  // What changes on screen, but for clocks and shares of a hundred.
  const seen = new WeakMap();
  const worded = (node) => (node.textContent ?? "").replace(/[0-9.,:]+/g, "").trim();
  const note = (what) => probe.changes.push({ ms: performance.now(), what });
  new MutationObserver((records) => {
    for (const { type, target, addedNodes, oldValue } of records) {
      const element = target.nodeType === Node.ELEMENT_NODE ? target : target.parentElement;
      if (!element?.closest(".app")) continue;
      if (type === "attributes") {
        if (oldValue !== null && !element.hidden) note(`${element.className}: shown`); // it was hidden, and is no more
      }
      else if (type === "characterData" || addedNodes.length) {
        const words = worded(element);
        if (!words || seen.get(element) === words) continue;
        seen.set(element, words);
        note(`${element.className || element.tagName}: ${words.slice(0, 40)}`);
      }
    }
  }).observe(document, {
    subtree: true, childList: true, characterData: true, attributeFilter: ["hidden"], attributeOldValue: true,
  });
  const loaded = ({ target }) => target instanceof HTMLImageElement && note("a picture");
  document.addEventListener("load", loaded, { capture: true }); // it passes the document, but never the window

  // What the face was asked for in each frame that was drawn.
  probe.watchFace = async () => {
    const { Face } = await import("/personify/live/face.js");
    const at = Face.prototype.at;
    const mouth = ["jaw", "press", "wide", "round", "upper_lip", "tuck"];
    Face.prototype.at = function (now_s, heard_s = null) {
      const values = at.call(this, now_s, heard_s);
      const { context } = probe.starts.at(-1) ?? {};
      const ms = performance.now();
      const { contextTime, performanceTime } = context?.getOutputTimestamp() ?? {};
      const audible_s = performanceTime > 0 ? contextTime + (ms - performanceTime) / 1000 : null;
      probe.frames.push({ ms, heard_s, lips: mouth.map((name) => values[name] ?? 0), audible_s });
      return values;
    };
  };

  probe.forget = () => {
    for (const name of ["onsets", "frames", "changes", "starts"]) probe[name].length = 0;
    probe.sent_ms = null;
  };
  probe.told = () => ({
    sent_ms: probe.sent_ms,
    now_ms: performance.now(),
    onsets: probe.onsets.map(({ ms, at_s }) => ({ ms, at_s })),
    frames: probe.frames.slice(),
    starts: probe.starts.map(({ at_s, lead_s, seconds }) => ({ at_s, lead_s, seconds })),
    changes: probe.changes.slice(),
  });
  return probe;
})();
"""
