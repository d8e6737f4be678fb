import { readdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, sep } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { ExitCode, UserError } from '../errors.js';
import { describe } from '../script/errors.js';
import type { Result } from '../script/results.js';
import { runScript, withSession } from '../script/run.js';
import { projectEnvironment } from './project.js';
import { readTap } from './tap.js';
import { inDatabase, resolveTarget, type Target, urlOf } from './target.js';
import { type Clones, withClones } from './test-clones.js';
import type { FileResult, TestReport } from './test-report.js';
import type { Workspace } from './workspace.js';

export interface TestOptions {
  /** Parts of paths: a file runs when its path contains one of them. Empty: all. */
  readonly parts: readonly string[];
  /** Files that run at the same time; undefined: one a processor. */
  readonly jobs: number | undefined;
  /** Keep the clone of a file that fails. */
  readonly keep: boolean;
  readonly onFile: (result: FileResult) => void;
}

/** `database test`: runs the test files, each in a clone of the deployed database; the database itself is left alone. */
export async function test(workspace: Workspace, options: TestOptions): Promise<TestReport> {
  return testTarget(workspace, await resolveTarget(workspace), options);
}

/** The same on a target that is already known. */
export async function testTarget(workspace: Workspace, target: Target, options: TestOptions): Promise<TestReport> {
  const files = await chooseFiles(workspace.project.testDir, options.parts);
  const results = await withClones(workspace, target, (clones) => {
    const jobs = Math.min(options.jobs ?? availableParallelism(), files.length);
    return inParallel(files, jobs, async (file) => {
      workspace.signal.throwIfAborted();
      const result = await testFile(workspace, target, clones, file, options.keep);
      options.onFile(result);
      return result;
    });
  });
  return { files: results, passed: results.every(({ passed }) => passed) };
}

async function chooseFiles(testDir: string, parts: readonly string[]): Promise<readonly string[]> {
  const all = await testFiles(testDir);
  if (all.length === 0) {
    throw new UserError(`no tests: neither ${join(testDir, 'test.sql')} nor a *.test.sql file is there`, {
      hint: 'write one: it passes when it raises no error and prints no TAP line "not ok"',
    });
  }
  const chosen = all.filter((file) => parts.length === 0 || parts.some((part) => file.includes(part)));
  if (chosen.length > 0) return chosen;
  throw new UserError(`no test's path contains ${parts.map((part) => `'${part}'`).join(' or ')}`, {
    exitCode: ExitCode.notFound,
    hint: `there are: ${all.join(', ')}`,
  });
}

/** `test.sql` and every `*.test.sql` below, relative with slashes, in byte order. */
async function testFiles(testDir: string): Promise<readonly string[]> {
  const entries = await readdir(testDir, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new UserError(`cannot read the tests: ${error.message}`, { cause: error });
  });
  const paths = entries.map((entry) => entry.split(sep).join('/'));
  return paths.filter((path) => path === 'test.sql' || path.endsWith('.test.sql')).sort();
}

async function testFile(
  workspace: Workspace,
  target: Target,
  clones: Clones,
  file: string,
  keep: boolean,
): Promise<FileResult> {
  const started = performance.now();
  const clone = inDatabase(target, await clones.create());
  let kept = false;
  try {
    const { output, values, errors } = await runTestScript(workspace, clone, file);
    const tap = readTap(values);
    const failures = [...errors, ...(tap?.failures.map((name) => `not ok: ${name}`) ?? []), ...(tap?.faults ?? [])];
    const passed = failures.length === 0;
    kept = keep && !passed;
    return {
      file,
      passed,
      duration: performance.now() - started,
      assertions: tap?.count,
      failures,
      output,
      keptUrl: kept ? urlOf(clone) : undefined,
    };
  } finally {
    if (!kept) await clones.drop(clone.database);
  }
}

/**
 * Runs the file and answers what it printed, unaligned and without headers as pg_prove prints it, and the values of its
 * one-column rows, of which TAP is made whatever the file does to the print settings.
 */
async function runTestScript(
  workspace: Workspace,
  { connection }: Target,
  file: string,
): Promise<{ output: string; values: string; errors: readonly string[] }> {
  const { project, env, signal } = workspace;
  const values: string[] = [];
  const stream = new PassThrough();
  const output = text(stream);
  const options = {
    output: { stdout: stream, stderr: stream },
    printErrors: false,
    signal,
    env: projectEnvironment(project, env),
    on: { result: (result: Result) => values.push(...onlyColumn(result)) },
  };
  const outcome = await withSession(connection, options, async (session) => {
    await runScript({ connection: session, text: '\\pset format unaligned\n\\pset tuples_only on\n' });
    return runScript({ connection: session, file: join(project.testDir, file) });
  }).finally(() => stream.end());
  return { output: await output, values: values.join('\n'), errors: outcome.errors.map(describe) };
}

function onlyColumn(result: Result): readonly string[] {
  if (result.kind !== 'rows' || result.columns.length !== 1) return [];
  return result.rows.flatMap(([value]) => value ?? []);
}

/** Maps with at most `limit` calls under way; the results keep the order of the items. */
async function inParallel<T, R>(items: readonly T[], limit: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const waiting = items.entries();
  const worker = async () => {
    for (const [index, item] of waiting) results[index] = await work(item);
  };
  const outcomes = await Promise.allSettled(Array.from({ length: limit }, worker));
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return results;
}
