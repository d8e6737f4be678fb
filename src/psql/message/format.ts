import { positionExcerpt } from './excerpt.js';

/** The fields of a server's error or notice by their one-letter codes (documentation, "Error and Notice Message Fields"). */
export type MessageFields = Readonly<Partial<Record<string, string>>>;

export interface MessageOptions {
  /** The variable VERBOSITY. */
  readonly verbosity: 'default' | 'verbose' | 'terse' | 'sqlstate';
  /** The variable SHOW_CONTEXT. */
  readonly showContext: 'never' | 'errors' | 'always';
  /** An error, as opposed to a notice. */
  readonly isError: boolean;
  /** The string sent to the server, which positions refer to. */
  readonly query?: string | undefined;
}

/** A server's message as psql prints it behind its prefix, with a newline at the end of each line (libpq's pqBuildErrorMessage3). */
export function formatServerMessage(fields: MessageFields, options: MessageOptions): string {
  const severity = fields.S === undefined ? '' : `${fields.S}:  `;
  const { verbosity } = options;
  if (verbosity === 'sqlstate' && fields.C !== undefined) return `${severity}${fields.C}\n`;
  const code = verbosity === 'verbose' && fields.C !== undefined ? `${fields.C}: ` : '';
  const head = `${severity}${code}${fields.M ?? ''}`;
  const place = placeOf(fields, options);
  if (verbosity === 'terse' || verbosity === 'sqlstate' || place?.query === undefined)
    return `${head}${place === undefined ? '' : ` at character ${place.position}`}\n${body(fields, options)}`;
  return `${head}\n${positionExcerpt(place.query, Number(place.position))}${body(fields, options)}`;
}

/** The position in the query, or else in the query that the server made itself. */
function placeOf(
  fields: MessageFields,
  { query }: MessageOptions,
): { position: string; query?: string | undefined } | undefined {
  if (fields.P !== undefined) return { position: fields.P, query };
  return fields.p === undefined ? undefined : { position: fields.p, query: fields.q };
}

function body(fields: MessageFields, { verbosity, showContext, isError }: MessageOptions): string {
  if (verbosity === 'terse' || verbosity === 'sqlstate') return '';
  const withContext = showContext === 'always' || (showContext === 'errors' && isError);
  return [
    line('DETAIL', fields.D),
    line('HINT', fields.H),
    line('QUERY', fields.q),
    withContext ? line('CONTEXT', fields.W) : '',
    verbosity === 'verbose' ? objects(fields) + location(fields) : '',
  ].join('');
}

function objects(fields: MessageFields): string {
  return [
    line('SCHEMA NAME', fields.s),
    line('TABLE NAME', fields.t),
    line('COLUMN NAME', fields.c),
    line('DATATYPE NAME', fields.d),
    line('CONSTRAINT NAME', fields.n),
  ].join('');
}

function location({ F: file, L: lineNumber, R: routine }: MessageFields): string {
  if (file === undefined && lineNumber === undefined && routine === undefined) return '';
  const place = file !== undefined && lineNumber !== undefined ? `${file}:${lineNumber}` : '';
  return `LOCATION:  ${routine === undefined ? '' : `${routine}, `}${place}\n`;
}

function line(label: string, text: string | undefined): string {
  return text === undefined ? '' : `${label}:  ${text}\n`;
}
