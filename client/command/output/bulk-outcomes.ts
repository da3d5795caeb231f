import type { Client } from '../../client.ts';
import { ProblemError, Unauthenticated } from '../../errors.ts';
import { exitCodeOf, exitCodes, noteExitCode } from '../exit-codes.ts';
import { type CommandContext, type OutputFlags, printWhenDone } from './output.ts';
import type { Table } from './render-table.ts';

interface Outcome {
  readonly target: string;
  readonly outcome: string;
  /** Why it was refused. */
  readonly detail: string | null;
}

interface Targets {
  readonly client: Client;
  readonly product: string;
  /** What each is, as the name of its column. */
  readonly of: string;
  readonly targets: readonly string[];
  /** The outcome of one that is not there: somebody was first, or it is a repeat. */
  readonly gone: string;
  /** Why that is a refusal, if it is one. */
  readonly whyRefused?: string | undefined;
}

/**
 * Does something to each of several, one after the other, and then gives what became of each. What is refused for one does
 * not keep it from the rest, but the exit code tells.
 *
 * @throws what concerns all of them: an outage, a credential that is refused, a product that there is not
 */
export const printOutcomes = (
  context: CommandContext,
  flags: OutputFlags,
  { client, product, of, targets, gone, whyRefused }: Targets,
  act: (target: string) => Promise<string>,
): Promise<void> => {
  async function* outcomes(): AsyncGenerator<Outcome> {
    for (const target of targets) {
      try {
        yield { target, outcome: await act(target), detail: null };
      } catch (error) {
        if (!(error instanceof ProblemError) || error instanceof Unauthenticated || error.status >= 500) throw error;
        if (error.code === 'not-found') {
          // Or the product is not: then this says so, to whoever may end a session of its own, too.
          await client.listActivations({ product, limit: 1 });
          if (whyRefused !== undefined) noteExitCode(exitCodes.refused);
          yield { target, outcome: gone, detail: whyRefused ?? null };
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
