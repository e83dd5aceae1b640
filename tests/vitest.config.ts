import { defineConfig } from 'vitest/config';

/** One project per kind of test (tests/README.md says which to write when). */
const project = (name: string, include: string[], extra: object = {}) => ({
  test: { name, include, environment: 'node' as const, ...extra },
});

/** Tests put back what they change (variables, spies), so files share their modules: a quarter less time. */
const shared = { isolate: false };

/** Homes take their time: processes start, runs go through, faults are waited for. */
const patient = { testTimeout: 240_000, hookTimeout: 240_000 };

/** The tests keep one core busy each; by default one core is kept free, which of two is half of them. */
const maxWorkers = '100%';

export default defineConfig({
  test: {
    maxWorkers,
    // as the command line and the functions do: decisions/0132
    execArgv: ['--no-maglev-osr'],
    projects: [
      project('architecture', ['tests/architecture/**/*.test.ts'], shared),
      project('core', ['tests/core/**/*.test.ts', 'tests/golden/**/*.test.ts'], {
        ...shared,
        testTimeout: 60_000,
      }),
      project('edges', ['tests/ports/**/*.test.ts', 'tests/handlers/**/*.test.ts', 'tests/app/**/*.test.ts'], {
        ...shared,
        testTimeout: 60_000,
        hookTimeout: 60_000,
        env: { POWERTOOLS_LOG_LEVEL: 'SILENT' },
      }),
      project('infra', ['tests/infra/**/*.test.ts'], {
        ...shared,
        globalSetup: ['tests/infra/synthesise.ts'],
        testTimeout: 120_000,
        hookTimeout: 120_000,
      }),
      project('local', ['tests/local/**/*.test.ts'], {
        ...patient,
        globalSetup: ['tests/infra/synthesise.ts', 'tests/local/synthesise.ts'],
      }),
      // by a command of their own, which .ci/run gives too: npm run drills
      project('drills', ['tests/drills/**/*.test.ts'], { ...patient, globalSetup: ['tests/local/synthesise.ts'] }),
    ],
  },
});
