import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ExitCode, UserError } from '../errors.js';
import { type Io, isClosedPipe } from './run.js';
import { isTerminal } from './terminal.js';

/** Shows a file in the user's pager on a terminal (PAGER, else less); copies it as it is when the output goes elsewhere. */
export async function showFile(io: Io, path: string): Promise<void> {
  if (!isTerminal(io.stdout)) return copyOut(path, io.stdout);
  const file = await open(path);
  try {
    await page(io, file.fd);
  } finally {
    await file.close();
  }
}

async function copyOut(path: string, stdout: Writable): Promise<void> {
  await pipeline(createReadStream(path), stdout, { end: false }).catch((error: unknown) => {
    if (!isClosedPipe(error)) throw error;
  });
}

/** LESS as git sets it: quit when it fits the screen, keep colours, leave the text on the screen. */
function page(io: Io, input: number): Promise<void> {
  const program = io.env.PAGER || 'less';
  const child = spawn('sh', ['-c', program], {
    stdio: [input, 'inherit', 'inherit'],
    env: { LESS: 'FRX', ...io.env },
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (status) => (status === ExitCode.missingDependency ? reject(pagerMissing(program)) : resolve()));
  });
}

function pagerMissing(program: string): UserError {
  return new UserError(`the pager '${program}' was not found`, {
    exitCode: ExitCode.missingDependency,
    hint: 'set PAGER to a program you have (PAGER=cat prints the text), or pipe the output',
  });
}
