import { newProgram, runProgram } from './program.js';
import type { Io } from './run.js';
import { initCommand } from './supabase/init.js';
import { manifestsCommand } from './supabase/manifests.js';
import { statusCommand } from './supabase/status.js';
import { syncCommand } from './supabase/sync.js';
import { verifyCommand } from './supabase/verify.js';

const summary = 'Makes a PostgreSQL database ready for Supabase, here or by a Kubernetes Job.';

/** `slipway supabase`. */
export function supabase(io: Io): Promise<number> {
  const program = newProgram('slipway supabase', summary, io);
  for (const command of [initCommand, statusCommand, verifyCommand, syncCommand, manifestsCommand]) {
    program.addCommand(command(io).copyInheritedSettings(program));
  }
  return runProgram(program, io);
}
