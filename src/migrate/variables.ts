import { ExitCode, UserError } from '../errors.js';
import { VariableStore } from '../psql/variables/store.js';
import type { Variables } from './migration.js';

/** psql variables given as NAME=VALUE; NAME alone is set to nothing. Throws a UserError that names all faults, but no value. */
export function readVariables(words: readonly string[]): Variables {
  const store = new VariableStore();
  const variables: Record<string, string> = {};
  const faults: string[] = [];
  for (const word of words) {
    const [, name = '', value = ''] = /^([^=]*)=?([\s\S]*)$/.exec(word) ?? [];
    const fault = store.set(name, value);
    if (fault !== undefined) faults.push(fault);
    variables[name] = value;
  }
  if (faults.length === 0) return variables;
  throw new UserError(faults.join('\n'), { exitCode: ExitCode.ambiguous, hint: '--set is written NAME=VALUE' });
}
