import type { Covariates } from '../core/covariates/covariates.ts';
import type { Factors } from '../core/gravity/potential.ts';
import { type ProductGravity, productGravity } from '../core/gravity/product/productGravity.ts';
import { type Matrix, matrix } from '../core/matrix.ts';
import type { Blend } from '../core/potential/blend.ts';
import { blendDispersion } from '../core/potential/blendDispersion.ts';
import { fitBlend } from '../core/potential/fitBlend.ts';
import { type ModelEffects, modelsOf } from '../core/potential/modelEffects.ts';
import { pairColumnsOf } from '../core/potential/pairColumns.ts';
import type { Dispersion } from '../core/scoring/dispersion.ts';
import type { Blended } from '../core/scoring/scoringInputs.ts';
import { exporterStarts, type Flows } from '../core/trade/flows.ts';
import { HS_SECTIONS, hsSection } from '../core/trade/hsSections.ts';
import { type Totals, totals } from '../core/trade/totals.ts';
import type { ObjectStore } from '../ports/objectStore.ts';
import { artifactKeys, decodeStep, encodeStep, required } from './runArtifacts.ts';

/** What gravity by HS section has found; survives JSON. */
export interface GravityCoefficients {
  /** regressors that too few pairs have */
  readonly unknown: readonly string[];
  /** the mean of the sections by regressor, and the variance between them */
  readonly pooled: readonly {
    readonly name: string;
    readonly estimate: number;
    readonly standardError: number;
    readonly tau2: number;
  }[];
  /** by HS section, errors clustered by pair: its own estimates, and those shrunk towards the mean, which are used */
  readonly sections: readonly {
    readonly section: number;
    /** whether its own estimates converged, and whether effects with the shrunk ones did: without, gravity is silent there */
    readonly converged: boolean;
    readonly used: boolean;
    readonly cells: number;
    readonly coefficients: readonly {
      readonly name: string;
      readonly estimate: number | null;
      readonly standardError: number | null;
      readonly shrunk: number | null;
      readonly shrunkError: number | null;
    }[];
  }[];
}

/** What the gravity step stores of the blend beside the effects of gravity. */
export interface BlendFacts {
  readonly gravity: GravityCoefficients;
  readonly blend: Blend;
  readonly dispersion: Dispersion;
  /** cells of which gravity is silent although its effects are positive: exporter, importer, product */
  readonly gravityZeros: readonly (readonly [number, number, number])[];
}

/** The models, their blend and its noise, ready for any cell. */
export interface BlendedPotential extends Omit<BlendFacts, 'gravityZeros'>, Blended {}

/**
 * Fits gravity by HS section and the blend of the three models, and stores both; or that there is none, where no distance is known: the three-way fit is the potential then.
 *
 * @returns the facts, or null
 */
export async function storeBlend(
  artifacts: ObjectStore,
  run: string,
  flows: Flows,
  factors: Factors,
  covariates: Covariates,
): Promise<BlendFacts | null> {
  const key = artifactKeys(run).blend;
  const pairs = pairColumnsOf(covariates);
  if (!pairs) {
    await artifacts.put(key, encodeStep(null, {}));
    return null;
  }
  const groupP = sectionsOf(flows);
  const gravity = productGravity(flows, groupP, pairs.columns, { shrinkTowardsPooled: true });
  const sums = totals(flows);
  const startE = exporterStarts(flows);
  const models = modelsOf(sums, factors, gravity);
  const blend = fitBlend(flows, sums, startE, models);
  const context = { flows, startE, models, blend };
  const scatter = blendDispersion(context, sums);
  const facts: BlendFacts = {
    gravity: coefficients(gravity, pairs.unknown),
    blend,
    dispersion: scatter,
    gravityZeros: gravity.zeros.map(({ exporter, importer, product }) => [exporter, importer, product]),
  };
  const { a, b, cG } = models.gravity as ModelEffects;
  const eases = Object.fromEntries(cG.map((ease, g) => [`ease${g}`, ease]));
  await artifacts.put(key, encodeStep(facts, { a, b, ...eases }));
  return facts;
}

/** The blend as the gravity step left it; null for a run without one. */
export async function loadBlend(
  artifacts: ObjectStore,
  run: string,
  flows: Flows,
  sums: Totals,
  factors: Factors,
): Promise<BlendedPotential | null> {
  const { facts, matrices } = decodeStep<BlendFacts | null, string>(await required(artifacts, artifactKeys(run).blend));
  if (!facts) return null;
  const of = (name: string): Matrix => matrices[name] ?? matrix(0, 0);
  const zeros = facts.gravityZeros.map(([exporter, importer, product]) => ({ exporter, importer, product }));
  const effects = { a: of('a'), b: of('b'), cG: Array.from({ length: HS_SECTIONS }, (_, g) => of(`ease${g}`)) };
  return {
    ...facts,
    gravityZeros: zeros,
    models: modelsOf(sums, factors, { effects, groupP: sectionsOf(flows), zeros }),
  };
}

/** The position of each product's HS section. */
const sectionsOf = ({ products }: Flows): Uint8Array => Uint8Array.from(products.codes, (code) => hsSection(code) - 1);

function coefficients({ groups, shrunk, settled }: ProductGravity, unknown: readonly string[]): GravityCoefficients {
  const finite = (value: number | undefined) => (value !== undefined && Number.isFinite(value) ? value : null);
  return {
    unknown,
    pooled: [...shrunk].map(([name, { pooled, pooledError, tau2 }]) => ({
      name,
      estimate: pooled,
      standardError: pooledError,
      tau2,
    })),
    sections: groups.map((group, g) => ({
      section: g + 1,
      converged: group.converged,
      used: settled[g] ?? false,
      cells: group.observations,
      coefficients: [...shrunk].map(([name, { groups: of }]) => {
        const own = group.coefficients.find((coefficient) => coefficient.name === name);
        return {
          name,
          estimate: finite(own?.estimate),
          standardError: finite(own?.standardError),
          shrunk: finite(of[g]?.estimate),
          shrunkError: finite(of[g]?.standardError),
        };
      }),
    })),
  };
}
