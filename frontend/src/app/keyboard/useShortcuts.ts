import { useEffect, useRef } from "react";
import { belongsTo, type Command, commandFor } from "./shortcuts";

/** What commands do here. A command that is missing is left to the browser. */
export type Commands = Partial<Record<Command, () => void>>;

/** Listen for shortcuts as long as the component is there. Never while something is typed. */
export function useShortcuts(commands: Commands): void {
  const latest = useRef(commands);
  useEffect(() => {
    latest.current = commands;
  });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || belongsTo(event.target, event.key)) return;
      const command = commandFor(event);
      const run = command && latest.current[command];
      if (!run) return;
      event.preventDefault();
      run();
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, []);
}
