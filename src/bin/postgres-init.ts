import { postgresInit } from '../cli/postgres-init.js';
import { run } from '../cli/run.js';

await run(postgresInit);
