import { migrator } from '../cli/migrator.js';
import { run } from '../cli/run.js';

await run(migrator);
