import type { Queue } from '../../ports/queue.ts';

/** Keeps what was sent, in order. */
export function memoryQueue(): Queue & { sent: string[] } {
  const sent: string[] = [];
  return {
    sent,
    async send(body) {
      sent.push(body);
    },
  };
}
