/** An identifier as SQL text, always quoted (PQescapeIdentifier): `we"ird` becomes `"we""ird"`. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * A string as an SQL literal that reads the same with standard_conforming_strings on or off (PQescapeLiteral): a value with a
 * backslash becomes an escape string, preceded by a space so that it cannot stick to the word before it.
 */
export function quoteLiteral(value: string): string {
  const quoted = `'${value.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`;
  return value.includes('\\') ? ` E${quoted}` : quoted;
}
