import type { Resource } from './intrinsics.ts';

/** Properties of one resource, with what a template leaves out filled in. */
export class Properties {
  readonly resource: Resource;
  private readonly values: Readonly<Record<string, unknown>>;

  constructor(resource: Resource, values: Readonly<Record<string, unknown>> = resource.properties) {
    this.resource = resource;
    this.values = values;
  }

  text(name: string): string {
    const value = this.values[name];
    if (typeof value === 'string') return value;
    throw new Error(`${this.place}: property ${name} should be text, not ${JSON.stringify(value)}`);
  }

  textOr<T>(name: string, otherwise: T): string | T {
    return this.values[name] === undefined ? otherwise : this.text(name);
  }

  number<T>(name: string, otherwise: T): number | T {
    const value = this.values[name];
    if (value === undefined) return otherwise;
    const number = Number(value);
    if (Number.isFinite(number)) return number;
    throw new Error(`${this.place}: property ${name} should be a number, not ${JSON.stringify(value)}`);
  }

  record<T>(name: string): Readonly<Record<string, T>> {
    return (this.values[name] ?? {}) as Readonly<Record<string, T>>;
  }

  list<T>(name: string): readonly T[] {
    return (this.values[name] ?? []) as readonly T[];
  }

  get place(): string {
    const { stack, logicalId, type } = this.resource;
    return `${stack}/${logicalId} (${type})`;
  }
}
