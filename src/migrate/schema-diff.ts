/** A unified diff of two schemas, each under the name of its key; empty when they are the same. */
export async function schemaDiff(schemas: Readonly<Record<string, string>>): Promise<string> {
  const [[oldName, old] = ['', ''], [newName, now] = ['', '']] = Object.entries(schemas);
  if (old === now) return '';
  const { createTwoFilesPatch } = await import('diff');
  return createTwoFilesPatch(oldName, newName, old, now).replace(/^=+\n/, '');
}
