import { type Fields, jsonService } from '../front/jsonService.ts';
import { notImplemented, type Service } from '../front/service.ts';
import { busArn, type EventBuses } from './eventBuses.ts';

/** EventBridge over HTTP: events are put; rules come from the template. */
export function eventService(buses: EventBuses): Service {
  return jsonService('events', '1.1', {
    PutEvents: (fields) => {
      const entries = fields.Entries as Fields[];
      const names = entries.map(
        (entry) =>
          String(entry.EventBusName ?? 'default')
            .split('/')
            .at(-1) ?? '',
      );
      const arns = [...new Set(names.map(busArn))];
      return {
        resource: arns.join(','),
        needs: arns.map((resource) => ({ action: 'events:PutEvents', resource })),
        run: () => {
          const Entries = entries.map((entry, at) => put(buses, names[at] as string, entry));
          return { Entries, FailedEntryCount: Entries.filter((entry) => 'ErrorCode' in entry).length };
        },
      };
    },
  });
}

const refused = (ErrorCode: string, ErrorMessage: string) => ({ ErrorCode, ErrorMessage });

function put(buses: EventBuses, bus: string, entry: Fields): { EventId: string } | ReturnType<typeof refused> {
  if (entry.TraceHeader !== undefined) throw notImplemented('EventBridge: TraceHeader');
  for (const name of ['Source', 'DetailType', 'Detail'])
    if (typeof entry[name] !== 'string' || entry[name] === '')
      return refused('InvalidArgument', `Parameter ${name} is not valid. Reason: ${name} is a required argument.`);
  if (String(entry.Source).startsWith('aws.'))
    return refused('NotAuthorizedForSourceException', 'Not authorized for the source.');
  let detail: unknown;
  try {
    detail = JSON.parse(entry.Detail as string);
  } catch {
    return refused('MalformedDetail', 'Detail is malformed.');
  }
  if (typeof detail !== 'object' || detail === null || Array.isArray(detail))
    return refused('MalformedDetail', 'Detail is malformed.');
  // AWS takes an event for a bus that does not exist and drops it; here that is a wrong variable, so it is said
  if (buses.find(bus) === null) return refused('InvalidArgument', `there is no event bus ${bus}`);
  const id = buses.put(bus, {
    source: entry.Source as string,
    detailType: entry.DetailType as string,
    detail,
    resources: (entry.Resources as string[] | undefined) ?? [],
    ...(entry.Time === undefined ? {} : { time: Number(entry.Time) * 1000 }),
  });
  return { EventId: id };
}
