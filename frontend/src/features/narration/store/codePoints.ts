const ONLY_BASIC_PLANE = /^[^\u{10000}-\u{10FFFF}]*$/u;

/** How many Unicode code points `text` has. */
export function countCodePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/**
 * Maps a code-point offset in `text` to a UTF-16 offset.
 *
 * @param count 0 or more; offsets past the end map to the end.
 */
export function utf16Offset(text: string, count: number): number {
  if (ONLY_BASIC_PLANE.test(text)) return Math.min(count, text.length);
  let offset = 0;
  let passed = 0;
  for (const character of text) {
    if (passed === count) break;
    offset += character.length;
    passed += 1;
  }
  return offset;
}
