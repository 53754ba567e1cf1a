import { hash } from 'node:crypto';

const BLOCK_BYTES = 64;

/**
 * HKDF-SHA-256 (RFC 5869) for several keys of at most 32 bytes from one secret, each a single block of its expansion. Every
 * request that is not a cached poll derives keys, and nothing derived is kept (ADR 3). Node's `hkdfSync` gives the same
 * keys, but costs 5 µs for each, most of it for preparation and for buffers; two keys from here cost 4 µs together.
 */
export class Hkdf {
  private readonly pseudorandomKey: Binary;

  constructor(secret: Buffer, salt: string) {
    this.pseudorandomKey = hmacOf(binary(salt), secret.toString('binary'));
  }

  /** The key with this label, of at most 32 bytes. */
  derive(label: string, bytes: number): Buffer {
    const block = hmacOf(this.pseudorandomKey, binary(`${label}\x01`));
    return Buffer.from(block, 'binary').subarray(0, bytes);
  }
}

/** HMAC-SHA-256 (RFC 2104). */
export function hmac(key: Buffer, message: string): Buffer {
  return Buffer.from(hmacOf(key.toString('binary'), binary(message)), 'binary');
}

/** Bytes, as the characters of a string: Node makes strings several times faster than buffers. */
type Binary = string;

function binary(text: string): Binary {
  return Buffer.from(text).toString('binary');
}

function hmacOf(key: Binary, message: Binary): Binary {
  const block =
    key.length > BLOCK_BYTES ? hash('sha256', Buffer.from(key, 'binary'), 'binary') : key;
  return hashOf(block, 0x5c, hashOf(block, 0x36, message));
}

/** The hash of a key, which is filled up to a block and XORed with a byte, and a message. */
function hashOf(key: Binary, by: number, message: Binary): Binary {
  const bytes = Buffer.allocUnsafe(BLOCK_BYTES + message.length);
  bytes.fill(by, 0, BLOCK_BYTES);
  for (let n = 0; n < key.length; n++) bytes[n] = key.charCodeAt(n) ^ by;
  bytes.write(message, BLOCK_BYTES, 'binary');
  return hash('sha256', bytes, 'binary');
}
