import { quoteIdentifier } from '../../sql/quote.js';
import { fileKey, type ObjectKind, type ObservedObject } from '../observe/observed.js';
import type { Inside } from './contents.js';
import { differenceSteps, type Holding, holdingItem, holdingsOf, ownedBy } from './grants.js';
import { type Decision, faultsOf, type Item, join, type Step, shown } from './item.js';
import { comparePrivileges } from './privileges.js';

/** What is to be granted and revoked on schemas themselves, or on what is in them. */
export function planSchemaGrants(inside: Inside, which: 'schemas' | 'objects'): Decision {
  const { residence, contents, version } = inside;
  return join(
    holdingsOf(residence.services, version).map((holding): Decision => {
      const { on, schema, user, services } = holding;
      if (on === 'database' || schema === undefined || (on === 'schema') !== (which === 'schemas')) return join([]);
      const isKnown = contents.schemas.has(schema) || residence.database.schemas.some(({ name }) => name === schema);
      const object = `grants on ${on === 'schema' ? '' : `${on} of `}schema ${shown(schema)} in ${shown(residence.database.name)} for ${shown(user)}`;
      if (isKnown) {
        const item = on === 'schema' ? schemaItem(holding, schema, inside) : objectsItem(holding, on, schema, inside);
        return { items: [item], faults: [] };
      }
      if (!isExpected(inside))
        return { items: [], faults: faultsOf(services, { object, ...missingSchema(schema, inside) }) };
      const note = `there is no schema ${shown(schema)} yet; it may come with an extension or a file`;
      return { items: [{ object, services, steps: [], note }], faults: [] };
    }),
  );
}

/** Whether there are extensions or SQL files to come that may bring a schema with them. */
function isExpected({ residence: { database, services }, contents }: Inside): boolean {
  const isToRun = services.some(({ name, sql }) =>
    sql.some((script) => !contents.files.has(fileKey(name, script.name))),
  );
  return isToRun || database.extensions.some(({ name }) => !contents.extensions.has(name));
}

function missingSchema(schema: string, { residence: { database } }: Inside): { reason: string; hint: string } {
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
