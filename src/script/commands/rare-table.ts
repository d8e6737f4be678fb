import type { CommandTable } from './command.js';
import { connectionCommands } from './connection.js';
import { copyCommands } from './copy.js';
import { extendedCommands } from './extended.js';
import { inspectCommands } from './inspect.js';
import { largeObjectCommands } from './large-objects.js';
import { passwordCommands } from './password.js';
import { refusedCommands } from './refused.js';
import { systemCommands } from './system.js';
import { watchCommands } from './watch.js';

/** The other backslash commands, one family a file: most scripts have none of them, and they take the longest to load. */
export const rareCommands: CommandTable = {
  ...connectionCommands,
  ...copyCommands,
  ...extendedCommands,
  ...inspectCommands,
  ...largeObjectCommands,
  ...passwordCommands,
  ...refusedCommands,
  ...systemCommands,
  ...watchCommands,
};
