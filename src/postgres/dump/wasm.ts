import { readFile } from 'node:fs/promises';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { messageOf } from '../../errors.js';
import type { Connected } from '../connect.js';
import { packet } from '../messages.js';
import type { StartupConnection } from '../startup.js';
import { Conversation } from './conversation.js';
import { dumpFailure } from './failure.js';
import type { DumpTask, Request } from './wasm-worker.js';

/**
 * Runs the pg_dump of `@electric-sql/pglite-tools` on an open connection, which cannot be used for anything else afterwards. It is
 * synchronous code: a thread of its own runs it and sleeps until this one, which owns the socket, has the server's answer.
 */
export async function wasmDump(
  connected: Connected,
  args: readonly string[],
  signal: AbortSignal | undefined,
): Promise<string> {
  compiled ??= compile();
  await compiled;
  const { port1: port, port2 } = new MessageChannel();
  const bell = new Int32Array(new SharedArrayBuffer(4));
  const task: DumpTask = { args, greeting: greeting(connected.connection), port: port2, bell };
  const worker = new Worker(new URL('./wasm-worker.js', import.meta.url), { workerData: task, transferList: [port2] });
  try {
    return await Promise.race([dumpOf(worker), relay(port, bell, connected), abortion(signal)]);
  } finally {
    await worker.terminate();
    port.close();
  }
}

/**
 * The program, held here so that the threads of later dumps need not compile it again: V8 knows modules by their bytes and shares
 * the machine code among threads as long as one of them has it. That is three quarters of the work of a small dump.
 */
let compiled: Promise<object> | undefined;

/** Node has it; TypeScript knows it only with the types of browsers. */
declare const WebAssembly: { compile(bytes: Uint8Array): Promise<object> };

async function compile(): Promise<object> {
  const library = import.meta.resolve('@electric-sql/pglite-tools/pg_dump');
  return WebAssembly.compile(await readFile(new URL('pg_dump.wasm', library)));
}

function dumpOf(worker: Worker): Promise<string> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', (error) => reject(dumpFailure(wordsOf(error), error)));
    worker.once('exit', () => reject(dumpFailure('its thread ended early')));
  });
}

function wordsOf(error: unknown): string {
  return messageOf(error).replace(/^pg_dump failed[\s\S]*?Error message: /, '');
}

/** Brings requests to the server and replies back, until the connection is lost. */
function relay(port: MessagePort, bell: DumpTask['bell'], { connection }: Connected): Promise<never> {
  const conversation = new Conversation(connection.stream);
  return new Promise((_resolve, reject) => {
    port.on('message', ({ bytes, answers }: Request) => {
      conversation.ask(bytes, answers).then((reply) => {
        port.postMessage(reply);
        Atomics.store(bell, 0, 1);
        Atomics.notify(bell, 0);
      }, reject);
    });
  });
}

function abortion(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/**
 * What a server says to a client that it lets in. pg_dump gets it from us, since the connection is authenticated (and encrypted)
 * already: neither password nor certificate goes into the WebAssembly.
 */
function greeting({ serverParameters, backendKey }: StartupConnection): Buffer {
  const key = Buffer.alloc(8);
  key.writeInt32BE(backendKey.processId, 0);
  key.writeInt32BE(backendKey.secretKey, 4);
  return Buffer.concat([
    packet('R', Buffer.alloc(4)),
    ...[...serverParameters].map(([name, value]) => packet('S', Buffer.from(`${name}\0${value}\0`))),
    packet('K', key),
    packet('Z', Buffer.from('I')),
  ]);
}
