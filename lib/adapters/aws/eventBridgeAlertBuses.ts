import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { AlertBuses } from '../../ports/alertBuses.ts';

/** Event buses of this account by name. Only those listed: the names come from subscribers. */
export function eventBridgeAlertBuses(names: readonly string[], client = new EventBridgeClient({})): AlertBuses {
  return {
    async publish(bus, detailType, detail) {
      if (!names.includes(bus)) return 'there is no such bus';
      try {
        const entry = { EventBusName: bus, Source: 'portolan', DetailType: detailType, Detail: JSON.stringify(detail) };
        const { FailedEntryCount, Entries } = await client.send(new PutEventsCommand({ Entries: [entry] }));
        return FailedEntryCount ? `the bus answered ${Entries?.[0]?.ErrorCode}` : null;
      } catch (error) {
        return `the bus answered ${error instanceof Error ? error.name : 'an unknown error'}`;
      }
    },
  };
}
