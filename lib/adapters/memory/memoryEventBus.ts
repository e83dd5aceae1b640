import type { EventBus, EventName } from '../../ports/eventBus.ts';

/** Keeps what was published, in order. */
export function memoryEventBus(): EventBus & {
  published: { detailType: EventName; detail: Record<string, unknown> }[];
} {
  const published: { detailType: EventName; detail: Record<string, unknown> }[] = [];
  return {
    published,
    async publish(detailType, detail) {
      published.push({ detailType, detail: structuredClone({ ...detail }) });
    },
  };
}
