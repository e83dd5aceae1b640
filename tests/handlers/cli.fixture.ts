import { portolan } from '../../functions/cli/main.ts';
import { terminal } from '../../functions/cli/terminal.ts';

/** Runs the command line as a pipe would see it: what is printed, what is complained, the exit code. */
export async function runCli(...args: string[]) {
  const written = { out: '', errors: '' };
  const screen = terminal(
    { write: (text) => (written.out += text) },
    { write: (text) => (written.errors += text) },
    { live: false, now: () => 0 },
  );
  const code = await portolan(args, screen);
  return { code, ...written };
}
