/** Imports go one way: contracts ← domain ← table ← http ← functions; infra and client import contracts; console imports client. */
const only = (name: string, from: string, to: string[], comment: string) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { path: '^(shared|functions|infra|client|console|test|docs)/', pathNot: [from, ...to] },
});

/** The rooms of `shared/table`, by floor: a room may import from the floors below alone. */
export const floors = [
  ['stream', 'reports', 'schedule'],
  ['removals'],
  ['activations'],
  ['offline'],
  ['licensed-users'],
  ['history', 'outbox', 'queue', 'machines'],
  ['session-ends', 'accounts', 'engine'],
  ['items'],
  ['store'],
];
const roomsOf = (rooms: readonly string[]) => `^shared/table/(${rooms.join('|')})/`;

const roomRules = floors.flatMap((rooms, floor) =>
  rooms.map((room) => ({
    name: `room-${room}`,
    comment: `${room} may import from the floors below it alone.`,
    severity: 'error',
    from: { path: roomsOf([room]) },
    to: { path: '^shared/table/', pathNot: roomsOf([room, ...floors.slice(floor + 1).flat()]) },
  })),
);

export const importRules = {
  forbidden: [
    ...roomRules,
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    only('contracts', '^shared/contracts/', [], 'Contracts know nothing but contracts.'),
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
    only('functions', '^functions/', ['^shared/', '^docs/openapi\\.json$'], 'Functions know shared code alone.'),
    {
      name: 'functions-apart',
      comment: 'Each function stands alone: what two need is in shared/.',
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
      'The CDK app knows contracts, keys, what the console is told, and where sign-ins of the command return to.',
    ),
    only('client', '^client/', ['^shared/contracts/'], 'The client knows the service by its contracts alone.'),
    only('console', '^console/', ['^client/[^/]+\\.ts$'], 'The page knows the service by its client alone.'),
    {
      name: 'client-stands-alone',
      comment: 'The core of the client runs in a browser, and brings nothing along.',
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
      comment: 'aws-lambda is types alone.',
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
