/** @type {import('jest').Config} */
export default {
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // More than the two cores of a small machine, because many files wait most of the time.
  maxWorkers: 5,
  testSequencer: '<rootDir>/test/support/sequencer.js',
  testEnvironment: '<rootDir>/test/support/environment.js',
  setupFilesAfterEnv: ['<rootDir>/test/support/search-outputs.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  // Sources import each other as `.js`, which is what they become.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          target: 'es2024',
        },
        module: { type: 'es6' },
      },
    ],
  },
  testTimeout: 30_000,
};
