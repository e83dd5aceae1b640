import middy from '@middy/core';
import httpRouter from '@middy/http-router';
import { publishedScores } from '../../lib/app/layout/publishedScores.ts';
import { Failure } from '../../lib/core/errors.ts';
import type { Catalog } from '../../lib/ports/catalog.ts';
import type { Clock } from '../../lib/ports/clock.ts';
import type { PageStore } from '../../lib/ports/pageStore.ts';
import type { Answer, Log, ProxyEvent, ProxyResult } from '../exchange.ts';
import { ALLOWED, httpStack } from '../http.ts';
import { nearest } from './nearest.ts';
import { JsonQuery } from './parameters.ts';
import { answering, type Route, route } from './route.ts';
import { routes } from './routes.ts';

export interface ApiDeps {
  readonly catalog: Catalog;
  readonly pages: PageStore;
  readonly clock: Clock;
  readonly log: Log;
  /** hash of the bundled sources: a new version may put the same run into other words */
  readonly codeVersion: string;
  /** origins whose pages may read the answers; `*` for all */
  readonly corsOrigins: readonly string[];
}

/** The API: routes to use cases, in the stack that all handlers share. */
export function apiHandler(deps: ApiDeps) {
  const table = routes({ ...deps, scores: publishedScores(deps), nearest });
  const everything: readonly Route[] = [...table, documentRoute(() => everything)];
  const router = httpRouter({
    routes: everything.map((each) => ({ method: 'GET' as const, path: each.path, handler: answering(each) as never })),
    notFoundResponse: ({ method, path }) => {
      if (everything.some((each) => matches(each.path, path))) {
        throw new Failure('method.notAllowed', { method, allowed: ALLOWED });
      }
      throw new Failure('route.unknown', { path });
    },
  });
  return middy(router as unknown as (event: ProxyEvent) => Promise<Answer | ProxyResult>).use(
    httpStack(deps),
  ) as unknown as (event: Record<string, unknown>, context?: { awsRequestId: string }) => Promise<ProxyResult>;
}

/** The description of all routes, itself included. Loaded when first asked for, since no other answer needs it. */
const documentRoute = (described: () => readonly Route[]): Route =>
  route({
    path: '/v1/openapi.json',
    operationId: 'getOpenApi',
    summary: 'This description, OpenAPI 3.1',
    tag: 'service',
    query: JsonQuery,
    answer: 'Document',
    isList: false,
    async respond({ prefix }) {
      const { openApi } = await import('./openapi.ts');
      return { body: openApi(described(), prefix), run: null, next: null };
    },
  });

/** Whether a path is one of a pattern's, names in braces standing for one segment each. */
const matches = (pattern: string, path: string) =>
  new RegExp(`^${pattern.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}/?$`).test(path);
