import { type LineStyle, lineStyleOf, type Rule } from './line-style.js';
import { footersOf, type TableJob, titleOf } from './table.js';
import { blanks, fit, layOut, type TextLine } from './text.js';
import { measureVertical, type VerticalMeasures } from './vertical-widths.js';

/** What an expanded table is drawn with. */
interface Drawing extends VerticalMeasures {
  readonly style: LineStyle;
  /** 0 to 2. */
  readonly border: number;
  readonly isOld: boolean;
}

/** A table with one line a column and a rule above each row (print.c, print_aligned_vertical). */
export function* alignedExpanded(job: TableJob): Generator<string> {
  const { table, settings, part } = job;
  if (part.isFirst && part.isLast && (table.rows.length === 0 || table.columns.length === 0)) {
    yield `${lines(footersOf(job))}\n`;
    return;
  }
  const border = Math.min(2, settings.border);
  const isOld = settings.linestyle === 'old-ascii';
  const drawing = { ...measureVertical(job, border), style: lineStyleOf(settings), border, isOld };
  const title = titleOf(job);
  if (title !== undefined) yield `${title}\n`;
  const names = table.columns.map(({ name }) => layOut(name));
  for (const [index, row] of table.rows.entries())
    yield recordRule(job, drawing, index) +
      row.map((cell, column) => cellLines(drawing, names[column]!, layOut(cell))).join('');
  if (part.isLast) yield ending(job, drawing);
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join('');
}

/** The row count is not printed here; the lines that a table brings along are. */
function ending({ table, settings }: TableJob, drawing: Drawing): string {
  const { border, style } = drawing;
  const rule = border === 2 ? recordLine(drawing, '', drawing.header, style.bottom) : '';
  if (settings.tuplesOnly || table.footers === undefined) return `${rule}\n`;
  return `${rule}${border < 2 ? '\n' : ''}${lines(table.footers)}\n`;
}

/** The rule above a row names it, unless only rows are wanted; then it only parts it from the row before. */
function recordRule({ settings, part }: TableJob, drawing: Drawing, index: number): string {
  const { border, style, isOld, hasHeaderMarks } = drawing;
  const isTop = index === 0;
  if (settings.tuplesOnly && isTop && part.isFirst && border < 2) return '';
  const number = part.priorRows + index + 1;
  const label = settings.tuplesOnly ? '' : border === 0 ? `* Record ${number}` : `[ RECORD ${number} ]`;
  const headerWidth = drawing.header + (border < 2 && hasHeaderMarks && isOld ? 1 : 0);
  return recordLine(drawing, label, headerWidth, isTop ? style.top : style.middle);
}

/** A horizontal line with a label that covers as much of it as it needs. */
function recordLine({ border, data }: Drawing, label: string, headerWidth: number, rule: Rule): string {
  const dash = border > 0 ? rule.horizontal : ' ';
  const crossing = border > 0 ? dash + rule.middle + dash : ' ';
  const line = dash.repeat(headerWidth) + crossing + dash.repeat(data);
  const rest = line.slice(label.length + (border === 2 ? 0 : 1));
  if (border === 2) return `${rule.left}${dash}${label}${rest}${dash}${rule.right}\n`;
  return `${border === 1 ? dash : ''}${label}${rest}\n`;
}

/** The lines of a value beside those of its name, until both are used up; behind a value that ended first stands a wrap's divider. */
function cellLines(drawing: Drawing, name: readonly TextLine[], value: readonly TextLine[]): string {
  const { style, border } = drawing;
  const progress: Progress = { line: 0, offset: 0, left: value[0]!.width, isDone: false };
  let out = '';
  for (let at = 0; at < name.length || !progress.isDone; at++) {
    const separator = border > 0 ? dividerOf(style, progress) : '';
    const left = border === 2 ? style.data.left : '';
    out += `${left}${nameLine(drawing, name, at)}${separator}${valueLine(drawing, value, progress)}`;
  }
  return out;
}

/** How far a value has been printed. */
interface Progress {
  /** Index of its current line. */
  line: number;
  /** Index in the current line. */
  offset: number;
  /** Columns left in the current line. */
  left: number;
  isDone: boolean;
}

function dividerOf(style: LineStyle, { line, offset }: Progress): string {
  if (offset > 0) return style.dividerWrap;
  return line === 0 ? style.data.middle : style.dividerNewline;
}

function nameLine(drawing: Drawing, name: readonly TextLine[], at: number): string {
  const { style, border, header, hasHeaderMarks, isOld } = drawing;
  const hasRight = border > 0 || (hasHeaderMarks && !isOld);
  const line = name[at];
  if (line === undefined) {
    const marks = border < 2 && hasHeaderMarks && (isOld || border === 0) ? 1 : 0;
    return blanks(Math.max(1, header + border + marks));
  }
  const hasLeft = border === 2 || (hasHeaderMarks && isOld);
  const left = hasLeft ? (at > 0 ? style.headerNewlineLeft : ' ') : '';
  const right = hasRight ? (at < name.length - 1 ? style.headerNewlineRight : ' ') : '';
  return `${left}${line.text}${blanks(header - line.width)}${right}`;
}

function valueLine(drawing: Drawing, value: readonly TextLine[], progress: Progress): string {
  const { style, border, data, hasDataMarks, isOld } = drawing;
  if (progress.isDone) return border < 2 ? '\n' : `${blanks(data)}  ${style.data.right}\n`;
  const left = progress.offset === 0 ? ' ' : style.wrapLeft;
  const piece = fit(value[progress.line]!.text.slice(progress.offset), data);
  progress.offset += piece.text.length;
  progress.left -= piece.width;
  const mark = advance(style, value, progress);
  const hasMark = border === 2 || (mark !== ' ' && hasDataMarks && !isOld);
  const right = hasMark ? `${blanks(data - piece.width)}${mark}` : '';
  return `${left}${piece.text}${right}${border === 2 ? style.data.right : ''}\n`;
}

/** Goes to the next line when the current one is used up; the mark tells how the value goes on. */
function advance(style: LineStyle, value: readonly TextLine[], progress: Progress): string {
  if (progress.left > 0) return style.wrapRight;
  const next = value[progress.line + 1];
  progress.isDone = next === undefined;
  if (next === undefined) return ' ';
  progress.line++;
  progress.offset = 0;
  progress.left = next.width;
  return style.newlineRight;
}
