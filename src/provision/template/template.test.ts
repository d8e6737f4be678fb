import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { parse } from 'yaml';
import { parseSpec } from '../spec/read.js';
import { consumerTemplate, type TemplateFormat, type TemplateOptions } from './template.js';

test("Nomad's blocks are the seed's, and leave the password to Vault", () => {
  assert.equal(
    template('gitea:', 'nomad'),
    `# In the task of the service "gitea"; written by slipway provision template.
vault {}

template {
  destination = "secrets/db.env"
  env         = true
  data        = <<EOH
DB_PASSWORD={{ with secret "secret/data/postgres/gitea" }}{{ index .Data.data "password" | toJSON }}{{ end }}
DB_HOST={{ range service "postgresql" }}{{ .Address }}{{ end }}
EOH
}

env {
  DB_CONNECTION = "pgsql"
  DB_PORT       = "5433"
  DB_DATABASE   = "gitea"
  DB_USERNAME   = "gitea"
}
`,
  );
});

test('Nomad reads KV 1 without data/, at another host, and names with its own signs come through', () => {
  const text = template('gitea: { database: "a$${1}%{2}\\"" }', 'nomad', { kvVersion: 1, host: 'db.lan' });
  assert.match(text, /with secret "secret\/postgres\/gitea" \}\}\{\{ index \.Data "password"/);
  assert.match(text, /^DB_HOST="db\.lan"$/m);
  assert.match(text, /^ {2}DB_DATABASE {3}= "a\$\$\{1\}%%\{2\}\\""$/m);
});

const references: readonly (readonly [password: string, value: string])[] = [
  ['{ env: SECRET }', 'it\'s "$x"'],
  ['{ file: /dev/null }', ''],
  ["{ exec: [printf, '%s', \"it's $HOME\"] }", "it's $HOME"],
];

for (const [password, value] of references) {
  test(`a shell reads the lines for a password by ${password}`, () => {
    const lines = template(`"o'dd": { password: ${password}, database: "a $b" }`, 'env').replace('/etc/slipway', '/');
    const script = `${lines}printf '%s|%s|%s' "$DB_DATABASE" "$DB_USERNAME" "$DB_PASSWORD"`;
    const read = execFileSync('sh', ['-c', script], {
      encoding: 'utf8',
      env: { ...process.env, SECRET: 'it\'s "$x"' },
    });
    assert.equal(read, `a $b|o'dd|${value}`);
  });
}

test('a shell asks Vault for a password that lies there', () => {
  assert.match(
    template('gitea:', 'env'),
    /^DB_PASSWORD="\$\(vault kv get -mount=secret -field=password postgres\/gitea\)"$/m,
  );
});

test('Kubernetes gets an ExternalSecret with a name that it takes', () => {
  const { kind, metadata, spec } = parse(template('"My Service!": { database: "{{1}}" }', 'kubernetes'));
  assert.deepEqual([kind, metadata.name, spec.target.name], ['ExternalSecret', 'my-service-db', 'my-service-db']);
  assert.equal(spec.target.template.data.DB_DATABASE, '{{ "{{1}}" }}');
  assert.deepEqual(spec.data, [
    { secretKey: 'password', remoteRef: { key: 'postgres/My Service!', property: 'password' } },
  ]);
});

test('what cannot read the password is refused, with what can', () => {
  for (const format of ['nomad', 'kubernetes'] as const) {
    assert.throws(() => template('a: { password: { env: A } }', format), /the password of service "a" is not in Vault/);
  }
});

function template(entry: string, format: TemplateFormat, options?: TemplateOptions): string {
  const text = `version: 1\nserver: { host: db, port: 5433 }\nservices:\n  ${entry}`;
  const { services, server } = parseSpec('/etc/slipway/services.yaml', text, {});
  const [service] = services;
  return consumerTemplate(service ?? assert.fail('no service'), server, format, options);
}
