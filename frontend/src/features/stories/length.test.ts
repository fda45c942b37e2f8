import { expect, test } from "vitest";
import { heardInWords, lengthInWords, timeAgo } from "./length";

test("a story is as long as it takes to hear", () => {
  expect(lengthInWords(0)).toBe("Not begun");
  expect(lengthInWords(20)).toBe("1 min");
  expect(lengthInWords(1860)).toBe("12 min");
});

test("times are told as people tell them", () => {
  const now = Date.parse("2026-11-21T12:00:00Z");
  expect(timeAgo("2026-11-21T11:59:30Z", now)).toBe("just now");
  expect(timeAgo("2026-11-21T11:15:00Z", now)).toBe("45 minutes ago");
  expect(timeAgo("2026-11-21T09:00:00Z", now)).toBe("3 hours ago");
  expect(timeAgo("2026-11-20T10:00:00Z", now)).toBe("yesterday");
  expect(timeAgo("2026-03-03T12:00:00Z", now)).toBe("March 3, 2026");
});

test.each([
  [0, "Just begun"],
  [59_999, "Just begun"],
  [60_000, "1 min in"],
  [779_000, "12 min in"],
])("%i ms heard are %j", (positionMs, words) => {
  expect(heardInWords(positionMs)).toBe(words);
});
