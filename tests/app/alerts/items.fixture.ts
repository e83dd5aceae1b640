import type { Found, Item } from '../../../lib/app/alerts/records.ts';
import { minute } from './alerts.fixture.ts';

/** A cell whose score rose, with names that need care in HTML. */
export const ROSE: Item = {
  kind: 'scoreCrossed',
  exporter: 'MEX',
  exporterName: 'Mexico',
  product: '8703',
  productName: 'Motor cars & "vehicles" <1.5 l>',
  importer: 'DEU',
  importerName: 'Germany',
  basis: 'newMarket',
  direction: 'up',
  score: 97.26,
  previousScore: 88.1,
  actualUsd: 400_000,
  potentialUsd: 1_600_000,
  previousPotentialUsd: 1_200_000,
  unrealisedUsd: 1_234_567,
  previousUnrealisedUsd: 800_000,
  factors: { size: 1.25, ease: 1.1, marginAdjustment: 0.97 },
  marketFactor: null,
  competitor: null,
  years: [2021, 2022, 2023],
  causes: ['marketMove'],
};
export const NEW: Item = {
  ...ROSE,
  kind: 'newOpportunity',
  product: '0901',
  productName: 'Coffee',
  basis: 'newProduct',
  score: 99.9,
  previousScore: null,
  actualUsd: 0,
  potentialUsd: null,
  previousPotentialUsd: null,
  unrealisedUsd: null,
  previousUnrealisedUsd: null,
  factors: null,
};
export const FELL: Item = {
  ...ROSE,
  importer: 'JPN',
  importerName: 'Japan',
  direction: 'down',
  score: null,
  potentialUsd: null,
  unrealisedUsd: null,
  factors: null,
  causes: ['dataRevision', 'modelVersion'],
};
export const MARKET: Item = {
  ...ROSE,
  kind: 'marketChange',
  importer: 'USA',
  importerName: 'United States',
  marketFactor: 1.42,
};
export const RIVAL: Item = {
  ...ROSE,
  kind: 'competitorChange',
  importer: 'ESP',
  importerName: 'Spain',
  competitor: { name: 'China', share: 0.31, previousName: "Côte d'Ivoire" },
};
export const DATA: Item = {
  ...NEW,
  kind: 'dataPublished',
  product: '',
  productName: '',
  importer: '',
  importerName: '',
  basis: null,
  score: null,
  actualUsd: 5.123e9,
};
export const EVERY_ITEM = [DATA, ROSE, MARKET, RIVAL, NEW, FELL];

export const foundOf = (run: string, items: readonly Item[], over: Partial<Found> = {}): Found => ({
  run,
  publishedAt: minute(Number(/\d+/.exec(run)?.[0] ?? 0)),
  from: 'run0',
  synthetic: false,
  items: [...items],
  total: items.length,
  takenBy: null,
  ...over,
});
