import type { Cell } from '../gravity/support.ts';
import { ofGroup } from './blend.ts';
import { MODELS, type Model, type Models } from './modelEffects.ts';

/** What one model says of a cell by itself, a·b·c in USD; 0 where it is silent, or where there is no such model. */
export function modelValue(models: Models, model: Model, { exporter, importer, product }: Cell): number {
  const effects = models[model];
  if (!effects) return 0;
  const nProducts = effects.a.cols;
  const ease = ofGroup(effects, models.groupP[product]!);
  const silent = models.silent.get((exporter * ease.cols + importer) * nProducts + product) ?? 0;
  if (silent & (1 << MODELS.indexOf(model))) return 0;
  return (
    effects.a.data[exporter * nProducts + product]! *
    effects.b.data[importer * nProducts + product]! *
    ease.data[exporter * ease.cols + importer]!
  );
}
