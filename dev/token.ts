// Prints an access token of the development identity provider: node dev/token.ts [user] [role…]
import { fetchToken } from './fetch-token.ts';
import { clientOf } from './service.ts';

const client = clientOf(Number(process.env.PORT ?? 3000));
const [user = 'mcurie', ...roles] = process.argv.slice(2);

try {
  console.log(await fetchToken({ ...client, user, roles }));
} catch (error) {
  // fetch throws a TypeError when there is no connection; other errors explain themselves.
  const unreachable = `The development identity provider does not answer at ${client.issuer}`;
  console.error(
    error instanceof TypeError ? `${unreachable}: start it with script/server.` : String(error),
  );
  process.exitCode = 1;
}
