import type { Matrix } from '../matrix.ts';
import { continuousProximity } from './continuousProximity.ts';
import { CONVENTIONS, type ComplexitySettings } from './conventions.ts';
import { density } from './density.ts';
import { eci, type Instability } from './eci.ts';
import { margins } from './margins.ts';
import { moments, standardise } from './moments.ts';
import { NORMALISATIONS } from './normalisation.ts';
import { outlookGain, outlookIndex } from './outlook.ts';
import { presence } from './presence.ts';
import { proximity } from './proximity.ts';
import { minimumProximitySums, type ProximitySums, sumsOver } from './proximitySums.ts';
import { rca } from './rca.ts';
import { rpop } from './rpop.ts';
import { type Dropped, embed, embedVector, restrict, restrictVector, universe } from './universe.ts';

/**
 * The complexity of a table of exports. Every matrix is exporters × products and every vector as long as its axis, those of
 * the input; what was dropped is NaN, or 0 where the measure counts.
 */
export interface Complexity {
  /** ratio; NaN outside the universe */
  readonly rca: Matrix;
  /** ratio per inhabitant; NaN outside the universe and where the population is not known; null without populations */
  readonly rpop: Matrix | null;
  /** 0 or 1 */
  readonly presence: Matrix;
  /** products per exporter; 0 when dropped */
  readonly diversity: Float64Array;
  /** exporters per product; 0 when dropped */
  readonly ubiquity: Float64Array;
  /** in [0, 1], with a continuous proximity a mean ratio; NaN when dropped */
  readonly density: Matrix;
  /** z-score over the exporters that take part: never to be compared across universes; NaN when dropped or undefined */
  readonly eci: Float64Array;
  /** on the scale that `settings.normalisation` names; NaN when dropped or undefined */
  readonly pci: Float64Array;
  /** complexity outlook index per exporter; NaN when dropped or undefined */
  readonly outlookIndex: Float64Array;
  /** complexity outlook gain; NaN when dropped or undefined */
  readonly outlookGain: Matrix;
  /** of exporters through products, largest first, from the trivial 1 on */
  readonly eigenvalues: Float64Array;
  /** ‖A v − λ₂ v‖ of the second eigenvector */
  readonly residual: number;
  /** ECI and PCI are arbitrary, for the reasons in `instabilities`: not to be shown as if they were measured */
  readonly unstable: boolean;
  readonly instabilities: readonly Instability[];
  readonly dropped: Dropped;
  readonly settings: ComplexitySettings;
}

/**
 * All complexity measures of one table of exports: the universe, RCA, presence, ECI and PCI, density, outlook. The
 * minimum proximity itself is never formed here (`proximity` does that for who needs it); the others are.
 *
 * @param exports_ X, exporters × products, any one currency unit, ≥ 0 and finite (RangeError)
 * @param settings whatever differs from `CONVENTIONS.portolan`, or one of the other conventions
 * @param populationE one per exporter, NaN where it is not known; needed with `minimumPopulation` and presence per head
 * @cost at HS6 (226 × 5,073) under half a second and about ten matrices of that size
 */
export function complexity(
  exports_: Matrix,
  settings: Partial<ComplexitySettings> = {},
  populationE?: Float64Array,
): Complexity {
  checkExports(exports_);
  const chosen: ComplexitySettings = { ...CONVENTIONS.portolan, ...settings };

  // who takes part
  const members = universe(exports_, chosen, populationE);
  const exportsEP = restrict(exports_, members);
  const headsE = populationE && restrictVector(populationE, members.exporters);
  const presenceEP = presence(exportsEP, chosen, headsE);
  const { rows: diversityE, cols: ubiquityP } = margins(presenceEP);

  // the measures, among them
  const { eciE, pciP, uncentredP, eigenvalues, residual, instabilities } = eci(presenceEP, chosen);
  const rcaEP = rca(exportsEP);
  const rpopEP = headsE ? rpop(exportsEP, headsE) : null;
  const ratioEP = chosen.advantage === 'rpop' ? rpopEP! : rcaEP;
  const sums = sumsOf(presenceEP, ratioEP, chosen);
  const densityEP = density(chosen.proximity === 'continuous' ? ratioEP : presenceEP, sums);
  const outlookPciP = chosen.outlookPci === 'uncentred' ? uncentredP : pciP;
  const rawIndexE = outlookIndex(densityEP, presenceEP, outlookPciP);
  const { divisor } = NORMALISATIONS[chosen.normalisation];
  const indexE = chosen.outlookIndex === 'raw' ? rawIndexE : standardise(rawIndexE, moments(rawIndexE, divisor));
  const gainEP = outlookGain(presenceEP, outlookPciP, sums, chosen.outlookGain);

  // back on the axes of the input
  const matrixOf = (part: Matrix, fill: number) => embed(part, members, exports_, fill);
  const exportersOf = (part: Float64Array, fill: number) => embedVector(part, members.exporters, exports_.rows, fill);
  const productsOf = (part: Float64Array, fill: number) => embedVector(part, members.products, exports_.cols, fill);
  return {
    rca: matrixOf(rcaEP, Number.NaN),
    rpop: rpopEP && matrixOf(rpopEP, Number.NaN),
    presence: matrixOf(presenceEP, 0),
    diversity: exportersOf(diversityE, 0),
    ubiquity: productsOf(ubiquityP, 0),
    density: matrixOf(densityEP, Number.NaN),
    eci: exportersOf(eciE, Number.NaN),
    pci: productsOf(pciP, Number.NaN),
    outlookIndex: exportersOf(indexE, Number.NaN),
    outlookGain: matrixOf(gainEP, Number.NaN),
    eigenvalues,
    residual,
    unstable: instabilities.length > 0,
    instabilities,
    dropped: members.dropped,
    settings: chosen,
  };
}

function sumsOf(presenceEP: Matrix, ratioEP: Matrix, settings: ComplexitySettings): ProximitySums {
  if (settings.proximity === 'minimum') return minimumProximitySums(presenceEP, settings.diagonal);
  if (settings.proximity === 'cosine')
    return sumsOver(proximity(presenceEP, { proximity: 'cosine', diagonal: settings.diagonal }));
  return sumsOver(continuousProximity(ratioEP, settings));
}

function checkExports({ cols, data }: Matrix) {
  for (let at = 0; at < data.length; at++) {
    if (data[at]! >= 0 && data[at]! < Number.POSITIVE_INFINITY) continue;
    const where = `exporter ${Math.floor(at / cols)}, product ${at % cols}`;
    throw new RangeError(`complexity: exports are ${data[at]} at ${where}, expected a finite number of at least 0`);
  }
}
