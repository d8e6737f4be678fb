import { setTimeout as sleep } from 'node:timers/promises';
import { type ApplyOptions, type ApplyResult, applyProvision } from './apply/apply.js';
import type { Assignment } from './look.js';
import { stepsOf } from './plan/plan.js';

/** One round: what was found and done, or why nothing could be. */
export type Round = { readonly time: Date; readonly seconds: number } & (
  | { readonly result: ApplyResult; readonly drift: number }
  | { readonly error: unknown }
);

export interface WatchOptions extends ApplyOptions {
  /** Between the end of one round and the beginning of the next. */
  readonly intervalMs: number;
  readonly signal: AbortSignal;
  /** Reads the file and the secrets anew, so that what has changed there counts in the next round. */
  readonly prepare: () => Promise<Assignment>;
  readonly onRound: (round: Round) => Promise<void> | void;
}

/** Keeps a server as wished until the signal comes. A round that fails is reported, and the next one is tried. */
export async function watchProvision({
  intervalMs,
  signal,
  prepare,
  onRound,
  ...options
}: WatchOptions): Promise<void> {
  while (!signal.aborted) {
    const round = await oneRound(prepare, options);
    if (signal.aborted) return;
    await onRound(round);
    await sleep(intervalMs, undefined, { signal }).catch(() => undefined);
  }
}

async function oneRound(prepare: () => Promise<Assignment>, options: ApplyOptions): Promise<Round> {
  const time = new Date();
  const seconds = () => (Date.now() - time.getTime()) / 1000;
  try {
    const result = await applyProvision(await prepare(), options);
    return { time, seconds: seconds(), result, drift: stepsOf(result.plan).length };
  } catch (error) {
    return { time, seconds: seconds(), error };
  }
}
