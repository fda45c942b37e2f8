import type { Place } from "./places";
import { type StoredEnvironment, StoredNarration } from "./storedNarration";
import type { PlayableScene } from "./timelineWatch";

/**
 * Plays a story's stored scenes: one at a time, and one after another.
 *
 * The next scene's beginning is fetched while this one is heard, so that it follows without a wait.
 */
export class ScenePlayer {
  private readonly environment: StoredEnvironment;
  private readonly mayContinue: () => boolean;
  private readonly subscribers = new Set<() => void>();
  private readonly sound = { speed: 1, volume: 1, muted: false };
  private scenes: readonly PlayableScene[] = [];
  private current: StoredNarration | null = null;
  private next: StoredNarration | null = null;
  private unsubscribe: () => void = () => undefined;

  /** @param mayContinue is asked at a scene's end. */
  constructor(environment: StoredEnvironment, mayContinue: () => boolean = () => true) {
    this.environment = environment;
    this.mayContinue = mayContinue;
  }

  readonly subscribe = (subscriber: () => void): (() => void) => {
    this.subscribers.add(subscriber);
    return () => this.subscribers.delete(subscriber);
  };

  /** The scene that is heard. */
  readonly getSnapshot = (): StoredNarration | null => this.current;

  /** Says which scenes there are. One that was edited or deleted is not played on. */
  setScenes(scenes: readonly PlayableScene[]): void {
    this.scenes = scenes;
    if (this.current && !this.isAsHeard(this.current)) this.leave();
    if (this.next && !this.isAsHeard(this.next)) this.forgetNext();
  }

  /**
   * Plays a scene, and those after it. Call it inside a click or key event where there is one.
   *
   * @param from by default where this reader stopped last.
   */
  hear(sceneId: number, from: Place | "remembered" = "remembered"): void {
    const scene = this.scenes.find(({ id }) => id === sceneId);
    if (!scene) return;
    this.leave();
    this.begin(new StoredNarration(this.environment, scene, "play", from));
  }

  /** The server has come further with a scene. */
  refresh(sceneId: number): void {
    if (this.current?.sceneId === sceneId) this.current.refresh();
  }

  /** Puts the scene that is heard aside. */
  leave(): void {
    this.forgetNext();
    if (this.current) this.show(null);
  }

  /** @param speed 0.5..2; also kept for the scenes to come. */
  setSpeed(speed: number): void {
    this.sound.speed = speed;
    this.current?.setSpeed(speed);
  }

  /** @param volume 0..1; also kept for the scenes to come. */
  setVolume(volume: number): void {
    this.sound.volume = volume;
    this.current?.setVolume(volume);
  }

  setMuted(muted: boolean): void {
    this.sound.muted = muted;
    this.current?.setMuted(muted);
  }

  private begin(narration: StoredNarration): void {
    narration.setSpeed(this.sound.speed);
    narration.setVolume(this.sound.volume);
    narration.setMuted(this.sound.muted);
    this.show(narration);
  }

  private show(narration: StoredNarration | null): void {
    this.unsubscribe();
    this.current?.dispose();
    this.current = narration;
    let wasOver = false;
    const follow = () => {
      if (narration?.getSnapshot().playback !== "ended") wasOver = false;
      else if (!wasOver) {
        wasOver = true;
        this.continueAfter(narration);
      }
      if (narration === this.current) this.prepareNext();
    };
    this.unsubscribe = narration?.subscribe(follow) ?? (() => undefined);
    for (const subscriber of this.subscribers) subscriber();
  }

  private continueAfter(narration: StoredNarration): void {
    const scene = this.sceneAfter(narration.sceneId);
    if (!scene || !this.mayContinue()) return;
    const prepared = this.next ?? new StoredNarration(this.environment, scene, "prepare");
    this.next = null;
    this.begin(prepared);
    prepared.resume();
  }

  /** Once this scene is all here, the network is free for the next one. */
  private prepareNext(): void {
    const { bufferedSamples, totalSamples, playback } = this.current?.getSnapshot() ?? {};
    if (!this.current || this.next || playback !== "playing") return;
    const scene = this.sceneAfter(this.current.sceneId);
    if (!scene || bufferedSamples !== totalSamples) return;
    this.next = new StoredNarration(this.environment, scene, "prepare");
  }

  private sceneAfter(sceneId: number): PlayableScene | null {
    const index = this.scenes.findIndex(({ id }) => id === sceneId);
    const scene = index < 0 ? undefined : this.scenes[index + 1];
    return scene?.isNarrated ? scene : null;
  }

  private isAsHeard(narration: StoredNarration): boolean {
    const scene = this.scenes.find(({ id }) => id === narration.sceneId);
    return scene?.text === narration.getSnapshot().text;
  }

  private forgetNext(): void {
    this.next?.dispose();
    this.next = null;
  }
}
