import { type Measures, measure, widest } from './column-widths.js';
import { type LineStyle, lineStyleOf, type Rule } from './line-style.js';
import { footersOf, outputColumns, type TableJob, titleOf } from './table.js';
import { blanks, fit, layOut, type TextLine } from './text.js';
import { alignedExpanded } from './vertical.js';

/** What an aligned table is drawn with. */
interface Drawing {
  readonly job: TableJob;
  readonly style: LineStyle;
  /** 0 to 2. */
  readonly border: number;
  readonly widths: readonly number[];
}

/** A table with lines between its columns (print.c, print_aligned_text). */
export function* aligned(job: TableJob): Generator<string> {
  const border = Math.min(2, job.settings.border);
  const measures = measure(job, border);
  if (isTooWide(job, measures)) {
    yield* alignedExpanded(job);
    return;
  }
  const drawing = { job, style: lineStyleOf(job.settings), border, widths: measures.widths };
  const title = titleOf(job);
  if (title !== undefined) yield `${blanks(Math.floor((measures.total - widest(layOut(title))) / 2))}${title}\n`;
  if (job.part.isFirst && !job.settings.tuplesOnly) yield header(drawing);
  for (const row of job.table.columns.length === 0 ? [] : job.table.rows) yield rowLines(drawing, row);
  if (job.part.isLast) yield ending(drawing);
}

/** Expanded "auto": columns on lines of their own when the table does not fit; one column would only get wider. */
function isTooWide(job: TableJob, { total, headerTotal }: Measures): boolean {
  const limit = outputColumns(job);
  const { settings, table } = job;
  return settings.expanded === 'auto' && limit > 0 && table.columns.length > 1 && limit < Math.max(total, headerTotal);
}

function ending(drawing: Drawing): string {
  const { job, style, border } = drawing;
  const rule = border === 2 ? horizontal(drawing, style.bottom) : '';
  return `${rule}${footersOf(job)
    .map((footer) => `${footer}\n`)
    .join('')}\n`;
}

function horizontal({ border, widths }: Drawing, { horizontal: dash, left, middle, right }: Rule): string {
  const parts = widths.map((width) => dash.repeat(width));
  if (border === 0) return `${parts.join(' ')}\n`;
  const line = `${dash}${parts.join(`${dash}${middle}${dash}`)}${dash}`;
  return border === 2 ? `${left}${line}${right}\n` : `${line}\n`;
}

/** The names of the columns, centred. */
function header(drawing: Drawing): string {
  const { job, style, border, widths } = drawing;
  const names = job.table.columns.map(({ name }) => layOut(name));
  const height = Math.max(0, ...names.map((lines) => lines.length));
  let out = border === 2 ? horizontal(drawing, style.top) : '';
  for (let at = 0; at < height; at++) {
    const cells = names.map((lines, index) => headerCell(drawing, lines, at, index, widths[index]!));
    const line = cells.join(border === 0 ? '' : style.data.middle);
    out += border === 2 ? `${style.data.left}${line}${style.data.right}\n` : `${line}\n`;
  }
  return out + horizontal(drawing, style.middle);
}

function headerCell(
  { style, border }: Drawing,
  lines: readonly TextLine[],
  at: number,
  index: number,
  width: number,
): string {
  const left = border !== 0 || (!style.marksRight && index > 0) ? (at > 0 ? style.headerNewlineLeft : ' ') : '';
  const hasMore = at < lines.length - 1;
  const right = border !== 0 || style.marksRight ? (hasMore ? style.headerNewlineRight : ' ') : '';
  return `${left}${centred(lines[at], width)}${right}`;
}

function centred(line: TextLine | undefined, width: number): string {
  if (line === undefined) return blanks(width);
  const gap = width - line.width;
  return `${blanks(Math.floor(gap / 2))}${line.text}${blanks(Math.floor((gap + 1) / 2))}`;
}

/** How the text of a cell has come into the line being printed. */
type Continuation = 'none' | 'newline' | 'wrap';

/** A cell being printed line by line. */
interface CellProgress {
  readonly lines: readonly TextLine[];
  /** Index of the current line, equal to their number when the cell is done. */
  at: number;
  /** What is left of the current line. */
  rest: string;
  continuation: Continuation;
}

function rowLines(drawing: Drawing, row: readonly string[]): string {
  const cells = row.map((cell): CellProgress => {
    const lines = layOut(cell);
    return { lines, at: 0, rest: lines[0]!.text, continuation: 'none' };
  });
  let out = '';
  do out += rowLine(drawing, cells);
  while (cells.some(({ lines, at }) => at < lines.length));
  return out;
}

function rowLine(drawing: Drawing, cells: readonly CellProgress[]): string {
  const { style, border } = drawing;
  let line = border === 2 ? style.data.left : '';
  for (const [index, cell] of cells.entries()) {
    line += cellLine(drawing, cell, index);
    const next = cells[index + 1];
    if (border !== 0 && next !== undefined) line += divider(style, next);
  }
  return border === 2 ? `${line}${style.data.right}\n` : `${line}\n`;
}

/** What stands before a cell's line shows how the cell has come into it. */
function divider(style: LineStyle, { continuation, lines, at }: CellProgress): string {
  if (continuation === 'wrap') return style.dividerWrap;
  if (continuation === 'newline') return style.dividerNewline;
  return at >= lines.length ? style.dividerBlank : style.data.middle;
}

/** One line of a cell with its marks; trailing blanks only where something stands behind them. */
function cellLine({ job, style, border, widths }: Drawing, cell: CellProgress, index: number): string {
  const width = widths[index]!;
  const isInner = border === 2 || index < widths.length - 1;
  const left = border === 0 ? '' : leftMark(style, cell.continuation);
  if (cell.at >= cell.lines.length) {
    cell.continuation = 'none';
    return `${left}${isInner ? blanks(width) : ''}${isInner ? ' ' : ''}`;
  }
  const piece = fit(cell.rest, width);
  advance(cell, piece.text);
  const gap = blanks(width - Math.min(width, piece.width));
  const right = rightMark(style, cell.continuation, isInner);
  if (job.table.columns[index]!.align === 'right') return `${left}${gap}${piece.text}${right}`;
  return `${left}${piece.text}${isInner || cell.continuation !== 'none' ? gap : ''}${right}`;
}

function advance(cell: CellProgress, printed: string): void {
  cell.rest = cell.rest.slice(printed.length);
  if (cell.rest !== '') {
    cell.continuation = 'wrap';
    return;
  }
  cell.at++;
  cell.rest = cell.lines[cell.at]?.text ?? '';
  cell.continuation = cell.at < cell.lines.length ? 'newline' : 'none';
}

function leftMark(style: LineStyle, continuation: Continuation): string {
  if (continuation === 'wrap') return style.wrapLeft;
  return continuation === 'newline' ? style.newlineLeft : ' ';
}

function rightMark(style: LineStyle, continuation: Continuation, isInner: boolean): string {
  if (continuation === 'wrap') return style.wrapRight;
  if (continuation === 'newline') return style.newlineRight;
  return isInner ? ' ' : '';
}
