import { createHash } from 'node:crypto';
import { crc32c } from './crc32c.js';

export interface Checksum {
  update(bytes: Uint8Array): void;
  /** As the manifest writes it. */
  hex(): string;
}

/** The algorithms of backup manifests (documentation, "Backup Manifest Format"); undefined for an unknown one. */
export function newChecksum(algorithm: string): Checksum | undefined {
  if (algorithm === 'CRC32C') return castagnoli();
  const sha = /^SHA(224|256|384|512)$/.exec(algorithm)?.[1];
  if (sha === undefined) return undefined;
  const hash = createHash(`sha${sha}`);
  return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest('hex') };
}

/** The manifest holds the number's bytes as they lie in memory, on every supported platform the lowest first. */
function castagnoli(): Checksum {
  let crc = 0;
  return {
    update: (bytes) => {
      crc = crc32c(bytes, crc);
    },
    hex: () => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32LE(crc);
      return bytes.toString('hex');
    },
  };
}
