import { MediaPlayer, type MediaTrouble } from "./mediaPlayer";
import { MediaSlot } from "./mediaSlot";
import type { AudioOutput, AudioPlayer, OutputState } from "./output";
import type { PlayerReport } from "./playerMessages";

const NOT_FETCHED = "The sound could not be fetched. Check the connection, then press play again.";

/**
 * Plays the file of one finished narration through the browser's media player.
 *
 * A phone that locks its screen silences Web Audio, but lets media go on, as it does with music.
 */
export class MediaOut implements AudioOutput {
  readonly bringsSound = true;

  private readonly slot: MediaSlot;
  private readonly url: string;
  private readonly listeners = new Set<() => void>();
  private trouble: MediaTrouble | null = null;
  private player: MediaPlayer | null = null;

  /** @param url of the narration's file. */
  constructor(slot: MediaSlot, url: string) {
    this.slot = slot;
    this.url = url;
  }

  get state(): OutputState {
    if (this.trouble === null) return "running";
    return this.trouble === "locked" ? "locked" : "unavailable";
  }

  get problem(): string | null {
    return this.trouble === "failed" ? NOT_FETCHED : null;
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  resume(): void {
    this.slot.unlock();
    if (this.trouble === null) return;
    this.tell(null);
    this.player?.tryAgain();
  }

  openPlayer(onReport: (report: PlayerReport) => void): AudioPlayer {
    this.player = new MediaPlayer(this.slot, this.url, onReport, (trouble) => this.tell(trouble));
    return this.player;
  }

  private tell(trouble: MediaTrouble | null): void {
    if (this.trouble === trouble) return;
    this.trouble = trouble;
    for (const listener of this.listeners) listener();
  }
}

let shared: MediaSlot | null = null;

/** Plays the whole narration of a finished scene as one file. */
export function mediaOutOf(sceneId: number): MediaOut {
  shared ??= new MediaSlot();
  return new MediaOut(shared, `/api/scenes/${sceneId}/audio?format=mp3`);
}
