/** One side of a comparison. */
export interface Contestant {
  readonly name: string;
  /** What is timed. */
  readonly run: () => unknown;
  /** What has to be done before each round and is not timed. */
  readonly before?: () => unknown;
  /** What has to be done after each round and is not timed. */
  readonly after?: () => unknown;
}

/**
 * Runs the contestants in turn, so that whatever else the machine does meets all of them alike, and prints a line each: the
 * median in milliseconds, and its ratio to the rival's, which is the first. One round before the first is not counted.
 */
export async function compare(title: string, contestants: readonly Contestant[], rounds: number): Promise<void> {
  const times = contestants.map((): number[] => []);
  for (let round = -1; round < rounds; round += 1) {
    for (const [index, { run, before, after }] of contestants.entries()) {
      await before?.();
      const started = performance.now();
      await run();
      if (round >= 0) times[index]?.push(performance.now() - started);
      await after?.();
    }
  }
  const medians = times.map(median);
  const lines = contestants.map(({ name }, index) => line(name, medians[index] as number, medians[0] as number, index));
  process.stdout.write(`${title} (median of ${rounds})\n${lines.join('')}`);
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? at(sorted, middle) : (at(sorted, middle - 1) + at(sorted, middle)) / 2;
}

function at(values: readonly number[], index: number): number {
  return values[index] ?? Number.NaN;
}

function line(name: string, value: number, rival: number, index: number): string {
  const ratio = index === 0 ? '' : `  ${(value / rival).toFixed(2)} x`;
  return `  ${name.padEnd(44)}${value.toFixed(1).padStart(9)} ms${ratio}\n`;
}
