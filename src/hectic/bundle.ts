import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The version that `hectic.version` records for this bundle; sql/hectic/version.sql holds the same. */
export const bundleVersion = '0.1.0';

/** The bundle's files in the order in which they are applied. */
export const bundleFileNames = ['version', 'secret', 'migration', 'inheritance'] as const;

export type BundleFileName = (typeof bundleFileNames)[number];

export interface BundleFile {
  readonly name: BundleFileName;
  /** Absolute path, for `psql -f` and `\i`. */
  readonly path: string;
  /** Plain SQL without psql commands and without transaction control. */
  readonly sql: string;
}

/** Where the package keeps a file of the bundle, in a checkout as well as when installed from npm. */
export function bundlePath(name: BundleFileName): string {
  return fileURLToPath(new URL(`../../../sql/hectic/${name}.sql`, import.meta.url));
}

/** The bundle's files, in the order in which they are applied. */
export function bundleFiles(): readonly BundleFile[] {
  return bundleFileNames.map((name) => ({ name, path: bundlePath(name), sql: readFileSync(bundlePath(name), 'utf8') }));
}

/** What the schema's comment says where exactly this bundle was applied. */
export function bundleFingerprint(): string {
  const hash = createHash('sha256');
  for (const { sql } of bundleFiles()) hash.update(sql);
  return `hectic bundle ${bundleVersion}, sha256 ${hash.digest('hex')}`;
}
