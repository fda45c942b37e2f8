import { ChevronLeft, Search, X } from "lucide-react";
import { type KeyboardEvent, useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import type { Engine, FavoriteVoice, Voice } from "@/api/types";
import { Button, IconButton } from "@/components/Button";
import { type Arrangement, arranged, catalogOf, type VoiceGroup } from "./catalog";
import { OwnVoices } from "./OwnVoices";
import { useOwnVoices } from "./useOwnVoices";
import { usePreview } from "./usePreview";
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

/** As many voices are looked over at a glance; of more, only the likely ones are shown at first. */
const FEW = 40;

/** All voices of an engine: to search, to hear, to keep, to choose. */
export function VoiceBrowser(props: VoiceBrowserProps) {
  const { engine, voices, chosen, favorites, speed, error, onChoose, onFavorites, onBack } = props;
  const [search, setSearch] = useState("");
  const [showsAll, setShowsAll] = useState(voices.length <= FEW);
  const box = useRef<HTMLInputElement>(null);
  const room = useRef<HTMLDivElement>(null);
  const preview = usePreview();
  const own = useOwnVoices(engine);
  const starred = new Set(
    favorites.filter((each) => each.engine === engine.name).map(({ voice }) => voice),
  );
  const wanted = useDeferredValue(search.trim());
  const groups = useGroups(voices, chosen, { search: wanted, favorites: starred, own: own.ids });
  const shown = showsAll || search ? groups : groups.filter(({ isNear }) => isNear);
  const hidden = count(groups) - count(shown);

  useEffect(() => focusFirst(room.current), []);
  const star = (voice: string) => {
    const others = favorites.filter((each) => each.engine !== engine.name || each.voice !== voice);
    const added = starred.has(voice) ? [] : [{ engine: engine.name, voice }];
    onFavorites([...others, ...added]);
  };
  const act = (voice: string, action: VoiceAction) => {
    if (action === "choose") onChoose(voice);
    else if (action === "listen") preview.toggle(voice, { engine: engine.name, voice, speed });
    else if (action === "star") star(voice);
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
        groups={shown}
        chosen={chosen}
        favorites={starred}
        own={own.ids}
        preview={preview}
        withoutNotes={common !== ""}
        onAction={act}
        onType={() => box.current?.focus()}
      />
      <p className={count(shown) === 0 ? styles.nothing : "visually-hidden"} role="status">
        {search && (count(shown) === 0 ? `No voice matches “${search}”.` : found(count(shown)))}
      </p>
      {hidden > 0 && (
        <Button look="plain" onClick={() => setShowsAll(true)}>
          All languages ({hidden} more voices)
        </Button>
      )}
    </div>
  );
}

interface SearchBoxProps {
  inputRef: { current: HTMLInputElement | null };
  value: string;
  onChange: (search: string) => void;
  /** Arrow down or Enter: on to the voices. */
  onLeave: () => void;
}

function SearchBox({ inputRef, value, onChange, onLeave }: SearchBoxProps) {
  return (
    <div className={styles.search}>
      <Search size={16} aria-hidden />
      <input
        ref={inputRef}
        type="search"
        aria-label="Search voices"
        placeholder="Name or language"
        spellCheck={false}
        autoComplete="off"
        enterKeyHint="search"
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown" && event.key !== "Enter") return;
          event.preventDefault();
          onLeave();
        }}
      />
      {value && (
        <IconButton
          label="Clear the search"
          onClick={() => {
            onChange("");
            inputRef.current?.focus();
          }}
        >
          <X size={16} aria-hidden />
        </IconButton>
      )}
    </div>
  );
}

/** Every voice in groups. The catalog is made anew only for other voices. */
function useGroups(
  voices: readonly Voice[],
  chosen: string,
  by: Omit<Arrangement, "languages">,
): VoiceGroup[] {
  const catalog = useMemo(() => catalogOf(voices), [voices]);
  const spoken = voices.find(({ id }) => id === chosen)?.language ?? "und";
  return arranged(catalog, { ...by, languages: [...navigator.languages, spoken] });
}

/** What every voice says of itself, so that it needs to be said only once; "" when they differ. */
function commonNote(voices: readonly Voice[]): string {
  const note = voices[0]?.description ?? "";
  return voices.length > 1 && voices.every(({ description }) => description === note) ? note : "";
}

/** To the voice that speaks now, or else to the first one. */
function focusFirst(room: HTMLElement | null): void {
  room?.querySelector<HTMLElement>("[role=radio][tabindex='0']")?.focus();
}

function count(groups: readonly VoiceGroup[]): number {
  return groups.reduce((sum, { voices }) => sum + voices.length, 0);
}

function found(voices: number): string {
  return voices === 1 ? "1 voice found" : `${voices} voices found`;
}
