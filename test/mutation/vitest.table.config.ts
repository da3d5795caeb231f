import { defineConfig } from 'vitest/config';

/** The fast tests of the engine and the rooms around it: first those that notice most in the shortest time. */
const files = [
  'test/table/items/late-writes.test.ts',
  'test/table/engine/holders.test.ts',
  'test/table/engine/refusal-proof.test.ts',
  'test/table/engine/unrecorded-claims.test.ts',
  'test/table/removals/deactivate.test.ts',
  'test/table/removals/force-end.test.ts',
  'test/table/machines/machine-block.test.ts',
  'test/table/machines/machines-per-user.test.ts',
  'test/table/activations/key-maximum.test.ts',
  'test/table/engine/blocks.test.ts',
  'test/table/machines/machine-lapses.test.ts',
  'test/table/engine/raise-claimable.test.ts',
  'test/table/engine/census.test.ts',
  'test/table/offline/offline.test.ts',
  'test/table/engine/model.test.ts',
  'test/table/queue/queue.test.ts',
  'test/table/activations/transfer-session.test.ts',
  'test/table/licensed-users/licensed-users.test.ts',
  'test/table/accounts/members.test.ts',
  'test/table/machines/machines.test.ts',
  'test/table/engine/interleavings.test.ts',
  'test/table/queue/queue-interleavings.test.ts',
  'test/table/offline/offline-transfer.test.ts',
  'test/table/machines/machine-interleavings.test.ts',
  'test/table/engine/cost.test.ts',
];
const rank = ({ moduleId }: { moduleId: string }) => files.findIndex((file) => moduleId.endsWith(file));

export default defineConfig({
  test: {
    include: files,
    setupFiles: ['test/mutation/fixed-seed.ts', 'test/mutation/short-pauses.ts', 'test/mutation/table-setup.ts'],
    sequence: {
      sequencer: class {
        shard = async <T>(specs: T): Promise<T> => specs;
        sort = async <T extends { moduleId: string }>(specs: T[]): Promise<T[]> =>
          specs.toSorted((a, b) => rank(a) - rank(b));
      },
    },
    provide: { dynamodb: 'http://127.0.0.1:1' },
    env: {
      POWERTOOLS_LOG_LEVEL: 'SILENT',
      POWERTOOLS_METRICS_DISABLED: 'true',
      AWS_REGION: 'eu-central-1',
      TEST_DEPTH: 'short',
      TEST_TABLE: 'direct',
    },
    isolate: false,
    testTimeout: 30_000,
  },
});
