/** What the server tells a user's pages, whichever story they show. */

/** A scene's narration can be heard from its beginning to its end. */
export interface TtsReady {
  readonly type: "tts_ready";
  /** Grows with every event; a page that has seen one goes on after it. */
  readonly id: number;
  /** When it happened, ISO 8601. */
  readonly at: string;
  readonly scene_id: number;
  readonly story_id: number;
  readonly chunk_count: number;
  /** The user wishes that it starts by itself. */
  readonly auto_play: boolean;
}

/** A scene could not be narrated; the scene itself is unharmed. */
export interface TtsFailed {
  readonly type: "tts_failed";
  readonly id: number;
  readonly at: string;
  readonly scene_id: number;
  readonly story_id: number;
  readonly code: string;
  /** Plain words for the reader. */
  readonly message: string;
}

/** A narration has come further. Told once: it has no number, and is not told again. */
export interface TtsProgress {
  readonly type: "tts_progress";
  readonly scene_id: number;
  readonly story_id: number;
  readonly chunks_ready: number;
  readonly total_chunks: number;
}

export type UserEvent = TtsReady | TtsFailed | TtsProgress;

/** The first message of every connection. */
export interface Connected {
  readonly type: "connected";
  readonly user_id: number;
  /** Where to go on from, until an event says otherwise. */
  readonly last_id: number;
}

const KNOWN: readonly string[] = ["connected", "tts_ready", "tts_failed", "tts_progress"];

/** @returns null for what is no message of ours, or one of a newer server that this page does not know. */
export function parseUserEvent(json: string): UserEvent | Connected | null {
  let message: unknown;
  try {
    message = JSON.parse(json);
  } catch {
    return null;
  }
  if (typeof message !== "object" || message === null || !("type" in message)) return null;
  return KNOWN.includes(String(message.type)) ? (message as UserEvent | Connected) : null;
}
