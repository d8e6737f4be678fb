import { Command } from 'commander';
import { ExitCode, UserError } from '../errors.js';
import { bundleFileNames, bundlePath } from '../hectic/bundle.js';
import { newProgram, runProgram } from './program.js';
import type { Io } from './run.js';

/** `slipway hectic`: the bundle's files, for psql and other programs. */
export function hectic(io: Io): Promise<number> {
  const program = newProgram('slipway hectic', 'Shows where the SQL files of the hectic bundle are.', io);
  program.addCommand(pathsCommand(io).copyInheritedSettings(program));
  return runProgram(program, io);
}

function pathsCommand(io: Io): Command {
  return new Command('paths')
    .description('print the paths of the files, in the order in which they are applied')
    .argument('[name]', `print one only: ${bundleFileNames.join(', ')}`)
    .action((name: string | undefined) => {
      const chosen = bundleFileNames.filter((one) => name === undefined || one === name);
      if (chosen.length === 0) {
        throw new UserError(`the hectic bundle has no file '${name}'`, {
          exitCode: ExitCode.notFound,
          hint: `there are: ${bundleFileNames.join(', ')}`,
        });
      }
      io.stdout.write(chosen.map((one) => `${bundlePath(one)}\n`).join(''));
    });
}
