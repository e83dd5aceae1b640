import { pseudoRandom } from '../../../lib/core/gravity/ppml/approximateCholesky.ts';

/** A panel of whole numbers and values, as the measured process gets it. */
export interface PackedPanel {
  readonly columns: Readonly<Record<string, Float64Array>>;
  readonly factors: Readonly<Record<string, Uint32Array>>;
}

/**
 * A network that is as long as it can be: 13,000 countries on a line, each selling to a few of its 15 neighbours on either side, in up to
 * five years with gaps, 40 % zeros, sizes over three orders of magnitude. What one end knows of the other passes through a thousand
 * countries. About half a million rows; the truth is dist -0.8, rta 0.25.
 */
export function chainPanel(countries = 13_000, years = 5, reach = 15): PackedPanel {
  const random = pseudoRandom(500_000);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const sells = Float64Array.from({ length: countries }, () => 1.5 * normal());
  const buys = Float64Array.from({ length: countries }, () => 1.5 * normal());
  const [y, dist, rta, exporterYear, importerYear, pair]: number[][] = [[], [], [], [], [], []];
  for (let e = 0; e < countries; e++) {
    const partners = new Set<number>();
    for (let wanted = 1 + Math.floor(20 * random()); wanted > 0; wanted--)
      partners.add(Math.min(countries - 1, Math.max(0, e + Math.floor((2 * reach + 1) * random()) - reach)));
    for (const i of partners) {
      const apart = Math.abs(i - e) / reach;
      const together = 0.7 * normal();
      const since = Math.floor(2 * years * random()) - 2;
      for (let t = 0; t < years; t++) {
        if (random() < 0.1) continue;
        const agreed = since <= t ? 1 : 0;
        const mean = Math.exp(3 + sells[e]! + buys[i]! + together - 0.8 * apart + 0.25 * agreed);
        y!.push(random() < 1 / (1 + Math.sqrt(mean / 5)) ? 0 : mean * -Math.log(1 - random()));
        dist!.push(apart);
        rta!.push(agreed);
        exporterYear!.push(e * years + t);
        importerYear!.push(i * years + t);
        pair!.push(e * countries + i);
      }
    }
  }
  return {
    columns: { y: Float64Array.from(y!), dist: Float64Array.from(dist!), rta: Float64Array.from(rta!) },
    factors: {
      exporter_year: Uint32Array.from(exporterYear!),
      importer_year: Uint32Array.from(importerYear!),
      pair: Uint32Array.from(pair!),
    },
  };
}
