import type { ApiPlan, MethodPlan } from '../template/apiPlan.ts';

export interface Route {
  readonly method: MethodPlan;
  readonly parameters: Readonly<Record<string, string>> | null;
}

interface Node {
  readonly literal: Map<string, Node>;
  /** `{name}` takes one segment, `{name+}` all that are left */
  variable: { readonly name: string; readonly greedy: boolean; readonly node: Node } | null;
  readonly methods: Map<string, MethodPlan>;
}

const node = (): Node => ({ literal: new Map(), variable: null, methods: new Map() });

/**
 * Compiles the routes of an API. A literal segment goes before a variable one; there is no way back from a choice, as in
 * API Gateway.
 *
 * @returns  the route of a request, or null: unknown path or method
 */
export function compileRoutes(plan: ApiPlan): (verb: string, path: string) => Route | null {
  const root = node();
  for (const method of plan.methods) {
    let at = root;
    for (const segment of segmentsOf(method.path)) {
      const variable = /^\{([^+}]+)(\+?)\}$/.exec(segment);
      if (variable) {
        at.variable ??= { name: variable[1] as string, greedy: variable[2] === '+', node: node() };
        at = at.variable.node;
      } else {
        const next = at.literal.get(segment) ?? node();
        at.literal.set(segment, next);
        at = next;
      }
    }
    at.methods.set(method.verb, method);
  }

  return (verb, path) => {
    const parameters: Record<string, string> = {};
    const segments = segmentsOf(path);
    let at = root;
    for (const [index, segment] of segments.entries()) {
      const literal = at.literal.get(segment);
      if (literal) {
        at = literal;
        continue;
      }
      if (!at.variable) return null;
      const { name, greedy, node: next } = at.variable;
      at = next;
      parameters[name] = decoded(greedy ? segments.slice(index).join('/') : segment);
      if (greedy) break;
    }
    const method = at.methods.get(verb) ?? at.methods.get('ANY');
    return method ? { method, parameters: Object.keys(parameters).length > 0 ? parameters : null } : null;
  };
}

const segmentsOf = (path: string) => path.split('/').filter((segment) => segment !== '');

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
