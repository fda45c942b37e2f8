import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { toFloat, withoutSilence } from "../audio/playhead.fixture";
import { ramp } from "../store/narrative.fixture";
import { DeckOutput } from "../transport/server.fixture";
import { BEGINNING } from "./places";
import { refusal, Shelf } from "./shelf.fixture";
import { StoredNarration } from "./storedNarration";

const SENTENCE = 4800;
const CLIP = "/api/scenes/1/audio/chunks/";

let shelf: Shelf;
let output: DeckOutput;
let narration: StoredNarration | null;

beforeEach(() => {
  vi.useFakeTimers();
  shelf = new Shelf();
  output = new DeckOutput();
  narration = null;
});
afterEach(() => {
  narration?.dispose();
  vi.useRealTimers();
});

function open(
  ...rest: [] | ["play" | "prepare", ({ type: "sentence"; index: number } | "remembered")?]
) {
  const [intent, from] = rest;
  narration = new StoredNarration(
    shelf.environment(output),
    shelf.scene(1),
    intent,
    from ?? BEGINNING,
  );
  return narration;
}

/** Lets everything happen that waits for nothing but its turn. */
const settle = () => vi.advanceTimersByTimeAsync(0);

const texts = (count: number) => Array.from({ length: count }, (_, i) => `Sentence ${i}. `);

describe("StoredNarration", () => {
  test("plays a stored scene sample for sample", async () => {
    shelf.add(1, texts(5), SENTENCE);
    const { getSnapshot } = open();
    await settle();
    const heard = output.render(5 * SENTENCE + 1000);
    expect(heard.subarray(0, 5 * SENTENCE)).toEqual(toFloat(ramp(0, 5 * SENTENCE)));
    expect(getSnapshot()).toMatchObject({ playback: "ended", underruns: 0, totalSamples: 24_000 });
  });

  test("shows the text, the sentences and the words as a live narration does", async () => {
    shelf.add(1, ["Un 🎻. ", "Deux."], SENTENCE);
    const { getSnapshot, cursor } = open();
    expect(getSnapshot()).toMatchObject({ phase: "complete", text: "Un 🎻. Deux.", sceneId: 1 });
    await settle();
    const { text, sentences } = getSnapshot();
    expect(sentences.map(({ charStart, charEnd }) => text.slice(charStart, charEnd))).toEqual([
      "Un 🎻. ",
      "Deux.",
    ]);
    expect(sentences[0]?.words).toEqual([{ t0: 0, t1: SENTENCE, c0: 0, c1: 7 }]);
    output.render(SENTENCE + 1000);
    expect(cursor.call(narration)).toMatchObject({ sentence: 1, word: 0 });
  });

  test("waits for a sentence that does not come, and skips nothing", async () => {
    shelf.add(1, texts(3), SENTENCE);
    let come: (response: Response) => void = () => undefined;
    const late = new Promise<Response>((resolve) => {
      come = resolve;
    });
    shelf.instead.set(`${CLIP}1`, [() => late]);
    const { getSnapshot } = open();
    await settle();
    const before = output.render(4 * SENTENCE);
    expect(getSnapshot()).toMatchObject({ playback: "buffering", underruns: 1 });
    come(new Response(ramp(SENTENCE, SENTENCE)));
    await settle();
    const heard = [...before, ...output.render(3 * SENTENCE)];
    const sound = withoutSilence(Float32Array.from(heard));
    expect(sound).toEqual(toFloat(ramp(0, 3 * SENTENCE)));
  });

  test("is not over while it asks where this reader stopped", async () => {
    shelf.add(1, texts(3), SENTENCE);
    let come: (response: Response) => void = () => undefined;
    const late = new Promise<Response>((resolve) => {
      come = resolve;
    });
    shelf.instead.set("/api/scenes/1/position", [() => late]);
    const { getSnapshot, subscribe } = open("play", "remembered");
    const seen = new Set<string>();
    subscribe(() => seen.add(getSnapshot().playback));
    await settle();
    expect(withoutSilence(output.render(SENTENCE))).toHaveLength(0);
    expect(getSnapshot().playback).toBe("buffering");
    come(Response.json({ sample: 0, sentence: 0, at: null }));
    await settle();
    const sound = withoutSilence(output.render(2 * SENTENCE));
    expect(sound).toEqual(withoutSilence(toFloat(ramp(0, 2 * SENTENCE))).subarray(0, sound.length));
    expect(sound.length).toBeGreaterThan(SENTENCE);
    expect(seen).not.toContain("ended");
  });

  test("fetches the beginning first, and a seek's target before everything else", async () => {
    shelf.add(1, texts(200), 24_000);
    shelf.isSlow = true;
    const told = open();
    await settle();
    expect(shelf.asked()).toEqual([0, 1, 2]);
    told.seekToSentence(150);
    expect(shelf.asked()).toEqual([0, 1, 2, 150]);
    shelf.release();
    await settle();
    output.render(1000);
    expect(told.cursor()?.sentence).toBe(150);
    expect(told.getSnapshot()).toMatchObject({ playback: "playing", underruns: 0 });
  });

  test("fetches the rest of the scene only while it is heard", async () => {
    shelf.add(1, texts(60), 24_000);
    open("prepare");
    await settle();
    expect(shelf.asked()).toHaveLength(30);
    narration?.resume();
    for (let i = 0; i < 3; i++) {
      output.render(2400);
      await settle();
    }
    expect(shelf.asked()).toHaveLength(60);
  });

  test("fetches every sentence once, wherever the listener goes", async () => {
    vi.useRealTimers();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(11), { maxLength: 8 }), async (seeks) => {
        shelf = new Shelf();
        output = new DeckOutput();
        shelf.add(1, texts(12), 48_000);
        const told = open();
        const turn = () => new Promise((resolve) => setTimeout(resolve, 0));
        await turn();
        for (const sentence of seeks) {
          told.seekToSentence(sentence);
          expect(shelf.asked()).toContain(sentence);
          await turn();
        }
        for (let i = 0; i < 14; i++) {
          output.render(2400);
          await turn();
        }
        expect(shelf.asked().toSorted((a, b) => a - b)).toEqual(texts(12).map((_, i) => i));
        told.dispose();
      }),
      { numRuns: 15 },
    );
  });

  test("begins where it is told to", async () => {
    shelf.add(1, texts(4), SENTENCE);
    const told = open("play", { type: "sentence", index: 2 });
    await settle();
    const heard = withoutSilence(output.render(3 * SENTENCE));
    expect(heard.subarray(-SENTENCE)).toEqual(toFloat(ramp(3 * SENTENCE, SENTENCE)));
    expect(shelf.asked()[0]).toBe(2);
    expect(told.getSnapshot().playback).toBe("ended");
  });

  test("asks again for a clip that did not come, and says so when it takes long", async () => {
    shelf.add(1, texts(1), SENTENCE);
    const silence = () => Promise.reject(new TypeError("Failed to fetch"));
    const html = () => new Response("<h1>502</h1>", { status: 502 });
    shelf.instead.set(`${CLIP}0`, [silence, html, silence, silence]);
    const { getSnapshot } = open();
    await vi.advanceTimersByTimeAsync(3400);
    expect(getSnapshot().error).toBeNull();
    await vi.advanceTimersByTimeAsync(200);
    expect(getSnapshot().error?.message).toBe("The sound does not come. Trying again...");
    await vi.advanceTimersByTimeAsync(4000);
    expect(getSnapshot()).toMatchObject({ error: null, bufferedSamples: SENTENCE });
  });

  test("a narration that was replaced meanwhile ends with the reason", async () => {
    shelf.add(1, texts(2), SENTENCE);
    shelf.instead.set(`${CLIP}0`, [() => refusal(404)]);
    const { getSnapshot } = open();
    await settle();
    expect(getSnapshot()).toMatchObject({ phase: "failed", error: { code: "narration_replaced" } });
  });

  test("the sound's lock is the listener's to open, and nothing is lost meanwhile", async () => {
    shelf.add(1, texts(1), SENTENCE);
    output.state = "locked";
    const told = open();
    await settle();
    expect(told.getSnapshot().playback).toBe("locked");
    expect(shelf.asked()).toEqual([0]);
    told.unlock();
    output.become("running");
    output.render(500);
    expect(told.getSnapshot().playback).toBe("playing");
  });
});

describe("a scene that is still being narrated", () => {
  test("is ordered when it was not, and plays as it grows", async () => {
    const shelved = shelf.add(1, texts(3), SENTENCE, "none");
    const told = open();
    await settle();
    expect(shelf.requests).toEqual(["GET /api/scenes/1/narration", "POST /api/scenes/1/narration"]);
    expect(told.getSnapshot()).toMatchObject({ playback: "buffering", totalSamples: null });
    const heard: number[] = [];
    for (let ready = 1; ready <= 3; ready++) {
      shelved.ready = ready;
      if (ready === 3) shelved.status = "complete";
      told.refresh();
      await settle();
      heard.push(...output.render(2 * SENTENCE));
    }
    heard.push(...output.render(10 * SENTENCE));
    expect(withoutSilence(Float32Array.from(heard))).toEqual(toFloat(ramp(0, 3 * SENTENCE)));
    expect(told.getSnapshot()).toMatchObject({ playback: "ended", totalSamples: 3 * SENTENCE });
  });

  test("is looked at again by itself when no word of it comes", async () => {
    const shelved = shelf.add(1, texts(1), SENTENCE, "running");
    open();
    await settle();
    shelved.ready = 1;
    shelved.status = "complete";
    shelf.instead.set("/api/scenes/1/narration", [() => Promise.reject(new TypeError("offline"))]);
    await vi.advanceTimersByTimeAsync(4000);
    expect(narration?.getSnapshot().totalSamples).toBe(SENTENCE);
    const { length } = shelf.requests;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(shelf.requests).toHaveLength(length);
  });

  test("a sentence that is not there yet is waited for", async () => {
    const shelved = shelf.add(1, texts(4), SENTENCE, "running");
    shelved.ready = 1;
    const told = open("play", { type: "sentence", index: 2 });
    await settle();
    expect(withoutSilence(output.render(SENTENCE))).toHaveLength(0);
    shelved.ready = 4;
    shelved.status = "complete";
    told.refresh();
    await settle();
    expect(withoutSilence(output.render(3 * SENTENCE))).toHaveLength(2 * SENTENCE);
  });

  test("is not ordered when it is only prepared", async () => {
    shelf.add(1, texts(1), SENTENCE, "none");
    open("prepare");
    await settle();
    expect(shelf.requests).toEqual(["GET /api/scenes/1/narration"]);
  });

  test("a failure is told in the server's words, and what there is can be heard", async () => {
    const shelved = shelf.add(1, texts(3), SENTENCE, "running");
    shelved.ready = 2;
    const told = open();
    await settle();
    shelved.status = "failed";
    shelved.error = { code: "engine_unavailable", message: "The voice is not installed." };
    told.refresh();
    await settle();
    expect(told.getSnapshot()).toMatchObject({
      phase: "failed",
      totalSamples: 2 * SENTENCE,
      error: { message: "The voice is not installed." },
    });
    expect(withoutSilence(output.render(3 * SENTENCE))).toHaveLength(2 * SENTENCE);
  });

  test.each([
    ["a scene with nothing to say", 422, "This scene has nothing to read aloud."],
    ["no voice", 503, "The voice is not available."],
  ])("an order that is refused says why: %s", async (_name, status, message) => {
    shelf.add(1, texts(1), SENTENCE, "none");
    const path = "/api/scenes/1/narration";
    shelf.instead.set(path, [() => refusal(404), () => refusal(status, message)]);
    const { getSnapshot } = open();
    await settle();
    expect(getSnapshot()).toMatchObject({ phase: "failed", error: { message } });
  });
});
