import { expect, test } from "vitest";
import { actionForKey, measurePrompt } from "./promptRules";

const PLAIN = { ctrlKey: false, metaKey: false, shiftKey: false, isComposing: false };
const ENTER = { ...PLAIN, key: "Enter" };
const QUIET = { audio: true, realtime: false };
const REALTIME = { audio: true, realtime: true };
const MUTE = { audio: false, realtime: true };

test("Enter follows the real-time setting", () => {
  expect(actionForKey(ENTER, QUIET)).toBe("write");
  expect(actionForKey(ENTER, REALTIME)).toBe("narrate");
});

test("Ctrl or Cmd with Enter always asks for audio", () => {
  expect(actionForKey({ ...ENTER, ctrlKey: true }, QUIET)).toBe("narrate");
  expect(actionForKey({ ...ENTER, metaKey: true }, QUIET)).toBe("narrate");
});

test("without speech everything is written", () => {
  expect(actionForKey(ENTER, MUTE)).toBe("write");
  expect(actionForKey({ ...ENTER, ctrlKey: true }, MUTE)).toBe("write");
});

test("Shift+Enter and the Enter that ends a composition only type", () => {
  expect(actionForKey({ ...ENTER, shiftKey: true }, REALTIME)).toBeNull();
  expect(actionForKey({ ...ENTER, isComposing: true }, REALTIME)).toBeNull();
  expect(actionForKey({ ...PLAIN, key: "a" }, REALTIME)).toBeNull();
});

test("the limit is mentioned when it is near", () => {
  expect(measurePrompt("a".repeat(7199)).notice).toBeNull();
  expect(measurePrompt("a".repeat(7200)).notice).toBe("7,200 of 8,000 characters");
  expect(measurePrompt("a".repeat(8000))).toEqual({
    notice: "8,000 of 8,000 characters",
    tooLong: false,
  });
  expect(measurePrompt("a".repeat(8012))).toEqual({
    notice: "12 characters too many; 8,000 fit.",
    tooLong: true,
  });
});

test("an emoji is one character, as for the server", () => {
  expect(measurePrompt("🌊".repeat(8000)).tooLong).toBe(false);
  expect(measurePrompt("🌊".repeat(8001)).tooLong).toBe(true);
});
