/** The page's last moments. They are none for sure: a page that was left or hidden may come back. */

let isClosing = false;
window.addEventListener("pagehide", () => {
  isClosing = true;
});
window.addEventListener("pageshow", () => {
  isClosing = false;
});

/** Whether the page may end at any moment: it is being closed, or hidden. */
export function isLeft(): boolean {
  // A phone may end a page in the background without another word.
  return isClosing || document.visibilityState === "hidden";
}

/**
 * Call `settle` whenever the page is being closed or is hidden.
 *
 * @returns stops it.
 */
export function onLeaving(settle: () => void): () => void {
  const settleWhenHidden = () => document.visibilityState === "hidden" && settle();
  window.addEventListener("pagehide", settle);
  document.addEventListener("visibilitychange", settleWhenHidden);
  return () => {
    window.removeEventListener("pagehide", settle);
    document.removeEventListener("visibilitychange", settleWhenHidden);
  };
}
