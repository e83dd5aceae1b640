import { describe, expect, it } from 'vitest';
import { HS_SECTIONS, hsSection } from '../../../lib/core/trade/hsSections.ts';

describe('sections of the Harmonized System', () => {
  it.each([
    ['0101', 1], ['05', 1], ['0603', 2], ['1511', 3], ['271019', 5], ['3004', 6], ['39', 7], ['6403', 12], ['7108', 14],
    ['8542', 16], ['8703', 17], ['9018', 18], ['9403', 20], ['9701', 21],
  ])('%s is in section %d', (product, section) => expect(hsSection(product)).toBe(section)); // biome-ignore format: a table

  it('every chapter has one, in order, and all are used', () => {
    const sections = Array.from({ length: 99 }, (_, at) => hsSection(String(at + 1).padStart(2, '0')));
    expect(sections).toEqual(sections.toSorted((a, b) => a - b));
    expect([...new Set(sections)]).toEqual(Array.from({ length: HS_SECTIONS }, (_, at) => at + 1));
  });

  it('refuses what begins with no chapter', () => {
    for (const code of ['00', '6', 'XX99', '']) expect(() => hsSection(code)).toThrow(/expected an HS code/);
  });
});
