import { PRODUCT_PATTERN } from '../../../core/trade/productCodes.ts';
import type { FlowsFormat } from './format.ts';

/**
 * Our own format: one row a flow, in USD. Rows that `flow` marks as anything but exports are turned away, since the importer's report of
 * the same trade would be counted twice. Quantities count when `unit` says tonnes (or nothing) or kilograms.
 */
export const tidy: FlowsFormat = {
  kind: 'flows',
  name: 'tidy',
  required: ['year', 'exporter', 'importer', 'product', 'valueUsd'],
  optional: ['quantity', 'unit', 'hsRevision', 'flow', 'period', 'region', 'source'],
  columns: {
    year: 'year',
    exporter: 'exporter',
    importer: 'importer',
    product: 'product',
    value: 'valueUsd',
    flow: 'flow',
  },
  productPattern: ` *${PRODUCT_PATTERN} *`,
  productExpected: 'an HS code of 2, 4 or 6 digits',
  countryExpected: 'an ISO 3166-1 code, three letters or the number',
  valueUsd: (text) => `TRY_CAST(${text('valueUsd')} AS DECIMAL(18,3))`,
  quantityTonnes: (text) => `CASE
    WHEN ${text('unit')} IS NULL OR lower(trim(${text('unit')})) IN ('', 't', 'mt', 'tonne', 'tonnes', 'metric ton', 'metric tons')
      THEN TRY_CAST(nullif(${text('quantity')}, 'NA') AS DECIMAL(18,3))
    WHEN lower(trim(${text('unit')})) IN ('kg', 'kilogram', 'kilograms')
      THEN CAST(TRY_CAST(nullif(${text('quantity')}, 'NA') AS DECIMAL(18,3)) / 1000 AS DECIMAL(18,3))
    END`,
  isExport: (text) => `coalesce(lower(trim(${text('flow')})), '') IN ('', 'x', 'export', 'exports')`,
};
