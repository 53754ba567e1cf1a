import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { startService } from '../support/service.js';

describe('Secrecy', () => {
  it('neither PIN, nor value, nor token is in the files or in the log', async () => {
    const service = await startService();
    const api = service.api;
    const token = await service.token();
    const secrets = [token];

    for (let n = 0; n < 50; n++) {
      const pin = await service.issuePin();
      const value = randomBytes(9).toString('hex');
      secrets.push(pin, value);
      const keys = `/clusters/${pin}/keys`;
      await service.addKey(pin, 'master_ip', value);
      await service.addKey(pin, 'master_ip', `${value}x`);
      await service.addKey(pin, 'bad', `${value}\n`);
      await api(keys, { method: 'POST', body: value, headers: { 'content-type': 'text/x' } });
      await api(`${keys}/master_ip`, { method: 'PATCH', json: { key: 'renamed' } });
      await api(`${keys}/renamed`);
      await api(`/clusters/${pin}/${value}`);
      await api(`/clusters/${pin}`, { headers: { authorization: `Bearer ${token}x` } });
      await api('/clusters', { method: 'POST', headers: { authorization: `Bearer ${value}` } });
    }
    await service.program.stop('SIGKILL'); // so that nothing is tidied up
    const files = await readdir(service.dataDir);
    expect(files).toContain('pairing.sqlite');
    const stored = await Promise.all(files.map((file) => readFile(join(service.dataDir, file))));
    await service.stop();

    expect(service.output).toContain('request');
    const places = [...stored, Buffer.from(service.output)];
    expect(secrets.filter((secret) => places.some((place) => place.includes(secret)))).toEqual([]);
  });
});
