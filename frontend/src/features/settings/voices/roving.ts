import type { VoiceAction } from "./VoiceRow";

/** A button in a list of voices. */
export interface Place {
  readonly voice: string;
  readonly action: VoiceAction;
}

const PAGE = 8;

/**
 * The button that a key leads to: up and down between voices, left and right between what can be done with one.
 *
 * @param rows the voices in order, each with what can be done with it; not empty.
 * @returns null for keys that do not move.
 */
export function moved(
  rows: readonly { voice: string; actions: readonly VoiceAction[] }[],
  from: Place,
  key: string,
): Place | null {
  const here = Math.max(
    0,
    rows.findIndex(({ voice }) => voice === from.voice),
  );
  const row = rows[here];
  if (!row) return null;
  const steps: Record<string, number> = {
    ArrowDown: 1,
    ArrowUp: -1,
    PageDown: PAGE,
    PageUp: -PAGE,
    Home: -rows.length,
    End: rows.length,
  };
  const step = steps[key];
  if (step !== undefined) {
    const next = rows[Math.max(0, Math.min(rows.length - 1, here + step))] ?? row;
    const action = next.actions.includes(from.action) ? from.action : "choose";
    return { voice: next.voice, action };
  }
  if (key !== "ArrowLeft" && key !== "ArrowRight") return null;
  const column = row.actions.indexOf(from.action) + (key === "ArrowRight" ? 1 : -1);
  return { voice: row.voice, action: row.actions[column] ?? from.action };
}
