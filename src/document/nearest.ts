import { closest, distance } from 'fastest-levenshtein';

/** The one of `known` that was probably meant, if one is near enough: at most two letters off, and fewer than half of them. */
export function nearest(given: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const candidate = closest(given.toLowerCase(), known.map((word) => word.toLowerCase()) as string[]);
  const found = known.find((word) => word.toLowerCase() === candidate);
  const steps = distance(given.toLowerCase(), candidate);
  return steps <= 2 && steps * 2 < candidate.length ? found : undefined;
}

/** `did you mean 'x'?`, or what there is to choose from. */
export function suggestion(given: string, known: readonly string[]): string {
  const word = nearest(given, known);
  return word === undefined ? `known here: ${known.join(', ')}` : `did you mean '${word}'?`;
}
