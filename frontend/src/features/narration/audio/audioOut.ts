import { devicePlayback } from "./devicePlayback";
import { NodePlayer, SilentPlayer } from "./nodePlayer";
import type { AudioOutput, AudioPlayer, OutputState } from "./output";
import type { PlayerReport } from "./playerMessages";
import { loadPlayer, type OpenPlayerNode } from "./playerNode";

/** Every session speaks at this rate. A context of the same rate resamples nothing, so the sound stays exact. */
export const SAMPLE_RATE = 24_000;

/** A cold audio device took 1.2 s to start where it was measured; after this long none will come. */
const START_PATIENCE_MS = 3000;

const NO_CONTEXT = "This browser could not open a sound output.";
const NO_DEVICE = "No sound device answered. Check the speakers, then press play again.";
const NO_PLAYER = "The player could not be loaded. Reload the page to listen.";

/**
 * How large a buffer to ask the device for. `playback` takes a few more ms to play and to pause, and does not stutter
 * where `interactive` may, on a machine under load.
 */
export type BufferSize = "interactive" | "playback";

/** The app's one `AudioContext`. Creating a second one costs a second device stream and up to a second of start. */
export class AudioOut implements AudioOutput {
  readonly bufferSize: BufferSize;
  readonly bringsSound = false;

  private readonly context: AudioContext | null;
  private readonly whenReady: Promise<OpenPlayerNode> | null = null;
  private readonly listeners = new Set<() => void>();
  private failure: string | null = null;
  private isStarting = false;
  private patience: ReturnType<typeof setTimeout> | undefined;
  private readonly players = new Set<AudioPlayer>();
  private isRetired = false;
  private readonly end = new AbortController();

  constructor(bufferSize: BufferSize = "playback") {
    this.bufferSize = bufferSize;
    this.context = openContext(bufferSize);
    if (!this.context) {
      this.failure = NO_CONTEXT;
    } else {
      this.whenReady = loadPlayer(this.context);
      this.whenReady.catch(() => this.fail(NO_PLAYER));
      this.watch(this.context);
    }
  }

  get state(): OutputState {
    if (this.failure) return "unavailable";
    if (this.context?.state === "running") return "running";
    return this.isStarting ? "starting" : "locked";
  }

  get problem(): string | null {
    return this.failure;
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  resume(): void {
    const { context } = this;
    if (!context || !this.whenReady || context.state === "running") return;
    // Rejects when the browser says no; the state tells that already.
    context.resume().catch(() => undefined);
    const activation = navigator.userActivation;
    if (activation?.hasBeenActive === false) return;
    if (this.failure === NO_DEVICE) this.failure = null;
    this.isStarting = true;
    clearTimeout(this.patience);
    const insideGesture = activation?.isActive ?? false;
    this.patience = setTimeout(() => this.giveUpStarting(insideGesture), START_PATIENCE_MS);
    this.tell();
  }

  openPlayer(onReport: (report: PlayerReport) => void): AudioPlayer {
    if (!this.context || !this.whenReady) return new SilentPlayer();
    const { context, whenReady, players } = this;
    const player = new NodePlayer(context, whenReady, onReport, () => this.fail(NO_PLAYER));
    const open: AudioPlayer = {
      send: (command) => player.send(command),
      heardSample: (perfNow, delayMs) => player.heardSample(perfNow, delayMs),
      dispose: () => {
        player.dispose();
        players.delete(open);
        this.closeWhenUnused();
      },
    };
    players.add(open);
    return open;
  }

  /** Gives the device back once the last of its players is disposed of. */
  retire(): void {
    this.isRetired = true;
    this.closeWhenUnused();
  }

  private closeWhenUnused(): void {
    if (!this.isRetired || this.players.size > 0 || this.end.signal.aborted) return;
    this.end.abort();
    clearTimeout(this.patience);
    // Rejects only where it is closed already.
    this.context?.close().catch(() => undefined);
  }

  private watch(context: AudioContext): void {
    const { signal } = this.end;
    context.addEventListener("statechange", () => this.settle(), { signal });
    // A phone suspends sound with the screen; the way back has no event of its own.
    const comeBack = () => {
      if (document.visibilityState === "visible" && context.state !== "running") {
        context.resume().catch(() => undefined);
      }
    };
    document.addEventListener("visibilitychange", comeBack, { signal });
    window.addEventListener("pageshow", comeBack, { signal });
  }

  private settle(): void {
    if (this.context?.state === "running") {
      clearTimeout(this.patience);
      this.isStarting = false;
      if (this.failure === NO_DEVICE) this.failure = null;
    }
    this.tell();
  }

  private giveUpStarting(insideGesture: boolean): void {
    this.isStarting = false;
    // Outside of a gesture some browsers never answer: there a missing click is the likelier reason.
    if (insideGesture) this.failure = NO_DEVICE;
    this.tell();
  }

  private fail(problem: string): void {
    this.failure = problem;
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}

function openContext(latencyHint: BufferSize): AudioContext | null {
  if (typeof AudioContext === "undefined") return null;
  try {
    const context = new AudioContext({ sampleRate: SAMPLE_RATE, latencyHint });
    playLikeAMediaElement();
    return context;
  } catch {
    // The constructor throws NotSupportedError where no output of this kind can exist.
    return null;
  }
}

/** On iOS the mute switch silences Web Audio, but not media; a narration is media. */
function playLikeAMediaElement(): void {
  const { audioSession } = navigator as Navigator & { audioSession?: { type: string } };
  if (audioSession) audioSession.type = "playback";
}

let shared: AudioOut | null = null;

/**
 * The app's sound output; made at the first call, which should happen inside a click, and made anew when the device's
 * buffer was chosen otherwise since. What plays on the old one plays on.
 */
export function sharedAudioOut(): AudioOut {
  const bufferSize = devicePlayback.getState().robustAudio ? "playback" : "interactive";
  if (shared && shared.bufferSize !== bufferSize) {
    shared.retire();
    shared = null;
  }
  shared ??= new AudioOut(bufferSize);
  return shared;
}
