// Who may import whom. Each rule says why, so that a failing check explains itself.

/** A rule against imports from one folder of src/ into others. */
const never = (name, from, to, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: `^src/${from}` },
  to: { path: `^src/${to}` },
});

const features =
  '(clusters|guess-protection|waiting|keys|members|events|issuances|maintenance|health|command-line|web)/';

/** The folders of src/, from the bottom up: none imports one of a floor above it. */
const floors = [
  ['clock', 'errors', 'rules', 'tracing'],
  ['config'],
  ['http', 'logging', 'metrics'],
  ['limits', 'openapi'],
  ['auth', 'clusters'],
  ['guess-protection', 'waiting'],
  ['issuances', 'keys', 'members'],
  ['command-line', 'events', 'maintenance', 'web'],
  ['health', 'storage'],
];
const upwardImports = floors.slice(0, -1).map((floor, n) =>
  never(
    `no-import-upwards-from-${floor.join('-')}`,
    `(${floor.join('|')})/`,
    `(${floors
      .slice(n + 1)
      .flat()
      .join('|')})/`,
    'A folder knows only folders that are below it (`floors`).',
  ),
);

/** Files that say what the service needs of an adapter. */
const ports =
  '(clusters/cluster\\.(store|signals|ledger)|issuances/issuance\\.store|maintenance/leases|limits/shared-limits)\\.ts$';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'Modules that need each other are one module.',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    ...upwardImports,
    never('features-do-not-know-adapters', features, 'storage/', 'Features speak to their ports.'),
    never(
      'keys-do-not-know-the-record',
      'keys/',
      'issuances/',
      'Virtual machines do without it; it is told by the port `ClusterLedger`.',
    ),
    never(
      'waiting-knows-no-user',
      'waiting/',
      '(keys|members|events|issuances)/',
      'It serves all that wait.',
    ),
    never('auth-knows-no-feature', 'auth/', features, 'It says who is there, not what for.'),
    never(
      'adapters-do-not-know-http',
      'storage/',
      '(http/|openapi/|auth/(?!session.store))',
      'They serve ports.',
    ),
    never(
      'http-knows-no-feature',
      '(http|openapi)/',
      `(auth/|limits/|${features})`,
      'It serves all of them.',
    ),
    {
      name: 'ports-name-no-library',
      severity: 'error',
      comment: 'A port is what the service needs, in its own words.',
      from: { path: `^src/${ports}` },
      to: { path: 'node_modules/' },
    },
    {
      name: 'only-the-root-knows-all',
      severity: 'error',
      comment: 'app.module picks the adapters; app.setup and main put it to work.',
      from: { path: '^src/.+/' },
      to: { path: '^src/(main|app)\\.' },
    },
    {
      name: 'adapters-keep-their-drivers',
      severity: 'error',
      comment: 'Only storage knows the libraries that it is made of.',
      from: { path: '^src/', pathNot: '^src/storage/' },
      to: { path: 'node_modules/(@nestjs/typeorm|typeorm|libsql|pg|redis|@redis)/' },
    },
    {
      name: 'metrics-keep-prometheus',
      severity: 'error',
      comment: 'Others know `Metrics`, not what is made of it.',
      from: { path: '^src/', pathNot: '^src/metrics/' },
      to: { path: 'node_modules/prom-client/' },
    },
    {
      name: 'tracing-keeps-opentelemetry',
      severity: 'error',
      comment: 'It is loaded only where traces are wanted.',
      from: { path: '^src/', pathNot: '^src/tracing/' },
      to: { path: 'node_modules/@opentelemetry/' },
    },
    {
      name: 'src-stands-alone',
      severity: 'error',
      comment: 'The image has src/ only. What browsers get is bundled.',
      from: { path: '^src/', pathNot: '^src/web/browser/' },
      to: { path: '^(bundle|cli|client|context|dev|bench|test)/' },
    },
    {
      name: 'dev-is-the-library-of-bench-and-test',
      severity: 'error',
      comment: 'What benchmarks and tests share is in dev/, so that imports run one way.',
      from: { path: '^dev/' },
      to: { path: '^(bench|test)/' },
    },
    {
      name: 'client-and-command-line-are-programs-of-their-own',
      severity: 'error',
      comment: 'They know the service by openapi.yaml, from which client/schema.ts is generated.',
      from: { path: '^(cli|client|src/web/browser)/' },
      to: { path: '^(src|dev|bench|test)/', pathNot: '^src/web/(browser/|opened-with\\.ts$)' },
    },
    {
      name: 'context-is-text-in-and-text-out',
      severity: 'error',
      comment:
        'The page and the command line share it: no DOM (its tsconfig.json), and nothing of Node.',
      from: { path: '^context/' },
      to: { pathNot: '^(context|node_modules/yaml)/' },
    },
    {
      name: 'client-stands-alone',
      severity: 'error',
      comment: 'The page bundles it.',
      from: { path: '^client/' },
      to: { path: '^cli/' },
    },
    {
      name: 'bench-and-test-do-not-know-each-other',
      severity: 'error',
      comment: 'What both need belongs in dev/.',
      from: { path: '^(bench|test)/' },
      to: { path: '^(bench|test)/', pathNot: '^$1/' },
    },
    {
      name: 'not-to-dev-dependencies',
      severity: 'error',
      comment: 'The image has production dependencies only. What browsers get is bundled.',
      from: { path: '^src/', pathNot: '^src/web/browser/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
  },
};
