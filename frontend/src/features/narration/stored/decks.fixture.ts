import type { AudioOutput, AudioPlayer, OutputState } from "../audio/output";
import type { PlayerReport } from "../audio/playerMessages";
import { Deck } from "../audio/playhead.fixture";

interface Track {
  readonly deck: Deck;
  readonly onReport: (report: PlayerReport) => void;
  told: number;
}

/** A sound output with any number of players, as the browser's. Tests turn it by hand. */
export class DecksOutput implements AudioOutput {
  state: OutputState = "running";
  readonly problem = null;
  readonly bringsSound = false;
  resumes = 0;
  private readonly tracks = new Set<Track>();

  /** Players that are not disposed of. */
  get players(): number {
    return this.tracks.size;
  }

  subscribe(): () => void {
    return () => undefined;
  }

  resume(): void {
    this.resumes += 1;
  }

  openPlayer(onReport: (report: PlayerReport) => void): AudioPlayer {
    const track: Track = { deck: new Deck(), onReport, told: 0 };
    this.tracks.add(track);
    return {
      send: (command) => {
        if (command.type === "dispose" || !this.tracks.has(track)) return;
        track.deck.do(command);
        this.tell(track);
      },
      heardSample: () => track.deck.last?.position ?? null,
      dispose: () => this.tracks.delete(track),
    };
  }

  /** Renders at least `samples` samples of all players together. */
  render(samples: number): Float32Array {
    const heard: number[] = [];
    // In steps as short as the audio thread's, so that a player that begins in between is not late.
    for (let done = 0; done < samples; done += 128) heard.push(...this.renderQuantum());
    return Float32Array.from(heard);
  }

  private renderQuantum(): Float32Array {
    const sum = new Float32Array(128);
    for (const track of [...this.tracks]) {
      const one = track.deck.render(128);
      for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (one[i] as number);
    }
    for (const track of [...this.tracks]) this.tell(track);
    return sum;
  }

  private tell(track: Track): void {
    const fresh = track.deck.reports.slice(track.told);
    track.told = track.deck.reports.length;
    for (const report of fresh) if (this.tracks.has(track)) track.onReport(report);
  }
}
