import { Settings } from "lucide-react";
import { useEffect } from "react";
import { Link, Outlet, useLocation } from "react-router";
import buttons from "@/components/Button.module.css";
import { ShortcutList } from "./keyboard/ShortcutList";
import { Mark } from "./Mark";
import styles from "./Shell.module.css";
import { ThemeSwitch } from "./ThemeSwitch";
import { useNarrationNews } from "./useNarrationNews";
import { WelcomeBanner } from "./WelcomeBanner";

/** What surrounds every page: a quiet bar above, nothing else. */
export function Shell() {
  const location = useLocation();
  useNarrationNews();
  // A new page begins at its top; its own scrolling is its own.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the address is what calls for it.
  useEffect(() => {
    window.scrollTo(0, 0);
  }, [location.pathname]);
  return (
    <>
      <a href="#main" className={styles.skip}>
        Skip to the page
      </a>
      <header className={styles.bar}>
        <Link to="/" className={styles.wordmark} aria-label="Rhapsode, your stories">
          <Mark />
          Rhapsode
        </Link>
        <div className={styles.tools}>
          <ThemeSwitch />
          <Link
            to="/settings"
            state={{ background: location }}
            className={buttons.icon}
            aria-label="Settings"
            title="Settings"
          >
            <Settings size={20} aria-hidden />
          </Link>
        </div>
      </header>
      <WelcomeBanner />
      <main id="main" tabIndex={-1} className={styles.main}>
        <Outlet />
      </main>
      <ShortcutList />
    </>
  );
}
