import { postgresCleanup } from '../cli/postgres-cleanup.js';
import { run } from '../cli/run.js';

await run(postgresCleanup);
