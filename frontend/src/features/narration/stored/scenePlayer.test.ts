import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { toFloat, withoutSilence } from "../audio/playhead.fixture";
import { ramp } from "../store/narrative.fixture";
import { DecksOutput } from "./decks.fixture";
import { BEGINNING } from "./places";
import { ScenePlayer } from "./scenePlayer";
import { Shelf } from "./shelf.fixture";

const SENTENCE = 4800;
const SCENE = 3 * SENTENCE;
const TEXTS = ["One. ", "Two. ", "Three."];

let shelf: Shelf;
let output: DecksOutput;
let player: ScenePlayer;
let mayContinue: boolean;

beforeEach(() => {
  vi.useFakeTimers();
  shelf = new Shelf();
  output = new DecksOutput();
  for (const id of [1, 2, 3]) shelf.add(id, TEXTS, SENTENCE);
  mayContinue = true;
  player = new ScenePlayer(shelf.environment(output), () => mayContinue);
  player.setScenes(scenes());
});
afterEach(() => {
  player.leave();
  vi.useRealTimers();
});

const scenes = (narrated = [1, 2, 3]) => {
  return [1, 2, 3].map((id) => ({ ...shelf.scene(id), isNarrated: narrated.includes(id) }));
};

const settle = () => vi.advanceTimersByTimeAsync(0);

/** Renders this long, and lets everything else happen meanwhile. */
async function listen(samples: number): Promise<number[]> {
  const heard: number[] = [];
  for (let done = 0; done < samples; done += 1280) {
    heard.push(...output.render(1280));
    await settle();
  }
  return heard;
}

const sceneHeard = () => player.getSnapshot()?.sceneId ?? null;

describe("ScenePlayer", () => {
  test("plays one scene after another without a wait", async () => {
    player.hear(1, BEGINNING);
    await settle();
    const heard = Float32Array.from(await listen(3 * SCENE + 8000));
    const scene = toFloat(ramp(0, SCENE));
    expect(withoutSilence(heard)).toEqual(Float32Array.from([...scene, ...scene, ...scene]));
    const silence = heard.subarray(0, 3 * SCENE + 1000).filter((sample) => sample === 0).length;
    expect(silence).toBeLessThan(2400);
    expect(sceneHeard()).toBe(3);
    expect(player.getSnapshot()?.getSnapshot().playback).toBe("ended");
    expect(output.players).toBe(1);
  });

  test("fetches the next scene's beginning while this one is heard", async () => {
    player.hear(1, BEGINNING);
    await settle();
    expect(shelf.asked(2)).toEqual([]);
    await listen(2560);
    expect(shelf.asked(2)).toEqual([0, 1, 2]);
    expect(sceneHeard()).toBe(1);
  });

  test("stops where the next scene is not narrated", async () => {
    player.setScenes(scenes([1, 3]));
    player.hear(1, BEGINNING);
    await settle();
    await listen(SCENE + 5000);
    expect(sceneHeard()).toBe(1);
    expect(shelf.asked(3)).toEqual([]);
  });

  test("stops where the listener wants it to, and plays the scene again", async () => {
    mayContinue = false;
    player.hear(1, BEGINNING);
    await settle();
    await listen(SCENE + 5000);
    expect(sceneHeard()).toBe(1);
    player.getSnapshot()?.resume();
    mayContinue = true;
    await listen(SCENE + 5000);
    expect(sceneHeard()).toBe(2);
  });

  test("skipping the last sentence leads into the next scene", async () => {
    player.hear(1, { type: "sentence", index: 2 });
    await settle();
    await listen(2560);
    player.getSnapshot()?.skipNext();
    await listen(2560);
    expect(sceneHeard()).toBe(2);
  });

  test("one scene is heard at a time", async () => {
    player.hear(1, BEGINNING);
    await settle();
    await listen(2560);
    player.hear(3, BEGINNING);
    await settle();
    await listen(2560);
    expect(sceneHeard()).toBe(3);
    expect(output.players).toBe(1);
  });

  test("goes on where this reader stopped, on whatever device", async () => {
    shelf.position = { sample: 6000, sentence: 1, at: "2026-11-21T01:00:00Z" };
    shelf.add(4, Array(20).fill("Again. "), 48_000);
    player.setScenes([{ ...shelf.scene(4), isNarrated: true }]);
    player.hear(4);
    await settle();
    output.render(256);
    // The place remembered names sentence 1, but the text has changed since: its beginning is the better guess.
    expect(player.getSnapshot()?.cursor()?.position).toBeGreaterThanOrEqual(48_000);
    expect(shelf.asked(4)[0]).toBe(1);
  });

  test("asks for sound at once, within the click", () => {
    player.hear(1);
    expect(output.resumes).toBe(1);
  });

  test("speed, volume and mute hold for every scene that follows", async () => {
    player.setSpeed(2);
    player.setVolume(0.5);
    player.hear(1, BEGINNING);
    player.setMuted(true);
    await settle();
    await listen(0.75 * SCENE);
    expect(sceneHeard()).toBe(2);
    expect(player.getSnapshot()?.getSnapshot()).toMatchObject({
      speed: 2,
      volume: 0.5,
      muted: true,
    });
  });

  test.each([
    [
      "edited",
      () => scenes().map((scene) => (scene.id === 2 ? { ...scene, text: "New." } : scene)),
    ],
    ["deleted", () => scenes().filter(({ id }) => id !== 2)],
  ])("a scene that is %s is not heard on", async (_how, after) => {
    player.hear(2, BEGINNING);
    await settle();
    player.setScenes(after());
    expect(sceneHeard()).toBeNull();
    expect(output.players).toBe(0);
  });

  test("tells whoever looks that another scene is heard", async () => {
    const seen: (number | null)[] = [];
    player.subscribe(() => seen.push(sceneHeard()));
    player.hear(1, BEGINNING);
    await settle();
    await listen(SCENE + 5000);
    player.leave();
    expect(seen).toEqual([1, 2, null]);
  });
});
