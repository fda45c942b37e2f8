import { useEffect } from "react";

/** Names the window after what it shows. */
export function useTitle(title: string | null): void {
  useEffect(() => {
    document.title = title ? `${title} · Rhapsode` : "Rhapsode";
    return () => {
      document.title = "Rhapsode";
    };
  }, [title]);
}
