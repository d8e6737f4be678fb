/** How a command tells what it is doing; the terminal or a log decides how it looks. */
export interface Progress {
  /** Runs one step of the work. `detail` replaces what is shown beside the step's title while it runs. */
  step<T>(title: string, work: (detail: (text: string) => void) => Promise<T>): Promise<T>;
  /** A line of its own: what the reader should know although nothing is wrong. */
  note(text: string): void;
  /** A line of its own for what is probably not what the reader wanted. */
  warn(text: string): void;
}
