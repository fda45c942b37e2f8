import { describe, expect, test } from "vitest";
import { AnchorTrack, type ContextTime, OutputClock } from "./clock";
import type { PlayerReport } from "./playerMessages";

const RATE = 24_000;

function clockOf(context: Partial<ContextTime>): OutputClock {
  return new OutputClock({ currentTime: 10, sampleRate: RATE, baseLatency: 0.02, ...context });
}

describe("OutputClock", () => {
  test("extrapolates the output timestamp to the asked moment", () => {
    const clock = clockOf({
      getOutputTimestamp: () => ({ contextTime: 9.95, performanceTime: 5000 }),
    });
    expect(clock.frameHeardAt(5010)).toBeCloseTo(9.96 * RATE, 3);
  });

  test.each([
    ["is missing", undefined],
    ["answers 0", () => ({ contextTime: 0, performanceTime: 0 })],
    ["is ahead of the context", () => ({ contextTime: 10.5, performanceTime: 5000 })],
    ["is far behind the context", () => ({ contextTime: 8, performanceTime: 5000 })],
    ["counts in another time scale", () => ({ contextTime: 9.95, performanceTime: 5 })],
  ])("falls back to the latency when the timestamp %s", (_, getOutputTimestamp) => {
    const stamp = getOutputTimestamp ? { getOutputTimestamp } : {};
    expect(clockOf({ ...stamp, outputLatency: 0.05 }).frameHeardAt(5000)).toBeCloseTo(9.95 * RATE);
    expect(clockOf(stamp).frameHeardAt(5000)).toBeCloseTo(9.98 * RATE);
  });

  test("falls back when the timestamp stands still", () => {
    const context = {
      currentTime: 10,
      sampleRate: RATE,
      baseLatency: 0.02,
      getOutputTimestamp: () => ({ contextTime: 9.95, performanceTime: 5000 }),
    };
    const clock = new OutputClock(context);
    clock.frameHeardAt(5000);
    context.currentTime = 10.6;
    expect(clock.frameHeardAt(5600)).toBeCloseTo(10.58 * RATE);
  });
});

describe("AnchorTrack", () => {
  const report = (facts: Partial<PlayerReport>): PlayerReport => {
    return {
      state: "running",
      frame: 0,
      position: 0,
      speed: 1,
      jumped: false,
      underruns: 0,
      ...facts,
    };
  };

  test("knows nothing before the first report", () => {
    expect(new AnchorTrack().positionAt(0)).toBeNull();
  });

  test("moves with the speed from the newest anchor that is already heard", () => {
    const track = new AnchorTrack();
    track.add(report({ frame: 1000, position: 0 }));
    track.add(report({ frame: 2000, position: 1000, speed: 1.5 }));
    expect(track.positionAt(1500)).toBe(500);
    expect(track.positionAt(2100)).toBe(1150);
  });

  test("stands still while nothing sounds", () => {
    const track = new AnchorTrack();
    track.add(report({ frame: 0, position: 700, state: "waiting" }));
    expect(track.positionAt(99_999)).toBe(700);
  });

  test("does not run past the next anchor", () => {
    const track = new AnchorTrack();
    track.add(report({ frame: 0, position: 0 }));
    track.add(report({ frame: 1000, position: 600, state: "waiting" }));
    expect(track.positionAt(900)).toBe(600);
  });

  test("is at the new place at once after a jump", () => {
    const track = new AnchorTrack();
    track.add(report({ frame: 0, position: 0 }));
    track.add(report({ frame: 5000, position: 90, jumped: true }));
    expect(track.positionAt(4000)).toBe(90);
  });
});
