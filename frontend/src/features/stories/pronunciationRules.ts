import type { Pronunciation } from "@/api/types";

/** One entry while it is edited. */
export interface PronunciationRow extends Pronunciation {
  /** Tells rows apart while they come and go. */
  key: number;
}

/** What is wrong with a row, beside its fields. */
export type RowProblems = Partial<Record<keyof Pronunciation, string>>;

/** The rows that somebody has written something in. */
export function writtenRows(rows: readonly PronunciationRow[]): PronunciationRow[] {
  return rows.filter(({ phrase, spoken }) => phrase.trim() !== "" || spoken.trim() !== "");
}

/** What keeps written rows from being saved, by key; empty when nothing does. */
export function findProblems(rows: readonly PronunciationRow[]): Map<number, RowProblems> {
  const found = new Map<number, RowProblems>();
  const seen = new Set<string>();
  for (const { key, phrase, spoken } of rows) {
    const problems: RowProblems = {};
    const folded = phrase.trim().toLowerCase().replace(/\s+/gu, " ");
    if (!hasWords(phrase)) problems.phrase = "Enter the word as it is written.";
    else if (seen.has(folded)) problems.phrase = `“${phrase.trim()}” is there twice.`;
    if (!hasWords(spoken)) problems.spoken = "Enter how it is said.";
    if (Object.keys(problems).length > 0) found.set(key, problems);
    seen.add(folded);
  }
  return found;
}

/** The row and field that a refusal of the server names, such as `entries.2.phrase`. */
export function problemAt(
  param: string | null,
  message: string,
  rows: readonly PronunciationRow[],
): Map<number, RowProblems> {
  const named = /^entries\.(\d+)\.(phrase|spoken)$/u.exec(param ?? "");
  const row = named && rows[Number(named[1])];
  return row ? new Map([[row.key, { [named[2] as keyof Pronunciation]: message }]]) : new Map();
}

function hasWords(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text);
}
