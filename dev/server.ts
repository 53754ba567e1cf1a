// Starts the service and a development identity provider: node dev/server.ts
import { startDevelopmentService } from './service.ts';

try {
  process.exitCode = await serve(Number(process.env.PORT ?? 3000));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

/** Runs both until the service ends, and returns its exit code. */
async function serve(port: number): Promise<number> {
  const service = await startDevelopmentService(port, process.env);
  // Ctrl-C reaches the service too, so this process only waits for it.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => service.process.kill('SIGTERM'));

  if (await service.ready) console.log(greeting(service.url, port));
  const code = await service.ended;
  await service.stop();
  return code ?? 1;
}

function greeting(url: string, port: number): string {
  const token = port === 3000 ? 'script/token' : `PORT=${port} script/token`;
  return `
  The pairing page      ${url}/
  The API, to try out   ${url}/api/docs
  A PIN, from the shell curl -X POST -H "Authorization: Bearer $(${token})" ${url}/api/v1/clusters

  Sign-in is by a stand-in for CERN SSO that believes everyone. Ctrl-C stops both.
`;
}
