class Recorder extends AudioWorkletProcessor {
  constructor() {
    super();
    this.samples = new Float32Array(1200);
    this.filled = 0;
  }
  process([[channel]]) {
    for (const sample of channel ?? new Float32Array(128)) {
      this.samples[this.filled++] = sample;
      if (this.filled === this.samples.length) {
        this.port.postMessage({ samples: this.samples.slice() });
        this.filled = 0;
      }
    }
    return true;
  }
}
registerProcessor("recorder", Recorder);
