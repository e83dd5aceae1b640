import { synth } from '../../functions/cli/synth.ts';

/** Makes what a home executes, once: files that start homes run beside each other. */
export default async function synthesise(): Promise<void> {
  await synth({ stage: 'local' });
}
