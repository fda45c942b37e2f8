import { useCallback, useEffect, useRef, useState } from "react";

/** The spoken line is kept between these parts of the window's height. */
const BAND = { top: 0.16, bottom: 0.62 } as const;
/** Where it is put when it leaves the band. */
const REST = 0.34;
const SCROLL_KEYS = new Set(["PageUp", "PageDown", "Home", "End"]);

export interface Follow {
  /** False once the reader has scrolled away by hand. */
  following: boolean;
  /** Follow again, starting at the line spoken now. */
  resume: () => void;
  /** Follow a new voice from its first line. */
  restart: () => void;
  /** Stop following: the reader's interest has moved on. */
  release: () => void;
  /** Bring the spoken line into view, if the view follows. */
  keepInView: (line: DOMRect) => void;
}

/** Scrolls along with the voice until the reader scrolls away. */
export function useFollow(): Follow {
  const [following, setFollowing] = useState(true);
  const follows = useRef(true);
  const line = useRef<{ pageY: number } | null>(null);

  const set = useCallback((next: boolean) => {
    follows.current = next;
    setFollowing(next);
  }, []);

  useEffect(() => {
    const leave = () => set(false);
    const leaveByKey = (event: KeyboardEvent) => SCROLL_KEYS.has(event.key) && leave();
    const leaveByScrollbar = (event: MouseEvent) =>
      event.clientX >= document.documentElement.clientWidth && leave();
    // `scroll` fires for our own scrolling too; these are the reader's hands.
    window.addEventListener("wheel", leave, { passive: true });
    window.addEventListener("touchmove", leave, { passive: true });
    window.addEventListener("keydown", leaveByKey);
    window.addEventListener("mousedown", leaveByScrollbar);
    return () => {
      window.removeEventListener("wheel", leave);
      window.removeEventListener("touchmove", leave);
      window.removeEventListener("keydown", leaveByKey);
      window.removeEventListener("mousedown", leaveByScrollbar);
    };
  }, [set]);

  const keepInView = useCallback(({ top, bottom }: { top: number; bottom: number }) => {
    line.current = { pageY: top + window.scrollY };
    const { innerHeight } = window;
    const outside = top < innerHeight * BAND.top || bottom > innerHeight * BAND.bottom;
    if (follows.current && outside) scrollToLine(line.current.pageY);
  }, []);

  const resume = useCallback(() => {
    set(true);
    if (line.current) scrollToLine(line.current.pageY);
  }, [set]);

  const restart = useCallback(() => {
    line.current = null;
    set(true);
  }, [set]);
  const release = useCallback(() => set(false), [set]);

  return { following, resume, restart, release, keepInView };
}

function scrollToLine(pageY: number): void {
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  window.scrollTo({
    top: pageY - window.innerHeight * REST,
    behavior: calm ? "instant" : "smooth",
  });
}
