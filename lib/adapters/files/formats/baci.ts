import type { FlowsFormat } from './format.ts';

/**
 * CEPII BACI: year, exporter, importer, HS6, **thousand** USD, metric tons. Quantities come padded with blanks, as NA or empty.
 * A thousand USD with three decimals is a whole number of dollars: DECIMAL(14,3) × 1000 stays exact in 64 bits.
 */
export const baci: FlowsFormat = {
  kind: 'flows',
  name: 'baci',
  required: ['t', 'i', 'j', 'k', 'v'],
  optional: ['q'],
  columns: { year: 't', exporter: 'i', importer: 'j', product: 'k', value: 'v', flow: 't' },
  productPattern: ' *(0?[1-9]|[1-9][0-9])[0-9]{4} *',
  productExpected: 'an HS code of 6 digits (5 when its leading zero was lost)',
  countryExpected: 'a country code of BACI or ISO 3166-1, as in country_codes',
  valueUsd: (text) => `TRY_CAST(${text('v')} AS DECIMAL(14,3)) * 1000::DECIMAL(4,0)`,
  quantityTonnes: (text) => `TRY_CAST(nullif(${text('q')}, 'NA') AS DECIMAL(18,3))`,
};
