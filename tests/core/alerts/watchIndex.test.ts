import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Watch, watchIndex } from '../../../lib/core/alerts/watchIndex.ts';

it('finds exactly the watches that cover a cell and whose threshold was crossed', () => {
  const importer = fc.constantFrom('USA', 'DEU', 'JPN');
  const product = fc.constantFrom('0901', '0902', '8703', '8704');
  const watch = fc.record({
    importer: fc.option(importer),
    product: fc.oneof(product, fc.constantFrom('', '0', '09', '87', '870')),
    threshold: fc.integer({ min: 5, max: 100 }),
  });
  const mark = fc.double({ min: 0, max: 100, noNaN: true });
  fc.assert(
    fc.property(fc.array(watch, { maxLength: 30 }), importer, product, mark, mark, (list, m, p, above, upTo) => {
      const watches: Watch[] = list.map((each, n) => ({ ...each, id: `w${n}` }));
      const found: string[] = [];
      watchIndex(watches).crossed(m, p, above, upTo, ({ id }) => found.push(id));
      const wanted = watches.filter(
        (each) =>
          (each.importer === null || each.importer === m) &&
          p.startsWith(each.product) &&
          each.threshold > above &&
          each.threshold <= upTo,
      );
      expect(found.sort()).toEqual(wanted.map(({ id }) => id).sort());
    }),
  );
});

it('a score that reaches a threshold exactly has crossed it, and one that starts from it has crossed it before', () => {
  const index = watchIndex([{ id: 'w', importer: null, product: '', threshold: 95 }]);
  const crossed = (above: number, upTo: number) => {
    let times = 0;
    index.crossed('USA', '0901', above, upTo, () => times++);
    return times;
  };
  expect([crossed(90, 95), crossed(95, 100), crossed(90, 94.9), crossed(94.9, 95)]).toEqual([1, 0, 0, 1]);
});
