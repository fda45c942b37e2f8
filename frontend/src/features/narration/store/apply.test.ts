import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ProtocolError } from "../protocol/protocolError";
import { apply, endedHere } from "./apply";
import { EMPTY_NARRATIVE } from "./narrationStore";
import { applyEvent, Script, scripts, told } from "./narrative.fixture";

describe("the journal", () => {
  test("any re-sending of earlier events leaves the same state", () => {
    fc.assert(
      fc.property(scripts, fc.array(fc.tuple(fc.nat(), fc.nat())), (events, repeats) => {
        const sent = events.flatMap((event, i) => {
          const again = repeats.filter(([at]) => at % events.length === i);
          return [event, ...again.flatMap(([, back]) => events.slice(back % (i + 1), i + 1))];
        });
        expect(told(sent)).toEqual(told(events));
      }),
    );
  });

  test("an event that is known already returns the same object", () => {
    const { events } = new Script().sentence("One.", 2).complete();
    const narrative = told(events);
    for (const event of events) expect(applyEvent(narrative, event)).toBe(narrative);
  });

  test("a missing event is noticed wherever it is missing", () => {
    fc.assert(
      fc.property(scripts, fc.nat(), (events, which) => {
        const missing = which % events.length;
        fc.pre(missing < events.length - 1);
        expect(() => told(events.toSpliced(missing, 1))).toThrow(ProtocolError);
      }),
    );
  });

  test("missing text is noticed by its place, also when the numbers are complete", () => {
    const narrative = told(new Script().text("One").events);
    const late = { type: "text_chunk", seq: 2, text: "three", char_start: 5 } as const;
    expect(() => apply(narrative, late)).toThrow(ProtocolError);
  });

  test("a type that is not known yet takes its number and changes nothing else", () => {
    const after = apply(EMPTY_NARRATIVE, { type: "unknown", seq: 1 });
    expect(after).toEqual({ ...EMPTY_NARRATIVE, seq: 1 });
    expect(after.view).toBe(EMPTY_NARRATIVE.view);
  });
});

describe("text and sentences", () => {
  test("offsets are UTF-16, ready for slice, whatever the script", () => {
    const { view } = told(new Script().sentence("A 🦊 fox. ", 1).sentence("𝔗wo 🌙.", 1).events);
    expect(view.text).toBe("A 🦊 fox. 𝔗wo 🌙.");
    for (const { charStart, charEnd, text, words } of view.sentences) {
      expect(view.text.slice(charStart, charEnd)).toBe(text);
      expect(text.slice(words[0]?.c0, words[0]?.c1)).toBe(text);
    }
  });

  test("a sentence that began to sound before it was written to its end grows", () => {
    const script = new Script().sentence("🦊 once", 1).text(" upon.");
    script.say({ type: "sentence_extended", index: 0, text: "🦊 once upon.", char_end: 12 });
    const { view } = told(script.events);
    expect(view.sentences[0]).toMatchObject({ text: "🦊 once upon.", charStart: 0 });
    expect(view.text.slice(0, view.sentences[0]?.charEnd)).toBe("🦊 once upon.");
  });

  test("later word times replace earlier ones", () => {
    const script = new Script().sentence("One two.", 1);
    const words = [{ t0: 5, t1: 9, c0: 4, c1: 8 }];
    script.say({ type: "sentence_words", index: 0, words, source: "aligner" });
    expect(told(script.events).view.sentences[0]).toMatchObject({ words, wordsSource: "aligner" });
  });

  test("a sentence that failed before it sounded keeps its place", () => {
    const script = new Script().sentence("One.", 1);
    const failure = { code: "synthesis_failed", message: "No voice." };
    script.say({ type: "sentence_failed", index: 1, ...failure, retryable: true });
    const { sentences } = told(script.events).view;
    expect(sentences[1]).toMatchObject({ status: "failed", failure, samples: 0, start: 2400 });
  });

  test("every sentence is at its index, also after a leap", () => {
    const { sentences } = told(
      new Script().say({ type: "sentence_skipped", index: 3 }).events,
    ).view;
    expect(sentences.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
  });
});

describe("sound and ends", () => {
  test("the page hears of progress in steps, not with every frame", () => {
    const views = new Set<unknown>();
    new Script().sentence("One.", 100).events.reduce((narrative, event) => {
      const next = applyEvent(narrative, event);
      views.add(next.view);
      return next;
    }, EMPTY_NARRATIVE);
    expect(views.size).toBeLessThan(30);
  });

  test("at the end all sound is accounted for", () => {
    const { view } = told(new Script().sentence("One.", 3).sentence("Two.", 2).complete(9).events);
    expect(view).toMatchObject({
      phase: "complete",
      sceneId: 9,
      bufferedSamples: 12_000,
      totalSamples: 12_000,
    });
    expect(view.sentences.map(({ samples }) => samples)).toEqual([7200, 4800]);
  });

  test("a stop in the middle of a sentence keeps what was received of it", () => {
    const events = new Script().sentence("One.", 3).events.slice(0, -2);
    const stop = { type: "stopped", reason: "client", at_sample: 7200, scene_id: 3 } as const;
    const { view } = apply(told(events), { ...stop, seq: events.length + 1 });
    expect(view).toMatchObject({ phase: "stopped", sceneId: 3, totalSamples: 7200 });
    expect(view.sentences[0]).toMatchObject({ status: "done", samples: 7200 });
  });

  test("a fatal error ends and keeps the text; another one only shows", () => {
    const failure = { code: "llm_unreachable", message: "No answer.", scene_id: 5 };
    const one = told(new Script().text("Once").events);
    const slow = {
      type: "error",
      seq: null,
      ...failure,
      fatal: false,
      retry_after_ms: 10,
    } as const;
    expect(apply(one, slow).view).toMatchObject({
      phase: one.view.phase,
      error: { code: "llm_unreachable", message: "No answer.", retryAfterMs: 10 },
    });
    expect(apply(one, { ...slow, seq: 2, fatal: true }).view).toMatchObject({
      phase: "failed",
      text: "Once",
      sceneId: 5,
      totalSamples: 0,
    });
  });

  test("the page can declare an end by itself", () => {
    const open = told(new Script().sentence("One.", 1).events);
    expect(endedHere(open, { phase: "stopped" }).view).toMatchObject({
      phase: "stopped",
      totalSamples: 2400,
    });
  });
});
