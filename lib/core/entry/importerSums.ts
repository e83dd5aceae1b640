import { loops, memoryOf } from '../wasm/loops.ts';
import { type EntryContext, EVENT_USD } from './entryContext.ts';

/** The sums below, a lane each. */
const LANES = 4;

/**
 *     sum[product of n] += weight · value[n]    in four lanes
 *
 * All arguments are addresses; `$product` up to `$end` is a list of where sums of products lie, in bytes from `$sum`.
 */
const TEXT = `(module (func (export "add")
  (param $product $end $value $weight $sum i32)
  (local $at i32) (local $w v128)
  (local.set $w (v128.load (local.get $weight)))
  (loop $next
    (local.set $at (i32.add (local.get $sum) (i32.load (local.get $product))))
    (v128.store (local.get $at) (f32x4.add (v128.load (local.get $at))
      (f32x4.mul (local.get $w) (v128.load (local.get $value)))))
    (local.set $value (i32.add (local.get $value) (i32.const 16)))
    (br_if $next (i32.lt_u (local.tee $product (i32.add (local.get $product) (i32.const 4))) (local.get $end))))))`;

interface Exports {
  add(product: number, end: number, value: number, weight: number, sum: number): void;
}

const onMemory = loops<Exports>(TEXT);

/** Importers × products, written for one exporter. */
interface Sums {
  readonly any: Float32Array;
  readonly large: Float32Array;
  /** not there where no distances are known */
  readonly near: Float32Array | undefined;
  readonly share: Float32Array | undefined;
}

/**
 * Who buys from an exporter already, seen from every importer:
 *
 *     any[j,k] = Σ_{m ≠ j} w[j,m] 1[v_imk > 0]    large[j,k] = Σ_{m ≠ j} w[j,m] 1[v_imk ≥ 100,000 USD]
 *     near[j,k] = Σ_{m ≠ j} z[j,m] 1[v_imk > 0]   share[j,k] = Σ_{m ≠ j} z[j,m] v_imk / v_ik
 *
 * w of similar, z of near and similar importers.
 *
 * @param startEM where the flows of each pair begin
 * @returns a function of the exporter, what it sells of each product (USD), and where to write
 * @cost per exporter a step per flow of its and importer
 */
export function importerSums(
  { flows, similarImporters, covariates }: Pick<EntryContext, 'flows' | 'similarImporters' | 'covariates'>,
  startEM: Uint32Array,
) {
  const { productN, valueN } = flows;
  const nCountries = flows.countries.codes.length;
  const nProducts = flows.products.codes.length;
  let most = 0;
  for (let e = 0; e < nCountries; e++) most = Math.max(most, startEM[(e + 1) * nCountries]! - startEM[e * nCountries]!);

  const width = 4 * LANES;
  const weightAt = width * nProducts;
  const valueAt = weightAt + width * nCountries ** 2;
  const productAt = valueAt + width * most;
  const memory = memoryOf(productAt + 4 * most);
  const sumPL = new Float32Array(memory.buffer, 0, LANES * nProducts);
  const weightCCL = new Float32Array(memory.buffer, weightAt, LANES * nCountries ** 2);
  const valueNL = new Float32Array(memory.buffer, valueAt, LANES * most);
  const placeN = new Uint32Array(memory.buffer, productAt, most);
  const { add } = onMemory(memory);
  for (let pair = 0; pair < nCountries ** 2; pair++) {
    const similar = similarImporters.weightCC.data[pair]!;
    const near = covariates?.nearImporters.weightCC.data[pair] ?? 0;
    weightCCL.set([similar, similar, near, near], pair * LANES);
  }

  return (exporter: number, supplyP: Float32Array, { any, large, near, share }: Sums): void => {
    const starts = startEM.subarray(exporter * nCountries, (exporter + 1) * nCountries + 1);
    const first = starts[0]!;
    for (let n = first, at = 0; n < starts[nCountries]!; n++, at += LANES) {
      const [product, value] = [productN[n]!, valueN[n]!];
      placeN[n - first] = product * width;
      valueNL[at] = 1;
      valueNL[at + 1] = value >= EVENT_USD ? 1 : 0;
      valueNL[at + 2] = 1;
      valueNL[at + 3] = value / supplyP[product]!;
    }
    for (let j = 0; j < nCountries; j++) {
      sumPL.fill(0);
      for (let m = 0; m < nCountries; m++) {
        const [from, end] = [starts[m]! - first, starts[m + 1]! - first];
        const pair = j * nCountries + m;
        if (from === end || (weightCCL[LANES * pair] === 0 && weightCCL[LANES * pair + 2] === 0)) continue;
        add(productAt + 4 * from, productAt + 4 * end, valueAt + width * from, weightAt + width * pair, 0);
      }
      for (let p = 0, at = j * nProducts, lane = 0; p < nProducts; p++, at++, lane += LANES) {
        any[at] = sumPL[lane]!;
        large[at] = sumPL[lane + 1]!;
        if (!near || !share) continue;
        near[at] = sumPL[lane + 2]!;
        share[at] = sumPL[lane + 3]!;
      }
    }
  };
}
