/**
 * BASE_BACKUP with the WAL that the backup needs, a manifest and sizes for progress, in the server's syntax: options in parentheses
 * since version 15, keywords before (documentation, "Streaming Replication Protocol"; src/backend/replication/repl_gram.y).
 * The checkpoint is immediate, and the archiver is not waited for: the WAL is in the backup.
 *
 * TABLESPACE_MAP would keep links of tablespaces out of the archive, but up to version 15 also tablespaces that are directories and no
 * links, which no archive has then (sendDir in basebackup.c).
 */
export function baseBackupCommand(major: number): string {
  if (major < 15)
    return "BASE_BACKUP LABEL 'slipway' PROGRESS FAST WAL NOWAIT MANIFEST 'yes' MANIFEST_CHECKSUMS 'SHA256'";
  const options = [
    "LABEL 'slipway'",
    'PROGRESS',
    "CHECKPOINT 'fast'",
    'WAL',
    'WAIT false',
    ...(major < 16 ? [] : ['TABLESPACE_MAP']),
    "MANIFEST 'yes'",
    "MANIFEST_CHECKSUMS 'SHA256'",
  ];
  return `BASE_BACKUP (${options.join(', ')})`;
}
