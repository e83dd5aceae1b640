import type { Nearest } from '../../lib/app/codes.ts';
import { latestBacktest } from '../../lib/app/latestBacktest.ts';
import type { Measure } from '../../lib/app/layout/cells.ts';
import type { Published, PublishedScores } from '../../lib/app/layout/publishedScores.ts';
import { type ChangeList, changesOfExporter, listChanges } from '../../lib/app/listChanges.ts';
import { listCountries, oneCountry } from '../../lib/app/listCountries.ts';
import { listDatasets } from '../../lib/app/listDatasets.ts';
import { listRecord } from '../../lib/app/listRecord.ts';
import { listRuns, oneRun, type RunEntry } from '../../lib/app/listRuns.ts';
import type { Position, Reason } from '../../lib/app/reason.ts';
import { scoreCard } from '../../lib/app/scoreCard.ts';
import { oneProduct, searchProducts } from '../../lib/app/searchProducts.ts';
import { serviceStatus } from '../../lib/app/serviceStatus.ts';
import { topOpportunities } from '../../lib/app/topOpportunities.ts';
import { BASES } from '../../lib/core/scoring/scoredCells.ts';
import type { Catalog } from '../../lib/ports/catalog.ts';
import type { Clock } from '../../lib/ports/clock.ts';
import type { PageStore } from '../../lib/ports/pageStore.ts';
import { After, decodeCursor, encodeCursor, InRun, questionOf } from './cursor.ts';
import {
  CELL_CHANGE_FIELDS,
  COUNTRY_FIELDS,
  DATASET_FIELDS,
  EXPORTER_CHANGE_FIELDS,
  OPPORTUNITY_FIELDS,
  PRODUCT_FIELDS,
  RUN_FIELDS,
} from './fields.ts';
import * as s from './parameters.ts';
import { type Given, type Route, route } from './route.ts';

/** Every route of the API. */
export function routes(deps: {
  scores: PublishedScores;
  catalog: Catalog;
  pages: PageStore;
  clock: Clock;
  nearest: Nearest;
}): readonly Route[] {
  const { scores } = deps;
  const opportunities = topOpportunities(deps);
  const record = listRecord(deps);
  const score = scoreCard(deps);
  const countries = listCountries(deps);
  const country = oneCountry(deps);
  const products = searchProducts(deps);
  const product = oneProduct(deps);
  const runs = listRuns(deps);
  const run = oneRun(deps);
  const changes = listChanges(deps);
  const exporterChanges = changesOfExporter(deps);
  const backtest = latestBacktest(deps);
  const datasets = listDatasets(deps);
  const status = serviceStatus(deps);

  return [
    route({
      path: '/v1/opportunities',
      operationId: 'listOpportunities',
      summary: "An exporter's best opportunities, of one importer, one product or all",
      tag: 'scores',
      query: s.OpportunitiesQuery,
      answer: 'Opportunities',
      isList: true,
      async respond({ query, link }) {
        const question = questionOf('/v1/opportunities', query);
        const { sort, fields, limit, cursor, ...filters } = query;
        const list = await opportunities({
          ...filters,
          sort: sort === '-score' ? null : { by: sort.replace('-', '') as Measure, descending: sort.startsWith('-') },
          limit,
          from: cursor === undefined ? null : decodeCursor(cursor, question, InRun),
        });
        const past = await record(list.published, query.exporter, query.basis ? [query.basis] : BASES);
        return listed({
          name: ['opportunities', query.exporter, query.importer, query.product].filter(Boolean).join('-'),
          columns: fields ?? OPPORTUNITY_FIELDS,
          items: fields ? list.items.map((item) => pickFields(item, fields)) : list.items,
          next: list.next && encodeCursor(question, list.next),
          query,
          link,
          reason: list.reason,
          published: list.published,
          more: { ...past, ...(list.truncated && { truncated: true, hint: list.truncated.hint }) },
          beside: past.record?.run ?? '',
        });
      },
    }),
    route({
      path: '/v1/scores/{exporter}/{product}/{importer}',
      operationId: 'getScore',
      summary: 'The card of one exporter, product and importer: potential, drivers, competitors',
      tag: 'scores',
      pathParameters: s.ScorePath,
      query: s.JsonQuery,
      answer: 'Score',
      isList: false,
      async respond({ path }) {
        const { published, card, reason } = await score(path);
        return alone(published, { score: card, ...(reason && { reason }) });
      },
    }),
    route({
      path: '/v1/countries',
      operationId: 'listCountries',
      summary: 'The countries of the current run',
      tag: 'reference',
      query: s.CountriesQuery,
      answer: 'Countries',
      isList: true,
      async respond({ query, link }) {
        const question = questionOf('/v1/countries', query);
        const { published, items, next } = await countries({
          limit: query.limit,
          from: placeIn(query.cursor, question),
        });
        return listed({
          name: 'countries',
          columns: COUNTRY_FIELDS,
          items,
          next: next && encodeCursor(question, next),
          query,
          link,
          reason: null,
          published,
        });
      },
    }),
    route({
      path: '/v1/countries/{country}',
      operationId: 'getCountry',
      summary: 'One country, with the sums over its opportunities',
      tag: 'reference',
      pathParameters: s.CountryPath,
      query: s.JsonQuery,
      answer: 'CountryAnswer',
      isList: false,
      async respond({ path }) {
        const found = await country(path.country);
        return alone(found.published, { country: found.country }, found.country.beyondNoise ? 'noise' : '');
      },
    }),
    route({
      path: '/v1/products',
      operationId: 'listProducts',
      summary: 'The products of the current run, all or those that words describe',
      tag: 'reference',
      query: s.ProductsQuery,
      answer: 'Products',
      isList: true,
      async respond({ query, link }) {
        const question = questionOf('/v1/products', query);
        const { published, items, next, reason } = await products({
          q: query.q,
          limit: query.limit,
          from: placeIn(query.cursor, question),
        });
        return listed({
          name: ['products', query.q].filter(Boolean).join('-'),
          columns: PRODUCT_FIELDS,
          items,
          next: next && encodeCursor(question, next),
          query,
          link,
          reason,
          published,
        });
      },
    }),
    route({
      path: '/v1/products/{product}',
      operationId: 'getProduct',
      summary: 'One product',
      tag: 'reference',
      pathParameters: s.ProductPath,
      query: s.JsonQuery,
      answer: 'ProductAnswer',
      isList: false,
      async respond({ path }) {
        const found = await product(path.product);
        return alone(found.published, { product: found.product }, found.product.beyondNoise ? 'noise' : '');
      },
    }),
    route({
      path: '/v1/runs',
      operationId: 'listRuns',
      summary: 'The runs, newest first',
      tag: 'provenance',
      query: s.RunsQuery,
      answer: 'Runs',
      isList: true,
      async respond({ query, link }) {
        const question = questionOf('/v1/runs', query);
        const [published, list] = await Promise.all([
          scores.currentOrNull(),
          runs({ limit: query.limit, after: placeAfter(query.cursor, question) }),
        ]);
        const { table, next, body } = catalogued({
          name: 'runs',
          columns: RUN_FIELDS,
          items: list.items.map(runItem),
          next: list.next === null ? null : encodeCursor(question, { after: list.next }),
          query,
          link,
          nothing: 'No run has been started yet: drop a file with trade flows.',
        });
        return { table, next, run: null, body: { ...body, current: published?.run ?? null, unit: 'USD' } };
      },
    }),
    route({
      path: '/v1/runs/{run}',
      operationId: 'getRun',
      summary: 'One run with its manifest',
      tag: 'provenance',
      pathParameters: s.RunPath,
      query: s.JsonQuery,
      answer: 'RunAnswer',
      isList: false,
      async respond({ path }) {
        const found = await run(path.run);
        const body = { ...runItem(found), manifest: found.manifest, facts: found.facts ?? {}, unit: 'USD' };
        return { body, run: null, next: null };
      },
    }),
    route({
      path: '/v1/runs/{run}/changes',
      operationId: 'listChanges',
      summary: 'What changed since the run before, exporter by exporter, with the cause of each change',
      tag: 'provenance',
      pathParameters: s.RunPath,
      query: s.ChangesQuery,
      answer: 'Changes',
      isList: true,
      async respond({ path, query, link }) {
        const question = questionOf(`/v1/runs/${path.run}/changes`, query);
        const list = await changes({ run: path.run, limit: query.limit, from: placeIn(query.cursor, question) });
        return changed({
          name: `changes-${path.run}`,
          columns: EXPORTER_CHANGE_FIELDS,
          list,
          next: list.next && encodeCursor(question, list.next),
          query,
          link,
        });
      },
    }),
    route({
      path: '/v1/runs/{run}/changes/{exporter}',
      operationId: 'getExporterChanges',
      summary: "The cells of an exporter that changed most since the run before, with each change's causes",
      tag: 'provenance',
      pathParameters: s.ExporterChangesPath,
      query: s.ChangesQuery,
      answer: 'ExporterChanges',
      isList: true,
      async respond({ path, query, link }) {
        const question = questionOf(`/v1/runs/${path.run}/changes/${path.exporter}`, query);
        const list = await exporterChanges({ ...path, limit: query.limit, from: placeIn(query.cursor, question) });
        return changed({
          name: `changes-${path.run}-${path.exporter}`,
          columns: CELL_CHANGE_FIELDS,
          list,
          next: list.next && encodeCursor(question, list.next),
          query,
          link,
          more: { exporter: list.exporter },
        });
      },
    }),
    route({
      path: '/v1/backtest',
      operationId: 'getBacktest',
      summary: 'What scores made from an earlier year were worth by the latest, and what that does not show',
      tag: 'provenance',
      query: s.BacktestQuery,
      answer: 'BacktestAnswer',
      isList: false,
      async respond({ query }) {
        const found = await backtest(query.run ?? null);
        // not remembered by callers: a newer run may have one at any time
        return {
          body: { ...found, unit: 'USD', ...(found.synthetic && { notice: SYNTHETIC }) },
          run: null,
          next: null,
        };
      },
    }),
    route({
      path: '/v1/datasets',
      operationId: 'listDatasets',
      summary: 'What has been stored of the files dropped, and the part that each plays in the current run',
      tag: 'provenance',
      query: s.DatasetsQuery,
      answer: 'Datasets',
      isList: true,
      async respond({ query, link }) {
        const question = questionOf('/v1/datasets', query);
        const [published, list] = await Promise.all([
          scores.currentOrNull(),
          datasets({ limit: query.limit, after: placeAfter(query.cursor, question) }),
        ]);
        const { table, next, body } = catalogued({
          name: 'datasets',
          columns: DATASET_FIELDS,
          items: list.items,
          next: list.next === null ? null : encodeCursor(question, { after: list.next }),
          query,
          link,
          nothing: 'Nothing has been stored yet: drop a file.',
        });
        return { table, next, run: null, body: { ...body, ...ofRunIfAny(published) } };
      },
    }),
    route({
      path: '/v1/status',
      operationId: 'getStatus',
      summary: 'What is published and how old it is, what is under way, what went wrong',
      tag: 'service',
      query: s.JsonQuery,
      answer: 'Status',
      isList: false,
      async respond() {
        const { published, ...rest } = await status();
        return { body: { ...ofRunIfAny(published), ...rest }, run: null, next: null };
      },
    }),
    route({
      path: '/v1/health',
      operationId: 'getHealth',
      summary: 'Whether the function answers; asks nothing of anything else',
      tag: 'service',
      query: s.JsonQuery,
      answer: 'Health',
      isList: false,
      respond: async () => ({ body: { status: 'ok' }, run: null, next: null }),
    }),
  ];
}

const SYNTHETIC = 'These data are invented, to try the service on: no number here describes the real world.';

/** What every answer about a run says of it. */
const ofRun = ({ run, publishedAt, manifest }: Published) => ({
  run,
  publishedAt,
  unit: 'USD' as const,
  level: manifest.level,
  hsRevision: manifest.hsRevision,
  years: manifest.years,
  ...(manifest.synthetic && { synthetic: true as const, notice: SYNTHETIC }),
});

const ofRunIfAny = (published: Published | null) =>
  published ? ofRun(published) : { run: null, unit: 'USD' as const };

const validatorOf = ({ run, publishedAt, manifest }: Published) => ({
  run,
  publishedAt,
  synthetic: manifest.synthetic,
});

/** @param beside what the answer depends on beside its run */
const alone = (published: Published, body: Readonly<Record<string, unknown>>, beside = ''): Given => ({
  body: { ...body, ...ofRun(published) },
  run: { ...validatorOf(published), beside },
  next: null,
});

interface Listing {
  readonly name: string;
  readonly columns: readonly string[];
  readonly items: readonly object[];
  readonly next: string | null;
  readonly query: Readonly<Record<string, unknown>>;
  readonly link: (query: Readonly<Record<string, unknown>>) => string;
}

/** A list that belongs to a run; each row of its table names the run, and says when the data are invented. */
function listed(
  listing: Listing & {
    readonly reason: Reason | null;
    readonly published: Published;
    readonly more?: Readonly<Record<string, unknown>>;
    readonly beside?: string;
  },
): Given {
  const { published, reason, items, columns, name, beside = '' } = listing;
  const run = { ...validatorOf(published), beside };
  const provenance = { run: run.run, ...(run.synthetic && { synthetic: true }) };
  const { body, next } = asList(listing, reason);
  return {
    body: { ...body, ...listing.more, ...ofRun(published) },
    table: {
      name,
      columns: [...columns, ...Object.keys(provenance)],
      rows: items.map((item) => ({ ...item, ...provenance })),
    },
    run,
    next,
  };
}

/** A list of changes between two runs. Not remembered by callers: it is there some time after its run, and gone when the earlier run is. */
function changed({
  list,
  more,
  ...listing
}: Omit<Listing, 'items'> & {
  readonly list: ChangeList<object>;
  readonly more?: Readonly<Record<string, unknown>>;
}): Given {
  const { run, previous, causes, items, reason } = list;
  const { body, next } = asList({ ...listing, items }, reason);
  return {
    body: { ...body, ...more, run, previous, causes, unit: 'USD' },
    table: {
      name: listing.name,
      columns: [...listing.columns, 'run', 'previous'],
      rows: items.map((item) => ({ ...item, run, previous })),
    },
    run: null,
    next,
  };
}

/** A list of facts that may change at any time. */
function catalogued(listing: Listing & { readonly nothing: string }) {
  const reason = listing.items.length === 0 ? { code: 'NOTHING_STORED' as const, detail: listing.nothing } : null;
  return {
    ...asList(listing, reason),
    table: {
      name: listing.name,
      columns: listing.columns,
      rows: listing.items as readonly Readonly<Record<string, unknown>>[],
    },
  };
}

function asList({ items, next: cursor, query, link }: Listing, reason: Reason | null) {
  const next = cursor === null ? null : link({ ...query, cursor });
  const body = { items, self: link(query), ...(next !== null && { next }), query, ...(reason && { reason }) };
  return { body, next };
}

const placeIn = (cursor: string | undefined, question: string): Position | null =>
  cursor === undefined ? null : decodeCursor(cursor, question, InRun);
const placeAfter = (cursor: string | undefined, question: string): string | null =>
  cursor === undefined ? null : decodeCursor(cursor, question, After).after;

const pickFields = (item: object, fields: readonly string[]) =>
  Object.fromEntries(fields.map((name) => [name, (item as Record<string, unknown>)[name]]));

const runItem = ({ run, status, standing, attempt, startedAt, finishedAt, reason, manifest }: RunEntry) => ({
  run,
  status,
  standing,
  attempt,
  startedAt,
  finishedAt: finishedAt ?? null,
  reason: reason ?? null,
  level: manifest.level,
  hsRevision: manifest.hsRevision,
  years: manifest.years,
  backtestFrom: manifest.earlier?.year ?? null,
  synthetic: manifest.synthetic,
});
