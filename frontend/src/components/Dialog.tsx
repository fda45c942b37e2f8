import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import { type ReactNode, useRef } from "react";
import { IconButton } from "./Button";
import styles from "./Dialog.module.css";

interface DialogProps {
  title: string;
  onClose: () => void;
  /** `room` fills the screen of a phone; `note` stays small everywhere. */
  size?: "note" | "room";
  children: ReactNode;
}

/** A dialog that is open as long as it is rendered. The element marked `data-first` gets the focus. */
export function Dialog({ title, onClose, size = "note", children }: DialogProps) {
  const content = useRef<HTMLDivElement>(null);
  const focusFirst = (event: Event) => {
    // By default the close button would be focused, the last thing anybody opens a dialog for.
    event.preventDefault();
    const first = content.current?.querySelector<HTMLElement>("[data-first]");
    (first ?? content.current)?.focus();
  };
  /** Some things inside have a step back of their own. */
  const keepOpen = (event: KeyboardEvent) => {
    if ((event.target as Element).closest("[data-keeps-escape]")) event.preventDefault();
  };
  return (
    <Radix.Root open onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={styles.overlay} />
        <Radix.Content
          ref={content}
          className={`${styles.content} ${styles[size]}`}
          aria-describedby={undefined}
          onOpenAutoFocus={focusFirst}
          onEscapeKeyDown={keepOpen}
        >
          <header className={styles.header}>
            <Radix.Title className={styles.title}>{title}</Radix.Title>
            <Radix.Close asChild>
              <IconButton label="Close">
                <X size={20} aria-hidden />
              </IconButton>
            </Radix.Close>
          </header>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
