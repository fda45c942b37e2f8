import type { Voice } from "@/api/types";
import { baseLanguage, languageName, ownName } from "./languages";

/** A voice with what it is found by. */
export interface CatalogEntry {
  readonly voice: Voice;
  /** In English, without a region; null where it is not known. */
  readonly language: string | null;
  /** Everything that can be searched for, in lower case and without accents. */
  readonly words: string;
}

export interface VoiceGroup {
  /** In words; no two groups have the same. */
  readonly title: string;
  readonly voices: readonly Voice[];
  /** Somebody here is likely to want one of these. */
  readonly isNear: boolean;
}

/** What a list of voices is arranged by. */
export interface Arrangement {
  /** What was typed; "" for all voices. */
  readonly search: string;
  /** Ids of voices that come first. */
  readonly favorites: ReadonlySet<string>;
  /** Ids of voices that the user made. */
  readonly own: ReadonlySet<string>;
  /** BCP 47 tags of languages that come before the others, the most wanted first. */
  readonly languages: readonly string[];
}

const FAVORITES = "Favorites";
const OWN = "Your voices";
const FEATURED = "Recommended";
const FIRST: readonly string[] = [FAVORITES, OWN, FEATURED];
const ALONE = "Other languages";
const UNKNOWN = "Other voices";
const LAST: readonly string[] = [ALONE, UNKNOWN];

/** Voices ready to be searched; made once for a list. */
export function catalogOf(voices: readonly Voice[]): CatalogEntry[] {
  return voices.map((voice) => {
    const names = [languageName(voice.language), ownName(voice.language), voice.language];
    return {
      voice,
      language: languageOf(voice.language),
      words: plain([voice.name, ...names, voice.description, voice.id].join(" ")),
    };
  });
}

/** Those in which every word of the search is found, whatever its case and accents. */
export function found(entries: readonly CatalogEntry[], search: string): CatalogEntry[] {
  const wanted = plain(search).split(/\s+/).filter(Boolean);
  return entries.filter(({ words }) => wanted.every((word) => words.includes(word)));
}

/**
 * Voices in groups: favorites, those the user made, those the engine recommends, then by language.
 *
 * Languages with a single voice share a group at the end, unless they are wanted. A voice is in one group only, and no
 * group is empty.
 */
export function arranged(entries: readonly CatalogEntry[], by: Arrangement): VoiceGroup[] {
  const wanted = [...new Set(by.languages.map(languageOf))];
  const titleOf = titles(entries, by, wanted);
  const groups = new Map<string, Voice[]>();
  for (const entry of found(entries.toSorted(byLanguage(wanted)), by.search)) {
    const title = titleOf(entry);
    const voices = groups.get(title) ?? [];
    groups.set(title, voices);
    voices.push(entry.voice);
  }
  const languages = [...groups.keys()].filter(
    (title) => !FIRST.includes(title) && !LAST.includes(title),
  );
  const order = [...FIRST, ...languages, ...LAST].filter((title) => groups.has(title));
  return order.map((title) => ({
    // Others than which?
    title: title === UNKNOWN && order.length === 1 ? "Voices" : title,
    voices: groups.get(title) ?? [],
    isNear: FIRST.includes(title) || wanted.includes(title),
  }));
}

function titles(entries: readonly CatalogEntry[], by: Arrangement, wanted: readonly unknown[]) {
  // Where all are recommended, none is.
  const recommends = entries.some(({ voice }) => !voice.featured);
  const isFeatured = (voice: Voice) => recommends && voice.featured;
  const seen = new Set<string | null>();
  const shared = new Set<string | null>();
  for (const { voice, language } of entries) {
    if (isFeatured(voice)) continue;
    if (seen.has(language)) shared.add(language);
    seen.add(language);
  }
  return ({ voice, language }: CatalogEntry): string => {
    if (by.favorites.has(voice.id)) return FAVORITES;
    if (by.own.has(voice.id)) return OWN;
    if (isFeatured(voice)) return FEATURED;
    const hasGroup = shared.has(language) || wanted.includes(language);
    if (language === null) return UNKNOWN;
    return hasGroup ? language : ALONE;
  };
}

/** Wanted languages first, then by name; unknown ones last. Within a language the engine's order stays. */
function byLanguage(wanted: readonly (string | null)[]) {
  const rank = ({ language }: CatalogEntry) => {
    if (language === null) return wanted.length + 1;
    const place = wanted.indexOf(language);
    return place < 0 ? wanted.length : place;
  };
  return (a: CatalogEntry, b: CatalogEntry) =>
    rank(a) - rank(b) || (a.language ?? "").localeCompare(b.language ?? "", "en");
}

function languageOf(tag: string): string | null {
  const base = baseLanguage(tag);
  return base && languageName(base);
}

/** Lower case, without accents. */
function plain(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{Mn}/gu, "")
    .toLowerCase();
}
