import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/** What a PIN opens: the id its cluster is stored under, and the key that seals its values. */
export interface ClusterSeal {
  readonly id: string;
  seal(name: string, value: string): string;
  /** Fails when the value was not sealed by this cluster under this name. */
  open(name: string, sealed: string): string;
}

/**
 * Derives from a PIN, with a secret of the server, all that storage may know (ADR 3): neither the PIN nor
 * a value can be had from what is stored. HKDF-SHA-256 (RFC 5869); AES-256-GCM.
 */
export function deriveSeal(pin: string, secret: string): ClusterSeal {
  const derive = (purpose: string, bytes: number) =>
    Buffer.from(hkdfSync('sha256', pin, secret, purpose, bytes));
  return new AesGcmSeal(derive('cluster id', 16).toString('base64url'), derive('sealing key', 32));
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

class AesGcmSeal implements ClusterSeal {
  constructor(
    readonly id: string,
    private readonly key: Buffer,
  ) {}

  seal(name: string, value: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.key, nonce);
    cipher.setAAD(Buffer.from(name)); // so that no value can be moved to another key
    const parts = [nonce, cipher.update(value, 'utf8'), cipher.final(), cipher.getAuthTag()];
    return Buffer.concat(parts).toString('base64url');
  }

  open(name: string, sealed: string): string {
    const bytes = Buffer.from(sealed, 'base64url');
    const decipher = createDecipheriv('aes-256-gcm', this.key, bytes.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(name));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    return (
      decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') +
      decipher.final('utf8')
    );
  }
}
