import { AnchorTrack, OutputClock } from "./clock";
import type { AudioPlayer } from "./output";
import type { PlayerCommand, PlayerReport } from "./playerMessages";
import type { OpenPlayerNode, PlayerNode } from "./playerNode";

/** Sound to gather before the first sample is heard. */
const PREBUFFER_S = 0.15;
/** A device that takes its sound in large bursts needs at least two of them. */
const PREBUFFER_BURSTS = 2;

/** The page's end of one player, wherever the player itself runs. */
export class NodePlayer implements AudioPlayer {
  private readonly clock: OutputClock;
  private readonly sampleRate: number;
  private readonly track = new AnchorTrack();
  private readonly onReport: (report: PlayerReport) => void;
  private node: PlayerNode | null = null;
  /** Commands given before the player was ready; null once they are out. */
  private early: PlayerCommand[] | null = [];
  private isDisposed = false;

  /**
   * @param whenReady resolves with the way to put a player into `context`.
   * @param onBroken is called when the player threw: it is dead then.
   */
  constructor(
    context: AudioContext,
    whenReady: Promise<OpenPlayerNode>,
    onReport: (report: PlayerReport) => void,
    onBroken: () => void,
  ) {
    this.clock = new OutputClock(context);
    this.sampleRate = context.sampleRate;
    this.onReport = onReport;
    whenReady.then(
      (open) => this.connect(context, open, onBroken),
      () => this.dispose(), // the owner of `whenReady` tells the failure
    );
  }

  send(command: PlayerCommand): void {
    if (this.isDisposed) return;
    if (this.early) this.early.push(command);
    else this.node?.post(command);
  }

  heardSample(perfNow: number, delayMs = 0): number | null {
    // The delay is taken off afterwards: the clock does not believe in moments far from now.
    return this.track.positionAt(this.clock.frameHeardAt(perfNow) - this.framesIn(delayMs));
  }

  dispose(): void {
    this.isDisposed = true;
    this.early = null;
    this.node?.post({ type: "dispose" });
    this.node?.audioNode.disconnect();
    this.node = null;
  }

  private framesIn(milliseconds: number): number {
    return (milliseconds / 1000) * this.sampleRate;
  }

  private connect(context: AudioContext, open: OpenPlayerNode, onBroken: () => void): void {
    if (this.isDisposed) return;
    const node = open(context, (report) => this.receive(report), onBroken);
    node.audioNode.connect(context.destination);
    const prebuffer = Math.max(PREBUFFER_S, PREBUFFER_BURSTS * (context.baseLatency || 0));
    node.post({ type: "prebuffer", samples: Math.round(prebuffer * context.sampleRate) });
    for (const command of this.early ?? []) node.post(command);
    this.early = null;
    this.node = node;
  }

  private receive(report: PlayerReport): void {
    if (this.isDisposed) return;
    this.track.add(report);
    this.onReport(report);
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
