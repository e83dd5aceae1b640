import type { Resource } from './intrinsics.ts';
import { REGION } from './names.ts';
import { Properties } from './properties.ts';

export interface ApiPlan {
  readonly id: string;
  readonly stage: string;
  /** smallest body that is compressed for clients that accept it; null: none is */
  readonly compressFrom: number | null;
  readonly methods: readonly MethodPlan[];
  readonly gatewayResponses: Readonly<Record<string, GatewayResponsePlan>>;
}

export interface MethodPlan {
  /** e.g. `/v1/scores/{exporter}` */
  readonly path: string;
  readonly verb: string;
  readonly functionArn: string | null;
  /** what a method without a function answers */
  readonly mock: { readonly status: number; readonly headers: Readonly<Record<string, string>> } | null;
}

export interface GatewayResponsePlan {
  readonly status: number | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly template: string | null;
}

/** Reads the API of an application: its methods by path, and what it answers by itself. */
export function apiPlan(resources: readonly Resource[]): ApiPlan | null {
  const of = (type: string) =>
    resources.filter((resource) => resource.type === `AWS::ApiGateway::${type}`).map((found) => new Properties(found));
  const [api, another] = of('RestApi');
  if (!api) return null;
  if (another) throw new Error(`${another.place}: the local home serves one API, and ${api.place} is it`);
  const [stage] = of('Stage');
  if (!stage) throw new Error(`${api.place} has no stage`);
  const root = api.resource.identity.attributes.RootResourceId;

  const byId = new Map(of('Resource').map((resource) => [resource.resource.identity.ref, resource]));
  const pathOf = (id: string): string => {
    if (id === root) return '';
    const resource = byId.get(id);
    if (!resource) throw new Error(`${api.place}: no resource has the id ${id}`);
    return `${pathOf(resource.text('ParentId'))}/${resource.text('PathPart')}`;
  };

  const methods = of('Method').map((method): MethodPlan => {
    const integration = method.record<unknown>('Integration');
    const path = pathOf(method.text('ResourceId')) || '/';
    const verb = method.text('HttpMethod');
    if (integration.Type === 'AWS_PROXY') {
      const functionArn = /\/functions\/(.+)\/invocations$/.exec(String(integration.Uri))?.[1];
      if (!functionArn) throw new Error(`${method.place}: ${integration.Uri} does not invoke a function`);
      return { path, verb, functionArn, mock: null };
    }
    const [response, ...others] = (integration.IntegrationResponses ?? []) as {
      StatusCode: string;
      ResponseParameters?: Record<string, string>;
    }[];
    if (!response || others.length > 0) throw new Error(`${method.place}: a mock answers with exactly one response`);
    return {
      path,
      verb,
      functionArn: null,
      mock: {
        status: Number(response.StatusCode),
        headers: staticHeaders(response.ResponseParameters, 'method.response.header.', method.place),
      },
    };
  });

  return {
    id: api.resource.identity.ref,
    stage: stage.resource.identity.ref,
    compressFrom: api.number('MinimumCompressionSize', null),
    methods,
    gatewayResponses: Object.fromEntries(
      of('GatewayResponse').map((response) => {
        const templates = response.record<string>('ResponseTemplates');
        const other = Object.keys(templates).find((type) => type !== 'application/json');
        if (other) throw new Error(`${response.place}: a template for ${other} is not implemented by the local home`);
        return [
          response.text('ResponseType'),
          {
            status: response.number('StatusCode', null),
            headers: staticHeaders(
              response.record<string>('ResponseParameters'),
              'gatewayresponse.header.',
              response.place,
            ),
            template: templates['application/json'] ?? null,
          },
        ];
      }),
    ),
  };
}

/** Header mappings whose values are literals in quotes; others would have to be computed from the request. */
function staticHeaders(
  mappings: Readonly<Record<string, string>> | undefined,
  prefix: string,
  place: string,
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(mappings ?? {})) {
    const literal = /^'(.*)'$/s.exec(value)?.[1];
    if (!name.startsWith(prefix) || literal === undefined)
      throw new Error(`${place}: the mapping ${name} = ${value} is not implemented by the local home`);
    headers[name.slice(prefix.length)] = literal;
  }
  return headers;
}

/** The address that API Gateway would have; outputs show the local one in its place. */
export const deployedApiUrl = ({ id, stage }: ApiPlan) => `https://${id}.execute-api.${REGION}.amazonaws.com/${stage}`;
