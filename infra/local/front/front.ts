import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Grants } from '../access/grants.ts';
import type { Call, CallRecord } from './record.ts';
import { type Needed, type Reply, type Service, ServiceError } from './service.ts';

/** Whoever holds an access key. */
export interface Caller {
  readonly label: string;
  /** null for the person at this machine, who may do everything */
  readonly roleArn: string | null;
  kill(): void;
}

/** What a test does to a call: its process dies, its connection breaks, or the service answers with this error. */
export type Strike = 'kill' | 'lose' | ServiceError;

/**
 * Lets a test strike at any call of a function: before the call is carried out, or after it, when its answer never arrives or is
 * an error although the work is done. `n` counts the calls of functions from 1.
 */
export interface Fault {
  readonly before?: (call: Call, n: number) => Strike | undefined;
  readonly after?: (call: Call, n: number) => Strike | undefined;
  /** how far ahead of this machine's clock that of a process is (milliseconds; negative: behind), asked when it starts */
  readonly clock?: (label: string) => number;
  /** how large a file a process can write (bytes) before its disk counts as full, asked when it starts; null: no limit */
  readonly disk?: (label: string) => number | null;
}

export interface FrontOptions {
  readonly grants: Grants;
  readonly record: CallRecord;
  readonly fault: Fault;
  caller(accessKeyId: string): Caller | null;
  /** hears of a call that was refused for want of a permission */
  denied(call: Call, missing: Needed): void;
  failed(error: unknown): void;
  /** hears of every call when it has been answered */
  ended(call: Call): void;
}

const CREDENTIAL = /Credential=([^/,\s]+)\/\d{8}\/[^/]+\/([^/]+)\/aws4_request/;

/**
 * The one endpoint of all services. Finds out who asks which service for what (signatures are read, not verified: only
 * this machine can ask), checks it against the policies of the template, has it carried out, and keeps a record.
 */
export function front(services: readonly Service[], options: FrontOptions): RequestListener {
  const byScope = new Map(services.map((service) => [service.scope, service]));
  return (request, response) => {
    answer(byScope, options, request, response).catch((error: unknown) => {
      options.failed(error);
      response.destroy();
    });
  };
}

async function answer(
  services: ReadonlyMap<string, Service>,
  options: FrontOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [path = '/', rawQuery = ''] = (request.url ?? '/').split(/\?(.*)/s);
  const query = new URLSearchParams(rawQuery);
  const presigned = query.get('X-Amz-Credential');
  const authorization = presigned === null ? request.headers.authorization : `Credential=${presigned}`;
  const [, accessKeyId = '', scope = ''] = CREDENTIAL.exec(authorization ?? '') ?? [];
  const service = services.get(scope);
  if (!service) {
    request.resume();
    response.writeHead(501).end(`the service '${scope}' is not implemented by the local home\n`);
    return;
  }
  const caller = options.caller(accessKeyId);
  const refuse = (error: ServiceError) => send(request, response, service.refuse(error));
  if (!caller)
    return refuse(new ServiceError('UnrecognizedClientException', 'The security token included is invalid.', 403));

  const began = performance.now();
  const asked: Needed[] = [];
  const may = (needed: Needed) => {
    asked.push(needed);
    return allowed(options.grants, caller, needed);
  };
  let call: Call | null = null;
  try {
    const prepared = await service.prepare({ request, path, query, may });
    const { operation, resource } = prepared;
    const about = {
      at: Date.now(),
      caller: caller.label,
      accessKeyId,
      service: scope,
      operation,
      resource,
      needs: asked,
    };
    call = options.record.add(about, caller.roleArn !== null);
    const strikes = (when: Fault['before']) => {
      const strike = call && caller.roleArn !== null ? when?.(call, call.n) : undefined;
      if (!call || strike === undefined) return false;
      if (strike instanceof ServiceError) throw strike;
      call.outcome = strike === 'kill' ? 'killed' : 'lost';
      if (strike === 'kill') caller.kill();
      response.destroy();
      return true;
    };

    const missing = prepared.needs.find((needed) => !may(needed));
    if (missing) {
      call.outcome = 'denied';
      options.denied(call, missing);
      const message = `${caller.label} is not authorized to perform ${missing.action} on ${missing.resource}`;
      return await refuse(
        new ServiceError(
          scope === 's3' ? 'AccessDenied' : 'AccessDeniedException',
          message,
          scope === 's3' ? 403 : 400,
        ),
      );
    }
    if (strikes(options.fault.before)) return;
    const reply = await prepared.run();
    if (strikes(options.fault.after)) return;
    call.outcome = 'done';
    await send(request, response, reply);
  } catch (error) {
    if (!(error instanceof ServiceError)) {
      // a caller that went away in the middle is nobody's fault
      if (request.destroyed || response.destroyed) {
        if (call) call.outcome = 'abandoned';
        return;
      }
      options.failed(error);
    }
    const known = error instanceof ServiceError ? error : new ServiceError('InternalError', String(error), 500);
    if (call) call.outcome = known.code;
    await refuse(known);
  } finally {
    if (call) {
      call.milliseconds = performance.now() - began;
      options.ended(call);
    }
  }
}

function allowed(grants: Grants, { roleArn }: Caller, { action, resource, context }: Needed): boolean {
  if (roleArn === null) return true;
  return grants.allows({
    principal: { kind: 'role', id: roleArn },
    action,
    resource,
    ...(context ? { context } : {}),
  });
}

async function send(request: IncomingMessage, response: ServerResponse, { status, headers, body }: Reply) {
  // what has not been read of a refused body still has to pass, or the connection is lost
  if (!request.readableEnded) request.resume();
  if (response.headersSent || response.destroyed) return;
  if (body instanceof Readable) {
    response.writeHead(status, headers);
    await pipeline(body, response);
    return;
  }
  // an answer to HEAD states the length of a body that it does not have
  const length = body === null ? (headers['content-length'] ?? 0) : Buffer.byteLength(body);
  response.writeHead(status, status === 204 || status === 304 ? headers : { ...headers, 'content-length': length });
  response.end(body ?? undefined);
}
