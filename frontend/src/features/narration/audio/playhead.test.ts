import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Deck, noise, QUANTUM, RATE, toFloat, tone, withoutSilence } from "./playhead.fixture";

const FADE = RATE * 0.005;

/** A playing deck that has all of `source`. */
function playing(source: Int16Array): Deck {
  const deck = new Deck();
  deck.write(0, source);
  deck.do({ type: "close" }, { type: "play" });
  return deck;
}

describe("at speed 1 and volume 1", () => {
  test("rendered samples are the source samples, however the writes came", () => {
    const source = noise(3000);
    const cuts = fc.uniqueArray(fc.nat(source.length), { maxLength: 12 });
    fc.assert(
      fc.property(cuts, fc.func(fc.integer()), (unsorted, order) => {
        const bounds = [0, ...unsorted.toSorted((a, b) => a - b), source.length];
        const pieces = bounds.slice(1).map((end, i) => [bounds[i] as number, end] as const);
        const deck = new Deck();
        const sends = [...pieces, ...pieces].toSorted((a, b) => order(a) - order(b));
        for (const [start, end] of sends) deck.write(start, source.subarray(start, end));
        deck.do({ type: "close" }, { type: "play" });
        const heard = deck.render(source.length + QUANTUM);
        expect(heard.subarray(0, source.length)).toEqual(toFloat(source));
        expect(heard.subarray(source.length).every((sample) => sample === 0)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  test("the end is reported at its exact frame", () => {
    const deck = playing(noise(1000));
    deck.render(2000);
    expect(deck.last).toMatchObject({ state: "ended", frame: 1000, position: 1000, underruns: 0 });
  });

  test("a drought inserts silence and loses no sample", () => {
    const source = noise(60_000);
    const deck = new Deck();
    deck.do({ type: "play" });
    const heard: number[] = [];
    for (let start = 0; start < source.length; start += 2400) {
      deck.write(start, source.subarray(start, start + 2400));
      heard.push(...deck.render(3500));
    }
    deck.do({ type: "close" });
    heard.push(...deck.render(source.length));
    expect(deck.last?.underruns).toBeGreaterThan(0);
    expect(withoutSilence(Float32Array.from(heard))).toEqual(toFloat(source));
  });
});

describe("pause", () => {
  test("fades out, and the resume fades the same samples in: together they are the source", () => {
    const source = noise(12_000);
    const deck = playing(source);
    const before = deck.render(QUANTUM * 10);
    deck.do({ type: "pause" });
    const fadingOut = deck.render(QUANTUM * 4);
    const pausedAt = deck.last?.position as number;
    deck.do({ type: "play" });
    const after = deck.render(source.length);

    expect(pausedAt).toBe(before.length);
    expect(before).toEqual(toFloat(source.subarray(0, pausedAt)));
    expect(fadingOut.subarray(FADE).every((sample) => sample === 0)).toBe(true);
    for (let i = 0; i < FADE; i++) {
      const whole = (fadingOut[i] as number) + (after[i] as number);
      expect(whole).toBeCloseTo((source[pausedAt + i] as number) / 32_768, 5);
    }
    const rest = toFloat(source.subarray(pausedAt + FADE));
    expect(after.subarray(FADE, FADE + rest.length)).toEqual(rest);
  });

  test("is silent within the fade, however often it is pressed", () => {
    const deck = playing(noise(12_000));
    deck.render(1000);
    deck.do({ type: "pause" }, { type: "pause" });
    expect(
      deck
        .render(1000)
        .subarray(FADE)
        .every((sample) => sample === 0),
    ).toBe(true);
    expect(deck.last?.state).toBe("paused");
  });

  test("before the first sound keeps the beginning exact", () => {
    const source = noise(500);
    const deck = new Deck();
    deck.do({ type: "play" }, { type: "pause" });
    deck.write(0, source);
    expect(deck.render(1000).every((sample) => sample === 0)).toBe(true);
    deck.do({ type: "close" }, { type: "play" });
    expect(deck.render(500).subarray(0, 500)).toEqual(toFloat(source));
  });
});

describe("seek", () => {
  test("goes on from there after one fade", () => {
    const source = noise(24_000);
    const deck = playing(source);
    deck.render(2000);
    deck.do({ type: "seek", position: 10_000 });
    deck.render(FADE);
    expect(deck.last).toMatchObject({ jumped: true, position: 10_000 });
    const heard = deck.render(3000);
    const from = deck.reports.findLast(({ state }) => state === "running")?.frame as number;
    expect(from % QUANTUM).toBe(0);
    expect(heard.subarray(FADE, 3000)).toEqual(toFloat(source.subarray(10_000 + FADE, 13_000)));
  });

  test("to the beginning after the end replays every sample exactly", () => {
    const source = noise(3000);
    const deck = playing(source);
    deck.render(4000);
    deck.do({ type: "seek", position: 0 });
    expect(deck.render(3000).subarray(0, 3000)).toEqual(toFloat(source));
    deck.render(1);
    expect(deck.last?.state).toBe("ended");
  });

  test("while paused stays paused", () => {
    const deck = playing(noise(3000));
    deck.do({ type: "pause" }, { type: "seek", position: 1500 });
    expect(deck.render(1000).every((sample) => sample === 0)).toBe(true);
    expect(deck.last).toMatchObject({ state: "paused", position: 1500 });
  });

  test("past the end of what was written stops there and waits", () => {
    const deck = new Deck();
    deck.write(0, noise(3000));
    deck.do({ type: "play" }, { type: "seek", position: 9e9 });
    deck.render(1000);
    expect(deck.last).toMatchObject({ state: "waiting", position: 3000 });
  });
});

describe("waiting for sound", () => {
  test("starts when the pre-buffer is full", () => {
    const deck = new Deck();
    deck.do({ type: "prebuffer", samples: 3600 }, { type: "play" });
    deck.write(0, noise(3599));
    deck.render(1000);
    expect(deck.last?.state).toBe("waiting");
    deck.write(3599, noise(1));
    deck.render(QUANTUM);
    expect(deck.last?.state).toBe("running");
  });

  test("starts at once when all sound is there, however little", () => {
    const deck = new Deck();
    deck.do({ type: "prebuffer", samples: 3600 }, { type: "play" });
    deck.write(0, noise(10));
    deck.do({ type: "close" });
    deck.render(QUANTUM);
    expect(deck.states).toEqual(["waiting", "running", "ended"]);
  });

  test("a narration without any sound ends instead of waiting", () => {
    const deck = new Deck();
    deck.do({ type: "play" }, { type: "close" });
    deck.render(QUANTUM);
    expect(deck.last?.state).toBe("ended");
  });

  test.each([
    [1.15, 2],
    [1.5, 4],
  ])("speech made at %f of its duration pauses at most %i times in 12.6 s", (rtf, most) => {
    const source = noise(12.6 * RATE);
    const deck = new Deck();
    deck.do({ type: "prebuffer", samples: 0.15 * RATE }, { type: "play" });
    const chunk = 2400;
    for (let start = 0; start < source.length; start += chunk) {
      deck.render(chunk * rtf);
      deck.write(start, source.subarray(start, start + chunk));
    }
    deck.do({ type: "close" });
    deck.render(source.length);
    expect(deck.last).toMatchObject({ state: "ended" });
    expect(deck.last?.underruns).toBeLessThanOrEqual(most);
  });
});

describe("volume", () => {
  test("moves without a step", () => {
    const deck = playing(new Int16Array(6000).fill(16_384));
    deck.render(1000);
    deck.do({ type: "volume", volume: 0 });
    const heard = deck.render(1000);
    for (let i = 1; i < heard.length; i++) {
      expect(Math.abs((heard[i] as number) - (heard[i - 1] as number))).toBeLessThan(0.01);
    }
    expect(heard.at(-1)).toBe(0);
    expect(deck.last?.state).toBe("running");
  });

  test("set before the start holds from the first sample", () => {
    const deck = new Deck();
    deck.write(0, new Int16Array(1000).fill(16_384));
    deck.do({ type: "volume", volume: 0.5 }, { type: "close" }, { type: "play" });
    expect(deck.render(QUANTUM)[0]).toBe(0.25);
  });
});

describe("reports", () => {
  test("ten a second say which sample sounds in which frame", () => {
    const deck = playing(noise(RATE));
    deck.render(RATE);
    const running = deck.reports.filter(({ state }) => state === "running");
    expect(running.length).toBeGreaterThanOrEqual(9);
    for (const { frame, position } of running) expect(position).toBe(frame);
  });

  test("at another speed positions advance by that speed", () => {
    const deck = playing(tone(440, 2 * RATE));
    deck.do({ type: "speed", speed: 1.5 });
    deck.render(RATE);
    for (const { frame, position } of deck.reports) expect(position).toBeCloseTo(frame * 1.5, 6);
  });
});

describe("a source whose length is known before it is written", () => {
  test("can be entered anywhere, waits in every hole, and ends at its end", () => {
    const source = noise(9000);
    const deck = new Deck();
    deck.do({ type: "extent", samples: 9000, isFinal: true }, { type: "play" });
    deck.do({ type: "seek", position: 6000 });
    deck.render(1000);
    expect(deck.last).toMatchObject({ state: "waiting", position: 6000, underruns: 0 });
    deck.write(6000, source.subarray(6000));
    deck.write(0, source.subarray(0, 3000));
    deck.render(4000);
    expect(deck.last).toMatchObject({ state: "ended", position: 9000 });
    deck.do({ type: "seek", position: 0 });
    deck.render(4000);
    expect(deck.last).toMatchObject({ state: "waiting", position: 3000, underruns: 1 });
    deck.write(3000, source.subarray(3000, 6000));
    const heard = withoutSilence(deck.render(8000));
    expect(heard).toEqual(toFloat(source.subarray(3000)));
    expect(deck.last?.state).toBe("ended");
  });

  test.each([0.5, 1, 1.7, 2])("ends at speed %f as well", (speed) => {
    const deck = new Deck();
    deck.write(0, noise(9000));
    deck.do({ type: "extent", samples: 9000, isFinal: true }, { type: "speed", speed });
    deck.do({ type: "play" });
    deck.render(20_000);
    expect(deck.last).toMatchObject({ state: "ended", underruns: 0 });
  });

  test("does not end where it is only known so far", () => {
    const deck = new Deck();
    deck.write(0, noise(9000));
    deck.do({ type: "extent", samples: 9000, isFinal: false }, { type: "play" });
    deck.render(10_000);
    expect(deck.last?.state).toBe("waiting");
  });
});

describe("a place to pause at", () => {
  test("is kept to within two quanta, and the way back begins at the very sample", () => {
    const source = noise(24_000);
    const deck = playing(source);
    deck.do({ type: "pauseAt", position: 5000 });
    const before = withoutSilence(deck.render(12_000));
    expect(before.length).toBeLessThan(5000 + 3 * QUANTUM);
    expect(deck.last).toMatchObject({ state: "paused", position: 5000 });
    deck.do({ type: "play" });
    const after = deck.render(24_000);
    expect(deck.last).toMatchObject({ state: "ended", position: 24_000 });
    expect(withoutSilence(after).subarray(-12_000)).toEqual(toFloat(source.subarray(12_000)));
  });

  test.each([
    ["a seek", { type: "seek", position: 4000 }],
    ["another word", { type: "pauseAt", position: null }],
  ] as const)("is forgotten at %s", (_name, command) => {
    const deck = playing(noise(12_000));
    deck.do({ type: "pauseAt", position: 5000 }, command);
    deck.render(20_000);
    expect(deck.last?.state).toBe("ended");
  });
});
