import type { ServerSpec, ServiceSpec } from '../spec/types.js';
import { environmentTemplate } from './environment.js';
import { kubernetesTemplate } from './kubernetes.js';
import { nomadTemplate } from './nomad.js';

export type TemplateFormat = 'nomad' | 'env' | 'kubernetes';

export interface TemplateOptions {
  /** Where the service finds the server; the file's host when undefined, and for Nomad Consul's `postgresql`. */
  readonly host?: string | undefined;
  /** Version of the KV engine, which decides on paths in Nomad's templates; 2 when undefined. */
  readonly kvVersion?: 1 | 2 | undefined;
}

/** What a service's own configuration needs to connect. */
export interface Consumer {
  readonly service: ServiceSpec;
  readonly host: string | undefined;
  readonly port: string;
  readonly kvVersion: 1 | 2;
}

/**
 * The piece of configuration with which a service reaches its database, from the same entry that makes it. It refers to the password;
 * only where it is used is it looked up. @throws UserError when the format cannot refer to where the password is kept
 */
export function consumerTemplate(
  service: ServiceSpec,
  { connection }: ServerSpec,
  format: TemplateFormat,
  { host, kvVersion = 2 }: TemplateOptions = {},
): string {
  const consumer: Consumer = { service, host: host ?? connection.host, port: connection.port ?? '5432', kvVersion };
  switch (format) {
    case 'nomad':
      return nomadTemplate({ ...consumer, host });
    case 'env':
      return environmentTemplate(consumer);
    case 'kubernetes':
      return kubernetesTemplate(consumer);
  }
}
