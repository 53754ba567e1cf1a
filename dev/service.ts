import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { fetchToken } from './fetch-token.ts';
import { startIdentityProvider } from './identity-provider.ts';
import { waitFor } from './wait-for.ts';

const CLIENT_ID = 'cluster-pairing';
const PUBLIC_CLIENT_ID = 'cluster-pairing-cli';
/** The service's default in development. */
const CLIENT_SECRET = 'development';

/** The client of the service on this port; its identity provider is on the next port. */
export function clientOf(port: number) {
  const url = `http://localhost:${port}`;
  return {
    url,
    issuer: `http://localhost:${port + 1}/auth/realms/cern`,
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    redirectUri: `${url}/sign-in/callback`,
  };
}

/** The service and a development identity provider beside it. */
export interface DevelopmentService {
  readonly url: string;
  readonly process: ChildProcess;
  /** Resolves to the exit code of the service when it has ended. */
  readonly ended: Promise<number | null>;
  /** Resolves when it is ready, or to false if it ended before. */
  readonly ready: Promise<boolean>;
  /** A bearer token of this user. */
  token(user: string): Promise<string>;
  /** Ends both. */
  stop(): Promise<void>;
}

/** Starts both from `dist/`. Throws if the provider's port is in use. */
export async function startDevelopmentService(
  port: number,
  env: NodeJS.ProcessEnv,
  {
    stdio = 'inherit',
    accessTokenSeconds,
    nodeArgs = [],
  }: { stdio?: StdioOptions; accessTokenSeconds?: number; nodeArgs?: readonly string[] } = {},
): Promise<DevelopmentService> {
  const { url, ...client } = clientOf(port);
  const provider = await startIdentityProvider({
    port: port + 1,
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    redirectUris: [client.redirectUri],
    ...(accessTokenSeconds !== undefined && { accessTokenSeconds }),
  });
  const service = spawn(process.execPath, [...nodeArgs, 'dist/main.js'], {
    stdio,
    env: {
      ...env,
      PORT: String(port),
      OIDC_ISSUER: provider.issuer,
      OIDC_CLIENT_ID: CLIENT_ID,
      OIDC_PUBLIC_CLIENT_ID: PUBLIC_CLIENT_ID,
    },
  });
  const ended = once(service, 'exit').then(([code]) => code as number | null);
  return {
    url,
    process: service,
    ended,
    ready: waitFor(`${url}/health/ready`, service).then((answer) => answer !== undefined),
    token: (user) => fetchToken({ ...client, user }),
    async stop() {
      service.kill();
      await ended;
      await provider.close();
    },
  };
}
