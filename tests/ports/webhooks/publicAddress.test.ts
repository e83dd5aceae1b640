import { describe, expect, it } from 'vitest';
import { isPublicAddress } from '../../../lib/adapters/http/publicAddress.ts';
import { webhookSender } from '../../../lib/adapters/http/webhookSender.ts';

/** What a resolver may answer. */
const FORBIDDEN = `
0.0.0.0 0.0.0.1 0.255.255.255 10.0.0.0 10.0.0.1 10.255.255.255 100.64.0.0 100.100.100.200 100.127.255.255 127.0.0.1 127.0.1.1 127.255.255.255
169.254.0.1 169.254.169.254 169.254.170.2 169.254.255.255 172.16.0.1 172.20.10.5 172.31.255.255 192.0.0.1 192.0.0.170 192.0.0.192 192.0.2.1
192.31.196.1 192.52.193.1 192.88.99.1 192.168.0.1 192.168.255.255 192.175.48.1 198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.9 224.0.0.1
239.255.255.255 240.0.0.1 255.255.255.255
:: ::1 0:0:0:0:0:0:0:1 0000:0000:0000:0000:0000:0000:0000:0001 ::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:10.0.0.1 ::ffff:169.254.169.254
::ffff:a9fe:a9fe 0:0:0:0:0:ffff:127.0.0.1 ::ffff:8.8.8.8 ::ffff:0:127.0.0.1 ::127.0.0.1 ::7f00:1 ::10.0.0.1 64:ff9b::127.0.0.1 64:ff9b::7f00:1
64:ff9b::a9fe:a9fe 64:ff9b::8.8.8.8 64:ff9b:1::1 64:ff9b:1:ffff::10.0.0.1 100::1 100:0:0:1::1 2001::1 2001:0:53aa:64c:0:0:80ff:fffe 2001:1::1 2001:2::1
2001:10::1 2001:20::1 2001:db8::1 2001:0db8:85a3::8a2e:0370:7334 2002:7f00:1::1 2002:a00:1:: 2002:a9fe:a9fe::1 2620:4f:8000::1 3fff::1 3fff:fff::1
5f00::1 fc00::1 fd00::1 fd00:ec2::254 fdff:ffff::1 fe80::1 fe80::1%eth0 febf::1 fec0::1 ff00::1 ff02::1 ff0e::1 4000::1 1::1 FE80::1 FD00::1 ::FFFF:127.0.0.1
8.8.8.8:443 08.8.8.8 8.8.8 0x8.8.8.8 134744072 8.8.8.8/32 [2606:4700::1] localhost
`
  .trim()
  .split(/\s+/);

/** What somebody may write into an address. The URL parser makes plain addresses of the strange ones. */
const FORBIDDEN_URLS = `
https://127.0.0.1/ https://127.1/ https://127.0.1/ https://0/ https://0.0.0.0/ https://2130706433/ https://0x7f000001/ https://0x7f.0.0.1/ https://0x7F.1/
https://0177.0.0.1/ https://0177.1/ https://017700000001/ https://%31%32%37.0.0.1/ https://①②⑦.0.0.1/ https://127。0。0。1/ https://127.0.0.1./
https://10.0.0.1/ https://169.254.169.254/latest/meta-data/ https://2852039166/ https://0xa9fea9fe/ https://0251.0376.0251.0376/ https://169.254.43518/
https://192.168.0.1/ https://0300.0250.0.1/ https://3232235521/ https://172.16.0.1/ https://100.100.100.200/
https://[::1]/ https://[::]/ https://[0:0:0:0:0:0:0:1]/ https://[::ffff:127.0.0.1]/ https://[::ffff:7f00:1]/ https://[::127.0.0.1]/ https://[64:ff9b::7f00:1]/
https://[2002:7f00:1::]/ https://[fe80::1]/ https://[fd00:ec2::254]/ https://[2606:4700:4700::1111]/ https://8.8.8.8/
https://localhost/ https://LOCALHOST/ https://localhost./ https://a.localhost/ https://printer.local/ https://metadata.google.internal/ https://router.home.arpa/ https://intranet/
http://example.com/ http://localhost:8643/ https://example.com:8443/ https://example.com:22/ https://user@example.com/ https://user:pass@example.com/
https://example.com@127.0.0.1/ ftp://example.com/ file:///etc/passwd javascript:alert(1) gopher://example.com/ //example.com/ example.com https:// https://example.com/#x
`
  .trim()
  .split(/\s+/);

describe('addresses that a name may stand for', () => {
  it('the table has at least eighty that are forbidden', () => {
    expect(new Set(FORBIDDEN).size).toBeGreaterThanOrEqual(80);
  });
  it.each(FORBIDDEN)('%s is not public', (address) => expect(isPublicAddress(address)).toBe(false));
  it.each([
    '1.1.1.1',
    '8.8.8.8',
    '9.255.255.255',
    '11.0.0.0',
    '52.94.236.248',
    '100.63.255.255',
    '100.128.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '192.169.0.0',
    '198.20.0.0',
    '223.255.255.255',
    '2606:4700:4700::1111',
    '2a00:1450:4001:82a::200e',
    '2001:4860:4860::8888',
    '2001:200::1',
  ])('%s is public', (address) => expect(isPublicAddress(address)).toBe(true));
});

describe('addresses as they are written', () => {
  const { refusal } = webhookSender();
  it.each(FORBIDDEN_URLS)('%s is refused', (url) => expect(refusal(url)).toEqual(expect.any(String)));
  it.each([
    'https://example.com/hook',
    'https://hooks.example.co.uk/services/T0/B0?x=1',
    'https://example.com:443/',
    'https://xn--bcher-kva.example/',
  ])('%s is accepted', (url) => expect(refusal(url)).toBe(null));
  it('a local receiver is accepted by host and port, and nothing beside it', () => {
    const sender = webhookSender({ local: ['127.0.0.1:8643'] });
    expect(sender.refusal('http://127.0.0.1:8643/hook')).toBe(null);
    for (const url of [
      'http://127.0.0.1:8644/',
      'https://127.0.0.1:8643/',
      'http://localhost:8643/',
      'http://10.0.0.1/',
    ])
      expect(sender.refusal(url), url).toEqual(expect.any(String));
  });
});
