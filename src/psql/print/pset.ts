import { type PrintOption, printOptions } from './options.js';
import type { PrintSettings } from './settings.js';

/** Further names of options. */
const synonyms: Readonly<Record<string, string>> = {
  x: 'expanded',
  vertical: 'expanded',
  t: 'tuples_only',
  C: 'title',
  T: 'tableattr',
};

/** What became of setting an option: the new settings and a sentence about them, or why nothing was changed. */
export type PsetResult =
  | { readonly settings: PrintSettings /** A line, or nothing. */; readonly confirmation: string }
  | { readonly failure: string };

/** `\pset NAME [VALUE]`. */
export function setPrintOption(settings: PrintSettings, name: string, value: string | undefined): PsetResult {
  const option = optionNamed(name);
  if (option === undefined) return { failure: `\\pset: unknown option: ${name}` };
  const change = option.apply(settings, value, name);
  if ('failure' in change) return change;
  const changed = { ...settings, ...change };
  const isConfirmed = option.isConfirmed || value === undefined;
  return { settings: changed, confirmation: isConfirmed ? `${option.describe(changed)}\n` : '' };
}

function optionNamed(name: string): PrintOption | undefined {
  return printOptions.get((Object.hasOwn(synonyms, name) ? synonyms[name] : undefined) ?? name);
}

/** `\pset` alone: all options and their values, a line each. */
export function listPrintOptions(settings: PrintSettings): string {
  return Array.from(printOptions, ([name, option]) => `${name.padEnd(24)} ${option.show(settings)}\n`).join('');
}

/** `\a`: aligned output, or unaligned if it is aligned already. */
export function toggleAligned(settings: PrintSettings): PsetResult {
  return setPrintOption(settings, 'format', settings.format === 'aligned' ? 'unaligned' : 'aligned');
}
