import { run } from '../cli/run.js';
import { slipway } from '../cli/slipway.js';

await run(slipway);
