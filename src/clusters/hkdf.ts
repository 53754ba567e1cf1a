import { hash } from 'node:crypto';

const BLOCK_BYTES = 64;

/**
 * HKDF-SHA-256 (RFC 5869) for several keys of at most 32 bytes from one secret, each a single block of its expansion. Node's
 * `hkdfSync` and `createHmac` give the same, but prepare more than they compute, and do so for each key. Every request
 * that is not a cached poll derives keys, and nothing derived is kept (ADR 3).
 */
export class Hkdf {
  private readonly pseudorandomKey: Buffer;

  constructor(secret: Buffer, salt: string) {
    this.pseudorandomKey = hmac(Buffer.from(salt), secret);
  }

  /** The key with this label, of at most 32 bytes. */
  derive(label: string, bytes: number): Buffer {
    return hmac(this.pseudorandomKey, Buffer.from(`${label}\x01`)).subarray(0, bytes);
  }
}

/** HMAC-SHA-256 (RFC 2104). */
export function hmac(key: Buffer, message: Buffer): Buffer {
  const block = key.length > BLOCK_BYTES ? sha256(key) : key;
  return sha256(padded(block, 0x5c, sha256(padded(block, 0x36, message))));
}

function padded(block: Buffer, by: number, message: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(BLOCK_BYTES + message.length);
  for (let n = 0; n < BLOCK_BYTES; n++) bytes[n] = (n < block.length ? block[n]! : 0) ^ by;
  bytes.set(message, BLOCK_BYTES);
  return bytes;
}

function sha256(bytes: Buffer): Buffer {
  return hash('sha256', bytes, 'buffer');
}
