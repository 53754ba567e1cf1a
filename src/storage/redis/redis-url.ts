import { StartError } from '../../errors/start-error.js';

/** Where a server listens. */
export interface Node {
  readonly host: string;
  readonly port: number;
}

/** The files for TLS, named as in `DATABASE_URL`. */
const TLS_FILES = ['sslrootcert', 'sslcert', 'sslkey'] as const;
export type TlsFiles = Readonly<Partial<Record<(typeof TLS_FILES)[number], string>>>;

/** The parts of `REDIS_URL`. */
export interface RedisAddress {
  readonly tls: boolean;
  readonly tlsFiles: TlsFiles | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
  /** Redis itself; or, with a `masterName`, the sentinels that know where it is. */
  readonly nodes: readonly [Node, ...Node[]];
  readonly masterName: string | undefined;
}

const RULE =
  'REDIS_URL must be redis[s]://[user:password@]host[:port][/database] ' +
  'or redis[s]+sentinel://[user:password@]host[:port][,host[:port]…]/master-name[/database].';

const TLS_RULE =
  'REDIS_URL may end with ?sslrootcert=<file>&sslcert=<file>&sslkey=<file> if it begins with rediss; ' +
  'sslcert and sslkey need each other.';

const shape =
  /^redis(?<tls>s?)(?<sentinel>\+sentinel)?:\/\/((?<user>[^:@/]*)(:(?<password>[^:@/]*))?@)?(?<nodes>[^@/?#]+)(\/(?<path>[^?#]*))?(\?(?<query>[^#]*))?$/;

/**
 * Parses `REDIS_URL`. Node's `URL` allows only one host, and Sentinel has several.
 * @throws StartError with the rule, never the value.
 */
export function parseRedisUrl(url: string): RedisAddress {
  const parts = shape.exec(url)?.groups;
  if (!parts) throw new StartError(RULE);

  const path = parts['path']?.split('/').map(decode) ?? [];
  const masterName = parts['sentinel'] && (path.shift() ?? '');
  const [database = '', ...rest] = path;
  const [first, ...others] = parts['nodes']!.split(',').map((node) => parseNode(node, parts));
  const lacksMaster = masterName === '';
  const hasTooManyNodes = masterName === undefined && others.length > 0;
  if (!first || lacksMaster || hasTooManyNodes || rest.length > 0 || !/^\d{0,5}$/.test(database)) {
    throw new StartError(RULE);
  }
  return {
    tls: parts['tls'] === 's',
    tlsFiles: parseTlsFiles(parts),
    username: decode(parts['user']) || undefined,
    password: decode(parts['password']) || undefined,
    database: Number(database),
    nodes: [first, ...others],
    masterName,
  };
}

function parseNode(text: string, { sentinel }: Record<string, string | undefined>): Node {
  const [, v6, name, port] = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/i.exec(text) ?? [];
  const host = v6 ?? name;
  if (!host || Number(port ?? 1) > 65_535) throw new StartError(RULE);
  return { host, port: Number(port ?? (sentinel ? 26_379 : 6379)) };
}

function parseTlsFiles({ query, tls }: Record<string, string | undefined>): TlsFiles | undefined {
  if (query === undefined) return undefined;
  const entries = [...new URLSearchParams(query)];
  const files: TlsFiles = Object.fromEntries(entries);
  const areKnown = entries.every(
    ([name, file]) => (TLS_FILES as readonly string[]).includes(name) && file !== '',
  );
  const isPair = (files.sslcert === undefined) === (files.sslkey === undefined);
  if (tls !== 's' || !areKnown || !isPair) throw new StartError(TLS_RULE);
  return files;
}

function decode(text = ''): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new StartError(RULE);
  }
}
