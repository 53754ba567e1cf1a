import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { freePort } from './ports.js';
import { Program, until } from './process.js';

/** The timeout of a Route of the chart: above the longest wait, 25 s. */
const TIMEOUT = '35s';

/** HAProxy configured as in OpenShift's router, with slots for servers that are added and removed. */
export class Router {
  private constructor(
    readonly url: string,
    private readonly controlPort: number,
    private readonly dir: string,
    private readonly program: Program,
  ) {}

  /** Prepares servers on these ports of this machine; none gets requests yet. */
  static async to(ports: readonly number[]): Promise<Router> {
    const [port, controlPort] = [await freePort(), await freePort()];
    const dir = await mkdtemp(join(tmpdir(), 'pairing-router-'));
    const servers = ports.map((each) => `  server ${each} 127.0.0.1:${each} disabled`);
    await writeFile(
      join(dir, 'haproxy.cfg'),
      `global
  stats socket ipv4@127.0.0.1:${controlPort} level admin
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server ${TIMEOUT}
  timeout http-request 10s
  timeout http-keep-alive 300s
frontend route
  bind 127.0.0.1:${port}
  bind [::1]:${port}
  option forwardfor
  default_backend service
backend service
  balance random
${servers.join('\n')}
`,
    );
    const program = new Program('/usr/sbin/haproxy', ['-db', '-f', join(dir, 'haproxy.cfg')]);
    const router = new Router(`http://127.0.0.1:${port}`, controlPort, dir, program);
    await until('HAProxy to listen', async () => {
      if (!program.running) throw new Error(program.output);
      return (await fetch(router.url).catch(() => undefined)) !== undefined;
    });
    return router;
  }

  /** Sends requests to the server on this port from now on. */
  async add(port: number): Promise<void> {
    await this.set(port, 'ready');
  }

  /** Sends it no more requests; requests in flight continue. */
  async remove(port: number): Promise<void> {
    await this.set(port, 'maint');
  }

  async stop(): Promise<void> {
    await this.program.stop();
    await rm(this.dir, { recursive: true });
  }

  private async set(port: number, state: string): Promise<void> {
    const control = connect(this.controlPort, '127.0.0.1');
    await once(control, 'connect');
    control.end(`set server service/${port} state ${state}\n`);
    const answer = (await text(control)).trim();
    if (answer !== '') throw new Error(answer);
  }
}
