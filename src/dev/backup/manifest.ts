import { createHash } from 'node:crypto';

/** A file of the data directory as backup_manifest describes it. */
export interface ManifestFile {
  /** Bytes. */
  readonly size: number;
  /** Undefined when the backup was taken without checksums. */
  readonly checksum: { readonly algorithm: string; readonly hex: string } | undefined;
}

/** Files by their paths relative to the data directory. The WAL is not among them. */
export type Manifest = ReadonlyMap<string, ManifestFile>;

interface FileJson {
  readonly Path?: string;
  readonly 'Encoded-Path'?: string;
  readonly Size: number;
  readonly 'Checksum-Algorithm'?: string;
  readonly Checksum?: string;
}

/**
 * Reads backup_manifest (documentation, "Backup Manifest Format"), versions 1 and 2.
 * @throws Error that says what is wrong with it.
 */
export function parseManifest(text: string): Manifest {
  const json = parseJson(text);
  const version = json['PostgreSQL-Backup-Manifest-Version'];
  if (version !== 1 && version !== 2) throw new Error(`it is of version ${version}, and 1 and 2 are known`);
  verifyOwnChecksum(text, json['Manifest-Checksum']);
  return new Map((json.Files ?? []).map((file) => [pathOf(file), describe(file)]));
}

interface ManifestJson {
  readonly 'PostgreSQL-Backup-Manifest-Version'?: number;
  readonly 'Manifest-Checksum'?: string;
  readonly Files?: readonly FileJson[];
}

function parseJson(text: string): ManifestJson {
  try {
    return JSON.parse(text) as ManifestJson;
  } catch (error) {
    throw new Error('it is not whole', { cause: error });
  }
}

/** The last line holds the SHA-256 of all lines before it (verify_manifest_checksum in parse_manifest.c). */
function verifyOwnChecksum(text: string, expected: string | undefined): void {
  const body = text.slice(0, text.lastIndexOf('\n', text.trimEnd().length - 1) + 1);
  const actual = createHash('sha256').update(body).digest('hex');
  if (actual !== expected) throw new Error('its own checksum does not match');
}

/** A path that is not UTF-8 stands there in hexadecimal; its bytes are read as the archive's names are. */
function pathOf(file: FileJson): string {
  return file.Path ?? Buffer.from(file['Encoded-Path'] ?? '', 'hex').toString('utf8');
}

function describe({ Size: size, Checksum: hex, 'Checksum-Algorithm': algorithm }: FileJson): ManifestFile {
  return { size, checksum: hex === undefined || algorithm === undefined ? undefined : { algorithm, hex } };
}
