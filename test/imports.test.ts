import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

/** Folders of src from the top down; a file may import from its own layer's folder and from any layer below. */
const layers: readonly (readonly string[])[] = [
  ['bin'],
  ['cli'],
  ['dev', 'migrate', 'provision', 'supabase', 'operator'],
  ['hectic', 'cluster', 'script', 'document'],
  ['postgres'],
  ['psql', 'sql'],
  ['errors.ts'],
];
/** Imports inside one layer that are part of the design. `index.ts` is the library's face and may import all but bin and cli. */
const allowed = new Set(['dev -> migrate', 'psql -> sql']);

const src = fileURLToPath(new URL('../../src', import.meta.url));

test('imports point down the list of layers in DESIGN', async () => {
  const wrong: string[] = [];
  for (const entry of await readdir(src, { recursive: true })) {
    if (!entry.endsWith('.ts')) continue;
    const text = await readFile(join(src, entry), 'utf8');
    for (const [, specifier] of text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)) {
      const target = relative(src, normalize(join(src, dirname(entry), specifier as string))).replace(/\.js$/, '.ts');
      if (!isAllowed(folderOf(entry), folderOf(target))) wrong.push(`${entry} imports ${target}`);
    }
  }
  assert.deepEqual(wrong, []);
});

function isAllowed(from: string, to: string): boolean {
  if (from === to || from.endsWith('.test.ts')) return true;
  if (from === 'index.ts') return to !== 'bin' && to !== 'cli';
  return layerOf(from) < layerOf(to) || allowed.has(`${from} -> ${to}`);
}

function layerOf(folder: string): number {
  const layer = layers.findIndex((folders) => folders.includes(folder));
  assert.notEqual(layer, -1, `src/${folder} stands in no layer`);
  return layer;
}

function folderOf(file: string): string {
  return file.split(sep)[0] as string;
}
