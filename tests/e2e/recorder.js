// Runs before the page's own scripts: records, inside the audio graph, every sample that goes to the loudspeaker.
(() => {
  const PROCESSOR = "/__recorder.worklet.js";
  const recorders = [];
  const Original = window.AudioContext;
  // The page's modules wait for the recorder's, so that nothing sounds that is not recorded.
  const recorderLoaded = new WeakMap();
  const addModule = AudioWorklet.prototype.addModule;
  AudioWorklet.prototype.addModule = function (...module) {
    return recorderLoaded.get(this).then(() => addModule.apply(this, module));
  };
  window.AudioContext = class extends Original {
    constructor(...options) {
      super(...options);
      recorderLoaded.set(this.audioWorklet, addModule.call(this.audioWorklet, PROCESSOR));
    }
  };
  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (target, ...rest) {
    if (target instanceof AudioDestinationNode) {
      const context = this.context;
      const recorder = new AudioWorkletNode(context, "recorder", { numberOfOutputs: 0 });
      const chunks = [];
      recorder.port.onmessage = (event) => chunks.push({ at: performance.now(), ...event.data });
      connect.call(this, recorder);
      recorders.push({ context, chunks });
    }
    return connect.call(this, target, ...rest);
  };
  const base64 = (bytes) => {
    let text = "";
    for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
    return btoa(text);
  };
  // float32 samples of everything that was rendered so far, as base64.
  window.__recorded = () => {
    const chunks = recorders.flatMap((recorder) => recorder.chunks);
    const samples = new Float32Array(chunks.reduce((sum, chunk) => sum + chunk.samples.length, 0));
    let offset = 0;
    for (const chunk of chunks) {
      samples.set(chunk.samples, offset);
      offset += chunk.samples.length;
    }
    return base64(new Uint8Array(samples.buffer));
  };
  // performance.now() of the last recorded chunk that was not silent.
  window.__lastSound = () => {
    const loud = recorders.flatMap((r) => r.chunks).filter((c) => c.samples.some((s) => s !== 0));
    return loud.length ? loud[loud.length - 1].at : null;
  };
  window.__heardAnything = () => window.__lastSound() !== null;
})();
