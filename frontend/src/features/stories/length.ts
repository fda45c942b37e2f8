/** Words a narrator reads in a minute. */
const WORDS_PER_MINUTE = 155;

/** How long a story takes to hear, such as "12 min"; what it is when there is nothing to hear. */
export function lengthInWords(wordCount: number): string {
  if (wordCount === 0) return "Not begun";
  return `${Math.max(1, Math.round(wordCount / WORDS_PER_MINUTE))} min`;
}

/** How far somebody has listened, such as "12 min in". */
export function heardInWords(positionMs: number): string {
  const minutes = Math.floor(positionMs / MINUTE_MS);
  return minutes < 1 ? "Just begun" : `${minutes} min in`;
}

const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const ABSOLUTE = new Intl.DateTimeFormat("en", { day: "numeric", month: "long", year: "numeric" });
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** When something happened, as people say it: "just now", "yesterday", "3 March 2026". */
export function timeAgo(iso: string, nowMs: number = Date.now()): string {
  const then = new Date(iso);
  const elapsedMs = nowMs - then.getTime();
  if (elapsedMs < MINUTE_MS) return "just now";
  if (elapsedMs < HOUR_MS) return RELATIVE.format(-Math.floor(elapsedMs / MINUTE_MS), "minute");
  if (elapsedMs < DAY_MS) return RELATIVE.format(-Math.floor(elapsedMs / HOUR_MS), "hour");
  if (elapsedMs < 14 * DAY_MS) return RELATIVE.format(-Math.floor(elapsedMs / DAY_MS), "day");
  return ABSOLUTE.format(then);
}
