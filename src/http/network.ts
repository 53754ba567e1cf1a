import { isIPv4, isIPv6 } from 'node:net';

/** The network of an address, as large as one customer may have it: its /24, or /64 in IPv6. */
export function networkOf(address: string): string {
  const ipv4 = address.replace(/^::ffff:/i, ''); // the form of a dual-stack socket (RFC 4291, 2.5.5.2)
  if (isIPv4(ipv4)) return `${ipv4.slice(0, ipv4.lastIndexOf('.'))}.0/24`;
  if (!isIPv6(address)) return address; // not an address, but a proxy sent it as one
  const [head = '', tail] = address.toLowerCase().split('::');
  const groups = head.split(':');
  if (tail !== undefined) {
    const after = tail.split(':');
    groups.push(...Array.from({ length: 8 - groups.length - after.length }, () => '0'), ...after);
  }
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, '') || '0')
    .join(':')}::/64`;
}

/** The addresses that one client has at its disposal: one in IPv4, a /64 in IPv6. */
export function clientNetwork(address: string): string {
  return isIPv4(address) ? address : networkOf(address);
}
