import { defineConfig } from 'vitest/config';

/** One project per kind of test (tests/README.md says which to write when). */
const project = (name: string, include: string[], extra: object = {}) => ({
  test: { name, include, environment: 'node' as const, ...extra },
});

export default defineConfig({
  test: {
    projects: [
      project('architecture', ['tests/architecture/**/*.test.ts']),
      project('core', ['tests/core/**/*.test.ts', 'tests/golden/**/*.test.ts'], { testTimeout: 60_000 }),
      project('edges', ['tests/ports/**/*.test.ts', 'tests/handlers/**/*.test.ts', 'tests/app/**/*.test.ts'], {
        testTimeout: 60_000,
        hookTimeout: 60_000,
        env: { POWERTOOLS_LOG_LEVEL: 'SILENT' },
      }),
      project('infra', ['tests/infra/**/*.test.ts'], {
        globalSetup: ['tests/infra/synthesise.ts'],
        testTimeout: 120_000,
        hookTimeout: 120_000,
      }),
      project('local', ['tests/local/**/*.test.ts'], {
        globalSetup: ['tests/infra/synthesise.ts'],
        testTimeout: 240_000,
        hookTimeout: 240_000,
        fileParallelism: false,
      }),
    ],
  },
});
