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

/** The client's address, as a parameter of a route: what Nest's `Ip` is elsewhere. */
export const ClientAddress = createParamDecorator(
  (_: unknown, context: ExecutionContext) =>
    context.switchToHttp().getRequest<FastifyRequest>().clientAddress,
);

/**
 * Finds the address of each client, once and before anything else: limits, the audit log and the replay of
 * a lost answer all go by it. A request without one is dropped: its client has reset the connection and
 * cannot read an answer. Call it before other hooks are added.
 */
export function findClientAddresses(
  fastify: FastifyInstance,
  { trustedProxies }: Pick<Settings, 'trustedProxies'>,
): void {
  const isTrusted = trustOf(trustedProxies);
  fastify.decorateRequest('clientAddress', '');
  // Node remembers what it once read; after a reset it can no longer be read.
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

/** Whether the proxy with this address, so many hops away, says the truth about who is before it. */
export type Trust = (address: string, hop: number) => boolean;

/** What `TRUSTED_PROXIES` means: so many proxies, or proxies with these addresses. */
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
 * The address of the client: that of the connection, or the nearest in `X-Forwarded-For` that no trusted
 * proxy has. What is no address there ends the search, so the result is always one, in normal form;
 * undefined only when the connection has none any more.
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
 * One spelling for one address: without port, brackets and zone, IPv6 as RFC 5952 has it, and IPv4 as such
 * where a socket for both writes it as IPv6 (RFC 4291, 2.5.5.2). Undefined when it is no address.
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
