import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeAwsChunked } from '../../infra/local/s3/awsChunked.ts';
import { textsOf, toXml } from '../../infra/local/s3/xml.ts';

/** Cuts bytes into pieces, as a network does. */
async function* inPieces(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
  const at = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  let from = 0;
  for (const to of [...at, bytes.length]) {
    yield bytes.subarray(from, to);
    from = to;
  }
}

describe('the aws-chunked framing', () => {
  const framed = (chunks: readonly Uint8Array[], trailer = '') =>
    Buffer.concat([
      ...chunks
        .filter(({ length }) => length > 0)
        .flatMap((chunk) => [
          Buffer.from(`${chunk.length.toString(16)};chunk-signature=x\r\n`),
          chunk,
          Buffer.from('\r\n'),
        ]),
      Buffer.from(`0\r\n${trailer}\r\n`),
    ]);

  test('comes off wherever the network cuts the bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 40 })), fc.array(fc.nat(400)), async (chunks, cuts) => {
        const trailers = new Map<string, string>();
        const bytes = framed(chunks, 'X-Amz-Checksum-Crc32:abc=\r\n');
        const decoded: Buffer[] = [];
        for await (const part of decodeAwsChunked(inPieces(bytes, cuts), trailers)) decoded.push(Buffer.from(part));
        expect(Buffer.concat(decoded)).toEqual(Buffer.concat(chunks));
        expect(trailers).toEqual(new Map([['x-amz-checksum-crc32', 'abc=']]));
      }),
    );
  });

  test('a body that ends inside a chunk is not whole', async () => {
    const bytes = framed([Buffer.from('hello')]).subarray(0, 25);
    const decode = async () => {
      for await (const _ of decodeAwsChunked(inPieces(bytes, []), new Map()));
    };
    await expect(decode()).rejects.toThrow('ended inside a chunk');
  });
});

test('XML gives back what was put in', () => {
  const keys = ['a & b', '<x>', 'é"', ''];
  expect(textsOf(toXml({ Delete: { Key: keys, Quiet: true, None: null } }), 'Key')).toEqual(keys);
  expect(textsOf('<Key>a&#x41;&#66;&apos;</Key>', 'Key')).toEqual(["aAB'"]);
});
