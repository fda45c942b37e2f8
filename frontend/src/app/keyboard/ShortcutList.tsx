import { useState } from "react";
import { Dialog } from "@/components/Dialog";
import styles from "./ShortcutList.module.css";
import { SHORTCUTS } from "./shortcuts";
import { useShortcuts } from "./useShortcuts";

/** The list of shortcuts, which `?` shows. */
export function ShortcutList() {
  const [open, setOpen] = useState(false);
  useShortcuts({ shortcuts: () => setOpen(true) });
  if (!open) return null;
  return (
    <Dialog title="Keyboard" onClose={() => setOpen(false)}>
      <dl className={styles.list}>
        {SHORTCUTS.map(({ command, shown, does }) => (
          <div key={command} className={styles.row}>
            <dt>{does}</dt>
            <dd>
              {shown.split(" ").map((key) => (
                <kbd key={key} className={styles.key}>
                  {key}
                </kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
