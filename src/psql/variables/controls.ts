import { booleanExpected, parseBoolean, parseInteger } from './parse.js';

/** A variable that steers psql: what it may hold and what it is when it is unset (the hooks of psql's startup.c). */
export interface Control {
  /** The value at the start. */
  readonly initial: string;
  /** What is stored when the variable is unset (undefined) or set to something; the identity for most values. */
  substitute(value: string | undefined): string | undefined;
  /** Why a value is refused, undefined when it is not. */
  fault(value: string | undefined): string | undefined;
}

function flag(name: string, initial: 'on' | 'off', further: readonly string[] = []): readonly [string, Control] {
  return [
    name,
    {
      initial,
      substitute: (value) => (value === undefined ? 'off' : value === '' ? 'on' : value),
      fault: (value = '') => {
        if (parseBoolean(value) !== undefined || further.includes(value.toLowerCase())) return undefined;
        return further.length === 0
          ? booleanExpected(value, name)
          : choiceExpected(value, name, ['on', 'off', ...further]);
      },
    },
  ];
}

function choice(name: string, initial: string, values: readonly string[]): readonly [string, Control] {
  return [
    name,
    {
      initial,
      substitute: (value) => value ?? initial,
      fault: (value = '') => (values.includes(value.toLowerCase()) ? undefined : choiceExpected(value, name, values)),
    },
  ];
}

function choiceExpected(value: string, name: string, values: readonly string[]): string {
  return `unrecognized value "${value}" for "${name}"\nAvailable values are: ${values.join(', ')}.`;
}

function number(name: string, initial: string): readonly [string, Control] {
  return [
    name,
    {
      initial,
      substitute: (value) => value ?? initial,
      fault: (value = '') =>
        parseInteger(value) === undefined ? `invalid value "${value}" for "${name}": integer expected` : undefined,
    },
  ];
}

function free(name: string, initial: string): readonly [string, Control] {
  return [name, { initial, substitute: (value) => value, fault: () => undefined }];
}

/** Like bash's: anything that is no number counts as 10. */
const ignoreEof: readonly [string, Control] = [
  'IGNOREEOF',
  {
    initial: '0',
    substitute: (value) => (value === undefined ? '0' : parseInteger(value) === undefined ? '10' : value),
    fault: () => undefined,
  },
];

export const controls: ReadonlyMap<string, Control> = new Map([
  flag('AUTOCOMMIT', 'on'),
  flag('ON_ERROR_STOP', 'off'),
  flag('QUIET', 'off'),
  flag('SINGLELINE', 'off'),
  flag('SINGLESTEP', 'off'),
  flag('SHOW_ALL_RESULTS', 'on'),
  flag('HIDE_TABLEAM', 'off'),
  flag('HIDE_TOAST_COMPRESSION', 'off'),
  flag('ECHO_HIDDEN', 'off', ['noexec']),
  flag('ON_ERROR_ROLLBACK', 'off', ['interactive']),
  choice('ECHO', 'none', ['none', 'errors', 'queries', 'all']),
  choice('VERBOSITY', 'default', ['default', 'terse', 'verbose', 'sqlstate']),
  choice('SHOW_CONTEXT', 'errors', ['never', 'errors', 'always']),
  choice('COMP_KEYWORD_CASE', 'preserve-upper', ['lower', 'upper', 'preserve-lower', 'preserve-upper']),
  choice('HISTCONTROL', 'none', ['none', 'ignorespace', 'ignoredups', 'ignoreboth']),
  number('FETCH_COUNT', '0'),
  number('HISTSIZE', '500'),
  ignoreEof,
  free('PROMPT1', '%/%R%x%# '),
  free('PROMPT2', '%/%R%x%# '),
  free('PROMPT3', '>> '),
]);
