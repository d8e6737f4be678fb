import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { pgDump } from '@electric-sql/pglite-tools/pg_dump';
import { FrontendStream } from './frontend.js';

/** What the thread gets to do. */
export interface DumpTask {
  readonly args: readonly string[];
  /** The server's answer to the startup packet. */
  readonly greeting: Uint8Array;
  /** Where requests go and replies come from. */
  readonly port: MessagePort;
  /** Its one number becomes 1 when a reply is there. */
  readonly bell: Int32Array<SharedArrayBuffer>;
}

/** Bytes for the server, which will be ready `answers` times before it has answered them all. */
export interface Request {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly answers: number;
}

const { args, greeting, port, bell } = workerData as DumpTask;
const stream = new FrontendStream();

function converse(bytes: Uint8Array): Uint8Array | undefined {
  const step = stream.push(bytes);
  if (step.kind === 'startup') return greeting;
  if (step.kind === 'encryption') return Uint8Array.of('N'.charCodeAt(0));
  return step.kind === 'request' ? askServer({ bytes: step.bytes, answers: step.answers }) : undefined;
}

function askServer(request: Request): Uint8Array {
  Atomics.store(bell, 0, 0);
  port.postMessage(request, [request.bytes.buffer]);
  Atomics.wait(bell, 0, 0);
  return receiveMessageOnPort(port)?.message as Uint8Array;
}

/** As much of a PGlite database as pgDump uses; it wants to restore a search path that here nobody will use again. */
const database = {
  query: async () => ({ rows: [{ search_path: '""' }] }),
  exec: async () => [],
  execProtocolRawStream: (bytes: Uint8Array, { onRawData }: { onRawData: (reply: Uint8Array) => void }) => {
    const reply = converse(bytes);
    if (reply !== undefined) onRawData(reply);
  },
};

const file = await pgDump({ pg: database as unknown as Parameters<typeof pgDump>[0]['pg'], args: [...args] });
parentPort?.postMessage(await file.text());
