import { UserError } from '../errors.js';

/** Keys and indexes from the top of the file down. */
export type Path = readonly (string | number)[];

/** Something wrong with a file, and where. */
export interface Fault {
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** Empty for what concerns the text itself. */
  readonly path: Path;
  /** What is wrong; never a value that could be a secret. */
  readonly message: string;
  /** The remedy. */
  readonly hint?: string | undefined;
}

/** Every fault of a file at once, a line for each: `services.yaml:3:5: services.gitea.port: unknown key`. */
export class InvalidFile extends UserError {
  override name = 'InvalidFile';

  constructor(
    readonly file: string,
    readonly faults: readonly Fault[],
  ) {
    const inOrder = faults.toSorted((a, b) => a.line - b.line || a.column - b.column);
    const lines = inOrder.map((fault) => `${file}:${fault.line}:${fault.column}: ${describeFault(fault)}`);
    const hints = new Set(inOrder.flatMap(({ hint }) => hint ?? []));
    super([...new Set(lines)].join('\n'), { hint: hints.size > 0 ? [...hints].join('\n') : undefined });
  }
}

function describeFault({ path, message }: Fault): string {
  return path.length === 0 ? message : `${pathText(path)}: ${message}`;
}

/** `services.gitea.grants["my schema"][0]`. */
export function pathText(path: Path): string {
  return path.map(stepText).join('').replace(/^\./, '');
}

function stepText(step: string | number): string {
  if (typeof step === 'number') return `[${step}]`;
  return /^[\w-]+$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
}

/** Takes a fault at a path below the one it was made for. */
export type Report = (path: Path, message: string, hint?: string) => void;

/** The report for what stands below `prefix`. */
export function below(report: Report, ...prefix: Path): Report {
  return (path, message, hint) => report([...prefix, ...path], message, hint);
}
