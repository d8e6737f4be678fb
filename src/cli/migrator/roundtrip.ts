import type { Command } from 'commander';
import { ExitCode } from '../../errors.js';
import type { RoundtripFault, RoundtripResult } from '../../migrate/roundtrip.js';
import { ExitStatus } from '../program.js';
import type { Io } from '../run.js';
import { flagsOf, migratorSubcommand, openTrial } from './command.js';

interface RoundtripFlags {
  readonly hook?: boolean;
  readonly json?: boolean;
}

export function roundtripCommand(io: Io): Command {
  return migratorSubcommand(
    'roundtrip',
    'try each way down: up, down and up again in a throw-away cluster; exit 1 when one lies',
  )
    .argument('[names...]', 'migrations to try; without any, all')
    .option('--no-hook', 'try them without the hectic bundle')
    .option('--json', 'print the results as JSON')
    .action(async (names: readonly string[], _options, command: Command) => {
      const flags = flagsOf<RoundtripFlags>(command);
      const { roundtrip } = await import('../../migrate/roundtrip.js');
      const onResult = (result: RoundtripResult) => flags.json || io.stdout.write(describeResult(result));
      const results = await roundtrip(await openTrial(io, flags), names, onResult);
      io.stdout.write(flags.json ? `${JSON.stringify(results, null, 2)}\n` : summary(results));
      if (results.some(({ faults }) => faults.length > 0)) throw new ExitStatus(ExitCode.generic);
    });
}

const meanings: Readonly<Record<RoundtripFault['kind'], string>> = {
  'down-fails': 'its down.sql fails',
  'down-differs': 'its down.sql does not lead back to the schema of before',
  'up-fails': 'it cannot be applied again after it was undone',
  'up-differs': 'applied again, it leads to another schema',
};

function describeResult({ migration, hasDown, faults }: RoundtripResult): string {
  if (!hasDown) return `- ${migration}: it has no way down\n`;
  if (faults.length === 0) return `ok ${migration}\n`;
  return faults.map(({ kind, detail }) => `not ok ${migration}: ${meanings[kind]}\n${indented(detail)}`).join('');
}

function indented(text: string): string {
  return text.trimEnd().replaceAll(/^/gm, '  ').concat('\n');
}

function summary(results: readonly RoundtripResult[]): string {
  const [wrong, stuck] = [results.filter(({ faults }) => faults.length > 0), results.filter(({ hasDown }) => !hasDown)];
  const sound = results.length - wrong.length - stuck.length;
  return `${sound} sound, ${wrong.length} wrong, ${stuck.length} without a way down\n`;
}
