/** What the first character of a token says about the token. The order matters: the last ones make up words. */
export enum CharacterClass {
  other,
  blank,
  quote,
  doubleQuote,
  open,
  close,
  semicolon,
  colon,
  backslash,
  dash,
  slash,
  dot,
  dollar,
  digit,
  letter,
}

const classes = new Uint8Array(256).fill(CharacterClass.letter, 128);

function assign(characters: string, to: CharacterClass): void {
  for (const character of characters) classes[character.charCodeAt(0)] = to;
}

assign(' \t\n\r\f', CharacterClass.blank);
assign('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_', CharacterClass.letter);
assign('0123456789', CharacterClass.digit);
assign("'", CharacterClass.quote);
assign('"', CharacterClass.doubleQuote);
assign('$', CharacterClass.dollar);
assign('(', CharacterClass.open);
assign(')', CharacterClass.close);
assign(';', CharacterClass.semicolon);
assign(':', CharacterClass.colon);
assign('\\', CharacterClass.backslash);
assign('-', CharacterClass.dash);
assign('/', CharacterClass.slash);
assign('.', CharacterClass.dot);

/** Class of the character at an index, which must be inside the text. Everything from U+0080 on counts as a letter. */
export function classAt(text: string, index: number): CharacterClass {
  const code = text.charCodeAt(index);
  return code < 128 ? classes[code]! : CharacterClass.letter;
}

/** Index of the first character after a word: letters, digits, `_`, `$`, anything from U+0080 on. */
export function endOfWord(text: string, start: number): number {
  let end = start;
  while (end < text.length && classAt(text, end) >= CharacterClass.dollar) end++;
  return end;
}

/** Index of the first character after a variable's name: letters, digits, `_`, anything from U+0080 on, in any order. */
export function endOfVariableName(text: string, start: number): number {
  let end = start;
  while (end < text.length && classAt(text, end) >= CharacterClass.digit) end++;
  return end;
}

/** Index of the first character that is neither white space nor of class `other`. */
export function endOfInsignificant(text: string, start: number): number {
  let end = start;
  while (end < text.length && classAt(text, end) <= CharacterClass.blank) end++;
  return end;
}

/** Index of the end of the line that holds `start`; a `--` comment ends there. */
export function endOfLine(text: string, start: number): number {
  let end = start;
  while (end < text.length && text.charCodeAt(end) !== 10 && text.charCodeAt(end) !== 13) end++;
  return end;
}

/** Index of the first character at or after `start` that is not white space. */
export function endOfBlanks(text: string, start: number): number {
  let end = start;
  while (end < text.length && classAt(text, end) === CharacterClass.blank) end++;
  return end;
}
