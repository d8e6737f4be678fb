import { quoteIdentifier } from '../../sql/quote.js';
import type { ObjectKind, ObservedObject } from '../observe/observed.js';
import type { Inside } from './contents.js';
import { differenceSteps, type Holding, holdingItem, holdingsOf, ownedBy } from './grants.js';
import { type Decision, faultsOf, type Item, join, type Step, shown } from './item.js';
import { comparePrivileges } from './privileges.js';

/** What is to be granted and revoked on schemas, and on what is in them. */
export function planSchemaGrants(inside: Inside): Decision {
  const { residence, version } = inside;
  return join(
    holdingsOf(residence.services, version).map((holding): Decision => {
      const { on, schema } = holding;
      if (on === 'database' || schema === undefined) return { items: [], faults: [] };
      const missing = missingSchema(schema, inside);
      const object = `grants in ${shown(residence.database.name)} for ${shown(holding.user)}`;
      if (missing !== undefined) return { items: [], faults: faultsOf(holding.services, { object, ...missing }) };
      const item = on === 'schema' ? schemaItem(holding, schema, inside) : objectsItem(holding, on, schema, inside);
      return { items: [item], faults: [] };
    }),
  );
}

/** A schema can still come: from the file's own list, with an extension, or from an SQL file that has not been run yet. */
function missingSchema(
  schema: string,
  { residence, contents, files }: Inside,
): { reason: string; hint: string } | undefined {
  const { database, services } = residence;
  if (contents.schemas.has(schema) || database.schemas.some(({ name }) => name === schema)) return undefined;
  const isPending = services.some(({ sql }) => sql.some(({ path }) => files.has(path)));
  if (isPending && contents.files.size === 0) return undefined;
  return {
    reason: `there is no schema ${shown(schema)} in database ${shown(database.name)}`,
    hint: 'Name it under the schemas of the service, and it will be made.',
  };
}

function schemaItem(holding: Holding, schema: string, { residence, contents, version }: Inside): Item {
  const found = contents.schemas.get(schema);
  const wished = residence.database.schemas.find(({ name }) => name === schema)?.owner;
  const isKept = found !== undefined && (wished ?? found.owner) === found.owner;
  return holdingItem(holding, {
    sql: `SCHEMA ${quoteIdentifier(schema)}`,
    words: `schema ${shown(schema)} in ${shown(residence.database.name)}`,
    acl: isKept ? found.acl : ownedBy(found?.acl ?? new Map(), wished, 'schema', version),
    owner: wished ?? found?.owner,
  });
}

/** What GRANT calls the kinds; ROUTINE covers functions, procedures and aggregates alike. */
const keywords: Readonly<Record<ObjectKind, string>> = { tables: 'TABLE', sequences: 'SEQUENCE', functions: 'ROUTINE' };

/** One statement for all the objects that lack the same privileges. */
function objectsItem(holding: Holding, kind: ObjectKind, schema: string, { residence, contents }: Inside): Item {
  const { user, services } = holding;
  const objects = contents.objects.filter((object) => object.kind === kind && object.schema === schema);
  const place = `schema ${shown(schema)} in ${shown(residence.database.name)}`;
  const steps = groupByDifference(objects, holding).flatMap(({ difference, identities }): Step[] => {
    const words = `${identities.length} of ${objects.length} ${kind} of ${place}`;
    return differenceSteps(difference, { sql: `${keywords[kind]} ${identities.join(', ')}`, words }, user);
  });
  const note = objects.length === 0 ? `there are no ${kind} yet` : undefined;
  return { object: `grants on ${kind} of ${place} for ${shown(user)}`, services, steps, note };
}

interface DifferenceGroup {
  readonly difference: ReturnType<typeof comparePrivileges>;
  readonly identities: string[];
}

function groupByDifference(
  objects: readonly ObservedObject[],
  { user, privileges }: Holding,
): readonly DifferenceGroup[] {
  const groups = new Map<string, DifferenceGroup>();
  for (const { owner, acl, identity } of objects) {
    const { missing, excess } = comparePrivileges(privileges, acl.get(user));
    const difference = { missing, excess: owner === user ? [] : excess };
    const key = JSON.stringify(difference);
    const group = groups.get(key) ?? { difference, identities: [] };
    group.identities.push(identity);
    groups.set(key, group);
  }
  return [...groups.values()];
}
