/** Which clip to fetch next. Pure. */

/** The sentences of a narration, as far as fetching them is concerned. */
export interface FetchPlan {
  /** In order; `start` and `samples` count samples. */
  readonly sentences: readonly { readonly start: number; readonly samples: number }[];
  /** Fetched already, or being fetched. */
  readonly isTaken: (index: number) => boolean;
  /** Absolute sample that is heard, or will be as soon as there is sound for it. */
  readonly position: number;
  /** How far ahead of `position` sound should lie ready, in samples. */
  readonly ahead: number;
  /** Whether to go on when that is done, so that the whole scene is here when the network is not. */
  readonly wantsAll: boolean;
}

/**
 * - `now`: the sentence that is waited for; no other fetch may hold it up;
 * - `soon`: heard within the next seconds;
 * - `later`: everything else.
 */
export type Urgency = "now" | "soon" | "later";

export interface FetchStep {
  readonly index: number;
  readonly urgency: Urgency;
}

/** The next clip to fetch: from the position on to the end, then from the beginning; null when nothing is wanted. */
export function nextToFetch(plan: FetchPlan): FetchStep | null {
  const { sentences, isTaken, position, ahead, wantsAll } = plan;
  const from = Math.max(0, indexAt(sentences, position));
  for (let i = 0; i < sentences.length; i++) {
    const index = (from + i) % sentences.length;
    const sentence = sentences[index] as FetchPlan["sentences"][number];
    const isSoon = index >= from && sentence.start < position + ahead;
    if (!isSoon && !wantsAll) return null;
    if (isTaken(index) || sentence.samples === 0) continue;
    return { index, urgency: i === 0 ? "now" : isSoon ? "soon" : "later" };
  }
  return null;
}

/** Index of the sentence that sounds at `position`; the last one that sounds after the end. */
function indexAt(sentences: FetchPlan["sentences"], position: number): number {
  return sentences.findLastIndex(({ start, samples }) => samples > 0 && start <= position);
}
