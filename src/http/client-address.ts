import { BlockList, isIPv4, isIPv6, SocketAddress } from 'node:net';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Settings } from '../config/settings.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The client's address in normal form (`normalAddress`), as far as proxies are trusted. */
    clientAddress: string;
  }
}

/** The client's address, as a parameter of a route. Used instead of Nest's `Ip`, which knows no normal form. */
export const ClientAddress = createParamDecorator(
  (_: unknown, context: ExecutionContext) =>
    context.switchToHttp().getRequest<FastifyRequest>().clientAddress,
);

/**
 * Finds the address of each client, once and before everything else, because limits, the audit log and the replay of
 * a lost answer need it. A request without an address is dropped: its client has reset the connection and cannot read
 * an answer. Call it before other hooks are added.
 */
export function findClientAddresses(
  fastify: FastifyInstance,
  { trustedProxies }: Pick<Settings, 'trustedProxies'>,
): void {
  const isTrusted = trustOf(trustedProxies);
  fastify.decorateRequest('clientAddress', '');
  // Reads the address once, so that Node caches it: after a reset it could not be read any more.
  fastify.server.prependListener('connection', ({ remoteAddress }) => remoteAddress);

  fastify.addHook('onRequest', (request, reply, done) => {
    const { socket, headers } = request.raw;
    const address = clientAddress(socket.remoteAddress, headers['x-forwarded-for'], isTrusted);
    if (address === undefined) {
      reply.hijack();
      socket.destroy();
      return;
    }
    request.clientAddress = address;
    done();
  });
}

/** Whether the proxy with this address, at this distance in hops, is trusted to name the sender before it. */
export type Trust = (address: string, hop: number) => boolean;

/** The meaning of `TRUSTED_PROXIES`: a number of proxies, or the addresses of proxies. */
export function trustOf(trustedProxies: Settings['trustedProxies']): Trust {
  if (typeof trustedProxies === 'number') return (_address, hop) => hop < trustedProxies;
  const trusted = new BlockList();
  for (const network of trustedProxies) {
    const [address = '', bits] = network.split('/');
    const plain = normalAddress(address) ?? address;
    if (bits === undefined) trusted.addAddress(plain, familyOf(plain));
    else trusted.addSubnet(withoutZone(address), Number(bits), familyOf(address));
  }
  return (address) => trusted.check(address, familyOf(address));
}

/**
 * The address of the client in normal form: that of the connection, or the nearest one in `X-Forwarded-For` that is not
 * a trusted proxy. The search ends at an entry that is not an address. Undefined only when the connection has been
 * reset.
 */
export function clientAddress(
  connection: string | undefined,
  forwardedFor: string | string[] | undefined,
  isTrusted: Trust,
): string | undefined {
  let address = connection === undefined ? undefined : normalAddress(connection);
  if (address === undefined || forwardedFor === undefined) return address;
  const entries = String(forwardedFor).split(',');
  for (let hop = 0; entries.length > 0 && isTrusted(address, hop); hop++) {
    const next = normalAddress(entries.pop()!);
    if (next === undefined) break;
    address = next;
  }
  return address;
}

const WITH_PORT = /^(?:\[([^\]]*)\]|([\d.]+))(?::\d*)?$/;
const MAPPED = /^::ffff:(?=\d+\.)/;

/**
 * The normal form of an address: without port, brackets and zone; IPv6 as in RFC 5952; IPv4-mapped IPv6 (RFC 4291,
 * 2.5.5.2) as IPv4. Undefined when the text is not an address.
 */
export function normalAddress(text: string): string | undefined {
  const trimmed = text.trim();
  if (isIPv4(trimmed)) return trimmed;
  const [, inBrackets, beforePort] = WITH_PORT.exec(trimmed) ?? [];
  const address = withoutZone(inBrackets ?? beforePort ?? trimmed);
  if (isIPv4(address)) return address;
  if (!isIPv6(address)) return undefined;
  return new SocketAddress({ address, family: 'ipv6' }).address.replace(MAPPED, '');
}

function withoutZone(address: string): string {
  return address.replace(/%.*$/, '');
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv4(address) ? 'ipv4' : 'ipv6';
}
