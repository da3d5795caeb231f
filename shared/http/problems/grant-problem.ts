import type { ProblemCode } from '../../contracts/problems.ts';
import type { Refused } from '../../table/engine/claimant.ts';
import { activationProblem } from './activation-problem.ts';
import { invalid, type Problem } from './problem.ts';

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
