import { useQuery } from "@tanstack/react-query";
import type { Engine, Voice } from "@/api/types";
import { voicesQuery } from "./queries";

/** An engine's voices, and which of them speaks. */
export interface OfferedVoices {
  /** Null while they are on their way, or when they cannot be had. */
  voices: readonly Voice[] | null;
  error: Error | null;
  retry: () => void;
  /** The voice that speaks; null when it is not known, or not offered any more. */
  chosen: Voice | null;
  /** The settings name a voice that the engine does not offer. */
  isGone: boolean;
}

/** @param wanted the voice that is set; "" is the engine's own choice. */
export function useVoices(engine: Engine, wanted: string): OfferedVoices {
  const query = useQuery(voicesQuery(engine.name));
  const voices = query.data ?? null;
  const id = wanted || engine.default_voice;
  const standard = wanted === "" ? (voices?.[0] ?? null) : null;
  const chosen = voices?.find((voice) => voice.id === id) ?? standard;
  return {
    voices,
    error: query.error,
    retry: () => void query.refetch(),
    chosen,
    isGone: voices !== null && wanted !== "" && chosen === null,
  };
}
