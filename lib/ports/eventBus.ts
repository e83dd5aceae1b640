/** Announces what happened; the source is always `portolan`. At least once: listeners may hear it twice or late. */
export interface EventBus {
  publish(detailType: EventName, detail: Readonly<Record<string, unknown>>): Promise<void>;
}

export type EventName = 'dataset.ingested' | 'scores.published';
