/** Lends a folder on this machine's disk for as long as `use` runs; nothing of it remains. */
export type Workspace = <T>(use: (folder: string) => Promise<T>) => Promise<T>;
