/** How one test file ended. */
export interface FileResult {
  /** Path relative to the test directory, with slashes. */
  readonly file: string;
  readonly passed: boolean;
  /** Milliseconds, the clone's creation included. */
  readonly duration: number;
  /** TAP assertions seen; undefined when the file prints none and passes by raising no error. */
  readonly assertions: number | undefined;
  /** Why it failed, one entry each; an SQL error with its place and excerpt is one entry. */
  readonly failures: readonly string[];
  /** What the file printed. */
  readonly output: string;
  /** URL of the clone when it was kept to be looked at. */
  readonly keptUrl: string | undefined;
}

export interface TestReport {
  readonly files: readonly FileResult[];
  readonly passed: boolean;
}

/** TAP version 14: a test point a file, with the reasons of a failure as its YAML block. */
export function renderTap({ files }: TestReport): string {
  const points = files.flatMap(({ file, passed, duration, failures }, index) => [
    `${passed ? 'ok' : 'not ok'} ${index + 1} - ${file.replaceAll('#', '\\#')} # time=${duration.toFixed(0)}ms`,
    ...(failures.length === 0 ? [] : ['  ---', '  message: |', ...indent(failures.join('\n'), 4), '  ...']),
  ]);
  return [`TAP version 14`, `1..${files.length}`, ...points, ''].join('\n');
}

/** JUnit's XML as Jenkins, GitLab and GitHub's reporters read it: a suite, a test case a file. */
export function renderJunit({ files }: TestReport): string {
  const failed = files.filter((file) => !file.passed).length;
  const seconds = (milliseconds: number) => (milliseconds / 1000).toFixed(3);
  const total = seconds(files.reduce((sum, { duration }) => sum + duration, 0));
  const cases = files.map(({ file, duration, failures, output }) =>
    [
      `    <testcase classname="database" name="${xml(file)}" file="${xml(file)}" time="${seconds(duration)}">`,
      ...failures.map(
        (failure) => `      <failure message="${xml(failure.split('\n')[0] ?? '')}">${xml(failure)}</failure>`,
      ),
      ...(output === '' ? [] : [`      <system-out>${xml(output)}</system-out>`]),
      '    </testcase>',
    ].join('\n'),
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites tests="${files.length}" failures="${failed}" time="${total}">`,
    `  <testsuite name="database test" tests="${files.length}" failures="${failed}" errors="0" skipped="0" time="${total}">`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function indent(text: string, columns: number): string[] {
  return text.split('\n').map((line) => `${' '.repeat(columns)}${line}`);
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Escapes markup, and drops the control characters that XML 1.0 cannot hold. */
function xml(text: string): string {
  return text
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
    .replaceAll(/[&<>"]/g, (c) => entities[c] as string);
}
