import type { EntryModel, TrainedOn } from '../core/entry/trainEntryModel.ts';
import type { ThreeWayFacts } from '../core/gravity/threeWay.ts';
import type { GrowthModel } from '../core/growth/trainGrowthModel.ts';
import type { Blend } from '../core/potential/blend.ts';
import type { Flows } from '../core/trade/flows.ts';
import type { BlendFacts, GravityCoefficients } from './runBlend.ts';
import type { ComplexityFacts } from './runComplexity.ts';
import type { TrainingChoices } from './runEntry.ts';

/** Cells that a run lists by name; the whole lists lie with its artifacts. */
const LISTED = 100;

/** What the models of a run say about themselves: part of the run that `/v1/runs` shows. */
export interface ModelFacts {
  readonly complexity: ComplexityFacts;
  readonly potential: {
    readonly converged: boolean;
    readonly sweeps: number;
    readonly margins: ThreeWayFacts['margins'];
    /** cells that the totals decide by themselves, fixed at their value; the first hundred by name */
    readonly forced: { readonly count: number; readonly cells: readonly (NamedCell & { readonly valueUsd: number })[] };
    /** cells that are 0 in every fit that keeps the totals although all three of them are positive; the first hundred by name */
    readonly structuralZeros: { readonly count: number; readonly cells: readonly NamedCell[] };
  };
  /** how the three models are combined, by pattern of those that speak of a cell, and gravity's coefficients; null without covariates */
  readonly blend: (Blend & { readonly gravity: GravityCoefficients }) | null;
  /** what the models that rank were trained on: at another level of products, or another horizon, they are a guess */
  readonly foresight: TrainedOnFacts;
  /** whether models were trained in the run, why these rank, and by how much better they foresaw; null without an earlier year */
  readonly training: TrainingChoices;
}

/** What each model learned from, where its sum begins, and how far what it expects is to be trusted. */
export interface TrainedOnFacts {
  readonly entry: TrainedOn & { readonly intercept: number; readonly bands: EntryModel['bands'] };
  readonly growth: TrainedOn & { readonly intercept: number; readonly band: GrowthModel['band'] };
}

interface NamedCell {
  readonly exporter: string;
  readonly importer: string;
  readonly product: string;
}

export function modelFacts(
  complexity: ComplexityFacts,
  fit: ThreeWayFacts,
  { countries, products }: Flows,
  blended: Pick<BlendFacts, 'blend' | 'gravity'> | null,
): Omit<ModelFacts, 'foresight' | 'training'> {
  const named = (cell: ThreeWayFacts['zeros'][number]): NamedCell => ({
    exporter: countries.codes[cell.exporter] ?? '',
    importer: countries.codes[cell.importer] ?? '',
    product: products.codes[cell.product] ?? '',
  });
  return {
    complexity,
    potential: {
      converged: fit.converged,
      sweeps: fit.sweeps,
      margins: fit.margins,
      forced: {
        count: fit.forced.length,
        cells: fit.forced.slice(0, LISTED).map((cell) => ({ ...named(cell), valueUsd: cell.value })),
      },
      structuralZeros: { count: fit.zeros.length, cells: fit.zeros.slice(0, LISTED).map(named) },
    },
    blend: blended && { ...blended.blend, gravity: blended.gravity },
  };
}
