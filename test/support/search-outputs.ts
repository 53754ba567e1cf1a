import { afterAll } from '@jest/globals';
import { secrets } from './secrets.js';

// Of every test file: no secret that its tests had to do with is in an output.
afterAll(() => {
  const found = secrets.found();
  if (found.length > 0) throw new Error(`Secrets were given away:\n${found.join('\n')}`);
});
