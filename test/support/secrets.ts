import { stripVTControlCharacters } from 'node:util';

/** What is shorter may be in an output by chance. */
const SHORTEST = 8;
/** Values that are in outputs for other reasons: they are where the tests themselves are. */
const ORDINARY = new Set(['127.0.0.1', 'localhost']);
/** Tokens and sealed cookies are known by their form as well, whoever they were given to. */
const FORMS = { 'a token': /\beyJ[\w-]{8,}\.eyJ[\w-]+/, 'a sealed cookie': /\bFe26\.2\*/ };

const SECRET_SETTINGS = ['PIN_SECRET', 'SESSION_SECRET', 'OIDC_CLIENT_SECRET'];
const URL_SETTINGS = ['REDIS_URL', 'DATABASE_URL'];

/** Notes what is secret and what others may read, and finds the one in the other. */
export class SecretSearch {
  private readonly kinds = new Map<string, string>();
  private readonly outputs: { readonly name: string; readonly read: () => string }[] = [];

  /** `kind` is what to call it when it is found. */
  secret(kind: string, secret: string): void {
    if (secret.length >= SHORTEST && !ORDINARY.has(secret)) this.kinds.set(secret, kind);
  }

  /** What is said by the environment of a service. */
  settings(env: NodeJS.ProcessEnv): void {
    for (const name of SECRET_SETTINGS.flatMap((each) => [each, `${each}_PREVIOUS`])) {
      this.secret(name, env[name] ?? '');
    }
    for (const name of URL_SETTINGS) {
      const [, password] = /\/\/[^/@]*:([^/@]+)@/.exec(env[name] ?? '') ?? [];
      this.secret(`the password in ${name}`, password ?? '');
    }
  }

  /** What a client sends: the PIN in the path, what proves who it is, the values in the body. */
  request(path: string, headers: Record<string, string> = {}, body = ''): void {
    const [, pin] = /\/clusters\/([a-z0-9]{12})(?![a-z0-9])/.exec(path) ?? [];
    this.secret('a PIN', pin ?? '');
    this.secret('a token', /^Bearer (.+)$/.exec(headers['authorization'] ?? '')?.[1] ?? '');
    for (const [, value] of body.matchAll(/"value"\s*:\s*"([^"\\]+)"/g)) {
      this.secret('a value', value!);
    }
    for (const [, value] of body.matchAll(/(?:^|&)value=([^&]+)/g)) this.secret('a value', value!);
  }

  /** What a client is answered: a PIN that was issued. */
  answer(text: string): void {
    const [, pin] = /\bpin"?: ?"?([a-z0-9]{12})\b/.exec(text) ?? [];
    this.secret('a PIN', pin ?? '');
  }

  /** Something that others than the owner of a secret may read. */
  output(name: string, read: () => string): void {
    this.outputs.push({ name, read });
  }

  /** Which kinds of secrets are in which outputs, with the line, in which the secret is left out. */
  found(): string[] {
    const starts = Map.groupBy(this.kinds.keys(), (secret) => secret.slice(0, SHORTEST));
    return this.outputs.flatMap(({ name, read }) => {
      const text = stripVTControlCharacters(read());
      const found = new Map<string, string>();
      for (let at = 0; at <= text.length - SHORTEST; at++) {
        for (const secret of starts.get(text.slice(at, at + SHORTEST)) ?? []) {
          if (text.startsWith(secret, at)) found.set(secret, this.kinds.get(secret)!);
        }
      }
      for (const [kind, form] of Object.entries(FORMS)) {
        const [secret] = form.exec(text) ?? [];
        if (secret !== undefined) found.set(secret, kind);
      }
      return [...found].map(([secret, kind]) => `${kind} in ${name}: ${lineOf(text, secret)}`);
    });
  }
}

function lineOf(text: string, secret: string): string {
  const line = text.split('\n').find((each) => each.includes(secret)) ?? '';
  return line.replaceAll(secret, '…');
}

/** The search of this test file, which comes at its end. */
export const secrets = new SecretSearch();
