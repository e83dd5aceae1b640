import type { EciOptions } from './eci.ts';
import type { OutlookGain } from './outlook.ts';
import type { PresenceOptions } from './presence.ts';
import type { ProximityOptions } from './proximity.ts';
import type { UniverseOptions } from './universe.ts';

/** Everything in which published complexity numbers differ. All plain values, so that a run can record them. */
export type ComplexitySettings = Required<
  UniverseOptions & PresenceOptions & EciOptions & SymmetricProximity & OutlookSettings
>;

/**
 * The proximities that density and outlook are defined with: φ[p,q] = φ[q,p]. With the continuous one, density is the mean RCA
 * (RPOP where presence is per head) of the products around, as in py-ecomplexity, and may exceed 1.
 */
type SymmetricProximity = Pick<ProximityOptions, 'diagonal'> & {
  readonly proximity?: 'minimum' | 'cosine' | 'continuous';
};

export interface OutlookSettings {
  /** the PCI that the outlook adds up: the published one, or its scale without its centring (py-ecomplexity) */
  readonly outlookPci?: 'published' | 'uncentred';
  /** the outlook index as a z-score over the exporters, or as it is (R) */
  readonly outlookIndex?: 'standardised' | 'raw';
  readonly outlookGain?: OutlookGain;
}

/**
 * Settings by the name of the program whose numbers they reproduce. `portolan` is the default: py-ecomplexity's scale, a
 * product that is not its own neighbour, and an outlook in the PCI that is published beside it (decisions/0001 to 0003).
 */
export const CONVENTIONS = {
  portolan: {
    minimumExports: 0,
    minimumTrade: 0,
    minimumPopulation: 0,
    largestPart: false,
    threshold: 1,
    strict: false,
    advantage: 'rca',
    method: 'eigenvector',
    sign: 'diversity',
    normalisation: 'py',
    proximity: 'minimum',
    diagonal: 0,
    outlookPci: 'published',
    outlookIndex: 'standardised',
    outlookGain: 'atlas',
  },
  /** py-ecomplexity 0.5.2 */
  py: {
    minimumExports: 0,
    minimumTrade: 0,
    minimumPopulation: 0,
    largestPart: false,
    threshold: 1,
    strict: false,
    advantage: 'rca',
    method: 'eigenvector',
    sign: 'diversity',
    normalisation: 'py',
    proximity: 'minimum',
    diagonal: 1,
    outlookPci: 'uncentred',
    outlookIndex: 'standardised',
    outlookGain: 'atlas',
  },
  /** R economiccomplexity 2.0.0, method "eigenvalues" */
  r: {
    minimumExports: 0,
    minimumTrade: 0,
    minimumPopulation: 0,
    largestPart: false,
    threshold: 1,
    strict: false,
    advantage: 'rca',
    method: 'eigenvector',
    sign: 'reflections',
    normalisation: 'r',
    proximity: 'minimum',
    diagonal: 1,
    outlookPci: 'published',
    outlookIndex: 'raw',
    outlookGain: 'atlas',
  },
  /** Datawheel economic-complexity, which the OEC is built with */
  datawheel: {
    minimumExports: 0,
    minimumTrade: 0,
    minimumPopulation: 0,
    largestPart: false,
    threshold: 1,
    strict: false,
    advantage: 'rca',
    method: 'reflections',
    sign: 'reflections',
    normalisation: 'datawheel',
    proximity: 'minimum',
    diagonal: 0,
    outlookPci: 'published',
    outlookIndex: 'raw',
    outlookGain: 'datawheel',
  },
} as const satisfies Record<string, ComplexitySettings>;
export type Convention = keyof typeof CONVENTIONS;
