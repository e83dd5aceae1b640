/** A value as DynamoDB's protocol writes it: one field that names the type. Binary is base64 text. */
export type AttributeValue =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly B: string }
  | { readonly BOOL: boolean }
  | { readonly NULL: true }
  | { readonly L: readonly AttributeValue[] }
  | { readonly M: Item }
  | { readonly SS: readonly string[] }
  | { readonly NS: readonly string[] }
  | { readonly BS: readonly string[] };

export type Item = Readonly<Record<string, AttributeValue>>;

export const typeOf = (value: AttributeValue): string => Object.keys(value)[0] ?? '';

/** What the type's field holds. */
export const content = (value: AttributeValue): unknown => Object.values(value)[0];

/** Equal by type and value; sets without regard to order, numbers as numbers. */
export function equal(left: AttributeValue, right: AttributeValue): boolean {
  const type = typeOf(left);
  if (type !== typeOf(right)) return false;
  const [a, b] = [content(left), content(right)];
  if (type === 'N') return Number(a) === Number(b);
  if (type === 'SS' || type === 'NS' || type === 'BS')
    return JSON.stringify([...(a as string[])].sort()) === JSON.stringify([...(b as string[])].sort());
  if (type === 'L') {
    const [as, bs] = [a as AttributeValue[], b as AttributeValue[]];
    return as.length === bs.length && as.every((item, at) => equal(item, bs[at] as AttributeValue));
  }
  if (type === 'M') {
    const [am, bm] = [a as Item, b as Item];
    const names = Object.keys(am);
    return (
      names.length === Object.keys(bm).length &&
      names.every((name) => bm[name] !== undefined && equal(am[name] as AttributeValue, bm[name]))
    );
  }
  return a === b;
}

/** Negative, zero or positive as `left` comes before, with or after `right`; null when they have no order. */
export function compare(left: AttributeValue, right: AttributeValue): number | null {
  const type = typeOf(left);
  if (type !== typeOf(right)) return null;
  const [a, b] = [content(left), content(right)];
  if (type === 'N') return Number(a) - Number(b);
  if (type === 'S') return Buffer.compare(Buffer.from(a as string), Buffer.from(b as string));
  if (type === 'B') return Buffer.compare(Buffer.from(a as string, 'base64'), Buffer.from(b as string, 'base64'));
  return null;
}

/** Bytes that a base64 text stands for, without decoding it. */
export function decodedLength(base64: string): number {
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  return (base64.length / 4) * 3 - padding;
}

/** The size of a value by DynamoDB's rules, in bytes. */
export function sizeOf(value: AttributeValue): number {
  const inner = content(value);
  switch (typeOf(value)) {
    case 'S':
      return Buffer.byteLength(inner as string);
    case 'N':
      return numberSize(inner as string);
    case 'B':
      return decodedLength(inner as string);
    case 'SS':
      return (inner as string[]).reduce((bytes, text) => bytes + Buffer.byteLength(text), 0);
    case 'NS':
      return (inner as string[]).reduce((bytes, number) => bytes + numberSize(number), 0);
    case 'BS':
      return (inner as string[]).reduce((bytes, base64) => bytes + decodedLength(base64), 0);
    case 'L':
      return (inner as AttributeValue[]).reduce((bytes, item) => bytes + 1 + sizeOf(item), 3);
    case 'M':
      return Object.entries(inner as Item).reduce(
        (bytes, [name, item]) => bytes + 1 + Buffer.byteLength(name) + sizeOf(item),
        3,
      );
    default:
      return 1;
  }
}

/** Two digits to the byte, one byte for the exponent, one for a sign. */
function numberSize(number: string): number {
  const digits = number
    .replace(/[eE].*$/, '')
    .replace(/[-+.]/g, '')
    .replace(/^0+|0+$/g, '').length;
  return Math.ceil(digits / 2) + 1 + (number.startsWith('-') ? 1 : 0);
}

/** The size of an item: its attribute names and values. */
export const itemSize = (item: Item): number =>
  Object.entries(item).reduce((bytes, [name, value]) => bytes + Buffer.byteLength(name) + sizeOf(value), 0);
