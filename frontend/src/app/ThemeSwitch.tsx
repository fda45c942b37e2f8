import { Monitor, Moon, Sun } from "lucide-react";
import { useEffect } from "react";
import { IconButton } from "@/components/Button";
import { type Theme, usePreferences } from "./preferences";

const NEXT: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };
const ICON = { system: Monitor, light: Sun, dark: Moon } as const;
const NAME = { system: "as the system", light: "light", dark: "dark" } as const;

/** Goes round: as the system, light, dark. */
export function ThemeSwitch() {
  const { theme, setTheme } = usePreferences();
  const Icon = ICON[theme];
  useEffect(() => {
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }, [theme]);
  return (
    <IconButton
      label={`Theme: ${NAME[theme]}. Change to ${NAME[NEXT[theme]]}`}
      onClick={() => setTheme(NEXT[theme])}
    >
      <Icon size={20} aria-hidden />
    </IconButton>
  );
}
