import { database } from '../cli/database.js';
import { run } from '../cli/run.js';

await run(database);
