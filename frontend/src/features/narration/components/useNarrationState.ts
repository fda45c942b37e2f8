import { useSyncExternalStore } from "react";
import { IDLE_STATE, type NarrationState } from "../store/narrationStore";
import type { NarrationSession } from "../transport/session";

const nothing = () => () => undefined;
const idle = () => IDLE_STATE;

/** The state of a session as it changes; the idle state where there is none. */
export function useNarrationState(session: NarrationSession | null): NarrationState {
  return useSyncExternalStore(session?.subscribe ?? nothing, session?.getSnapshot ?? idle);
}
