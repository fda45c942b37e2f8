import type { PlayerReport } from "./playerMessages";

/** Anchors kept: at ten a second, six seconds, far more than any output latency. */
const ANCHORS_KEPT = 64;
/** An output timestamp further behind the context than this is not to be believed. */
const LONGEST_LATENCY_S = 1;
/** How far extrapolation may run past the context's own time (one render burst of a slow device). */
const LARGEST_LEAD_S = 0.2;
/** A timestamp that stands still while the context goes on for this long is dead. */
const STALE_AFTER_S = 0.5;

/** What the clock needs of an `AudioContext`. */
export interface ContextTime {
  readonly currentTime: number;
  readonly sampleRate: number;
  readonly baseLatency: number;
  readonly outputLatency?: number;
  getOutputTimestamp?(): AudioTimestamp;
}

/**
 * Tells which frame of an audio context is leaving the loudspeaker.
 *
 * `getOutputTimestamp` is exact where it works, but some browsers answer 0, stand still, or count in another time
 * scale (WebKit before 2024). Each of these is noticed, and then the context's time minus its latency must do.
 */
export class OutputClock {
  private readonly context: ContextTime;
  private lastStamp = { contextTime: -1, seenAt: 0 };

  constructor(context: ContextTime) {
    this.context = context;
  }

  /** The frame heard at `perfNow` (milliseconds of `performance.now()`), fractional. */
  frameHeardAt(perfNow: number): number {
    const time = this.stampedTime(perfNow) ?? this.estimatedTime();
    return time * this.context.sampleRate;
  }

  /** Context time in seconds by the output timestamp; null when that cannot be believed. */
  private stampedTime(perfNow: number): number | null {
    const { contextTime, performanceTime } = this.context.getOutputTimestamp?.() ?? {};
    if (contextTime === undefined || !performanceTime) return null;
    const now = this.context.currentTime;
    const latency = now - contextTime;
    if (latency < 0 || latency > LONGEST_LATENCY_S || this.isStale(contextTime, now)) return null;
    const heard = contextTime + (perfNow - performanceTime) / 1000;
    const isNearNow = heard > now - LONGEST_LATENCY_S && heard < now + LARGEST_LEAD_S;
    return isNearNow ? heard : null;
  }

  private isStale(contextTime: number, now: number): boolean {
    if (contextTime !== this.lastStamp.contextTime) this.lastStamp = { contextTime, seenAt: now };
    return now - this.lastStamp.seenAt > STALE_AFTER_S;
  }

  private estimatedTime(): number {
    const { currentTime, outputLatency, baseLatency } = this.context;
    return currentTime - (outputLatency || baseLatency);
  }
}

type Anchor = Pick<PlayerReport, "frame" | "position" | "speed"> & { readonly moving: boolean };

/** Maps frames of the audio context to source samples, from what the player reported. */
export class AnchorTrack {
  private anchors: Anchor[] = [];

  add(report: PlayerReport): void {
    // After a jump the old positions explain nothing: the new place counts at once.
    if (report.jumped) this.anchors = [];
    const { frame, position, speed, state } = report;
    this.anchors.push({ frame, position, speed, moving: state === "running" });
    if (this.anchors.length > ANCHORS_KEPT) this.anchors.shift();
  }

  /** Source sample (fractional) that sounds in `frame`; null before the first report. */
  positionAt(frame: number): number | null {
    const index = this.anchors.findLastIndex((anchor) => anchor.frame <= frame);
    const anchor = this.anchors[index];
    if (!anchor) return this.anchors[0]?.position ?? null;
    if (!anchor.moving) return anchor.position;
    const position = anchor.position + (frame - anchor.frame) * anchor.speed;
    const next = this.anchors[index + 1];
    return next && next.position >= anchor.position ? Math.min(position, next.position) : position;
  }
}
