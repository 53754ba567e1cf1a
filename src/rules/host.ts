import { isIP } from 'node:net';

export const MAX_HOST_NAME_LENGTH = 253;

/** Whether this is an IP address without a zone. A zone has a meaning on its own host only. */
export function isAddress(value: string): boolean {
  return isIP(value) !== 0 && !value.includes('%');
}

/** Whether this is a host name (RFC 1123, section 2.1). If its last label is all digits, it is a malformed IPv4 address. */
export function isHostName(value: string): boolean {
  const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;
  const labels = value.split('.');
  return (
    value.length <= MAX_HOST_NAME_LENGTH &&
    labels.every((each) => label.test(each)) &&
    !/^\d+$/.test(labels.at(-1)!)
  );
}
