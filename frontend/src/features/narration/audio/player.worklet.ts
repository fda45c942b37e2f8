import type { PlayerCommand } from "./playerMessages";
import { Playhead } from "./playhead";

// The global scope of an audio worklet, which TypeScript's DOM library does not describe.
declare const sampleRate: number;
declare const currentFrame: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: typeof AudioWorkletProcessor): void;

/** The thin shell that lets a `Playhead` run in the audio thread. */
class PlayerProcessor extends AudioWorkletProcessor {
  private playhead: Playhead | null;

  constructor() {
    super();
    this.playhead = new Playhead(sampleRate, (report) => this.port.postMessage(report));
    this.port.onmessage = (event: MessageEvent<PlayerCommand>) => this.obey(event.data);
  }

  /** @returns false once disposed, so that the browser can free the node. */
  process(_inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
    const channel = outputs[0]?.[0];
    if (this.playhead && channel) this.playhead.render(channel, currentFrame);
    return this.playhead !== null;
  }

  private obey(command: PlayerCommand): void {
    if (command.type === "dispose") this.playhead = null;
    else this.playhead?.obey(command);
  }
}

registerProcessor("rhapsode-player", PlayerProcessor);
