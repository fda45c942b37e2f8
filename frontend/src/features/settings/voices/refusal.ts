import { ApiError, inWords } from "@/api/client";

/** What is said beside each field of a voice, and beside none of them. */
export type Refusal = Record<"file" | "name" | "language" | "other", string | null>;

/** Which field of a voice an answer is about, and what it says. */
export function refusalOf(error: Error | null): Refusal {
  const none: Refusal = { file: null, name: null, language: null, other: null };
  if (error === null) return none;
  const param = error instanceof ApiError ? error.param : null;
  // A conflict is one of names, or of too many voices.
  const field = error instanceof ApiError && error.code === "conflict" ? "name" : param;
  const known = field === "file" || field === "name" || field === "language" ? field : "other";
  return { ...none, [known]: inWords(error) };
}
