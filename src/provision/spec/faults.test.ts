import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidFile } from '../../document/faults.js';
import { parseSpec } from './read.js';

/** A file's text, and its faults: line and column, key, message. The first line is `version: 1` unless the text has its own. */
const cases: readonly (readonly [what: string, text: string, faults: readonly string[]])[] = [
  ['nothing at all', '\n', ["1:1: 'services' is missing"]],
  ['a list', '- a\n', ['1:1: must be a mapping']],
  ['another version', 'version: 2\nservices: [a]', ['1:10: version: must be 1']],
  ['no service', 'services: {}', ['2:11: services: must not be empty']],
  ['no services', 'services:', ['2:1: services: must be a mapping or a list']],
  ['a service twice in a list', 'services: [a, b, a]', ['2:18: services[2]: this stands here twice']],
  ['a service twice in a mapping', 'services:\n  a:\n  a:', ['4:3: map keys must be unique']],
  ['a mapping in a list', 'services: [{ a: 1 }]', ['2:12: services[0]: must be text']],
  ['a misspelt key', 'servces: [a]\nservices: [a]', ["2:1: servces: unknown key; did you mean 'services'?"]],
  [
    'a misspelt key of a service',
    'services:\n  gitea: { extensios: [x] }',
    ["3:12: services.gitea.extensios: unknown key; did you mean 'extensions'?"],
  ],
  [
    'a key like no other',
    'vault: { colour: red }\nservices: [a]',
    ['2:10: vault.colour: unknown key; known here: mount, address, namespace, caCert, clientCert, clientKey, auth'],
  ],
  [
    'a password as it is',
    'services:\n  a: { password: hunter2 }',
    ['3:18: services.a.password: a secret does not stand in the file itself'],
  ],
  [
    'a password by a variable',
    'services:\n  a: { password: "$' + '{SET}" }',
    ['3:18: services.a.password: a secret does not stand in the file itself'],
  ],
  [
    'a password as a key',
    'services:\n  a: { password: { hunter2 } }',
    [
      '3:8: services.a.password: unknown key; known here: vault, key, mount, env, file, exec',
      '3:18: services.a.password: must be exactly one of vault, env, file, exec',
    ],
  ],
  ['a password as a key of its line', 'services:\n  a: { password: "hunter2\\q" }', ['3:26: invalid escape sequence']],
  [
    'a password where no text goes',
    'services:\n  a: { user: a } "hunter2"',
    ['3:18: unexpected double-quoted-scalar at node end'],
  ],
  [
    'two references',
    'services:\n  a: { password: { env: A, file: b } }',
    ['3:18: services.a.password: must be exactly one of vault, env, file, exec'],
  ],
  [
    'a program without a name',
    'services:\n  a: { password: { exec: [] } }',
    ['3:26: services.a.password.exec: must not be empty'],
  ],
  [
    'a way out of the mount',
    'services:\n  a: { password: { vault: ../sys/raw } }',
    ["3:27: services.a.password.vault: a path in Vault has no empty step, and none that is '.' or '..'"],
  ],
  [
    'a secret that opens Vault, in Vault',
    'vault: { auth: { jwt: { role: r, token: { vault: x } } } }\nservices: [a]',
    ['2:50: vault.auth.jwt.token.vault: what opens Vault cannot lie in Vault; use env, file or exec'],
  ],
  [
    'a generated secret outside Vault',
    'services:\n  a: { generate: true, password: { env: A } }',
    ['3:18: services.a.generate: only a secret in Vault can be generated, and this password is not in Vault'],
  ],
  ['a number for a name', 'services:\n  a: { database: 7 }', ['3:18: services.a.database: must be text or a mapping']],
  [
    'a name of 64 bytes',
    `services:\n  a: { database: ${'é'.repeat(32)} }`,
    [`3:18: services.a.database: "${'é'.repeat(32)}" has 64 bytes; PostgreSQL keeps only 63`],
  ],
  ['a name with a NUL', 'services:\n  "a\\0b":', ['3:3: services["a\\u0000b"]: a name must not hold a NUL character']],
  [
    'half a surrogate pair',
    'services:\n  a: { user: "\\uD800" }',
    ['3:14: services.a.user: a name must be well-formed Unicode; this holds half of a surrogate pair'],
  ],
  [
    'a reserved name',
    'services: { a: { user: public } }',
    ['2:24: services.a.user: "public" is a reserved word, no role can have it'],
  ],
  [
    "a name of PostgreSQL's own",
    'services: { a: { user: pg_a, schemas: [pg_b] } }',
    [
      '2:24: services.a.user: "pg_a": names that begin with pg_ are PostgreSQL\'s own',
      '2:40: services.a.schemas.pg_b: "pg_b": names that begin with pg_ are PostgreSQL\'s own',
    ],
  ],
  [
    "the administrator's name",
    'server: { user: root }\nservices: { a: { user: root } }',
    ['3:24: services.a.user: "root" is the administrator, as whom Slipway logs in'],
  ],
  [
    'a placeholder that there is not',
    'services: { a: { database: "{service}" } }',
    ["2:28: services.a.database: unknown placeholder {service}; there is {name}, the service's name"],
  ],
  [
    'a privilege in small letters',
    'services: { a: { grants: { database: [all] } } }',
    ['2:39: services.a.grants.database[0]: must be one of ALL, CREATE, CONNECT, TEMPORARY, TEMP'],
  ],
  [
    'an owner misspelt',
    'services: { a: { owner: servce } }',
    ['2:25: services.a.owner: must be keep, service or { role: NAME }'],
  ],
  ['a port that is none', 'server: { port: 65536 }\nservices: [a]', ['2:17: server.port: must be a port']],
  [
    'a date that is none',
    'services: { a: { validUntil: tomorrow } }',
    [
      '2:30: services.a.validUntil: must be a date with or without time (2027-01-31, 2027-01-31T12:00:00Z), or infinity',
    ],
  ],
  [
    'a certificate without its key',
    'vault: { clientCert: c }\nservices: [a]',
    ["2:22: vault.clientCert: this goes with 'clientKey', which is not here"],
  ],
  [
    'a variable that is not set',
    'server: { port: "$' + '{NONE}" }\nservices: [a]',
    ['2:17: the environment variable NONE is not set'],
  ],
  [
    'two owners of a database',
    'defaults: { owner: service }\nservices: { a: , b: { database: a } }',
    ['3:18: services.b.owner: contradicts service "a" (line 3), which shares database "a"'],
  ],
  [
    'two passwords of a user',
    'services: { a: { user: u }, b: { user: u } }',
    ['2:29: services.b.password: contradicts service "a" (line 2), which shares user "u"'],
  ],
  [
    'two services that are one',
    'services: { a: , b: { user: a, database: a, password: { vault: postgres/a } } }',
    ['2:21: services.b: contradicts service "a" (line 2), which shares user "a" in database "a"'],
  ],
  [
    'two values of a setting',
    'services: { a: { database: { settings: { jit: off } } }, b: { database: { name: a, settings: { jit: on } } } }',
    ['2:101: services.b.database.settings.jit: contradicts service "a" (line 2), which shares database "a"'],
  ],
  [
    'faults of every kind at once',
    'server: { prt: 1 }\nservices:\n  a: { owner: x }\n  b: { user: none }\n  c: { database: "$' + '{NONE}" }',
    [
      "2:11: server.prt: unknown key; did you mean 'port'?",
      '4:15: services.a.owner: must be keep, service or { role: NAME }',
      '5:14: services.b.user: "none" is a reserved word, no role can have it',
      '6:18: the environment variable NONE is not set',
    ],
  ],
];

for (const [what, body, faults] of cases) {
  test(`a file with ${what} is refused with the place`, () => {
    const text = body.startsWith('version:') || body.startsWith('-') ? body : `version: 1\n${body}`;
    const error = refusal(text);
    assert.deepEqual(
      error.message.split('\n'),
      faults.map((fault) => `services.yaml:${fault}`),
    );
    assert.doesNotMatch(`${error.message}${error.hint}`, /hunter2/);
  });
}

test('a variable between braces without quotes is refused with the remedy', () => {
  const { message, hint } = refusal('version: 1\nserver: { host: $' + '{X} }\nservices: [a]');
  assert.match(message, /^services\.yaml:2:18: unexpected [^\n]*$/);
  assert.match(hint ?? '', /needs quotes/);
});

test('a file that unfolds without end is refused', () => {
  const layers = Array.from({ length: 12 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}, *a${n}, *a${n}]`);
  assert.match(refusal(['a0: &a0 [x, x]', ...layers].join('\n')).message, /alias/i);
});

function refusal(text: string): InvalidFile {
  try {
    parseSpec('services.yaml', text, { SET: 'hunter2' });
  } catch (error) {
    assert.ok(error instanceof InvalidFile, String(error));
    return error;
  }
  return assert.fail(`no fault was found in ${text}`);
}
