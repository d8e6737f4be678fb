/** Length of the character that begins at an index of a string whose every character is a byte (wchar.c, pg_*_mblen). */
type CharacterLength = (text: string, at: number) => number;

const isHigh = (byte: number) => byte > 0x7f;

const twoBytes: CharacterLength = (text, at) => (isHigh(text.charCodeAt(at)) ? 2 : 1);

/** Half-width katakana take one byte. */
const shiftJis: CharacterLength = (text, at) => {
  const byte = text.charCodeAt(at);
  return isHigh(byte) && !(byte >= 0xa1 && byte <= 0xdf) ? 2 : 1;
};

const gb18030: CharacterLength = (text, at) => {
  if (!isHigh(text.charCodeAt(at))) return 1;
  const second = text.charCodeAt(at + 1);
  return second >= 0x30 && second <= 0x39 ? 4 : 2;
};

const johab: CharacterLength = (text, at) => (text.charCodeAt(at) === 0x8f ? 3 : twoBytes(text, at));

/** Client encodings in which the later bytes of a character may look like ASCII. */
const unsafe: Readonly<Record<string, CharacterLength>> = {
  SJIS: shiftJis,
  SHIFT_JIS_2004: shiftJis,
  BIG5: twoBytes,
  GBK: twoBytes,
  UHC: twoBytes,
  GB18030: gb18030,
  JOHAB: johab,
};

/**
 * A text as it is safe to lex: the later bytes of its characters are hidden behind `ÿ`, so that none of them passes for a quote or
 * a backslash (psqlscan.l, psqlscan_prepare_buffer). In most encodings that is the text itself.
 */
export function mask(text: string, encoding: string | undefined): string {
  const lengthAt = encoding === undefined || !Object.hasOwn(unsafe, encoding) ? undefined : unsafe[encoding];
  if (lengthAt === undefined || !/[\x80-\xff]/.test(text)) return text;
  const masked: string[] = [];
  for (let at = 0; at < text.length; ) {
    const length = Math.min(lengthAt(text, at), text.length - at);
    masked.push(text[at]! + '\xff'.repeat(length - 1));
    at += length;
  }
  return masked.join('');
}
