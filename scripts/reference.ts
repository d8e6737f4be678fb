import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../../bin/', import.meta.url));

/** Executables whose help is the reference, each with the subcommands that have a help of their own. */
const programs: readonly [name: string, subcommands: readonly string[]][] = [
  [
    'database',
    [
      'deploy',
      'init',
      'hydrate',
      'patch',
      'check',
      'test',
      'log',
      'status',
      'backup',
      'restore',
      'normalize-backup',
      'cleanup',
    ],
  ],
  [
    'migrator',
    [
      ...['init', 'create', 'list', 'status', 'plan', 'migrate', 'migrate up', 'migrate down', 'migrate to', 'verify'],
      ...['baseline', 'fake', 'repair', 'redo', 'resume', 'rebase', 'lint', 'roundtrip', 'squash'],
    ],
  ],
  ['postgres-init', []],
  ['postgres-cleanup', []],
  ['db-ops', ['secrets load']],
  [
    'slipway',
    [
      'sql',
      'hectic',
      'provision',
      ...['plan', 'apply', 'verify', 'watch', 'import', 'template', 'schema'].map((name) => `provision ${name}`),
      'supabase',
      'supabase init',
      'supabase status',
      'supabase verify',
      'supabase sync',
      'supabase manifests',
    ],
  ],
];

/** docs/cli.md: what every command says of itself. */
export function commandReference(): string {
  const sections = programs.flatMap(([program, subcommands]) => [
    `## ${program}\n\n${fenced(help(program, []))}`,
    ...subcommands.map((name) => `### ${program} ${name}\n\n${fenced(help(program, name.split(' ')))}`),
  ]);
  return `# Command line reference\n\nWritten by \`npm run docs\` from \`--help\`; a test keeps it true.\n\n${sections.join('\n\n')}\n`;
}

function help(program: string, words: readonly string[]): string {
  return execFileSync(join(bin, program), [...words.flatMap((word) => word.split(' ')), '--help'], {
    encoding: 'utf8',
  });
}

export function fenced(text: string): string {
  return `\`\`\`text\n${text.trimEnd()}\n\`\`\``;
}
