import { readFileSync } from 'node:fs';

/** Slipway's own version, which is recorded with every file that it runs. */
export function slipwayVersion(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
