import type { Divisor } from './moments.ts';

/** By whose mean and deviation PCI is standardised, and what the deviations divide by. ECI is always by its own. */
export const NORMALISATIONS = {
  /** py-ecomplexity: PCI by the moments of ECI, so that ECI is the mean PCI of the basket */
  py: { pciMoments: 'eci', divisor: 'population' },
  /** Stata's ecomplexity: the same with the sample deviation */
  stata: { pciMoments: 'eci', divisor: 'sample' },
  /** R's economiccomplexity: each by its own moments */
  r: { pciMoments: 'pci', divisor: 'sample' },
  /** Datawheel and the OEC: each by its own moments */
  datawheel: { pciMoments: 'pci', divisor: 'sample' },
} as const satisfies Record<string, { pciMoments: 'eci' | 'pci'; divisor: Divisor }>;
export type Normalisation = keyof typeof NORMALISATIONS;
