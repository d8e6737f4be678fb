import { parseArgs } from 'node:util';
import { ExitCode, messageOf, UserError } from '../../errors.js';
import type { Conninfo } from '../../postgres/keywords.js';
import type { Action } from '../../script/actions.js';

/** What the command line asks for. */
export interface SqlArguments {
  /** In the order given. */
  readonly actions: readonly Action[];
  /** psql variables in the order given; undefined unsets. */
  readonly variables: readonly (readonly [name: string, value: string | undefined])[];
  /** `\pset` settings in the order given. */
  readonly printing: readonly (readonly [name: string, value: string | undefined])[];
  /** Connection keywords; `dbname` may be a whole connection string. */
  readonly connection: Conninfo;
  /** Arguments that nothing was made of. */
  readonly ignored: readonly string[];
  readonly output: string | undefined;
  readonly log: string | undefined;
  readonly singleTransaction: boolean;
  readonly skipsStartupFile: boolean;
  readonly restricted: boolean;
  readonly includeRoot: string | undefined;
  readonly batch: boolean;
  readonly help: boolean;
  readonly version: boolean;
}

/** psql's options (its startup.c), and ours at the end. */
const options = {
  'echo-all': { type: 'boolean', short: 'a' },
  'no-align': { type: 'boolean', short: 'A' },
  'echo-errors': { type: 'boolean', short: 'b' },
  command: { type: 'string', short: 'c' },
  dbname: { type: 'string', short: 'd' },
  'echo-queries': { type: 'boolean', short: 'e' },
  'echo-hidden': { type: 'boolean', short: 'E' },
  file: { type: 'string', short: 'f' },
  'field-separator': { type: 'string', short: 'F' },
  host: { type: 'string', short: 'h' },
  html: { type: 'boolean', short: 'H' },
  list: { type: 'boolean', short: 'l' },
  'log-file': { type: 'string', short: 'L' },
  'no-readline': { type: 'boolean', short: 'n' },
  output: { type: 'string', short: 'o' },
  port: { type: 'string', short: 'p' },
  pset: { type: 'string', short: 'P' },
  quiet: { type: 'boolean', short: 'q' },
  'record-separator': { type: 'string', short: 'R' },
  'single-step': { type: 'boolean', short: 's' },
  'single-line': { type: 'boolean', short: 'S' },
  'tuples-only': { type: 'boolean', short: 't' },
  'table-attr': { type: 'string', short: 'T' },
  username: { type: 'string', short: 'U' },
  set: { type: 'string', short: 'v' },
  variable: { type: 'string' },
  version: { type: 'boolean', short: 'V' },
  'no-password': { type: 'boolean', short: 'w' },
  password: { type: 'boolean', short: 'W' },
  expanded: { type: 'boolean', short: 'x' },
  'no-psqlrc': { type: 'boolean', short: 'X' },
  'field-separator-zero': { type: 'boolean', short: 'z' },
  'record-separator-zero': { type: 'boolean', short: '0' },
  'single-transaction': { type: 'boolean', short: '1' },
  csv: { type: 'boolean' },
  help: { type: 'boolean', short: '?' },
  restricted: { type: 'boolean' },
  'include-root': { type: 'string' },
  batch: { type: 'boolean' },
} as const;

type Flag = keyof typeof options;

/** What stands for a psql variable. */
const variableFlags: Partial<Record<Flag, readonly [name: string, value: string]>> = {
  'echo-all': ['ECHO', 'all'],
  'echo-errors': ['ECHO', 'errors'],
  'echo-queries': ['ECHO', 'queries'],
  'echo-hidden': ['ECHO_HIDDEN', 'on'],
  quiet: ['QUIET', 'on'],
  'single-line': ['SINGLELINE', 'on'],
};

/** What stands for a print setting; a missing value is the option's own. */
const printFlags: Partial<Record<Flag, readonly [name: string, value?: string]>> = {
  'no-align': ['format', 'unaligned'],
  'field-separator': ['fieldsep'],
  'record-separator': ['recordsep'],
  'tuples-only': ['tuples_only', 'on'],
  expanded: ['expanded', 'on'],
  'field-separator-zero': ['fieldsep_zero'],
  'record-separator-zero': ['recordsep_zero'],
  csv: ['format', 'csv'],
};

const connectionFlags: Partial<Record<Flag, keyof Conninfo>> = {
  dbname: 'dbname',
  host: 'host',
  port: 'port',
  username: 'user',
};

/** What psql can and we do not, with what to do instead. */
const refused: Partial<Record<Flag, string>> = {
  html: 'use --csv and turn that into HTML',
  'table-attr': 'it belongs to HTML output',
  'single-step': 'it needs somebody at a terminal; use psql',
  list: "use -c '\\l'",
};

/** Reads psql's command line. Throws a UserError for what psql would refuse. */
export function readArguments(argv: readonly string[]): SqlArguments {
  const tokens = tokenize(argv);
  const actions: Action[] = [];
  const variables: [string, string | undefined][] = [];
  const printing: [string, string | undefined][] = [];
  const connection: { -readonly [key in keyof Conninfo]: Conninfo[key] } = {};
  const single = new Map<Flag, string>();
  const positional: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positional.push(token.value);
    if (token.kind !== 'option') continue;
    const flag = token.name as Flag;
    const value = token.value ?? '';
    const key = connectionFlags[flag];
    if (refused[flag] !== undefined)
      throw new UserError(`option ${token.rawName} is not supported`, { hint: refused[flag] });
    if (flag === 'command') actions.push({ kind: 'command', text: value });
    else if (flag === 'file') actions.push({ kind: 'file', name: value });
    else if (flag === 'set' || flag === 'variable') variables.push(assignment(value));
    else if (flag === 'pset') printing.push(assignment(value));
    else if (key !== undefined) connection[key] = value;
    else if (variableFlags[flag] !== undefined) variables.push([...variableFlags[flag]]);
    else if (printFlags[flag] !== undefined) printing.push([printFlags[flag][0], printFlags[flag][1] ?? token.value]);
    else single.set(flag, value);
  }
  return {
    actions,
    variables,
    printing,
    ...withPositional(connection, positional),
    output: single.get('output'),
    log: single.get('log-file'),
    singleTransaction: single.has('single-transaction'),
    skipsStartupFile: single.has('no-psqlrc'),
    restricted: single.has('restricted'),
    includeRoot: single.get('include-root'),
    batch: single.has('batch'),
    help: single.has('help'),
    version: single.has('version'),
  };
}

function tokenize(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, tokens: true }).tokens;
  } catch (error) {
    throw new UserError(messageOf(error), { hint: "see 'slipway sql --help'", exitCode: ExitCode.generic });
  }
}

/** `NAME=VALUE` sets, `NAME` alone unsets. */
function assignment(text: string): [string, string | undefined] {
  const at = text.indexOf('=');
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

/** Without -d the first one is the database, then comes the user; the rest is nothing. */
function withPositional(
  given: Conninfo,
  positional: readonly string[],
): { connection: Conninfo; ignored: readonly string[] } {
  const rest = [...positional];
  const dbname = given.dbname ?? rest.shift();
  const user = given.user ?? rest.shift();
  return {
    connection: { ...given, ...(dbname === undefined ? {} : { dbname }), ...(user === undefined ? {} : { user }) },
    ignored: rest,
  };
}
