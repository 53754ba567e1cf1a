// Prints an access token of the development identity provider: node dev/token.ts [user] [role…]
import { fetchToken } from './fetch-token.ts';

const port = Number(process.env.PORT ?? 3000);
const issuer = `http://localhost:${port + 1}/auth/realms/cern`;
const [user = 'mcurie', ...roles] = process.argv.slice(2);

try {
  const token = await fetchToken({
    issuer,
    clientId: 'cluster-pairing',
    redirectUri: `http://localhost:${port}/api/docs/oauth2-redirect.html`,
    user,
    roles,
  });
  console.log(token);
} catch (error) {
  // fetch throws a TypeError when nobody answers; everything else explains itself.
  const unreachable = `The development identity provider does not answer at ${issuer}`;
  console.error(
    error instanceof TypeError ? `${unreachable}: start it with script/server.` : String(error),
  );
  process.exitCode = 1;
}
