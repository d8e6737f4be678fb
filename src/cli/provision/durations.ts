import { InvalidArgumentError } from 'commander';

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `500ms`, `120s`, `5m`, `1h`, or a number of seconds; in milliseconds. */
export function readDuration(text: string): number {
  const [, count, unit = 's'] = /^(\d+)(ms|s|m|h)?$/.exec(text) ?? [];
  if (count === undefined) throw new InvalidArgumentError('It must be a duration like 120s or 5m.');
  return Number(count) * (units[unit] ?? 1);
}

export function readWait(text: string): number | 'forever' {
  return text === 'forever' ? text : readDuration(text);
}

export function readCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError('It must be a whole number from 1.');
  return count;
}
