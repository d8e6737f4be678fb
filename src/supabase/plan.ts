import { expectedFacts } from './expectations.js';
import type { Script, SupabaseFileName } from './files.js';
import type { LedgerEntry } from './ledger.js';
import type { Observation } from './observe.js';
import type { Settings } from './settings.js';

/** What is to be done with a script, and why. */
export type Step =
  | { readonly script: Script; readonly action: 'skip'; readonly recorded: LedgerEntry }
  | {
      readonly script: Script;
      readonly action: 'apply';
      /** `new`: no record; `changed`: another text was run; `differs`: run, but not all of its effect is there. */
      readonly reason: 'new' | 'changed' | 'differs';
      /** Facts that are not there. */
      readonly missing: readonly string[];
    };

/**
 * |              | effect is there | effect is not there |
 * | not recorded | apply (new)     | apply (new)         |
 * | other text   | apply (changed) | apply (changed)     |
 * | recorded     | skip            | apply (differs)     |
 */
export function planSteps(
  scripts: readonly Script[],
  { observation, settings }: { observation: Observation; settings: Settings },
): readonly Step[] {
  return scripts.map((script) => {
    const recorded = observation.ledger?.get(script.name);
    const missing = missingFacts(script.effect, observation, settings);
    if (recorded === undefined) return { script, action: 'apply', reason: 'new', missing };
    if (recorded.sha256 !== script.sha256) return { script, action: 'apply', reason: 'changed', missing };
    // Upstream's files are run as they are, once: another run of theirs would fail where the first one did.
    if (missing.length === 0 || script.isTolerant) return { script, action: 'skip', recorded };
    return { script, action: 'apply', reason: 'differs', missing };
  });
}

/** What a file is to see to and the database does not have. */
export function missingFacts(
  effect: SupabaseFileName | undefined,
  observation: Observation,
  settings: Settings,
): readonly string[] {
  if (effect === undefined) return [];
  return expectedFacts(effect, settings, observation).filter((fact) => !observation.facts.has(fact));
}
