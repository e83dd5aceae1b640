type Numbers = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float32Array | Float64Array;

/** The same value with all its numbers in shared memory, so that threads read one copy of them instead of cloning it. */
export function shared<Value>(value: Value): Value {
  return copied(value) as Value;
}

function copied(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) {
    const given = value as Numbers;
    if (given.buffer instanceof SharedArrayBuffer) return given;
    const Kind = given.constructor as new (buffer: SharedArrayBuffer) => Numbers;
    const own = new Kind(new SharedArrayBuffer(given.byteLength));
    own.set(given);
    return own;
  }
  if (Array.isArray(value)) return value.map(copied);
  if (value instanceof Map || value instanceof Set || value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, copied(each)]));
}
