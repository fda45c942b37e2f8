import { expect, test } from "vitest";
import { findProblems, problemAt, writtenRows } from "./pronunciationRules";

const row = (key: number, phrase: string, spoken: string) => ({ key, phrase, spoken });

test("empty rows are not saved", () => {
  expect(writtenRows([row(1, " ", ""), row(2, "Niamh", "")])).toEqual([row(2, "Niamh", "")]);
});

test("a row needs both, and a word only once", () => {
  const rows = [row(1, "Niamh", "Neev"), row(2, " niamh ", "Neev"), row(3, "…", "")];
  expect(Object.fromEntries(findProblems(rows))).toEqual({
    2: { phrase: "“niamh” is there twice." },
    3: { phrase: "Enter the word as it is written.", spoken: "Enter how it is said." },
  });
});

test("what the server refuses stands beside its field", () => {
  const rows = [row(4, "a", "b"), row(7, "c", "d")];
  expect([...problemAt("entries.1.spoken", "No.", rows)]).toEqual([[7, { spoken: "No." }]]);
  expect(problemAt("entries", "Too many.", rows).size).toBe(0);
});
