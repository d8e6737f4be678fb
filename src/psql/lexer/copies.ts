import type { ScanHost } from '../host.js';
import { InputStack } from './input.js';
import { QueryBuffer } from './query.js';
import { SqlScanner } from './sql.js';

const nothing: ScanHost = {
  variable: () => undefined,
  active: () => false,
  connected: () => false,
  shell: async () => '',
  report: () => undefined,
};

/** How many `COPY … FROM STDIN` a text holds that is sent as it is, without variables and commands: a `-c`, a `\gexec` cell. */
export function countCopies(sql: string, standardStrings: boolean): number {
  const input = new InputStack();
  const query = new QueryBuffer();
  const scanner = new SqlScanner(input, query, nothing);
  scanner.standardStrings = standardStrings;
  input.setLine(sql, 1);
  while (scanner.scan() !== 'end');
  return query.copies;
}
