import type { PrintSettings, UnicodeStyle } from './settings.js';

/** The characters of one kind of line: horizontal, and where vertical lines cross it. */
export interface Rule {
  readonly horizontal: string;
  readonly left: string;
  readonly middle: string;
  readonly right: string;
}

/** The characters that tables are drawn with (print.c, printTextFormat). */
export interface LineStyle {
  readonly top: Rule;
  readonly middle: Rule;
  readonly bottom: Rule;
  readonly data: Rule;
  /** Column dividers before a cell that goes on after a newline, goes on after a wrap, or has ended. */
  readonly dividerNewline: string;
  readonly dividerWrap: string;
  readonly dividerBlank: string;
  /** Marks around text that goes on in the next line, or has come from the one before. */
  readonly headerNewlineLeft: string;
  readonly headerNewlineRight: string;
  readonly newlineLeft: string;
  readonly newlineRight: string;
  readonly wrapLeft: string;
  readonly wrapRight: string;
  /** Marks stand right of the text, also without borders. */
  readonly marksRight: boolean;
}

const dashes: Rule = { horizontal: '-', left: '+', middle: '+', right: '+' };
const bars: Rule = { horizontal: '', left: '|', middle: '|', right: '|' };

const ascii: LineStyle = {
  top: dashes,
  middle: dashes,
  bottom: dashes,
  data: bars,
  dividerNewline: '|',
  dividerWrap: '|',
  dividerBlank: '|',
  headerNewlineLeft: ' ',
  headerNewlineRight: '+',
  newlineLeft: ' ',
  newlineRight: '+',
  wrapLeft: '.',
  wrapRight: '.',
  marksRight: true,
};

const oldAscii: LineStyle = {
  ...ascii,
  dividerNewline: ':',
  dividerWrap: ';',
  dividerBlank: ' ',
  headerNewlineLeft: '+',
  headerNewlineRight: ' ',
  newlineRight: ' ',
  wrapLeft: ' ',
  wrapRight: ' ',
  marksRight: false,
};

/** Characters by the style of the line they belong to; pairs are chosen by the style of the line that they cross. */
const rows = {
  single: { horizontal: '─', right: { single: '├', double: '╟' }, left: { single: '┤', double: '╢' } },
  double: { horizontal: '═', right: { single: '╞', double: '╠' }, left: { single: '╡', double: '╣' } },
};
const columns = {
  single: {
    vertical: '│',
    cross: { single: '┼', double: '╪' },
    up: { single: '┴', double: '╧' },
    down: { single: '┬', double: '╤' },
  },
  double: {
    vertical: '║',
    cross: { single: '╫', double: '╬' },
    up: { single: '╨', double: '╩' },
    down: { single: '╥', double: '╦' },
  },
};
const borders = {
  single: { horizontal: '─', vertical: '│', corners: '┌┐└┘' },
  double: { horizontal: '═', vertical: '║', corners: '╔╗╚╝' },
};

function unicode(borderStyle: UnicodeStyle, columnStyle: UnicodeStyle, headerStyle: UnicodeStyle): LineStyle {
  const { horizontal, vertical, corners } = borders[borderStyle];
  const column = columns[columnStyle];
  const header = rows[headerStyle];
  return {
    top: { horizontal, left: corners[0]!, middle: column.down[borderStyle], right: corners[1]! },
    middle: {
      horizontal: header.horizontal,
      left: header.right[borderStyle],
      middle: column.cross[headerStyle],
      right: header.left[borderStyle],
    },
    bottom: { horizontal, left: corners[2]!, middle: column.up[borderStyle], right: corners[3]! },
    data: { horizontal: '', left: vertical, middle: column.vertical, right: vertical },
    dividerNewline: column.vertical,
    dividerWrap: column.vertical,
    dividerBlank: column.vertical,
    headerNewlineLeft: ' ',
    headerNewlineRight: '↵',
    newlineLeft: ' ',
    newlineRight: '↵',
    wrapLeft: '…',
    wrapRight: '…',
    marksRight: true,
  };
}

/** The line style that the print settings ask for. */
export function lineStyleOf({ linestyle, unicodeBorder, unicodeColumn, unicodeHeader }: PrintSettings): LineStyle {
  if (linestyle === 'unicode') return unicode(unicodeBorder, unicodeColumn, unicodeHeader);
  return linestyle === 'ascii' ? ascii : oldAscii;
}
