import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { scratchFolder } from '../../../lib/adapters/files/scratchFolder.ts';
import { CAPS, type Caps, filesIn } from '../../../lib/adapters/files/unpack.ts';
import { refusalOf, zipOf } from './reading.ts';

/** Unpacks a drop of these bytes: the text of each file, by member. */
const unpacked = (bytes: string | Uint8Array, caps: Partial<Caps> = {}) =>
  scratchFolder(async (folder) => {
    const path = join(folder, 'drop');
    await writeFile(path, bytes);
    const texts: Record<string, string> = {};
    for await (const { member, unpack } of filesIn(path, folder, { ...CAPS, ...caps }))
      texts[member] = await readFile((await unpack()).path, 'utf8');
    return texts;
  });

const reasonOf = async (bytes: string | Uint8Array, caps?: Partial<Caps>) =>
  (await refusalOf(unpacked(bytes, caps))).reason;

const lines = 'a,b\n1,2\n';

describe('unpacking', () => {
  it('takes plain text, gzip and zip, whatever the name says', async () => {
    expect(await unpacked(lines)).toEqual({ '': lines });
    expect(await unpacked(gzipSync(lines))).toEqual({ '': lines });
    expect(await unpacked(await zipOf({ 'x.dat': lines }))).toEqual({ 'x.dat': lines });
  });

  it('finds every file of an archive in its folders, gzipped ones too, and passes over folders and what macOS adds', async () => {
    const archive = await zipOf({
      'data/': '',
      'data/one.csv': lines,
      'data/deep/two.csv.gz': gzipSync('c\n3\n'),
      '__MACOSX/data/._one.csv': 'resource fork',
      '.DS_Store': 'finder',
    });
    expect(await unpacked(archive)).toEqual({ 'data/one.csv': lines, 'data/deep/two.csv.gz': 'c\n3\n' });
  });

  it('reads two gzip streams in one file, as some tools append them', async () => {
    expect(await unpacked(Buffer.concat([gzipSync('a,b\n'), gzipSync('1,2\n')]))).toEqual({ '': lines });
  });

  it('refuses a truncated gzip file', async () => {
    const whole = gzipSync(lines.repeat(1000));
    expect(await reasonOf(whole.subarray(0, whole.length - 20))).toBe(
      'The gzip file is damaged: it ends too early, as after a broken upload.',
    );
  });

  it('refuses a gzip file with a flipped bit', async () => {
    const bytes = gzipSync(Buffer.from(Array.from({ length: 5000 }, (_, n) => (n * n * 7919) % 251)));
    bytes[bytes.length >> 1]! ^= 0xff;
    expect(await reasonOf(bytes)).toMatch(/^The gzip file is damaged: /);
  });

  it('refuses a truncated archive, and one whose content does not match its checksum', async () => {
    const archive = await zipOf({ 'one.csv': 'incompressible-0123456789' });
    expect(await reasonOf(archive.subarray(0, archive.length - 30))).toMatch(/^The zip archive is damaged: /);
    const altered = Buffer.from(archive);
    altered[altered.indexOf(Buffer.from('PK\x01\x02')) + 16]! ^= 0xff; // the checksum in the central directory
    expect(await reasonOf(altered)).toBe('The zip archive is damaged: the checksum of one.csv does not match.');
  });

  it('stops a file that swells like a bomb, gzipped or zipped', async () => {
    const bomb = Buffer.alloc(2 ** 20);
    const caps = { ratioFrom: 2 ** 16 };
    const reason = 'The file unpacks to more than 200 times its size, as no table of trade does.';
    expect(await reasonOf(gzipSync(bomb), caps)).toBe(reason);
    expect(await reasonOf(await zipOf({ 'bomb.csv': bomb }), caps)).toBe(reason);
    expect(await reasonOf(gzipSync(bomb), { unpacked: 1000 })).toBe(
      'The file unpacks to more than 1000 bytes; please split it.',
    );
    expect(await reasonOf(await zipOf({ a: '1', b: '2' }), { members: 1 })).toBe(
      'The archive holds 2 files; at most 1 are read.',
    );
  });

  it('refuses what is packed twice, and an archive in an archive', async () => {
    expect(await reasonOf(gzipSync(gzipSync(lines)))).toBe(
      'The file is packed more than once; please unpack it first.',
    );
    expect(await reasonOf(await zipOf({ 'in.zip': await zipOf({ 'x.csv': lines }) }))).toBe(
      'in.zip is an archive inside an archive; please drop it by itself.',
    );
  });

  it.each([
    ['an Excel workbook', zipOf({ '[Content_Types].xml': '<Types/>', 'xl/workbook.xml': '' }), 'save the sheet as CSV'],
    ['an old Excel workbook', [0xd0, 0xcf, 0x11, 0xe0, 0xa1], 'The file is an Excel workbook; please drop it as CSV'],
    ['7z', [0x37, 0x7a, 0xbc, 0xaf, 0x27], '7z archive'],
    ['Zstandard', [0x28, 0xb5, 0x2f, 0xfd, 0], 'Zstandard file'],
    ['PDF', [...Buffer.from('%PDF-1.7')], 'PDF document'],
  ])('refuses %s and says what to drop instead', async (_name, bytes, words) => {
    expect(await reasonOf(Buffer.from(await bytes))).toContain(words);
  });

  it('hashes the bytes as they were dropped, and those of an archive as they lie in it', async () => {
    const hashes = async (bytes: Uint8Array | string) =>
      scratchFolder(async (folder) => {
        await writeFile(join(folder, 'drop'), bytes);
        const found: string[] = [];
        for await (const { unpack } of filesIn(join(folder, 'drop'), folder))
          found.push((await unpack()).sha256.slice(0, 8));
        return found;
      });
    const plain = await hashes(lines);
    expect(await hashes(await zipOf({ 'x.csv': lines }))).toEqual(plain);
    expect(await hashes(gzipSync(lines))).not.toEqual(plain);
  });
});

describe('text', () => {
  it('becomes UTF-8 with LF line ends: byte order mark, CR LF, CR, Latin-1 and UTF-16', async () => {
    const text = 'name,x\nCôte d’Ivoire,1\nAño,2\n';
    const utf16 = Buffer.from(`\ufeff${text}`, 'utf16le');
    const latin1 = Buffer.from(text.replace('’', '\x92'), 'latin1');
    for (const bytes of [
      Buffer.from(text),
      latin1,
      Buffer.from(text.replaceAll('\n', '\r\n')),
      Buffer.from(text.replaceAll('\n', '\r')),
    ])
      expect((await unpacked(bytes))['']).toBe(text);
    expect(((await unpacked(utf16))[''] ?? '').replace(/^\ufeff/, '')).toBe(text);
  });

  it('keeps characters and line ends whole where one reading of the file meets the next', async () => {
    // a megabyte is read at a time: é and CR LF lie across that border in one of these
    for (const shift of [0, 1, 2]) {
      const text = `${'x'.repeat(2 ** 20 - 3 + shift)}é\r\né\r\n`;
      expect((await unpacked(text))['']).toBe(text.replaceAll('\r\n', '\n'));
    }
  });

  it('is Latin-1 when the very last byte cuts a character', async () => {
    expect((await unpacked(Buffer.from('caf\xc3', 'latin1')))['']).toBe('cafÃ');
  });
});
