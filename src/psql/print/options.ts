import { booleanExpected, parseBoolean } from '../variables/parse.js';
import type { LineStyleName, PrintFormat, PrintSettings, UnicodeStyle } from './settings.js';

/** The settings that an option changes, or why its value is refused. */
export type Change = Partial<PrintSettings> | { readonly failure: string };

/** An option of `\pset`. */
export interface PrintOption {
  /** Without a value most options stay as they are, and the Boolean ones change sides. */
  apply(settings: PrintSettings, value: string | undefined, name: string): Change;
  /** The sentence that tells how the option is set. */
  describe(settings: PrintSettings): string;
  /** psql confirms setting it to a value; a Boolean option is confirmed only when it changes sides. */
  readonly isConfirmed: boolean;
  /** The value as the list of all options shows it. */
  show(settings: PrintSettings): string;
}

const formats = ['aligned', 'asciidoc', 'csv', 'html', 'latex', 'troff-ms', 'unaligned', 'wrapped'];
const supported: readonly string[] = ['aligned', 'csv', 'unaligned', 'wrapped'] satisfies PrintFormat[];

function setFormat(value: string): Change {
  const [found, other] = formats.filter((format) => format.startsWith(value.toLowerCase()));
  if (found === undefined && !'latex-longtable'.startsWith(value.toLowerCase())) {
    return {
      failure:
        '\\pset: allowed formats are aligned, asciidoc, csv, html, latex, latex-longtable, troff-ms, unaligned, wrapped',
    };
  }
  if (other !== undefined) {
    return { failure: `\\pset: ambiguous abbreviation "${value}" matches both "${found}" and "${other}"` };
  }
  const format = found ?? 'latex-longtable';
  if (!supported.includes(format)) return { failure: `\\pset: format ${format} is not supported` };
  return { format: format as PrintFormat };
}

function changeOf<Name extends keyof PrintSettings>(name: Name, value: PrintSettings[Name]): Change {
  return { [name]: value } as Pick<PrintSettings, Name>;
}

type BooleanSetting = 'tuplesOnly' | 'footer' | 'numericLocale';

function toggle(setting: BooleanSetting, sentence: string): PrintOption {
  const word = (settings: PrintSettings) => (settings[setting] ? 'on' : 'off');
  return {
    apply: (settings, value, name) => {
      const isOn = value === undefined ? !settings[setting] : parseBoolean(value);
      return isOn === undefined ? { failure: booleanExpected(value!, name) } : changeOf(setting, isOn);
    },
    describe: (settings) => `${sentence} is ${word(settings)}.`,
    isConfirmed: false,
    show: word,
  };
}

type NumberSetting = 'border' | 'columns' | 'pagerMinLines';

function number(setting: NumberSetting, describe: (value: number) => string): PrintOption {
  return {
    apply: (_, value) => (value === undefined ? {} : { [setting]: Number.parseInt(value, 10) || 0 }),
    describe: (settings) => describe(settings[setting]),
    isConfirmed: true,
    show: (settings) => String(settings[setting]),
  };
}

type UnicodeSetting = 'unicodeBorder' | 'unicodeColumn' | 'unicodeHeader';

function unicodeStyle(setting: UnicodeSetting, line: string): PrintOption {
  return {
    apply: (_, value) => {
      if (value === undefined) return {};
      const style = (['single', 'double'] satisfies UnicodeStyle[]).find((name) =>
        name.startsWith(value.toLowerCase()),
      );
      return style === undefined
        ? { failure: `\\pset: allowed Unicode ${line} line styles are single, double` }
        : changeOf(setting, style);
    },
    describe: (settings) => `Unicode ${line} line style is "${settings[setting]}".`,
    isConfirmed: true,
    show: (settings) => settings[setting],
  };
}

type SeparatorSetting = 'fieldSeparator' | 'recordSeparator';

function separator(setting: SeparatorSetting, subject: string): PrintOption {
  return {
    apply: (_, value) => (value === undefined ? {} : { [setting]: value }),
    describe: (settings) => `${subject} is ${nameSeparator(settings[setting], setting)}.`,
    isConfirmed: true,
    show: (settings) => quote(settings[setting] === '\0' ? '' : settings[setting]),
  };
}

function nameSeparator(value: string, setting: SeparatorSetting): string {
  if (value === '\0') return 'zero byte';
  return value === '\n' && setting === 'recordSeparator' ? '<newline>' : `"${value}"`;
}

function zeroSeparator(setting: SeparatorSetting, subject: string): PrintOption {
  return {
    apply: () => ({ [setting]: '\0' }),
    describe: () => `${subject} is zero byte.`,
    isConfirmed: true,
    show: (settings) => (settings[setting] === '\0' ? 'on' : 'off'),
  };
}

type TextSetting = 'title' | 'tableAttributes';

function text(setting: TextSetting, subject: string, verb: string): PrintOption {
  return {
    apply: (_, value) => ({ [setting]: value }),
    describe: ({ [setting]: value }) =>
      value === undefined ? `${subject}${verb === 'is' ? ' is' : ''} unset.` : `${subject} ${verb} "${value}".`,
    isConfirmed: true,
    show: ({ [setting]: value }) => (value === undefined ? '' : quote(value)),
  };
}

function quote(value: string): string {
  return `'${value.replaceAll('\n', '\\n').replaceAll("'", "\\'")}'`;
}

function choiceExpected(value: string, name: string, values: string): Change {
  return { failure: `unrecognized value "${value}" for "${name}"\nAvailable values are: ${values}.` };
}

const lineStyles = ['ascii', 'old-ascii', 'unicode'] satisfies LineStyleName[];
const expandedSentences = { on: 'on', off: 'off', auto: 'used automatically' };
const pagerSentences = {
  on: 'Pager is used for long output.',
  off: 'Pager usage is off.',
  always: 'Pager is always used.',
};

/** Options by name, in the order of the list that `\pset` prints (do_pset and its companions in psql's command.c). */
export const printOptions: ReadonlyMap<string, PrintOption> = new Map<string, PrintOption>([
  ['border', number('border', (value) => `Border style is ${value}.`)],
  ['columns', number('columns', (value) => `Target width is ${value === 0 ? 'unset' : value}.`)],
  [
    'csv_fieldsep',
    {
      apply: (_, value) => (value === undefined ? {} : setCsvSeparator(value)),
      describe: ({ csvFieldSeparator }) => `Field separator for CSV is "${csvFieldSeparator}".`,
      isConfirmed: true,
      show: ({ csvFieldSeparator }) => quote(csvFieldSeparator),
    },
  ],
  [
    'expanded',
    {
      apply: ({ expanded }, value, name) => {
        if (value === undefined) return { expanded: expanded === 'off' ? 'on' : 'off' };
        if (value.toLowerCase() === 'auto') return { expanded: 'auto' };
        const isOn = parseBoolean(value);
        return isOn === undefined ? choiceExpected(value, name, 'on, off, auto') : { expanded: isOn ? 'on' : 'off' };
      },
      describe: ({ expanded }) => `Expanded display is ${expandedSentences[expanded]}.`,
      isConfirmed: true,
      show: ({ expanded }) => expanded,
    },
  ],
  ['fieldsep', separator('fieldSeparator', 'Field separator')],
  ['fieldsep_zero', zeroSeparator('fieldSeparator', 'Field separator')],
  ['footer', toggle('footer', 'Default footer')],
  [
    'format',
    {
      apply: (_, value) => (value === undefined ? {} : setFormat(value)),
      describe: ({ format }) => `Output format is ${format}.`,
      isConfirmed: true,
      show: ({ format }) => format,
    },
  ],
  [
    'linestyle',
    {
      apply: (_, value) => (value === undefined ? {} : setLineStyle(value)),
      describe: ({ linestyle }) => `Line style is ${linestyle}.`,
      isConfirmed: true,
      show: ({ linestyle }) => linestyle,
    },
  ],
  [
    'null',
    {
      apply: (_, value) => (value === undefined ? {} : { null: value }),
      describe: ({ null: shown }) => `Null display is "${shown}".`,
      isConfirmed: true,
      show: ({ null: shown }) => quote(shown),
    },
  ],
  ['numericlocale', toggle('numericLocale', 'Locale-adjusted numeric output')],
  [
    'pager',
    {
      apply: ({ pager }, value, name) => {
        if (value === undefined) return { pager: pager === 'on' ? 'off' : 'on' };
        if (value.toLowerCase() === 'always') return { pager: 'always' };
        const isOn = parseBoolean(value);
        return isOn === undefined ? choiceExpected(value, name, 'on, off, always') : { pager: isOn ? 'on' : 'off' };
      },
      describe: ({ pager }) => pagerSentences[pager],
      isConfirmed: true,
      show: ({ pager }) => String(['off', 'on', 'always'].indexOf(pager)),
    },
  ],
  [
    'pager_min_lines',
    number('pagerMinLines', (value) => `Pager won't be used for less than ${value} line${value === 1 ? '' : 's'}.`),
  ],
  ['recordsep', separator('recordSeparator', 'Record separator')],
  ['recordsep_zero', zeroSeparator('recordSeparator', 'Record separator')],
  ['tableattr', text('tableAttributes', 'Table attributes', 'are')],
  ['title', text('title', 'Title', 'is')],
  ['tuples_only', toggle('tuplesOnly', 'Tuples only')],
  ['unicode_border_linestyle', unicodeStyle('unicodeBorder', 'border')],
  ['unicode_column_linestyle', unicodeStyle('unicodeColumn', 'column')],
  ['unicode_header_linestyle', unicodeStyle('unicodeHeader', 'header')],
]);

function setLineStyle(value: string): Change {
  const linestyle = lineStyles.find((style) => style.startsWith(value.toLowerCase()));
  return linestyle === undefined
    ? { failure: '\\pset: allowed line styles are ascii, old-ascii, unicode' }
    : { linestyle };
}

function setCsvSeparator(value: string): Change {
  if (value.length !== 1 || value > '\x7f')
    return { failure: '\\pset: csv_fieldsep must be a single one-byte character' };
  if ('"\n\r'.includes(value)) {
    return { failure: '\\pset: csv_fieldsep cannot be a double quote, a newline, or a carriage return' };
  }
  return { csvFieldSeparator: value };
}
