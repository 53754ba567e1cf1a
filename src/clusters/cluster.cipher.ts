import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomFillSync,
} from 'node:crypto';

/** What is derived from a PIN: the id under which its cluster is stored, and the cipher of its values. */
export interface ClusterCipher {
  readonly id: string;
  /** Encrypts a value for the key of this name, with AES-256-GCM. */
  seal(name: string, value: string): string;
  /** Decrypts what `seal` gave. Fails when it was sealed by another cipher or under another name. */
  open(name: string, sealed: string): string;
  /** Stands for a name where even the name must not be stored: always the same for the same name, with HMAC-SHA-256. */
  handleOf(name: string): string;
}

/**
 * Derives the cipher of a PIN, with a secret of the server (ADR 3). Neither the PIN nor a value can be read
 * from what is stored. HKDF-SHA-256 (RFC 5869), AES-256-GCM.
 */
export function deriveCipher(pin: string, secret: string): ClusterCipher {
  const derive = (label: string, bytes: number) =>
    Buffer.from(hkdfSync('sha256', pin, secret, label, bytes));
  return new AesGcmCipher(
    derive('cluster id', 16).toString('base64url'),
    createSecretKey(derive('sealing key', 32)), // with the bytes themselves, each use would cost Node 7 µs more
  );
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HANDLE_BYTES = 16;

const NONCES_AT_ONCE = 256;

/** Random nonces. They are read from the system's source for many at once, because a read costs 2 to 7 µs, however short it is. */
class Nonces {
  private readonly bytes = Buffer.alloc(NONCES_AT_ONCE * NONCE_BYTES);
  private used = this.bytes.length;

  /** Valid until the next call. */
  next(): Buffer {
    if (this.used === this.bytes.length) {
      randomFillSync(this.bytes);
      this.used = 0;
    }
    return this.bytes.subarray(this.used, (this.used += NONCE_BYTES));
  }
}

const nonces = new Nonces();

class AesGcmCipher implements ClusterCipher {
  constructor(
    readonly id: string,
    private readonly key: KeyObject,
  ) {}

  seal(name: string, value: string): string {
    const nonce = nonces.next();
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

  /** The key is derived only here, because a poll needs none. */
  handleOf(name: string): string {
    const key = createSecretKey(Buffer.from(hkdfSync('sha256', this.key, '', 'handle key', 32)));
    const mac = createHmac('sha256', key).update(name).digest();
    return mac.subarray(0, HANDLE_BYTES).toString('base64url');
  }
}
