import type { ScanHost } from '../host.js';
import type { InputStack } from '../lexer/input.js';
import { type Argument, type ArgumentKind, type ArgumentOptions, dequoteName, stripEnd } from './argument.js';
import { ArgumentScan } from './scan.js';

const nameText = /[^ \t\n\r\f\\]+/y;

/** Reads a backslash command from the input, from behind its backslash on (psql_scan_slash_command and its companions). */
export class CommandScanner {
  readonly #input: InputStack;
  readonly #host: ScanHost;

  constructor(input: InputStack, host: ScanHost) {
    this.#input = input;
    this.#host = host;
  }

  /** The command's name, up to white space or a backslash; it may be empty. */
  name(): string {
    let name = '';
    do {
      const source = this.#input.top;
      nameText.lastIndex = source.position;
      const match = nameText.exec(source.text);
      if (match !== null) {
        source.position = source.mark = nameText.lastIndex;
        name += source.original.slice(match.index, source.position);
      }
      if (source.position < source.text.length) break;
    } while (this.#input.pop());
    return name;
  }

  /**
   * The next argument, undefined when there is none: at the end of the line, before the next backslash, or when a quote is left
   * open, which is reported. Backticks are run by the host.
   */
  async argument(kind: ArgumentKind = 'normal', options: ArgumentOptions = {}): Promise<Argument | undefined> {
    const scan = new ArgumentScan(this.#input, options.inert ? inert(this.#host) : this.#host, kind);
    for (let command = scan.run(); command !== undefined; command = scan.run())
      scan.setOutput(await this.#host.shell(command));
    return this.#finish(scan, kind, options.stripSemicolons ?? false);
  }

  /** The texts of all the arguments that are left. */
  async rest(kind: ArgumentKind = 'normal', options: ArgumentOptions = {}): Promise<string[]> {
    const texts: string[] = [];
    for (let next = await this.argument(kind, options); next !== undefined; next = await this.argument(kind, options))
      texts.push(next.text);
    return texts;
  }

  /**
   * Ends the command: what is left of its line is thrown away after a failure, and otherwise warned of, up to the next command;
   * a `\\` is swallowed.
   */
  async end(name: string, succeeded: boolean): Promise<void> {
    if (!succeeded) await this.argument('whole-line');
    for (let extra = await this.#extra(); extra !== undefined; extra = await this.#extra())
      if (this.#host.active()) this.#host.report('warning', `\\${name}: extra argument "${extra.text}" ignored`);
    const { top } = this.#input;
    if (top.text.startsWith('\\\\', top.position)) top.position = top.mark = top.position + 2;
  }

  #extra(): Promise<Argument | undefined> {
    return this.argument('normal', { inert: true });
  }

  #finish({ text, state, quote, bareFrom }: ArgumentScan, kind: ArgumentKind, strip: boolean): Argument | undefined {
    if (state === 'single' || state === 'double' || state === 'backtick') {
      this.#host.report('error', 'unterminated quoted string');
      return undefined;
    }
    const finished = finishText(text.split('\0', 1)[0]!, state === 'line', kind, strip, bareFrom);
    return finished === '' && quote === '' ? undefined : { text: finished, quote };
  }
}

function finishText(text: string, isLine: boolean, kind: ArgumentKind, strip: boolean, bareFrom: number): string {
  if (isLine) return strip ? stripEnd(text, '; \t\n\r\f\v') : text;
  const stripped = strip ? stripEnd(text, ';', bareFrom) : text;
  if (kind !== 'sql-id' && kind !== 'sql-id-hack') return stripped;
  return dequoteName(stripped, kind === 'sql-id');
}

/** The host as it is in a skipped branch. */
function inert(host: ScanHost): ScanHost {
  return {
    variable: () => undefined,
    active: () => false,
    connected: () => host.connected(),
    shell: (command) => host.shell(command),
    report: (level, message) => host.report(level, message),
  };
}
