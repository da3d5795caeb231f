import type { Environment } from './configuration.ts';
import type { Flags } from './options.ts';
import type { Screen } from './waiting-line.ts';

/** What a subcommand works with. */
export interface World {
  readonly environment: Environment;
  /** Where its result goes. */
  readonly out: Screen;
}

export interface OutputFlags extends Flags {
  readonly json?: boolean;
}

/** Gives a result: as JSON if that was asked for, else as lines for people. */
export const give = ({ out }: World, { json }: OutputFlags, result: unknown, lines: readonly string[]): void => {
  out.write(json ? `${JSON.stringify(result, null, 2)}\n` : lines.map((line) => `${line}\n`).join(''));
};
