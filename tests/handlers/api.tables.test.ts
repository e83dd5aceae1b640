import { describe, expect, it } from 'vitest';
import { toCsv, toNdjson } from '../../functions/tables.ts';

describe('toCsv', () => {
  it('quotes what needs it, as RFC 4180 says', () => {
    const rows = [{ a: 'x,y', b: 'say "no"', c: 'two\nlines', d: 'plain' }];
    expect(toCsv(['a', 'b', 'c', 'd'], rows)).toBe('a,b,c,d\r\n"x,y","say ""no""","two\nlines",plain\r\n');
  });

  it('leaves null and absent empty, and writes numbers as they are', () => {
    expect(toCsv(['a', 'b', 'c', 'd'], [{ a: null, c: -1.5e-7, d: false }])).toBe('a,b,c,d\r\n,,-1.5e-7,false\r\n');
  });

  it.each(['=1+1', '+1', '-cmd', '@sum', '\tx', '\rx'])('takes the formula out of %j', (text) => {
    const [, line] = toCsv(['a'], [{ a: text }]).split('\r\n');
    expect(line?.replace(/^"/, '').startsWith("'")).toBe(true);
  });

  it('writes nested values as JSON', () => {
    expect(toCsv(['a'], [{ a: [1, 2] }])).toBe('a\r\n"[1,2]"\r\n');
  });

  it('has a header without rows', () => {
    expect(toCsv(['a', 'b'], [])).toBe('a,b\r\n');
    expect(toNdjson([])).toBe('');
  });
});
