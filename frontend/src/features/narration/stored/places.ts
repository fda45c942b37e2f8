import type { ListeningPosition } from "./requests";
import { isFinal, type StoredTimeline } from "./timeline";

/** Somewhere in a scene. `remembered`: where this reader stopped, on whatever device. */
export type Place =
  | { readonly type: "sample"; readonly sample: number }
  | { readonly type: "sentence"; readonly index: number }
  | { readonly type: "remembered"; readonly position: ListeningPosition | null };

export const BEGINNING: Place = { type: "sample", sample: 0 };

/** Who stopped this close to the end (3 s at 24 kHz) has heard the scene, and wants to hear it from the beginning. */
const HEARD_OUT_SAMPLES = 72_000;

/**
 * The sample of a place; what lies behind the end is the end.
 *
 * @returns null as long as it is not known: the narration is still being made and has not come so far.
 */
export function sampleOf(place: Place, timeline: StoredTimeline): number | null {
  const sample = wantedSample(place, timeline);
  if (sample < timeline.samples) return sample;
  return isFinal(timeline) ? timeline.samples : null;
}

function wantedSample(place: Place, timeline: StoredTimeline): number {
  switch (place.type) {
    case "sample":
      return place.sample;
    case "sentence":
      return timeline.sentences[place.index]?.start ?? Infinity;
    case "remembered":
      return place.position ? rememberedSample(place.position, timeline) : 0;
  }
}

function rememberedSample({ sample, sentence }: ListeningPosition, timeline: StoredTimeline) {
  if (isFinal(timeline) && timeline.samples - sample < HEARD_OUT_SAMPLES) return 0;
  const known = timeline.sentences[sentence];
  // After an edit the sample may lie elsewhere; the sentence is the better guess then.
  const isStill = known && known.start <= sample && sample <= known.start + known.samples;
  return known && !isStill ? known.start : sample;
}
