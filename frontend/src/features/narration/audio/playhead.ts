import { GainRamp } from "./gainRamp";
import type { PlayerCommand, PlayerReport, PlayheadState } from "./playerMessages";
import { RebufferPolicy } from "./rebuffer";
import { SampleStore } from "./sampleStore";
import { SpeedReader } from "./stretch";

const REPORTS_PER_S = 10;

/**
 * The player itself, without Web Audio: takes commands, fills render quanta, reports where it is.
 *
 * At speed 1 and volume 1 every rendered sample is the source sample bit for bit, also across droughts. A pause and
 * the following resume fade over the same samples, out and in, so nothing is lost.
 */
export class Playhead {
  private readonly store = new SampleStore();
  private readonly reader: SpeedReader;
  private readonly gain: GainRamp;
  private readonly rebuffer: RebufferPolicy;
  private readonly report: (report: PlayerReport) => void;
  private readonly reportEvery: number;

  private state: PlayheadState = "paused";
  private wantsToPlay = false;
  private closed = false;
  private extent = { samples: 0, isFinal: false };
  private pauseAt = Infinity;
  private speed = 1;
  private volume = 1;
  /** Where to go once the sound has faded out (pause, seek). */
  private leavingFor: number | null = null;
  private underruns = 0;
  /** Context frame of the next quantum. */
  private frame = 0;
  private reportedAt = 0;

  constructor(sampleRate: number, report: (report: PlayerReport) => void) {
    this.reader = new SpeedReader(this.store, sampleRate);
    this.gain = new GainRamp(sampleRate);
    this.rebuffer = new RebufferPolicy(sampleRate);
    this.report = report;
    this.reportEvery = sampleRate / REPORTS_PER_S;
  }

  obey(command: Exclude<PlayerCommand, { type: "dispose" }>): void {
    switch (command.type) {
      case "write":
        this.store.write(command.start, command.samples);
        break;
      case "close":
        this.closed = true;
        break;
      case "extent":
        this.extent = command;
        break;
      case "pauseAt":
        this.pauseAt = command.position ?? Infinity;
        break;
      case "play":
        this.play();
        break;
      case "pause":
        this.pause();
        break;
      case "seek":
        this.seek(command.position);
        break;
      case "speed":
        this.setSpeed(command.speed);
        break;
      case "volume":
        this.setVolume(command.volume);
        break;
      case "prebuffer":
        this.rebuffer.setInitial(command.samples);
        break;
    }
  }

  /**
   * Fills one render quantum.
   *
   * @param out all zeros on entry.
   * @param frame the context's number of the first frame in `out`.
   */
  render(out: Float32Array, frame: number): void {
    this.frame = frame;
    if (this.state === "waiting") this.startIfReady(out.length);
    if (this.state === "running") {
      if (frame - this.reportedAt >= this.reportEvery) this.tell(0);
      this.renderSound(out);
    }
    this.frame = frame + out.length;
  }

  private play(): void {
    this.wantsToPlay = true;
    if (this.state !== "paused") return;
    this.rebuffer.beginAfresh();
    this.enter("waiting");
  }

  private pause(): void {
    this.wantsToPlay = false;
    if (this.state === "waiting") this.enter("paused");
    if (this.state === "running") this.leavingFor ??= Math.round(this.reader.position);
  }

  private seek(position: number): void {
    const reach = Math.max(this.store.end, this.extent.samples);
    const target = Math.max(0, Math.min(Math.round(position), reach));
    this.pauseAt = Infinity;
    this.rebuffer.beginAfresh();
    if (this.state === "running") this.leavingFor = target;
    else this.jump(target, 0);
  }

  private setSpeed(speed: number): void {
    this.speed = speed;
    if (this.state === "running") this.tell(0);
  }

  private setVolume(volume: number): void {
    this.volume = volume;
    const fadesInLater = this.gain.value === 0;
    if (this.state !== "running" && !fadesInLater) this.gain.value = volume;
  }

  private startIfReady(quantum: number): void {
    const position = Math.round(this.reader.position);
    const available = this.store.availableFrom(position);
    const lookahead = this.speed === 1 ? 1 : this.reader.lookahead;
    const enough = available >= Math.max(this.rebuffer.needed, lookahead);
    const isLast = this.isLastStretch();
    if (isLast && available === 0) this.enter("ended");
    else if (isLast || enough) this.enter("running");
    else if (this.underruns > 0) this.rebuffer.countWaited(quantum);
  }

  private renderSound(out: Float32Array): void {
    const filled = this.reader.read(out, this.speed, this.isLastStretch());
    this.rebuffer.countRendered(filled);
    this.gain.apply(out, filled, this.leavingFor === null ? this.volume : 0);
    if (this.leavingFor !== null && (this.gain.value === 0 || filled < out.length)) {
      this.jump(this.leavingFor, filled);
    } else if (filled < out.length) {
      this.runDry(filled);
    } else if (this.leavingFor === null && this.reader.position >= this.pauseAt) {
      this.pauseHere();
    }
  }

  /** A quantum (5 ms) late at most; the way back begins at the very sample. */
  private pauseHere(): void {
    this.wantsToPlay = false;
    this.leavingFor = this.pauseAt;
    this.pauseAt = Infinity;
  }

  /** Whether nothing follows what can be read from here without a hole. */
  private isLastStretch(): boolean {
    if (this.closed || !this.extent.isFinal) return this.closed;
    const position = Math.round(this.reader.position);
    return position + this.store.availableFrom(position) >= this.extent.samples;
  }

  private runDry(filled: number): void {
    if (this.isLastStretch()) {
      this.enter("ended", filled);
      return;
    }
    this.underruns += 1;
    this.rebuffer.ranDry();
    this.enter("waiting", filled);
  }

  private jump(target: number, offset: number): void {
    this.leavingFor = null;
    this.reader.seek(target);
    // The very beginning follows silence and needs no fade: a replay is as exact as the first hearing.
    this.gain.value = target === 0 ? this.volume : 0;
    this.state = this.wantsToPlay ? "waiting" : "paused";
    this.tell(offset, true);
  }

  private enter(state: PlayheadState, offset = 0): void {
    this.state = state;
    this.tell(offset);
  }

  private tell(offset: number, jumped = false): void {
    this.reportedAt = this.frame;
    this.report({
      state: this.state,
      frame: this.frame + offset,
      position: this.reader.position,
      speed: this.speed,
      jumped,
      underruns: this.underruns,
    });
  }
}
