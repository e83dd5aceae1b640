import { assemble } from './assemble.ts';

/** The part of the WebAssembly API that is used here (the DOM library, which declares it, is not part of this project). */
declare const WebAssembly: {
  Memory: new (size: { initial: number }) => Memory;
  Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

/** Bytes that loops work on. */
export interface Memory {
  readonly buffer: ArrayBuffer;
}

const PAGE = 65536;

/** A memory of at least so many bytes, zeros at first. */
export const memoryOf = (bytes: number): Memory =>
  new WebAssembly.Memory({ initial: Math.max(1, Math.ceil(bytes / PAGE)) });

/**
 * Inner loops in WebAssembly text (`assemble`), compiled when they are first set to work on a memory.
 *
 * @typeParam Exports the functions that the text exports
 */
export function loops<Exports>(text: string): (memory: Memory) => Exports {
  let compiled: object | undefined;
  return (memory) => {
    compiled ??= new WebAssembly.Module(assemble(text));
    return new WebAssembly.Instance(compiled, { env: { memory } }).exports as Exports;
  };
}
