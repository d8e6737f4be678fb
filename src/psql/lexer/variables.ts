import { quoteIdentifier, quoteLiteral } from '../../sql/quote.js';
import { hideBytes, showBytes } from '../bytes.js';
import type { ScanHost } from '../host.js';
import { endOfVariableName } from './characters.js';
import type { Source } from './input.js';
import { mask } from './mask.js';

/** How the value of a variable is put into the text: `:x`, `:'x'`, `:"x"`, `:{?x}`. */
export type MentionKind = 'plain' | 'literal' | 'identifier' | 'test';

/** A mention of a variable, as it is written and where it ends. */
export interface Mention {
  readonly kind: MentionKind;
  readonly name: string;
  readonly written: string;
  readonly end: number;
}

const forms: readonly { kind: MentionKind; open: string; close: string }[] = [
  { kind: 'literal', open: ":'", close: "'" },
  { kind: 'identifier', open: ':"', close: '"' },
  { kind: 'test', open: ':{?', close: '}' },
  { kind: 'plain', open: ':', close: '' },
];

/** The mention that begins at the colon at the source's position; undefined when the colon is only a colon. */
export function mentionAt({ text, original, position }: Source): Mention | undefined {
  for (const { kind, open, close } of forms) {
    if (!text.startsWith(open, position)) continue;
    const start = position + open.length;
    const nameEnd = endOfVariableName(text, start);
    if (nameEnd === start || !text.startsWith(close, nameEnd)) return undefined;
    const end = nameEnd + close.length;
    return { kind, name: original.slice(start, nameEnd), written: original.slice(position, end), end };
  }
  return undefined;
}

/**
 * What stands for a mention: the value, quoted as SQL where that is asked for (in the client encoding of a string of bytes), or
 * the mention itself when there is none.
 */
export function expandMention(host: ScanHost, { kind, name, written }: Mention, encoding?: string): string {
  const value = host.active() ? host.variable(name) : undefined;
  if (kind === 'test') return value === undefined ? 'FALSE' : 'TRUE';
  if (value === undefined) return written;
  if (kind === 'plain') return value;
  if (!host.connected()) {
    host.report('error', 'cannot escape without active connection');
    return written;
  }
  const quote = kind === 'literal' ? quoteLiteral : quoteIdentifier;
  const masked = mask(value, encoding);
  if (masked === value) return quote(value);
  return showBytes(quote(hideBytes(value, (index) => masked[index] !== value[index])));
}
