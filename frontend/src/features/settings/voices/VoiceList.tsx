import {
  type KeyboardEvent,
  type ReactNode,
  useCallback,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import type { Voice } from "@/api/types";
import type { VoiceGroup } from "./catalog";
import { languageName } from "./languages";
import { moved, type Place } from "./roving";
import type { Preview } from "./usePreview";
import styles from "./VoiceList.module.css";
import { type VoiceAction, VoiceRow } from "./VoiceRow";

interface VoiceListProps {
  label: string;
  groups: readonly VoiceGroup[];
  /** Id of the voice that speaks now. */
  chosen: string;
  favorites: ReadonlySet<string>;
  own: ReadonlySet<string>;
  /** Id of the voice that is being edited, and what edits it. */
  edited: { voice: string; editor: ReactNode } | null;
  preview: Preview;
  /** Says nothing of what all voices have in common. */
  withoutNotes: boolean;
  onAction: (voice: string, action: VoiceAction) => void;
  /** Somebody types a letter. */
  onType: () => void;
}

/**
 * Voices in groups, one of them chosen. One stop of the Tab key: arrows lead from voice to voice, and along what can
 * be done with one.
 */
export function VoiceList(props: VoiceListProps) {
  const { label, groups, chosen, favorites, own, edited, preview, withoutNotes, onType } = props;
  const root = useRef<HTMLDivElement>(null);
  const id = useId();
  const { stop, hold, onFocus, onKeyDown } = useRovingFocus(root, groups, chosen, own);
  const onAction = useLatest((voice: string, action: VoiceAction) => {
    hold({ voice, action });
    props.onAction(voice, action);
  });

  useFocusAfterEdit(root, edited?.voice ?? null);

  // What is typed into an editor stays there.
  const isTyped = ({ key, ctrlKey, metaKey, altKey, target }: KeyboardEvent) =>
    key.length === 1 && key !== " " && !ctrlKey && !metaKey && !altKey && isButton(target);
  return (
    <div
      ref={root}
      role="radiogroup"
      aria-label={label}
      className={styles.list}
      onFocus={onFocus}
      onKeyDown={(event) => (isTyped(event) ? onType() : onKeyDown(event))}
    >
      {groups.map(({ title, voices }, index) => (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset would be the name of the radios in it for some readers.
        <div key={title} role="group" aria-labelledby={`${id}-${index}`} className={styles.group}>
          <h4 id={`${id}-${index}`} className={styles.title}>
            {title}
          </h4>
          <div className={styles.rows}>
            {voices.map((voice) => (
              <VoiceRow
                key={voice.id}
                voice={voice}
                note={withoutNotes ? "" : noteOf(voice, title, own.has(voice.id))}
                isChosen={voice.id === chosen}
                isFavorite={favorites.has(voice.id)}
                isOwn={own.has(voice.id)}
                editor={edited?.voice === voice.id ? edited.editor : null}
                preview={preview.heard?.key === voice.id ? preview.heard.state : "silent"}
                problem={preview.problem?.key === voice.id ? preview.problem.message : null}
                tabStop={stop.voice === voice.id ? stop.action : null}
                onAction={onAction}
              />
            ))}
          </div>
        </div>
      ))}
    </div>
  );
}

/** What is said of a voice besides its name and the title above it. */
function noteOf({ name, language, description }: Voice, title: string, isOwn: boolean): string {
  if (isOwn) return [languageName(language), description].filter(Boolean).join(" · ");
  if (description) return description;
  const words = languageName(language) ?? "";
  return name.includes(title) || name.includes(words) ? "" : words;
}

/** Keeps one button of the list in the reach of Tab, and moves the focus by keys. */
function useRovingFocus(
  root: { readonly current: HTMLElement | null },
  groups: readonly VoiceGroup[],
  chosen: string,
  own: ReadonlySet<string>,
) {
  const [focused, setFocused] = useState<Place | null>(null);
  const voices = groups.flatMap((group) => group.voices).map((voice) => voice.id);
  const first = voices.includes(chosen) ? chosen : (voices[0] ?? "");
  /** The button used last: a voice that moves to another group is drawn anew there, and the focus follows it. */
  const held = useRef<Place | null>({ voice: first, action: "choose" });
  const isThere = focused !== null && voices.includes(focused.voice);
  const stop: Place = isThere ? focused : { voice: first, action: "choose" };

  // In the same breath as the drawing: a moment later the dialog takes a lost focus to itself.
  useLayoutEffect(() => {
    const isLost = held.current && document.activeElement === document.body;
    if (isLost) buttonAt(root.current, held.current)?.focus({ preventScroll: true });
  });

  const onFocus = ({ target }: { target: Element }) => {
    const place = placeOf(target);
    if (place?.voice !== held.current?.voice) held.current = null;
    if (place) setFocused(place);
  };
  const hold = (place: Place) => {
    held.current = place;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const place = placeOf(event.target as Element);
    const rows = voices.map((voice) => ({ voice, actions: actionsOf(own.has(voice)) }));
    const next = place && moved(rows, place, event.key);
    if (!next) return;
    event.preventDefault();
    buttonAt(root.current, next)?.focus();
  };
  return { stop, hold, onFocus, onKeyDown };
}

/** Leads the focus back to the button that has opened an editor, when that is closed. */
function useFocusAfterEdit(root: { readonly current: HTMLElement | null }, edited: string | null) {
  const before = useRef<string | null>(null);
  useLayoutEffect(() => {
    const closed = before.current;
    before.current = edited;
    if (closed === null || edited !== null) return;
    buttonAt(root.current, { voice: closed, action: "edit" })?.focus();
  }, [root, edited]);
}

function actionsOf(isOwn: boolean): readonly VoiceAction[] {
  return isOwn ? ["choose", "listen", "star", "edit", "delete"] : ["choose", "listen", "star"];
}

function isButton(target: EventTarget): boolean {
  return placeOf(target as Element) !== null;
}

function placeOf(element: Element): Place | null {
  const { action } = (element as HTMLElement).dataset;
  const voice = element.closest<HTMLElement>("[data-voice]")?.dataset.voice;
  return action && voice !== undefined ? { voice, action: action as VoiceAction } : null;
}

function buttonAt(root: HTMLElement | null, place: Place | null): HTMLElement | null {
  if (!root || !place) return null;
  const row = `[data-voice="${CSS.escape(place.voice)}"]`;
  return root.querySelector<HTMLElement>(`${row} [data-action="${place.action}"]`);
}

/** The same function for ever, which calls the newest one: so rows need not be drawn again. */
function useLatest<A extends unknown[]>(call: (...args: A) => void): (...args: A) => void {
  const latest = useRef(call);
  useLayoutEffect(() => {
    latest.current = call;
  });
  return useCallback((...args: A) => latest.current(...args), []);
}
