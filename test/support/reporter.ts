import { isAbsolute, relative } from 'node:path';
import type { TestEvent } from 'node:test/reporters';

/**
 * Says nothing while tests pass. A failure is printed with its file and error when it happens; skipped tests are listed with
 * their reasons at the end, and the last line is `N passed, N failed, N skipped`.
 */
export default async function* reporter(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  let passed = 0;
  const failed = new Set<string>();
  const skipped: string[] = [];
  for await (const event of events) {
    if (event.type === 'test:pass' && event.data.details.type !== 'suite') {
      if (event.data.skip === undefined || event.data.skip === false) passed += 1;
      else skipped.push(`${event.data.name}: ${event.data.skip === true ? 'no reason given' : event.data.skip}`);
    } else if (event.type === 'test:fail') {
      const { name, file, line, details } = event.data;
      if (isOnlyAboutChildren(details.error)) continue;
      failed.add(`${file}:${line}:${name}`);
      yield `\nnot ok: ${name}\n  at ${shown(file)}:${line ?? 0}\n${indented(details.error)}\n`;
    } else if (event.type === 'test:stderr' && process.env.TEST_VERBOSE !== undefined) {
      yield event.data.message;
    }
  }
  for (const test of skipped) yield `skipped: ${test}\n`;
  yield `${passed} passed, ${failed.size} failed, ${skipped.length} skipped\n`;
}

/** A suite whose subtests failed, or a file's own entry, repeats what its tests said. */
function isOnlyAboutChildren(error: Error & { failureType?: string }): boolean {
  return error.failureType === 'subtestsFailed';
}

function indented(error: Error): string {
  const cause =
    error.cause instanceof Error ? (error.cause.stack ?? error.cause.message) : String(error.cause ?? error);
  return cause.replaceAll(/^/gm, '  ');
}

function shown(file: string | undefined): string {
  return file === undefined ? '' : isAbsolute(file) ? relative(process.cwd(), file) : file;
}
