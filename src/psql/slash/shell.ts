/**
 * A value as one word of a POSIX shell (appendShellString): as it is when it holds only harmless characters, in single quotes
 * otherwise. Undefined when it holds a newline or a carriage return, which psql refuses.
 */
export function quoteShellWord(value: string): string | undefined {
  if (/[\r\n]/.test(value)) return undefined;
  return /^[-\w./:]+$/.test(value) ? value : `'${value.replaceAll("'", `'"'"'`)}'`;
}
