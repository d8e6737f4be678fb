/** How the migrator tells what it does; the terminal or a log decides how it looks. */
export interface Reporter {
  /** Runs one step of the work. `detail` replaces what is shown beside the step's title while it runs. */
  step<T>(title: string, work: (detail: (text: string) => void) => Promise<T>): Promise<T>;
  /** A line of its own: what the reader should know although nothing is wrong. */
  note(text: string): void;
  warn(text: string): void;
}
