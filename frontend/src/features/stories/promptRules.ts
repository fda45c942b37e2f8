/** What the prompt box decides, without the box. */

import { PROMPT_LIMIT } from "@/api/types";

export type PromptAction = "narrate" | "write";

/** What the reader has set. */
export interface PromptMode {
  /** False when speech is turned off in the settings: everything is written without audio. */
  audio: boolean;
  /** "Real-time TTS During Generation": Enter alone is heard as well. */
  realtime: boolean;
}

interface Key {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  isComposing: boolean;
}

/**
 * What a key pressed in the box sends off; null when it only types.
 *
 * Enter follows the real-time setting, Ctrl or Cmd with Enter always asks for audio. Shift+Enter is a new line, and
 * Enter that ends a composition (Japanese, Chinese, Korean input) belongs to the input method.
 */
export function actionForKey(key: Key, mode: PromptMode): PromptAction | null {
  if (key.key !== "Enter" || key.shiftKey || key.isComposing) return null;
  const wantsAudio = key.ctrlKey || key.metaKey || mode.realtime;
  return wantsAudio && mode.audio ? "narrate" : "write";
}

/** How much of the limit must be used before it is worth mentioning. */
const NEAR = 0.9;

export interface PromptLength {
  /** Shown when the limit is near; null before. */
  notice: string | null;
  tooLong: boolean;
}

/** Measure a prompt as the server does: in Unicode code points. */
export function measurePrompt(text: string): PromptLength {
  if (text.length < PROMPT_LIMIT * NEAR) return { notice: null, tooLong: false };
  const length = [...text].length;
  const tooLong = length > PROMPT_LIMIT;
  if (length < PROMPT_LIMIT * NEAR) return { notice: null, tooLong };
  const limit = PROMPT_LIMIT.toLocaleString("en");
  if (!tooLong) return { notice: `${length.toLocaleString("en")} of ${limit} characters`, tooLong };
  const excess = length - PROMPT_LIMIT;
  const characters = excess === 1 ? "character" : "characters";
  const notice = `${excess.toLocaleString("en")} ${characters} too many; ${limit} fit.`;
  return { notice, tooLong };
}
