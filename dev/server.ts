// The service and a development identity provider beside it: node dev/server.ts
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { startIdentityProvider } from './identity-provider.ts';
import { waitFor } from './wait-for.ts';

const CLIENT_ID = 'cluster-pairing';

try {
  process.exitCode = await serve(Number(process.env.PORT ?? 3000));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

/** Runs both until the service ends, and returns its exit code. */
async function serve(port: number): Promise<number> {
  const url = `http://localhost:${port}`;
  const provider = await startIdentityProvider({
    port: port + 1,
    clientId: CLIENT_ID,
    redirectUris: [`${url}/api/docs/oauth2-redirect.html`],
  });
  const service = spawn(process.execPath, ['dist/main.js'], {
    stdio: 'inherit',
    env: {
      ...process.env,
      PORT: String(port),
      OIDC_ISSUER: provider.issuer,
      OIDC_CLIENT_ID: CLIENT_ID,
    },
  });
  // Ctrl-C reaches the service by itself; what is left is to wait for it.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => service.kill('SIGTERM'));

  const ended = once(service, 'exit') as Promise<[number | null]>;
  if (await waitFor(`${url}/health/ready`, service)) console.log(greeting(url, port));
  const [code] = await ended;
  await provider.close();
  return code ?? 1;
}

function greeting(url: string, port: number): string {
  const token = port === 3000 ? 'script/token' : `PORT=${port} script/token`;
  return `
  The API, to try out   ${url}/api/docs
  A PIN, from the shell curl -X POST -H "Authorization: Bearer $(${token})" ${url}/api/v1/clusters

  Sign-in is by a stand-in for CERN SSO that believes everyone. Ctrl-C stops both.
`;
}
