import type { Codec } from './messages.js';

/**
 * The codec for a client_encoding. UTF-8 keeps bytes that are not valid as lone surrogates U+DC80 to U+DCFF, so that what is read is
 * what is sent (the idea of Python's "surrogateescape", PEP 383). Every other encoding passes byte by byte: one character is one byte.
 */
export function codecFor(clientEncoding: string): Codec {
  return clientEncoding === 'UTF8' || clientEncoding === 'UNICODE' ? utf8 : bytes;
}

const bytes: Codec = {
  decode: (buffer, start, end) => buffer.toString('latin1', start, end),
  encode: (text) => Buffer.from(text, 'latin1'),
  write: (text, buffer, at) => buffer.write(text, at, 'latin1'),
};

const utf8: Codec = {
  decode(buffer, start, end) {
    const text = buffer.toString('utf8', start, end);
    return text.includes('\ufffd') ? decodeEscaping(buffer.subarray(start, end)) : text;
  },
  encode: (text) => (hasEscapes(text) ? encodeEscaped(text) : Buffer.from(text)),
  write: (text, buffer, at) => (hasEscapes(text) ? encodeEscaped(text).copy(buffer, at) : buffer.write(text, at)),
};

/** Spares every text a search for escapes until there can be any. */
let sawInvalid = false;

function hasEscapes(text: string): boolean {
  return sawInvalid && /[\udc80-\udcff]/u.test(text);
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Decodes piece by piece: the longest valid run, then one invalid byte as an escape. */
function decodeEscaping(buffer: Buffer): string {
  let text = '';
  for (let at = 0; at < buffer.length; ) {
    const length = sequenceLength(buffer, at);
    if (length === 0) {
      text += String.fromCharCode(0xdc00 + (buffer[at] as number));
      sawInvalid = true;
      at++;
    } else {
      text += buffer.toString('utf8', at, at + length);
      at += length;
    }
  }
  return text;
}

/** Length of the valid UTF-8 sequence at an offset, 0 when there is none. */
function sequenceLength(buffer: Buffer, at: number): number {
  const first = buffer[at] as number;
  if (first < 0x80) return 1;
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (length === 0 || at + length > buffer.length) return 0;
  try {
    strict.decode(buffer.subarray(at, at + length));
    return length;
  } catch {
    return 0;
  }
}

function encodeEscaped(text: string): Buffer {
  const pieces = text.split(/([\udc80-\udcff]+)/u).map((piece, index) => {
    const isPair = index % 2 === 1;
    return isPair
      ? Buffer.from(Array.from(piece, (character) => character.charCodeAt(0) - 0xdc00))
      : Buffer.from(piece);
  });
  return Buffer.concat(pieces);
}
