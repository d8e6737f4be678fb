import { createWriteStream, existsSync, openSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import type { Codec } from '../postgres/messages.js';
import { OutputBuffer } from './output.js';
import { type ExitStatus, feedCommand, type ShellContext } from './shell.js';

/** Where the output of queries goes: standard output, or the file or command of `\o` or `\g`. */
export interface OutputTarget {
  readonly buffer: OutputBuffer;
  /** Passes on everything and closes what was opened; for a command, resolves with how it ended. */
  close(): Promise<ExitStatus | undefined>;
}

/** Opens a file (truncated) or, after `|`, starts a command. Throws the system's error when that fails. */
export function openTarget(fileOrPipe: string, context: ShellContext, codec: () => Codec): OutputTarget {
  return fileOrPipe.startsWith('|')
    ? openPipe(fileOrPipe.slice(1), context, codec)
    : openFile(fileOrPipe, context, codec);
}

/** Starts a command that gets the output. */
export function openPipe(command: string, context: ShellContext, codec: () => Codec): OutputTarget {
  const child = feedCommand(command, context);
  const buffer = new OutputBuffer(child.stdin, codec);
  return {
    buffer,
    close() {
      buffer.flush();
      return child.end();
    },
  };
}

/** Opens a file, truncated. */
export function openFile(name: string, context: ShellContext, codec: () => Codec): OutputTarget {
  const path = resolve(context.cwd, expandTilde(name, context.env));
  const stream = createWriteStream(path, { fd: openSync(path, 'w') });
  const buffer = new OutputBuffer(stream, codec);
  return {
    buffer,
    close() {
      buffer.flush();
      return new Promise((settle, reject) => stream.on('error', reject).end(() => settle(undefined)));
    },
  };
}

/** A leading `~` stands for HOME, and `~name` for that account's home directory where there is one (path.c, expand_tilde). */
export function expandTilde(path: string, env: NodeJS.ProcessEnv): string {
  const [tilde, account] = /^~([^/]*)/.exec(path) ?? [];
  if (tilde === undefined) return path;
  const home = account ? homeOf(account) : (env.HOME ?? homedir());
  return home ? `${home}${path.slice(tilde.length)}` : path;
}

function homeOf(account: string): string | undefined {
  const accounts = existsSync('/etc/passwd') ? readFileSync('/etc/passwd', 'utf8').split('\n') : [];
  return accounts.find((line) => line.startsWith(`${account}:`))?.split(':')[5];
}
