import type { Terminal } from './terminal.ts';

/** Settles at the first Ctrl-C (or SIGTERM); the second one does not wait for a clean end. */
export function interruption(screen: Terminal): { readonly happened: Promise<void>; end(): void } {
  let signals = 0;
  let settle = () => {};
  const happened = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const onSignal = () => {
    signals++;
    if (signals > 1) process.exit(130);
    screen.print('stopping (Ctrl-C again forces it)');
    settle();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    happened,
    end() {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
