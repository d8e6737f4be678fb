import { Conditions } from '../psql/conditions.js';
import type { ScanHost } from '../psql/host.js';
import { ScriptLexer } from '../psql/lexer/lexer.js';
import type { OpenFile, Place } from './place.js';
import type { ScriptSource } from './source.js';

export interface FileOrigin {
  /** As it was opened; undefined for standard input without a name and for single commands. */
  readonly name: string | undefined;
  readonly includedFrom: Place | undefined;
  /** Its includer takes over what is under way at its end. */
  readonly isTakenOver?: boolean;
  /** Undefined for a single command (`-c`), which has no further lines. */
  readonly source: ScriptSource | undefined;
}

/** A script being read: its own lexer, query buffer and `\if` blocks, as psql has them for every file. */
export class ScriptFile implements OpenFile {
  readonly name: string | undefined;
  readonly includedFrom: Place | undefined;
  readonly isTakenOver: boolean;
  readonly source: ScriptSource | undefined;
  readonly lexer: ScriptLexer;
  /** The line being read does nothing but include a file, which may leave its statements under way to this one. */
  takesOver = false;
  readonly conditions: Conditions;

  constructor(host: ScanHost, { name, includedFrom, isTakenOver = false, source }: FileOrigin) {
    this.name = name;
    this.includedFrom = includedFrom;
    this.isTakenOver = isTakenOver;
    this.source = source;
    this.lexer = new ScriptLexer(host);
    this.conditions = new Conditions(this.lexer);
  }
}
