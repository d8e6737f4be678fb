import type { ApplyResult } from '../../provision/apply/apply.js';
import type { ObjectResult, Outcome } from '../../provision/apply/ledger.js';
import type { PruneResult } from '../../provision/prune.js';
import { indented } from './text.js';

/** What was done, a line for each object: created, changed, skipped or failed. An object of several services stands once. */
export function describeApply({ services, recordFailure }: ApplyResult, pruned: readonly PruneResult[]): string {
  const objects = new Map(services.flatMap((service) => service.objects.map((object) => [object.object, object])));
  const failed = services.filter(({ outcome }) => outcome === 'failed').length;
  return [
    ...[...objects.values()].map(describeObject),
    ...pruned.map(describePruned),
    recordFailure === undefined ? '' : `warning: what was found could not be recorded: ${recordFailure.reason}\n`,
    failed === 0 && pruned.every(({ failure }) => failure === undefined)
      ? 'Database initialization completed successfully!\n'
      : `Database initialization failed for ${failed} of ${services.length} services.\n`,
  ].join('');
}

const width = 'created'.length;

function line(outcome: Outcome | 'dropped', text: string): string {
  return `${outcome.padEnd(width)}  ${text}\n`;
}

function describeObject({ object, outcome, done, note, reason, hint }: ObjectResult): string {
  if (outcome === 'failed') return `${line(outcome, `${object}: ${reason ?? 'no reason is known'}`)}${hintLine(hint)}`;
  const remark = note === undefined ? '' : ` (${note})`;
  const what = outcome === 'changed' || done.length > 1 ? `: ${done.join('; ')}` : '';
  return line(outcome, `${object}${what}${remark}`);
}

function describePruned({ step, failure }: PruneResult): string {
  const object = step.summary.replace(/^drop /, '');
  if (failure === undefined) return line('dropped', object);
  return `${line('failed', `${step.summary}: ${failure.reason}`)}${hintLine(failure.hint)}`;
}

function hintLine(hint: string | undefined): string {
  return hint === undefined ? '' : indented(`hint: ${hint}`, width + 2);
}
