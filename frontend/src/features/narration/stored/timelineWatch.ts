import type { NarrationError } from "../store/narrationStore";
import type { Fetch } from "../transport/requests";
import { type NarrationAnswer, orderNarration, requestTimeline } from "./requests";
import { isFinal, type StoredTimeline, timelineOf } from "./timeline";

/** The server tells of progress; this is for the case that its word is lost. */
const LOOK_AGAIN_MS = 2000;

export interface StoredScene {
  readonly id: number;
  readonly text: string;
}

/** A scene of a story, in the story's order. */
export interface PlayableScene extends StoredScene {
  /** All of it can be heard without anything being made. */
  readonly isNarrated: boolean;
}

export interface WatchEvents {
  /** What can be heard now. Comes again as long as the narration grows. */
  seen(timeline: StoredTimeline): void;
  failed(error: NarrationError): void;
}

/** Asks how far a scene's narration is until nothing more is added to it. */
export class TimelineWatch {
  private readonly fetch: Fetch;
  private readonly scene: StoredScene;
  private readonly orders: boolean;
  private readonly events: WatchEvents;
  private latest: StoredTimeline | null = null;
  private lookAgain: ReturnType<typeof setTimeout> | undefined;
  private isStopped = false;

  /** @param orders whether a scene that is not narrated should be, and a failed narration tried again. */
  constructor(fetch: Fetch, scene: StoredScene, orders: boolean, events: WatchEvents) {
    this.fetch = fetch;
    this.scene = scene;
    this.orders = orders;
    this.events = events;
  }

  /** Looks now instead of soon. */
  async look(): Promise<void> {
    clearTimeout(this.lookAgain);
    if (this.isStopped || (this.latest && isFinal(this.latest))) return;
    const answer = await this.ask();
    if (this.isStopped) return;
    if (!("refused" in answer)) this.see(timelineOf(answer, this.scene.text));
    else if (answer.refused.status === 0 && this.latest) this.lookSoon();
    else this.events.failed(answer.refused.error);
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.lookAgain);
  }

  private async ask(): Promise<NarrationAnswer> {
    const answer = await requestTimeline(this.fetch, this.scene.id);
    const isWanted = this.orders && !this.latest && !this.isStopped;
    return isWanted && needsOrder(answer) ? orderNarration(this.fetch, this.scene.id) : answer;
  }

  private see(timeline: StoredTimeline): void {
    this.latest = timeline;
    this.events.seen(timeline);
    if (!isFinal(timeline)) this.lookSoon();
  }

  private lookSoon(): void {
    clearTimeout(this.lookAgain);
    if (!this.isStopped) this.lookAgain = setTimeout(() => void this.look(), LOOK_AGAIN_MS);
  }
}

/** Whether a listener's wish is a reason to have something narrated. */
function needsOrder(answer: NarrationAnswer): boolean {
  if ("refused" in answer) return answer.refused.status === 404;
  return answer.status === "failed" || answer.status === "incomplete";
}
