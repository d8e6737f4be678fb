/** CRC-32C (Castagnoli), reflected, by tables for eight bytes at a time (Intel's "slicing by 8"; src/port/pg_crc32c_sb8.c). */
const polynomial = 0x82f63b78;
const tables = makeTables();

function makeTables(): readonly Int32Array[] {
  const first = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) === 1 ? polynomial : 0);
    first[byte] = crc;
  }
  const all = [first];
  for (let index = 1; index < 8; index++) all.push(all[index - 1]?.map((crc) => at(first, crc) ^ (crc >>> 8)) ?? first);
  return all;
}

function at(table: Int32Array | undefined, crc: number): number {
  return table?.[crc & 0xff] ?? 0;
}

/** Continues a checksum; 0 begins one. */
export function crc32c(bytes: Uint8Array, previous = 0): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = tables;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let crc = ~previous;
  let offset = 0;
  for (; offset + 8 <= bytes.length; offset += 8) {
    const low = view.getInt32(offset, true) ^ crc;
    const high = view.getInt32(offset + 4, true);
    crc = at(t7, low) ^ at(t6, low >>> 8) ^ at(t5, low >>> 16) ^ at(t4, low >>> 24);
    crc ^= at(t3, high) ^ at(t2, high >>> 8) ^ at(t1, high >>> 16) ^ at(t0, high >>> 24);
  }
  for (; offset < bytes.length; offset++) crc = at(t0, crc ^ (bytes[offset] ?? 0)) ^ (crc >>> 8);
  return ~crc >>> 0;
}
