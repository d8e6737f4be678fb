import type { IJob } from 'kubernetes-models/batch/v1/Job';
import type { IContainer } from 'kubernetes-models/v1/Container';
import type { IPodSpec } from 'kubernetes-models/v1/PodSpec';
import type { SupabaseProject } from '../project.js';
import { jobEnvironment } from './environment.js';
import { initLabels, initMetadata } from './metadata.js';
import { scriptsDirectory, temporaryDirectory, terminationMessagePath, tlsDirectory } from './places.js';
import { runnerName } from './scripts.js';

export interface JobOptions {
  /** Has `psql`, `pg_isready`, `sha256sum` and a POSIX `sh`. */
  readonly image?: string | undefined;
  /** Whether the JWT secret is to become a setting of the database, where every role can read it. */
  readonly storesJwtSecret?: boolean;
}

export const defaultImage = 'postgres:15-alpine';

/** The account `postgres` of the Alpine images; psql needs no entry for it in another image's /etc/passwd. */
const userId = 70;

/** The Job `<name>-db-init`: runs the scripts of the ConfigMap, the seven and the extra ones, as the user of the database's Secret. */
export function initJob(project: SupabaseProject, extra: readonly string[], options: JobOptions = {}) {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: initMetadata(project),
    spec: {
      backoffLimit: 3,
      ttlSecondsAfterFinished: 600,
      activeDeadlineSeconds: 3600,
      template: { metadata: { labels: initLabels(project) }, spec: podSpec(project, extra, options) },
    },
  } satisfies IJob;
}

/** Fit for a namespace of the Pod Security Standard `restricted`. */
function podSpec(project: SupabaseProject, extra: readonly string[], options: JobOptions) {
  return {
    // a failed attempt leaves its pod, with its log and its termination message
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: userId,
      runAsGroup: userId,
      fsGroup: userId,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [container(project, extra, options)],
    volumes: volumes(project),
  } satisfies IPodSpec;
}

function container(project: SupabaseProject, extra: readonly string[], options: JobOptions) {
  const { image = defaultImage, storesJwtSecret = false } = options;
  return {
    name: 'init',
    image,
    command: ['sh', `${scriptsDirectory}/${runnerName}`],
    ...(extra.length > 0 ? { args: [...extra] } : {}),
    env: jobEnvironment(project, storesJwtSecret),
    resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { cpu: '500m', memory: '128Mi' } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    terminationMessagePath,
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: [
      { name: 'init-scripts', mountPath: scriptsDirectory, readOnly: true },
      { name: 'tls', mountPath: tlsDirectory, readOnly: true },
      { name: 'tmp', mountPath: temporaryDirectory },
    ],
  } satisfies IContainer;
}

function volumes(project: SupabaseProject) {
  const { name } = project.spec.database.secretRef;
  return [
    { name: 'init-scripts', configMap: { name: initMetadata(project).name } },
    // libpq takes a key only from a file that others cannot read: of root and the pod's group
    { name: 'tls', secret: { secretName: name, items: tlsItems, optional: true, defaultMode: 0o440 } },
    { name: 'tmp', emptyDir: { sizeLimit: '16Mi' } },
  ];
}

const tlsItems = ['ca.crt', 'tls.crt', 'tls.key'].map((key) => ({ key, path: key }));
