import type { Node } from 'libpg-query';

/** What PostgreSQL's parser makes of a text, or why it cannot. */
export type Parsed = readonly Node[] | { readonly fault: string };

export type Parse = (sql: string) => Parsed;

/** Loads the parser of PostgreSQL 18 (libpg-query, as WebAssembly). */
export async function loadParser(): Promise<Parse> {
  const { loadModule, parseSync } = await import('libpg-query');
  await loadModule();
  const parse = (sql: string): Parsed => {
    try {
      return (parseSync(sql).stmts ?? []).flatMap(({ stmt }) => (stmt === undefined ? [] : [stmt]));
    } catch (error) {
      return { fault: error instanceof Error ? error.message : String(error) };
    }
  };
  return (sql) => {
    const parsed = parse(sql);
    const plain = withoutVariables(sql);
    return 'fault' in parsed && plain !== sql ? parse(plain) : parsed;
  };
}

/** psql's variables whose values are not known become names and strings of their own names. */
function withoutVariables(sql: string): string {
  return sql.replace(/(?<!:):(?:'(\w+)'|"(\w+)"|\{\?\w+\}|(\w+))/g, (_all, literal, identifier, plain) => {
    if (literal !== undefined) return `'${literal}'`;
    return identifier === undefined ? (plain ?? 'TRUE') : `"${identifier}"`;
  });
}
