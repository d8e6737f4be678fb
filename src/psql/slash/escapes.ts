const named: Readonly<Record<string, string>> = { n: '\n', t: '\t', b: '\b', r: '\r', f: '\f' };

/** A piece of the text between the single quotes of an argument: plain text, a doubled quote, or backslash escapes. */
export const quotedPiece = /[^'\\]+|''|(?:\\[0-7]{1,3}|\\x[0-9A-Fa-f]{1,2})+|\\[^\n]/y;

/** What a piece that `quotedPiece` matched stands for. */
export function unescapePiece(piece: string): string {
  if (piece === "''") return "'";
  if (!piece.startsWith('\\')) return piece;
  if (/^\\(?:[0-7]|x[0-9A-Fa-f])/.test(piece)) return decodeBytes(piece);
  return named[piece[1]!] ?? piece.slice(1);
}

/** Numeric escapes are bytes: they make up UTF-8 characters if they can, otherwise each is a character of its own. */
function decodeBytes(codes: string): string {
  const bytes = Array.from(
    codes.matchAll(/\\(x?)([0-9A-Fa-f]+)/g),
    ([, hex, digits]) => Number.parseInt(digits!, hex ? 16 : 8) & 0xff,
  );
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes));
  } catch {
    return String.fromCharCode(...bytes);
  }
}
