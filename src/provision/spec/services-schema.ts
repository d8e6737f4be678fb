import { readFileSync } from 'node:fs';

/** The published JSON Schema (draft 2020-12) of a services file, as text. */
export function servicesSchemaText(): string {
  return readFileSync(new URL('../../../../schema/services.schema.json', import.meta.url), 'utf8');
}
