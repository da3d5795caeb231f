/**
 * Imports go one way: contracts ← domain ← table ← http ← functions; infra and client import contracts; console imports
 * client.
 */
const only = (name: string, from: string, to: string[], comment: string) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { path: '^(shared|functions|infra|client|console|test|docs)/', pathNot: [from, ...to] },
});

/** The rooms of `shared/table`, by floor. A room may only import from the floors below. */
export const floors = [
  ['stream', 'reports', 'schedule'],
  ['removals'],
  ['activations'],
  ['offline'],
  ['licensed-users'],
  ['history', 'outbox', 'queue', 'machines', 'portfolio'],
  ['session-ends', 'accounts', 'engine'],
  ['items'],
  ['store'],
];
const roomsOf = (rooms: readonly string[]) => `^shared/table/(${rooms.join('|')})/`;

const roomRules = floors.flatMap((rooms, floor) =>
  rooms.map((room) => ({
    name: `room-${room}`,
    comment: `${room} may only import from the floors below it.`,
    severity: 'error',
    from: { path: roomsOf([room]) },
    to: { path: '^shared/table/', pathNot: roomsOf([room, ...floors.slice(floor + 1).flat()]) },
  })),
);

export const importRules = {
  forbidden: [
    ...roomRules,
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    only('contracts', '^shared/contracts/', [], 'Contracts only know contracts.'),
    only('domain', '^shared/domain/', ['^shared/contracts/'], 'Rules know no table and no HTTP.'),
    only(
      'table',
      '^shared/table/',
      ['^shared/(contracts|domain)/', '^shared/(config|ids)\\.ts$'],
      'The table knows no HTTP.',
    ),
    only(
      'signing',
      '^shared/signing/',
      ['^shared/(contracts|domain)/', '^shared/config\\.ts$'],
      'Signing knows no table and no HTTP.',
    ),
    only('http', '^shared/http/', ['^shared/'], 'The HTTP stack knows no function.'),
    only(
      'functions',
      '^functions/(?!canary\\.ts$)',
      ['^shared/', '^docs/openapi\\.json$'],
      'Functions only know shared code.',
    ),
    only(
      'canary',
      '^functions/canary\\.ts$',
      ['^shared/(config|logger)\\.ts$', '^client/[^/]+\\.ts$'],
      'The canary knows the service as its client does.',
    ),
    {
      name: 'functions-apart',
      comment: 'Functions do not import each other: code that two need is in shared/.',
      severity: 'error',
      from: { path: '^functions/' },
      to: { path: '^functions/' },
    },
    only(
      'infra',
      '^infra/(?!local/|operations/)',
      [
        '^shared/contracts/',
        '^shared/table/store/keys\\.ts$',
        '^console/config\\.ts$',
        '^client/command/sign-in/redirect-uris\\.ts$',
      ],
      'The CDK app knows contracts, keys, the settings of the console, and the redirect URIs of the command.',
    ),
    only('client', '^client/', ['^shared/contracts/'], 'The client only knows the contracts of the service.'),
    only('console', '^console/', ['^client/[^/]+\\.ts$'], 'The page only knows the client of the service.'),
    {
      name: 'client-stands-alone',
      comment: 'The core of the client runs in a browser, without dependencies.',
      severity: 'error',
      from: { path: '^client/[^/]+\\.ts$' },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-no-pkg'] },
    },
    {
      name: 'domain-knows-no-aws',
      severity: 'error',
      from: { path: '^shared/(contracts|domain)/' },
      to: { path: 'node_modules/@(aws|middy)' },
    },
    {
      name: 'resolvable',
      comment: 'aws-lambda only has types.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^aws-lambda$|^@cloudscape-design/|\\.css$' },
    },
  ],
  options: {
    parser: 'swc',
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'],
    },
  },
};
