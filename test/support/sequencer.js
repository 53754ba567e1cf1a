import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Sequencer from '@jest/test-sequencer';

/** The files that take longest. A run in several workers ends soonest if these begin first. */
const LONGEST = [
  'security/bad-input',
  'chaos/replicas',
  'security/guessing',
  'web/page',
  'agents/catalogue',
  'chaos/postgres-outage',
  'contract/redis-start',
  'image/image',
  'cli/login',
  'agents/hostile-service',
  'security/resets',
  'chaos/expiry-crash',
  'secrecy/at-rest',
  'api/events',
  'auth/sign-in',
  'cli/commands',
  'web/status',
  'config/start',
  'agents/cloud-init',
  'recipes/contexts',
  'contract/postgres-tls',
].map((name) => join('test', `${name}.test.ts`));

const missing = LONGEST.filter((path) => !existsSync(path));
if (missing.length > 0) throw new Error(`There is no ${missing.join(', no ')}.`);

/** The longest files first, then the others as jest orders them: by their last duration, or else by their size. */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    const place = ({ path }) => {
      const found = LONGEST.findIndex((each) => path.endsWith(each));
      return found < 0 ? LONGEST.length : found;
    };
    // oxlint-disable-next-line unicorn/no-array-sort -- of the sequencer, not of an array
    return super.sort(tests).toSorted((one, other) => place(one) - place(other));
  }
}
