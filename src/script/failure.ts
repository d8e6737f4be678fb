import type { ServerMessage } from '../postgres/messages.js';
import type { Query } from '../psql/lexer/query.js';
import type { ScriptError } from './errors.js';
import { type Place, stackOf } from './place.js';

/** What the server refused, placed in the script: the position it names is traced back to the line and column it was written at. */
export function serverError(fields: ServerMessage, query: Query, place: Place): ScriptError {
  const index = indexOf(query.text, fields.P);
  const origin = index === undefined ? undefined : query.origin(index);
  const line = origin?.line ?? query.origin(0)?.line ?? place.line;
  return {
    kind: 'server',
    message: fields.M ?? '',
    stack: stackOf({ file: place.file, line }),
    line: place.file === undefined ? undefined : line,
    column: origin?.column,
    excerpt: excerptOf(query.text, index),
    severity: fields.V ?? fields.S,
    sqlstate: fields.C,
    detail: fields.D,
    hint: fields.H,
    context: fields.W,
    statement: query.text,
    fields,
  };
}

/** What a command of the script, or the engine itself, could not do. */
export function commandError(message: string, place: Place, kind: 'command' | 'connection' = 'command'): ScriptError {
  return {
    kind,
    message,
    stack: stackOf(place),
    line: place.file === undefined ? undefined : place.line,
    column: undefined,
    excerpt: undefined,
    severity: undefined,
    sqlstate: undefined,
    detail: undefined,
    hint: undefined,
    context: undefined,
    statement: undefined,
    fields: undefined,
  };
}

/** The server counts characters from 1, JavaScript UTF-16 code units from 0. */
function indexOf(text: string, position: string | undefined): number | undefined {
  if (position === undefined) return undefined;
  const wanted = Number(position) - 1;
  if (!/[\ud800-\udbff]/.test(text)) return wanted;
  return [...text].slice(0, wanted).join('').length;
}

/** The line of the statement that holds the index with a caret below it; its first lines when there is no index. */
function excerptOf(text: string, index: number | undefined): string {
  if (index === undefined) return text.split('\n').slice(0, 3).join('\n');
  const start = text.lastIndexOf('\n', index - 1) + 1;
  const end = text.indexOf('\n', index);
  const line = text.slice(start, end === -1 ? undefined : end).replace(/\r$/, '');
  const gap = line.slice(0, index - start).replace(/[^\t]/g, ' ');
  return `${line}\n${gap}^`;
}
