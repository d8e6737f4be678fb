import { getSystemErrorMap } from 'node:util';
import { codeOf, messageOf } from '../errors.js';

/** Texts of strerror(3) that differ from libuv's by more than the first letter. */
const exceptions: Readonly<Record<string, string>> = {
  EISDIR: 'Is a directory',
  ELOOP: 'Too many levels of symbolic links',
  ENOTDIR: 'Not a directory',
  EMFILE: 'Too many open files',
  ENAMETOOLONG: 'File name too long',
  EROFS: 'Read-only file system',
  ENOSPC: 'No space left on device',
};

/** What the system's own programs say for a failed call: `No such file or directory`. */
export function systemMessage(thrown: unknown): string {
  const code = codeOf(thrown);
  if (code === undefined) return messageOf(thrown);
  const text = exceptions[code] ?? [...getSystemErrorMap().values()].find(([name]) => name === code)?.[1] ?? code;
  return text.charAt(0).toUpperCase() + text.slice(1);
}
