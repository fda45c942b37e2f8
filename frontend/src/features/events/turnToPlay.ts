/** The part of a `BroadcastChannel` that is used here. */
export type Channel = Pick<BroadcastChannel, "postMessage" | "onmessage">;

/** What the pages of this browser say to one another about an event that starts sound. */
type Word =
  | { readonly type: "bid"; readonly event: number; readonly tab: string; readonly usedAt: number }
  | { readonly type: "taken"; readonly event: number };

/** Pages hear of an event within a few milliseconds of one another; a background tab may take longer to answer. */
const BIDS_WAITED_FOR_MS = 250;
/** Nobody waits for an event this old to start by itself: the page was away, and the listener with it. */
const FRESH_MS = 120_000;

interface Bidding {
  /** What was bid here; a click meanwhile does not change it, or two pages could win. */
  readonly usedAt: number;
  readonly others: Map<string, number>;
  outcome: "open" | "won" | "lost";
}

/**
 * Decides which of several open pages plays what starts by itself: the one that was used last.
 *
 * Every page that could play bids with the time of its last click or key. Without a `BroadcastChannel` every page is
 * alone, and wins.
 */
export class TurnToPlay {
  private readonly channel: Channel | null;
  private readonly tab: string;
  private readonly now: () => number;
  private readonly biddings = new Map<number, Bidding>();
  private usedAt: number;

  /**
   * @param tab different in every page.
   * @param now wall time in ms, the same in every page.
   */
  constructor(channel: Channel | null, tab: string, now: () => number = Date.now) {
    this.channel = channel;
    this.tab = tab;
    this.now = now;
    this.usedAt = now();
    if (channel) channel.onmessage = (message: MessageEvent<Word>) => this.hear(message.data);
  }

  /** Somebody clicked or pressed a key here. */
  noteUse(): void {
    this.usedAt = this.now();
  }

  /** Whether this page shall play for the event; at most one page and at most once. `at`: when it happened. */
  async isOurs(event: number, at: string): Promise<boolean> {
    if (this.biddings.has(event) || this.now() - Date.parse(at) > FRESH_MS) return false;
    const bidding: Bidding = { usedAt: this.usedAt, others: new Map(), outcome: "open" };
    this.biddings.set(event, bidding);
    this.bid(event, bidding);
    await new Promise((resolve) => setTimeout(resolve, BIDS_WAITED_FOR_MS));
    if (bidding.outcome === "open") bidding.outcome = this.isHighest(bidding) ? "won" : "lost";
    return bidding.outcome === "won";
  }

  private hear(word: Word): void {
    const bidding = this.biddings.get(word.event);
    if (!bidding) return;
    if (word.type === "taken") {
      if (bidding.outcome === "open") bidding.outcome = "lost";
    } else if (bidding.outcome === "won") {
      this.say({ type: "taken", event: word.event });
    } else if (!bidding.others.has(word.tab)) {
      bidding.others.set(word.tab, word.usedAt);
      // A page that began later has not heard our bid.
      this.bid(word.event, bidding);
    }
  }

  private isHighest({ others, usedAt: ours }: Bidding): boolean {
    return [...others].every(([tab, usedAt]) => {
      return usedAt < ours || (usedAt === ours && tab < this.tab);
    });
  }

  private bid(event: number, { usedAt }: Bidding): void {
    this.say({ type: "bid", event, tab: this.tab, usedAt });
  }

  private say(word: Word): void {
    this.channel?.postMessage(word);
  }
}
