import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { compare } from './measure.js';

/** How long a launcher takes until it has said what it can do, against a Node that does nothing. */
const database = fileURLToPath(new URL('../../bin/database', import.meta.url));

await compare(
  'startup',
  [
    { name: 'node -e 0', run: () => execFileSync(process.execPath, ['-e', '0']) },
    { name: 'database --help', run: () => execFileSync(database, ['--help']) },
  ],
  30,
);
