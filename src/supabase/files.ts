import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The seven files, in the order in which they are run: the names and the order of upstream's Kubernetes operator. */
export const supabaseFileNames = [
  '00-initial-schema.sql',
  '01-roles.sql',
  '02-jwt.sql',
  '03-logs.sql',
  '04-webhooks.sql',
  '05-realtime.sql',
  '06-pooler.sql',
] as const;

export type SupabaseFileName = (typeof supabaseFileNames)[number];

/** A script with its place in the record. */
export interface Script {
  /** Name in the record: that of the file, or `upstream/NAME`. */
  readonly name: string;
  readonly path: string;
  /** 64 lower-case hexadecimal digits, of the file's bytes. */
  readonly sha256: string;
  /** The one of the seven with the same effect; none for extra scripts. */
  readonly effect: SupabaseFileName | undefined;
  /** Go on after an error, which is then a warning. */
  readonly isTolerant: boolean;
}

/** Where the package keeps a file of sql/supabase, in a checkout as well as when installed from npm. */
export function supabasePath(name: string): string {
  return fileURLToPath(new URL(`../../../sql/supabase/${name}`, import.meta.url));
}

/** The seven files as they come with this version. */
export function supabaseScripts(): readonly Script[] {
  return supabaseFileNames.map((name) => {
    const path = supabasePath(name);
    return { name, path, sha256: sha256(readFileSync(path)), effect: name, isTolerant: false };
  });
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
