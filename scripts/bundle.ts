import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

/**
 * Joins the modules of the executables to a few files in the launchers' place: looking some two hundred of them up and reading them one
 * by one takes longer than most commands' work.
 */
const launchers = fileURLToPath(new URL('../src/bin', import.meta.url));

/** Packages that most commands load, and that need nothing beside their code, are joined as well; the others stay where they are. */
const joined: ReadonlySet<string> = new Set([
  'commander',
  'get-east-asian-width',
  'pg',
  'yocto-spinner',
  'yoctocolors',
]);

const packages: Plugin = {
  name: 'packages',
  setup({ onResolve }) {
    onResolve({ filter: /^(?:@[^/]+\/)?[a-z]/ }, ({ path, importer }) => {
      const isJoined = joined.has(path.split('/')[0] ?? '') || importer.includes('/node_modules/');
      return isJoined && !neverInstalled.has(path) ? undefined : { path, external: true };
    });
  },
};

/** `pg` has a use for these in other surroundings. */
const neverInstalled: ReadonlySet<string> = new Set(['pg-native', 'pg-cloudflare']);

/** A module that looks for something beside itself finds it where it was. */
const places: Plugin = {
  name: 'places',
  setup({ onLoad }) {
    onLoad({ filter: /\/dist\/src\/.*\.js$/ }, ({ path }) => {
      const place = JSON.stringify(relative(launchers, path));
      const code = readFileSync(path, 'utf8');
      return { contents: code.replaceAll('import.meta.url', `new URL(${place}, import.meta.url).href`) };
    });
  },
};

await build({
  entryPoints: readdirSync(launchers)
    .filter((name) => name.endsWith('.js'))
    .map((name) => join(launchers, name)),
  outdir: launchers,
  allowOverwrite: true,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  plugins: [packages, places],
  // CommonJS packages ask for Node's own modules with `require`.
  banner: {
    js: "import { createRequire as requireForBundle } from 'node:module';\nconst require = requireForBundle(import.meta.url);",
  },
  logLevel: 'warning',
});
