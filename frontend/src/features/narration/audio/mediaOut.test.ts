import { beforeEach, describe, expect, test, vi } from "vitest";
import { HandElement } from "./mediaElement.fixture";
import { MediaOut } from "./mediaOut";
import { MediaSlot } from "./mediaSlot";
import type { AudioPlayer } from "./output";
import type { PlayerReport } from "./playerMessages";

const SECOND = 24_000;

let element: HandElement;
let slot: MediaSlot;

beforeEach(() => {
  vi.stubGlobal("URL", { createObjectURL: () => "blob:silence", revokeObjectURL: () => undefined });
  element = new HandElement();
  slot = new MediaSlot(element as unknown as HTMLMediaElement);
});

interface Opened {
  readonly output: MediaOut;
  readonly player: AudioPlayer;
  readonly last: () => PlayerReport | undefined;
}

function open(url = "/one"): Opened {
  const reports: PlayerReport[] = [];
  const output = new MediaOut(slot, url);
  const player = output.openPlayer((report) => reports.push(report));
  return { output, player, last: () => reports.at(-1) };
}

/** A player whose narration of ten seconds is known, at `second`. */
function ready(url?: string, second = 0): Opened {
  const opened = open(url);
  opened.player.send({ type: "play" });
  opened.player.send({ type: "extent", samples: 10 * SECOND, isFinal: false });
  opened.player.send({ type: "seek", position: second * SECOND });
  opened.player.send({ type: "extent", samples: 10 * SECOND, isFinal: true });
  return opened;
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

describe("MediaOut", () => {
  test("plays the file from where it is told to", async () => {
    const { player, last } = ready("/one", 4);
    expect(element.src).toBe("/one");
    await turn();
    element.load();
    expect(element.currentTime).toBe(4);
    expect(last()?.state).toBe("running");
    element.run(1.5);
    expect(player.heardSample(0)).toBe(5.5 * SECOND);
    expect(player.heardSample(0, 100)).toBeCloseTo(5.4 * SECOND);
  });

  test("is over where the narration ends, and not before its end is known", async () => {
    const { player, last } = open();
    player.send({ type: "play" });
    player.send({ type: "extent", samples: 10 * SECOND, isFinal: false });
    element.load();
    element.end();
    expect(last()?.state).not.toBe("ended");
    player.send({ type: "extent", samples: 10 * SECOND, isFinal: true });
    player.send({ type: "seek", position: 9 * SECOND });
    await turn();
    expect(last()?.state).toBe("running");
    element.end();
    expect(last()).toMatchObject({ state: "ended", position: 10 * SECOND });
  });

  test("plays again after its end", async () => {
    const { player, last } = ready();
    element.load();
    element.end();
    player.send({ type: "seek", position: 0 });
    player.send({ type: "play" });
    await turn();
    expect([element.paused, element.currentTime, last()?.state]).toEqual([false, 0, "running"]);
  });

  test("is at its end at once when it is sent there", () => {
    const { player, last } = ready();
    element.load();
    player.send({ type: "seek", position: 10 * SECOND });
    expect(last()?.state).toBe("ended");
    expect(element.paused).toBe(true);
  });

  test("pauses by itself where it is told to, and goes on at the very sample", async () => {
    const { player, last } = ready();
    element.load();
    player.send({ type: "pauseAt", position: 2 * SECOND });
    element.run(1.9);
    expect(last()?.state).toBe("running");
    element.run(0.3);
    expect(last()).toMatchObject({ state: "paused", position: 2 * SECOND });
    await turn();
    player.send({ type: "play" });
    await turn();
    expect([element.paused, element.currentTime]).toEqual([false, 2]);
  });

  test("what is only prepared takes nothing from what is heard", () => {
    ready("/one");
    element.load();
    const next = open("/two");
    next.player.send({ type: "play" });
    next.player.send({ type: "pause" });
    next.player.send({ type: "extent", samples: SECOND, isFinal: true });
    expect([element.src, element.paused]).toEqual(["/one", false]);
    next.player.send({ type: "play" });
    expect(element.src).toBe("/two");
  });

  test("a player that was put aside no longer hears of the element", async () => {
    const one = ready("/one");
    element.load();
    element.run(3);
    ready("/two");
    await turn();
    element.load();
    element.run(1);
    expect(one.output.state).toBe("running");
    expect(one.player.heardSample(0)).toBe(3 * SECOND);
    one.player.dispose();
    expect(element.paused).toBe(false);
  });

  test("a browser that wants a click first gets one, and plays from there", async () => {
    element.refusal = new DOMException("no", "NotAllowedError");
    const { output, last } = ready("/one", 4);
    await turn();
    expect(output.state).toBe("locked");
    element.refusal = null;
    output.resume();
    await turn();
    element.load();
    expect(output.state).toBe("running");
    expect([element.currentTime, last()?.state]).toEqual([4, "running"]);
  });

  test("sound that was taken away is noticed, and a pause of ours is none", async () => {
    const { output, player } = ready();
    element.load();
    player.send({ type: "pause" });
    await turn();
    expect(output.state).toBe("running");
    player.send({ type: "play" });
    await turn();
    element.pause();
    await turn();
    expect(output.state).toBe("locked");
  });

  test("a file that does not come is told, and asked for again", async () => {
    const { output } = ready();
    element.say("error");
    expect(output.state).toBe("unavailable");
    expect(output.problem).toContain("could not be fetched");
    element.src = "";
    output.resume();
    expect([output.state, output.problem, element.src]).toEqual(["running", null, "/one"]);
  });

  test("running dry is counted, a seek is not", () => {
    const { player, last } = ready();
    element.load();
    element.say("waiting");
    expect(last()).toMatchObject({ state: "waiting", underruns: 1 });
    element.say("playing");
    player.send({ type: "seek", position: 5 * SECOND });
    element.say("waiting");
    expect(last()?.underruns).toBe(1);
  });

  test("speed and volume outlive the change of files, and silence is silence", () => {
    const { player } = ready();
    player.send({ type: "speed", speed: 1.5 });
    player.send({ type: "volume", volume: 0 });
    element.playbackRate = 1;
    element.load();
    expect([element.playbackRate, element.volume, element.muted]).toEqual([1.5, 0, true]);
  });

  test("a click unlocks the element before there is anything to hear", () => {
    const { output } = open();
    output.resume();
    expect([element.src, element.paused]).toEqual(["blob:silence", false]);
  });
});
