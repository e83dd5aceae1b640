/** Smallest buffer that is kept; most requests are smaller. */
const SMALLEST = 64 * 1024;

/**
 * Buffers that both threads see, used again and again: a run writes hundreds of megabytes in requests of one, and memory
 * that is asked for and given back each time costs more than what is done with it.
 */
export class BodyPool {
  private readonly free = new Map<number, SharedArrayBuffer[]>();

  /** Room for so many bytes; what it holds is left over from earlier. */
  take(bytes: number): Uint8Array<SharedArrayBuffer> {
    const size = Math.max(SMALLEST, 2 ** Math.ceil(Math.log2(bytes)));
    return new Uint8Array(this.free.get(size)?.pop() ?? new SharedArrayBuffer(size), 0, bytes);
  }

  give({ buffer }: Uint8Array<SharedArrayBuffer>): void {
    const kept = this.free.get(buffer.byteLength) ?? [];
    kept.push(buffer);
    this.free.set(buffer.byteLength, kept);
  }
}
