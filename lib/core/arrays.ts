/**
 * One artifact = one buffer: a 16-byte header, a JSON description, then raw little-endian arrays on 8-byte boundaries.
 *
 *     0  magic "PTLN"   4  version u8   5..7  zero   8  length of the JSON u32   12  zero
 *     16 JSON {meta, arrays: [{name, type, length, offset}]}   then the arrays, offsets counted from the end of the padded JSON
 *
 * Decoding copies nothing: the arrays are views on the bytes given (which are copied once if they are misaligned).
 */
const MAGIC = 0x4e4c5450; // "PTLN" read as a little-endian u32
const VERSION = 1;
const HEADER_BYTES = 16;

const TYPES = { f64: Float64Array, f32: Float32Array, u32: Uint32Array, u16: Uint16Array, u8: Uint8Array } as const;
type TypeName = keyof typeof TYPES;
export type TypedArray = Float64Array | Float32Array | Uint32Array | Uint16Array | Uint8Array;

interface Description {
  meta: unknown;
  arrays: { name: string; type: TypeName; length: number; offset: number }[];
}

const align8 = (bytes: number) => (bytes + 7) & ~7;

function typeName(array: TypedArray): TypeName {
  for (const [name, type] of Object.entries(TYPES)) if (array instanceof type) return name as TypeName;
  throw new RangeError(`encodeArrays: ${Object.prototype.toString.call(array)} is not one of ${Object.keys(TYPES)}`);
}

/** Encodes named typed arrays and a JSON-serialisable description of them (axes, units, source) into one buffer. */
export function encodeArrays(meta: unknown, arrays: Readonly<Record<string, TypedArray>>): Uint8Array {
  // lay the arrays out one after the other
  let end = 0;
  const described: Description = { meta, arrays: [] };
  for (const [name, array] of Object.entries(arrays)) {
    described.arrays.push({ name, type: typeName(array), length: array.length, offset: end });
    end = align8(end + array.byteLength);
  }
  // write header, description and raw bytes
  const json = new TextEncoder().encode(JSON.stringify(described));
  const start = align8(HEADER_BYTES + json.length);
  const bytes = new Uint8Array(start + end);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint8(4, VERSION);
  view.setUint32(8, json.length, true);
  bytes.set(json, HEADER_BYTES);
  for (const { name, offset } of described.arrays) {
    const array = arrays[name]!;
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), start + offset);
  }
  return bytes;
}

/** The inverse of `encodeArrays`. Throws RangeError naming what is wrong: magic, version, or bytes that end too early. */
export function decodeArrays<Meta, Names extends string>(
  encoded: Uint8Array,
): { meta: Meta; arrays: Record<Names, TypedArray> } {
  const bytes = encoded.byteOffset % 8 === 0 ? encoded : encoded.slice();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_BYTES || view.getUint32(0, true) !== MAGIC)
    throw new RangeError('decodeArrays: not a Portolan artifact');
  if (view.getUint8(4) !== VERSION)
    throw new RangeError(`decodeArrays: version ${view.getUint8(4)}, expected ${VERSION}`);
  const jsonLength = view.getUint32(8, true);
  const described = JSON.parse(
    new TextDecoder().decode(bytes.subarray(HEADER_BYTES, HEADER_BYTES + jsonLength)),
  ) as Description;
  const start = align8(HEADER_BYTES + jsonLength);
  const arrays = {} as Record<string, TypedArray>;
  for (const { name, type, length, offset } of described.arrays) {
    const from = start + offset;
    const byteLength = length * TYPES[type].BYTES_PER_ELEMENT;
    if (from + byteLength > bytes.length)
      throw new RangeError(`decodeArrays: ${name} ends at byte ${from + byteLength} of ${bytes.length}`);
    arrays[name] = new TYPES[type](bytes.buffer as ArrayBuffer, bytes.byteOffset + from, length);
  }
  return { meta: described.meta as Meta, arrays: arrays as Record<Names, TypedArray> };
}
