/** Messages of PostgreSQL's frontend/backend protocol 3.0 (documentation, "Message Formats"): what we send and how we read replies. */

/** First bytes of the messages that a server sends. */
export const Reply = {
  authentication: 0x52,
  bindComplete: 0x32,
  closeComplete: 0x33,
  commandComplete: 0x43,
  copyData: 0x64,
  copyDone: 0x63,
  copyIn: 0x47,
  copyOut: 0x48,
  dataRow: 0x44,
  emptyQuery: 0x49,
  error: 0x45,
  noData: 0x6e,
  notice: 0x4e,
  notification: 0x41,
  parameterDescription: 0x74,
  parameterStatus: 0x53,
  parseComplete: 0x31,
  portalSuspended: 0x73,
  ready: 0x5a,
  rowDescription: 0x54,
} as const;

/** Turns bytes of the server into text and back; which one is right depends on client_encoding. */
export interface Codec {
  decode(bytes: Buffer, start: number, end: number): string;
  encode(text: string): Buffer;
  /** Writes a text where there is room for it; answers how many bytes it takes. */
  write(text: string, bytes: Buffer, at: number): number;
}

/** A column of a result as the server describes it. */
export interface Column {
  readonly name: string;
  readonly typeOid: number;
  readonly typeModifier: number;
  /** True when values come in the type's binary form. */
  readonly isBinary: boolean;
}

/** An error or a notice: one-letter field codes and their texts (documentation, "Error and Notice Message Fields"). */
export type ServerMessage = Readonly<Partial<Record<string, string>>>;

/** The columns of a RowDescription whose body begins at an offset. */
export function readColumns(bytes: Buffer, start: number, codec: Codec): Column[] {
  const columns: Column[] = [];
  let at = start + 2;
  for (let rest = bytes.readUInt16BE(start); rest > 0; rest--) {
    const end = bytes.indexOf(0, at);
    columns.push({
      name: codec.decode(bytes, at, end),
      typeOid: bytes.readUInt32BE(end + 7),
      typeModifier: bytes.readInt32BE(end + 13),
      isBinary: bytes.readUInt16BE(end + 17) === 1,
    });
    at = end + 19;
  }
  return columns;
}

/** The values of a DataRow whose body begins at an offset, NULL as null. */
export function readRow(bytes: Buffer, start: number, codec: Codec): (string | null)[] {
  const count = bytes.readUInt16BE(start);
  const values: (string | null)[] = new Array(count);
  let at = start + 2;
  for (let index = 0; index < count; index++) {
    const length = bytes.readInt32BE(at);
    at += 4;
    values[index] = length < 0 ? null : codec.decode(bytes, at, at + length);
    if (length > 0) at += length;
  }
  return values;
}

/** The fields of an ErrorResponse or NoticeResponse whose body begins at an offset. */
export function readServerMessage(bytes: Buffer, start: number, codec: Codec): ServerMessage {
  const fields: Record<string, string> = {};
  for (let at = start; bytes[at] !== 0; ) {
    const end = bytes.indexOf(0, at);
    fields[String.fromCharCode(bytes[at] as number)] = codec.decode(bytes, at + 1, end);
    at = end + 1;
  }
  return fields;
}

/** The C strings that fill a part of a message's body. */
export function readStrings(bytes: Buffer, start: number, limit: number, codec: Codec): string[] {
  const strings: string[] = [];
  for (let at = start; at < limit; ) {
    const end = bytes.indexOf(0, at);
    strings.push(codec.decode(bytes, at, end));
    at = end + 1;
  }
  return strings;
}

/** The types of a prepared statement's parameters. */
export function readParameterTypes(body: Buffer): number[] {
  return Array.from({ length: body.readUInt16BE(0) }, (_, index) => body.readUInt32BE(2 + 4 * index));
}

/** A message with its type, its length and the parts of its body. */
export function packet(type: string, ...parts: readonly Buffer[]): Buffer {
  let length = 0;
  for (const part of parts) length += part.length;
  const bytes = Buffer.allocUnsafe(5 + length);
  let at = writeHead(bytes, 0, type, length);
  for (const part of parts) at += part.copy(bytes, at);
  return bytes;
}

const zero = Buffer.from([0]);

export const queryPacket = (sql: Buffer): Buffer => packet('Q', sql, zero);
export const syncPacket = (): Buffer => packet('S');
export const terminatePacket = (): Buffer => packet('X');
export const copyDonePacket = (): Buffer => packet('c');
export const copyFailPacket = (reason: string): Buffer => packet('f', Buffer.from(`${reason}\0`));

export const parsePacket = (name: Buffer, sql: Buffer): Buffer => packet('P', name, zero, sql, zero, int16(0));
export const describePacket = (kind: 'S' | 'P', name: Buffer): Buffer => packet('D', Buffer.from(kind), name, zero);
export const closePacket = (kind: 'S' | 'P', name: Buffer): Buffer => packet('C', Buffer.from(kind), name, zero);
export const executePacket = (): Buffer => packet('E', zero, int32(0));

/** Binds text parameters to the unnamed portal and asks for text results. */
export function bindPacket(statement: Buffer, values: readonly (Buffer | null)[]): Buffer {
  const parameters = values.flatMap((value) => (value === null ? [int32(-1)] : [int32(value.length), value]));
  return packet('B', zero, statement, zero, int16(0), int16(values.length), ...parameters, int16(0));
}

/** Small messages let the server work on the first while the next ones are still on their way. */
const copyMessageSize = 1 << 13;

/** CopyData messages that hold the bytes; where one ends and the next begins means nothing to the server. */
export function copyDataPackets(bytes: Buffer): Buffer {
  const count = Math.ceil(bytes.length / copyMessageSize);
  const packets = Buffer.allocUnsafe(bytes.length + 5 * count);
  let at = 0;
  for (let start = 0; start < bytes.length; start += copyMessageSize) {
    const end = Math.min(bytes.length, start + copyMessageSize);
    at = writeHead(packets, at, 'd', end - start);
    at += bytes.copy(packets, at, start, end);
  }
  return packets;
}

/** CancelRequest, sent alone on a connection of its own. */
export function cancelPacket(processId: number, secretKey: number): Buffer {
  return Buffer.concat([int32(16), int32(80877102), int32(processId), int32(secretKey)]);
}

/** Writes type and length of a message at an offset; answers the offset of its body. */
export function writeHead(bytes: Buffer, at: number, type: string, length: number): number {
  bytes[at] = type.charCodeAt(0);
  return bytes.writeUInt32BE(4 + length, at + 1);
}

function int16(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeInt32BE(value);
  return bytes;
}
