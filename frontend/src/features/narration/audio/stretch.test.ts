import { describe, expect, test } from "vitest";
import { Deck, noise, RATE, toFloat, tone } from "./playhead.fixture";

function play(source: Int16Array, speed: number): Float32Array {
  const deck = new Deck();
  deck.write(0, source);
  deck.do({ type: "speed", speed }, { type: "close" }, { type: "play" });
  const heard = deck.render((source.length / speed) * 1.1);
  return heard.subarray(0, deck.last?.frame ?? 0);
}

/** Frequency by upward zero crossings, in Hz. */
function pitch(samples: Float32Array): number {
  const crossings: number[] = [];
  for (let i = 1; i < samples.length; i++) {
    const [before, now] = [samples[i - 1] as number, samples[i] as number];
    if (before < 0 && now >= 0) crossings.push(i - 1 + before / (before - now));
  }
  const [first, last] = [crossings[0] as number, crossings.at(-1) as number];
  return ((crossings.length - 1) * RATE) / (last - first);
}

/** The least that a tone is louder than everything else in any tenth of a second, in dB. */
function cleanness(samples: Float32Array, frequency: number): number {
  const windows: number[] = [];
  const length = RATE / 10;
  for (let at = 0; at + length <= samples.length; at += length) {
    windows.push(toneToNoise(samples.subarray(at, at + length), frequency));
  }
  return Math.min(...windows);
}

function toneToNoise(samples: Float32Array, frequency: number): number {
  let [cosine, sine, power] = [0, 0, 0];
  samples.forEach((sample, i) => {
    const angle = (2 * Math.PI * frequency * i) / RATE;
    cosine += sample * Math.cos(angle);
    sine += sample * Math.sin(angle);
    power += sample * sample;
  });
  const tonePower = (2 * (cosine ** 2 + sine ** 2)) / samples.length;
  return 10 * Math.log10(tonePower / (power - tonePower));
}

describe.each([0.5, 0.75, 1.25, 1.5, 2])("at speed %f", (speed) => {
  test("a tone keeps its pitch and stays clean", () => {
    const heard = play(tone(440, 2 * RATE), speed).subarray(1000, -1000);
    expect(pitch(heard)).toBeCloseTo(440, 0);
    expect(cleanness(heard, 440)).toBeGreaterThan(30);
  });

  test("the duration is divided by the speed, to within one grain", () => {
    const source = noise(2 * RATE);
    const expected = source.length / speed;
    expect(Math.abs(play(source, speed).length - expected)).toBeLessThan(0.03 * RATE);
  });
});

test("changing the speed while playing makes no jump in the waveform", () => {
  const deck = new Deck();
  deck.write(0, tone(200, 4 * RATE));
  deck.do({ type: "close" }, { type: "play" });
  const heard: number[] = [];
  for (const speed of [1, 1.5, 1, 0.75, 2, 1]) {
    deck.do({ type: "speed", speed });
    heard.push(...deck.render(0.2 * RATE));
  }
  const steepest = ((2 * Math.PI * 200) / RATE) * (16_000 / 32_768);
  for (let i = 1; i < heard.length; i++) {
    expect(Math.abs((heard[i] as number) - (heard[i - 1] as number))).toBeLessThan(steepest * 1.5);
  }
});

test("back at speed 1 the samples are the source's again", () => {
  const source = noise(2 * RATE);
  const deck = new Deck();
  deck.write(0, source);
  deck.do({ type: "close" }, { type: "speed", speed: 1.5 }, { type: "play" });
  deck.render(5000);
  deck.do({ type: "speed", speed: 1 });
  deck.render(1000);
  const heard = deck.render(1000);
  const exact = toFloat(source);
  const at = exact.findIndex((_, i) => heard.every((sample, k) => exact[i + k] === sample));
  expect(at).toBeGreaterThan(0);
});

test("a drought at another speed than 1 goes on where it stopped", () => {
  const source = tone(440, RATE);
  const deck = new Deck();
  deck.do({ type: "speed", speed: 1.5 }, { type: "play" });
  deck.write(0, source.subarray(0, RATE / 2));
  deck.render(RATE / 2);
  expect(deck.last?.state).toBe("waiting");
  deck.write(RATE / 2, source.subarray(RATE / 2));
  deck.do({ type: "close" });
  deck.render(RATE);
  expect(deck.last).toMatchObject({ state: "ended", underruns: 1 });
});
