import { setTimeout as delay } from 'node:timers/promises';
import type { Query } from '../../psql/lexer/query.js';
import { sendQuery } from '../send.js';
import type { ScriptSession } from '../session.js';
import { type Command, type CommandOutcome, type CommandTable, failed } from './command.js';

/** `\watch [[i=]SECONDS] [c=TIMES] [m=ROWS]`: sends the query again and again. */
export const watchCommands: CommandTable = {
  watch: { run: watch },
};

interface Watch {
  readonly seconds: number;
  /** How often at most; until the script is interrupted when undefined. */
  readonly times: number | undefined;
  /** Goes on only while at least so many rows come. */
  readonly leastRows: number | undefined;
}

async function watch(command: Command): Promise<CommandOutcome> {
  const { session, scanner } = command;
  const settings: { -readonly [key in keyof Watch]: Watch[key] } = {
    seconds: 2,
    times: undefined,
    leastRows: undefined,
  };
  for (const word of await scanner.rest('normal', { stripSemicolons: true })) {
    const [, key = 'i', text = ''] = /^(?:(i|interval|c|count|m|min_rows)=)?(.*)$/.exec(word) ?? [];
    const value = Number(text);
    if (text === '' || !(value >= 0)) return failed(command, `incorrect ${nameOf(key)} value "${text}"`);
    if (key.startsWith('i')) settings.seconds = value;
    else if (key.startsWith('c')) settings.times = value;
    else settings.leastRows = value;
  }
  return { send: (query) => repeat(session, query, settings) };
}

function nameOf(key: string): string {
  return key.startsWith('i') ? 'interval' : key.startsWith('c') ? 'iteration count' : 'minimum row count';
}

async function repeat(session: ScriptSession, query: Query, { seconds, times, leastRows }: Watch): Promise<boolean> {
  for (let round = 1; ; round++) {
    const title = `${session.print.title === undefined ? '' : `${session.print.title}\t`}${timestamp()} (every ${seconds}s)\n`;
    const rows = session.rowsPrinted;
    if (!(await sendQuery(session, query, { print: { ...session.print, title }, isWhole: true }))) return false;
    if (round === times || (leastRows !== undefined && session.rowsPrinted - rows < leastRows)) return true;
    await session.flush();
    await delay(seconds * 1000, undefined, session.signal === undefined ? {} : { signal: session.signal });
  }
}

/** The time as the C locale writes it (`%c`). */
function timestamp(): string {
  const [weekday, month, day, year, time] = new Date().toString().split(' ');
  return `${weekday} ${month} ${day?.replace(/^0/, ' ')} ${time} ${year}`;
}
