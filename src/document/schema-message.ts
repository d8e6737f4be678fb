import type { ErrorObject } from 'ajv/dist/2020.js';
import { nearest, suggestion } from './nearest.js';

/** A schema error in words: what is wrong, and the key it concerns if that is not the value the error stands at. */
export interface SchemaMessage {
  readonly message: string;
  readonly key?: string | number;
  readonly hint?: string | undefined;
}

type Teller = (error: ErrorObject) => SchemaMessage | undefined;

/** Undefined for an error that only repeats another one. No message holds a value of the file: it could be a secret. */
export function schemaMessage(error: ErrorObject): SchemaMessage | undefined {
  // a branch that does not hold is told by its oneOf; a name that breaks a rule by its propertyNames
  if (error.schemaPath.includes('/oneOf/') || error.propertyName !== undefined) return undefined;
  const tell = tellers[error.keyword] ?? wanted;
  return tell(error);
}

const tellers: Readonly<Record<string, Teller>> = {
  additionalProperties: ({ params: { additionalProperty: key }, parentSchema }) => {
    const known = Object.keys(parentSchema?.properties ?? {});
    const message = `unknown key; ${suggestion(key, known)}`;
    // `password: { hunter2 }` is a mapping whose key is the password
    return isSecret(parentSchema) && nearest(key, known) === undefined ? { message } : { key, message };
  },
  propertyNames: ({ params, parentSchema }) => ({
    key: params.propertyName,
    message: `this is not ${parentSchema?.propertyNames.title ?? 'a name'}`,
  }),
  required: ({ params }) => ({ message: `'${params.missingProperty}' is missing` }),
  dependentRequired: ({ params }) => ({
    key: params.property,
    message: `this goes with '${params.missingProperty}', which is not here`,
  }),
  const: ({ params }) => ({ message: `must be ${JSON.stringify(params.allowedValue)}` }),
  enum: ({ params }) => ({ message: `must be one of ${params.allowedValues.filter(Boolean).join(', ')}` }),
  // what is no mapping at all has no key to choose, so only its type is wrong
  oneOf: ({ parentSchema, data }) =>
    typeof data === 'object' ? { message: `must be exactly one of ${alternatives(parentSchema?.oneOf)}` } : undefined,
  maxProperties: ({ parentSchema }) => onlyOneOf(parentSchema?.properties),
  minProperties: ({ parentSchema, params }) =>
    parentSchema?.maxProperties === 1 ? onlyOneOf(parentSchema.properties) : { message: tooFew(params.limit) },
  minItems: () => ({ message: 'must not be empty' }),
  minLength: () => ({ message: 'must not be empty' }),
  uniqueItems: ({ params }) => ({ key: Math.max(params.i, params.j), message: 'this stands here twice' }),
  pattern: (error) =>
    error.params.pattern === withoutNul ? { message: 'must not hold a NUL character' } : wanted(error),
  type: (error) => (isSecret(error.parentSchema) ? secretWanted(error) : wanted(error)),
};

const withoutNul = '^[^\\u0000]*$';

/** Only references to secrets have alternatives. */
function isSecret(schema: ErrorObject['parentSchema']): boolean {
  return schema?.oneOf !== undefined;
}

function wanted({ parentSchema, data }: ErrorObject): SchemaMessage {
  const types: readonly string[] = [parentSchema?.type ?? []].flat();
  const words = parentSchema?.title ?? types.flatMap((type) => typeWords[type] ?? []).join(' or ');
  const isBareText = types.includes('string') && (typeof data === 'number' || typeof data === 'boolean');
  return {
    message: `must be ${words}`,
    hint: isBareText ? 'A number, true or false is text only in quotes.' : undefined,
  };
}

const typeWords: Readonly<Record<string, string>> = {
  object: 'a mapping',
  array: 'a list',
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
};

function secretWanted({ data }: ErrorObject): SchemaMessage {
  const hint =
    'Refer to it: { vault: PATH, key: KEY }, { env: NAME }, { file: PATH } or { exec: [PROGRAM, ARGUMENT] }.';
  if (typeof data === 'string' || typeof data === 'number') {
    return { message: 'a secret does not stand in the file itself', hint };
  }
  return { message: 'must be a reference to a secret', hint };
}

function onlyOneOf(properties: object | undefined): SchemaMessage {
  return { message: `must be exactly one of ${Object.keys(properties ?? {}).join(', ')}` };
}

function alternatives(branches: readonly { required: readonly string[] }[] = []): string {
  return branches.flatMap(({ required }) => required).join(', ');
}

function tooFew(limit: number): string {
  return limit === 1 ? 'must not be empty' : 'says nothing: something is missing beside the one key';
}
