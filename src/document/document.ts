import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type YAMLError,
  type YAMLParseError,
  type YAMLSeq,
  type YAMLWarning,
} from 'yaml';
import type { Fault, Path } from './faults.js';

/** A YAML text as plain data, with the way back from a path to its place in the text. */
export interface SourceDocument {
  readonly data: unknown;
  readonly faults: readonly Fault[];
  /** The place of a value, or with `ofKey` of the key before it; of its nearest ancestor for what is not there. */
  place(path: Path, options?: { ofKey?: boolean }): { line: number; column: number };
}

/** A text with something put for its parts, and what is wrong with those. */
export interface Substitution {
  readonly text: string;
  readonly faults: readonly string[];
}

type Substitute = (text: string) => Substitution;

/** Reads one YAML 1.2 document. The texts among its values, not its keys, go through `substitute`. */
export function parseSource(text: string, substitute?: Substitute): SourceDocument {
  const lines = new LineCounter();
  // prettyErrors would quote the text, and with it a password that stands in a broken line
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const placeOf = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const place: SourceDocument['place'] = (path, options) => placeOf(offsetOf(document, path, options?.ofKey ?? false));
  const syntax = syntaxErrors(document).map((error) => ({
    ...fault(wordsOf(error), startOfError(error, text)),
    hint: hintFor(error, text),
  }));
  if (syntax.length > 0) return { data: undefined, faults: syntax, place };
  const faults = substituteScalars(document, substitute).map(({ message, offset }) => fault(message, offset));
  return { data: readData(), faults, place };

  function fault(message: string, offset: number): Fault {
    return { ...placeOf(offset), path: [], message: lowerFirst(message) };
  }

  function readData(): unknown {
    try {
      return document.toJS();
    } catch (error) {
      // a document that unfolds without end through its aliases
      faults.push(fault(error instanceof Error ? error.message : String(error), 0));
      return undefined;
    }
  }
}

/** Up to the first one that throws the parser off: what it says after that are consequences. */
function syntaxErrors({ errors, warnings }: Document): readonly (YAMLParseError | YAMLWarning)[] {
  const last = errors.findIndex(({ code }) => code === 'UNEXPECTED_TOKEN');
  return last === -1 ? [...errors, ...warnings] : errors.slice(0, last + 1);
}

/** A repeated key is told at the end of what stands before it. */
function startOfError({ code, pos: [offset] }: YAMLError, text: string): number {
  return code === 'DUPLICATE_KEY' ? offset + (/^(?:[\s,]|#.*)*/.exec(text.slice(offset))?.[0].length ?? 0) : offset;
}

/** The message without the piece of text that it quotes, which could be a secret. */
function wordsOf({ message }: YAMLError): string {
  return message.replace(/(?:: | \\).*$/s, '');
}

function hintFor({ code, pos: [offset] }: YAMLError, text: string): string | undefined {
  const isVariable = code === 'UNEXPECTED_TOKEN' && text.slice(offset - 1, offset + 1) === '${';
  return isVariable ? `Between braces or brackets a variable needs quotes: { host: "$\{NAME}" }.` : undefined;
}

function substituteScalars(
  document: Document,
  substitute: Substitute | undefined,
): { message: string; offset: number }[] {
  const found: { message: string; offset: number }[] = [];
  if (substitute === undefined) return found;
  visit(document, {
    Scalar(key, node) {
      if (key === 'key' || typeof node.value !== 'string') return;
      const { text, faults } = substitute(node.value);
      node.value = text;
      for (const message of faults) found.push({ message, offset: node.range?.[0] ?? 0 });
    },
  });
  return found;
}

function offsetOf(document: Document, path: Path, ofKey: boolean): number {
  let found: { key?: unknown; value?: unknown } = { value: document.contents };
  let isWhole = true;
  for (const step of path) {
    const { value } = found;
    const child = childOf(isAlias(value) ? value.resolve(document) : value, step);
    isWhole = child !== undefined;
    if (child === undefined) break;
    found = child;
  }
  const isValueWanted = isWhole && !ofKey && !isEmpty(found.value);
  return (isValueWanted ? startOf(found.value) : startOf(found.key)) ?? startOf(found.value) ?? 0;
}

/** `a:` with nothing after it. */
function isEmpty(node: unknown): boolean {
  return isScalar(node) && node.value === null && node.source === '';
}

function childOf(node: unknown, step: string | number): { key?: unknown; value?: unknown } | undefined {
  if (isSeq(node)) return { value: typeof step === 'number' ? node.items[step] : itemOf(node, step) };
  if (!isMap(node)) return undefined;
  return node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(step));
}

/** In a list of names, the one that says `name`. */
function itemOf(list: YAMLSeq, name: string): unknown {
  return list.items.find((item) => isScalar(item) && item.value === name);
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

function lowerFirst(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}
