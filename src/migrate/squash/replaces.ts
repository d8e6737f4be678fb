/** A migration that another one stands for, and the hashes that its row may have. */
export interface Replaced {
  readonly name: string;
  readonly hashes: readonly string[];
}

const pattern = /^--[ \t]*migrate:replaces[ \t]+(\S.*?)((?:[ \t]+[0-9a-f]{64})+)[ \t]*\r?$/;

/** The lines `-- migrate:replaces NAME HASH…` among the comments at the head of a migration. */
export function replacedBy(text: string): readonly Replaced[] {
  const replaced: Replaced[] = [];
  for (const line of text.split('\n')) {
    const [, name, hashes = ''] = pattern.exec(line) ?? [];
    if (name !== undefined) replaced.push({ name, hashes: hashes.trim().split(/[ \t]+/) });
    else if (!/^\s*(?:--.*)?$/.test(line)) break;
  }
  return replaced;
}

export function replacesLine({ name, hashes }: Replaced): string {
  return `-- migrate:replaces ${[name, ...hashes].join(' ')}\n`;
}
