import type { Writable } from 'node:stream';
import type { Progress } from './progress.js';
import type { Project } from './project.js';

/** What every command of the development tool works with. */
export interface Workspace {
  readonly project: Project;
  readonly env: NodeJS.ProcessEnv;
  readonly progress: Progress;
  /** Where the output of SQL scripts goes when no log file is set for it. */
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly signal: AbortSignal;
}
