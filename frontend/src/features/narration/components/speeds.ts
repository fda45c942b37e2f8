/** The speeds a press of `[` or `]` goes through. */
const SPEEDS = [0.5, 0.75, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2] as const;

const SLOWEST = 0.5;
const FASTEST = 2;

/** The next speed up or down from `speed`, which need not be one of {@link SPEEDS}. */
export function nextSpeed(speed: number, step: 1 | -1): number {
  if (step > 0) return SPEEDS.find((other) => other > speed + 0.001) ?? FASTEST;
  return SPEEDS.findLast((other) => other < speed - 0.001) ?? SLOWEST;
}

/** A speed as it is shown: "1×", "1.25×". */
export function speedInWords(speed: number): string {
  return `${Number(speed.toFixed(2))}×`;
}
