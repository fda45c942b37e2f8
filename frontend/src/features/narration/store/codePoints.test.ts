import fc from "fast-check";
import { expect, test } from "vitest";
import { countCodePoints, utf16Offset } from "./codePoints";

test("offsets cut a string where its code points are", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.nat(40), (text, count) => {
      const characters = Array.from(text);
      expect(countCodePoints(text)).toBe(characters.length);
      expect(text.slice(0, utf16Offset(text, count))).toBe(characters.slice(0, count).join(""));
    }),
  );
});
