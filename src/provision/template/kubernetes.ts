import { stringify } from 'yaml';
import type { Consumer } from './template.js';
import { vaultSecretOf } from './vault-secret.js';

/** An ExternalSecret (external-secrets.io/v1) that keeps a Secret with everything for `envFrom`. */
export function kubernetesTemplate({ service, host = 'postgresql', port }: Consumer): string {
  const { path, key } = vaultSecretOf(service, 'the External Secrets Operator');
  const name = `${resourceName(service.name)}-db`;
  const manifest = {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name },
    spec: {
      refreshInterval: '1h',
      secretStoreRef: { kind: 'ClusterSecretStore', name: 'vault' },
      target: {
        name,
        template: {
          data: {
            DB_HOST: literal(host),
            DB_PORT: literal(port),
            DB_DATABASE: literal(service.database.name),
            DB_USERNAME: literal(service.user.name),
            DB_PASSWORD: '{{ .password }}',
          },
        },
      },
      data: [{ secretKey: 'password', remoteRef: { key: path, property: key } }],
    },
  };
  return `# Written by slipway provision template. In the container: envFrom: [{ secretRef: { name: ${name} } }]
# The store "vault" is one of the provider vault, with the mount of the KV engine as its path.
${stringify(manifest, { lineWidth: 0 })}`;
}

/** Text that the operator's templates leave as it is. */
function literal(text: string): string {
  return text.includes('{{') ? `{{ ${JSON.stringify(text)} }}` : text;
}

/** The name as Kubernetes takes it (RFC 1123 subdomain), short enough for `-db`. */
function resourceName(name: string): string {
  const letters = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  return letters.slice(0, 240).replace(/^-+|-+$/g, '') || 'service';
}
