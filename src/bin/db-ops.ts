import { dbOps } from '../cli/db-ops.js';
import { run } from '../cli/run.js';

await run(dbOps);
