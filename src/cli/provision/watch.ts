import type { Command } from 'commander';
import { messageOf } from '../../errors.js';
import type { Round } from '../../provision/watch.js';
import type { Io } from '../run.js';
import { duration } from '../terminal.js';
import { type FileFlags, fileCommand, lockTimeout, metricsOption, openProvisioning } from './command.js';
import { readDuration } from './durations.js';

interface WatchFlags extends FileFlags {
  readonly interval: number;
  readonly metrics?: string;
}

export function watchCommand(io: Io): Command {
  return fileCommand('watch', 'apply again and again until told to stop, and say what had drifted')
    .option('--interval <time>', 'from the end of one round to the next', readDuration, readDuration('5m'))
    .addOption(metricsOption())
    .action(async (flags: WatchFlags) => {
      const { watchProvision } = await import('../../provision/watch.js');
      // --wait is for the start; a server that goes away later is a round that failed
      let { wait } = flags;
      await watchProvision({
        intervalMs: flags.interval,
        lockTimeoutMs: lockTimeout(flags),
        signal: io.signal,
        prepare: async () => {
          const { wait: _, ...others } = flags;
          const { assignment } = await openProvisioning(io, wait === undefined ? others : { ...others, wait }, {
            generate: true,
          });
          wait = undefined;
          return assignment;
        },
        onRound: async (round) => {
          io.stdout.write(flags.json === true ? `${JSON.stringify(roundData(round))}\n` : describeRound(round));
          if (flags.metrics !== undefined) await writeRound(flags.metrics, round);
        },
      });
    });
}

function roundData(round: Round): object {
  return 'error' in round ? { ...round, error: messageOf(round.error) } : round;
}

function describeRound(round: Round): string {
  const head = `${round.time.toISOString()} (${duration(round.seconds * 1000)})`;
  if ('error' in round) return `${head} failed: ${messageOf(round.error)}\n`;
  const objects = round.result.services.flatMap((service) => service.objects);
  const lines = objects.flatMap(({ object, outcome, done, reason }) =>
    outcome === 'skipped' ? [] : [`  ${outcome}  ${object}: ${reason ?? done.join('; ')}\n`],
  );
  const state = round.drift === 0 ? 'as wished' : `had drifted by ${round.drift} steps`;
  return `${head} ${state}\n${[...new Set(lines)].join('')}`;
}

async function writeRound(path: string, round: Round): Promise<void> {
  if ('error' in round) return;
  const { writeMetrics } = await import('../../provision/metrics.js');
  const { time, seconds, drift, result } = round;
  await writeMetrics(path, { time: Math.floor(time.getTime() / 1000), seconds, drift, results: result.services });
}
