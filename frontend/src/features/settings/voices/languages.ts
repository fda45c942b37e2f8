/** Languages in words. The page is in English, so are their names. */

const NAMES = new Intl.DisplayNames("en", { type: "language", fallback: "none" });

/** The language of a BCP 47 tag with its region, such as "British English"; null where it has no known name. */
export function languageName(tag: string): string | null {
  return tag === "und" ? null : named(NAMES, tag);
}

/** The language without its region, such as `en` for `en-GB`; null where the tag is none. */
export function baseLanguage(tag: string): string | null {
  try {
    const { language } = new Intl.Locale(tag);
    // Browsers do not agree whether an unknown language is called so, or not at all.
    return language && language !== "und" ? language : null;
  } catch {
    // An engine may name a language in a way that is no tag.
    return null;
  }
}

/** What a language is called by those who speak it, such as "Deutsch" for `de`; "" where that is not known. */
export function ownName(tag: string): string {
  const base = baseLanguage(tag);
  if (base === null) return "";
  return named(new Intl.DisplayNames(base, { type: "language", fallback: "none" }), base) ?? "";
}

function named(names: Intl.DisplayNames, tag: string): string | null {
  try {
    return names.of(tag) ?? null;
  } catch {
    // As above.
    return null;
  }
}
