import { createRequire } from 'node:module';
import type pg from 'pg';

type Driver = Pick<typeof pg, 'Client' | 'Connection'>;

const require = createRequire(import.meta.url);

/**
 * What is needed of the `pg` package, without its pool. To find out where it runs it looks at the global `Response` unless there is a
 * `navigator`, and that look makes Node 20 load its whole HTTP client: a `navigator` for the time of loading, as later versions of Node
 * have one, saves some 40 ms.
 */
export const driver: Driver = loadWithNavigator();

function loadWithNavigator(): Driver {
  if ('navigator' in globalThis) return load();
  Object.assign(globalThis, { navigator: { userAgent: `Node.js/${process.versions.node}` } });
  try {
    return load();
  } finally {
    Reflect.deleteProperty(globalThis, 'navigator');
  }
}

function load(): Driver {
  return { Client: require('pg/lib/client'), Connection: require('pg/lib/connection') };
}
