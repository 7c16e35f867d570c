// Runs in the audio thread: hands on what the microphone hears, a hundredth of a second or so at a time.

const SIZE = 512;

class Capture extends AudioWorkletProcessor {
  constructor() {
    super();
    this.block = new Float32Array(SIZE);
    this.filled = 0;
  }

  process([input]) {
    const heard = input[0]; // the first channel; none while the microphone isn't connected
    if (!heard) return true;
    for (let at = 0; at < heard.length; ) {
      const part = heard.subarray(at, at + SIZE - this.filled);
      this.block.set(part, this.filled);
      this.filled += part.length;
      at += part.length;
      if (this.filled === SIZE) {
        this.port.postMessage(this.block, [this.block.buffer]);
        this.block = new Float32Array(SIZE);
        this.filled = 0;
      }
    }
    return true;
  }
}

registerProcessor("personify-capture", Capture);
