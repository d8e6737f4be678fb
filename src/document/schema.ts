import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { SourceDocument } from './document.js';
import type { Fault, Path } from './faults.js';
import { schemaMessage } from './schema-message.js';

/** Everything in the document that a JSON Schema (draft 2020-12) forbids, in our words, with its place. */
export function schemaFaults({ data, place }: SourceDocument, schema: object): Fault[] {
  const validate = validators.get(schema) ?? compile(schema);
  if (validate(data)) return [];
  return (validate.errors ?? []).flatMap((error) => {
    const told = schemaMessage(error);
    if (told === undefined) return [];
    const parent = pathOf(error.instancePath, data);
    const path = told.key === undefined ? parent : [...parent, told.key];
    return { ...place(path, { ofKey: isAboutKey(error) }), path, message: told.message, hint: told.hint };
  });
}

/** Compiling takes far longer than checking a file, and a watcher checks again and again. */
const validators = new WeakMap<object, ValidateFunction>();

function compile(schema: object): ValidateFunction {
  // verbose gives each error its schema, whose title says in words what is wanted
  const ajv = new Ajv2020({ allErrors: true, verbose: true, strictTypes: false, strictRequired: false });
  const validate = ajv.compile(schema);
  validators.set(schema, validate);
  return validate;
}

function isAboutKey({ keyword }: ErrorObject): boolean {
  return keyword === 'additionalProperties' || keyword === 'propertyNames';
}

/** A JSON pointer (RFC 6901) as a path; a step is an index only where the data is a list. */
function pathOf(pointer: string, data: unknown): Path {
  let value = data;
  return pointer
    .split('/')
    .slice(1)
    .map((escaped) => {
      const step = escaped.replaceAll('~1', '/').replaceAll('~0', '~');
      const key = Array.isArray(value) ? Number(step) : step;
      value = (value as Record<string | number, unknown> | null | undefined)?.[key];
      return key;
    });
}
