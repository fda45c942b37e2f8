import { useState } from "react";
import { ApiError, inWords } from "@/api/client";

/** Settings that are saved one by one, each with a refusal of its own. */
export interface FieldSaves<Change> {
  /** @returns whether the server took it. */
  save: (change: Change) => Promise<boolean>;
  /** Why a field's last save was refused; null when it was not. */
  errorOf: (field: keyof Change) => string | null;
  isSaving: boolean;
  /** Tells one success from the next; null before the first. */
  savedAt: number | null;
}

/**
 * Saves settings, and keeps every refusal with its field until that field is saved.
 *
 * @param put sends a change; rejects when it is refused.
 * @param labels what people call the fields that the server names in its answers.
 */
export function useFieldSaves<Change extends object>(
  put: (change: Change) => Promise<unknown>,
  labels: { readonly [Field in keyof Change]?: string },
): FieldSaves<Change> {
  const [refusals, setRefusals] = useState<ReadonlyMap<keyof Change, string>>(new Map());
  const [underway, setUnderway] = useState(0);
  const [savedAt, setSavedAt] = useState<number | null>(null);

  const save = async (change: Change) => {
    const fields = Object.keys(change) as (keyof Change)[];
    setUnderway((count) => count + 1);
    try {
      await put(change);
      setRefusals((before) => without(before, fields));
      setSavedAt(performance.now());
      return true;
    } catch (reason) {
      const field = refusedField(reason, fields);
      const words = inWords(reason).replace(String(field), labels[field] ?? String(field));
      setRefusals((before) => without(before, fields).set(field, words));
      setSavedAt(null);
      return false;
    } finally {
      setUnderway((count) => count - 1);
    }
  };
  return { save, errorOf: (field) => refusals.get(field) ?? null, isSaving: underway > 0, savedAt };
}

/** The field that an answer names, or else the first one that was to be changed. */
function refusedField<Field extends PropertyKey>(reason: unknown, fields: Field[]): Field {
  const named = reason instanceof ApiError ? reason.param?.split(".")[0] : undefined;
  return fields.find((field) => field === named) ?? (fields[0] as Field);
}

function without<Field>(
  refusals: ReadonlyMap<Field, string>,
  fields: readonly Field[],
): Map<Field, string> {
  const rest = new Map(refusals);
  for (const field of fields) rest.delete(field);
  return rest;
}
