// Who may import whom. Each rule says why, so that a failing check explains itself.

/** A rule against imports from one folder of src/ into others. */
const never = (name, from, to, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: `^src/${from}` },
  to: { path: `^src/${to}` },
});

const features = '(clusters|keys|events|waiting|issuances|expiry|health|command-line|web)/';
const shared = '(clock|errors|config|metrics|limits)/';

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
    never('features-do-not-know-adapters', features, 'storage/', 'Features speak to their ports.'),
    never('clusters-do-not-know-keys', 'clusters/', 'keys/', 'Keys belong to clusters, not back.'),
    never(
      'clusters-do-not-know-their-record',
      '(clusters|keys)/',
      '(issuances|expiry)/',
      'Virtual machines do without it; clusters tell it by their port.',
    ),
    never('nobody-knows-events', '(clusters|keys)/', 'events/', 'They tell of the others.'),
    never(
      'waiting-knows-no-user',
      'waiting/',
      '(keys|events|issuances)/',
      'It serves all that wait.',
    ),
    never('auth-knows-no-feature', 'auth/', features, 'It says who is there, not what for.'),
    never('adapters-do-not-know-http', 'storage/', '(http|openapi|auth)/', 'They serve ports.'),
    never(
      'shared-knows-nobody',
      shared,
      '(clusters|keys|events|waiting|issuances|expiry|health|command-line|storage|auth|http|openapi|logging)/',
      'What everyone imports imports no one.',
    ),
    {
      name: 'only-the-root-knows-all',
      severity: 'error',
      comment: 'app.module picks the adapters; app.setup and main put it to work.',
      from: { path: '^src/.+/' },
      to: { path: '^src/(main|app\\.)' },
    },
    {
      name: 'adapters-keep-their-drivers',
      severity: 'error',
      comment: 'Nobody but storage knows what it is made of.',
      from: { path: '^src/', pathNot: '^src/storage/' },
      to: { path: 'node_modules/(typeorm|libsql|pg)/' },
    },
    {
      name: 'metrics-keep-prometheus',
      severity: 'error',
      comment: 'Whoever has something to tell knows `Metrics`, not what is made of it.',
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
      to: { path: '^(cli|client|dev|bench|test)/' },
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
      to: { path: '^(src|dev|bench|test)/', pathNot: '^src/web/browser/' },
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
      comment: 'The image has production dependencies only.',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
  },
};
