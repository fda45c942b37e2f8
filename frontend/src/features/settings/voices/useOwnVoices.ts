import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Engine, OwnVoice } from "@/api/types";
import { ownVoicesQuery } from "./queries";

export interface OwnVoiceShelf {
  ids: ReadonlySet<string>;
  /** Those that the engine cannot speak in, because their clip is too short for it. */
  tooShort: readonly OwnVoice[];
  /** The voice that is about to be deleted, if its owner confirms. */
  toDelete: OwnVoice | null;
  askToDelete: (id: string) => void;
  keep: () => void;
  /** The voice that is about to get another name or language. */
  toEdit: OwnVoice | null;
  /** Begins to edit a voice, or ends if it is the one being edited. */
  toggleEdit: (id: string) => void;
  endEdit: (id: string) => void;
}

/** The voices that this user made, as far as the engine has a use for such. */
export function useOwnVoices({ cloning }: Engine): OwnVoiceShelf {
  const { data: voices = [] } = useQuery({ ...ownVoicesQuery, enabled: cloning !== null });
  const [asked, setAsked] = useState<string | null>(null);
  const [edited, setEdited] = useState<string | null>(null);
  const made = cloning ? voices : [];
  return {
    ids: new Set(made.map(({ id }) => id)),
    tooShort: made.filter(({ duration_s }) => duration_s < (cloning?.min_clip_s ?? 0)),
    toDelete: made.find(({ id }) => id === asked) ?? null,
    askToDelete: setAsked,
    keep: () => setAsked(null),
    toEdit: made.find(({ id }) => id === edited) ?? null,
    toggleEdit: (id) => setEdited((now) => (now === id ? null : id)),
    // Saving takes a moment, in which another one may have been opened.
    endEdit: (id) => setEdited((now) => (now === id ? null : now)),
  };
}
