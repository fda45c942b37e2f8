import { expect, test } from "vitest";
import { moved, type Place } from "./roving";
import type { VoiceAction } from "./VoiceRow";

const ACTIONS: readonly VoiceAction[] = ["choose", "listen", "star"];
const ROWS = [
  { voice: "own", actions: [...ACTIONS, "edit", "delete"] as const },
  ...["b", "c", "d", "e", "f", "g", "h", "i", "j"].map((voice) => ({ voice, actions: ACTIONS })),
];

function at(voice: string, action: VoiceAction = "choose"): Place {
  return { voice, action };
}

test.each([
  [at("b"), "ArrowDown", at("c")],
  [at("b"), "ArrowUp", at("own")],
  [at("own"), "ArrowUp", at("own")],
  [at("j"), "ArrowDown", at("j")],
  [at("b", "star"), "ArrowDown", at("c", "star")],
  [at("own", "delete"), "ArrowDown", at("b")],
  [at("b"), "PageDown", at("j")],
  [at("j"), "PageUp", at("b")],
  [at("e"), "Home", at("own")],
  [at("e"), "End", at("j")],
  [at("b"), "ArrowRight", at("b", "listen")],
  [at("b", "star"), "ArrowRight", at("b", "star")],
  [at("own", "star"), "ArrowRight", at("own", "edit")],
  [at("own", "edit"), "ArrowDown", at("b")],
  [at("b"), "ArrowLeft", at("b")],
])("from %j %s leads to %j", (from, key, to) => {
  expect(moved(ROWS, from, key)).toEqual(to);
});

test("other keys lead nowhere", () => {
  expect(moved(ROWS, at("b"), "Tab")).toBeNull();
  expect(moved([], at("b"), "ArrowDown")).toBeNull();
});
