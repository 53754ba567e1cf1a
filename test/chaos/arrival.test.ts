import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { CleanUp } from '../support/clean-up.js';
import { until } from '../support/process.js';
import { type Service, startService } from '../support/service.js';

const cleanUp = new CleanUp();
let service: Service;
beforeAll(async () => {
  service = cleanUp.add(await startService());
});
afterAll(() => cleanUp.run());

it('Machines that arrive while the process is busy are connected, and do not try again a second later', async () => {
  expect(Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8'))).toBeGreaterThan(2_000);
  const port = Number(new URL(service.url).port);
  let connected = 0;
  service.program.signal('SIGSTOP');
  // More than Node lets the kernel accept by default, which is 511.
  const machines = Array.from({ length: 2_000 }, () =>
    connect(port, '127.0.0.1').once('connect', () => connected++),
  );
  try {
    await until('all to be connected', () => connected === machines.length);
  } finally {
    service.program.signal('SIGCONT');
    for (const machine of machines) machine.destroy();
  }
});
