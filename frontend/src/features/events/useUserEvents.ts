import { useEffect, useRef } from "react";
import { type EventHub, eventHub } from "./eventHub";
import type { Connected, UserEvent } from "./userEvents";

/**
 * Connects the page to a user's events as long as it is rendered. Once per page.
 *
 * @param onSignedOut is called when the login ends, here or in another tab. It may be new on every render.
 */
export function useEventConnection(
  userId: number | null,
  onSignedOut: () => void,
  hub: EventHub = eventHub,
): void {
  const latest = useRef(onSignedOut);
  useEffect(() => {
    latest.current = onSignedOut;
  });
  useEffect(
    () => (userId === null ? undefined : hub.follow(userId, () => latest.current())),
    [userId, hub],
  );
}

/**
 * Calls `onEvent` for everything the server tells this user, and for every connection: what has no number may have been
 * missed before it. It may be new on every render.
 */
export function useUserEvents(
  onEvent: (event: UserEvent | Connected) => void,
  hub: EventHub = eventHub,
): void {
  const latest = useRef(onEvent);
  useEffect(() => {
    latest.current = onEvent;
  });
  useEffect(() => hub.subscribe((event) => latest.current(event)), [hub]);
}
