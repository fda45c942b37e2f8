import { Tabs } from "radix-ui";
import type { ReactNode } from "react";
import { Dialog } from "@/components/Dialog";
import styles from "./SettingsDialog.module.css";

export type SettingsTab = "voice" | "writer" | "account" | "about";

const TABS: readonly { name: SettingsTab; label: string }[] = [
  { name: "voice", label: "Voice" },
  { name: "writer", label: "Writer" },
  { name: "account", label: "Account" },
  { name: "about", label: "About" },
];

/** The tab of that name; the first one for any other name. */
export function tabNamed(name: string | undefined): SettingsTab {
  return TABS.find((tab) => tab.name === name)?.name ?? "voice";
}

interface SettingsDialogProps {
  tab: SettingsTab;
  onTab: (tab: SettingsTab) => void;
  onClose: () => void;
  content: Record<SettingsTab, ReactNode>;
}

/** The settings' frame: a dialog with tabs, which fills the screen of a phone. */
export function SettingsDialog({ tab, onTab, onClose, content }: SettingsDialogProps) {
  return (
    <Dialog title="Settings" size="room" onClose={onClose}>
      <Tabs.Root
        className={styles.tabs}
        value={tab}
        onValueChange={(next) => onTab(tabNamed(next))}
      >
        <Tabs.List className={styles.list} aria-label="Settings">
          {TABS.map(({ name, label }) => (
            <Tabs.Trigger key={name} value={name} className={styles.tab}>
              {label}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        {TABS.map(({ name }) => (
          <Tabs.Content key={name} value={name} className={styles.panel}>
            {content[name]}
          </Tabs.Content>
        ))}
      </Tabs.Root>
    </Dialog>
  );
}
