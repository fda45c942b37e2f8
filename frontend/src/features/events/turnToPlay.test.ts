import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Channel, TurnToPlay } from "./turnToPlay";

const START = Date.parse("2026-11-21T01:00:00Z");
const AT = new Date(START).toISOString();

beforeEach(() => {
  vi.useFakeTimers();
  vi.setSystemTime(START);
});
afterEach(() => void vi.useRealTimers());

/** Joins pages; every word takes a while to reach the others. */
class Ether {
  private readonly channels: Channel[] = [];
  private readonly delay: () => number;

  constructor(delay: () => number = () => 1) {
    this.delay = delay;
  }

  open(): Channel {
    const channel: Channel = {
      onmessage: null,
      postMessage: (word: unknown) => {
        for (const other of this.channels) {
          if (other === channel) continue;
          const deliver = () => {
            other.onmessage?.call(
              other as BroadcastChannel,
              new MessageEvent("message", { data: word }),
            );
          };
          setTimeout(deliver, this.delay());
        }
      },
    };
    this.channels.push(channel);
    return channel;
  }
}

function pages(count: number, ether = new Ether()): TurnToPlay[] {
  return Array.from({ length: count }, (_, i) => new TurnToPlay(ether.open(), `tab ${i}`));
}

async function winners(turns: readonly Promise<boolean>[]): Promise<number[]> {
  await vi.advanceTimersByTimeAsync(2000);
  const outcomes = await Promise.all(turns);
  return outcomes.flatMap((isWon, i) => (isWon ? [i] : []));
}

test("the page that was used last plays, and no other", async () => {
  const [one, two, three] = pages(3) as [TurnToPlay, TurnToPlay, TurnToPlay];
  vi.advanceTimersByTime(1000);
  two.noteUse();
  const turns = [one, two, three].map((page) => page.isOurs(5, AT));
  expect(await winners(turns)).toEqual([1]);
});

test("whoever hears of it when, exactly one page plays", async () => {
  const page = fc.record({ usedAt: fc.nat(3), hearsAfter: fc.nat(100) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(page, { minLength: 1, maxLength: 6 }),
      fc.infiniteStream(fc.nat(50)),
      async (facts, delays) => {
        vi.setSystemTime(START);
        const ether = new Ether(() => delays.next().value as number);
        const opened = pages(facts.length, ether);
        opened.forEach((one, i) => {
          vi.setSystemTime(START + (facts[i]?.usedAt ?? 0));
          one.noteUse();
        });
        const turns = opened.map(async (one, i) => {
          await new Promise((resolve) => setTimeout(resolve, facts[i]?.hearsAfter));
          return one.isOurs(5, AT);
        });
        const won = await winners(turns);
        expect(won).toHaveLength(1);
        const last = Math.max(...facts.map(({ usedAt }) => usedAt));
        expect(facts[won[0] as number]?.usedAt).toBe(last);
      },
    ),
    { numRuns: 60 },
  );
});

test("a page that hears of it when another plays already stays silent", async () => {
  const [one, two] = pages(2) as [TurnToPlay, TurnToPlay];
  expect(await winners([one.isOurs(5, AT)])).toEqual([0]);
  vi.advanceTimersByTime(1000);
  two.noteUse();
  expect(await winners([two.isOurs(5, AT)])).toEqual([]);
});

test("the same event never plays twice, and each event is bid for anew", async () => {
  const alone = new TurnToPlay(null, "tab");
  expect(await winners([alone.isOurs(5, AT)])).toEqual([0]);
  expect(await winners([alone.isOurs(5, AT)])).toEqual([]);
  expect(await winners([alone.isOurs(6, AT)])).toEqual([0]);
});

test("an event that lies back too long plays nowhere", async () => {
  const alone = new TurnToPlay(null, "tab");
  vi.advanceTimersByTime(121_000);
  expect(await winners([alone.isOurs(5, AT)])).toEqual([]);
});
