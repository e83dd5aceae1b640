import { decodeArrays } from '../../core/arrays.ts';
import { Failure } from '../../core/errors.ts';
import { CONTRIBUTION_GROUPS } from '../../core/scoring/contributions.ts';
import type { Basis } from '../../core/scoring/scoredCells.ts';
import type { PageStore } from '../../ports/pageStore.ts';
import { type CellBlock, type CellContext, decodeCells } from './cells.ts';
import { type ContributionBlock, decodeContributions } from './contributionPages.ts';
import { type ExporterProfile, PRODUCTS_PER_PAGE } from './exporterPages.ts';
import { exporterPartition, grouped, numbered } from './keys.ts';

/** Pages fetched at once when a group or an exporter is read through: half a megabyte. */
const PAGES_AT_ONCE = 16;

/** How opportunities are grouped in pages: the best of a basis, all of an importer, all of a chapter. */
export type Grouping = 'ranked' | 'importer' | 'chapter';

/** What is known of an exporter beside its opportunities; USD. */
export interface ExporterFacts extends CellContext {
  readonly profile: ExporterProfile;
  /** v_ik */
  readonly valueP: Float64Array;
  readonly rcaP: Float32Array;
  /** how many importers it sells each product to */
  readonly marketsP: Uint16Array;
  readonly factorAP: Float64Array;
  /** the exporter's effects in gravity; 0 without covariates */
  readonly gravityAP: Float64Array;
  /** 1 for products of which it sells in one year of the window only */
  readonly oneYearP: Uint8Array;
  /** by which its potentials change because of what its customers charge on the product; 1 where no tariffs are loaded */
  readonly customersP: Float32Array;
  /** v_ij */
  readonly valueM: Float64Array;
  /** T_ij */
  readonly exposureM: Float64Array;
  readonly factorCM: Float64Array;
}

/** The pages of one exporter in one run. */
export function exporterReader(pages: PageStore, run: string, slot: number, exporter: string, products: number) {
  const partition = exporterPartition(slot, exporter);
  const promised = (sort: string) => new Failure('store.inconsistent', { what: `${partition} ${sort} of run ${run}` });

  async function readFacts(): Promise<ExporterFacts | null> {
    const sorts = ['profile', 'partners'];
    for (let from = 0; from < products; from += PRODUCTS_PER_PAGE) {
      sorts.push(numbered('products', from / PRODUCTS_PER_PAGE));
    }
    const found = await pages.get(
      run,
      sorts.map((sort) => ({ partition, sort })),
    );
    if (found.every((page) => page === null)) return null;
    const [profile, partners, ...productPages] = found.map((page, at) => {
      if (!page) throw promised(sorts[at] ?? '');
      return decodeArrays<unknown, string>(page.body);
    });
    const byImporter = (name: string) => (partners?.arrays[name] ?? new Float64Array()) as Float64Array;
    const exposureM = byImporter('exposureM');
    const facts = {
      profile: profile?.meta as ExporterProfile,
      valueM: byImporter('valueM'),
      exposureM,
      factorCM: byImporter('factorCM'),
      easeM: byImporter('valueM').map((value, m) => value / (exposureM[m] ?? 0)),
      valueP: new Float64Array(products),
      factorAP: new Float64Array(products),
      gravityAP: new Float64Array(products),
      rcaP: new Float32Array(products),
      marketsP: new Uint16Array(products),
      densityP: new Float32Array(products),
      oneYearP: new Uint8Array(products),
      customersP: new Float32Array(products).fill(1),
    };
    for (const [at, { arrays }] of productPages.entries()) {
      for (const name of [
        'valueP',
        'factorAP',
        'gravityAP',
        'marketsP',
        'rcaP',
        'densityP',
        'oneYearP',
        'customersP',
      ] as const) {
        facts[name].set(arrays[name] ?? [], at * PRODUCTS_PER_PAGE);
      }
    }
    return facts.profile.exportsUsd > 0 ? facts : null;
  }
  let known: Promise<ExporterFacts | null> | undefined;
  const facts = () => {
    known ??= readFacts();
    return known;
  };

  return {
    /** One batch read. Null when the country exports nothing in the run's data, whether it has pages or not. */
    facts,

    /** One read: gravity's ease of trade with each importer by HS section, sections × importers; null without covariates. */
    async gravityEase(): Promise<Float64Array | null> {
      const [page] = await pages.get(run, [{ partition, sort: 'gravity' }]);
      return page ? (decodeArrays<null, 'easeGM'>(page.body).arrays.easeGM as Float64Array) : null;
    },

    /** What each of CONTRIBUTION_GROUPS adds to the score of one opportunity: one query, and a read for each further page. Null for a cell that is none. */
    async contributions(importer: string, product: number): Promise<Float32Array | null> {
      const first = await pages.atOrBefore(run, partition, 'why#', grouped('why', importer, 0));
      if (!first) return null;
      const { pages: ofGroup, blocks } = decodeContributions(first.body);
      const width = CONTRIBUTION_GROUPS.length;
      const within = (block: ContributionBlock | undefined) => {
        const n = block?.productN.indexOf(product) ?? -1;
        return block && n >= 0 ? block.contributionNG.slice(n * width, (n + 1) * width) : null;
      };
      const block = blocks.find(({ group }) => group === importer);
      let found = within(block);
      for (let sequence = 1; block && !found && sequence < ofGroup; sequence++) {
        const sort = grouped('why', importer, sequence);
        const [page] = await pages.get(run, [{ partition, sort }]);
        if (!page) throw promised(sort);
        found = within(decodeContributions(page.body).blocks[0]);
      }
      return found;
    },

    /** The blocks of one group in the default order, page by page: one query, then batch reads of what follows. */
    async *group(grouping: Grouping, code: string): AsyncGenerator<CellBlock> {
      const [context, first] = await Promise.all([
        facts(),
        pages.atOrBefore(run, partition, `${grouping}#`, grouped(grouping, code, 0)),
      ]);
      if (!first || !context) return;
      const { pages: ofGroup, blocks } = decodeCells(first.body, context);
      const block = blocks.find(({ group }) => group === code);
      if (!block) return;
      yield block;
      for (let from = 1; from < ofGroup; from += PAGES_AT_ONCE) {
        const sorts = Array.from({ length: Math.min(PAGES_AT_ONCE, ofGroup - from) }, (_, at) =>
          grouped(grouping, code, from + at),
        );
        const found = await pages.get(
          run,
          sorts.map((sort) => ({ partition, sort })),
        );
        for (const [at, page] of found.entries()) {
          if (!page) throw promised(sorts[at] ?? '');
          yield* decodeCells(page.body, context).blocks;
        }
      }
    },

    /** Every opportunity once, by chapter. */
    async *everything(): AsyncGenerator<CellBlock> {
      const context = await facts();
      if (!context) return;
      for (let sort = 'chapter#'; ; ) {
        const found = await pages.after(run, partition, 'chapter#', sort, PAGES_AT_ONCE);
        for (const page of found) yield* decodeCells(page.body, context).blocks;
        const last = found.at(-1);
        if (!last) return;
        sort = last.sort;
      }
    },

    /** The best of each basis asked for, in the default order. */
    async *ranked(bases: readonly Basis[]): AsyncGenerator<CellBlock> {
      for (const basis of bases) yield* this.group('ranked', basis);
    },
  };
}

export type ExporterReader = ReturnType<typeof exporterReader>;
