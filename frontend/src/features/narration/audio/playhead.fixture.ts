import type { PlayerCommand, PlayerReport } from "./playerMessages";
import { Playhead } from "./playhead";

export const RATE = 24_000;
export const QUANTUM = 128;

/** Runs a playhead as the audio thread would, one quantum after another, and keeps what was heard. */
export class Deck {
  readonly reports: PlayerReport[] = [];
  private readonly playhead = new Playhead(RATE, (report) => this.reports.push(report));
  private frame = 0;

  do(...commands: Exclude<PlayerCommand, { type: "dispose" }>[]): void {
    for (const command of commands) this.playhead.obey(command);
  }

  write(start: number, samples: Int16Array): void {
    this.do({ type: "write", start, samples: samples.slice() });
  }

  /** Renders at least `samples` samples and returns them. */
  render(samples: number): Float32Array {
    const quanta = Math.ceil(samples / QUANTUM);
    const heard = new Float32Array(quanta * QUANTUM);
    for (let i = 0; i < quanta; i++) {
      this.playhead.render(heard.subarray(i * QUANTUM, (i + 1) * QUANTUM), this.frame);
      this.frame += QUANTUM;
    }
    return heard;
  }

  get last(): PlayerReport | undefined {
    return this.reports.at(-1);
  }

  get states(): string[] {
    return this.reports.map(({ state }) => state).filter((state, i, all) => state !== all[i - 1]);
  }
}

/** Noise that is never zero, so that inserted silence shows. */
export function noise(count: number, seed = 1): Int16Array<ArrayBuffer> {
  let state = seed;
  return Int16Array.from({ length: count }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return (state % 60_000) - 30_000 || 1;
  });
}

export function tone(frequency: number, count: number): Int16Array<ArrayBuffer> {
  return Int16Array.from({ length: count }, (_, i) => {
    return Math.round(16_000 * Math.sin((2 * Math.PI * frequency * i) / RATE));
  });
}

export function toFloat(samples: Int16Array): Float32Array {
  return Float32Array.from(samples, (sample) => sample / 32_768);
}

/** What was heard without the silence between. Only for sources that are never zero. */
export function withoutSilence(heard: Float32Array): Float32Array {
  return heard.filter((sample) => sample !== 0);
}
