export const MEDIA_TYPES = { json: 'application/json', csv: 'text/csv', ndjson: 'application/x-ndjson' } as const;
export type Format = keyof typeof MEDIA_TYPES;
export const FORMATS = Object.keys(MEDIA_TYPES) as [Format, ...Format[]];

/**
 * The available format that an Accept header likes best, the first of equals; null when it takes none.
 * The most specific range that covers a format decides (RFC 9110, 12.5.1).
 */
export function acceptable(accept: string | undefined, available: readonly Format[]): Format | null {
  if (accept === undefined || accept.trim() === '') return available[0] ?? null;
  const ranges = accept.split(',').map((part) => {
    const [range = '', ...parameters] = part.split(';').map((each) => each.trim().toLowerCase());
    const quality = parameters.find((each) => each.startsWith('q='))?.slice(2);
    return { range, quality: quality === undefined ? 1 : Number(quality) || 0 };
  });
  let best: Format | null = null;
  let bestQuality = 0;
  for (const format of available) {
    const type = MEDIA_TYPES[format];
    const covering = [type, `${type.split('/')[0]}/*`, '*/*']
      .map((range) => ranges.find((each) => each.range === range))
      .find((range) => range !== undefined);
    if (covering && covering.quality > bestQuality) {
      best = format;
      bestQuality = covering.quality;
    }
  }
  return best;
}
