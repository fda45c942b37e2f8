import { silentWav } from "./silentTrack";

/** A player that may have the element. */
export interface MediaTenant {
  /** Another one takes it. */
  lose(): void;
}

/**
 * The page's one media element, and whose turn it is.
 *
 * Phones let that element play without a touch which was once started by one; a second one would be silent.
 */
export class MediaSlot {
  readonly element: HTMLMediaElement;
  private tenant: MediaTenant | null = null;
  private isUnlocked = false;

  constructor(element: HTMLMediaElement = new Audio()) {
    this.element = element;
  }

  /** Gives the element to a player; the one that had it before falls silent. */
  take(tenant: MediaTenant): void {
    this.tenant?.lose();
    this.tenant = tenant;
  }

  release(tenant: MediaTenant): void {
    if (this.tenant === tenant) this.tenant = null;
  }

  /** Call it inside a click or key event: has the element play, so that it may do so later by itself. */
  unlock(): void {
    if (this.isUnlocked || this.tenant) return;
    this.isUnlocked = true;
    const url = URL.createObjectURL(new Blob([silentWav()], { type: "audio/wav" }));
    this.element.src = url;
    // Refused without a click; interrupted as soon as there is something to hear. Both are told later.
    this.element
      .play()
      .catch(() => undefined)
      .finally(() => URL.revokeObjectURL(url));
  }
}
