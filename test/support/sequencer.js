import { readFileSync } from 'node:fs';
import Sequencer from '@jest/test-sequencer';

/** The files that take longest. A run in several workers ends soonest if these begin first. */
const LONGEST = JSON.parse(readFileSync('test/support/longest-files.json', 'utf8'));

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
