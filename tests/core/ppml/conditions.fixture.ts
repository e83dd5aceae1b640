import { ROW } from '../../../lib/core/gravity/ppml/drops.ts';
import type { Model } from '../../../lib/core/gravity/ppml/model.ts';
import type { PpmlFit } from '../../../lib/core/gravity/ppml/ppml.ts';

/** The largest first-order condition of any regressor or level, added up from the fitted means alone: nothing of the fit's own account is used. */
export function conditions({ yN, columns, effects, weightN }: Model, { status, fittedN }: PpmlFit): number {
  const rows = [...yN.keys()].filter((row) => status[row] === ROW.used);
  const weight = (row: number) => weightN?.[row] ?? 1;
  let worst = 0;
  for (const { valueN } of columns) {
    const score = rows.reduce((sum, row) => sum + weight(row) * valueN[row]! * (yN[row]! - fittedN[row]!), 0);
    const size = rows.reduce((sum, row) => sum + weight(row) * Math.abs(valueN[row]!) * yN[row]!, 0);
    if (size > 0) worst = Math.max(worst, Math.abs(score) / size);
  }
  for (const { codeN, levels } of effects) {
    const wanted = levels.map(() => 0);
    const fitted = levels.map(() => 0);
    for (const row of rows) {
      wanted[codeN[row]!]! += weight(row) * yN[row]!;
      fitted[codeN[row]!]! += weight(row) * fittedN[row]!;
    }
    levels.forEach((_, level) => {
      if (wanted[level]! > 0) worst = Math.max(worst, Math.abs(fitted[level]! - wanted[level]!) / wanted[level]!);
    });
  }
  return worst;
}
