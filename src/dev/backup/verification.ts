import { type Checksum, newChecksum } from './checksum.js';
import type { BackupEntry } from './entry.js';
import type { Manifest } from './manifest.js';

/** Files that pg_verifybackup leaves out as well: what is not in the manifest, or may be changed after the backup. */
const unlisted = /^(backup_manifest|postgresql\.auto\.conf|(recovery|standby)\.signal|pg_wal\/.*|database_name)$/;

/** Holds what is read against a manifest. */
export class Verification {
  readonly #manifest: Manifest;
  readonly #missing: Set<string>;
  readonly faults: string[] = [];
  #unsummed = 0;

  constructor(manifest: Manifest) {
    this.#manifest = manifest;
    this.#missing = new Set([...manifest.keys()].filter((path) => !unlisted.test(path)));
  }

  /** The checksum to update with the content of a file; undefined when there is nothing to compare. */
  enter({ path, type, size }: BackupEntry): Checksum | undefined {
    if (type === 'directory' || unlisted.test(path)) return undefined;
    this.#missing.delete(path);
    const listed = this.#manifest.get(path);
    if (listed === undefined) this.faults.push(`${path} is not in the manifest`);
    else if (listed.size !== size) this.faults.push(`${path} has ${size} bytes, not ${listed.size}`);
    else if (listed.checksum !== undefined) return this.#checksum(path, listed.checksum.algorithm);
    else this.#unsummed += 1;
    return undefined;
  }

  #checksum(path: string, algorithm: string): Checksum | undefined {
    const checksum = newChecksum(algorithm);
    if (checksum === undefined) this.faults.push(`${path} has a checksum of an unknown kind, ${algorithm}`);
    return checksum;
  }

  /** To be called when a file's content has been read. */
  leave(path: string, checksum: Checksum): void {
    const expected = this.#manifest.get(path)?.checksum?.hex;
    if (checksum.hex() !== expected) this.faults.push(`the checksum of ${path} does not match`);
  }

  /** To be called when all has been read. @returns whether every file had a checksum. */
  finish(): boolean {
    for (const path of this.#missing) this.faults.push(`${path} is missing`);
    return this.#unsummed === 0;
  }
}
