export type PrintFormat = 'aligned' | 'wrapped' | 'unaligned' | 'csv';
export type LineStyleName = 'ascii' | 'old-ascii' | 'unicode';
export type UnicodeStyle = 'single' | 'double';

/** How tables are printed; each member is set by the option of `\pset` that bears its name in lower case. */
export interface PrintSettings {
  readonly format: PrintFormat;
  /** One line a column instead of one line a row: always, never, or when rows are too wide. */
  readonly expanded: 'off' | 'on' | 'auto';
  /** 0 to 2 in aligned formats; psql accepts more, which counts as 2. */
  readonly border: number;
  readonly linestyle: LineStyleName;
  readonly unicodeBorder: UnicodeStyle;
  readonly unicodeColumn: UnicodeStyle;
  readonly unicodeHeader: UnicodeStyle;
  readonly tuplesOnly: boolean;
  readonly title: string | undefined;
  readonly null: string;
  /** Between the columns of unaligned output; the zero byte is `\0`. */
  readonly fieldSeparator: string;
  /** Between the rows of unaligned output; the zero byte is `\0`. */
  readonly recordSeparator: string;
  readonly csvFieldSeparator: string;
  readonly numericLocale: boolean;
  /** Whether `(n rows)` is printed. */
  readonly footer: boolean;
  /** Width to wrap at; 0 asks for the terminal's. */
  readonly columns: number;
  readonly tableAttributes: string | undefined;
  /** Kept because scripts set them; output is never paged. */
  readonly pager: 'off' | 'on' | 'always';
  readonly pagerMinLines: number;
}

export const defaultPrintSettings: PrintSettings = {
  format: 'aligned',
  expanded: 'off',
  border: 1,
  linestyle: 'ascii',
  unicodeBorder: 'single',
  unicodeColumn: 'single',
  unicodeHeader: 'single',
  tuplesOnly: false,
  title: undefined,
  null: '',
  fieldSeparator: '|',
  recordSeparator: '\n',
  csvFieldSeparator: ',',
  numericLocale: false,
  footer: true,
  columns: 0,
  tableAttributes: undefined,
  pager: 'on',
  pagerMinLines: 0,
};
