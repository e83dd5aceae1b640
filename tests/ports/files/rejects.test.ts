import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lineNumbers } from '../../../lib/adapters/files/lineNumbers.ts';
import { csvCell, writeRejects } from '../../../lib/adapters/files/rejects.ts';
import { scratchFolder } from '../../../lib/adapters/files/scratchFolder.ts';

describe('list of rejects', () => {
  it.each([
    ['=HYPERLINK("http://x")', `"'=HYPERLINK(""http://x"")"`],
    ['+1', "'+1"],
    ['-5', "'-5"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\tx', "'\tx"],
    ['\rx', `"'\rx"`],
    ['a,b', '"a,b"'],
    ['plain', 'plain'],
    ['', ''],
  ])('writes %j so that no spreadsheet runs it', (text, cell) => {
    expect(csvCell(text)).toBe(cell);
  });

  it('is CSV with a header, long values cut', async () => {
    await scratchFolder(async (folder) => {
      const path = join(folder, 'rejects.csv');
      await writeRejects(path, [{ row: 7, column: 'v', value: 'x'.repeat(500), expected: 'a number', reason: 'bad' }]);
      expect(await readFile(path, 'utf8')).toBe(
        `row,column,value,expected,reason\r\n7,v,${'x'.repeat(200)},a number,bad\r\n`,
      );
    });
  });
});

describe('lineNumbers', () => {
  const find = (text: string, ordinals: number[], bad: { line: number; lines: number }[] = []) =>
    scratchFolder(async (folder) => {
      const path = join(folder, 'file');
      await writeFile(path, text);
      return lineNumbers(path, ordinals, bad);
    });

  it('counts the header, and goes to the last line without a line end', async () => {
    expect(await find('h\na\nb\nc', [1, 3])).toEqual([2, 4]);
  });

  it('passes over blank lines and over lines that were no rows', async () => {
    //                  1  2  3 4     5  6     7
    expect(
      await find(
        'h\na\n\nbad\nb\nbad\nc\n',
        [1, 2, 3],
        [
          { line: 4, lines: 1 },
          { line: 6, lines: 1 },
        ],
      ),
    ).toEqual([2, 5, 7]);
  });

  it('takes a line end inside quotes for part of the cell', async () => {
    expect(await find('h\n"a\na"\n"say ""x"""\nb\n', [1, 2, 3])).toEqual([2, 4, 5]);
  });

  it('passes over all lines that a quote which is never closed has swallowed', async () => {
    expect(await find('h\na\n"open\nmore\nmore\nb\n', [1, 2], [{ line: 3, lines: 3 }])).toEqual([2, 6]);
  });
});
