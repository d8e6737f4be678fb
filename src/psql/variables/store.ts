import { controls } from './controls.js';
import { isVariableName, parseBoolean, parseInteger } from './parse.js';

/** psql's variables: those of scripts, and those that steer psql, which accept only certain values. */
export class VariableStore {
  readonly #values = new Map<string, string>();
  /** What `choice` and `number` have found, until the variable changes: they are asked for every statement. */
  readonly #choices = new Map<string, string>();
  readonly #numbers = new Map<string, number>();

  constructor() {
    for (const [name, { initial }] of controls) this.#values.set(name, initial);
    this.#values.set('LAST_ERROR_MESSAGE', '').set('LAST_ERROR_SQLSTATE', '00000');
  }

  get(name: string): string | undefined {
    return this.#values.get(name);
  }

  /** Sets or, with undefined, unsets a variable. Returns why it was refused; the old value stays then. */
  set(name: string, value: string | undefined): string | undefined {
    if (value !== undefined && this.#values.get(name) === value) return undefined;
    if (!this.#values.has(name) && !isVariableName(name))
      return value === undefined ? undefined : `invalid variable name: "${name}"`;
    const control = controls.get(name);
    const substituted = control === undefined ? value : control.substitute(value);
    const fault = control?.fault(substituted);
    if (fault !== undefined) return fault;
    if (control !== undefined) this.#forget(name);
    if (substituted === undefined) this.#values.delete(name);
    else this.#values.set(name, substituted);
    return undefined;
  }

  /** True for variables that steer psql; `\gset` leaves them alone. */
  isControl(name: string): boolean {
    return controls.has(name);
  }

  /** The value of a control variable that is on or off. */
  flag(name: string): boolean {
    return parseBoolean(this.get(name) ?? '') ?? false;
  }

  /** The value of a control variable with a list of values, in lower case; a Boolean one among them is `on` or `off`. */
  choice(name: string): string {
    const known = this.#choices.get(name);
    if (known !== undefined) return known;
    const choice = this.#findChoice(name);
    this.#choices.set(name, choice);
    return choice;
  }

  #findChoice(name: string): string {
    const value = (this.get(name) ?? '').toLowerCase();
    if (controls.get(name)?.substitute(undefined) !== 'off') return value;
    const isOn = parseBoolean(value);
    return isOn === undefined ? value : isOn ? 'on' : 'off';
  }

  /** The value of a control variable that is a number. */
  number(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const number = parseInteger(this.get(name) ?? '') ?? 0;
    this.#numbers.set(name, number);
    return number;
  }

  #forget(name: string): void {
    this.#choices.delete(name);
    this.#numbers.delete(name);
  }

  /** What `\set` without arguments prints: a line `NAME = 'value'` each, in the order of their names' bytes. */
  list(): string {
    return [...this.#values.keys()]
      .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      .map((name) => `${name} = '${this.#values.get(name)}'\n`)
      .join('');
  }
}
