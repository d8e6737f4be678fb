import type { OutputBuffer } from './output.js';
import type { Place } from './place.js';

/** How a message is labelled: what the server says bears no label, psql's own words do. */
export type Level = 'info' | 'error' | 'warning' | 'hint' | 'detail';

/** Writes messages to standard error as psql does (common/logging.c): `slipway:FILE:LINE: error: text`. */
export class MessageLog {
  /** True where psql leaves out everything but the text: for `-c`, and for scripts without a name. */
  terse = false;
  readonly #program: string;
  readonly #stdout: OutputBuffer;
  readonly #stderr: OutputBuffer;

  constructor(program: string, stdout: OutputBuffer, stderr: OutputBuffer) {
    this.#program = program;
    this.#stdout = stdout;
    this.#stderr = stderr;
  }

  /** What was printed before the message stands before it. */
  write(level: Level, text: string, place: Place | undefined): void {
    this.#stdout.flush();
    const isTerse = place?.file === undefined ? this.terse : place.file.name === undefined;
    this.#stderr.write(`${isTerse ? '' : this.#prefix(level, place)}${text.replace(/\n$/, '')}\n`);
    this.#stderr.flush();
  }

  #prefix(level: Level, place: Place | undefined): string {
    const label = level === 'info' ? '' : `${level}: `;
    const name = place?.file?.name;
    if (name === undefined) return `${this.#program}: ${label}`;
    return `${this.#program}:${name}:${place?.line ? `${place.line}:` : ''} ${label}`;
  }
}
