import type { AlertBuses } from '../../ports/alertBuses.ts';

/** Keeps what was published, in order. There are only the buses named. */
export function memoryAlertBuses(...names: string[]): AlertBuses & {
  published: { bus: string; detailType: string; detail: unknown }[];
} {
  const published: { bus: string; detailType: string; detail: unknown }[] = [];
  return {
    published,
    async publish(bus, detailType, detail) {
      if (!names.includes(bus)) return 'there is no such bus';
      published.push({ bus, detailType, detail: structuredClone(detail) });
      return null;
    },
  };
}
