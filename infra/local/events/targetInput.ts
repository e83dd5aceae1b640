import type { TargetPlan } from '../template/blueprint.ts';
import type { BusEvent } from './pattern.ts';

/**
 * Compiles what a rule hands to a target: the event, a part of it, a constant, or a template filled from it.
 *
 * @throws Error for a path or placeholder that is not implemented
 */
export function compileInput(target: TargetPlan, place: string): (event: BusEvent) => string {
  const { input, inputPath, transformer } = target;
  if (input !== null) return () => input;
  if (inputPath !== null) {
    const part = compilePath(inputPath, place);
    return (event) => JSON.stringify(part(event)) ?? 'null';
  }
  if (!transformer) return (event) => JSON.stringify(event);

  const paths = Object.entries(transformer.paths).map(([name, path]) => [name, compilePath(path, place)] as const);
  const known = new Map<string, (event: BusEvent) => unknown>([
    ...paths,
    ['aws.events.event', (event) => event],
    ['aws.events.event.json', (event) => event],
  ]);
  for (const [, name = ''] of transformer.template.matchAll(PLACEHOLDER))
    if (!known.has(name)) throw new Error(`${place}: the placeholder <${name}> is not implemented by the local home`);

  return (event) => {
    let quoted = false;
    // inside quotes a value is text within text; outside it is a value of its own
    return transformer.template.replace(/\\.|"|<([\w.-]+)>/g, (token, name: string | undefined) => {
      if (token === '"') quoted = !quoted;
      if (name === undefined) return token;
      const value = known.get(name)?.(event) ?? (quoted ? '' : null);
      if (!quoted) return JSON.stringify(value);
      return JSON.stringify(typeof value === 'string' ? value : JSON.stringify(value)).slice(1, -1);
    });
  };
}

const PLACEHOLDER = /<([\w.-]+)>/g;

/** `$.detail.object.key` */
function compilePath(path: string, place: string): (event: BusEvent) => unknown {
  if (!/^\$(\.[\w-]+)*$/.test(path)) throw new Error(`${place}: the path ${path} is not implemented by the local home`);
  const names = path.split('.').slice(1);
  return (event) =>
    names.reduce<unknown>((value, name) => (value as Readonly<Record<string, unknown>> | undefined)?.[name], event);
}
