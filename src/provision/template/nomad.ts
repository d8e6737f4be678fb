import type { Consumer } from './template.js';
import { vaultSecretOf } from './vault-secret.js';

/** A `template` and an `env` block for a task of Nomad. Without a host the server is Consul's service `postgresql`. */
export function nomadTemplate({ service, host, port, kvVersion }: Consumer): string {
  const { mount, path, key } = vaultSecretOf(service, 'Nomad');
  const secret = goString(kvVersion === 2 ? `${mount}/data/${path}` : `${mount}/${path}`);
  const value = `index .Data${kvVersion === 2 ? '.data' : ''} ${goString(key)} | toJSON`;
  const address = host === undefined ? '{{ range service "postgresql" }}{{ .Address }}{{ end }}' : JSON.stringify(host);
  return `# In the task of the service ${JSON.stringify(service.name)}; written by slipway provision template.
vault {}

template {
  destination = "secrets/db.env"
  env         = true
  data        = <<EOH
DB_PASSWORD={{ with secret ${inHeredoc(secret)} }}{{ ${inHeredoc(value)} }}{{ end }}
DB_HOST=${inHeredoc(address)}
EOH
}

env {
  DB_CONNECTION = "pgsql"
  DB_PORT       = ${hclString(port)}
  DB_DATABASE   = ${hclString(service.database.name)}
  DB_USERNAME   = ${hclString(service.user.name)}
}
`;
}

/** A string of Go's templates; JSON's escapes are among Go's. */
function goString(text: string): string {
  return JSON.stringify(text);
}

/** HCL reads \`\${\` and \`%{\` in heredocs and strings as its own templates (HCL specification, "Template Expressions"). */
function inHeredoc(text: string): string {
  return text.replaceAll(/[$%]\{/g, (sign) => `${sign.charAt(0)}${sign}`);
}

function hclString(text: string): string {
  return inHeredoc(JSON.stringify(text));
}
