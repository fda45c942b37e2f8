import { expect, test } from "vitest";
import { nextSpeed, speedInWords } from "./speeds";

test("goes up and down through the speeds and stays within them", () => {
  expect(nextSpeed(1, 1)).toBe(1.1);
  expect(nextSpeed(1, -1)).toBe(0.9);
  expect(nextSpeed(2, 1)).toBe(2);
  expect(nextSpeed(0.5, -1)).toBe(0.5);
});

test("a speed between two steps goes to its neighbour", () => {
  expect(nextSpeed(1.3, 1)).toBe(1.5);
  expect(nextSpeed(1.3, -1)).toBe(1.25);
});

test("is shown without needless zeros", () => {
  expect([1, 1.25, 0.9, 1.5000001].map(speedInWords)).toEqual(["1×", "1.25×", "0.9×", "1.5×"]);
});
