import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { EventBus } from '../../ports/eventBus.ts';

/** Publishes on one EventBridge bus. Throws when the bus does not take the event, so that the caller is retried. */
export function eventBridgeBus(busName: string, client = new EventBridgeClient({})): EventBus {
  return {
    async publish(detailType, detail) {
      const entry = {
        EventBusName: busName,
        Source: 'portolan',
        DetailType: detailType,
        Detail: JSON.stringify(detail),
      };
      const answer = await client.send(new PutEventsCommand({ Entries: [entry] }));
      if (answer.FailedEntryCount) {
        throw new Error(`eventBridgeBus: ${detailType} was not taken: ${answer.Entries?.[0]?.ErrorCode}`);
      }
    },
  };
}
