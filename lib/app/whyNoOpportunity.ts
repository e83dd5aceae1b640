import type { Published } from './layout/publishedScores.ts';
import type { Reason } from './reason.ts';

const nameOf = ({ world }: Published, code: string) =>
  world.countryFacts[world.countries.at.get(code) ?? -1]?.name ?? code;

/** An exporter without pages. */
export const exportsNothing = (published: Published, exporter: string): Reason => ({
  code: 'NO_TRADE',
  detail: `${nameOf(published, exporter)} exports nothing in the data of this run.`,
});

/**
 * Says what stands between a question and an opportunity, the most general obstacle first.
 *
 * @param products the products asked for, positions from…to (exclusive)
 * @param seen opportunities that were looked at
 */
export async function whyNoOpportunity(
  published: Published,
  asked: { readonly exporter: string; readonly importer?: string | undefined },
  products: { readonly from: number; readonly to: number },
  seen: number,
): Promise<Reason> {
  const { world, manifest } = published;
  const exporter = nameOf(published, asked.exporter);
  if (asked.importer !== undefined) {
    const importer = nameOf(published, asked.importer);
    if (asked.importer === asked.exporter) {
      return { code: 'NO_TRADE', detail: `${exporter} is no export market of its own.` };
    }
    const [supply, bought] = await Promise.all([
      published.exporter(asked.exporter).facts(),
      published.importer(asked.importer).cell(products.from),
    ]);
    if (!supply?.valueM[world.countries.at.get(asked.importer) ?? -1]) {
      const detail = `${exporter} sells nothing to ${importer} in the data of this run, so how easily the two trade is unknown.`;
      return { code: 'NO_TRADE', detail };
    }
    if (products.to - products.from === 1 && !bought?.importerProductUsd) {
      const product = world.products.codes[products.from];
      return { code: 'NO_TRADE', detail: `${importer} imports no ${product} in the data of this run.` };
    }
  }
  const floor = Number(manifest.settings.floorUsd ?? 0).toLocaleString('en-US');
  return {
    code: 'BELOW_THRESHOLD',
    detail:
      seen > 0
        ? `None of the ${seen.toLocaleString('en-US')} opportunities looked at passes the filters of the request.`
        : `A product and an importer count as an opportunity from ${floor} USD of unrealised value, or when they are among the exporter's best that it does not export yet; none here do.`,
  };
}
