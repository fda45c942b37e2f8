/**
 * Marks what is spoken now in text that React has drawn, without touching its elements.
 *
 * Uses the CSS Custom Highlight API; `theme.css` gives the marks their looks. Fragments carry their offset in the
 * scene's text as `data-at`.
 */

/** A stretch of the scene's text, in UTF-16 units. */
export interface Stretch {
  start: number;
  end: number;
}

export interface Marks {
  /** From the beginning of the text to here everything has been spoken. */
  spokenTo: number;
  sentence: Stretch | null;
  word: Stretch | null;
}

const SPOKEN = "rhapsode-spoken";
const SENTENCE = "rhapsode-sentence";
const WORD = "rhapsode-word";

/** Tell whether this browser can mark text without wrapping it. */
export function canMark(): boolean {
  return typeof CSS !== "undefined" && "highlights" in CSS && typeof Highlight !== "undefined";
}

/** Show `marks` in `root`, in place of those shown before. */
export function showMarks(root: HTMLElement, marks: Marks): void {
  mark(SPOKEN, stretchRange(root, { start: 0, end: marks.spokenTo }), 0);
  mark(SENTENCE, marks.sentence && stretchRange(root, marks.sentence), 1);
  mark(WORD, marks.word && stretchRange(root, marks.word), 2);
}

/** Take every mark away. */
export function clearMarks(): void {
  for (const name of [SPOKEN, SENTENCE, WORD]) CSS.highlights.delete(name);
}

function mark(name: string, range: Range | null, priority: number): void {
  if (!range) {
    CSS.highlights.delete(name);
    return;
  }
  const highlight = new Highlight(range);
  highlight.priority = priority;
  CSS.highlights.set(name, highlight);
}

/** The DOM range that covers a stretch of the scene's text; null when none of it is drawn. */
export function stretchRange(root: HTMLElement, { start, end }: Stretch): Range | null {
  const fragments = root.querySelectorAll<HTMLElement>("[data-at]");
  if (end <= start || fragments.length === 0) return null;
  const from = boundary(fragments, start, "start");
  const to = boundary(fragments, end, "end");
  if (!from || !to) return null;
  const range = document.createRange();
  range.setStart(from.node, from.offset);
  range.setEnd(to.node, to.offset);
  return range.collapsed ? null : range;
}

function boundary(
  fragments: NodeListOf<HTMLElement>,
  at: number,
  edge: "start" | "end",
): { node: Node; offset: number } | null {
  let low = 0;
  let high = fragments.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const start = Number(fragments[middle]?.dataset.at);
    // An end that falls between two fragments belongs to the earlier one.
    if (edge === "start" ? start <= at : start < at) low = middle;
    else high = middle - 1;
  }
  const fragment = fragments[low];
  return fragment ? textAt(fragment, at - Number(fragment.dataset.at)) : null;
}

/** The text node of `fragment` that holds its character `offset`; the word may be wrapped, so there can be several. */
function textAt(fragment: HTMLElement, offset: number): { node: Node; offset: number } | null {
  const texts = document.createTreeWalker(fragment, NodeFilter.SHOW_TEXT);
  let left = Math.max(offset, 0);
  let node = texts.nextNode();
  while (node) {
    const length = node.nodeValue?.length ?? 0;
    const next = left > length ? texts.nextNode() : null;
    if (!next) return { node, offset: Math.min(left, length) };
    left -= length;
    node = next;
  }
  return null;
}
