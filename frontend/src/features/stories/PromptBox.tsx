import { type KeyboardEvent, type Ref, useId } from "react";
import { AutoTextarea } from "@/components/AutoTextarea";
import { Button } from "@/components/Button";
import styles from "./PromptBox.module.css";
import { actionForKey, measurePrompt, type PromptAction, type PromptMode } from "./promptRules";

interface PromptBoxProps {
  /** Where the text area is found, for the "/" key. */
  boxRef: Ref<HTMLFormElement>;
  text: string;
  /** What is going on: nothing, a scene with audio, or a scene without. */
  work: PromptAction | null;
  mode: PromptMode;
  onText: (text: string) => void;
  onAction: (action: PromptAction) => void;
  onStop: () => void;
}

/** "What happens next?", and the two ways to find out. */
export function PromptBox(props: PromptBoxProps) {
  const { boxRef, text, work, mode, onText, onAction, onStop } = props;
  const id = useId();
  const { notice, tooLong } = measurePrompt(text);
  const ready = work === null && !tooLong;
  const act = (action: PromptAction) => ready && onAction(action);

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    const { key, ctrlKey, metaKey, shiftKey, nativeEvent } = event;
    const action = actionForKey(
      { key, ctrlKey, metaKey, shiftKey, isComposing: nativeEvent.isComposing },
      mode,
    );
    if (!action) return;
    event.preventDefault();
    act(action);
  };

  return (
    <form ref={boxRef} className={styles.form} onSubmit={(event) => event.preventDefault()}>
      <div className={styles.box}>
        <label htmlFor={id} className="visually-hidden">
          What happens next?
        </label>
        <AutoTextarea
          id={id}
          className={styles.text}
          value={text}
          placeholder="What happens next?"
          dir="auto"
          aria-describedby={`${id}-hint`}
          aria-invalid={tooLong || undefined}
          onChange={(event) => onText(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        <Actions work={work} audio={mode.audio} ready={ready} onAction={act} onStop={onStop} />
      </div>
      <p id={`${id}-hint`} className={styles.hint} data-too-long={tooLong || undefined}>
        {notice ?? <KeyHint mode={mode} />}
      </p>
    </form>
  );
}

interface ActionsProps extends Pick<PromptBoxProps, "work" | "onAction" | "onStop"> {
  audio: boolean;
  ready: boolean;
}

function Actions({ work, audio, ready, onAction, onStop }: ActionsProps) {
  const narrating = work === "narrate";
  const writing = work === "write";
  return (
    <div className={styles.actions}>
      {narrating ? (
        <Button onClick={onStop}>Stop</Button>
      ) : (
        <Button
          look={audio ? "quiet" : "main"}
          busy={writing}
          disabled={!ready}
          onClick={() => onAction("write")}
        >
          {writing ? "Writing…" : "Write without audio"}
        </Button>
      )}
      {audio && (
        <Button look="main" busy={narrating} disabled={!ready} onClick={() => onAction("narrate")}>
          {narrating ? "Generating with audio..." : "Generate Scene with TTS"}
        </Button>
      )}
    </div>
  );
}

function KeyHint({ mode }: { mode: PromptMode }) {
  if (!mode.audio) return "Enter writes. Audio is off in the settings.";
  if (mode.realtime) return "Enter writes and reads aloud.";
  return (
    <>
      Enter writes, <kbd>{commandKey()}</kbd>
      <kbd>Enter</kbd> reads aloud too.
    </>
  );
}

function commandKey(): string {
  return /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘" : "Ctrl";
}
