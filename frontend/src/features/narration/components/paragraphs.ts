/** Cuts a scene's text into paragraphs and sentences without changing a character of it. */

/** Where a sentence stands in the text, in UTF-16 units as JavaScript counts them. */
export interface SentencePlace {
  index: number;
  charStart: number;
  charEnd: number;
}

/** A run of text within one paragraph that belongs to one sentence, or to none yet. */
export interface Fragment {
  start: number;
  end: number;
  sentence: number | null;
}

export interface Paragraph {
  start: number;
  end: number;
  fragments: readonly Fragment[];
}

/**
 * Cut `text` at its line breaks, and each paragraph at its sentences.
 *
 * Every offset counts UTF-16 units from the start of `text`. White space between paragraphs belongs to none of them;
 * every other character is in exactly one fragment. `sentences` must be in order and must not overlap.
 */
export function layOut(text: string, sentences: readonly SentencePlace[]): Paragraph[] {
  const paragraphs: Paragraph[] = [];
  let first = 0;
  for (const match of text.matchAll(/\S[^\n]*/g)) {
    const start = match.index;
    const end = start + match[0].trimEnd().length;
    while ((sentences[first]?.charEnd ?? Number.POSITIVE_INFINITY) <= start) first += 1;
    paragraphs.push({ start, end, fragments: cut(start, end, sentences, first) });
  }
  return paragraphs;
}

function cut(
  start: number,
  end: number,
  sentences: readonly SentencePlace[],
  first: number,
): Fragment[] {
  const fragments: Fragment[] = [];
  let at = start;
  for (let i = first; i < sentences.length && at < end; i += 1) {
    const sentence = sentences[i] as SentencePlace;
    if (sentence.charStart >= end) break;
    const from = Math.max(sentence.charStart, at);
    const to = Math.min(sentence.charEnd, end);
    if (to <= from) continue;
    if (from > at) fragments.push({ start: at, end: from, sentence: null });
    fragments.push({ start: from, end: to, sentence: sentence.index });
    at = to;
  }
  if (at < end) fragments.push({ start: at, end, sentence: null });
  return fragments;
}

/** Tell whether a paragraph is only an ornament such as `* * *`, which is set in the middle of the line. */
export function isOrnament(paragraph: string): boolean {
  return /^(?:[*#_~⁂-]\s*){1,7}$/u.test(paragraph) && paragraph.length < 16;
}
