import { controlsTransaction, leadingWords, runsOutsideBlocksOnly } from '../script/transactions.js';
import type { Fault } from './fault.js';
import type { MigrationScript, Variables } from './migration.js';
import { type ScanItem, scanScript, statementsOf } from './scan.js';

/** What a script may not hold, found before anything of it runs, wherever it stands among its files. */
export async function checkScript(script: MigrationScript, variables: Variables): Promise<readonly Fault[]> {
  const faults: Fault[] = [];
  const known = new Map(Object.entries(variables));
  for (const [index, { name, bytes }] of script.sources.entries()) {
    const offset = index === 0 ? script.line - 1 : 0;
    for await (const item of scanScript(bytes.toString('utf8'), { variables: known, cd: () => undefined })) {
      const found = faultOf(item, script.transactional);
      if (found === undefined) continue;
      faults.push({ migration: script.migration, place: `${name}:${item.line + offset}`, ...found });
    }
  }
  return faults;
}

/** Why a statement may not run inside the migrator's transaction; undefined when it may. */
export function transactionFault(text: string): string | undefined {
  const control = statementsOf(text).find(controlsTransaction);
  if (control === undefined) return undefined;
  return `${shown(control)}: a migration and its record are one transaction, which the migrator begins and ends`;
}

type Finding = Pick<Fault, 'message' | 'hint'>;

function faultOf(item: ScanItem, transactional: boolean): Finding | undefined {
  if (item.kind === 'command' && (item.name === 'c' || item.name === 'connect')) {
    return {
      message: `\\${item.name}: another connection would be outside of the transaction and of the migrator's lock`,
      hint: 'run what is meant for another database there',
    };
  }
  if (item.kind !== 'statement') return undefined;
  return transactional ? insideFault(item.text) : outsideFault(item.text);
}

function insideFault(text: string): Finding | undefined {
  const message = transactionFault(text);
  if (message !== undefined) {
    const hint = `leave out BEGIN and COMMIT (SET LOCAL holds for the migration as it is), or ${marking}`;
    return { message, hint };
  }
  const alone = statementsOf(text).find(runsOutsideBlocksOnly);
  if (alone === undefined) return undefined;
  return { message: `${shown(alone)}: PostgreSQL runs this only outside of transactions`, hint: marking };
}

function outsideFault(text: string): Finding | undefined {
  const discards = statementsOf(text).some((one) => leadingWords(one, 2).join(' ') === 'discard all');
  if (!discards) return undefined;
  return {
    message: "DISCARD ALL: it would give up the migrator's lock",
    hint: 'RESET ALL, DISCARD TEMP and DISCARD PLANS do the rest of it',
  };
}

const marking = "put '-- migrate:no-transaction' on a line at the top (of the section, in a flat file)";

function shown(statement: string): string {
  const words = leadingWords(statement, 4).join(' ').toUpperCase();
  return words.replace(/^((?:BEGIN|COMMIT|END|ABORT|ROLLBACK|START TRANSACTION|PREPARE TRANSACTION)).*/, '$1');
}
