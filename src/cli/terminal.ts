import type { Writable } from 'node:stream';
import type { WriteStream } from 'node:tty';
import yoctoSpinner from 'yocto-spinner';
import { dim, green, red, yellow } from 'yoctocolors';
import type { Progress } from '../dev/progress.js';
import type { Io } from './run.js';

/** A spinner with what is being done when standard error is a terminal, plain lines when it is not. */
export function openProgress({ stderr, env }: Io): Progress {
  return isTerminal(stderr) && env.TERM !== 'dumb' && env.CI === undefined ? animated(stderr) : plain(stderr);
}

export function isTerminal(stream: Writable): stream is WriteStream {
  return 'isTTY' in stream && stream.isTTY === true;
}

/** `85 ms`, `1.2 s`, `3 min 5 s`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

function plain(stream: Writable): Progress {
  const say = (text: string) => stream.write(`${text}\n`);
  return {
    async step(title, work) {
      const step = startStep(title);
      const result = await work(step.detail);
      say(step.summary());
      return result;
    },
    note: say,
    warn: (text) => say(`warning: ${text}`),
  };
}

/** The spinner moves out of the way of whatever else is written to the terminal meanwhile. */
function animated(stream: WriteStream): Progress {
  const spinner = yoctoSpinner({ stream, handleSignals: false });
  return {
    async step(title, work) {
      const step = startStep(title);
      spinner.start(title);
      try {
        const result = await work((text) => {
          step.detail(text);
          spinner.text = `${title} ${dim(text)}`;
        });
        spinner.stop();
        stream.write(`${green('✓')} ${step.summary()}\n`);
        return result;
      } catch (thrown) {
        spinner.stop();
        stream.write(`${red('✗')} ${title}\n`);
        throw thrown;
      }
    },
    note: (text) => stream.write(`${text}\n`),
    warn: (text) => stream.write(`${yellow('warning:')} ${text}\n`),
  };
}

function startStep(title: string): { detail(text: string): void; summary(): string } {
  const started = performance.now();
  let last = '';
  return {
    detail: (text) => {
      last = text;
    },
    summary: () => `${title}${last === '' ? '' : `: ${last}`} (${duration(performance.now() - started)})`,
  };
}
