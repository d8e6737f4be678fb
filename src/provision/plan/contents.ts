import { quoteIdentifier, quoteLiteral } from '../../sql/quote.js';
import type { Observed, ObservedContents } from '../observe/observed.js';
import { fileKey } from '../observe/observed.js';
import type { ExtensionSpec, SchemaSpec, ServiceSpec } from '../spec/types.js';
import { type FileDigests, questionOf, type Residence } from '../wishes.js';
import { planDefaultPrivileges } from './default-privileges.js';
import { type Decision, faultsOf, type Item, join, type Step, shown } from './item.js';
import { missingRole } from './memberships.js';
import { planSchemaGrants } from './schema-grants.js';

/** What a plan for a database's inside is made from. */
export interface Inside {
  readonly residence: Residence;
  readonly contents: ObservedContents;
  readonly version: number;
  readonly roleNames: ReadonlySet<string>;
  readonly files: FileDigests;
}

/**
 * What is to be done inside a database: first what SQL files may need, then the files, then grants on what they make. Objects that do
 * not exist yet, but will by then, are planned for as new.
 */
export function planContents(inside: Inside): Decision {
  const { residence, contents } = inside;
  const { schemas, extensions } = residence.database;
  return join([
    ...schemas.map((schema) => planSchema(schema, inside)),
    { items: extensions.map((extension) => extensionItem(extension, residence, contents)), faults: [] },
    planSchemaGrants(inside, 'schemas'),
    planDefaultPrivileges(inside),
    ...residence.services.map((service) => planFiles(service, inside)),
    planSchemaGrants(inside, 'objects'),
  ]);
}

/** What is in a database that has just been made: its public schema (PostgreSQL 15 release notes). */
export function freshContents(residence: Residence, { version, user }: Observed['server']): ObservedContents {
  const isOpen = version < 150000;
  const everybody = new Set(isOpen ? ['USAGE', 'CREATE'] : ['USAGE']);
  const owner = isOpen ? user : 'pg_database_owner';
  const acl = new Map([
    [owner, new Set(['USAGE', 'CREATE'])],
    ['public', everybody],
  ]);
  const isAsked = questionOf(residence).schemas.includes('public');
  return {
    schemas: new Map(isAsked ? [['public', { owner, acl }]] : []),
    extensions: new Map(),
    objects: [],
    defaultPrivileges: [],
    files: new Map(),
    activity: { isBusy: true, writes: '' },
  };
}

function planSchema({ name, owner }: SchemaSpec, { residence, contents, roleNames }: Inside): Decision {
  const services = residence.services.map((service) => service.name);
  const words = `schema ${shown(name)} in ${shown(residence.database.name)}`;
  if (owner !== undefined && !roleNames.has(owner)) {
    return { items: [], faults: faultsOf(services, { object: words, ...missingRole(owner) }) };
  }
  const found = contents.schemas.get(name);
  const schema = quoteIdentifier(name);
  const steps: Step[] = [];
  if (found === undefined) {
    const owned = owner === undefined ? '' : ` AUTHORIZATION ${quoteIdentifier(owner)}`;
    steps.push({ action: 'create', summary: `create ${words}`, sql: `CREATE SCHEMA ${schema}${owned}` });
  } else if (owner !== undefined && found.owner !== owner) {
    const summary = `give ${words} to ${shown(owner)}, from ${shown(found.owner)}`;
    steps.push({ action: 'change', summary, sql: `ALTER SCHEMA ${schema} OWNER TO ${quoteIdentifier(owner)}` });
  }
  return { items: [{ object: words, services, steps }], faults: [] };
}

function extensionItem(
  { name, schema, version }: ExtensionSpec,
  residence: Residence,
  contents: ObservedContents,
): Item {
  const words = `extension ${shown(name)} in ${shown(residence.database.name)}`;
  const extension = quoteIdentifier(name);
  const found = contents.extensions.get(name);
  const steps: Step[] = [];
  if (found === undefined) {
    const place = schema === undefined ? '' : ` SCHEMA ${quoteIdentifier(schema)}`;
    const release = version === undefined ? '' : ` VERSION ${quoteLiteral(version)}`;
    // Only an extension that asks for no schema of its own follows the path.
    const sql = `SET LOCAL search_path = public; CREATE EXTENSION ${extension}${place}${release}`;
    steps.push({ action: 'create', summary: `create ${words}`, sql });
  } else {
    if (version !== undefined && version !== found.version) {
      const summary = `update ${words} to version ${version}, from ${found.version}`;
      steps.push({ action: 'change', summary, sql: `ALTER EXTENSION ${extension} UPDATE TO ${quoteLiteral(version)}` });
    }
    if (schema !== undefined && schema !== found.schema) {
      const summary = `move ${words} to schema ${shown(schema)}, from ${shown(found.schema)}`;
      steps.push({
        action: 'change',
        summary,
        sql: `ALTER EXTENSION ${extension} SET SCHEMA ${quoteIdentifier(schema)}`,
      });
    }
  }
  return { object: words, services: residence.services.map((service) => service.name), steps };
}

function planFiles(service: ServiceSpec, { residence, contents, files }: Inside): Decision {
  const { name, user, sql } = service;
  return join(
    sql.map((script): Decision => {
      const object = `file ${script.name} of ${shown(name)} in ${shown(residence.database.name)}`;
      const sha256 = files.get(script.path);
      if (typeof sha256 !== 'string') {
        const reason = `${script.path} cannot be read: ${sha256?.message ?? 'nobody has tried'}`;
        return { items: [], faults: faultsOf([name], { object, reason }) };
      }
      const before = contents.files.get(fileKey(name, script.name));
      const isDue = before === undefined || (script.run === 'changed' && before !== sha256);
      const summary = `run ${script.name} for ${shown(name)}${before === undefined ? '' : ', which has changed'}`;
      const file = { service: name, script, user: user.name, sha256 };
      const steps: Step[] = isDue ? [{ action: 'run', summary, sql: '', file }] : [];
      return { items: [{ object, services: [name], steps }], faults: [] };
    }),
  );
}
