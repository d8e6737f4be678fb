import { ExitCode, UserError } from '../errors.js';
import type { Observation } from './observe.js';
import type { Step } from './plan.js';
import type { Settings } from './settings.js';

export interface Preflight {
  /** Why nothing can be done, each with what to do about it. */
  readonly faults: readonly string[];
  /** What will be missing or odd afterwards. */
  readonly warnings: readonly string[];
}

/** Files that lock and change roles, or make event triggers. */
const superusersFiles = ['00-initial-schema.sql', '01-roles.sql', '04-webhooks.sql'];

/** Judges a database before anything is done to it; all faults at once. */
export function preflight(seen: Observation, steps: readonly Step[], settings: Settings): Preflight {
  return { faults: faultsOf(seen, steps, settings), warnings: warningsOf(seen, settings) };
}

/** Throws all faults as one error. */
export function refuseFaults({ faults }: Preflight, { database, user }: Observation): void {
  if (faults.length === 0) return;
  throw new UserError(
    `database ${database}, as ${user}: nothing was done\n${faults.map((fault) => `- ${fault}`).join('\n')}`,
    {
      exitCode: ExitCode.generic,
    },
  );
}

function faultsOf(seen: Observation, steps: readonly Step[], settings: Settings): string[] {
  const { database, versionNumber, version } = seen;
  const faults: string[] = [];
  if (versionNumber < 140000) faults.push(`the server is PostgreSQL ${version}: 14 or newer is needed`);
  if (seen.isStandby) faults.push('the server is a standby, which cannot be written to: connect to the primary');
  if (database === settings.supabaseDatabase) {
    faults.push(`${database} is the database that analytics and the pooler share: name the project's own`);
  }
  if (/^template[01]$/.test(database))
    faults.push(`${database} is copied into every new database: name the project's own`);
  if (!seen.hasOwner && settings.owner !== 'supabase_admin') {
    faults.push(`role "${settings.owner}" (--owner, POSTGRES_USER) does not exist: make it, or name another`);
  }
  return [...faults, ...missingPrivileges(seen, steps)];
}

function missingPrivileges(seen: Observation, steps: readonly Step[]): string[] {
  if (seen.isSuperuser) return [];
  const due = steps.filter(({ action }) => action === 'apply').map(({ script }) => script);
  const superusers = due.filter(({ effect }) => effect !== undefined && superusersFiles.includes(effect));
  const owners = due.filter((script) => !superusers.includes(script));
  const faults: string[] = [];
  if (superusers.length > 0) {
    const remedy =
      seen.platform === 'image'
        ? 'connect as supabase_admin (on supabase/postgres, postgres is no superuser)'
        : `connect as a superuser, or ask for ALTER ROLE "${seen.user}" SUPERUSER while this runs`;
    faults.push(`${names(superusers)}: needs SUPERUSER, for roles and an event trigger: ${remedy}`);
  }
  if (owners.length > 0 && !seen.ownsDatabase) {
    faults.push(`${names(owners)}: needs the owner of database ${seen.database}, or a member of that role`);
  }
  return faults;
}

function names(scripts: readonly { name: string }[]): string {
  return scripts.map(({ name }) => name).join(', ');
}

function warningsOf({ versionNumber, version, encoding }: Observation, { password }: Settings): string[] {
  const warnings: string[] = [];
  if (versionNumber >= 190000)
    warnings.push(`PostgreSQL ${version} is newer than what this version was tested with (14 to 18)`);
  if (encoding !== 'UTF8') warnings.push(`the database's encoding is ${encoding}: Supabase's services expect UTF8`);
  if (password === undefined) {
    warnings.push(
      'no password was given (POSTGRES_PASSWORD, --password-file): the roles of services keep what they have',
    );
  }
  return warnings;
}
