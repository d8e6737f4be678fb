import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';

/** What the backup consists of: `base.tar`, `OID.tar` of a tablespace, `backup_manifest`. */
export type OpenStream = (name: string) => Writable;

/** What slows the sender down. */
export interface Flow {
  pause(): void;
  resume(): void;
}

/** The backup's files, one after the other. */
export class BackupStreams {
  readonly #open: OpenStream;
  readonly #flow: Flow;
  readonly #completions: Promise<void>[] = [];
  #current: Writable | undefined;
  #isWaiting = false;
  /** Called with the first error of a file, which may come at any time. */
  onError: (error: unknown) => void = () => undefined;

  constructor(open: OpenStream, flow: Flow) {
    this.#open = open;
    this.#flow = flow;
  }

  /** Ends the file before, and begins another one. */
  begin(name: string): void {
    this.#current?.end();
    const stream = this.#open(name);
    this.#current = stream;
    const completion = finished(stream);
    completion.catch((error: unknown) => this.onError(error));
    this.#completions.push(completion);
  }

  write(bytes: Buffer): void {
    const stream = this.#current;
    if (stream === undefined) throw new Error('the server sent data before it began a file');
    if (stream.destroyed || stream.write(bytes) || this.#isWaiting) return;
    // What has been received already still comes.
    this.#isWaiting = true;
    this.#flow.pause();
    // A file that is ended before it has drained says so by closing.
    for (const event of ['drain', 'close']) stream.once(event, () => this.#goOn());
  }

  #goOn(): void {
    if (!this.#isWaiting) return;
    this.#isWaiting = false;
    this.#flow.resume();
  }

  /** Ends the last file. @throws the error of any of them. */
  async end(): Promise<void> {
    this.#current?.end();
    await Promise.all(this.#completions);
  }

  /** Gives up; resolves when no file is open any more. */
  async abandon(): Promise<void> {
    this.#current?.destroy();
    await Promise.allSettled(this.#completions);
  }
}
