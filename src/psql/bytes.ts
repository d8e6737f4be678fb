/**
 * Texts in encodings other than UTF-8 are strings of bytes, one character each. Where such a byte must not be taken for what it
 * looks like, a private character stands for it for a while.
 */
const privateArea = 0xe000;

/** The text with a private character in place of each byte that is chosen by its index. */
export function hideBytes(text: string, isHidden: (index: number) => boolean): string {
  return Array.from({ length: text.length }, (_, index) =>
    isHidden(index) ? String.fromCharCode(privateArea + text.charCodeAt(index)) : text[index],
  ).join('');
}

/** The text with its bytes back in place. */
export function showBytes(text: string): string {
  return text.replace(/[\ue000-\ue0ff]/g, (hidden) => String.fromCharCode(hidden.charCodeAt(0) - privateArea));
}
