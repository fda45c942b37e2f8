import { useQuery } from "@tanstack/react-query";
import { healthQuery } from "./queries";
import styles from "./settings.module.css";

/** What this is, and whose work is in it. */
export function AboutTab() {
  const health = useQuery(healthQuery);
  return (
    <div className={styles.prose}>
      <p>
        Rhapsode{health.data && ` ${health.data.version}`} writes a story with a language model and
        reads it aloud while it is being written. A rhapsode was the one who stitched songs together
        and sang them.
      </p>
      <section>
        <h3>Licences</h3>
        <p>
          Rhapsode is free software under the MIT licence. The built-in voice is eSpeak NG, which is
          under the GPL, version 3; it runs as a separate program. The typefaces Literata and Inter
          are under the SIL Open Font Licence.
        </p>
      </section>
      <section>
        <h3>For programs</h3>
        <p>
          The routes are described at <a href="/docs">/docs</a>.
        </p>
      </section>
    </div>
  );
}
