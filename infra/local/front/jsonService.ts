import { randomUUID } from 'node:crypto';
import { readBody } from './readBody.ts';
import { type Incoming, type Needed, notImplemented, type Prepared, type Service, ServiceError } from './service.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** One operation of a service that speaks JSON: what a request is about, and how it is carried out. */
export type Operation = (
  fields: Fields,
  incoming: Incoming,
) => { readonly resource: string; readonly needs: readonly Needed[]; run(): Promise<object> | object };

/** A service of AWS's JSON protocols: the operation is named in a header, request and answer are one object each. */
export function jsonService(
  scope: string,
  version: '1.0' | '1.1',
  operations: Readonly<Record<string, Operation>>,
): Service {
  const headers = { 'content-type': `application/x-amz-json-${version}` };
  return {
    scope,
    async prepare(incoming): Promise<Prepared> {
      const name = operationName(incoming);
      const operation = operations[name];
      if (!operation) throw notImplemented(`${scope}: ${name}`);
      const body = Buffer.from(await readBody(incoming.request)).toString();
      const { resource, needs, run } = operation(JSON.parse(body || '{}') as Fields, incoming);
      return {
        operation: name,
        resource,
        needs,
        run: async () => ({
          status: 200,
          headers: { ...headers, 'x-amzn-requestid': randomUUID() },
          body: JSON.stringify(await run()),
        }),
      };
    },
    refuse: (error) => jsonRefusal(error, headers),
  };
}

/** `AmazonSQS.SendMessage` → `SendMessage` */
export function operationName({ request }: Pick<Incoming, 'request'>): string {
  const target = request.headers['x-amz-target']?.toString();
  if (!target) throw new ServiceError('UnknownOperationException', 'the request names no operation');
  return target.slice(target.indexOf('.') + 1);
}

export function jsonRefusal(
  { code, message, status, detail }: ServiceError,
  headers: Readonly<Record<string, string>>,
) {
  return {
    status,
    headers: { ...headers, 'x-amzn-errortype': code, 'x-amzn-requestid': randomUUID() },
    body: JSON.stringify({ __type: code, message, Message: message, ...detail }),
  };
}

/** A field that has to be text. */
export function text(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === 'string') return value;
  throw new ServiceError('ValidationException', `${name} should be text, not ${JSON.stringify(value)}`);
}
