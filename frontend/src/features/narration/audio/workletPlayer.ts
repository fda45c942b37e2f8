import { AnchorTrack, OutputClock } from "./clock";
import type { AudioPlayer } from "./output";
import type { PlayerCommand, PlayerReport } from "./playerMessages";

/** Sound to gather before the first sample is heard. */
const PREBUFFER_S = 0.15;
/** A device that takes its sound in large bursts needs at least two of them. */
const PREBUFFER_BURSTS = 2;

/** The page's end of one player in the audio thread. */
export class WorkletPlayer implements AudioPlayer {
  private readonly clock: OutputClock;
  private readonly track = new AnchorTrack();
  private readonly onReport: (report: PlayerReport) => void;
  private node: AudioWorkletNode | null = null;
  /** Commands given before the audio thread was ready; null once they are out. */
  private early: PlayerCommand[] | null = [];
  private isDisposed = false;

  /**
   * @param whenReady resolves when the player's module is loaded into `context`.
   * @param onBroken is called when the audio thread threw: the node is dead then.
   */
  constructor(
    context: AudioContext,
    whenReady: Promise<void>,
    onReport: (report: PlayerReport) => void,
    onBroken: () => void,
  ) {
    this.clock = new OutputClock(context);
    this.onReport = onReport;
    whenReady.then(
      () => this.connect(context, onBroken),
      () => this.dispose(), // the owner of `whenReady` tells the failure
    );
  }

  send(command: PlayerCommand): void {
    if (this.isDisposed) return;
    if (this.early) this.early.push(command);
    else this.post(command);
  }

  heardSample(perfNow: number): number | null {
    return this.track.positionAt(this.clock.frameHeardAt(perfNow));
  }

  dispose(): void {
    this.isDisposed = true;
    this.early = null;
    this.post({ type: "dispose" });
    this.node?.disconnect();
    this.node = null;
  }

  private connect(context: AudioContext, onBroken: () => void): void {
    if (this.isDisposed) return;
    this.node = new AudioWorkletNode(context, "rhapsode-player", {
      numberOfInputs: 0,
      numberOfOutputs: 1,
      outputChannelCount: [1],
    });
    this.node.onprocessorerror = onBroken;
    this.node.port.onmessage = (event: MessageEvent<PlayerReport>) => this.receive(event.data);
    this.node.connect(context.destination);
    const prebuffer = Math.max(PREBUFFER_S, PREBUFFER_BURSTS * context.baseLatency);
    this.post({ type: "prebuffer", samples: Math.round(prebuffer * context.sampleRate) });
    for (const command of this.early ?? []) this.post(command);
    this.early = null;
  }

  private receive(report: PlayerReport): void {
    if (this.isDisposed) return;
    this.track.add(report);
    this.onReport(report);
  }

  private post(command: PlayerCommand): void {
    const moved = command.type === "write" ? [command.samples.buffer] : [];
    this.node?.port.postMessage(command, moved);
  }
}

/** Takes every command and makes no sound, where the browser has none to offer. */
export class SilentPlayer implements AudioPlayer {
  send(): void {}

  heardSample(): null {
    return null;
  }

  dispose(): void {}
}
