import type { ProblemCode } from '../../contracts/problems.ts';
import type { Refused } from '../../table/engine/claimant.ts';
import { activationProblem } from './activation-problem.ts';
import { invalid, Problem } from './problem.ts';

export const grantProblem = (
  refused: Refused,
  context: { product: string; includeHolders: boolean; now: number },
): Problem<ProblemCode> =>
  refused.outcome === 'not-licensed'
    ? floatingOnly(context.product)
    : activationProblem(refused, { ...context, sessionId: '' });

/** 400: floating licenses belong to no user. */
export const floatingOnly = (product: string) =>
  invalid('/path/product', `${product} is licensed by running session: every member may use it, nobody is granted it`);

/** 409: a license is not unused, so it stays. */
export const licenseUsed = (userId: string, days: number | undefined) =>
  new Problem(
    'license-used',
    `User ${userId} got the license or worked with it within the last ${days === 1 ? 'day' : `${days} days`}, so the license ` +
      'stays. Leave out `ifUnusedForDays` to remove it all the same.',
  );
