import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { parseSource, type SourceDocument } from '../document/document.js';
import { type Fault, InvalidFile, type Path } from '../document/faults.js';
import { schemaFaults } from '../document/schema.js';
import { codeOf, ExitCode, messageOf, UserError } from '../errors.js';

/** A Secret, in the project's namespace. */
export interface SecretReference {
  readonly name: string;
  readonly namespace?: string;
}

/** The custom resource `supabase.strrl.dev/v1alpha1`, as far as the database's initialization needs it. */
export interface SupabaseProject {
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: {
    readonly database: { readonly secretRef: SecretReference; readonly sslMode?: string };
  };
}

/** What the name of the ConfigMap and of the Job has after the project's. */
export const initSuffix = '-db-init';

/** The length at which Kubernetes cuts off: a Job's name becomes a label of its pods. */
const maxLabelLength = 63;

/**
 * Reads a project file (YAML or JSON, schema/supabaseproject.schema.json).
 * Throws an InvalidFile with every fault at once, or a UserError when there is no file to read.
 */
export async function readProject(path: string): Promise<SupabaseProject> {
  return parseProject(path, await readText(path));
}

/** The same for a text that is in memory; `path` names it in messages. */
export function parseProject(path: string, text: string): SupabaseProject {
  const source = parseSource(text);
  const faults =
    source.faults.length > 0 ? source.faults : [...schemaFaults(source, projectSchema()), ...meaningFaults(source)];
  if (faults.length > 0) throw new InvalidFile(path, faults);
  return source.data as SupabaseProject;
}

function projectSchema(): object {
  return JSON.parse(readFileSync(new URL('../../../schema/supabaseproject.schema.json', import.meta.url), 'utf8'));
}

/** What only the whole shows: names that become too long, and a Secret that a Job cannot reach. */
function meaningFaults({ data, place }: SourceDocument): readonly Fault[] {
  const found: Fault[] = [];
  const report = (path: Path, message: string, hint: string) => found.push({ ...place(path), path, message, hint });
  const name = textAt(data, ['metadata', 'name']);
  const longest = maxLabelLength - initSuffix.length;
  if (name !== undefined && name.length > longest) {
    report(
      ['metadata', 'name'],
      `has ${name.length} characters, of which a Job's name leaves room for ${longest}`,
      `The Job is called NAME${initSuffix}, and Kubernetes allows ${maxLabelLength} characters for it.`,
    );
  }
  const reference: Path = ['spec', 'database', 'secretRef', 'namespace'];
  const namespace = textAt(data, ['metadata', 'namespace']);
  const foreign = textAt(data, reference);
  if (foreign !== undefined && foreign !== namespace) {
    const own =
      namespace === undefined ? 'metadata.namespace, which is not given' : `metadata.namespace, '${namespace}'`;
    report(
      reference,
      `must be ${own}`,
      'A pod reads Secrets of its own namespace only: put the Secret there, or name the namespace.',
    );
  }
  return found;
}

function textAt(data: unknown, path: Path): string | undefined {
  const value = path.reduce<unknown>(
    (node, key) => (node as Record<string | number, unknown> | null | undefined)?.[key],
    data,
  );
  return typeof value === 'string' ? value : undefined;
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const isAbsent = codeOf(cause) === 'ENOENT';
    throw new UserError(isAbsent ? `no project file: ${path}` : `cannot read ${path}: ${messageOf(cause)}`, {
      hint: isAbsent ? 'Name it with -f; examples/supabase/project.yaml is one to begin with.' : undefined,
      exitCode: isAbsent ? ExitCode.missing : ExitCode.generic,
      cause,
    });
  }
}
