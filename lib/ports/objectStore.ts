/** A bucket of objects. Keys are `/`-separated paths; writing a key replaces the object as a whole or not at all. */
export interface ObjectStore {
  put(key: string, body: Uint8Array, contentType?: string): Promise<void>;
  /** Writes a file of this machine's disk under the key (in parts when it is large). */
  putFile(key: string, path: string, contentType?: string): Promise<void>;
  /** The whole object, or null when there is none. */
  get(key: string): Promise<Uint8Array | null>;
  /** Streams the object to a file; null when there is none. `etag` must match when given, else null. */
  getToFile(key: string, path: string, etag?: string): Promise<ObjectFacts | null>;
  /** What lies under a prefix, in key order. */
  list(prefix: string): AsyncIterable<ObjectFacts>;
}

export interface ObjectFacts {
  readonly key: string;
  readonly etag: string;
  readonly bytes: number;
  /** RFC 3339 UTC, as the store states it */
  readonly lastModified: string;
}
