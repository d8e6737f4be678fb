/** Every line of a text below what it belongs to. */
export function indented(text: string, by: number): string {
  return `${text.replaceAll(/^/gm, ' '.repeat(by))}\n`;
}
