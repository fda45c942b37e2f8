import { IDLE_STATE, type NarrationError, type NarrationState } from "../store/narrationStore";
import type { Environment } from "./environment";
import { requestNarration, requestStop, type SessionAddress } from "./requests";
import { type NarrationListeners, NarrationSession } from "./session";

/** The narration that is heard now. */
export interface CurrentNarration {
  readonly session: NarrationSession | null;
  /** The session's state, or that of a session that is being asked for. */
  readonly state: NarrationState;
  /** The listener has asked for an end. */
  readonly isStopping: boolean;
}

const NOTHING: CurrentNarration = { session: null, state: IDLE_STATE, isStopping: false };

/** Begins, joins and leaves narrations, one at a time, and shows the current one. No React. */
export class Narrator {
  private readonly environment: Environment;
  private readonly listeners: () => NarrationListeners;
  private readonly subscribers = new Set<() => void>();
  private narration = NOTHING;
  /** Rises with every start and leave, so that the answer to an older request is recognized. */
  private attempt = 0;
  /** The attempt that was stopped before its answer came. */
  private unwanted: number | null = null;
  private unsubscribe: (() => void) | null = null;
  private readonly sound = { speed: 1, volume: 1, muted: false };

  /** @param listeners is asked once for every session. */
  constructor(environment: Environment, listeners: () => NarrationListeners) {
    this.environment = environment;
    this.listeners = listeners;
  }

  readonly subscribe = (subscriber: () => void): (() => void) => {
    this.subscribers.add(subscriber);
    return () => this.subscribers.delete(subscriber);
  };

  readonly getSnapshot = (): CurrentNarration => this.narration;

  /**
   * Asks the server for the next scene and plays it. Call it inside a click or key event.
   * A narration that still runs is stopped first.
   */
  async start(storyId: number, customPrompt: string): Promise<void> {
    // Before the first await: only within the click may a browser be asked for sound.
    this.environment.audioOut().resume();
    this.narration.session?.stop();
    this.leave();
    const attempt = this.attempt;
    const askedAt = this.environment.now();
    this.show({ ...NOTHING, state: { ...IDLE_STATE, phase: "connecting" } });
    const { fetch } = this.environment;
    const answer = await requestNarration(fetch, storyId, customPrompt);
    if (attempt === this.unwanted && "sessionId" in answer) {
      // Stopped before it began; if the server cannot be told, its grace period ends the session.
      requestStop(fetch, answer.sessionId).catch(() => undefined);
    }
    if (attempt !== this.attempt) return;
    if ("refused" in answer) this.failToStart(answer.refused);
    else this.join(storyId, answer, askedAt);
  }

  /** Joins a session that runs already. Joining the one that is being heard changes nothing, unless it failed. */
  attach(storyId: number, address: SessionAddress): void {
    const { session, state } = this.narration;
    if (session?.sessionId === address.sessionId && state.phase !== "failed") return;
    this.leave();
    this.environment.audioOut().resume();
    this.join(storyId, address, null);
  }

  stop(): void {
    const { session } = this.narration;
    if (session) {
      this.show({ ...this.narration, isStopping: true });
      session.stop();
    } else {
      this.unwanted = this.attempt;
      this.leave();
    }
  }

  /** Disposes of the current session, if any. Can be used again afterwards. */
  leave(): void {
    this.attempt += 1;
    this.unsubscribe?.();
    this.unsubscribe = null;
    this.narration.session?.dispose();
    this.show(NOTHING);
  }

  /** @param speed 0.5..2; also kept for the sessions to come. */
  setSpeed(speed: number): void {
    this.sound.speed = speed;
    this.narration.session?.setSpeed(speed);
  }

  /** @param volume 0..1; also kept for the sessions to come. */
  setVolume(volume: number): void {
    this.sound.volume = volume;
    this.narration.session?.setVolume(volume);
  }

  setMuted(muted: boolean): void {
    this.sound.muted = muted;
    this.narration.session?.setMuted(muted);
  }

  private join(storyId: number, address: SessionAddress, askedAt: number | null): void {
    const listeners = this.listeners();
    const { environment } = this;
    const session = new NarrationSession(environment, storyId, address, listeners, askedAt);
    session.setSpeed(this.sound.speed);
    session.setVolume(this.sound.volume);
    session.setMuted(this.sound.muted);
    this.unsubscribe = session.subscribe(() => this.showSession(session));
    session.open();
  }

  private showSession(session: NarrationSession): void {
    this.show({ ...this.narration, session, state: session.getSnapshot() });
  }

  private failToStart(error: NarrationError): void {
    this.show({ ...NOTHING, state: { ...IDLE_STATE, phase: "failed", error } });
    this.listeners().error(error);
  }

  private show(narration: CurrentNarration): void {
    if (narration === this.narration) return;
    this.narration = narration;
    for (const subscriber of this.subscribers) subscriber();
  }
}
