import type { SecretReference } from '../spec/types.js';
import type { Consumer } from './template.js';

/** Lines for a POSIX shell (`set -a; . ./service.env`), which looks the password up when it reads them. */
export function environmentTemplate({ service, host = 'localhost', port }: Consumer): string {
  const values = [
    ['DB_HOST', word(host)],
    ['DB_PORT', word(port)],
    ['DB_DATABASE', word(service.database.name)],
    ['DB_USERNAME', word(service.user.name)],
    ['DB_PASSWORD', lookUp(service.user.password)],
  ];
  return values.map(([name, value]) => `${name}=${value}\n`).join('');
}

function lookUp(password: SecretReference): string {
  switch (password.kind) {
    case 'vault':
      return `"$(vault kv get -mount=${word(password.mount)} -field=${word(password.key)} ${word(password.path)})"`;
    case 'env':
      return `"$${password.name}"`;
    case 'file':
      return `"$(cat ${word(password.path)})"`;
    case 'exec':
      return `"$(cd ${word(password.directory)} && ${[password.program, ...password.args].map(word).join(' ')})"`;
  }
}

/** A word of the shell, in single quotes where it needs them. */
function word(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
