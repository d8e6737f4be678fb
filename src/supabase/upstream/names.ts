import type { SupabaseFileName } from '../files.js';

/** Supabase's own files below docker/volumes/db, in the seed's order, each with the one of the seven that has its effect. */
export const upstreamFiles = {
  '_supabase.sql': '00-initial-schema.sql',
  'roles.sql': '01-roles.sql',
  'jwt.sql': '02-jwt.sql',
  'logs.sql': '03-logs.sql',
  'webhooks.sql': '04-webhooks.sql',
  'realtime.sql': '05-realtime.sql',
  'pooler.sql': '06-pooler.sql',
} as const satisfies Readonly<Record<string, SupabaseFileName>>;

export type UpstreamName = keyof typeof upstreamFiles;

const seedOrder = Object.keys(upstreamFiles) as UpstreamName[];

/** In which order upstream's files are run: `seed` is that of their numbers, `compose` that in which docker-compose mounts them. */
export const orders = {
  seed: seedOrder,
  compose: ['webhooks.sql', 'jwt.sql', 'roles.sql', '_supabase.sql', 'logs.sql', 'pooler.sql', 'realtime.sql'],
} as const satisfies Readonly<Record<string, readonly UpstreamName[]>>;

export type Order = keyof typeof orders;

/** The file that a path means: by upstream's name, or by the seed's. */
export function upstreamName(path: string): UpstreamName | undefined {
  const base = path.slice(path.lastIndexOf('/') + 1);
  return seedOrder.find((name) => name === base || upstreamFiles[name] === base);
}
