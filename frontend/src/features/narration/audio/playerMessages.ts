/** What the page asks of the player in the audio thread. Positions are absolute samples at 24 kHz. */
export type PlayerCommand =
  | { readonly type: "write"; readonly start: number; readonly samples: Int16Array<ArrayBuffer> }
  /** Nothing more will be written: play what is there to its end without waiting. */
  | { readonly type: "close" }
  /** How far the sound reaches, also where it is not written yet: seeks may go there. `isFinal`: it ends there. */
  | { readonly type: "extent"; readonly samples: number; readonly isFinal: boolean }
  | { readonly type: "play" }
  | { readonly type: "pause" }
  /** Pauses by itself there; null: nowhere. A seek forgets it. */
  | { readonly type: "pauseAt"; readonly position: number | null }
  | { readonly type: "seek"; readonly position: number }
  /** 0.5..2 */
  | { readonly type: "speed"; readonly speed: number }
  /** 0..1 */
  | { readonly type: "volume"; readonly volume: number }
  /** What a start waits for. */
  | { readonly type: "prebuffer"; readonly samples: number }
  /** The player is not needed any more; its samples are given back. */
  | { readonly type: "dispose" };

/** `waiting`: wants to play and gathers sound first. */
export type PlayheadState = "paused" | "waiting" | "running" | "ended";

/** Where the player is; sent on every change of state and ten times a second while it runs. */
export interface PlayerReport {
  readonly state: PlayheadState;
  /** Frame of the audio context (not source sample) at which this becomes true. */
  readonly frame: number;
  /** Source sample that this frame stands for. */
  readonly position: number;
  readonly speed: number;
  /** The position did not get here by playing. */
  readonly jumped: boolean;
  /** How often the source ran dry so far. */
  readonly underruns: number;
}
