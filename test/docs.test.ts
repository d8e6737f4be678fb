import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { commandReference } from '../scripts/reference.js';
import { root } from './support/cli.js';

const pages = ['README.md', 'CONTRIBUTING.md', ...readdirSync(join(root, 'docs')).map((name) => join('docs', name))];

test('docs/cli.md is what the commands say of themselves (npm run docs writes it)', () => {
  assert.equal(readFileSync(join(root, 'docs', 'cli.md'), 'utf8'), commandReference());
});

test('links between pages lead to files that are there', () => {
  const broken: string[] = [];
  for (const page of pages) {
    for (const [, target] of readFileSync(join(root, page), 'utf8').matchAll(/\]\((?!https?:)([^)#]+)/g)) {
      if (!existsSync(join(root, dirname(page), target as string))) broken.push(`${page}: ${target}`);
    }
  }
  assert.deepEqual(broken, []);
});

test('every npm script that the pages name is there', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const named = pages.flatMap((page) =>
    [...readFileSync(join(root, page), 'utf8').matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name as string),
  );
  assert.deepEqual(
    named.filter((name) => scripts[name] === undefined),
    [],
  );
});
