import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandReference, fenced } from './reference.js';

/**
 * Writes what the documentation quotes of the program: docs/cli.md, and in the README the demo's transcript, an error's look,
 * and with `--figures` the benchmarks' results.
 */
const root = fileURLToPath(new URL('../..', import.meta.url));
const readme = join(root, 'README.md');
/** The benchmarks that the README quotes: the others take long, or need another server. */
const figures = ['startup', 'init', 'script', 'migrate'];

writeFileSync(join(root, 'docs', 'cli.md'), commandReference());
const scratch = mkdtempSync(join(tmpdir(), 'slipway-docs-'));
try {
  replaceSection('demo', `$ npm run demo\n${demo()}`);
  replaceSection('error', `$ database check\n${brokenCheck()}`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
if (process.argv.includes('--figures'))
  replaceSection('figures', execFileSync('sh', [join(root, 'scripts', 'bench.sh'), ...figures], { encoding: 'utf8' }));

/** The demo in a scratch directory, with the paths of this machine replaced by those of a reader. */
function demo(): string {
  const workingDir = join(scratch, 'demo');
  const env = { ...process.env, DEMO_DIR: workingDir };
  try {
    const { stdout, stderr, status } = spawnSync(
      'sh',
      ['-c', 'exec node "$1" 2>&1', 'sh', join(root, 'dist', 'scripts', 'demo.js')],
      {
        env,
        encoding: 'utf8',
      },
    );
    if (status !== 0) throw new Error(`the demo failed: ${stdout}${stderr}`);
    return readerPaths(stdout, workingDir);
  } finally {
    spawnSync(join(root, 'bin', 'postgres-cleanup'), [], { env: { ...env, PG_WORKING_DIR: workingDir } });
  }
}

/** What a misspelt type in one of the shop's files looks like. */
function brokenCheck(): string {
  const shop = join(scratch, 'shop');
  cpSync(join(root, 'examples', 'shop'), shop, { recursive: true });
  const file = join(shop, 'db', 'src', 'table', 'customer.sql');
  writeFileSync(file, readFileSync(file, 'utf8').replace('name  text', 'name  txt'));
  const { stderr } = spawnSync(join(root, 'bin', 'database'), ['check'], {
    env: { ...process.env, LOCAL_DIR: shop },
    encoding: 'utf8',
  });
  return stderr.replaceAll(`${shop}/`, '');
}

function readerPaths(text: string, workingDir: string): string {
  return text
    .replaceAll(workingDir, '/home/you/slipway/examples/shop/focus/postgresql')
    .replaceAll(root.replace(/\/$/, ''), '/home/you/slipway')
    .replaceAll(/postgresql:\/\/\w+@/g, 'postgresql://you@')
    .trim();
}

function replaceSection(name: string, text: string): void {
  const section = new RegExp(`(<!-- ${name}:begin[^\\n]*-->\\n)[\\s\\S]*?(<!-- ${name}:end -->)`);
  writeFileSync(
    readme,
    readFileSync(readme, 'utf8').replace(section, (_all, begin, end) => `${begin}\n${fenced(text)}\n\n${end}`),
  );
}
