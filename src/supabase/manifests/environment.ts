import type { IEnvVar } from 'kubernetes-models/v1/EnvVar';
import type { SupabaseProject } from '../project.js';
import { slipwayVersion } from '../version.js';
import { temporaryDirectory, terminationMessagePath, tlsDirectory } from './places.js';

/** The variables of libpq, and the keys of the database's Secret that they come from. */
const fromDatabaseSecret = {
  PGHOST: 'host',
  PGPORT: 'port',
  PGDATABASE: 'database',
  PGUSER: 'username',
  POSTGRES_USER: 'username',
  PGPASSWORD: 'password',
  POSTGRES_PASSWORD: 'password',
} as const;

/**
 * The environment of the script. Nothing is put together from parts, so that any password works: libpq reads the values as they
 * are, where a URI would have to be quoted.
 */
export function jobEnvironment({ metadata, spec }: SupabaseProject, storesJwtSecret: boolean) {
  const { secretRef, sslMode } = spec.database;
  return [
    ...Object.entries(fromDatabaseSecret).map(([name, key]) => secretVariable(name, secretRef.name, key)),
    { name: 'PGSSLMODE', value: sslMode || 'require' },
    { name: 'PGCONNECT_TIMEOUT', value: '10' },
    { name: 'JWT_EXP', value: '3600' },
    ...(storesJwtSecret ? jwtSecretVariables(metadata.name) : []),
    { name: 'TLS_DIRECTORY', value: tlsDirectory },
    { name: 'TMPDIR', value: temporaryDirectory },
    { name: 'TERMINATION_MESSAGE_PATH', value: terminationMessagePath },
    { name: 'SLIPWAY_VERSION', value: slipwayVersion() },
  ] satisfies IEnvVar[];
}

function secretVariable(name: string, secret: string, key: string) {
  return { name, valueFrom: { secretKeyRef: { name: secret, key } } } satisfies IEnvVar;
}

function jwtSecretVariables(project: string): IEnvVar[] {
  return [
    secretVariable('JWT_SECRET', `${project}-jwt`, 'jwt-secret'),
    { name: 'JWT_SECRET_IN_DATABASE', value: 'on' },
  ];
}
