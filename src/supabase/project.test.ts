import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidFile } from '../document/faults.js';
import { parseProject } from './project.js';

const head = 'apiVersion: supabase.strrl.dev/v1alpha1\nkind: SupabaseProject\n';
const metadata = 'metadata: { name: shop }\n';
const storage = '  storage: { secretRef: { name: s3 } }\n';
const sound = `${head}${metadata}spec:\n  projectId: shop\n  database: { secretRef: { name: db } }\n${storage}`;

function withDatabase(database: string): string {
  return sound.replace('{ secretRef: { name: db } }', database);
}

/** A file's text, and its faults: line and column, key, message. */
const cases: readonly (readonly [what: string, text: string, faults: readonly string[]])[] = [
  ['nothing at all', '', ['1:1: must be a mapping']],
  ['a list', '- a\n', ['1:1: must be a mapping']],
  ['no YAML', 'spec: {', ['1:8: flow map in block collection must be sufficiently indented and end with a }']],
  [
    'another kind of another group',
    sound.replace('SupabaseProject', 'Secret').replace('v1alpha1', 'v1'),
    ['1:13: apiVersion: must be "supabase.strrl.dev/v1alpha1"', '2:7: kind: must be "SupabaseProject"'],
  ],
  [
    'a name that Kubernetes does not take',
    sound.replace('name: shop', 'name: Shop_1'),
    ["3:19: metadata.name: must be a name of Kubernetes: a-z, 0-9, '-' and '.', at most 253 characters"],
  ],
  [
    'everything that is needed',
    `${head}${metadata}spec: {}\n`,
    ['projectId', 'database', 'storage'].map((key) => `4:7: spec: '${key}' is missing`),
  ],
  ['a Secret without a name', withDatabase('{ secretRef: {} }'), ["6:26: spec.database.secretRef: 'name' is missing"]],
  [
    'a Secret of another namespace',
    withDatabase('{ secretRef: { name: db, namespace: other } }').replace('name: shop', 'name: shop, namespace: shop'),
    ["6:49: spec.database.secretRef.namespace: must be metadata.namespace, 'shop'"],
  ],
  [
    'a Secret of a namespace, and none of the project',
    withDatabase('{ secretRef: { name: db, namespace: other } }'),
    ['6:49: spec.database.secretRef.namespace: must be metadata.namespace, which is not given'],
  ],
  [
    'an sslMode that libpq does not know',
    withDatabase('{ secretRef: { name: db }, sslMode: verify }'),
    ['6:49: spec.database.sslMode: must be one of disable, allow, prefer, require, verify-ca, verify-full'],
  ],
  [
    'too many connections',
    withDatabase('{ secretRef: { name: db }, maxConnections: 101 }'),
    ['6:56: spec.database.maxConnections: must be a whole number from 1 to 100'],
  ],
  [
    'misspelt keys',
    `${sound.replace('  database:', '  databse:')}  kong: { replica: 1 }\n`,
    [
      "5:3: spec: 'database' is missing",
      "6:3: spec.databse: unknown key; did you mean 'database'?",
      "8:11: spec.kong.replica: unknown key; did you mean 'replicas'?",
    ],
  ],
  [
    'components that cannot be',
    `${sound}  kong: { image: 'host:5000/kong', replicas: 11 }\n  auth: { extraEnv: [{ value: x }], resources: { limits: { cpu: much } } }\n`,
    [
      '8:18: spec.kong.image: must be an image with a tag or a digest, like kong/kong:3.9.1',
      '8:46: spec.kong.replicas: must be a whole number from 0 to 10',
      "9:22: spec.auth.extraEnv[0]: 'name' is missing",
      '9:65: spec.auth.resources.limits.cpu: must be an amount, like 500m, 1.5 or 256Mi',
    ],
  ],
];

for (const [what, text, faults] of cases) {
  test(`a project file with ${what} is refused: every fault, with line and key`, () => {
    assert.throws(
      () => parseProject('p.yaml', text),
      (error) => {
        assert.ok(error instanceof InvalidFile);
        assert.deepEqual(
          error.message.split('\n'),
          faults.map((fault) => `p.yaml:${fault}`),
        );
        return true;
      },
    );
  });
}

test('a resource as kubectl prints it is read, with its status and its metadata', () => {
  const printed = `${sound.replace('name: shop }', 'name: shop, namespace: shop, uid: x, managedFields: [{}] }')}status: { phase: Running }\n`;
  assert.equal(parseProject('p.yaml', printed).metadata.namespace, 'shop');
});

test('every key of the API is known', () => {
  const component =
    "{ image: 'a:1', replicas: 0, resources: { requests: { cpu: 1 } }, extraEnv: [{ name: A, value: b }]";
  const more = ['kong', 'realtime', 'postgrest', 'storageApi', 'meta']
    .map((name) => `  ${name}: ${component} }\n`)
    .join('');
  const all = `${sound}${more}  auth: ${component}, smtpSecretRef: { name: a }, oauthSecretRef: { name: b } }
  studio: ${component}, publicUrl: 'https://x', dashboardBasicAuthSecretRef: { name: c } }
  ingress: { enabled: true, className: nginx, annotations: { a: b }, host: h, tlsSecretName: t }
`;
  assert.equal(parseProject('p.yaml', all).metadata.name, 'shop');
});
