import { isIP } from 'node:net';
import { UserError } from '../errors.js';
import type { Host } from './config.js';

/** A connection could not be made. The message is libpq's, one line an attempt; no password is in it. */
export class ConnectionError extends UserError {
  override name = 'ConnectionError';
  /** SQLSTATE of the last refusal by a server (`28P01`, `3D000`, …), absent when none was reached. */
  readonly sqlstate: string | undefined;

  constructor(failures: readonly AttemptFailure[]) {
    const last = failures.at(-1);
    super(failures.map(({ message }) => message).join('\n'), { hint: last?.hint, cause: last?.cause });
    this.sqlstate = last?.sqlstate;
  }
}

/** Why one attempt at one host failed. */
export interface AttemptFailure {
  readonly message: string;
  readonly hint?: string | undefined;
  readonly sqlstate?: string | undefined;
  readonly cause?: unknown;
  /** False when the network or the name was the cause, so that another kind of encryption cannot help. */
  readonly wasReached: boolean;
}

interface Thrown {
  message?: string;
  code?: string;
  severity?: string;
  address?: string;
  errors?: readonly Thrown[];
}

/** What `pg` says when the server answers a request for TLS with no. */
const withoutTls = 'The server does not support SSL connections';

/** True when a server declined to encrypt, which `sslmode=prefer` takes as a plain no and not as a failure. */
export function isTlsDeclined(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.message === withoutTls;
}

/** Words libpq's text for what `pg` or Node threw while connecting to `host`. */
export function attemptFailure(host: Host, thrown: unknown): AttemptFailure {
  const error = thrown as Thrown;
  if (error.severity !== undefined) {
    const message = `${placeOf(host)} failed: ${error.severity}:  ${error.message}`;
    return { message, sqlstate: error.code, cause: thrown, wasReached: true };
  }
  const code = error.code ?? '';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    const reason = code === 'ENOTFOUND' ? 'Name or service not known' : 'Temporary failure in name resolution';
    return {
      message: `could not translate host name "${host.host}" to address: ${reason}`,
      cause: thrown,
      wasReached: false,
    };
  }
  if (isTlsDeclined(thrown)) {
    return { message: `${placeOf(host)} failed: server does not support SSL, but SSL was required`, wasReached: true };
  }
  const address = error.address ?? error.errors?.[0]?.address;
  const message = `${placeOf(host, address)} failed: ${systemReasons[code] ?? error.message}`;
  return { message, hint: hintFor(code, host), cause: thrown, wasReached: systemReasons[code] === undefined };
}

const systemReasons: Readonly<Record<string, string>> = {
  ENOENT: 'No such file or directory',
  EACCES: 'Permission denied',
  ECONNREFUSED: 'Connection refused',
  EHOSTUNREACH: 'No route to host',
  ENETUNREACH: 'Network is unreachable',
  ETIMEDOUT: 'Connection timed out',
};

function hintFor(code: string, { isSocket }: Host): string | undefined {
  if (code !== 'ENOENT' && code !== 'ECONNREFUSED') return undefined;
  return isSocket
    ? 'Is the server running locally and accepting connections on that socket?'
    : 'Is the server running on that host and accepting TCP/IP connections?';
}

/** `connection to server on socket "/dir/.s.PGSQL.5432"` or `connection to server at "name" (address), port 5432`. */
function placeOf({ host, hostaddr, port, isSocket }: Host, reached?: string): string {
  if (isSocket) return `connection to server on socket "${host}/.s.PGSQL.${port}"`;
  const address = hostaddr ?? reached;
  const shown = address === undefined || isIP(host) !== 0 ? '' : ` (${address})`;
  return `connection to server at "${host}"${shown}, port ${port}`;
}
