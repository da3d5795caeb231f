import type { EndedReason } from '../../shared/contracts/schemas/activation.ts';
import { sessionHolder } from '../../shared/domain/seat.ts';
import type { TestPool } from '../table/support/database.ts';
import type { Operation } from '../table/support/model/pool-operations.ts';
import type { Story } from './stories.ts';
import type { Task } from './world.ts';

/** The reason for which an operation ends a claim; undefined if it is not about the claim. */
const reasonOf = (operation: Operation, { users }: TestPool, { holder, machineId, userId }: Story) => {
  switch (operation.kind) {
    case 'force':
      return holder === sessionHolder(operation.session) ? 'license-removed' : undefined;
    case 'remove-machine-license':
      return machineId === operation.machine ? 'license-removed' : undefined;
    case 'remove-machine':
      return machineId === operation.machine ? 'machine-removed' : undefined;
    case 'remove-license':
    case 'remove-member':
      return userId === users[operation.user] ? 'user-removed' : undefined;
    default:
      return undefined;
  }
};

const byDecision: ReadonlySet<EndedReason> = new Set(['license-removed', 'machine-removed', 'user-removed']);

/** The operations that were asked for, some of which end sessions. */
export class Decisions {
  private readonly asked: { task: Task; operation: Operation; pool: TestPool }[] = [];

  begun = (task: Task, operation: Operation, pool: TestPool): void => {
    this.asked.push({ task, operation, pool });
  };

  /**
   * Returns whether a claim could end for a reason: by an operation that was not over when the claim was asked for. The schedule
   * also ends what a removed member began since.
   */
  allow = (story: Story, reason: EndedReason): boolean =>
    !byDecision.has(reason) ||
    this.asked.some(
      ({ task, operation, pool }) =>
        reasonOf(operation, pool, story) === reason &&
        (operation.kind === 'remove-member' || (task.endMoment ?? Number.POSITIVE_INFINITY) >= story.asked),
    );
}
