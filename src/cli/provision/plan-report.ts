import type { Action, Fault, Item, Step } from '../../provision/plan/item.js';
import { itemsOf, type Plan, stepsOf } from '../../provision/plan/plan.js';
import { indented } from './text.js';

const signs: Readonly<Record<Action, string>> = {
  create: '+',
  change: '~',
  grant: '+',
  revoke: '-',
  run: '>',
  drop: '-',
};

/** A plan for people: what is to be done to each object, what is left as it is, what cannot be done, and the sums. */
export function describePlan(plan: Plan, prune: readonly Step[] = []): string {
  const { server } = plan;
  const items = itemsOf(plan);
  const steps = [...stepsOf(plan), ...prune];
  return [
    `PostgreSQL ${versionText(server.version)}, as ${server.user}${server.isSuperuser ? '' : ' (no superuser)'}\n`,
    ...items.map(describeItem),
    ...prune.map(describeStep),
    ...plan.faults.map(describeFault),
    `\n${sums(steps, items, plan.faults)}\n`,
  ].join('');
}

function describeItem({ object, steps, note }: Item): string {
  const remark = note === undefined ? '' : ` (${note})`;
  if (steps.length === 0) return `  = ${object}${remark}\n`;
  return `${steps.map(describeStep).join('')}${note === undefined ? '' : indented(note, 6)}`;
}

function describeStep({ action, summary }: Step): string {
  return `  ${signs[action]} ${summary}\n`;
}

export function describeFault({ service, object, reason, hint }: Fault): string {
  return `  ! ${service}: ${object}: ${reason}\n${hint === undefined ? '' : indented(`hint: ${hint}`, 6)}`;
}

function sums(steps: readonly Step[], items: readonly Item[], faults: readonly Fault[]): string {
  const count = (action: Action) => steps.filter((step) => step.action === action).length;
  const parts = Object.keys(signs).flatMap((action) => {
    const found = count(action as Action);
    return found === 0 ? [] : [`${found} to ${action}`];
  });
  const left = items.filter((item) => item.steps.length === 0).length;
  const failed = new Set(faults.map(({ service }) => service)).size;
  const failing = failed === 0 ? '' : ` Services that cannot be provisioned: ${failed}.`;
  if (parts.length === 0) return `Nothing to do; unchanged: ${left}.${failing}`;
  return `Plan: ${parts.join(', ')}; unchanged: ${left}.${failing}`;
}

/** `180004` is 18.4. */
function versionText(version: number): string {
  return `${Math.floor(version / 10_000)}.${version % 10_000}`;
}
