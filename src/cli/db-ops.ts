import { Command } from 'commander';
import { secretsLoadCommand } from './db-ops/secrets-load.js';
import { ExitStatus, newProgram, runProgram } from './program.js';
import type { Io } from './run.js';

/** The `db-ops` executable: operations on any database, in a project or not. */
export function dbOps(io: Io): Promise<number> {
  const program = newProgram('db-ops', 'Operations on any database, on this machine or elsewhere.', io);
  const secrets = new Command('secrets').description("work on a database's secrets").copyInheritedSettings(program);
  secrets.addCommand(secretsLoadCommand(io).copyInheritedSettings(program)).action(() => {
    io.stdout.write(secrets.helpInformation());
    throw new ExitStatus(1);
  });
  return runProgram(program.addCommand(secrets), io);
}
