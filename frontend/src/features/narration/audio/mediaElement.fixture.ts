/** As much of a media element as a player needs. Tests turn it by hand. */
export class HandElement extends EventTarget {
  readonly HAVE_FUTURE_DATA = 3;
  currentTime = 0;
  playbackRate = 1;
  defaultPlaybackRate = 1;
  volume = 1;
  muted = false;
  paused = true;
  ended = false;
  seeking = false;
  readyState = 0;
  /** What a browser says that wants a click first. */
  refusal: DOMException | null = null;
  private source = "";

  get src(): string {
    return this.source;
  }

  set src(url: string) {
    this.source = url;
    this.readyState = 0;
    this.currentTime = 0;
    this.paused = true;
  }

  async play(): Promise<void> {
    if (this.refusal) throw this.refusal;
    this.paused = false;
    this.ended = false;
  }

  pause(): void {
    if (this.paused) return;
    this.paused = true;
    queueMicrotask(() => this.say("pause"));
  }

  /** The file's beginning has come. */
  load(): void {
    this.readyState = 4;
    this.say("loadedmetadata");
    this.say("playing");
  }

  /** Plays for some seconds. */
  run(seconds: number): void {
    this.currentTime += seconds * this.playbackRate;
    this.say("timeupdate");
  }

  end(): void {
    this.ended = true;
    this.paused = true;
    this.say("pause");
    this.say("ended");
  }

  say(type: string): void {
    this.dispatchEvent(new Event(type));
  }
}
