import { type ChildProcess, spawn } from 'node:child_process';

/** Reads `+pid` and `-pid` lines; when they end, because whoever wrote them is gone, ends the processes that are left. */
const PROGRAM = `
  const living = new Set();
  let rest = '';
  process.stdin.setEncoding('latin1').on('data', (text) => {
    const lines = (rest + text).split('\\n');
    rest = lines.pop();
    for (const line of lines) line[0] === '+' ? living.add(+line.slice(1)) : living.delete(+line.slice(1));
  }).on('end', () => {
    for (const pid of living) try { process.kill(pid, 'SIGKILL'); } catch {}
    process.exit();
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
`;

/**
 * A small process that outlives this one by a moment. A function notices by itself that its parent is gone, but not
 * while it computes; the guard ends it then.
 */
export class Guard {
  private readonly child: ChildProcess;

  constructor() {
    this.child = spawn(process.execPath, ['--max-old-space-size=16', '-e', PROGRAM], {
      stdio: ['pipe', 'ignore', 'ignore'],
      env: {},
    });
    this.child.stdin?.on('error', () => undefined);
  }

  add(pid: number): void {
    this.child.stdin?.write(`+${pid}\n`);
  }

  remove(pid: number): void {
    this.child.stdin?.write(`-${pid}\n`);
  }

  /** Resolves when it has ended everything that was left, and itself. */
  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.stdin?.end();
    await ended;
  }
}
