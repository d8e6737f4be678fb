import type { CommandTable } from './command.js';
import { conditionalCommands } from './conditional.js';
import { copyrightCommands } from './copyright.js';
import { echoCommands } from './echo.js';
import { fileCommands } from './files.js';
import { queryCommands } from './query.js';
import { restrictCommands } from './restrict.js';
import { settingCommands } from './settings.js';
import { variableCommands } from './variables.js';

/** The backslash commands that most scripts are made of, one family a file. */
export const commands: CommandTable = {
  ...conditionalCommands,
  ...copyrightCommands,
  ...echoCommands,
  ...fileCommands,
  ...queryCommands,
  ...restrictCommands,
  ...settingCommands,
  ...variableCommands,
};
