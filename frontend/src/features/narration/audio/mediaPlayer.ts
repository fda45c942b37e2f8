import { SAMPLE_RATE } from "./audioOut";
import type { MediaSlot, MediaTenant } from "./mediaSlot";
import type { AudioPlayer } from "./output";
import type { PlayerCommand, PlayerReport, PlayheadState } from "./playerMessages";

/**
 * - `locked`: the browser wants a click first, or took the sound away (a phone call, another app);
 * - `failed`: the file did not come, or is none.
 */
export type MediaTrouble = "locked" | "failed";

/**
 * A player whose sound is a file that the browser fetches: it obeys the same commands as the others.
 *
 * It takes the page's media element when it has something to play, and gives it up when another does. What is written
 * to it is not needed.
 */
export class MediaPlayer implements AudioPlayer, MediaTenant {
  private readonly slot: MediaSlot;
  private readonly url: string;
  private readonly onReport: (report: PlayerReport) => void;
  private readonly onTrouble: (trouble: MediaTrouble) => void;
  private state: PlayheadState = "paused";
  private wantsToPlay = false;
  private extent = { samples: 0, isFinal: false };
  /** Where it is, or is to begin, while the element does not know. */
  private position = 0;
  private pauseAt = Infinity;
  private speed = 1;
  private volume = 1;
  private underruns = 0;
  private attached: AbortController | null = null;

  constructor(
    slot: MediaSlot,
    url: string,
    onReport: (report: PlayerReport) => void,
    onTrouble: (trouble: MediaTrouble) => void,
  ) {
    this.slot = slot;
    this.url = url;
    this.onReport = onReport;
    this.onTrouble = onTrouble;
  }

  send(command: PlayerCommand): void {
    switch (command.type) {
      case "play":
        this.wantsToPlay = true;
        this.begin();
        break;
      case "pause":
        this.pause();
        break;
      case "seek":
        this.seek(command.position);
        break;
      case "extent":
        this.extent = command;
        this.begin();
        break;
      case "pauseAt":
        this.pauseAt = command.position ?? Infinity;
        break;
      case "speed":
        this.speed = command.speed;
        this.adjust();
        break;
      case "volume":
        this.volume = command.volume;
        this.adjust();
        break;
      case "dispose":
        this.dispose();
        break;
      default: // The file has its sound, and the browser its own buffer.
    }
  }

  heardSample(_perfNow: number, delayMs = 0): number {
    const isThere = this.attached && this.state === "running";
    return isThere ? this.elementSample - (delayMs / 1000) * SAMPLE_RATE : this.position;
  }

  dispose(): void {
    this.lose();
    this.slot.release(this);
  }

  /** Another player takes the element. */
  lose(): void {
    if (!this.attached) return;
    this.position = Math.round(this.heardSample(0));
    this.attached.abort();
    this.attached = null;
    this.slot.element.pause();
    if (this.state !== "ended") this.state = "paused";
  }

  /** Call it inside a click or key event, after a trouble. */
  tryAgain(): void {
    this.lose();
    this.begin();
  }

  private get elementSample(): number {
    return this.slot.element.currentTime * SAMPLE_RATE;
  }

  /** Plays where there is something to play and somebody who wants to hear it. */
  private begin(): void {
    if (!this.wantsToPlay || this.extent.samples === 0) return;
    if (this.state === "running" || this.state === "ended") return;
    if (this.position >= this.extent.samples) {
      if (this.extent.isFinal) this.finish();
      return;
    }
    this.attach();
    this.start();
  }

  private start(): void {
    if (this.state !== "running") this.enter("waiting");
    this.slot.element.play().then(
      () => this.noticeSound(),
      (cause: DOMException) => {
        // Aborted: it was paused or replaced before it began. Files that are none have an event of their own.
        if (cause.name === "NotAllowedError") this.onTrouble("locked");
      },
    );
  }

  private attach(): void {
    if (this.attached) return;
    this.slot.take(this);
    this.attached = new AbortController();
    const { element } = this.slot;
    const options = { signal: this.attached.signal };
    const on = (type: keyof HTMLMediaElementEventMap, listener: () => void) =>
      element.addEventListener(type, listener, options);
    on("loadedmetadata", () => this.place());
    for (const type of ["playing", "seeked", "canplay"] as const)
      on(type, () => this.noticeSound());
    on("waiting", () => this.runDry());
    on("timeupdate", () => this.follow());
    on("pause", () => this.noticePause());
    on("ended", () => this.reachEnd());
    on("error", () => this.onTrouble("failed"));
    element.src = this.url;
    this.adjust();
  }

  private adjust(): void {
    if (!this.attached) return;
    const { element } = this.slot;
    // A new source begins at the default again.
    element.defaultPlaybackRate = this.speed;
    element.playbackRate = this.speed;
    element.volume = this.volume;
    // Phones leave the volume to their own buttons, but obey this.
    element.muted = this.volume === 0;
  }

  private place(): void {
    this.adjust();
    const { element } = this.slot;
    const beginS = this.position / SAMPLE_RATE;
    if (element.currentTime !== beginS) element.currentTime = beginS;
  }

  private pause(): void {
    this.wantsToPlay = false;
    this.settlePosition();
    if (this.attached) this.slot.element.pause();
    if (this.state !== "ended") this.enter("paused");
  }

  private seek(position: number): void {
    this.pauseAt = Infinity;
    this.position = Math.max(0, Math.min(Math.round(position), this.extent.samples));
    if (this.attached && this.slot.element.readyState > 0) this.place();
    this.state = this.wantsToPlay ? "waiting" : "paused";
    this.tell(true);
    this.begin();
  }

  private settlePosition(): void {
    if (this.state === "running") this.position = Math.round(this.elementSample);
  }

  private follow(): void {
    if (this.state !== "running") return;
    this.settlePosition();
    if (this.position < this.pauseAt) {
      this.tell();
      return;
    }
    const end = this.pauseAt;
    this.pause();
    this.seek(end);
  }

  /** A seek into what is there already is told by no `playing`. */
  private noticeSound(): void {
    const { element } = this.slot;
    const sounds =
      !element.paused && !element.seeking && element.readyState >= element.HAVE_FUTURE_DATA;
    if (this.attached && this.state === "waiting" && sounds) this.enter("running");
  }

  private runDry(): void {
    if (this.state !== "running") return;
    this.settlePosition();
    this.underruns += 1;
    this.enter("waiting");
  }

  /** A pause that nobody here asked for: a phone call, headphones pulled out, another app's sound. */
  private noticePause(): void {
    const { element } = this.slot;
    if (!this.wantsToPlay || this.state === "ended" || element.ended || !element.paused) return;
    this.settlePosition();
    this.enter("waiting");
    this.onTrouble("locked");
  }

  private reachEnd(): void {
    if (this.extent.isFinal && this.state === "running") this.finish();
  }

  private finish(): void {
    this.position = this.extent.samples;
    this.state = "ended";
    if (this.attached) this.slot.element.pause();
    this.tell();
  }

  private enter(state: PlayheadState): void {
    this.state = state;
    this.tell();
  }

  private tell(jumped = false): void {
    this.onReport({
      state: this.state,
      frame: 0,
      position: this.position,
      speed: this.speed,
      jumped,
      underruns: this.underruns,
    });
  }
}
