/** What the TAP lines in a test's output say (https://testanything.org, as pgTAP writes them). */
export interface TapSummary {
  /** Assertions seen. */
  readonly count: number;
  /** Descriptions of those that failed and are not marked TODO. */
  readonly failures: readonly string[];
  /** What is wrong with the stream itself: a plan that was not kept, a bail-out. */
  readonly faults: readonly string[];
}

const planLine = /^1\.\.(\d+)(?:\s*#.*)?$/;
const assertionLine = /^(not )?ok\b(?:\s+(\d+))?(?:\s+-)?\s*(.*)$/;
const bailOutLine = /^Bail out!\s*(.*)$/i;
const directive = /#\s*(TODO|SKIP)\b/i;

/**
 * Reads the TAP lines among any others; undefined when there are none, as in a test that only raises errors. Indented lines
 * belong to subtests, whose verdict follows unindented.
 */
export function readTap(output: string): TapSummary | undefined {
  let plan: number | undefined;
  let count = 0;
  let seen = false;
  const failures: string[] = [];
  const faults: string[] = [];
  for (const line of output.split(/\r?\n/)) {
    const planned = planLine.exec(line)?.[1];
    const assertion = assertionLine.exec(line);
    const bailOut = bailOutLine.exec(line);
    if (planned !== undefined) plan = Number(planned);
    else if (assertion !== null) {
      count += 1;
      const text = assertion[3] ?? '';
      if (assertion[1] !== undefined && !directive.test(text)) failures.push(text === '' ? `assertion ${count}` : text);
    } else if (bailOut !== null) faults.push(`bailed out: ${bailOut[1]}`);
    else continue;
    seen = true;
  }
  if (plan !== undefined && plan !== count) faults.push(`planned ${plan} assertions but ran ${count}`);
  return seen ? { count, failures, faults } : undefined;
}
