import { useMemo, useState } from "react";
import type { Voice } from "@/api/types";
import { type Arrangement, arranged, catalogOf, type VoiceGroup } from "./catalog";

/** As many voices are looked over at a glance; of more, only the likely ones are shown at first. */
const FEW = 40;

interface ShownVoices {
  groups: readonly VoiceGroup[];
  /** How many voices are in them. */
  amount: number;
  /** How many more there are. */
  hidden: number;
  showAll: () => void;
}

/** Voices in groups, as many as are wanted. The catalog is made anew only for other voices. */
export function useShownVoices(
  voices: readonly Voice[],
  chosen: string,
  by: Omit<Arrangement, "languages">,
): ShownVoices {
  const [showsAll, setShowsAll] = useState(false);
  const catalog = useMemo(() => catalogOf(voices), [voices]);
  const spoken = voices.find(({ id }) => id === chosen)?.language ?? "und";
  const all = arranged(catalog, { ...by, languages: [...navigator.languages, spoken] });
  const isWhole = showsAll || by.search !== "" || voices.length <= FEW;
  const groups = isWhole ? all : all.filter(({ isNear }) => isNear);
  const amount = count(groups);
  return { groups, amount, hidden: count(all) - amount, showAll: () => setShowsAll(true) };
}

function count(groups: readonly VoiceGroup[]): number {
  return groups.reduce((sum, { voices }) => sum + voices.length, 0);
}
