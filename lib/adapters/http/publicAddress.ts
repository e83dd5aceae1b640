import { BlockList, isIPv4, isIPv6 } from 'node:net';

/**
 * What no sender may connect to: everything in the registries of special-purpose addresses that is not globally reachable, and every range
 * in which another address is written inside an address.
 *
 * @source IANA IPv4 and IPv6 Special-Purpose Address Registries; RFC 6890, 6052, 3056, 4380
 */
const FORBIDDEN_V4 = [
  '0.0.0.0/8', // this network
  '10.0.0.0/8', // private
  '100.64.0.0/10', // shared by carriers
  '127.0.0.0/8', // this machine
  '169.254.0.0/16', // this link, and the metadata services of clouds
  '172.16.0.0/12', // private
  '192.0.0.0/24', // protocols
  '192.0.2.0/24', // documentation
  '192.31.196.0/24', // AS112
  '192.52.193.0/24', // AMT
  '192.88.99.0/24', // relays to IPv6
  '192.168.0.0/16', // private
  '192.175.48.0/24', // AS112
  '198.18.0.0/15', // benchmarks
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, and broadcast
];
/** Of IPv6 only 2000::/3 is public at all; these of it are not. */
const FORBIDDEN_V6 = [
  '2001::/23', // protocols; Teredo (2001::/32) holds an IPv4 address
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4: holds an IPv4 address
  '2620:4f:8000::/48', // AS112
  '3fff::/20', // documentation
];

const forbidden = blockList([...FORBIDDEN_V4, ...FORBIDDEN_V6]);
const publicV6 = blockList(['2000::/3']);

function blockList(subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [network = '', bits] = subnet.split('/');
    list.addSubnet(network, Number(bits), isIPv4(network) ? 'ipv4' : 'ipv6');
  }
  return list;
}

/**
 * Whether an address, as a resolver answers it, is one of the public internet. Anything that is no plain address (a zone, a port, an
 * octal, hexadecimal or shortened spelling) is not.
 */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !forbidden.check(address, 'ipv4');
  return isIPv6(address) && publicV6.check(address, 'ipv6') && !forbidden.check(address, 'ipv6');
}
