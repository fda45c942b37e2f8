import { ChevronLeft } from "lucide-react";
import { type KeyboardEvent, useDeferredValue, useEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import type { Engine, FavoriteVoice, Voice } from "@/api/types";
import { Button } from "@/components/Button";
import { EditVoice } from "./EditVoice";
import { OwnVoices } from "./OwnVoices";
import { SearchBox } from "./SearchBox";
import { useFavorites } from "./useFavorites";
import { type OwnVoiceShelf, useOwnVoices } from "./useOwnVoices";
import { usePreview } from "./usePreview";
import { useShownVoices } from "./useShownVoices";
import styles from "./VoiceBrowser.module.css";
import { VoiceList } from "./VoiceList";
import type { VoiceAction } from "./VoiceRow";

interface VoiceBrowserProps {
  engine: Engine;
  voices: readonly Voice[];
  /** Id of the voice that speaks now; "" when none does. */
  chosen: string;
  /** Favorites of every engine. */
  favorites: readonly FavoriteVoice[];
  speed: number;
  /** Why the last choice was refused. */
  error: string | null;
  /** "" is the engine's own choice. */
  onChoose: (voice: string) => void;
  onFavorites: (favorites: FavoriteVoice[]) => void;
  onBack: () => void;
}

/** All voices of an engine: to search, to hear, to keep, to choose. */
export function VoiceBrowser(props: VoiceBrowserProps) {
  const { engine, voices, chosen, favorites, speed, error, onChoose, onFavorites, onBack } = props;
  const [search, setSearch] = useState("");
  const box = useRef<HTMLInputElement>(null);
  const room = useRef<HTMLDivElement>(null);
  const preview = usePreview();
  const own = useOwnVoices(engine);
  const { starred, star } = useFavorites(engine.name, favorites, onFavorites);
  // Typing goes on while a long list is being drawn.
  const wanted = useDeferredValue(search.trim());
  const by = { search: wanted, favorites: starred, own: own.ids };
  const { groups, amount, hidden, showAll } = useShownVoices(voices, chosen, by);

  useEffect(() => focusFirst(room.current), []);
  const act = (voice: string, action: VoiceAction) => {
    if (action === "choose") onChoose(voice);
    else if (action === "listen") preview.toggle(voice, { engine: engine.name, voice, speed });
    else if (action === "star") star(voice);
    else if (action === "edit") own.toggleEdit(voice);
    else own.askToDelete(voice);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    // A dialog over this one is no part of it, though its keys come by here.
    if (event.key !== "Escape" || !event.currentTarget.contains(event.target as Node)) return;
    if (search) setSearch("");
    else onBack();
  };
  const common = commonNote(voices);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape leads back, wherever the focus is.
    <div ref={room} className={styles.browser} data-keeps-escape onKeyDown={onKeyDown}>
      <div className={styles.head}>
        <Button look="quiet" className={styles.back} onClick={onBack}>
          <ChevronLeft size={18} aria-hidden /> Voice settings
        </Button>
        <h3 className={styles.title}>{engine.label}</h3>
        <SearchBox
          inputRef={box}
          value={search}
          onChange={setSearch}
          onLeave={() => focusFirst(room.current)}
        />
      </div>
      {error && (
        <p className={styles.error} role="alert">
          {error}
        </p>
      )}
      {engine.cloning && !search && (
        <OwnVoices
          engine={engine}
          cloning={engine.cloning}
          own={own}
          onAdded={onChoose}
          onDeleted={(voice) => voice === chosen && onChoose("")}
        />
      )}
      {common && <p className={styles.hint}>{common}</p>}
      <VoiceList
        label={`Voices of ${engine.label}`}
        groups={groups}
        chosen={chosen}
        favorites={starred}
        own={own.ids}
        edited={editedOf(engine, own)}
        preview={preview}
        withoutNotes={common !== ""}
        onAction={act}
        onType={() => box.current?.focus()}
      />
      <p className={amount === 0 ? styles.nothing : "visually-hidden"} role="status">
        {wanted && (amount === 0 ? `No voice matches “${wanted}”.` : found(amount))}
      </p>
      {hidden > 0 && (
        <Button
          onClick={() => {
            // The button goes; the focus goes on to what it has brought.
            flushSync(showAll);
            radiosIn(room.current)[amount]?.focus();
          }}
        >
          All languages ({hidden} more voices)
        </Button>
      )}
    </div>
  );
}

function editedOf({ cloning }: Engine, { toEdit, endEdit }: OwnVoiceShelf) {
  if (!cloning || !toEdit) return null;
  const { id } = toEdit;
  const editor = (
    <EditVoice key={id} voice={toEdit} cloning={cloning} onClose={() => endEdit(id)} />
  );
  return { voice: id, editor };
}

/** What every voice says of itself, so that it needs to be said only once; "" when they differ. */
function commonNote(voices: readonly Voice[]): string {
  const note = voices[0]?.description ?? "";
  return voices.length > 1 && voices.every(({ description }) => description === note) ? note : "";
}

/** To the voice that speaks now, or else to the first one. */
function focusFirst(room: HTMLElement | null): void {
  const voices = radiosIn(room);
  (voices.find((voice) => voice.ariaChecked === "true") ?? voices[0])?.focus();
}

function radiosIn(room: HTMLElement | null): HTMLElement[] {
  return [...(room?.querySelectorAll<HTMLElement>("[role=radio]") ?? [])];
}

function found(voices: number): string {
  return voices === 1 ? "1 voice found" : `${voices} voices found`;
}
