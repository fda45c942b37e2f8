import type { SentenceState } from "./narrationStore";

/** What sounds now. */
export interface Cursor {
  /** Absolute source sample. */
  readonly position: number;
  /** Index of the sentence, -1 before the first. */
  readonly sentence: number;
  /** Index in the sentence's `words`, -1 before the first or where no times are known. */
  readonly word: number;
}

/** Index of the last of `items` that begins at or before `limit`, -1 if none; `items` ascend by `begin`. */
function lastBegun<T>(items: readonly T[], begin: (item: T) => number, limit: number): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (begin(items[middle] as T) <= limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Finds sentence and word at an absolute sample. Sentences without sound are never the answer. */
export function locate(sentences: readonly SentenceState[], position: number): Cursor {
  let index = lastBegun(sentences, (sentence) => sentence.start, position);
  while (index >= 0 && isSilent(sentences[index] as SentenceState)) index -= 1;
  const sentence = sentences[index];
  if (!sentence) return { position, sentence: -1, word: -1 };
  const word = lastBegun(sentence.words, ({ t0 }) => t0, position - sentence.start);
  return { position, sentence: index, word };
}

/** Whether nothing of this sentence will ever be heard. */
export function isSilent(sentence: SentenceState): boolean {
  return sentence.samples === 0 && sentence.status !== "speaking";
}
