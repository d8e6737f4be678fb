import { Command, Option } from 'commander';
import type { Request } from '../../dev/plan.js';
import type { Workspace } from '../../dev/workspace.js';
import { UserError } from '../../errors.js';
import type { Io } from '../run.js';

/** `-u`, accepted before and after the subcommand's name. */
export function urlOption(): Option {
  return new Option('-u, --url <url>', 'database to work on, instead of DB_URL and PGURL');
}

/** The project that the environment describes, with the terminal as its place to report to. */
export async function openWorkspace(io: Io, url: string | undefined): Promise<Workspace> {
  const { readProject } = await import('../../dev/project.js');
  const { openProgress } = await import('../terminal.js');
  const project = readProject(io.env);
  return {
    project: url === undefined ? project : { ...project, url: { text: url, origin: '--url' } },
    env: io.env,
    progress: openProgress(io),
    stdout: io.stdout,
    stderr: io.stderr,
    signal: io.signal,
  };
}

/** A subcommand that works on the project's database. */
export function projectCommand(name: string, description: string): Command {
  return new Command(name).description(description).addOption(urlOption());
}

export function dryRunOption(): Option {
  return new Option('-n, --dry-run', 'print what would be done, and do nothing');
}

/** Prints the plan of a command that was asked for it. */
export async function printPlan(io: Io, workspace: Workspace, request: Request): Promise<void> {
  const { plan } = await import('../../dev/plan.js');
  for (const step of await plan(workspace, request)) io.stdout.write(`would ${step}\n`);
}

export function unbuiltCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .argument('[arguments...]')
    .allowUnknownOption()
    .helpOption(false)
    .action(() => {
      throw new UserError(`'${name}' is not built yet`, {
        hint: `it will ${description}; see CHANGELOG.md for what is there`,
      });
    });
}
