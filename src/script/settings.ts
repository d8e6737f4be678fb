import type { VariableStore } from '../psql/variables/store.js';

/** The variables that control psql's behaviour, as values. */
export class ScriptSettings {
  readonly #variables: VariableStore;
  /** `\timing`. */
  timing = false;

  constructor(variables: VariableStore) {
    this.#variables = variables;
  }

  get onErrorStop(): boolean {
    return this.#isOn('ON_ERROR_STOP');
  }

  get autocommit(): boolean {
    return this.#isOn('AUTOCOMMIT');
  }

  get quiet(): boolean {
    return this.#isOn('QUIET');
  }

  get singleLine(): boolean {
    return this.#isOn('SINGLELINE');
  }

  get showAllResults(): boolean {
    return this.#isOn('SHOW_ALL_RESULTS');
  }

  get echo(): string {
    return this.#variables.choice('ECHO');
  }

  get onErrorRollback(): string {
    return this.#variables.choice('ON_ERROR_ROLLBACK');
  }

  get verbosity(): string {
    return this.#variables.choice('VERBOSITY');
  }

  get showContext(): string {
    return this.#variables.choice('SHOW_CONTEXT');
  }

  /** Rows to fetch at a time; 0 for all at once. */
  get fetchCount(): number {
    return this.#variables.number('FETCH_COUNT');
  }

  /** True when nothing is done around a statement that has to wait for it. */
  get isPlain(): boolean {
    const { echo } = this;
    return (
      (echo === 'none' || echo === 'errors') && this.onErrorRollback !== 'on' && !this.timing && this.fetchCount === 0
    );
  }

  /** Asked for every line: the two usual spellings are not parsed. */
  #isOn(name: string): boolean {
    const value = this.#variables.get(name);
    return value === 'on' || (value !== 'off' && this.#variables.flag(name));
  }
}
