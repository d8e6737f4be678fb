/** `-- lint:ignore RULE, RULE` above a statement or beside one of its lines. */
const comment = /--\s*lint:ignore\s+([\w-]+(?:\s*,\s*[\w-]+)*)/;

/**
 * The rules that comments switch off for a statement which begins at a line (from 1) and has so many: those in the block of
 * comments and blank lines above it, and in its own lines.
 */
export function ignoredRules(lines: readonly string[], line: number, length: number): readonly string[] {
  let first = line;
  while (/^\s*(?:--.*)?$/.test(lines[first - 2] ?? 'x')) first--;
  return lines.slice(first - 1, line - 1 + length).flatMap(
    (text) =>
      comment
        .exec(text)?.[1]
        ?.split(',')
        .map((name) => name.trim()) ?? [],
  );
}
