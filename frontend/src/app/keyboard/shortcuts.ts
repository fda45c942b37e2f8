/** Which key does what. */

export type Command =
  | "toggle-playback"
  | "next-sentence"
  | "previous-sentence"
  | "next-scene"
  | "previous-scene"
  | "slower"
  | "faster"
  | "mute"
  | "generate"
  | "stop"
  | "follow"
  | "prompt"
  | "shortcuts";

interface Shortcut {
  command: Command;
  /** As `KeyboardEvent.key` names it. */
  key: string;
  shift?: true;
  /** The key as it is written in the list. */
  shown: string;
  does: string;
}

/** Every shortcut, in the order of the list. */
export const SHORTCUTS: readonly Shortcut[] = [
  { command: "toggle-playback", key: " ", shown: "Space", does: "Play or pause" },
  { command: "previous-sentence", key: "ArrowLeft", shown: "←", does: "Previous sentence" },
  { command: "next-sentence", key: "ArrowRight", shown: "→", does: "Next sentence" },
  {
    command: "previous-scene",
    key: "ArrowLeft",
    shift: true,
    shown: "Shift ←",
    does: "Previous scene",
  },
  { command: "next-scene", key: "ArrowRight", shift: true, shown: "Shift →", does: "Next scene" },
  { command: "slower", key: "[", shown: "[", does: "Slower" },
  { command: "faster", key: "]", shown: "]", does: "Faster" },
  { command: "mute", key: "m", shown: "M", does: "Mute" },
  { command: "generate", key: "g", shown: "G", does: "Generate scene with TTS" },
  { command: "stop", key: "s", shown: "S", does: "Stop" },
  { command: "follow", key: "f", shown: "F", does: "Follow the voice" },
  { command: "prompt", key: "/", shown: "/", does: "Go to the prompt" },
  { command: "shortcuts", key: "?", shown: "?", does: "This list" },
];

/** Keys that are themselves typed with Shift on some keyboards, where Shift tells nothing. */
const SHIFT_AGNOSTIC = new Set(["?", "/", "[", "]"]);

type KeyPress = Pick<KeyboardEvent, "key" | "shiftKey" | "ctrlKey" | "metaKey" | "altKey">;

/** The command of a key press; null when it has none, or belongs to the browser or the system. */
export function commandFor(press: KeyPress): Command | null {
  if (press.ctrlKey || press.metaKey) return null;
  // AltGr types brackets on many keyboards; Alt with anything else is a menu's.
  if (press.altKey && !SHIFT_AGNOSTIC.has(press.key)) return null;
  const key = press.key.length === 1 ? press.key.toLowerCase() : press.key;
  const found = SHORTCUTS.find(
    (shortcut) =>
      shortcut.key === key &&
      (SHIFT_AGNOSTIC.has(key) || (shortcut.shift ?? false) === press.shiftKey),
  );
  return found?.command ?? null;
}

const TYPING = "input, textarea, select, [contenteditable=''], [contenteditable='true']";
/** Elements that use the space bar and the arrows themselves. */
const CONTROLS =
  "button, a[href], summary, [role='slider'], [role^='menu'], [role='tab'], [role='switch']";
const CONTROL_KEYS = new Set([" ", "ArrowLeft", "ArrowRight"]);

/** Tell whether the focused element needs the key for itself: while typing every key, on a button the space bar. */
export function belongsTo(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof Element)) return false;
  if (target.closest("[role='dialog'], [role='alertdialog'], [role='menu']")) return true;
  if (target.closest("input[type='range']")) return CONTROL_KEYS.has(key);
  if (target.closest(TYPING)) return true;
  if (!target.closest(CONTROLS)) return false;
  const isButton = target.closest("button, a[href], summary") !== null;
  return isButton ? key === " " : CONTROL_KEYS.has(key);
}
