import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sealed, unsealed } from '../../../lib/app/alerts/sealed.ts';
import {
  linkToken,
  managementToken,
  ownerOf,
  sameText,
  tokenHash,
  tokenSubject,
} from '../../../lib/app/alerts/tokens.ts';

const ID = '00112233445566778899aabbccddeeff';

describe('a management token', () => {
  it('says which subscription it is about; its hash does not hold it', () => {
    const token = managementToken(ID, randomBytes);
    expect(tokenSubject(token)).toBe(ID);
    expect(tokenHash(token)).not.toContain(token.slice(-20));
    expect(tokenHash(token)).toBe(tokenHash(token));
    expect(tokenHash(managementToken(ID, randomBytes))).not.toBe(tokenHash(token));
  });

  it.each([
    '',
    'pms_',
    `pms_${ID}`,
    `pms_${ID}_short`,
    `pms_${ID.toUpperCase()}_${'a'.repeat(43)}`,
    `x${'a'.repeat(80)}`,
  ])('%s is none', (text) => expect(tokenSubject(text)).toBeNull());
});

it('the token of a link is good for one purpose of one subscription', () => {
  const [key, other] = [randomBytes(32), randomBytes(32)].map((bytes) => bytes.toString('base64url')) as [
    string,
    string,
  ];
  const all = [
    linkToken(key, ID, 'confirm'),
    linkToken(key, ID, 'unsubscribe'),
    linkToken(key, ID.replace('0', '1'), 'confirm'),
    linkToken(other, ID, 'confirm'),
  ];
  expect(new Set(all).size).toBe(4);
  expect(linkToken(key, ID, 'confirm')).toBe(all[0]);
});

it('an address is one owner however it is written, and another one by another channel', () => {
  expect(ownerOf('email', ' Ana@Example.com ')).toBe(ownerOf('email', 'ana@example.com'));
  expect(ownerOf('email', 'ana@example.com')).not.toBe(ownerOf('slack', 'ana@example.com'));
  expect(ownerOf('email', 'ana@example.com')).not.toContain('ana');
});

it('texts are the same or not, whatever their lengths', () => {
  expect(sameText('abc', 'abc')).toBe(true);
  for (const other of ['abd', 'ab', 'abcd', '']) expect(sameText('abc', other)).toBe(false);
});

describe('what is sealed', () => {
  it('is read with its secret alone, and differs each time', () => {
    const text = sealed('año nuevo', 'a secret', randomBytes);
    expect(unsealed(text, 'a secret')).toBe('año nuevo');
    expect(unsealed(text, 'a Secret')).toBeNull();
    expect(sealed('año nuevo', 'a secret', randomBytes)).not.toBe(text);
  });

  it('is not read when a character of it was changed', () => {
    const text = sealed('the token', 'a secret', randomBytes);
    for (let n = 0; n < text.length; n++) {
      if (text[n] === '.') continue;
      // the last character of a part may hold bits that mean nothing
      if (n + 1 === text.length || text[n + 1] === '.') continue;
      const changed = text.slice(0, n) + (text[n] === 'A' ? 'B' : 'A') + text.slice(n + 1);
      expect(unsealed(changed, 'a secret'), String(n)).toBeNull();
    }
    for (const broken of ['', 'a', 'a.b', 'a.b.c']) expect(unsealed(broken, 'a secret')).toBeNull();
  });
});
