import type { Axis } from '../labels.ts';

/**
 * Bilateral trade, sparse and columnar: cell n is exporter `exporterN[n]`, importer `importerN[n]`, product
 * `productN[n]` (positions on the axes), worth `valueN[n]` USD.
 *
 * Invariants (checked by `checkFlows`): sorted by exporter, importer, product; each cell once; exporter ≠ importer; value > 0 and finite.
 * Exporters and importers share one axis, so that i = j is one comparison.
 */
export interface Flows {
  readonly countries: Axis;
  readonly products: Axis;
  readonly exporterN: Uint16Array;
  readonly importerN: Uint16Array;
  readonly productN: Uint16Array;
  readonly valueN: Float64Array;
}
