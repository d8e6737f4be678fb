import { execFile } from 'node:child_process';
import { codeOf, messageOf, UserError } from '../../errors.js';
import type { SecretReference } from '../spec/types.js';
import type { LocalContext } from './local.js';
import type { Secret } from './secret.js';
import { decodeSecret } from './usable.js';

type Program = Extract<SecretReference, { kind: 'exec' }>;

/** A program that has to ask somebody would wait for ever: nobody is there. */
const timeoutMs = 60_000;
const maxBytes = 1024 * 1024;

/** Runs a program without a shell and takes what it prints as the secret. Of its output only standard error gets into errors. */
export async function runForSecret({ program, args, directory }: Program, context: LocalContext): Promise<Secret> {
  const origin = `program ${program}`;
  const { error, stdout, stderr } = await runProgram(program, args, directory, context);
  if (error === undefined) return decodeSecret(stdout, origin);
  const said = withoutSecret(stderr.toString(), stdout.toString()).trim().slice(0, 2000);
  throw new UserError(`${origin} ${reasonOf(error)}${said === '' ? '' : `: ${said}`}`);
}

interface Ended {
  readonly error: Error | undefined;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

function runProgram(
  program: string,
  args: readonly string[],
  cwd: string,
  { env, signal }: LocalContext,
): Promise<Ended> {
  const options = { cwd, env, timeout: timeoutMs, maxBuffer: maxBytes, encoding: 'buffer' as const };
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { ...options, ...(signal && { signal }) }, (error, stdout, stderr) => {
      if (signal?.aborted) reject(signal.reason);
      else resolve({ error: error ?? undefined, stdout, stderr });
    });
    child.stdin?.end();
  });
}

/** Node's own message repeats the arguments and all output. */
function reasonOf(error: Error): string {
  const code = codeOf(error);
  if (code === 'ENOENT') return 'was not found';
  if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return `printed more than ${maxBytes} bytes`;
  if (code !== undefined) return `could not be run (${code})`;
  if ('killed' in error && error.killed === true) return `did not end within ${timeoutMs / 1000} s`;
  if ('signal' in error && typeof error.signal === 'string') return `was ended by ${error.signal}`;
  return 'code' in error ? `ended with status ${error.code}` : messageOf(error);
}

function withoutSecret(text: string, printed: string): string {
  const secret = printed.trim();
  return secret === '' ? text : text.replaceAll(secret, '[secret]');
}
