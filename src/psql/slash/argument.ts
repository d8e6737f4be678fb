/** How a command reads an argument (slash_option_type of psqlscan_slash.h). */
export type ArgumentKind =
  /** Pieces glued together: bare text, `'…'`, `"…"`, `` `…` ``, variables. */
  | 'normal'
  /** The same, then read as an SQL name: quotes removed, letters outside them lowercased. */
  | 'sql-id'
  /** The same without lowercasing, for the database name of `\connect`. */
  | 'sql-id-hack'
  /** A file name, or all of the line when it begins with `|`. */
  | 'file-or-pipe'
  /** The rest of the line as it stands. */
  | 'whole-line';

export interface Argument {
  readonly text: string;
  /** The last kind of quoting seen in it: `'`, `"`, a backtick, `:` for a variable, or nothing. */
  readonly quote: '' | "'" | '"' | '`' | ':';
}

export interface ArgumentOptions {
  /** Removes unquoted semicolons at the end (and blanks as well for a whole line). */
  readonly stripSemicolons?: boolean;
  /** Neither variables nor backticks take effect, as in a skipped branch. */
  readonly inert?: boolean;
}

/** An argument as an SQL name: `"` removed, `""` kept as one, ASCII letters outside quotes lowercased if `fold`. */
export function dequoteName(text: string, fold: boolean): string {
  let quoted = false;
  return text.replace(/""|"|[^"]+/g, (piece) => {
    if (piece === '""' && quoted) return '"';
    if (piece === '"') quoted = !quoted;
    if (piece.startsWith('"')) return '';
    return quoted || !fold ? piece : piece.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
  });
}

/** A text without the given characters at its end, but at least as long as `from`. */
export function stripEnd(text: string, characters: string, from = 0): string {
  let end = text.length;
  while (end > from && characters.includes(text[end - 1]!)) end--;
  return text.slice(0, end);
}
