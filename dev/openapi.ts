// Asks the service for its own description, and writes openapi.yaml and client/schema.ts: node dev/openapi.ts
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apiTypes } from './api-types.ts';
import { waitFor } from './wait-for.ts';

const PORT = '39217';
const dataDir = await mkdtemp(join(tmpdir(), 'pairing-'));
const service = spawn(process.execPath, ['dist/main.js'], {
  stdio: ['ignore', 'ignore', 'inherit'],
  env: { PORT, DATA_DIR: dataDir, LOG_LEVEL: 'silent' },
});
const ended = once(service, 'exit');
try {
  const answer = await waitFor(`http://localhost:${PORT}/api/docs-yaml`, service);
  if (!answer) throw new Error('The service does not start.');
  await writeFile('openapi.yaml', await answer.text());
  await writeFile('client/schema.ts', await apiTypes());
} finally {
  service.kill();
  await ended;
  await rm(dataDir, { recursive: true });
}
