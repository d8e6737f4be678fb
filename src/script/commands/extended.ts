import {
  bindPacket,
  closePacket,
  describePacket,
  executePacket,
  parsePacket,
  syncPacket,
} from '../../postgres/messages.js';
import { describeQuery } from '../describe-query.js';
import { sendQuery } from '../send.js';
import type { ScriptSession } from '../session.js';
import { argument, type Command, type CommandOutcome, type CommandTable, failed, outcomeOf } from './command.js';

/** Commands of the extended query protocol: `\bind`, `\parse`, `\bind_named`, `\close_prepared`, `\gdesc`. */
export const extendedCommands: CommandTable = {
  bind: { run: bind },
  bind_named: { run: bindNamed },
  parse: { run: parse },
  close_prepared: { run: closePrepared },
  gdesc: { run: ({ session }) => ({ send: (query) => describeQuery(session, query) }) },
};

/** The next statement is sent with the arguments as its parameters. */
async function bind({ session, scanner }: Command): Promise<CommandOutcome> {
  const values = await scanner.rest();
  session.nextRequest = (text) =>
    Buffer.concat([parsePacket(noName, session.codec.encode(text)), execution(session, noName, values)]);
  return 'done';
}

/** The next statement's place is taken by a prepared one. */
async function bindNamed(command: Command): Promise<CommandOutcome> {
  const { session, scanner } = command;
  const name = await argument(command);
  if (name === undefined) return failed(command, 'missing required argument');
  const values = await scanner.rest();
  session.nextRequest = () => execution(session, session.codec.encode(name), values);
  return 'done';
}

async function parse(command: Command): Promise<CommandOutcome> {
  const { session } = command;
  const name = await argument(command);
  if (name === undefined) return failed(command, 'missing required argument');
  return {
    send(query) {
      const { codec } = session;
      const request = Buffer.concat([parsePacket(codec.encode(name), codec.encode(query.text)), syncPacket()]);
      return sendQuery(session, query, { request });
    },
  };
}

async function closePrepared(command: Command): Promise<CommandOutcome> {
  const { session } = command;
  const name = await argument(command);
  if (name === undefined) return failed(command, 'missing required argument');
  const request = Buffer.concat([closePacket('S', session.codec.encode(name)), syncPacket()]);
  return outcomeOf(await sendQuery(session, { text: '', copies: 0, origin: () => undefined }, { request }));
}

const noName = Buffer.alloc(0);

function execution({ codec }: ScriptSession, statement: Buffer, values: readonly string[]): Buffer {
  return Buffer.concat([
    bindPacket(
      statement,
      values.map((value) => codec.encode(value)),
    ),
    describePacket('P', noName),
    executePacket(),
    syncPacket(),
  ]);
}
