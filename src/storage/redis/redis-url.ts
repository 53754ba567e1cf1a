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
  /**
   * Redis itself; with a `masterName` the sentinels that know where it is; with `isSharded` some nodes of the Redis Cluster.
   */
  readonly nodes: readonly [Node, ...Node[]];
  readonly masterName: string | undefined;
  readonly isSharded: boolean;
}

const RULE =
  'REDIS_URL must be redis[s]://[user:password@]host[:port][/database], ' +
  'redis[s]+sentinel://[user:password@]host[:port][,host[:port]…]/master-name[/database] ' +
  'or redis[s]+cluster://[user:password@]host[:port][,host[:port]…].';

const SEVERAL_HOSTS_RULE =
  'REDIS_URL names several hosts, so it must begin with redis+sentinel or redis+cluster (rediss for TLS).';

const CLUSTER_PATH_RULE =
  'REDIS_URL with redis+cluster ends with its hosts: a Redis Cluster has no database but 0, and no master name.';

const TLS_RULE =
  'REDIS_URL may end with ?sslrootcert=<file>&sslcert=<file>&sslkey=<file> if it begins with rediss; ' +
  'sslcert and sslkey need each other.';

const shape =
  /^redis(?<tls>s?)(\+(?<form>sentinel|cluster))?:\/\/((?<user>[^:@/]*)(:(?<password>[^:@/]*))?@)?(?<nodes>[^@/?#]+)(\/(?<path>[^?#]*))?(\?(?<query>[^#]*))?$/;

/**
 * Parses `REDIS_URL`. Node's `URL` allows only one host, and Sentinel has several.
 * @throws StartError with the rule, never the value.
 */
export function parseRedisUrl(url: string): RedisAddress {
  const parts = shape.exec(url)?.groups;
  if (!parts) throw new StartError(RULE);

  const [first, ...others] = parts['nodes']!.split(',').map((node) => parseNode(node, parts));
  if (!first) throw new StartError(RULE);
  if (others.length > 0 && parts['form'] === undefined) throw new StartError(SEVERAL_HOSTS_RULE);
  return {
    tls: parts['tls'] === 's',
    tlsFiles: parseTlsFiles(parts),
    username: decode(parts['user']) || undefined,
    password: decode(parts['password']) || undefined,
    ...parsePath(parts),
    nodes: [first, ...others],
    isSharded: parts['form'] === 'cluster',
  };
}

function parsePath({ path = '', form }: Record<string, string | undefined>) {
  if (form === 'cluster' && path !== '') throw new StartError(CLUSTER_PATH_RULE);
  const segments = path.split('/').map(decode);
  const masterName = form === 'sentinel' ? segments.shift() : undefined;
  const [database = '', ...rest] = segments;
  if (masterName === '' || rest.length > 0 || !/^\d{0,5}$/.test(database)) {
    throw new StartError(RULE);
  }
  return { masterName, database: Number(database) };
}

function parseNode(text: string, { form }: Record<string, string | undefined>): Node {
  const [, v6, name, port] = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/i.exec(text) ?? [];
  const host = v6 ?? name;
  if (!host || Number(port ?? 1) > 65_535) throw new StartError(RULE);
  return { host, port: Number(port ?? (form === 'sentinel' ? 26_379 : 6379)) };
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
