import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Workspace } from '../../ports/workspace.ts';

/** A new folder under the system's temporary one. */
export const scratchFolder: Workspace = async (use) => {
  const folder = await mkdtemp(join(tmpdir(), 'portolan-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
