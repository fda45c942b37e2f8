import { expect, test } from "vitest";
import type { Voice } from "@/api/types";
import { voiceOf } from "../settings.fixture";
import { type Arrangement, arranged, catalogOf, found } from "./catalog";

const VOICES: readonly Voice[] = [
  voiceOf("arthur", "en-GB", { featured: true, description: "Low and calm" }),
  voiceOf("clara", "de", { featured: true }),
  voiceOf("af", "af", { name: "Afrikaans" }),
  voiceOf("ca", "ca", { name: "Catalan" }),
  voiceOf("de", "de", { name: "German" }),
  voiceOf("en", "en-GB", { name: "English (Great Britain)" }),
  voiceOf("en-US", "en-US", { name: "English (America)" }),
  voiceOf("mi", "mi", { name: "Māori" }),
  voiceOf("xex", "not a tag", { name: "Xextan" }),
  voiceOf("ca-va", "ca-valencia", { name: "Catalan (Valencian)" }),
];

const NOTHING: Arrangement = {
  search: "",
  favorites: new Set(),
  own: new Set(),
  languages: ["de-AT", "en"],
};

function groupsOf(change: Partial<Arrangement> = {}, voices = VOICES) {
  const groups = arranged(catalogOf(voices), { ...NOTHING, ...change });
  return groups.map(({ title, voices }) => [title, voices.map(({ id }) => id)]);
}

test("recommended voices come first, then the reader's languages, then the others by name", () => {
  expect(groupsOf()).toEqual([
    ["Recommended", ["clara", "arthur"]],
    ["German", ["de"]],
    ["English", ["en", "en-US"]],
    ["Catalan", ["ca", "ca-va"]],
    ["Other languages", ["af", "mi"]],
    ["Other voices", ["xex"]],
  ]);
});

test("favorites and voices of one's own come before all others, each once", () => {
  const groups = groupsOf({ favorites: new Set(["mi", "arthur"]), own: new Set(["en", "mi"]) });
  expect(groups.slice(0, 4)).toEqual([
    ["Favorites", ["arthur", "mi"]],
    ["Your voices", ["en"]],
    ["Recommended", ["clara"]],
    ["German", ["de"]],
  ]);
  expect(groups.flatMap(([, ids]) => ids).toSorted()).toEqual(
    VOICES.map(({ id }) => id).toSorted(),
  );
});

test("where an engine recommends all its voices, languages alone divide them", () => {
  const voices = VOICES.slice(0, 2);
  expect(groupsOf({}, voices)).toEqual([
    ["German", ["clara"]],
    ["English", ["arthur"]],
  ]);
});

test("only what is likely to be wanted is near", () => {
  const near = arranged(catalogOf(VOICES), NOTHING).filter(({ isNear }) => isNear);
  expect(near.map(({ title }) => title)).toEqual(["Recommended", "German", "English"]);
});

test.each([
  ["maori", ["mi"]],
  ["MĀORI", ["mi"]],
  ["deutsch", ["clara", "de"]],
  ["american", ["en-US"]],
  ["calm", ["arthur"]],
  ["valencian catalan", ["ca-va"]],
  ["ca-va", ["ca-va"]],
  ["  ", VOICES.map(({ id }) => id)],
  ["qwertz", []],
])("%j finds a voice by name, language, in its own words too, and description", (search, ids) => {
  expect(found(catalogOf(VOICES), search).map(({ voice }) => voice.id)).toEqual(ids);
});
