import { createHash } from 'node:crypto';

/**
 * The hash of a migration's text. Line ends do not count. For one file it is the SHA-256 of its text, what the tools before this
 * one stored too; with includes, that of the lengths and texts of all files, in the order in which they are mentioned. Names and
 * places do not count: those that matter stand in the text.
 */
export function hashOf(texts: readonly Buffer[]): string {
  const plain = texts.map(withPlainLineEnds);
  const [only] = plain;
  if (only !== undefined && plain.length === 1) return sha256(only);
  const hash = createHash('sha256').update('slipway migration\n');
  for (const text of plain) hash.update(`${text.length}\n`).update(text);
  return hash.digest('hex');
}

/** True for the hash of the entry file alone, with whatever line ends it had then: what tools before this one stored. */
export function isOlderHash(hash: string, entry: Buffer): boolean {
  const plain = withPlainLineEnds(entry);
  return [entry, plain, withCarriageReturns(plain)].some((text) => sha256(text) === hash);
}

function sha256(text: Buffer): string {
  return createHash('sha256').update(text).digest('hex');
}

function withPlainLineEnds(text: Buffer): Buffer {
  return text.includes('\r\n') ? Buffer.from(text.toString('latin1').replaceAll('\r\n', '\n'), 'latin1') : text;
}

function withCarriageReturns(text: Buffer): Buffer {
  return Buffer.from(text.toString('latin1').replaceAll('\n', '\r\n'), 'latin1');
}
