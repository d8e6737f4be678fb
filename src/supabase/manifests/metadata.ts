import { initSuffix, type SupabaseProject } from '../project.js';

/** Labels of what initializes the database, on objects and pods alike (those of the operator that uses this API). */
export function initLabels({ metadata }: SupabaseProject): Record<string, string> {
  return {
    'app.kubernetes.io/name': 'db-init',
    'app.kubernetes.io/instance': metadata.name,
    'app.kubernetes.io/component': 'database',
    'app.kubernetes.io/part-of': 'supabase',
    'app.kubernetes.io/managed-by': 'supabase-operator',
  };
}

/** Name, namespace and labels, the same for the ConfigMap and the Job. */
export function initMetadata(project: SupabaseProject) {
  const { name, namespace } = project.metadata;
  return {
    name: `${name}${initSuffix}`,
    ...(namespace === undefined ? {} : { namespace }),
    labels: initLabels(project),
  };
}
