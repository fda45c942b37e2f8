import { useEffect, useRef } from "react";

/** Calls `onArrival` once for every value of `what` that comes up after the first render. */
export function useArrival<T>(what: T | null, onArrival: (what: T) => void): void {
  const latest = useRef(onArrival);
  const seen = useRef(what);
  useEffect(() => {
    latest.current = onArrival;
  });
  useEffect(() => {
    if (what === seen.current) return;
    seen.current = what;
    if (what !== null) latest.current(what);
  }, [what]);
}
