import type { RawResource, StackTemplate } from './assembly.ts';
import { ACCOUNT, type Identity, identify, PARTITION, REGION } from './names.ts';

/** A resource whose properties are concrete: no intrinsic function is left in them. */
export interface Resource {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly identity: Identity;
}

export interface Resolved {
  readonly resources: readonly Resource[];
  /** by output name; when two stacks use one name, the later stack's value */
  readonly outputs: Readonly<Record<string, string>>;
}

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Stands for `AWS::NoValue`: the property that holds it is left out. */
const NO_VALUE = Symbol('AWS::NoValue');

/**
 * Evaluates the intrinsic functions, conditions and cross-stack references of an application. Names do not depend on
 * the order of creation, so each is made when it is first asked for.
 *
 * @param endpoint  where this machine answers for AWS; it enters the addresses of queues
 * @throws Error that names stack, resource and the expression that is not understood
 */
export function resolveStacks(stacks: readonly StackTemplate[], endpoint: string): Resolved {
  const scopes = stacks.map((stack) => new Scope(stack, endpoint, (name) => exported(name)));
  const exported = (name: string): unknown => {
    for (const scope of scopes) {
      const value = scope.exported(name);
      if (value !== undefined) return value;
    }
    throw new Error(`no stack exports ${name}`);
  };
  return {
    resources: scopes.flatMap((scope) => scope.all()),
    outputs: Object.assign({}, ...scopes.map((scope) => scope.outputs())) as Record<string, string>,
  };
}

/** The names that one template can use. */
class Scope {
  private readonly stack: StackTemplate;
  private readonly endpoint: string;
  private readonly imported: (name: string) => unknown;
  private readonly identities = new Map<string, Identity>();
  /** what is being evaluated, outermost first: the place that an error names, and the guard against cycles */
  private readonly trail: string[] = [];

  constructor(stack: StackTemplate, endpoint: string, imported: (name: string) => unknown) {
    this.stack = stack;
    this.endpoint = endpoint;
    this.imported = imported;
  }

  all(): Resource[] {
    const { name, resources } = this.stack;
    return Object.entries(resources)
      .filter(([, resource]) => this.exists(resource))
      .map(([logicalId, resource]) => ({
        stack: name,
        logicalId,
        type: resource.Type,
        properties: this.within(logicalId, () => this.evaluate(resource.Properties ?? {})) as Json,
        identity: this.identity(logicalId),
      }));
  }

  outputs(): Record<string, string> {
    const values: Record<string, string> = {};
    for (const [name, output] of Object.entries(this.stack.outputs))
      if (output.Condition === undefined || this.condition(output.Condition))
        values[name] = String(this.within(`output ${name}`, () => this.evaluate(output.Value)));
    return values;
  }

  exported(name: string): unknown {
    for (const [id, output] of Object.entries(this.stack.outputs))
      if (output.Export && this.evaluate(output.Export.Name) === name)
        return this.within(`output ${id}`, () => this.evaluate(output.Value));
    return undefined;
  }

  private exists(resource: RawResource): boolean {
    return resource.Condition === undefined || this.condition(resource.Condition);
  }

  private within<T>(what: string, work: () => T): T {
    if (this.trail.includes(what)) throw this.error(`${what} refers to itself`);
    this.trail.push(what);
    try {
      return work();
    } finally {
      this.trail.pop();
    }
  }

  private error(message: string): Error {
    return new Error(`${[this.stack.name, ...this.trail].join('/')}: ${message}`);
  }

  private evaluate(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.evaluate(item)).filter((item) => item !== NO_VALUE);
    if (!isObject(value)) return value;
    const [first, ...others] = Object.keys(value);
    if (first !== undefined && (first === 'Ref' || first === 'Condition' || first.startsWith('Fn::'))) {
      // `Condition` is also the name of an ordinary field (of a policy statement)
      if (others.length === 0 && !(first === 'Condition' && isObject(value[first])))
        return this.intrinsic(first, value[first]);
    }
    const evaluated: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(value)) {
      const result = this.evaluate(item);
      if (result !== NO_VALUE) evaluated[key] = result;
    }
    return evaluated;
  }

  private intrinsic(name: string, argument: unknown): unknown {
    switch (name) {
      case 'Ref':
        return this.reference(String(argument));
      case 'Condition':
        return this.condition(String(argument));
      case 'Fn::GetAtt': {
        const [id, attribute] = Array.isArray(argument) ? argument.map(String) : String(argument).split(/\.(.*)/s);
        return this.attribute(String(id), String(attribute));
      }
      case 'Fn::Join': {
        const [separator, parts] = this.evaluate(argument) as [string, unknown[]];
        return parts.map((part) => this.text(part)).join(separator);
      }
      case 'Fn::Sub':
        return this.substitute(argument);
      case 'Fn::Select': {
        const [index, items] = this.evaluate(argument) as [number | string, unknown[]];
        const item = items[Number(index)];
        if (item === undefined) throw this.error(`Fn::Select takes item ${index} of ${items.length}`);
        return item;
      }
      case 'Fn::Split': {
        const [separator, text] = this.evaluate(argument) as [string, string];
        return text.split(separator);
      }
      case 'Fn::If': {
        const [condition, yes, no] = argument as [string, unknown, unknown];
        return this.evaluate(this.condition(condition) ? yes : no);
      }
      case 'Fn::Equals': {
        const [left, right] = this.evaluate(argument) as [unknown, unknown];
        return JSON.stringify(left) === JSON.stringify(right);
      }
      case 'Fn::And':
        return (this.evaluate(argument) as boolean[]).every(Boolean);
      case 'Fn::Or':
        return (this.evaluate(argument) as boolean[]).some(Boolean);
      case 'Fn::Not':
        return !(this.evaluate(argument) as boolean[])[0];
      case 'Fn::FindInMap': {
        const [map, top, second] = this.evaluate(argument) as [string, string, string];
        const found = this.stack.mappings[map]?.[top]?.[second];
        if (found === undefined) throw this.error(`the mapping ${map} has no ${top}.${second}`);
        return found;
      }
      case 'Fn::ImportValue':
        return this.imported(this.text(this.evaluate(argument)));
      case 'Fn::Base64':
        return Buffer.from(this.text(this.evaluate(argument))).toString('base64');
      default:
        throw this.error(`${name} is not implemented by the local home`);
    }
  }

  private text(value: unknown): string {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
    throw this.error(`expected text, got ${JSON.stringify(value)}`);
  }

  private reference(id: string): unknown {
    switch (id) {
      case 'AWS::AccountId':
        return ACCOUNT;
      case 'AWS::Region':
        return REGION;
      case 'AWS::Partition':
        return PARTITION;
      case 'AWS::URLSuffix':
        return 'amazonaws.com';
      case 'AWS::StackName':
        return this.stack.name;
      case 'AWS::StackId':
        return `arn:${PARTITION}:cloudformation:${REGION}:${ACCOUNT}:stack/${this.stack.name}/local`;
      case 'AWS::NoValue':
        return NO_VALUE;
    }
    if (Object.hasOwn(this.stack.parameters, id)) {
      const value = this.stack.parameters[id]?.Default;
      if (value === undefined) throw this.error(`the parameter ${id} has no default`);
      return value;
    }
    return this.identity(id).ref;
  }

  private attribute(id: string, attribute: string): string {
    const value = this.identity(id).attributes[attribute];
    if (value === undefined) {
      const type = this.stack.resources[id]?.Type;
      throw this.error(`attribute ${attribute} of ${id} (${type}) is not implemented by the local home`);
    }
    return value;
  }

  /** `${Name}`, `${Resource.Attribute}` and `${!literal}`, with an optional map of values of its own. */
  private substitute(argument: unknown): string {
    const [template, own] = Array.isArray(argument) ? (argument as [string, Json]) : [String(argument), {}];
    return template.replace(/\$\{(!?)([^}]+)\}/g, (whole, escaped: string, name: string) => {
      if (escaped) return `\${${name}}`;
      if (Object.hasOwn(own, name)) return this.text(this.evaluate(own[name]));
      const [id, attribute] = name.split(/\.(.*)/s);
      if (id === undefined) throw this.error(`Fn::Sub: ${whole} names nothing`);
      return attribute ? this.attribute(id, attribute) : this.text(this.reference(id));
    });
  }

  private condition(name: string): boolean {
    if (!Object.hasOwn(this.stack.conditions, name)) throw this.error(`there is no condition ${name}`);
    return this.within(`condition ${name}`, () => this.evaluate(this.stack.conditions[name]) === true);
  }

  private identity(id: string): Identity {
    const known = this.identities.get(id);
    if (known) return known;
    const resource = this.stack.resources[id];
    if (!resource || !this.exists(resource)) throw this.error(`${id} is neither a resource nor a parameter`);
    const identity = this.within(`name of ${id}`, () =>
      identify(this.endpoint, { stack: this.stack.name, logicalId: id, type: resource.Type }, (property) => {
        const given = resource.Properties?.[property];
        const value = given === undefined ? undefined : this.evaluate(given);
        return value === undefined || value === NO_VALUE ? undefined : this.text(value);
      }),
    );
    this.identities.set(id, identity);
    return identity;
  }
}
