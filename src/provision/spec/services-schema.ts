import { readFileSync } from 'node:fs';

/** The published JSON Schema (draft 2020-12) of a services file, as text. */
export function servicesSchemaText(): string {
  return readFileSync(new URL('../../../../schema/services.schema.json', import.meta.url), 'utf8');
}

let schema: object | undefined;

/** The same, parsed once. */
export function servicesSchema(): object {
  schema ??= JSON.parse(servicesSchemaText()) as object;
  return schema;
}
