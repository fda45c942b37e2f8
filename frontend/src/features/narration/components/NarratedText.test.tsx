import { act, cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test } from "vitest";
import type { Cursor } from "../store/cursor";
import { IDLE_STATE, type NarrationState, type SentenceState } from "../store/narrationStore";
import type { NarrationSession } from "../transport/session";
import { stretchRange } from "./marks";
import { NarratedText } from "./NarratedText";
import { marksAt } from "./useSpokenMarks";

afterEach(cleanup);

const TEXT = "🌊 Waves came.\n\n«انتظر!» صاح.";
const SECOND = TEXT.indexOf("«");

function sentence(index: number, charStart: number, charEnd: number): SentenceState {
  return {
    index,
    text: TEXT.slice(charStart, charEnd),
    charStart,
    charEnd,
    start: index * 24_000,
    samples: 24_000,
    words: [],
    wordsSource: null,
    status: "done",
    failure: null,
  };
}

const WAVES = { t0: 0, t1: 9000, c0: 3, c1: 8 };
const CAME = { t0: 9000, t1: 24_000, c0: 9, c1: 13 };
const STATE: NarrationState = {
  ...IDLE_STATE,
  phase: "generating",
  playback: "playing",
  text: TEXT,
  sentences: [{ ...sentence(0, 0, 14), words: [WAVES, CAME] }, sentence(1, SECOND, TEXT.length)],
};

/** A session whose voice is wherever the test puts it. */
class HeldSession {
  place: Cursor | null = null;
  readonly soughtSentences: number[] = [];
  cursor() {
    return this.place;
  }
  seekToSentence(index: number) {
    this.soughtSentences.push(index);
  }
}

function show(state: NarrationState = STATE) {
  const held = new HeldSession();
  const session = held as unknown as NarrationSession;
  const lines: DOMRect[] = [];
  const view = render(
    <NarratedText
      text={state.text}
      narration={{ session, state }}
      onSpokenLine={(line) => lines.push(line)}
    />,
  );
  return { held, view, lines };
}

async function nextFrame() {
  await act(() => new Promise((resolve) => requestAnimationFrame(() => resolve(undefined))));
}

test("draws the text byte for byte, in paragraphs that find their own direction", () => {
  const { view } = show();
  const paragraphs = [...view.container.querySelectorAll("p")];
  expect(paragraphs.map((p) => p.textContent)).toEqual(["🌊 Waves came.", "«انتظر!» صاح."]);
  expect(paragraphs.every((p) => p.dir === "auto")).toBe(true);
});

test("marks the word by UTF-16 offsets, also behind an emoji", () => {
  const marks = marksAt(STATE, { sentence: 0, word: 0 });
  expect(TEXT.slice(marks.word?.start, marks.word?.end)).toBe("Waves");
  expect(marks.spokenTo).toBe(14);
});

test("a stretch of the text is found in the elements that draw it", () => {
  const { view } = show();
  const range = (start: number, end: number) =>
    stretchRange(view.container, { start, end })?.toString();
  expect(range(3, 8)).toBe("Waves");
  expect(range(SECOND, SECOND + 8)).toBe("«انتظر!»");
  expect(range(5, 5)).toBeUndefined();
});

test("where the browser cannot mark text, the word spoken now is wrapped", async () => {
  const { held, view, lines } = show();
  held.place = { position: 10, sentence: 0, word: 0 };
  await nextFrame();
  await nextFrame();
  expect(view.container.querySelector("mark")?.textContent).toBe("Waves");
  expect(view.container.querySelector("[data-speaking]")?.textContent).toBe("🌊 Waves came.");
  held.place = { position: 9010, sentence: 0, word: 1 };
  await nextFrame();
  await nextFrame();
  expect(view.container.querySelector("mark")?.textContent).toBe("came");
  // The view follows although the word before was an element of its own.
  expect(lines).toHaveLength(2);
});

test("a click on a sentence reads from there", async () => {
  const { held } = show();
  await userEvent.click(screen.getByText("«انتظر!» صاح."));
  expect(held.soughtSentences).toEqual([1]);
});

test("arrow keys choose a sentence and Enter reads from there", async () => {
  const { held } = show();
  screen.getByRole("group").focus();
  await userEvent.keyboard("{ArrowDown}{ArrowDown}{Enter}");
  expect(held.soughtSentences).toEqual([1]);
});

test("a sentence that could not be spoken says so", () => {
  const [first, second] = STATE.sentences as [SentenceState, SentenceState];
  show({ ...STATE, sentences: [first, { ...second, status: "failed", samples: 0 }] });
  expect(screen.getByTitle("This sentence could not be read aloud.").textContent).toBe(second.text);
});

test("text that is only read takes no keys and no clicks", () => {
  const { container } = render(<NarratedText text={TEXT} narration={null} />);
  expect(container.querySelector("[tabindex]")).toBeNull();
});
