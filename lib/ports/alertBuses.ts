/** The event buses of others that alerts may go to. */
export interface AlertBuses {
  /** Publishes on a bus. Never throws: what went wrong is the answer, null when the bus took the event. */
  publish(bus: string, detailType: string, detail: unknown): Promise<string | null>;
}
