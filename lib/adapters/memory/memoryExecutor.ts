import type { Executor } from '../../ports/executor.ts';

/** Remembers what was started; a test ends an execution by deleting its name from `running`. */
export function memoryExecutor(): Executor & { running: Set<string>; started: { name: string; input: unknown }[] } {
  const running = new Set<string>();
  const started: { name: string; input: unknown }[] = [];
  return {
    running,
    started,
    async start(name, input) {
      if (started.some((execution) => execution.name === name)) return;
      started.push({ name, input: structuredClone({ ...input }) });
      running.add(name);
    },
    isRunning: async (name) => running.has(name),
  };
}
