import type { Measure } from './measures.ts';

/**
 * The measure that a file's name states, where its header can't: GDP or population ("gdp_current_usd.csv", "population.csv").
 *
 * @returns null when it states neither, or both
 */
export function measureNamed(name: string): Measure | null {
  const file = name.toLowerCase().split('/').at(-1) ?? '';
  const [gdp, population] = [file.includes('gdp'), file.includes('pop')];
  if (gdp === population) return null;
  return gdp ? 'gdpUsd' : 'population';
}
