/**
 * A process that applies a services file, to be killed: says `step` on a line of its own after every step, `done` at the end, and what
 * failed. Every user's password is `password of USER`.
 * Usage: node apply-process.js FILE
 */
import { applyProvision } from '../../src/provision/apply/apply.js';
import { serverOf } from '../../src/provision/server.js';
import { readSpec } from '../../src/provision/spec/read.js';
import { failures, read } from './server.js';

const spec = await readSpec(process.argv[2] ?? '', {});
const passwords = new Map(spec.services.map(({ user: { name } }) => [name, read(`password of ${name}`)]));
const server = serverOf(spec.server, undefined, { env: {} });
const result = await applyProvision({ server, spec, passwords }, { onStep: () => void process.stdout.write('step\n') });
process.stdout.write(`${failures(result).join('\n') || 'done'}\n`);
