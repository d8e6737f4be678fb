import type { DatabaseStatus, Status } from '../dev/status.js';

/** `database status` for people: a line a fact, names on the left. */
export function describeStatus({ workingDir, cluster, url, database }: Status): string {
  const lines: [name: string, value: string][] = [
    ['cluster', cluster === null ? `not running, ${workingDir}` : `running (pid ${cluster.pid}), ${workingDir}`],
    ['url', url ?? 'none: DB_URL is not set and the cluster is not running'],
  ];
  if (database !== null && 'unreachable' in database)
    lines.push(['database', `not reachable: ${database.unreachable}`]);
  else if (database !== null) lines.push(...describeDatabase(database));
  return `${lines.map(([name, value]) => `${(name === '' ? '' : `${name}:`).padEnd(10)}${value}`).join('\n')}\n`;
}

function describeDatabase({ server, size, bundle, deployed, sessions }: DatabaseStatus): [string, string][] {
  return [
    ['database', `PostgreSQL ${server}, ${(size / 2 ** 20).toFixed(1)} MiB`],
    ['bundle', describeBundle(bundle)],
    ['deployed', describeDeployment(deployed)],
    ['sessions', sessions.length === 0 ? 'none' : `${sessions.length}`],
    ...sessions.map(({ pid, user, application, state, seconds }): [string, string] => [
      '',
      `pid ${pid}, ${user}, ${application || 'no application name'}, ${state} for ${seconds} s`,
    ]),
  ];
}

function describeBundle({ installed, shipped }: DatabaseStatus['bundle']): string {
  if (installed === null) return `not installed (this tool brings ${shipped})`;
  return installed === shipped ? installed : `${installed} (this tool brings ${shipped})`;
}

function describeDeployment({ hydrated, patched }: DatabaseStatus['deployed']): string {
  const flags = [
    ...(hydrated?.mock ? ['with mock data'] : []),
    ...(hydrated?.hook === false ? ['without the bundle'] : []),
  ];
  const parts = [
    ...(hydrated === undefined ? [] : [['hydrated', ...flags].join(' ')]),
    ...(patched === true ? ['patched'] : []),
  ];
  return parts.length === 0 ? 'nothing by this tool' : parts.join(', ');
}
