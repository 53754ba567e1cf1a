import { describe, expect, it } from '@jest/globals';
import { readSettings } from '../../src/config/read-settings.js';
import { codesIn, tableBelow } from '../support/documents.js';

const ORIGIN = { PUBLIC_URL: 'https://pairing.example.org' };
const SECRETS = {
  PIN_SECRET: 'pin-secret-of-a-test-0123456789abcdef',
  SESSION_SECRET: 'session-secret-of-a-test-0123456789',
};
const CLIENT = { OIDC_CLIENT_ID: 'pairing', OIDC_CLIENT_SECRET: 'hush' };
const DEVELOPMENT: NodeJS.ProcessEnv = SECRETS;
const PRODUCTION: NodeJS.ProcessEnv = { NODE_ENV: 'production', ...ORIGIN, ...SECRETS, ...CLIENT };

const rows = tableBelow('docs/settings.md', '# Settings').map(([name = '', standard = '']) => ({
  name: codesIn(name)[0]!,
  standard,
}));

/** The variables that the service reads from its environment. */
function variablesRead(): string[] {
  const names = new Set<string>();
  const get = (_: object, name: string) => {
    names.add(name);
    return DEVELOPMENT[name];
  };
  readSettings(new Proxy({}, { get }));
  return [...names];
}

/** The rows whose default is written like this, with that default. */
function defaults(pattern: RegExp): [string, string][] {
  return rows.flatMap(({ name, standard }) => {
    const [, value] = pattern.exec(standard) ?? [];
    return value === undefined ? [] : [[name, value.replace('<PORT>', '3000')]];
  });
}

/** The settings of this environment, and of the same with one variable set to a value. */
function without(env: NodeJS.ProcessEnv, name: string, value: string) {
  const { [name]: _, ...others } = env;
  return [readSettings(others), readSettings({ ...others, [name]: value })];
}

describe('The table of docs/settings.md', () => {
  it('has every variable that the service reads, and no other', () => {
    const read = variablesRead().filter((name) => !name.startsWith('OTEL_'));
    expect(rows.map(({ name }) => name).toSorted()).toEqual(read.toSorted());
  });

  it.each(defaults(/^`([^`]+)`/))('gives the true default of %s: %s', (name, value) => {
    const [unset, set] = without(DEVELOPMENT, name, value);
    expect(set).toEqual(unset);
  });

  it.each(defaults(/in development `([^`]+)`/))(
    'gives the true default of %s in development: %s',
    (name, value) => {
      const [unset, set] = without(DEVELOPMENT, name, value);
      expect(set).toEqual(unset);
    },
  );

  it.each(defaults(/in production `([^`]+)`/))(
    'gives the true default of %s in production: %s',
    (name, value) => {
      const [unset, set] = without(PRODUCTION, name, value);
      expect(set).toEqual(unset);
    },
  );

  it.each(defaults(/(\*\*needed in production\*\*)/).map(([name]) => name))(
    'is right that production needs %s',
    (name) => {
      const { [name]: _, ...others } = PRODUCTION;
      expect(() => readSettings(others)).toThrow(name);
    },
  );

  it('marks all that production needs', () => {
    const needed = Object.keys({ ...ORIGIN, ...SECRETS, ...CLIENT });
    expect(defaults(/(\*\*needed in production\*\*)/).map(([name]) => name)).toEqual(needed);
  });
});
