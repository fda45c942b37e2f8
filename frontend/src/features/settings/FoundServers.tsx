import { useQuery } from "@tanstack/react-query";
import type { WriterServer } from "@/api/types";
import { Button } from "@/components/Button";
import { serversQuery } from "./queries";
import styles from "./settings.module.css";

interface FoundServersProps {
  /** Address of the server that is used now. */
  inUse: string | null;
  onUse: (server: WriterServer) => void;
}

/** Model servers that run on this machine, each one click away. */
export function FoundServers({ inUse, onUse }: FoundServersProps) {
  const servers = useQuery(serversQuery);
  return (
    <section aria-label="Found on this machine">
      <h3 className={styles.heading}>Found on this machine</h3>
      {servers.isPending && <p className={styles.hint}>Looking…</p>}
      {servers.isError && <p className={styles.hint}>The search did not work.</p>}
      {servers.data?.length === 0 && (
        <p className={styles.hint}>
          No model server is running here.{" "}
          <Button
            look="quiet"
            className={styles.again}
            disabled={servers.isFetching}
            onClick={() => void servers.refetch()}
          >
            Look again
          </Button>
        </p>
      )}
      {servers.data && servers.data.length > 0 && (
        <ul className={styles.servers}>
          {servers.data.map((server) => (
            <li key={server.base_url} className={styles.server}>
              <div>
                <p className={styles.name}>{server.name}</p>
                <p className={styles.hint}>
                  {server.base_url} · {modelsInWords(server.models.length)}
                </p>
              </div>
              {server.base_url === inUse ? (
                <span className={styles.hint}>In use</span>
              ) : (
                <Button onClick={() => onUse(server)}>Use</Button>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function modelsInWords(count: number): string {
  if (count === 0) return "no models yet";
  return count === 1 ? "1 model" : `${count} models`;
}
