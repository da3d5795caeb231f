import type { Client } from '../../client.ts';
import { ProblemError, Unauthenticated } from '../../errors.ts';
import { exitCodeOf, exitCodes, noteExitCode } from '../exit-codes.ts';
import { type CommandContext, type OutputFlags, printWhenDone } from './output.ts';
import type { Table } from './render-table.ts';

interface Outcome {
  readonly target: string;
  readonly outcome: string;
  /** Why the service refused it. */
  readonly detail: string | null;
}

interface Targets {
  readonly client: Client;
  readonly product: string;
  /** The noun for a target, and the name of its column. */
  readonly of: string;
  readonly targets: readonly string[];
  /** The outcome for a target that does not exist: it may be a typing error. */
  readonly gone: string;
  /** The next step, if there is one. */
  readonly consequence?: string | undefined;
}

/**
 * Runs an operation on each target in turn, then prints all outcomes. A refusal of one target does not stop the others, but
 * sets the exit code.
 *
 * @throws the failures that concern all targets: an outage, a refused credential, an unknown product
 */
export const printOutcomes = (
  context: CommandContext,
  flags: OutputFlags,
  { client, product, of, targets, gone, consequence }: Targets,
  act: (target: string) => Promise<string>,
): Promise<void> => {
  async function* outcomes(): AsyncGenerator<Outcome> {
    for (const target of targets) {
      try {
        yield { target, outcome: await act(target), detail: null };
      } catch (error) {
        if (!(error instanceof ProblemError) || error instanceof Unauthenticated || error.status >= 500) throw error;
        if (error.code === 'not-found') {
          // Perhaps the product does not exist: then this request says so, to any member.
          await client.listActivations({ product, limit: 1 });
          noteExitCode(exitCodes.missing);
          yield { target, outcome: gone, detail: consequence ?? null };
        } else {
          noteExitCode(exitCodeOf(error));
          yield { target, outcome: error.code, detail: error.message };
        }
      }
    }
  }
  const table: Table<Outcome> = {
    of: `${of}s`,
    columns: [
      [`${of.charAt(0).toUpperCase()}${of.slice(1)}`, ({ target }) => target],
      ['Outcome', ({ outcome }) => outcome],
      ['Detail', ({ detail }) => detail],
    ],
  };
  return printWhenDone(context, flags, outcomes(), table);
};
