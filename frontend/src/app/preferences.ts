import { create } from "zustand";
import { persist } from "zustand/middleware";

export type Theme = "system" | "light" | "dark";

interface Preferences {
  theme: Theme;
  welcomeDismissed: boolean;
  setTheme(theme: Theme): void;
  dismissWelcome(): void;
}

/** What this reader chose on this device. `public/theme.js` reads the same key before the first paint. */
export const usePreferences = create<Preferences>()(
  persist(
    (set) => ({
      theme: "system",
      welcomeDismissed: false,
      setTheme: (theme) => set({ theme }),
      dismissWelcome: () => set({ welcomeDismissed: true }),
    }),
    { name: "rhapsode.preferences" },
  ),
);
