import { call } from "./client";
import { isLeft, onLeaving } from "./leaving";

/**
 * Saves to one route, one after the other: the last word is then the last on the server too, and the last answer the
 * last that is shown. When the page is left, none of them waits, and all are carried on without it.
 */
export class Saves<Change, Saved> {
  private readonly path: string;
  private last: Promise<unknown> = Promise.resolve();

  constructor(path: string) {
    this.path = path;
  }

  /**
   * Send a change, of at most 64 KiB, when its turn has come.
   *
   * @throws {ApiError} when it is refused, and when nobody answers.
   */
  put(change: Change): Promise<Saved> {
    const before = this.last;
    const answer = turnAfter(before).then(() =>
      call<Saved>("PUT", this.path, change, { keepalive: true }),
    );
    const inOrder = Promise.all([answer, before]).then(([saved]) => saved);
    this.last = inOrder.catch(() => undefined);
    return inOrder;
  }
}

function turnAfter(before: Promise<unknown>): Promise<void> {
  return new Promise((go) => {
    if (isLeft()) return go();
    const forget = onLeaving(go);
    void before.then(forget).then(go);
  });
}
