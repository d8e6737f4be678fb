/** What the lexer and the argument scanner need from the program around them. */
export interface ScanHost {
  /** Value of a variable, undefined when it is not set. */
  variable(name: string): string | undefined;
  /** False in a skipped `\if` branch, where nothing is substituted, evaluated or sent. */
  active(): boolean;
  /** Quoting needs a connection, because libpq's quoting does. */
  connected(): boolean;
  /** Standard output of a backtick command, exactly one trailing newline already removed. */
  shell(command: string): Promise<string>;
  /** Shows one of psql's own messages at the current line; it is not a failure. */
  report(level: 'error' | 'warning', message: string): void;
}
