import { afterAll } from '@jest/globals';
import { secrets } from './secrets.js';

// At the end of every test file: no output contains a secret of its tests.
afterAll(() => {
  const found = secrets.found();
  if (found.length > 0) throw new Error(`Secrets were given away:\n${found.join('\n')}`);
});
