import { useSyncExternalStore } from "react";
import { IDLE_STATE, type NarrationState } from "../store/narrationStore";
import type { Narration } from "../transport/narration";

const nothing = () => () => undefined;
const idle = () => IDLE_STATE;

/** The state of a narration as it changes; the idle state where there is none. */
export function useNarrationState(narration: Narration | null): NarrationState {
  return useSyncExternalStore(narration?.subscribe ?? nothing, narration?.getSnapshot ?? idle);
}
