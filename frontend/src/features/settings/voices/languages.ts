/** Languages in words. The page is in English, so are their names. */

const NAMES = new Intl.DisplayNames("en", { type: "language", fallback: "none" });

/** The language of a BCP 47 tag with its region, such as "British English"; null where it has no known name. */
export function languageName(tag: string): string | null {
  if (tag === "und") return null;
  // Few variants of a language have a name; what they are variants of does.
  const [plain = tag] = tag.split(/-(?:x|[^-]{5,})(?:-|$)/i);
  return named(NAMES, tag) ?? named(NAMES, plain);
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

const OWN_NAMES = new Map<string, string>();

/** What a language is called by those who speak it, such as "Deutsch" for `de`; "" where that is not known. */
export function ownName(tag: string): string {
  const base = baseLanguage(tag);
  if (base === null) return "";
  const known = OWN_NAMES.get(base);
  if (known !== undefined) return known;
  // A table of its own for every language: slow enough to be made once.
  const names = new Intl.DisplayNames(base, { type: "language", fallback: "none" });
  const name = named(names, base) ?? "";
  OWN_NAMES.set(base, name);
  return name;
}

function named(names: Intl.DisplayNames, tag: string): string | null {
  try {
    return names.of(tag) ?? null;
  } catch {
    // As above.
    return null;
  }
}
