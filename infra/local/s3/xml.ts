type Xml = string | number | boolean | null | undefined | readonly Xml[] | { readonly [name: string]: Xml };

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string) => text.replace(/[&<>"]/g, (character) => ESCAPES[character] as string);

/** Elements by name; a list repeats its element, null and undefined leave it out. */
export function toXml(elements: Xml): string {
  if (elements === null || elements === undefined) return '';
  if (typeof elements !== 'object') return escaped(String(elements));
  return Object.entries(elements)
    .flatMap(([name, value]) => (Array.isArray(value) ? value.map((item) => [name, item] as const) : [[name, value]]))
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => `<${name}>${toXml(value as Xml)}</${name}>`)
    .join('');
}

/** The texts of all elements of one name that hold no others, e.g. every `Key` of a deletion. */
export function textsOf(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}(?:\\s[^>]*)?>([^<]*)</${name}>`, 'g'))].map(([, text = '']) =>
    text.replace(/&(amp|lt|gt|quot|apos|#x?[0-9a-fA-F]+);/g, (_, entity: string) => {
      if (entity.startsWith('#x')) return String.fromCodePoint(Number.parseInt(entity.slice(2), 16));
      if (entity.startsWith('#')) return String.fromCodePoint(Number(entity.slice(1)));
      return { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }[entity] as string;
    }),
  );
}
