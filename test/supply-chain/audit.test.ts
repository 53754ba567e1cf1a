import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { CleanUp } from '../support/clean-up.js';
import { Program } from '../support/process.js';

const WEAKNESS = {
  id: 1,
  url: 'https://example.org/advisory',
  title: 'Too trusting',
  severity: 'high',
  vulnerable_versions: '*',
};

describe('script/audit', () => {
  const cleanUp = new CleanUp();
  afterEach(() => cleanUp.run());

  /** Runs it with a registry that answers so when it is asked for weaknesses. */
  async function audit(status: number, answer: object): Promise<{ code: number; said: string }> {
    const registry = createServer((request, response) => {
      request.resume();
      response.writeHead(request.url!.endsWith('/advisories/bulk') ? status : 404);
      response.end(JSON.stringify(answer));
    });
    cleanUp.add(registry);
    await once(registry.listen(0, '127.0.0.1'), 'listening');
    const { port } = registry.address() as AddressInfo;
    const program = new Program('script/audit', [], {
      ...process.env,
      npm_config_registry: `http://127.0.0.1:${port}/`,
      npm_config_fetch_retries: '0',
    });
    return { code: (await program.ended)!, said: program.output };
  }

  it('succeeds when no weakness is known', async () => {
    expect(await audit(200, {})).toMatchObject({
      code: 0,
      said: expect.stringContaining('found 0 vulnerabilities'),
    });
  });

  it('fails, and names the package, when one has a high one', async () => {
    const { code, said } = await audit(200, { fastify: [WEAKNESS] });
    expect(code).toBe(1);
    expect(said).toMatch(/fastify[^]*Severity: high[^]*Too trusting/);
  });

  it('fails, and says why, when the registry cannot be asked', async () => {
    const { code, said } = await audit(405, {});
    expect(code).toBe(1);
    expect(said).toContain('nothing is known: this registry cannot be asked');
  });
});
