/** The head of a plain dump up to its first object: settings, and comments about the versions. */
const head = /^(?:--\n-- PostgreSQL database dump\n--\n)([\s\S]*?)(?=^--$)/m;

/** What differs from run to run or from version to version, and means nothing for the schema. */
const noise = /^(?:\\restrict \S+|-- Dumped (?:from|by) .*|SET \w+_timeout = 0;)?$/;

/**
 * Takes out of pg_dump's text what says nothing of the database: the random token of `\restrict`, versions, and the timeouts of
 * the session, which grow in number with each version. The text can still be run.
 */
export function normalizeDump(text: string): string {
  const settled = text.replaceAll('\r\n', '\n').replace(head, (_all, settings: string) => {
    const kept = settings.split('\n').filter((line) => !noise.test(line));
    return `--\n-- PostgreSQL database dump\n--\n\n${kept.join('\n')}\n\n`;
  });
  return `${settled.replace(/\n\\unrestrict \S+\s*$/, '').trimEnd()}\n`;
}
