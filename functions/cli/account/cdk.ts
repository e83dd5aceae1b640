import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../../../infra/sources.ts';
import { Stop } from '../command.ts';

/** Runs the CDK's own command line, which writes to this terminal. Throws Stop when it fails. */
export type Cdk = (args: readonly string[], region: string) => Promise<void>;

export const cdk: Cdk = (args, region) =>
  new Promise((resolve, reject) => {
    const program = join(PROJECT_ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk');
    const child = spawn(process.execPath, [program, ...args], {
      cwd: PROJECT_ROOT,
      stdio: 'inherit',
      env: { ...process.env, AWS_REGION: region, AWS_DEFAULT_REGION: region },
    });
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Stop(`cdk ${args[0]} ended with exit code ${code}; what it said is above`)),
    );
  });
