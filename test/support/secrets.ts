import { stripVTControlCharacters } from 'node:util';

/** Shorter strings may be in an output by chance. */
const SHORTEST = 8;
/** Values that are in outputs for other reasons: the addresses of the tests themselves. */
const ORDINARY = new Set(['127.0.0.1', 'localhost']);
/** Tokens and encrypted cookies are also found by their form. */
const FORMS = { 'a token': /\beyJ[\w-]{8,}\.eyJ[\w-]+/, 'a sealed cookie': /\bFe26\.2\*/ };

const SECRET_SETTINGS = ['PIN_SECRET', 'SESSION_SECRET', 'OIDC_CLIENT_SECRET'];
const URL_SETTINGS = ['REDIS_URL', 'DATABASE_URL'];

/** Records secrets and outputs, and finds secrets in outputs. */
export class SecretSearch {
  private readonly kinds = new Map<string, string>();
  private readonly outputs: { readonly name: string; readonly read: () => string }[] = [];

  /** `kind` is its name in an error. */
  secret(kind: string, secret: string): void {
    if (secret.length >= SHORTEST && !ORDINARY.has(secret)) this.kinds.set(secret, kind);
  }

  /** Records the secrets in the environment of a service. */
  settings(env: NodeJS.ProcessEnv): void {
    for (const name of SECRET_SETTINGS.flatMap((each) => [each, `${each}_PREVIOUS`])) {
      this.secret(name, env[name] ?? '');
    }
    for (const name of URL_SETTINGS) {
      const [, password] = /\/\/[^/@]*:([^/@]+)@/.exec(env[name] ?? '') ?? [];
      this.secret(`the password in ${name}`, password ?? '');
    }
  }

  /** Records the secrets in a request: the PIN in the path, the token, the values in the body. */
  request(path: string, headers: Record<string, string> = {}, body = ''): void {
    const [, pin] = /\/clusters\/([a-z0-9]{12})(?![a-z0-9])/.exec(path) ?? [];
    this.secret('a PIN', pin ?? '');
    this.secret('a token', /^Bearer (.+)$/.exec(headers['authorization'] ?? '')?.[1] ?? '');
    for (const [, value] of body.matchAll(/"value"\s*:\s*"([^"\\]+)"/g)) {
      this.secret('a value', value!);
    }
    for (const [, value] of body.matchAll(/(?:^|&)value=([^&]+)/g)) this.secret('a value', value!);
  }

  /** Records the secret in a response: an issued PIN. */
  answer(text: string): void {
    const [, pin] = /\bpin"?: ?"?([a-z0-9]{12})\b/.exec(text) ?? [];
    this.secret('a PIN', pin ?? '');
  }

  /** Records an output that must not contain a secret. */
  output(name: string, read: () => string): void {
    this.outputs.push({ name, read });
  }

  /** The kinds of secrets found, with the output and the line, in which the secret is replaced by `…`. */
  found(): string[] {
    const find = finderOf(this.kinds.keys());
    return this.outputs.flatMap(({ name, read }) => {
      const text = stripVTControlCharacters(read());
      const found = new Map(find(text).map((secret) => [secret, this.kinds.get(secret)!]));
      for (const [kind, form] of Object.entries(FORMS)) {
        const [secret] = form.exec(text) ?? [];
        if (secret !== undefined) found.set(secret, kind);
      }
      return [...found].map(([secret, kind]) => `${kind} in ${name}: ${lineOf(text, secret)}`);
    });
  }
}

/**
 * Finds which of these secrets, of at least `SHORTEST` characters, are in a text. It reads the text once, however
 * many they are: thousands of secrets in megabytes of logs would otherwise take minutes.
 */
export function finderOf(secrets: Iterable<string>): (text: string) => string[] {
  const starts = Map.groupBy(secrets, (secret) => secret.slice(0, SHORTEST));
  return (text) => {
    const found = new Set<string>();
    for (let at = 0; at <= text.length - SHORTEST; at++) {
      for (const secret of starts.get(text.slice(at, at + SHORTEST)) ?? []) {
        if (text.startsWith(secret, at)) found.add(secret);
      }
    }
    return [...found];
  };
}

function lineOf(text: string, secret: string): string {
  const line = text.split('\n').find((each) => each.includes(secret)) ?? '';
  return line.replaceAll(secret, '…');
}

/** The search of this test file, which runs at its end. */
export const secrets = new SecretSearch();
