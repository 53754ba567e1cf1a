import { expect, it } from '@jest/globals';
import { startService } from '../support/service.js';

/** What a service would print that gave everything away. */
const GIVEN_AWAY = [
  'abcdefghijkl',
  'a value to be searched for',
  'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0',
];

it('uses what the service prints', async () => {
  const lines = GIVEN_AWAY.map((secret) => `console.error("here: ${secret}")`).join(';');
  const service = await startService({
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(lines)}`,
  });
  const [pin, value] = GIVEN_AWAY;
  const answer = await service.addKey(pin!, 'a', value);
  await service.stop();
  expect(answer.status).toBe(404);
});
