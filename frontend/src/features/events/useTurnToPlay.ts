import { useEffect } from "react";
import { TurnToPlay } from "./turnToPlay";

let ours: TurnToPlay | null = null;

/** This page's voice among the pages of the browser. */
function thisPage(): TurnToPlay {
  ours ??= new TurnToPlay(openChannel(), Math.random().toString(36).slice(2));
  return ours;
}

function openChannel(): BroadcastChannel | null {
  return typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("rhapsode.turn");
}

/** The page's claim to play what starts by itself; follows what is done on the page. */
export function useTurnToPlay(): TurnToPlay {
  useEffect(() => {
    const noteUse = () => thisPage().noteUse();
    window.addEventListener("pointerdown", noteUse, { passive: true });
    window.addEventListener("keydown", noteUse);
    window.addEventListener("focus", noteUse);
    return () => {
      window.removeEventListener("pointerdown", noteUse);
      window.removeEventListener("keydown", noteUse);
      window.removeEventListener("focus", noteUse);
    };
  }, []);
  return thisPage();
}
