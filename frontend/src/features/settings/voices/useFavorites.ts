import { useMemo } from "react";
import type { FavoriteVoice } from "@/api/types";

/** An engine's favorites among those of all engines, and the way to add or remove one. */
export function useFavorites(
  engine: string,
  all: readonly FavoriteVoice[],
  onChange: (favorites: FavoriteVoice[]) => void,
): { starred: ReadonlySet<string>; star: (voice: string) => void } {
  const starred = useMemo(
    () => new Set(all.filter((each) => each.engine === engine).map(({ voice }) => voice)),
    [all, engine],
  );
  const star = (voice: string) => {
    const others = all.filter((each) => each.engine !== engine || each.voice !== voice);
    onChange(starred.has(voice) ? others : [...others, { engine, voice }]);
  };
  return { starred, star };
}
