import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Job } from 'kubernetes-models/batch/v1/Job';
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { parseAllDocuments } from 'yaml';
import { initManifests, manifestsOf } from '../../src/supabase/manifests/manifests.js';
import { podScripts } from '../../src/supabase/manifests/scripts.js';
import { parseProject, readProject } from '../../src/supabase/project.js';
import { root, run } from '../support/cli.js';
import { withDirectory } from '../support/cluster.js';

const example = join(root, 'examples', 'supabase', 'project.yaml');
const own = { own: { 'run-migrations.sh': 'exit 0\n' }, extra: {} };

function projectWith(database = '{ secretRef: { name: db } }', name = 'shop'): string {
  return `apiVersion: supabase.strrl.dev/v1alpha1
kind: SupabaseProject
metadata: { name: ${name} }
spec: { projectId: shop, database: ${database}, storage: { secretRef: { name: s3 } } }
`;
}

function manifestsWith(database?: string, name?: string) {
  return initManifests(parseProject('project.yaml', projectWith(database, name)), own);
}

test('what is printed are a ConfigMap and a Job as the API of Kubernetes describes them', async () => {
  const { status, stdout, stderr } = await run('slipway', ['supabase', 'manifests', '-f', example]);
  assert.equal(status, 0, stderr);
  // the version of YAML that kubectl reads
  const [configMap, job] = parseAllDocuments(stdout, { version: '1.1' }).map((document) => document.toJS());
  new ConfigMap(configMap).validate();
  new Job(job).validate();
  assert.deepEqual([configMap, job], JSON.parse(JSON.stringify(await exampleManifests())));
});

async function exampleManifests() {
  return manifestsOf(await readProject(example));
}

test("both are called NAME-db-init, in the project's namespace, with the labels of the operator", async () => {
  const [configMap, job] = await exampleManifests();
  const labels = {
    'app.kubernetes.io/name': 'db-init',
    'app.kubernetes.io/instance': 'shop',
    'app.kubernetes.io/component': 'database',
    'app.kubernetes.io/part-of': 'supabase',
    'app.kubernetes.io/managed-by': 'supabase-operator',
  };
  const metadata = { name: 'shop-db-init', namespace: 'shop', labels };
  assert.deepEqual([configMap.metadata, job.metadata], [metadata, metadata]);
  assert.deepEqual(job.spec.template.metadata, { labels });
});

test('the ConfigMap holds the seven files, what keeps their record, and the script', async () => {
  const [configMap] = await exampleManifests();
  assert.deepEqual(Object.keys(configMap.data), [
    '00-initial-schema.sql',
    '01-roles.sql',
    '02-jwt.sql',
    '03-logs.sql',
    '04-webhooks.sql',
    '05-realtime.sql',
    '06-pooler.sql',
    'ledger.sql',
    'recorded.sql',
    'record.sql',
    'run-migrations.sh',
  ]);
});

test('the Job is tried four times, removed after ten minutes, and keeps the pods that failed', () => {
  const [, { spec }] = manifestsWith();
  const { backoffLimit, ttlSecondsAfterFinished } = spec;
  assert.deepEqual({ backoffLimit, ttlSecondsAfterFinished }, { backoffLimit: 3, ttlSecondsAfterFinished: 600 });
  assert.equal(spec.template.spec.restartPolicy, 'Never');
  assert.equal(spec.template.spec.containers[0]?.terminationMessagePath, '/dev/termination-log');
});

test('a namespace that enforces the restricted Pod Security Standard admits the pod', () => {
  const { automountServiceAccountToken, securityContext, containers, volumes } = manifestsWith()[1].spec.template.spec;
  assert.equal(automountServiceAccountToken, false);
  assert.equal(securityContext.runAsNonRoot, true);
  assert.notEqual(securityContext.runAsUser, 0);
  assert.equal(securityContext.seccompProfile.type, 'RuntimeDefault');
  assert.deepEqual(containers[0]?.securityContext, {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
  assert.deepEqual(Object.keys(containers[0]?.resources ?? {}), ['requests', 'limits']);
  const kinds = volumes.flatMap((volume) => Object.keys(volume).filter((key) => key !== 'name'));
  assert.deepEqual(kinds, ['configMap', 'secret', 'emptyDir']);
});

test("the password comes from the Secret as it is, in libpq's variable and in that of the services' roles, and in nothing else", () => {
  const [, job] = manifestsWith();
  const env = job.spec.template.spec.containers[0]?.env ?? [];
  const fromPassword = env.filter(
    (variable) => 'valueFrom' in variable && variable.valueFrom?.secretKeyRef?.key === 'password',
  );
  assert.deepEqual(
    fromPassword.map(({ name }) => name),
    ['PGPASSWORD', 'POSTGRES_PASSWORD'],
  );
  assert.ok(!/\$\(|:\/\//.test(JSON.stringify(env)), 'no value is put together from others');
});

test('the JWT secret is not given to the pod unless it is to be put into the database', () => {
  const project = parseProject('project.yaml', projectWith());
  const names = (storesJwtSecret: boolean) =>
    initManifests(project, own, { storesJwtSecret })[1].spec.template.spec.containers[0]?.env.map(({ name }) => name);
  assert.ok(!names(false)?.some((name) => name.startsWith('JWT_SECRET')));
  assert.deepEqual(
    names(true)?.filter((name) => name.startsWith('JWT_SECRET')),
    ['JWT_SECRET', 'JWT_SECRET_IN_DATABASE'],
  );
});

test('sslMode is require unless the project says otherwise', () => {
  for (const [database, mode] of [
    [undefined, 'require'],
    ['{ secretRef: { name: db }, sslMode: "" }', 'require'],
    ['{ secretRef: { name: db }, sslMode: verify-full }', 'verify-full'],
  ] as const) {
    const env: readonly { name: string; value?: string }[] =
      manifestsWith(database)[1].spec.template.spec.containers[0]?.env ?? [];
    assert.equal(env.find(({ name }) => name === 'PGSSLMODE')?.value, mode);
  }
});

test('extra scripts run after the seven, in the order of their names', () =>
  withDirectory(async (directory) => {
    for (const name of ['b.sql', '10-a.sql', 'note.txt']) await writeFile(join(directory, name), `-- ${name}\n`);
    const project = parseProject('project.yaml', projectWith());
    const [configMap, job] = initManifests(project, await podScripts(directory));
    new Job(job).validate();
    assert.deepEqual(job.spec.template.spec.containers[0]?.args, ['10-a.sql', 'b.sql']);
    assert.equal(configMap.data['b.sql'], '-- b.sql\n');
    assert.equal(configMap.data['note.txt'], undefined);
  }));

test('scripts that a ConfigMap cannot hold are refused by name and size', () => {
  const project = parseProject('project.yaml', projectWith());
  const withExtra = (extra: Record<string, string>) => () => initManifests(project, { ...own, extra });
  assert.throws(withExtra({ 'run-migrations.sh': '' }), /run-migrations\.sh is the name of one of Slipway's own files/);
  assert.throws(withExtra({ 'größe.sql': '' }), /a ConfigMap cannot hold a file called "größe\.sql"/);
  assert.throws(
    withExtra({ 'big.sql': 'é'.repeat(600_000) }),
    /the scripts have 1200007 bytes, a ConfigMap holds 1048576; the largest is big\.sql with 1200000/,
  );
});

test('the longest name that is accepted gives a Job a name of 63 characters', () => {
  assert.equal(manifestsWith(undefined, 'a'.repeat(55))[1].metadata.name.length, 63);
  assert.throws(
    () => manifestsWith(undefined, 'a'.repeat(56)),
    /^InvalidFile: project\.yaml:3:19: metadata\.name: has 56 characters, of which a Job's name leaves room for 55$/,
  );
});

test('an image needs a tag or a digest', async () => {
  const image = (name: string) => run('slipway', ['supabase', 'manifests', '-f', example, '--image', name]);
  const refused = await image('registry:5000/postgres');
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /^error: --image "registry:5000\/postgres" has no tag\nhint: /);
  assert.match((await image('registry:5000/postgres:17')).stdout, /image: registry:5000\/postgres:17\n/);
});
