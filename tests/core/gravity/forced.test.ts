import { describe, expect, it } from 'vitest';
import { decidedCells } from '../../../lib/core/gravity/forced.ts';
import { type Cube, cubeOf, flowsOf } from './worlds.fixture.ts';

/** Forced rows and zero cells by name: exporter, importer (without the exporters before it), product. */
function decided(cells: Cube) {
  const flows = flowsOf(cells);
  const { forcedN, zeros } = decidedCells(flows);
  const name = (e: number, m: number, p: number) => `E${e} M${m - cells.length} P${p}`;
  return {
    forced: forcedN.map((n) => name(flows.exporterN[n]!, flows.importerN[n]!, flows.productN[n]!)),
    zeros: zeros.map(({ exporter, importer, product }) => name(exporter, importer, product)),
  };
}

describe('decidedCells', () => {
  it('decides nothing where all cells trade', () => {
    expect(decided(cubeOf([3, 3, 2], (e, m, p) => 1 + e + m + p))).toEqual({ forced: [], zeros: [] });
  });

  it('forces the only market of a product that is also the only trade with that partner', () => {
    // E0 sells P0 to M0 alone, where nobody else of its partners buys P0, and nothing else to M0: that cell takes the whole pair
    // total, and E0's P1, which M0 buys from E1, must stay out of it
    const cells = [
      [
        [7, 0],
        [0, 5],
      ],
      [
        [0, 3],
        [0, 2],
      ],
    ];
    expect(decided(cells)).toEqual({ forced: ['E0 M0 P0'], zeros: [] });
  });

  it('lists cells that the totals keep at zero in margins which have other cells', () => {
    // E0 sells P0 and P1 to M0 and M1, P2 and P3 to M2 and M3. M0 and M1 buy P2 and P3 too, from
    // E1 and E2; M2 and M3 don't buy P0 or P1.
    const block = (m: number, p: number) => Math.floor(m / 2) === Math.floor(p / 2);
    const cells = cubeOf([3, 4, 4], (e, m, p) => {
      if (e === 0) return block(m, p) ? 1 + m + p : 0;
      return m < 2 && p >= 2 ? 3 : 0;
    });
    expect(decided(cells)).toEqual({ forced: [], zeros: ['E0 M0 P2', 'E0 M1 P2', 'E0 M0 P3', 'E0 M1 P3'] });
  });

  it('goes on until one forced cell has decided the next', () => {
    // the pair E0–M1 is decided as above; without it E0's pair with M0 has a single product left
    const cells = [
      [
        [0, 4, 0],
        [6, 0, 0],
        [0, 0, 9],
      ],
      [
        [0, 0, 2],
        [0, 5, 0],
        [0, 0, 1],
      ],
    ];
    const { forced, zeros } = decided(cells);
    expect(forced).toEqual(['E0 M0 P1', 'E0 M1 P0']);
    expect(zeros).toEqual([]);
  });

  it('uses the pattern of trade only, so values of any size and fraction are exact', () => {
    const tiny = [
      [
        [1e-3, 0],
        [0, 1e12],
      ],
      [
        [0, 1 / 3],
        [0, 0.1],
      ],
    ];
    expect(decided(tiny).forced).toEqual(['E0 M0 P0']);
  });
});
