import { backupCommand } from './database/backup.js';
import { checkCommand } from './database/check.js';
import { cleanupCommand } from './database/cleanup.js';
import { unbuiltCommand, urlOption } from './database/command.js';
import { deployCommand } from './database/deploy.js';
import { hydrateCommand } from './database/hydrate.js';
import { initCommand } from './database/init.js';
import { logCommand } from './database/log.js';
import { migratorCommand } from './database/migrator.js';
import { normalizeBackupCommand } from './database/normalize-backup.js';
import { patchCommand } from './database/patch.js';
import { restoreCommand } from './database/restore.js';
import { statusCommand } from './database/status.js';
import { testCommand } from './database/test.js';
import { newProgram, runProgram } from './program.js';
import type { Io } from './run.js';

const summary = 'Deploys, checks and tests the PostgreSQL database of a project, from its SQL sources.';

/** Commands of the contract that are still to come, with what they will do. */
const unbuilt = {
  diff: 'compare a backup plus pending migrations with the sources',
  pull_staging: 'write test-data.sql from a staging database',
};

/** The `database` executable. */
export function database(io: Io): Promise<number> {
  const program = newProgram('database', summary, io).addOption(urlOption());
  for (const command of [
    deployCommand,
    initCommand,
    hydrateCommand,
    patchCommand,
    checkCommand,
    testCommand,
    logCommand,
    statusCommand,
    migratorCommand,
    backupCommand,
    restoreCommand,
    normalizeBackupCommand,
    cleanupCommand,
  ]) {
    program.addCommand(command(io).copyInheritedSettings(program));
  }
  for (const [name, description] of Object.entries(unbuilt)) {
    program.addCommand(unbuiltCommand(name, description).copyInheritedSettings(program), { hidden: true });
  }
  return runProgram(program, io);
}
